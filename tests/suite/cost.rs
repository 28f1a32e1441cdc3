//! What a launch costs does not depend on how much there is. What it costs in all is measured in `benches/launch`.

use crate::support::place::Place;
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
