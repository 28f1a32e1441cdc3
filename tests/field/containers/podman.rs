//! Podman, with images and containers of its own under `target/`, none of them with a network.

use std::path::{Path, PathBuf};
use std::process::{self, Command};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::support::build::{build_once, checked, digest, lock};
use crate::support::place::Place;
use crate::support::pythons::{Python, pythons};
use crate::support::run::{Outcome, Run};
use crate::support::user::is_root;

/// Far more than anything here takes, on a busy machine too.
const PATIENCE: Duration = Duration::from_secs(120);

/// The name that the Dockerfile gives its base image.
const OFFICIAL: &str = "docker.io/library/python:3.8-slim";

const BASE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/field/containers/base.sh");

/// Podman's own defaults, which are higher, are refused to a root who can't raise limits.
pub const LIMITS: [&str; 2] = ["--ulimit=nofile=1024:1024", "--ulimit=nproc=1024:1024"];

/// `podman …`, by root as Docker is: what needs a systemd to talk to has a file instead.
pub fn podman() -> Command {
    const STORE: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/podman");
    // No longer than 50 characters, says podman.
    let running = std::env::temp_dir().join(format!("heygem-podman-{}", digest(&STORE)));
    // Podman 5 warns of the cgroups of old kernels at each command.
    let sudo = [
        "sudo",
        "-n",
        "--preserve-env=CONTAINERS_CONF",
        "env",
        "PODMAN_IGNORE_CGROUPSV1_WARNING=1",
        "podman",
    ];
    let words = if is_root() { &sudo[3..] } else { &sudo };
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).args(["--root", STORE, "--runroot"]).arg(running);
    command.args(["--cgroup-manager=cgroupfs", "--events-backend=file", "--runtime=runc"]);
    command
}

/// The interpreter that is in the images: the oldest that packages can be installed for.
pub fn python() -> &'static Python {
    let usable = pythons().iter().find(|python| python.has_pip);
    usable.expect("no interpreter can make a virtual environment (try: apt install python3-venv)")
}

/// A program of its own that is [`podman`], for what wants to start one.
pub fn script() -> String {
    let command = podman();
    let words = [command.get_program()].into_iter().chain(command.get_args());
    let words = words.map(|word| format!(" '{}'", word.to_str().expect("text")));
    format!("#!/bin/sh\nexec{} \"$@\"\n", words.collect::<String>())
}

/// The interpreter that tools run by: the newest.
pub fn newest() -> &'static Path {
    let usable = pythons().iter().rfind(|python| python.has_pip);
    &usable.unwrap_or_else(|| python()).path
}

/// Builds an image from the Dockerfile in a directory. No registry is asked: the base image is made of this machine's files.
pub fn build(tag: &str, context: &Path, options: &[&str]) {
    static BASE_IMAGE: OnceLock<()> = OnceLock::new();
    let _lock = lock("podman-build");
    BASE_IMAGE.get_or_init(|| {
        let python = &python().path;
        let key = digest(&(include_str!("base.sh"), python));
        let base = build_once(&format!("base-image-{key}"), |dir| {
            checked(Command::new("sh").arg(BASE).arg(dir).arg(python));
        });
        let mark = format!("key={key}");
        let filters = [format!("--filter=label={mark}"), format!("--filter=reference={OFFICIAL}")];
        let found = checked(podman().args(["image", "list", "--quiet"]).args(filters));
        if found.is_empty() {
            let import = "tar -C \"$1\" --owner=0 --group=0 --exclude=./.complete -c . | \"${@:2}\"";
            let program = podman();
            let mut command = Command::new("bash");
            command.args(["-o", "pipefail", "-c", import, "bash"]).arg(base);
            command.arg(program.get_program()).args(program.get_args());
            checked(command.args(["import", "--change", &format!("LABEL {mark}"), "-", OFFICIAL]));
        }
    });
    let mut command = podman();
    // Docker's format: the other one has no HEALTHCHECK.
    command.args(["build", "--format=docker", "--pull=never", "--network=none", "--tag", tag]);
    checked(command.args(LIMITS).args(options).arg(context));
    checked(podman().args(["image", "prune", "--force"]));
}

/// The name that `build.Dockerfile` gives the image with a compiler.
const RUST: &str = "docker.io/library/rust:1-slim";

