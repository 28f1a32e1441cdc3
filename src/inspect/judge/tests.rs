//! Verdicts on processes as `/proc` shows them: what is certain, and what only looks so.

use std::ffi::OsString;
use std::path::Path;

use super::*;
use crate::inspect::disk::PathTarget;
use crate::inspect::expected::{Expected, ExpectedBridge};
use crate::origin::Origin;
use crate::procfs::{Executable, ExecutableState, ProcessStat, ShownWords, Variables};
use crate::root::RootSource;
use crate::sdk::abi::Version;

const ROOT: &str = "/app/sdk";
const BRIDGE: &str = "/app/sdk/.heygem-run/heygem-bridge-0123456789abcdef";
const PATH: &str = "PYTHONPATH=/app/sdk:/app:/app/sdk/.heygem-run/heygem-bridge-0123456789abcdef";
const DIR: &str = "HEYGEM_DIR=/app/sdk";

/// A disk on which every path is itself.
struct Plain {
    sees_root: bool,
    is_gone: bool,
    /// How often a path was looked at.
    looks: std::cell::Cell<usize>,
}

impl Disk for Plain {
    fn target(&self, _: &Path) -> PathTarget {
        self.looks.set(self.looks.get() + 1);
        PathTarget::Absent
    }

    fn sees_root(&self, _: u32) -> Option<bool> {
        Some(self.sees_root)
    }

    fn is_gone(&self, _: u32, _: &Path) -> bool {
        self.is_gone
    }

    fn lacking_names(&self, _: &Process, _: &Path) -> Vec<String> {
        vec!["new_one".into()]
    }
}

fn disk() -> Plain {
    Plain { sees_root: true, is_gone: false, looks: 0.into() }
}

fn launch() -> Expected {
    Expected {
        root: ROOT.into(),
        real_root: ROOT.into(),
        parent: Some("/app".into()),
        bridge: ExpectedBridge::At(BRIDGE.into()),
        versions: vec![Version { major: 3, minor: 8 }],
        source: RootSource::Named(Origin::Option("--root")),
        unopened: None,
    }
}

/// The findings on all of these, of which the first is asked for.
fn tree(processes: &[Process], disk: &Plain) -> Vec<ProcessFinding> {
    in_scope(processes, Scope::Tree(processes[0].pid), disk).into_iter().flatten().collect()
}

fn in_scope(processes: &[Process], scope: Scope, disk: &Plain) -> Vec<Option<ProcessFinding>> {
    let view = ProcessView { processes, scope, above_asker: BTreeSet::from([99]) };
    judge(&view, &Comparison { expected: &launch(), disk })
}

/// What `/proc` has of words or variables.
fn block(entries: &[&str]) -> Vec<u8> {
    entries.iter().flat_map(|entry| [entry.as_bytes(), b"\0"].concat()).collect()
}

/// A Python of that number, started in the root.
fn python(pid: u32, parent: u32, words: &[&str], variables: &[&str]) -> Process {
    Process {
        pid,
        stat: ProcessStat {
            parent,
            name: OsString::from("python3"),
            is_zombie: false,
            started: 1,
            words_at: 4096 * u64::from(pid),
        },
        words: Ok(ShownWords::parse(&block(words), 4096)),
        variables: Ok(Variables::parse(&block(variables))),
        executable: Ok(Executable { path: "/usr/bin/python3".into(), state: ExecutableState::There }),
        directory: Ok(ROOT.into()),
        is_settled: true,
    }
}

fn verdict(process: Process) -> (ProcessVerdict, usize) {
    let finding = tree(&[process], &disk()).pop().expect("one");
    (finding.verdict, finding.missing.len())
}

