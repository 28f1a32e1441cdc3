//! The cure, on real compiled modules: what dies without the launcher works with it, under every interpreter.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::build::{checked, expect};
use crate::support::pythons::pythons;
use crate::support::tree::{App, Form, Naming, Start, Tree};

const WAYS: [&str; 7] = ["fork", "spawn", "forkserver", "pool", "executor", "manager", "exception"];

const ALL_WORK: &str = "fork: ok 12\nspawn: ok 12\nforkserver: ok 12\npool: ok [2, 4, 6]\n\
                        executor: ok [2, 4, 6]\nmanager: ok [2, 4, 6]\nexception: ok no face\n";

fn trees() -> impl Iterator<Item = Tree> {
    pythons().iter().map(|python| Tree::new(python, Naming::Plain))
}

#[test]
fn every_way_works_with_the_launcher_and_without_it_only_fork() {
    for tree in trees() {
        only_fork_works_without(&tree);
        tree.launched(Form::PythonScript, App::Lazy, Start::InParent, &WAYS).prints(ALL_WORK);
        tree.only_bridge();
    }
}

#[track_caller]
fn only_fork_works_without(tree: &Tree) {
    let outcome = tree.direct(Form::PythonScript, App::Lazy, &WAYS).run();
    let told = outcome.stdout();
    let failures = WAYS[1..].iter().map(|way| format!("{way}: FAILED "));
    let expected = std::iter::once("fork: ok 12".to_owned()).chain(failures);
    let died = |module| {
        let cause = format!("ModuleNotFoundError: No module named '{module}'");
        outcome.stderr().lines().any(|line| line == cause)
    };
    assert!(
        outcome.code() == Some(1)
            && told.lines().count() == WAYS.len()
            && told.lines().zip(expected).all(|(line, start)| line.starts_with(&start))
            && died("trans_dh_service")
            && died("custom"),
        "expected only fork to work in {outcome}"
    );
}

#[test]
fn a_second_launch_builds_nothing() {
    for tree in trees() {
        let launch = || tree.launched(Form::Script, App::Lazy, Start::InParent, &["spawn", "exception"]);
        launch().prints("spawn: ok 12\nexception: ok no face\n");
        let first = states_of(&tree.only_bridge());
        launch().prints("spawn: ok 12\nexception: ok no face\n");
        assert_eq!(states_of(&tree.only_bridge()), first, "{}", tree.python.version);
    }
}

/// Every file of a bridge, by path: its inode and when it was last written.
fn states_of(bridge: &Path) -> BTreeMap<PathBuf, (u64, i64, i64)> {
    let mut states = BTreeMap::new();
    let mut pending = vec![bridge.to_owned()];
    while let Some(path) = pending.pop() {
        let meta = expect(path.metadata(), "examine", &path);
        if meta.is_dir() {
            let entries = expect(fs::read_dir(&path), "list", &path);
            pending.extend(entries.map(|entry| expect(entry, "list", &path).path()));
        }
        states.insert(path, (meta.ino(), meta.mtime(), meta.mtime_nsec()));
    }
    states
}

#[test]
fn children_run_in_the_active_virtual_environment() {
    const SCRIPT: &str = "\
import multiprocessing, sys

def prefix(queue):
    from service.trans_dh_service import Chunk
    queue.put(Chunk(sys.prefix))

if __name__ == '__main__':
    queue = multiprocessing.get_context('spawn').Queue()
    child = multiprocessing.get_context('spawn').Process(target=prefix, args=(queue,))
    child.start()
    print(sys.prefix, queue.get(timeout=100).frames, sep='\\n')
    child.join()
";
    for tree in trees() {
        let env = tree.place.path("env");
        checked(Command::new(&tree.python.path).args(["-I", "-m", "venv", "--without-pip"]).arg(&env));
        tree.place.write("app/prefix.py", SCRIPT);
        tree.place
            .launch(["prefix.py"])
            .within(&tree.app)
            .env("VIRTUAL_ENV", &env)
            .env("PATH", tree.search_path(&["wrong", "right"]))
            .prints(format!("{0}\n{0}\n", env.display()));
    }
}
