//! Very many launches, many at a time, with next to nothing to live on.

use std::process::Stdio;

use crate::support::place::{LAUNCHER, Place};
use crate::support::run::Outcome;
use crate::support::snapshot::names;

/// What each process may have: open descriptors, and KiB of address space.
const LIMITS: &str = "ulimit -n 64 && ulimit -v 65536";

/// Launches the command so many times, one after the other, and says what failed.
const LOOP: &str = r#"
rounds=$1; shift
while [ $((rounds -= 1)) -ge 0 ]; do "$@" || echo "exit code $?"; done
"#;

/// Whether the target has what a launch is for.
const TARGET: &str = r#"[ -f "${PYTHONPATH##*:}/trans_dh_service.py" ] && [ "$PWD/sdk" = "$HEYGEM_DIR" ]"#;

#[test]
fn ten_thousand_launches_all_work_and_leave_one_bridge() {
    const AT_A_TIME: usize = 64;
    const EACH: usize = 157; // 10,048 in all
    let place = Place::new();
    place.make_root("sdk");
    let start = |_| {
        let mut command = place.command("/bin/sh");
        command.args(["-c", &format!("{LIMITS}\n{LOOP}"), "sh", &EACH.to_string()]);
        command.args([LAUNCHER, "-r", "sdk", "--", "/bin/sh", "-c", TARGET]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let told = format!("{command:?}");
        (told, command.spawn().expect("it starts"))
    };
    let loops: Vec<_> = (0..AT_A_TIME).map(start).collect();
    for (told, child) in loops {
        Outcome::new(told, child.wait_with_output().expect("it ends")).is(0, "", "");
    }
    let left = names(&place.path("sdk/.heygem-run"));
    let is_clean =
        matches!(&left[..], [_, bridge, stamp] if bridge.starts_with("heygem-bridge-") && stamp == "stamp");
    assert!(is_clean, "{left:?}");
    assert_eq!(names(&place.path("sdk")), [".heygem-run", "service"]);
    for empty in ["home", "tmp"] {
        assert_eq!(names(&place.path(empty)), [""; 0], "{empty}");
    }
}

#[test]
fn the_limits_take_effect() {
    let place = Place::new();
    let run = |script: &str| {
        let mut command = place.command("/bin/sh");
        command.args(["-c", &format!("{LIMITS}\n{script}")]);
        command.output().expect("it starts").status.success()
    };
    let [tail, open] = [
        |mib| format!("head -c {mib}M /dev/zero | tail -c {mib}M >/dev/null"), // which keeps it all
        |count| format!("exec python3 -c 'import os; [os.dup(0) for _ in range({count})]'"),
    ];
    assert!(run(&tail(32)) && !run(&tail(100)));
    assert!(run(&open(50)) && !run(&open(64)));
}