#[test]
fn a_process_needs_all_that_a_launch_gives() {
    let swapped = format!("PYTHONPATH=/x:{BRIDGE}:/app/:/app/sdk/.");
    let table: [(&[&str], (ProcessVerdict, usize)); 10] = [
        (&[PATH, DIR], (ProcessVerdict::Ok, 0)),
        (&[PATH], (ProcessVerdict::Ok, 0)),
        (&[&swapped], (ProcessVerdict::Ok, 0)),
        (&["PYTHONPATH=/app/sdk:/app", DIR], (ProcessVerdict::Fail, 1)),
        (&["PYTHONPATH=/app/sdk"], (ProcessVerdict::Fail, 2)),
        // Its parent is a convenience.
        (
            &["PYTHONPATH=/app/sdk:/app/sdk/.heygem-run/heygem-bridge-0123456789abcdef"],
            (ProcessVerdict::Ok, 1),
        ),
        (&["A=b"], (ProcessVerdict::Fail, 3)),
        (&[], (ProcessVerdict::Fail, 3)),
        // Python made them absolute at its start, and nobody knows where that was.
        (&["PYTHONPATH=sdk:.:x"], (ProcessVerdict::Fail, 1)),
        (&["XPYTHONPATH=/app/sdk:/app", "PYTHONPATH="], (ProcessVerdict::Fail, 3)),
    ];
    for (variables, expected) in table {
        assert_eq!(verdict(python(9, 1, &["python3", "app.py"], variables)), expected, "{variables:?}");
    }
}

#[test]
fn overwritten_and_unreadable_variables_are_unknown() {
    let words = ["python3", "app.py"];
    let mut titled = python(9, 1, &words, &[PATH]);
    titled.words = Ok(ShownWords::parse(b"gunicorn: master\0\0\0\0", 4096));
    titled.variables = Ok(Variables::parse(b"\0\0\0\0"));
    assert_eq!(verdict(titled), (ProcessVerdict::Unknown, 0));
    // Under another name it may have covered what it lacks.
    assert_eq!(verdict(python(9, 1, &["gunicorn: master"], &["A=b"])), (ProcessVerdict::Unknown, 0));
    // As much of it as is left counts.
    let mut half = python(9, 1, &words, &[]);
    let left = [b"\0\0\0".as_slice(), &block(&["PYTHONPATH=/app/sdk:/app"])].concat();
    half.variables = Ok(Variables::parse(&left));
    assert_eq!(verdict(half), (ProcessVerdict::Fail, 1));
    let mut private = python(9, 1, &words, &[]);
    private.variables = Err("Permission denied".into());
    assert_eq!(verdict(private), (ProcessVerdict::Unknown, 0));
    let elsewhere = Plain { sees_root: false, ..disk() };
    let finding = tree(&[python(9, 1, &words, &[])], &elsewhere).pop().expect("one");
    assert_eq!((finding.verdict, finding.missing), (ProcessVerdict::Unknown, vec![]));
}

#[test]
fn a_child_of_one_that_shows_nothing_is_judged_by_its_own_variables() {
    const CHILD: [&str; 4] =
        ["python3", "-c", "from multiprocessing.spawn import spawn_main", "--multiprocessing-fork"];
    for (variables, expected) in [(&[PATH, DIR][..], ProcessVerdict::Ok), (&["A=b"], ProcessVerdict::Unknown)]
    {
        let mut titled = python(9, 1, &["python3", "app.py"], &[PATH]);
        titled.words = Ok(ShownWords::parse(b"[celeryd: MainProcess]\0\0\0\0", 4096));
        titled.variables = Ok(Variables::parse(b"\0\0\0\0"));
        let findings = tree(&[titled, python(10, 9, &CHILD, variables)], &disk());
        let verdicts: Vec<_> = findings.iter().map(|finding| finding.verdict).collect();
        assert_eq!(verdicts, [ProcessVerdict::Unknown, expected], "{variables:?}");
    }
}

#[test]
fn a_flag_a_lost_interpreter_and_a_lost_bridge_fail_whatever_the_variables_are() {
    for (words, flag) in [
        (&["python3", "-E", "app.py"][..], Some('E')),
        (&["python3", "-uI", "-m", "x"], Some('I')),
        (&["python3", "app.py", "-E"], None),
    ] {
        let finding = tree(&[python(9, 1, words, &[PATH])], &disk()).pop().expect("one");
        let expected = if flag.is_some() { ProcessVerdict::Fail } else { ProcessVerdict::Ok };
        assert_eq!((finding.isolation, finding.verdict), (flag, expected), "{words:?}");
    }
    for (state, expected) in [
        (ExecutableState::There, ProcessVerdict::Ok),
        (ExecutableState::Replaced, ProcessVerdict::Ok),
        (ExecutableState::Gone, ProcessVerdict::Fail),
    ] {
        let mut process = python(9, 1, &["python3", "app.py"], &[PATH]);
        process.executable = Ok(Executable { path: "/usr/bin/python3".into(), state });
        assert_eq!(verdict(process).0, expected, "{state:?}");
    }
    let disk = Plain { is_gone: true, ..disk() };
    let process = python(9, 1, &["python3", "app.py"], &[PATH]);
    let finding = tree(&[process], &disk).pop().expect("one");
    assert_eq!(finding.missing, [Missing::Deleted(BRIDGE.into())]);
}

