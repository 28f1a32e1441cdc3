//! Nobody sees that there was a launcher: whatever state a program is started in, it finds all of it through the launcher.

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::process::{Stdio, id};

use crate::support::place::Place;
use crate::support::probe::{probe, start};
use crate::support::run::{Outcome, Run};

const STATES: &str = include_str!("../fixtures/states.txt");

/// What `start` exits with when a step fails.
const STEP_FAILED: i32 = 97;

/// A line of the table.
struct State<'t> {
    line: &'t str,
    steps: Vec<&'t str>,
    command: &'t str,
    reports: bool,
    is_privileged: bool,
}

impl<'t> State<'t> {
    fn all() -> impl Iterator<Item = State<'t>> {
        STATES.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(State::new)
    }

    fn new(line: &'t str) -> Self {
        let mut steps: Vec<_> = line.trim_start_matches('?').split(' ').collect();
        let command = steps.iter().find_map(|step| step.strip_prefix("command=")).unwrap_or("probe");
        let reports = steps.contains(&"report");
        steps.retain(|step| *step != "report" && !step.starts_with("command="));
        Self { line, steps, command, reports, is_privileged: line.starts_with('?') }
    }
}

/// The states that a test itself may be started in, on a machine of one processor or under `nice`, and what the probe says then.
const MAYBE_ALREADY: [(&str, &str); 2] = [("cpu=0", "affinity=0 "), ("nice=5", "nice=5")];

/// The variables that are there to be set.
const OURS: [&str; 3] = ["PYTHONPATH", "PWD", "HEYGEM_DIR"];

/// Where probes are started: all of it can be read by anyone, since some states are another user's.
struct Stage {
    place: Place,
    root: PathBuf,
    launcher: PathBuf,
}

/// What came of a start: what the probe said, the exit code, and stderr.
type Seen = (Vec<String>, Option<i32>, String);

impl Stage {
    fn new() -> Self {
        let place = Place::new();
        let root = place.make_root("sdk");
        for name in ["probe", "pro=be", "--"] {
            place.copy_program(probe(), name);
        }
        let launcher = place.copy_launcher("heygem-run");
        place.launch(["--prepare"]).run().succeeded();
        Self { place, root, launcher }
    }