/// What a build in that image takes of this machine: Rust itself, and the crates that were fetched for this project's own build, as
/// there is no network.
pub fn rust_image(place: &Place) -> [String; 3] {
    let _lock = lock("podman-build");
    let key = format!("key={}", digest(&RUST));
    let found = checked(podman().args(["image", "list", "--quiet", &format!("--filter=label={key}")]));
    if found.is_empty() {
        // As the official one is made: Debian with a C compiler, and what cargo is told in variables.
        let dir = build_once("rust-image", |dir| {
            // A mirror may be behind.
            let valid = "--aptopt=Acquire::Check-Valid-Until \"false\"";
            let make =
                ["mmdebstrap", "--quiet", valid, "--variant=minbase", "--include=gcc,libc6-dev", "stable"];
            let words = if is_root() { &make[..] } else { &[&["sudo", "-n"], &make[..]].concat() };
            checked(Command::new(words[0]).args(&words[1..]).arg(dir.join("root.tar")));
        });
        const PATH: &str =
            "ENV PATH=/usr/local/rust/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        let mut import = podman();
        import.args(["import", "--change", &format!("LABEL {key}"), "--change", PATH]);
        import.args(["--change", "ENV CARGO_HOME=/usr/local/cargo"]).arg(dir.join("root.tar")).arg(RUST);
        checked(&mut import);
    }
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(std::env::home_dir()?.join(".cargo"))).expect("a home directory");
    let sysroot = checked(Command::new("rustc").args(["--print", "sysroot"]));
    let offline = place.write("offline.toml", "[net]\noffline = true\n");
    [
        format!("--volume={}:/usr/local/rust:ro", sysroot.trim_end()),
        format!("--volume={}:/usr/local/cargo/registry:O", home.join("registry").display()),
        format!("--volume={}:/usr/local/cargo/config.toml:ro", offline.display()),
    ]
}

/// A container; removed when dropped.
pub struct Container {
    name: String,
}

impl Container {
    /// Starts it as careful people do: it can write to `/tmp` and the SDK's `log` only.
    pub fn start(options: &[&str], image: &str, words: &[&str]) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let container = Self { name: format!("heygem-{}-{count}", process::id()) };
        let mut command = podman();
        command.args([
            "run",
            "--detach",
            "--name",
            &container.name,
            "--network=none",
            "--log-driver=k8s-file",
        ]);
        // Docker leaves `/dev/shm` writable, podman 5 does not.
        command.args(["--read-only", "--read-only-tmpfs=false", "--tmpfs=/tmp", "--tmpfs=/dev/shm"]);
        command.args(["--volume=/app/HeyGem-Linux-Python-Hack/log"]);
        command.args(["--cap-drop=all", "--security-opt=no-new-privileges"]);
        checked(command.args(LIMITS).args(options).arg(image).args(words));
        container
    }

    /// One that somebody else starts, and ends.
    pub fn named(name: String) -> Self {
        Self { name }
    }

    /// `podman VERB … NAME`
    pub fn told(&self, words: &[&str]) -> Outcome {
        let mut command = podman();
        command.args(words).arg(&self.name);
        Run::new(command).run()
    }

    /// `podman exec NAME …`
    pub fn exec(&self, words: &[&str]) -> Outcome {
        let mut command = podman();
        command.args(["exec", &self.name]).args(words);
        Run::new(command).run()
    }

    /// All that it has said.
    pub fn logs(&self) -> String {
        let outcome = self.told(&["logs"]);
        outcome.succeeded() + &outcome.stderr()
    }

    /// Waits until it has said so, this number of times.
    #[track_caller]
    pub fn wait_for(&self, text: &str, times: usize) {
        let start = Instant::now();
        while self.logs().matches(text).count() < times {
            let state = self.state("{{.State.Running}}");
            assert!(
                start.elapsed() < PATIENCE && state == "true",
                "no {text:?} (running: {state}) in\n{}",
                self.logs()
            );
            sleep(Duration::from_millis(100));
        }
    }

    /// What `podman inspect` says of it.
    pub fn state(&self, format: &str) -> String {
        self.told(&["inspect", "--format", format]).succeeded().trim_end().to_owned()
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        let _ = podman().args(["rm", "--force", "--volumes", "--time=0", &self.name]).output();
    }
}

/// A directory with the example's Dockerfile and what that asks for.
pub fn context(dockerfile: &str) -> Place {
    let place = Place::new();
    crate::support::sdk::install_sdk(python(), &place.path("HeyGem-Linux-Python-Hack"));
    place.copy_program(crate::support::place::LAUNCHER, "heygem-run");
    place.write("fastapi_app.py", include_str!("../../fixtures/apps/fastapi_app.py"));
    place.write("Dockerfile", dockerfile);
    place
}
