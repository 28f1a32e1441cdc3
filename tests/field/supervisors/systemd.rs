//! `examples/systemd/heygem.service`: systemd's own reader checks it, and its lines are run as it says they are, in directories
//! that can't be written but where it says so. What `--print-env=systemd` prints is read by systemd, too.

use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};

use super::app::{App, SDK, recipe, signal, works};
use crate::support::build::expect;
use crate::support::fs::chmod;
use crate::support::place::{LAUNCHER, Place};
use crate::support::run::{Outcome, Run};
use crate::support::user::is_root;

const UNIT: &str = "systemd/heygem.service";
const PROGRAM: &str = "/usr/local/bin/heygem-run";

/// What systemd's reader says of a unit, and of none that it refers to.
fn verify(place: &Place, unit: &str) -> Outcome {
    let unit = place.write("units/heygem.service", unit);
    let mut command = place.command("systemd-analyze");
    command.args(["verify", "--man=no", "--recursive-errors=no"]).arg(unit);
    Run::new(command).run()
}

#[test]
fn systemd_has_nothing_to_say_of_the_unit() {
    let place = Place::new();
    verify(&place, &recipe(UNIT, &[(PROGRAM, LAUNCHER)])).is(0, "", "");
}

#[test]
fn systemd_would_say_what_is_wrong() {
    let place = Place::new();
    let mistakes = [
        ("KillMode=mixed", "KillMod=mixed", "KillMod'"),
        ("KillMode=mixed", "KillMode=most", "ignoring: most"),
        ("ReadWritePaths=/", "ReadWritePaths=./", "is not absolute"),
        ("[Service]", "[Servce]", "Servce"),
        (LAUNCHER, "/usr/local/bin/heygem-ru", "is not executable"),
    ];
    for (right, wrong, said) in mistakes {
        let outcome = verify(&place, &recipe(UNIT, &[(PROGRAM, LAUNCHER), (right, wrong)]));
        assert!(outcome.stderr().contains(said), "{wrong}: {outcome}");
    }
}

/// `systemd-analyze security` counts what a service could do to the machine, in tenths; 9.6 is a unit that says nothing.
#[test]
fn systemd_finds_the_unit_hardened() {
    let place = Place::new();
    let check = |unit: &str| {
        let unit = place.write("units/heygem.service", unit);
        let mut command = place.command("systemd-analyze");
        command.args(["security", "--no-pager", "--offline=true", "--threshold=40"]).arg(unit);
        Run::new(command).run()
    };
    check(&recipe(UNIT, &[])).succeeded();
    let soft = check(&recipe(UNIT, &[("CapabilityBoundingSet=\n", ""), ("RestrictNamespaces=yes\n", "")]));
    assert_eq!(soft.code(), Some(1), "{soft}");
}

/// The values of a key, in the unit's order.
fn values<'u>(unit: &'u str, key: &str) -> Vec<&'u str> {
    unit.lines().filter_map(|line| line.strip_prefix(key)?.strip_prefix('=')).collect()
}

/// A line of a unit, as systemd starts it for a system's service.
fn by_systemd(app: &App, unit: &str, line: &str) -> Command {
    let words = shell_words::split(line).expect("words");
    let mut command = app.place.bound_command(&words[0]);
    command.args(&words[1..]).current_dir("/");
    command.env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin");
    for assignments in values(unit, "Environment") {
        for assignment in shell_words::split(assignments).expect("words") {
            let (name, value) = assignment.split_once('=').expect("a variable");
            command.env(name, value);
        }
    }
    command
}

