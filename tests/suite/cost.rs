//! What a launch costs does not depend on how much there is. What it costs in all is measured in `benches/launch`.

use crate::support::place::{LAUNCHER, Place};
use crate::support::run::Run;
use crate::support::trace;

/// The system calls of a launch from the bridge that is there, less those by which the heap grows.
fn calls(place: &Place, variables: usize) -> Vec<String> {
    place.launch(["-r", "sdk", "--prepare"]).run();
    let mut command = trace::traced(place, &["-b", "execve"], &["--", "/bin/true"]);
    command.envs((0..variables).map(|number| (format!("VARIABLE_{number}"), "value")));
    Run::new(command).prints("");
    let mut calls = trace::calls(place);
    calls.retain(|call| !["brk", "mmap", "mremap", "munmap"].contains(&call.as_str()));
    calls
}

#[test]
fn a_launch_makes_as_many_system_calls_for_many_modules_and_many_variables() {
    let place = Place::new();
    place.make_root("sdk");
    place.write("sdk/h_utils/module.so", "");
    let few = calls(&place, 0);
    assert!(few.len() > 20 && few.last().is_some_and(|call| call == "execve"), "{few:?}");
    for number in 0..1_000 {
        place.write(format!("sdk/h_utils/module_{number}.so"), "");
    }
    assert_eq!(calls(&place, 0), few);
    assert_eq!(calls(&place, 1_000), few);
    // One more package is one more directory to look at.
    place.write("sdk/more/module.so", "");
    assert_eq!(calls(&place, 0).len(), few.len() + 1);
}

#[test]
fn a_shells_text_and_script_are_judged_in_one_pass() {
    let place = Place::new();
    place.make_root("sdk");
    let script = format!("#!/bin/sh\n{}", "PYTHONPATH=.\n".repeat(4_900));
    place.write_program("start.sh", &script);
    let (changed, isolated) = ("PYTHONPATH=.;".repeat(9_000), "python -I x;".repeat(9_000));
    let table: [(&[&str], bool); 4] = [
        (&["./start.sh"], false),
        (&["sh", "start.sh"], false),
        (&["sh", "-c", &changed], false),
        (&["sh", "-c", &isolated], true),
    ];
    for (words, is_warned) in table {
        // Judged once more for each line, these take minutes.
        let mut command = place.command("timeout");
        command.args(["40", LAUNCHER, "-r", "sdk", "--dry-run", "--"]).args(words);
        let outcome = Run::new(command).run();
        assert_eq!(outcome.code(), Some(0), "{:?}", words.get(..2));
        assert_eq!(outcome.stderr().contains("warning: "), is_warned, "{:?}", words.get(..2));
    }
}

#[test]
fn a_healthy_text_of_a_shell_needs_no_look_at_the_launchers_own_file() {
    let place = Place::new();
    place.make_root("sdk");
    place.launch(["-r", "sdk", "--prepare"]).run();
    let looks = |target: &[&str]| {
        let mut options = vec!["--"];
        options.extend(target);
        Run::new(trace::traced(&place, &["-b", "execve"], &options)).prints("");
        trace::calls(&place).iter().filter(|call| call.starts_with("readlink")).count()
    };
    assert_eq!(looks(&["/bin/sh", "-c", "true"]), looks(&["/bin/true"]));
}
