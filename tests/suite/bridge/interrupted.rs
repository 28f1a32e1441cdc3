//! A launch that is killed, or refused by the system, at each step of the bridge's making in turn.

use std::collections::BTreeMap;

use super::{SHOW, bridge_of, bridges, make_compiled_root, recovers, shown, shown_whole};
use crate::support::fs::remove;
use crate::support::place::Place;
use crate::support::run::Run;
use crate::support::snapshot::names;
use crate::support::trace;

/// Makes what a launch finds.
type Make = fn(&Place);

const STATES: [(&str, Make); 3] = [
    ("nothing yet", |_| {}),
    ("a bridge for other names", |place| {
        place.write("sdk/h_utils/former.so", "");
        bridge_of(place, &place.path("sdk"));
        remove(place.path("sdk/h_utils/former.so"));
    }),
    ("a damaged bridge", |place| {
        let bridge = bridge_of(place, &place.path("sdk"));
        remove(bridge.join("custom.py"));
        remove(place.path("sdk/.heygem-run/stamp"));
    }),
];

/// A place in that state.
fn place_in(make: Make) -> Place {
    let place = Place::new();
    make_compiled_root(&place);
    make(&place);
    place
}

/// A traced launch with a target that shows the bridge.
fn traced(place: &Place, options: &[&str]) -> Run {
    Run::new(trace::traced(place, options, &SHOW))
}

/// A system call, told by its name and by how many of that name came before.
#[derive(Debug)]
struct Step {
    call: String,
    number: usize,
}

/// The steps from the first directory that is made to the target.
fn steps(make: Make) -> Vec<Step> {
    let place = place_in(make);
    let outcome = traced(&place, &["-b", "execve"]).run();
    assert_eq!(outcome.code(), Some(0), "strace can't trace here: {outcome}");
    let mut seen = BTreeMap::<String, usize>::new();
    let mut steps = Vec::new();
    let mut is_making = false;
    // strace's own start of the launcher is a line, but it is not counted when something is injected.
    for call in trace::calls(&place).into_iter().skip(1) {
        let number = seen.entry(call.clone()).and_modify(|number| *number += 1).or_insert(1);
        is_making |= call.starts_with("mkdir");
        if is_making {
            steps.push(Step { number: *number, call });
        }
    }
    assert!(steps.len() > 20 && steps.last().is_some_and(|step| step.call == "execve"), "{steps:?}");
    steps
}

#[test]
fn a_launch_killed_at_any_step_leaves_at_most_a_temporary() {
    let whole = shown_whole();
    for (state, make) in STATES {
        let old = place_in(make);
        let old = old.path("sdk/.heygem-run");
        let old = if old.exists() { names(&old) } else { Vec::new() };
        for Step { call, number } in steps(make) {
            let what = format!("{state}, killed at {call} number {number}");
            let place = place_in(make);
            let kill = format!("inject={call}:signal=KILL:when={number}");
            let outcome = traced(&place, &["-e", &kill]).run();
            assert_eq!(outcome.signal(), Some(libc::SIGKILL), "{what}: {outcome}");
            assert_eq!((outcome.stdout(), outcome.stderr()), (String::new(), String::new()), "{what}");
            let store = place.path("sdk/.heygem-run");
            let left = if store.exists() { names(&store) } else { Vec::new() };
            let is_temporary = |name: &&String| name.starts_with("tmp-");
            assert!(left.iter().filter(is_temporary).count() <= 1, "{what}: {left:?}");
            // Each bridge in place is whole, however near the end was.
            for name in left.iter().filter(|name| name.starts_with("heygem-bridge-") && !old.contains(name)) {
                assert_eq!(shown(&store.join(name)), whole, "{what}: {name}");
            }
            recovers(&place, &whole, &old, &what);
        }
    }
}

/// What changes the disk or reads it. Other calls do not fail for such reasons.
const CALLS: [&str; 12] = [
    "mkdir",
    "mkdirat",
    "openat",
    "write",
    "fsync",
    "rename",
    "renameat",
    "link",
    "linkat",
    "fchmod",
    "getdents64",
    "statx",
];

/// A full disk, a quota, a disk that fails, a file system that turned read-only: at one step, and from it on.
#[test]
fn a_launch_refused_at_any_step_works_or_says_what_is_wrong() {
    const MISSING: &str = "heygem-run: warning: names of the SDK may be missing from the bridge, ";
    const ERRORS: [&str; 4] = ["ENOSPC", "EDQUOT", "EIO", "EROFS"];
    let whole = shown_whole();
    let (state, make) = STATES[0];
    let steps = steps(make).into_iter().filter(|step| CALLS.contains(&step.call.as_str()));
    for (index, Step { call, number }) in steps.enumerate() {
        // What is refused to the end would be refused to the message as well.
        for end in if call == "write" { &[""][..] } else { &["", "+"] } {
            let error = ERRORS[index % ERRORS.len()];
            let what = format!("{state}, {error} at {call} number {number}{end}");
            let place = place_in(make);
            let refusal = format!("inject={call}:error={error}:when={number}{end}");
            let outcome = traced(&place, &["-b", "execve", "-e", &refusal]).run();
            let (stdout, stderr) = (outcome.stdout(), outcome.stderr());
            let mut kept = Vec::new();
            match outcome.code() {
                // Used for what is known, with a warning, and not relied on by the next launch.
                Some(0) if stderr.starts_with(MISSING) => kept = bridges(&place.path("sdk/.heygem-run")),
                Some(0) if stdout == whole => {
                    let warning = "heygem-run: warning: a bridge that others could have made is not used: ";
                    assert!(stderr.is_empty() || stderr.starts_with(warning), "{what}: {outcome}");
                }
                Some(0) if stdout == "none\n" => {
                    let warning = "heygem-run: warning: no bridge can be built (";
                    assert!(stderr.starts_with(warning), "{what}: {outcome}");
                }
                Some(125) if stdout.is_empty() => {
                    assert!(stderr.starts_with("heygem-run: error: "), "{what}: {outcome}");
                }
                _ => panic!("{what}: {outcome}"),
            }
            assert!(!stderr.contains("panicked"), "{what}: {outcome}");
            recovers(&place, &whole, &kept, &what);
        }
    }
}
