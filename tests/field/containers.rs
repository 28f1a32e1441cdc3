//! `examples/docker/Dockerfile`, built and run by podman: a compiled SDK and a FastAPI service, by a user without privileges, on a
//! root file system that is read-only. What the bug report checks with `docker exec` and `docker logs` is checked here.

mod compose;
mod kubernetes;
mod podman;

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use crate::install::{artifacts, packaged};
use crate::support::build::{build_once, checked, digest};
use crate::support::fs::remove;
use crate::support::place::{LAUNCHER, Place};
use crate::support::run::{Outcome, Run, masked};
use podman::{Container, build, context, podman, python};

const APP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/app");

const DOCKERFILE: &str = include_str!("../../examples/docker/Dockerfile");

/// The last versions for Python 3.8, which later ones run as well.
const REQUIREMENTS: &str = "fastapi==0.115.12\nuvicorn==0.33.0\n";

const ROOT: &str = "/app/HeyGem-Linux-Python-Hack";
const LISTENS: &str = "Uvicorn running on http://";

/// The report's own checks, as they are typed behind `docker exec NAME`.
const VARIABLE: [&str; 3] = ["python", "-c", "import os; print('PYTHONPATH:', os.environ.get('PYTHONPATH'))"];
const IMPORT: [&str; 3] = [
    "python",
    "-c",
    "import sys; sys.path.insert(0, '/app/HeyGem-Linux-Python-Hack'); import service.trans_dh_service; \
     print('Import successful')",
];
/// And the one that it lacks: what a child does.
const BARE_IMPORT: [&str; 3] = ["python", "-c", "import trans_dh_service; print('Import successful')"];
const NO_MODULE: &str = "ModuleNotFoundError: No module named 'trans_dh_service'";

/// Asks the service for what a spawn child computes.
const WORK: [&str; 3] = [
    "python",
    "-c",
    "import urllib.request as r; print(r.urlopen('http://127.0.0.1:8000/work').read().decode())",
];

/// The packages, fetched once: a build has no network.
fn wheels() -> PathBuf {
    let python = &python().path;
    build_once(&format!("wheels-{}", digest(&(python, REQUIREMENTS))), |dir| {
        let mut command = Command::new(python);
        command.args(["-I", "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--dest"]);
        checked(command.arg(dir).args(REQUIREMENTS.lines()));
    })
}

/// The image of the example's Dockerfile as it is.
fn image() -> &'static str {
    static IMAGE: OnceLock<&str> = OnceLock::new();
    IMAGE.get_or_init(|| {
        let place = context(DOCKERFILE);
        place.write("requirements.txt", REQUIREMENTS);
        let mounts = packages(&place);
        build("heygem", &place.dir, &mounts.iter().map(String::as_str).collect::<Vec<_>>());
        "heygem"
    })
}

/// The same, with the variables in it, as the Dockerfile's last lines tell.
fn image_with_variables() -> &'static str {
    static IMAGE: OnceLock<&str> = OnceLock::new();
    IMAGE.get_or_init(|| {
        let mut command = podman();
        command.args(["run", "--rm", "--network=none"]).args(podman::LIMITS);
        command.args(["--entrypoint=heygem-run", image(), "--print-env=docker"]);
        let variables = checked(&mut command);
        let place = context(&format!("FROM {}\n{variables}", image()));
        build("heygem-exec", &place.dir, &[]);
        "heygem-exec"
    })
}

fn service(options: &[&str], image: &str) -> Container {
    let container = Container::start(options, image, &[]);
    container.wait_for(LISTENS, 1);
    container
}

/// The service without the launcher, with the report's remedy: what there was before.
fn service_without() -> Container {
    let remedy = format!("--env=PYTHONPATH={ROOT}:/app");
    let entry = r#"--entrypoint=["python", "-m", "uvicorn", "fastapi_app:app", "--port=8000"]"#;
    let container = Container::start(&[&remedy, "--workdir", ROOT, entry], image(), &[]);
    container.wait_for(LISTENS, 1);
    container
}

