//! `examples/kubernetes/deployment.yaml`: checked against Kubernetes' own schemas, and its container is run with what the file
//! grants it, without a cluster: process 1 of a namespace, on a disk that can be written only where it says so, and with no
//! power over others. Its probes are those of the file.

use std::fs::{self, File};
use std::process::{Command, Stdio};

use serde_json::Value;

use super::app::{App, SDK, answer, by_root, python, recipe, signal, works};
use crate::support::build::{checked, expect};
use crate::support::place::Place;
use crate::support::pythons::pythons;
use crate::support::run::{Outcome, Run};
use crate::support::venv::venv;

const RECIPE: &str = "kubernetes/deployment.yaml";

/// A program of the validator's environment. Its last version, which has the schemas of its Kubernetes, is for a new Python.
fn validator(name: &str) -> Command {
    let newest = pythons().iter().rfind(|python| python.has_pip).unwrap_or(python());
    let venv = venv(&newest.path, "kubernetes", &["kubernetes-validate==1.36.0"]);
    let mut command = Command::new(venv.join("bin").join(name));
    command.env_clear();
    command
}

#[test]
fn kubernetes_knows_every_field() {
    let place = Place::new();
    let check = |changes: &[(&str, &str)]| {
        let file = place.write("deployment.yaml", recipe(RECIPE, changes));
        let mut command = validator("kubernetes-validate");
        command.arg("--strict").arg(file);
        Run::new(command).run()
    };
    check(&[]).succeeded();
    for (right, wrong) in [
        ("failureThreshold", "failureTreshold"),
        ("readOnlyRootFilesystem: true", "readOnlyRootFilesystem: 'yes'"),
        ("  selector:\n    matchLabels: {app: heygem}\n", ""),
        ("type: Recreate", "kind: Recreate"),
    ] {
        let outcome = check(&[(right, wrong)]);
        assert_eq!(outcome.code(), Some(1), "{wrong}: {outcome}");
    }
}

/// Makes the container, with the place as its disk.
const CONTAINER: &str = r#"
set -eu
place=$1 volumes=$2; shift 2
mount --bind "$place" "$place"
mount -o remount,bind,ro "$place"
for volume in $volumes; do mount -t tmpfs none "$volume"; done
exec setpriv --no-new-privs --bounding-set=-all --inh-caps=-all -- "$@"
"#;

/// The Deployment's container, at work.
struct Pod {
    app: App,
    container: Value,
    /// Its process 1, by its number out here.
    init: u32,
}

impl Pod {
    /// Started by the file's `args`, behind the words of an image's ENTRYPOINT.
    fn start(entrypoint: &[&str], extra: &[(&str, String)]) -> Self {
        let app = App::new(&[]);
        let here = app.path();
        let text = recipe(
            RECIPE,
            &[("/tmp", &format!("{here}/tmp")), ("/app/", &format!("{here}/")), ("\"8000\"", "\"0\"")],
        );
        let file = app.place.write("deployment.yaml", text);
        let to_json = "import json, sys, yaml; print(json.dumps(yaml.safe_load(open(sys.argv[1]))))";
        let json = checked(validator("python").args(["-I", "-c", to_json]).arg(file));
        let json: Value = serde_json::from_str(&json).expect("JSON");
        let container = json["spec"]["template"]["spec"]["containers"][0].clone();

        // As the image is built.
        let mut prepare = app.command("heygem-run");
        prepare.args(["-r", SDK, "--prepare"]);
        Run::new(prepare).run().succeeded();
        let volumes: Vec<&str> =
            list(&container["volumeMounts"]).map(|volume| text_of(&volume["mountPath"])).collect();
        for volume in &volumes {
            app.place.make_dir(volume);
        }
        let log = app.place.path("log");
        let log = expect(File::create(&log), "create", &log);
        let mut command = app.command("unshare");
        command.args(["-m", "-p", "--fork", "--mount-proc", "--kill-child", "sh", "-c", CONTAINER, "sh"]);
        command.arg(&here).arg(volumes.join(" ")).args(entrypoint);
        command.args(list(&container["args"]).map(text_of));
        command.envs(variables(&container));
        for (name, value) in extra {
            command.env(name, value.replace("/app", &here));
        }
        let mut command = by_root(command);
        command.stdin(Stdio::null()).stderr(expect(log.try_clone(), "share", &app.place.dir)).stdout(log);
        command.spawn().expect("start unshare");
        app.address(1);
        let is_first = |pid: &u32| {
            let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
            status.lines().any(|line| line.starts_with("NSpid:") && line.ends_with("\t1"))
        };
        let init = app.processes().into_iter().map(|(pid, _)| pid).find(is_first).expect("a process 1");
        Self { app, container, init }
    }

    /// Runs a command in the container, as `exec` probes are.
    fn exec(&self, words: &[&str]) -> Outcome {
        let mut command = self.app.command("nsenter");
        command.args(["-m", "-p", "-t", &self.init.to_string(), "--"]);
        command
            .args(["setpriv", "--no-new-privs", "--bounding-set=-all", "--inh-caps=-all", "--"])
            .args(words);
        command.envs(variables(&self.container));
        Run::new(by_root(command)).run()
    }

    fn probe(&self, name: &str) -> Outcome {
        let words: Vec<&str> = list(&self.container[name]["exec"]["command"]).map(text_of).collect();
        self.exec(&words)
    }
}

/// What the file sets, for the service and for what is executed beside it.
fn variables(container: &Value) -> impl Iterator<Item = (&str, &str)> {
    list(&container["env"]).map(|variable| (text_of(&variable["name"]), text_of(&variable["value"])))
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().expect("a list").iter()
}

fn text_of(value: &Value) -> &str {
    value.as_str().expect("text")
}

#[test]
fn the_container_works_and_its_probes_say_so() {
    let pod = Pod::start(&["heygem-run"], &[]);
    let (app, address) = (&pod.app, pod.app.address(1));
    works(app, address);
    for name in ["startupProbe", "readinessProbe"] {
        let probe = &pod.container[name]["httpGet"];
        assert_eq!(probe["port"], pod.container["ports"][0]["name"]);
        assert_eq!(answer(address, text_of(&probe["path"])).0, "200");
    }
    pod.probe("livenessProbe").is(0, "", "");

    // The disk is what the file says.
    for volume in list(&pod.container["volumeMounts"]) {
        pod.exec(&["touch", &format!("{}/file", text_of(&volume["mountPath"]))]).succeeded();
    }
    let outcome = pod.exec(&["touch", &format!("{}/{SDK}/file", app.path())]);
    assert!(outcome.stderr().contains("Read-only file system"), "{outcome}");

    assert!(signal("TERM", pod.init), "no container");
    app.is_left_by_all();
    assert!(!app.log("log").contains("ModuleNotFoundError"), "{}", app.log("log"));
}

#[test]
fn a_container_that_passes_by_its_entrypoint_is_found_out() {
    let remedy = [("PYTHONPATH", format!("/app/{SDK}:/app"))];
    let pod = Pod::start(&["env", "-C", SDK, "../.venv/bin/python"], &remedy);
    assert_eq!(answer(pod.app.address(1), "/work").0, "500");
    // By HTTP, all is well.
    let path = text_of(&pod.container["readinessProbe"]["httpGet"]["path"]);
    assert_eq!(answer(pod.app.address(1), path).0, "200");
    let outcome = pod.probe("livenessProbe");
    assert_eq!(outcome.code(), Some(1), "{outcome}");
    assert!(outcome.stdout().contains("lacks the bridge"), "{outcome}");
}