#[test]
fn roles_follow_from_words_and_from_where_they_lie() {
    let spawned = "from multiprocessing.spawn import spawn_main; spawn_main(3)";
    let server = "from multiprocessing.forkserver import main; main(3)";
    let tracker = "from multiprocessing.resource_tracker import main;main(3)";
    let code = |pid, code| python(pid, 1, &["python3", "-c", code], &[PATH]);
    let copy = |pid, of: &Process| Process {
        pid,
        stat: ProcessStat { parent: of.pid, ..of.stat.clone() },
        ..of.clone()
    };
    let main = python(1, 0, &["python3", "app.py"], &[PATH]);
    let server = code(4, server);
    let mut shell = python(8, 1, &["sh", "-c", "x"], &[]);
    shell.executable = Ok(Executable { path: "/bin/sh".into(), state: ExecutableState::There });
    let processes = [
        main.clone(),
        copy(2, &main),
        code(3, spawned),
        server.clone(),
        copy(5, &server),
        code(6, tracker),
        // Code that only looks like it.
        code(7, "import x; from multiprocessing.spawn import spawn_main"),
        shell,
    ];
    let findings = tree(&processes, &disk());
    let roles: Vec<Role> = findings.iter().map(|finding| finding.role).collect();
    use Role::{Fork, ForkServer, ForkServerChild, Main, Other, ResourceTracker, Spawn};
    assert_eq!(roles, [Main, Fork, Spawn, ForkServer, ForkServerChild, ResourceTracker, Main, Other]);
    let verdicts: Vec<ProcessVerdict> = findings.iter().map(|finding| finding.verdict).collect();
    let mut expected = [ProcessVerdict::Ok; 8];
    (expected[5], expected[7]) = (ProcessVerdict::Skip, ProcessVerdict::Skip);
    assert_eq!(verdicts, expected);
}

#[test]
fn only_what_is_tied_to_the_root_is_judged_and_what_that_started() {
    let bare = |pid, parent, words: &[&str]| python(pid, parent, words, &["A=b"]);
    let mut other = python(4, 1, &["python3", "x.py"], &["HEYGEM_DIR=/b/sdk", "PYTHONPATH=/b/sdk:/b"]);
    other.directory = Ok("/b/sdk".into());
    let below = Process { pid: 6, stat: ProcessStat { parent: 2, ..other.stat.clone() }, ..other.clone() };
    let processes = [
        bare(1, 0, &["python3", "/usr/bin/supervisord"]),
        python(2, 1, &["python3", "app.py"], &[PATH, DIR]),
        bare(3, 2, &["python3", "-c", "pass"]),
        other,
        bare(5, 1, &["python3", "/app/sdk/run.py"]),
        below,
    ];
    let verdicts: Vec<_> = tree(&processes, &disk()).iter().map(|finding| finding.verdict).collect();
    use ProcessVerdict::{Fail, Skip, Unknown};
    assert_eq!(verdicts, [Skip, ProcessVerdict::Ok, Unknown, Skip, Fail, Skip]);
    // Where nothing is, whoever asked knows better.
    let alone = tree(&processes[..1], &disk());
    assert_eq!(alone[0].verdict, Fail);
}

/// Found by inspecting a Ray node whose worker was starting a child.
#[test]
fn a_process_in_the_middle_of_its_exec_lacks_nothing_for_certain() {
    let starting = Process { is_settled: false, ..python(7, 1, &[], &[]) };
    let finding = tree(&[starting], &disk()).pop().expect("one");
    assert_eq!((finding.verdict, finding.missing), (ProcessVerdict::Unknown, vec![]));
    assert_eq!(finding.unknown, ["it is just starting", "it shows no variables yet"]);
}