#[test]
fn the_reports_three_checks_pass() {
    let container = service(&[], image_with_variables());
    let path = container.exec(&VARIABLE).succeeded();
    let expected = format!("PYTHONPATH: {ROOT}:/app:{ROOT}/.heygem-run/heygem-bridge-HASH\n");
    assert_eq!(masked(&path), expected);
    for import in [IMPORT, BARE_IMPORT] {
        container.exec(&import).is(0, "Import successful\n", "");
    }
    container.exec(&WORK).is(0, "{\"sum\":12}\n", "");
    let logs = container.logs();
    assert!(logs.contains("\"GET /work HTTP/1.1\" 200 OK") && !logs.contains("Error"), "{logs}");
}

#[test]
fn without_the_launcher_the_log_has_what_is_reported() {
    let container = service_without();
    let outcome = container.exec(&WORK);
    assert!(outcome.code() == Some(1) && outcome.stderr().contains("HTTP Error 500"), "{outcome}");
    let logs = container.logs();
    assert!(logs.lines().any(|line| line == NO_MODULE), "{logs}");
}

#[test]
fn exec_passes_by_the_entrypoint_unless_the_launcher_is_named() {
    let container = service(&[], image());
    container.exec(&VARIABLE).is(0, "PYTHONPATH: None\n", "");
    let outcome = container.exec(&BARE_IMPORT);
    assert!(outcome.code() == Some(1) && outcome.stderr().ends_with(&format!("{NO_MODULE}\n")), "{outcome}");
    let launched: Vec<&str> = ["heygem-run", "--"].into_iter().chain(BARE_IMPORT).collect();
    container.exec(&launched).is(0, "Import successful\n", "");
}

#[test]
fn the_service_is_process_1_without_privileges_and_can_write_nothing() {
    let container = service(&[], image());
    let logs = container.logs();
    assert!(logs.contains("Started server process [1]"), "{logs}");
    let code = "import os; print(os.getuid(), os.getgid(), open('/proc/1/cmdline').read().split('\\0')[0])";
    container.exec(&["python", "-c", code]).is(0, "10001 10001 python\n", "");
    for (path, code) in [("/app/x", 1), ("/opt/venv/x", 1), ("/app/HeyGem-Linux-Python-Hack/log/x", 0)] {
        let outcome = container.exec(&["touch", path]);
        assert_eq!(outcome.code(), Some(code), "{outcome}");
    }
}

/// uvicorn ends by the signal that it was sent. To process 1 that signal means nothing, so Python goes on to its end.
#[test]
fn stop_ends_the_service_in_order_and_start_brings_it_back() {
    let container = service(&[], image());
    for life in 1..=2 {
        container.exec(&WORK).is(0, "{\"sum\":12}\n", "");
        container.told(&["stop", "--time=60"]).succeeded();
        assert_eq!(container.state("{{.State.Status}} {{.State.ExitCode}}"), "exited 0");
        let logs = container.logs();
        assert_eq!(logs.matches("Application shutdown complete.").count(), life, "{logs}");
        container.told(&["start"]).succeeded();
        container.wait_for(LISTENS, life + 1);
    }
    container.told(&["kill", "--signal=KILL"]).succeeded();
    container.told(&["wait"]).succeeded();
    container.told(&["start"]).succeeded();
    container.wait_for(LISTENS, 4);
    container.exec(&WORK).is(0, "{\"sum\":12}\n", "");
    assert!(!container.logs().contains("ModuleNotFoundError"), "{}", container.logs());
}

#[test]
fn the_health_check_passes_for_what_was_launched_only() {
    for options in [&[][..], &["--init"]] {
        let container = service(options, image());
        container.told(&["healthcheck", "run"]).is(0, "", "");
    }
    let outcome = service_without().told(&["healthcheck", "run"]);
    assert_eq!(outcome.code(), Some(1), "{outcome}");
}

/// Layers round times, and `COPY --from` makes every file anew.
#[test]
fn a_prepared_sdk_is_copied_from_stage_to_stage() {
    for chown in ["", "--chown=10001:10001 "] {
        let dockerfile = format!(
            "FROM python:3.8-slim AS sdk\nCOPY heygem-run /usr/local/bin/\nCOPY HeyGem-Linux-Python-Hack {ROOT}\n\
             RUN heygem-run --root {ROOT} --prepare\n\
             FROM python:3.8-slim\nCOPY heygem-run /usr/local/bin/\nCOPY --from=sdk {chown}{ROOT} {ROOT}\nUSER 10001\n\
             ENTRYPOINT [\"heygem-run\", \"--\"]\n"
        );
        let tag = if chown.is_empty() { "heygem-copied" } else { "heygem-given" };
        build(tag, &context(&dockerfile).dir, &[]);
        let mut command = podman();
        command.args(["run", "--rm", "--network=none", "--read-only", "--read-only-tmpfs=false"]);
        command.args(podman::LIMITS).arg(tag);
        command.args(["python", "-c", "import os, trans_dh_service; print(os.environ['PYTHONPATH'])"]);
        let outcome = Run::new(command).run();
        outcome.is(0, outcome.stdout_bytes(), "");
        let expected = format!("{ROOT}:/app:{ROOT}/.heygem-run/heygem-bridge-HASH\n");
        assert_eq!(masked(&outcome.stdout()), expected, "{chown}");
    }
}

