//! `examples/kubernetes/deployment.yaml`: checked against Kubernetes' own schema, and played by podman, which knows what a
//! Deployment is.

use std::path::PathBuf;

use super::podman::{self, Container, podman};
use super::{LISTENS, WORK, image};
use crate::support::build::checked;
use crate::support::place::Place;
use crate::support::run::{Outcome, Run};
use crate::support::venv::venv;

const DEPLOYMENT: &str = include_str!("../../../examples/kubernetes/deployment.yaml");

/// It has the schemas with it.
fn validated(text: &str) -> Outcome {
    let place = Place::new();
    let file = place.write("deployment.yaml", text);
    let program = venv(podman::newest(), "kubernetes-validate", &["kubernetes-validate==1.37.0"]);
    let mut command = place.command(program.join("bin/kubernetes-validate"));
    command.arg("--strict").arg(file);
    Run::new(command).run()
}

#[test]
fn the_schema_knows_every_field_of_it() {
    validated(DEPLOYMENT).succeeded();
    for (field, wrong) in [("readOnlyRootFilesystem", "readOnlyRootFileSystem"), ("exec:", "execute:")] {
        let outcome = validated(&DEPLOYMENT.replace(field, wrong));
        assert_eq!(outcome.code(), Some(1), "{outcome}");
    }
}

/// Podman asks by curl, which the image does not have, and from version 5 on begins with this probe.
const STARTUP: &str = "          startupProbe:\n            httpGet: {path: /openapi.json, port: http}\n            periodSeconds: 5\n            failureThreshold: 120\n";

/// A pod that is played; gone when dropped.
struct Pod {
    _place: Place,
    file: PathBuf,
}

impl Pod {
    /// Without a port, since there is no network, and with a name of its own.
    fn play() -> Self {
        assert!(DEPLOYMENT.contains(STARTUP), "the example has another startup probe");
        let text = DEPLOYMENT
            .replace(STARTUP, "")
            .replace("image: registry.example/heygem:1", &format!("image: localhost/{}", image()))
            .replace("  name: heygem\n", &format!("  name: {}\n", Self::name()))
            .replace("port: http}", "port: 8000}")
            .replace("          ports:\n            - {name: http, containerPort: 8000}\n", "")
            .replace(", nvidia.com/gpu: \"1\"", "");
        let place = Place::new();
        let file = place.write("deployment.yaml", text);
        let limits = "[containers]\ndefault_ulimits = [\"nofile=1024:1024\", \"nproc=1024:1024\"]\n";
        place.write("containers.conf", limits);
        let mut command = podman();
        command.env("CONTAINERS_CONF", place.path("containers.conf"));
        command.args(["kube", "play", "--network=none", "--log-driver=k8s-file"]).arg(&file);
        let pod = Self { _place: place, file };
        checked(&mut command);
        pod
    }

    fn name() -> String {
        format!("heygem-kube-{}", std::process::id())
    }

    /// The service's; the pod of a Deployment is `…-pod-0` to podman 4, `…-pod` to podman 5.
    fn container() -> Container {
        let mut command = podman();
        command.args(["ps", "--all", "--format={{.Names}}", &format!("--filter=name={}-pod", Self::name())]);
        let names = checked(&mut command);
        let name = names.lines().find(|name| name.ends_with("-heygem"));
        Container::named(name.unwrap_or_else(|| panic!("no container among {names:?}")).to_owned())
    }
}

impl Drop for Pod {
    fn drop(&mut self) {
        let _ = podman().args(["kube", "down"]).arg(&self.file).output();
        let _ = podman().args(["volume", "rm", "tmp", "shm", "log", "result", "temp"]).output();
    }
}

#[test]
fn what_kubernetes_is_told_runs_and_its_liveness_probe_passes() {
    let _pod = Pod::play();
    let container = Pod::container();
    container.wait_for(LISTENS, 1);
    container.exec(&WORK).is(0, "{\"sum\":12}\n", "");
    container.told(&["healthcheck", "run"]).is(0, "", "");
    let ready = "import urllib.request as r; print(r.urlopen('http://127.0.0.1:8000/openapi.json').status)";
    container.exec(&["python", "-c", ready]).is(0, "200\n", "");
    assert_eq!(container.state("{{.Config.User}} {{.HostConfig.ReadonlyRootfs}}"), "10001:10001 true");
    let probe = "heygem-run -q --inspect=1";
    assert!(container.state("{{.Config.Healthcheck}}").contains(probe), "the probe is what was run");
    container.exec(&["touch", "/app/HeyGem-Linux-Python-Hack/log/x"]).succeeded();
}
