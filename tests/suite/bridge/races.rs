//! Many launches at once, and an SDK that is replaced meanwhile.

use std::fs;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::{SHOW, bridge_of, make_compiled_root, recovers, shown, shown_whole};
use crate::support::build::expect;
use crate::support::place::{LAUNCHER, Place};
use crate::support::run::Outcome;
use crate::support::snapshot::names;

/// That many launches, which wait for each other before they begin.
fn at_once(place: &Place, count: usize) -> Vec<Outcome> {
    let (gate, opener) = io::pipe().expect("a pipe");
    let start = |_| {
        let mut command = place.command("/bin/sh");
        // Whoever reads from a pipe that nobody writes to waits for its last writer to close it.
        command.args(["-c", "read _; exec \"$@\"", "sh", LAUNCHER, "-r", "sdk"]).args(SHOW);
        command.stdin(gate.try_clone().expect("a descriptor")).stdout(Stdio::piped()).stderr(Stdio::piped());
        let told = format!("{command:?}");
        (told, command.spawn().expect("it starts"))
    };
    let children: Vec<_> = (0..count).map(start).collect();
    drop(opener);
    let end = |(told, child): (String, std::process::Child)| {
        Outcome::new(told, child.wait_with_output().expect("it ends"))
    };
    children.into_iter().map(end).collect()
}

#[test]
fn first_launches_at_once_agree() {
    const LAUNCHES: usize = 32;
    const ROUNDS: usize = 20;
    let whole = shown_whole();
    for round in 0..ROUNDS {
        let place = Place::new();
        make_compiled_root(&place);
        for outcome in at_once(&place, LAUNCHES) {
            outcome.is(0, &whole, "");
        }
        let left = names(&place.path("sdk/.heygem-run"));
        assert!(matches!(&left[..], [_, _, stamp] if stamp == "stamp"), "round {round}: {left:?}");
        recovers(&place, &whole, &[], &format!("round {round}"));
    }
}

/// Launches, one after the other, while another thread changes the SDK: an even number of times, and until enough launches have met it,
/// however slow the machine is.
fn launches_during(place: &Place, change: impl Fn(usize) + Sync) -> Vec<Outcome> {
    const CHANGES: usize = 200;
    const LAUNCHES: usize = 20;
    let launches = AtomicUsize::new(0);
    let is_enough = |round: usize| {
        round >= CHANGES && round.is_multiple_of(2) && launches.load(Ordering::Relaxed) >= LAUNCHES
    };
    let mut outcomes = Vec::new();
    thread::scope(|scope| {
        let changing = scope.spawn(|| (0..).take_while(|round| !is_enough(*round)).for_each(&change));
        while !changing.is_finished() {
            outcomes.push(place.launch([&["-r", "sdk"][..], &SHOW].concat()).run());
            launches.fetch_add(1, Ordering::Relaxed);
        }
    });
    outcomes
}

/// The bridges of two versions of an SDK, as they are shown.
fn two_versions() -> [String; 2] {
    let place = Place::new();
    let root = make_compiled_root(&place);
    let old = shown(&bridge_of(&place, &root));
    place.write("sdk/h_utils/new.so", "");
    [old, shown(&bridge_of(&place, &root))]
}

#[test]
fn an_sdk_that_is_replaced_in_place_is_seen_as_it_was_or_as_it_is() {
    let versions = two_versions();
    let place = Place::new();
    let module = make_compiled_root(&place).join("h_utils/new.so");
    let outcomes = launches_during(&place, |_| {
        fs::write(&module, "").expect("it is written");
        thread::yield_now();
        fs::remove_file(&module).expect("it was there");
        place.launch(["-r", "sdk", "--", "/bin/true"]).prints("");
    });
    fs::write(&module, "").expect("it is written");
    for outcome in outcomes {
        assert!(versions.contains(&outcome.stdout()), "{outcome}");
        outcome.is(0, outcome.stdout_bytes(), "");
    }
    // Whatever was seen meanwhile, what is there now counts.
    let store = place.path("sdk/.heygem-run");
    let old: Vec<_> = names(&store).into_iter().filter(|name| name.starts_with("heygem-bridge-")).collect();
    recovers(&place, &versions[1], &old, "afterwards");
}

/// A link that is turned, as deployments do it, leaves no moment without a root; two renames leave one.
#[test]
fn an_sdk_that_is_replaced_by_rename_is_the_old_the_new_or_said_to_be_missing() {
    let versions = two_versions();
    for is_link in [true, false] {
        let place = Place::new();
        let old = make_compiled_root(&place);
        let new = place.path("new");
        place.write("new/h_utils/new.so", "");
        place.write("new/h_utils/custom.so", "");
        place.make_root("new");
        let rename = |from: &Path, to: &Path| expect(fs::rename(from, to), "rename", from);
        if is_link {
            rename(&old, &place.path("old"));
            place.link("old", "sdk");
        }
        let outcomes = launches_during(&place, |round| {
            if is_link {
                place.link(if round % 2 == 0 { "new" } else { "old" }, "turned");
                rename(&place.path("turned"), &old);
            } else {
                rename(&old, &place.path("aside"));
                thread::yield_now();
                rename(&new, &old);
                rename(&place.path("aside"), &new);
            }
            // Time for a launch or two.
            expect(Command::new("true").status(), "run", Path::new("true"));
        });
        for outcome in outcomes {
            let (stdout, stderr) = (outcome.stdout(), outcome.stderr());
            let works = outcome.code() == Some(0) && versions.contains(&stdout) && stderr.is_empty();
            let is_told = match (outcome.code(), &*stdout) {
                (Some(0), "none\n") => stderr.starts_with("heygem-run: warning: "),
                (Some(125), "") => stderr.contains("heygem-run: error: "),
                // Replaced when the target was on its way: the bridge went with the SDK it belongs to.
                (Some(99), "") => stderr.contains("can't cd to"),
                _ => false,
            };
            assert!(works || is_told, "{outcome}");
        }
        // A launch that listed one SDK may have published into the other, which took its place meanwhile: whole, and named by
        // its content, so that no launch takes it for its own.
        let store = place.path("sdk/.heygem-run");
        let there = if store.is_dir() { names(&store) } else { Vec::new() };
        let crossed: Vec<_> = there.into_iter().filter(|name| name.starts_with("heygem-bridge-")).collect();
        recovers(&place, &versions[0], &crossed, "afterwards");
    }
}