/// What `pip install` takes from in a build without a network.
fn packages(place: &Place) -> Vec<String> {
    let pip = place.write("pip.conf", "[global]\nno-index = yes\nfind-links = /wheels\n");
    let mounts = [(wheels(), "/wheels"), (pip, "/etc/pip.conf")];
    mounts.map(|(from, to)| format!("--volume={}:{to}:ro", from.display())).to_vec()
}

/// A service from an image that nothing of the host's was copied into: it answers with what a spawn child computes.
fn works_without_a_program_of_the_host(tag: &str, place: &Place, mounts: &[String]) {
    place.write("requirements.txt", REQUIREMENTS);
    build(tag, &place.dir, &mounts.iter().map(String::as_str).collect::<Vec<_>>());
    let container = service(&[], tag);
    container.exec(&WORK).is(0, "{\"sum\":12}\n", "");
    let launched = ["heygem-run", "--version"];
    container.exec(&launched).is(0, format!("heygem-run {}\n", env!("CARGO_PKG_VERSION")), "");
}

#[test]
fn a_stage_of_the_image_builds_the_program() {
    let place = context(include_str!("../../examples/docker/build.Dockerfile"));
    remove(place.path("heygem-run"));
    checked(Command::new("cp").arg("-rT").arg(packaged()).arg(place.path("heygem-run")));
    let mounts = [packages(&place), podman::rust_image(&place).to_vec()].concat();
    works_without_a_program_of_the_host("heygem-built", &place, &mounts);
}

#[test]
fn the_wheel_brings_the_program_into_the_image() {
    let place = context(include_str!("../../examples/docker/wheel.Dockerfile"));
    remove(place.path("heygem-run"));
    let wheel = artifacts().wheel();
    checked(Command::new("cp").arg(wheel).arg(&place.dir));
    works_without_a_program_of_the_host("heygem-wheel", &place, &packages(&place));
}

/// The two lines that the example says one changes: the base, where the SDK is for another Python, and the command.
#[test]
fn with_another_command_it_is_the_bundled_examples_dockerfile() {
    let place = Place::new();
    checked(Command::new("cp").arg("-rT").arg(APP).arg(&place.dir));
    place.copy_program(LAUNCHER, "heygem-run");
    place.write("requirements.txt", "");
    let own = |line: &str| {
        let is_command = line.starts_with("CMD ");
        if is_command { "CMD [\"python\", \"fastapi_app.py\"]\n".into() } else { format!("{line}\n") }
    };
    place.write("Dockerfile", DOCKERFILE.lines().map(own).collect::<String>());
    build("heygem-example", &place.dir, &[]);
    let run = |options: &[&str], words: &[&str]| {
        let mut command = podman();
        command.args([
            "run",
            "--rm",
            "--network=none",
            "--read-only",
            "--read-only-tmpfs=false",
            "--tmpfs=/tmp",
            "--tmpfs=/dev/shm",
        ]);
        command.args(podman::LIMITS).args(options).arg("heygem-example").args(words);
        Run::new(command).run()
    };
    let answered =
        |outcome: &Outcome| outcome.stdout().matches("returned Video(seconds=3, frames=75)").count();
    let outcome = run(&[], &[]);
    assert_eq!((outcome.code(), answered(&outcome)), (Some(0), 3), "{outcome}");
    let outcome = run(&["--entrypoint=python"], &["/app/fastapi_app.py"]);
    assert_eq!((outcome.code(), answered(&outcome)), (Some(1), 1), "{outcome}");
    assert!(outcome.stderr().lines().any(|line| line == NO_MODULE), "{outcome}");
}
