//! As a container's health check: the service is below process 1, and only what certainly lacks something is unhealthy.

use super::unknown::with_setproctitle;
use super::{IDLE, Service, Stage, python};
use crate::support::place::LAUNCHER;
use crate::support::user::is_root;

/// Starts a line of the shell as process 1 of a pid namespace, with words behind it.
fn in_container(stage: &Stage, line: &str, words: &[&str]) -> Service {
    let mut command = stage.place.command("unshare");
    if !is_root() {
        command.arg("--map-root-user");
    }
    command.args(["--pid", "--fork", "--mount-proc", "sh", "-c", line, "sh"]).args(words);
    Service::start(command)
}

#[test]
fn a_health_check_kills_only_what_lacks_something() {
    let stage = Stage::new();
    let bridge = stage.bridge();
    let root = stage.root.display();
    let python = python().display();
    let renamed = with_setproctitle();
    let launch = format!("{LAUNCHER} --root {root} --");
    // A supervisor in Python, which nobody launched, and another program in Python beside the service.
    let supervisor =
        format!("exec env -i {python} -c 'import subprocess, sys; subprocess.call(sys.argv[1:])'");
    let exporter = format!("cd {root} && {{ env -i {python} -c 'import time; time.sleep(600)' & }}");
    let by_hand = format!("env -i PYTHONPATH={root}:{}:{}", stage.place.dir.display(), bridge.display());
    let table = [
        ("launched", format!("exec {launch} {python} {IDLE} spawn \"$@\""), 0),
        ("behind a shell", format!("{launch} {python} {IDLE} spawn \"$@\"; :"), 0),
        ("by hand, with all entries", format!("cd {root}; exec {by_hand} {python} {IDLE} spawn \"$@\""), 0),
        ("under a supervisor", format!("{supervisor} {launch} {python} {IDLE} spawn \"$@\""), 0),
        ("beside an exporter", format!("{exporter}; {launch} {python} {IDLE} \"$@\"; :"), 0),
        ("renamed", format!("exec {launch} {} {IDLE} 'title=gunicorn: master' \"$@\"", renamed.display()), 0),
        (
            "renamed, not launched",
            format!("exec {} {IDLE} 'title=gunicorn: master' \"$@\"", renamed.display()),
            0,
        ),
        (
            "no Python",
            format!(
                "exec {launch} sh -c 'echo main 1; eval \"${{1#run=}}\"; echo exit $?; echo bytes 0; echo ready; cat' sh \"$@\""
            ),
            0,
        ),
        ("not launched", format!("cd {root}; exec env -i {python} {IDLE} \"$@\""), 1),
        ("not launched, behind a shell", format!("cd {root}; env -i {python} {IDLE} \"$@\"; :"), 1),
        (
            "launched, variables dropped",
            format!("exec {launch} sh -c 'env -i {python} {IDLE} \"$@\"; :' sh \"$@\""),
            1,
        ),
        // It may be a helper.
        ("one program lacks them", format!("exec {launch} {python} {IDLE} clean \"$@\""), 0),
    ];
    // The check has a container's variables, not those of the service.
    let check = format!("run=env -i PATH=/usr/bin:/bin {LAUNCHER} --root {root} -q --inspect=1");
    for (told, line, code) in table {
        let service = in_container(&stage, &line, &[&check]);
        assert_eq!(service.number("exit"), code, "{told}: {line}");
        assert_eq!(service.number("bytes") > 0, code > 0, "{told}: nothing is said but failures");
    }
}
