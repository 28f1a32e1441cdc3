//! `examples/docker/compose.yaml`: read by Docker Compose, which knows its schema, and run by podman-compose, with the image that
//! the Dockerfile gave.

use std::process::Command;

use super::podman::{self, Container};
use super::{LISTENS, WORK, image};
use crate::support::build::checked;
use crate::support::place::Place;
use crate::support::run::Run;
use crate::support::venv::venv;

const COMPOSE: &str = include_str!("../../../examples/docker/compose.yaml");

/// What a machine without network, GPU and the power to raise limits asks for.
const OVERRIDE: &str = "
services:
  heygem:
    network_mode: none
    ports: !reset []
    deploy: !reset null
    ulimits: {nofile: 1024, nproc: 1024}
";

fn docker_compose(place: &Place, text: &str) -> Run {
    let file = place.write("compose.yaml", text);
    let mut command = place.command("docker-compose");
    command.arg("-f").arg(file).arg("config");
    Run::new(command)
}

#[test]
fn docker_compose_knows_every_word_of_it() {
    let place = Place::new();
    let config = docker_compose(&place, COMPOSE).run().succeeded();
    // Where a list's first key stands differs between Compose 1 and 2.
    for line in ["read_only: true", "init: true", "driver: nvidia"] {
        let found = config.lines().any(|found| found.trim_start_matches([' ', '-']) == line);
        assert!(found, "no {line:?} in\n{config}");
    }
    let outcome = docker_compose(&place, &COMPOSE.replace("read_only", "readonly")).run();
    assert_ne!(outcome.code(), Some(0), "{outcome}");
}

/// A project that is up; down when dropped.
struct Project {
    place: Place,
    name: String,
}

impl Project {
    fn up() -> Self {
        let place = Place::new();
        place.write("compose.yaml", COMPOSE);
        place.write("override.yaml", OVERRIDE);
        place.write_program("podman", podman::script());
        let name = format!("heygem-compose-{}", std::process::id());
        let project = Self { place, name };
        image();
        checked(project.command().args(["up", "--detach", "--no-build"]));
        project
    }

    fn command(&self) -> Command {
        let program = venv(podman::newest(), "podman-compose", &["podman-compose==1.6.0"]);
        let mut command = self.place.command(program.join("bin/podman-compose"));
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.args(["--in-pod=0", "--podman-path"]).arg(self.place.path("podman"));
        command.args(["--project-name", &self.name, "-f", "compose.yaml", "-f", "override.yaml"]);
        command
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        let _ = self.command().args(["down", "--volumes"]).output();
    }
}

#[test]
fn what_compose_starts_answers_and_is_healthy() {
    let project = Project::up();
    let container = Container::named(format!("{}_heygem_1", project.name));
    container.wait_for(LISTENS, 1);
    container.exec(&WORK).is(0, "{\"sum\":12}\n", "");
    container.told(&["healthcheck", "run"]).is(0, "", "");
    let hardened = "{{.HostConfig.ReadonlyRootfs}} {{.HostConfig.Init}} {{.HostConfig.ShmSize}}";
    assert_eq!(container.state(hardened), "true true 8589934592");
    // Written to by the user that the image names, in new volumes.
    container.exec(&["touch", "/app/HeyGem-Linux-Python-Hack/log/x"]).succeeded();
    container.exec(&["touch", "/app/HeyGem-Linux-Python-Hack/result/x"]).succeeded();
    // Through the init, the service has its SIGTERM, and dies of it when it is done.
    checked(project.command().arg("stop"));
    assert_eq!(container.state("{{.State.ExitCode}}"), "143");
    assert!(container.logs().contains("Application shutdown complete."), "{}", container.logs());
}
