//! Why heygem-run exists, on real compiled modules and without the launcher: each row here is a fact that its
//! design rests on. If one changes, so must the design.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::methods::{METHODS, dies_of};
use crate::support::place::Place;
use crate::support::pythons::{Python, pythons};
use crate::support::run::Run;
use crate::support::sdk::install_sdk;

const NO_MODULE: &str = "ModuleNotFoundError: No module named 'trans_dh_service'";
const NO_PARENT: &str = "ImportError: attempted relative import with no known parent package";

/// An app's directory with the SDK in it, and a bridge written by hand.
struct BugReport {
    python: &'static Python,
    place: Place,
    root: PathBuf,
}

impl BugReport {
    fn new(python: &'static Python) -> Self {
        let place = Place::new();
        let root = place.path("HeyGem-Linux-Python-Hack");
        install_sdk(python, &root);
        for (package, module) in [("service", "trans_dh_service"), ("h_utils", "custom")] {
            let text = format!(
                "import sys\nimport {package}.{module}\nsys.modules[__name__] = {package}.{module}\n"
            );
            place.write(format!("bridge/{module}.py"), text);
        }
        Self { python, place, root }
    }

    /// What the bug report recommends: the root and its parent.
    fn remedy(&self) -> Vec<PathBuf> {
        vec![self.root.clone(), self.place.dir.clone()]
    }

    fn remedy_and(&self, more: impl AsRef<Path>) -> Vec<PathBuf> {
        let mut path = self.remedy();
        path.push(self.place.path(more));
        path
    }

    /// Runs Python in the root, in an environment that holds nothing but what is said here.
    fn run<A: AsRef<OsStr>>(&self, pythonpath: &[PathBuf], args: &[A]) -> Run {
        let mut command = self.place.command(&self.python.path);
        command.args(args).env("PYTHONPATH", env::join_paths(pythonpath).expect("no colon in a path"));
        Run::new(command).within(&self.root)
    }

    /// The SDK at work in another process, in the ways that `methods.py` knows.
    fn work(&self, pythonpath: &[PathBuf], ways: &[&str]) -> Run {
        self.run(pythonpath, &[&[METHODS], ways].concat())
    }
}

fn everywhere() -> impl Iterator<Item = BugReport> {
    pythons().iter().map(BugReport::new)
}

#[test]
fn a_compiled_module_bears_its_bare_name() {
    const SCRIPT: &str = "\
import sys, service.trans_dh_service as module
print(module.write_video.__module__, module.Chunk.__module__, module.__name__)
print(sys.modules['trans_dh_service'] is module)";
    for app in everywhere() {
        app.run(&app.remedy(), &["-c", SCRIPT])
            .prints("trans_dh_service trans_dh_service service.trans_dh_service\nTrue\n");
    }
}

#[test]
fn with_the_reports_remedy_only_fork_works() {
    for app in everywhere() {
        let path = app.remedy();
        app.work(&path, &["fork"]).prints("fork: ok 12\n");
        for way in ["spawn", "forkserver", "pool", "executor", "manager"] {
            dies_of(app.work(&path, &[way]), way, NO_MODULE);
        }
    }
}

#[test]
fn with_the_package_directory_on_the_path_too_only_fork_works() {
    for app in everywhere() {
        let path = app.remedy_and(app.root.join("service"));
        app.work(&path, &["fork"]).prints("fork: ok 12\n");
        for way in ["spawn", "forkserver", "pool", "executor", "manager"] {
            dies_of(app.work(&path, &[way]), way, NO_PARENT);
        }
    }
}

#[test]
fn with_a_bridge_everything_works() {
    const WAYS: [&str; 7] = ["fork", "spawn", "forkserver", "pool", "executor", "manager", "exception"];
    for app in everywhere() {
        app.work(&app.remedy_and("bridge"), &WAYS).prints(
            "fork: ok 12\nspawn: ok 12\nforkserver: ok 12\npool: ok [2, 4, 6]\nexecutor: ok [2, 4, 6]\n\
             manager: ok [2, 4, 6]\nexception: ok no face\n",
        );
    }
}

#[test]
fn every_bare_named_module_needs_the_bridge() {
    for app in everywhere() {
        let path = app.remedy_and("bridge");
        let custom = app.place.path("bridge/custom.py");
        fs::remove_file(&custom).unwrap_or_else(|error| panic!("{}: {error}", custom.display()));
        dies_of(
            app.work(&path, &["exception"]),
            "exception",
            "ModuleNotFoundError: No module named 'custom'",
        );
    }
}

#[test]
fn a_script_that_imports_the_sdk_at_top_level_hides_the_fault() {
    const SCRIPT: &str = "\
from service.trans_dh_service import TransDhTask
if __name__ == '__main__':
    print(TransDhTask().work())
";
    for app in everywhere() {
        let script = app.place.path("app.py");
        fs::write(&script, SCRIPT).expect("write app.py");
        app.run(&app.remedy(), &[script]).prints("12\n");
    }
}