    /// Starts the probe in a state, from the root; through the launcher, if it is given options.
    fn start(&self, state: &State<'_>, options: Option<&[&str]>) -> Seen {
        let program = self.place.path(state.command);
        let words: Vec<OsString> = match options {
            None => vec![program.clone().into(), program.into()],
            Some(options) => {
                let front = [&self.launcher, &self.launcher].map(OsString::from).into_iter();
                let options = options.iter().map(OsString::from);
                front.chain(options).chain(["--".into(), program.into()]).collect()
            }
        };
        let report = self.place.path("report");
        let mut command = self.place.command(start());
        command.args(&state.steps).arg("--").args(words).current_dir(&self.root);
        if state.reports {
            command.env("PROBE_REPORT", &report);
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn().expect("it starts");
        let (own, parent) = (format!("pid={}", child.id()), format!("ppid={}", id()));
        let output = child.wait_with_output().expect("it ends");
        let mut said = String::from_utf8(output.stdout).expect("the probe writes ASCII");
        if state.reports {
            said += &fs::read_to_string(&report).unwrap_or_default();
            let _ = fs::remove_file(&report);
        }
        let mut said: Vec<String> = said.lines().map(str::to_owned).collect();
        if output.status.success() {
            assert_eq!(said[..2], [own, parent], "{} with {options:?}", state.line);
            said.drain(..2);
        }
        (said, output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

/// Without the variables that are ours to set.
fn without(names: &[&str], (said, code, stderr): &Seen) -> Seen {
    let is_set = |line: &str| {
        let entry = line.strip_prefix("env=").and_then(|entry| entry.split_once('='));
        entry.is_some_and(|(name, _)| names.contains(&name))
    };
    (said.iter().filter(|line| !is_set(line)).cloned().collect(), *code, stderr.clone())
}

#[test]
fn every_state_passes_unchanged() {
    const WITH_LIBRARIES: [&str; 4] = ["PYTHONPATH", "PWD", "HEYGEM_DIR", "LD_LIBRARY_PATH"];
    let stage = Stage::new();
    let plain = stage.start(&State::new("plain=1"), None);
    let mut passed = 0;
    // The loader of a dynamic program has something to say of them, once for the launcher and once for the target.
    let is_static = cfg!(target_feature = "crt-static");
    let is_read_by_loaders =
        |state: &State<'_>| ["LD_PRELOAD=", "GLIBC_TUNABLES="].iter().any(|name| state.line.contains(name));
    for state in State::all().filter(|state| is_static || !is_read_by_loaders(state)) {
        let line = state.line;
        let direct = stage.start(&state, None);
        if state.is_privileged && direct.1 == Some(STEP_FAILED) {
            continue; // a container's root, or no root at all
        }
        assert_eq!(direct.1, Some(0), "{line}: {}", direct.2);
        // What the target's own libc says is said once: it is compared with the rest.
        assert!(direct.2.is_empty() || direct.2.starts_with("WARNING: ld.so: "), "{line}: {}", direct.2);
        let is_so = |(state, fact): &(&str, &str)| *state == line && plain.0.iter().any(|said| said == fact);
        let is_as_plain = line == "plain=1" || MAYBE_ALREADY.iter().any(is_so);
        assert!(is_as_plain || direct.0 != plain.0, "the probe does not see {line}");
        let launched = stage.start(&state, Some(&[]));
        assert_eq!(without(&OURS, &launched), without(&OURS, &direct), "{line}");
        let launched = stage.start(&state, Some(&["-L", "lib"]));
        assert_eq!(without(&WITH_LIBRARIES, &launched), without(&WITH_LIBRARIES, &direct), "{line}, -L");
        passed += 1;
    }
    assert!(passed >= 130, "{passed} states");
}

/// Wherever in the start it comes: none may be swallowed, as Rust's own start-up swallows SIGPIPE.
#[test]
fn a_signal_right_after_the_start_reaches_the_target() {
    /// In microseconds: from the first instruction to well after exec.
    const DELAYS: std::ops::Range<usize> = 0..24;
    const STEP: usize = 80;
    let stage = Stage::new();
    let launcher = stage.launcher.to_str().expect("text");
    let direct = ["--", "/bin/sleep", "sleep", "60"];
    let launched = ["--", launcher, "heygem-run", "/bin/sleep", "60"];
    let signals =
        [libc::SIGTERM, libc::SIGINT, libc::SIGHUP, libc::SIGPIPE, libc::SIGUSR1, libc::SIGSEGV, 64];
    for words in [&direct[..], &launched] {
        for (signal, delay) in
            signals.iter().flat_map(|signal| DELAYS.map(move |delay| (signal, delay * STEP)))
        {
            let mut command = stage.place.command(start());
            command.arg("limit-core=0:0").arg(format!("soon={signal}:{delay}")).args(words);
            let outcome = Run::new(command).within(&stage.root).run();
            let seen = (outcome.signal(), outcome.stdout(), outcome.stderr());
            assert_eq!(seen, (Some(*signal), String::new(), String::new()), "after {delay} µs: {outcome}");
        }
    }
}

/// A program run as the first process of a PID namespace of its own, by whoever may make one.
fn first_process(stage: &Stage, words: &[&str]) -> Run {
    /// Root may; others may in a user namespace, or by sudo.
    const WAYS: [&[&str]; 3] =
        [&["unshare"], &["unshare", "--user", "--map-root-user"], &["sudo", "-n", "unshare"]];
    const NAMESPACE: [&str; 4] = ["--pid", "--fork", "--kill-child", "--mount-proc"];
    let command = |way: &[&str], words: &[&str]| {
        let mut command = stage.place.command(way[0]);
        command.args(&way[1..]).args(NAMESPACE).arg("--").args(words).current_dir(&stage.root);
        command
    };
    let may = |way: &&&[&str]| command(way, &["true"]).output().is_ok_and(|output| output.status.success());
    let way = WAYS.iter().find(may).expect(
        "a PID namespace can be made: run the tests as root, in a privileged container, or allow user namespaces",
    );
    Run::new(command(way, words))
}

/// Nobody else adopts orphans there, and signals without a handler do nothing.
#[test]
fn as_the_first_process_of_a_namespace_it_behaves_as_the_target_would() {
    /// Waits for as long as it takes, and so does the substitution.
    const ORPHAN: &str = "\
echo adopted by $( (sh -c 'while read _ _ _ parent _ </proc/$$/stat; [ $parent != 1 ]; do :; done; echo $parent' &) )";
    let stage = Stage::new();
    let launcher = stage.launcher.to_str().expect("text");
    let probe = stage.place.path("probe");
    let probe = probe.to_str().expect("text");
    // What is run, its exit code, and what it prints.
    let rows: [(&[&str], i32, Option<&str>); 6] = [
        (&[probe, "x"], 0, None),
        (&["/bin/sh", "-c", "exit 42"], 42, Some("")),
        (
            &["/bin/sh", "-c", "for s in TERM HUP PIPE USR1 KILL; do kill -$s $$; done; echo $$"],
            0,
            Some("1\n"),
        ),
        (&["/bin/sh", "-c", "trap 'echo told; exit 7' TERM; kill -TERM 1"], 7, Some("told\n")),
        // A grandchild whose parent is gone is the first process's own.
        (&["/bin/sh", "-c", ORPHAN], 0, Some("adopted by 1\n")),
        // Its end is everybody's.
        (&["/bin/sh", "-c", "(trap '' TERM; sleep 60) & exit 3"], 3, Some("")),
    ];
    for (words, code, printed) in rows {
        let direct = first_process(&stage, words).run();
        let launched = first_process(&stage, &[&[launcher, "--"], words].concat()).run();
        match printed {
            Some(printed) => {
                direct.is(code, printed, "");
                launched.is(code, printed, "");
            }
            None => {
                // Each namespace is another.
                let seen = |outcome: &Outcome| {
                    let said: Vec<_> = outcome.stdout().lines().map(str::to_owned).collect();
                    let said = said.into_iter().filter(|line| !line.starts_with("namespace=")).collect();
                    without(&OURS, &(said, outcome.code(), outcome.stderr()))
                };
                assert_eq!(seen(&launched), seen(&direct));
                assert_eq!(seen(&direct).0[..2], ["pid=1", "ppid=0"]);
            }
        }
    }
}