#[test]
fn the_units_lines_start_the_service_on_a_read_only_disk() {
    let app = App::new(&[]);
    let here = app.path();
    let cache = app.place.make_dir("cache");
    let unit = recipe(
        UNIT,
        &[
            (PROGRAM, &format!("{here}/bin/heygem-run")),
            ("/app", &here),
            ("/var/cache/heygem", &cache.display().to_string()),
            ("--port 8000", "--port 0"),
        ],
    );
    // ProtectSystem=strict, and ReadWritePaths=
    let root = app.place.path(SDK);
    let writable: Vec<&str> =
        values(&unit, "ReadWritePaths").iter().flat_map(|paths| paths.split(' ')).collect();
    for path in &writable {
        app.place.make_dir(path);
    }
    assert_eq!(writable, ["log", "result", "temp"].map(|name| root.join(name).display().to_string()));
    chmod(&root, 0o555);

    let [before] = values(&unit, "ExecStartPre")[..] else { panic!("one ExecStartPre in\n{unit}") };
    let bridge = Run::new(by_systemd(&app, &unit, before)).run();
    assert!(bridge.succeeded().starts_with(&format!("{}/heygem-run/", cache.display())), "{bridge}");
    assert_eq!(bridge.stderr(), "");

    let [line] = values(&unit, "ExecStart")[..] else { panic!("one ExecStart in\n{unit}") };
    let log = app.place.path("log");
    let log = expect(File::create(&log), "create", &log);
    let mut command = by_systemd(&app, &unit, line);
    command.stdin(Stdio::null()).stderr(expect(log.try_clone(), "share", &root)).stdout(log);
    let mut service = command.spawn().expect("start the service");
    works(&app, app.address(1));
    assert!(signal("TERM", service.id()), "no service");
    service.wait().expect("wait");
    app.is_left_by_all();
    chmod(&root, 0o755);
    assert!(!root.join(".heygem-run").exists());
}

#[test]
fn a_failure_of_the_launchers_own_is_not_tried_again() {
    let unit = recipe(UNIT, &[]);
    let [codes] = values(&unit, "RestartPreventExitStatus")[..] else { panic!("no codes in\n{unit}") };
    let place = Place::new();
    place.make_root("sdk");
    let cases: [&[&str]; 3] =
        [&["-r", "nowhere", "true"], &["-r", "sdk", "/etc/passwd"], &["-r", "sdk", "./none"]];
    for (words, code) in cases.iter().zip(codes.split(' ')) {
        assert_eq!(place.launch(*words).run().code().map(|code| code.to_string()).as_deref(), Some(code));
    }
}

/// What systemd reads in a unit, as it shows it when it only tests what it would start. That it refuses root.
fn dump(place: &Place, unit: &str) -> String {
    let units = place.write("units/heygem.service", unit);
    let mut command = if is_root() {
        let mut command = place.command("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups", "/lib/systemd/systemd"]);
        command
    } else {
        place.command("/lib/systemd/systemd")
    };
    let units = units.parent().expect("a directory");
    command
        .args(["--test", "--system", "--unit=heygem.service"])
        // With the system's own behind: systemd needs those to begin at all.
        .env("SYSTEMD_UNIT_PATH", format!("{}:", units.display()));
    Run::new(command).run().succeeded()
}

#[test]
fn systemd_reads_what_print_env_wrote() {
    let place = Place::new();
    // A specifier, an escape, quotes, a variable, and what no locale has.
    let root = place.make_root(Path::new("my %h\\x41 \"数字人\" $HOME's/sdk #1"));
    let print = |format: &str| {
        let root = root.as_os_str();
        place.launch([format.as_ref(), "-r".as_ref(), root, "-C".as_ref(), root]).run().succeeded()
    };
    let printed = print("--print-env=systemd");
    let unit = format!("[Service]\nExecStart=/bin/true\n{printed}");
    verify(&place, &unit).is(0, "", "");

    let json: serde_json::Value = serde_json::from_str(&print("--print-env=json")).expect("JSON");
    let shown = dump(&place, &unit);
    let shows = |line: &str| shown.lines().any(|shown| shown.trim_start() == line);
    assert!(shows(&format!("WorkingDirectory: {}", root.display())), "{printed}");
    let variables = json["env"].as_object().expect("variables");
    assert!(variables.contains_key("PYTHONPATH"), "{json}");
    for (name, value) in variables {
        let line = format!("Environment: {name}={}", value.as_str().expect("text"));
        assert!(shows(&line), "systemd does not read {line}\nof\n{printed}");
    }
}
