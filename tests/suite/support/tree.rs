//! An app beside the SDK, for one interpreter, under names of every kind; and the ways to start it, with the launcher and
//! without.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::build::expect;
use super::methods::METHODS;
use super::place::Place;
use super::pythons::{Python, pythons};
use super::run::Run;
use super::sdk::install_sdk;

const EAGER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/apps/eager.py");

/// What the root and its parent are called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Naming {
    Plain,
    /// The root is a symbolic link; beside the SDK that it leads to there is no app.
    Linked,
    Spaces,
    Chinese,
    /// Bytes that are no UTF-8.
    NoText,
}

/// How the app is started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `python app.py`
    PythonScript,
    /// `app.py`
    Script,
    /// `python -m app`
    PythonModule,
    /// `-m app`
    Module,
    /// `python3.8 -c '…'`
    Code,
}

/// Which app, and so where it imports the SDK.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum App {
    /// At its top level.
    Eager,
    /// In functions only.
    Lazy,
}

/// Where it is started, and so how the root is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    InRoot,
    InParent,
    /// In a stranger directory, with `--root`.
    ByOption,
    /// In a stranger directory, with `HEYGEM_DIR`.
    ByVariable,
    /// In a stranger directory, by the script's path.
    ByScript,
}

impl Form {
    pub const ALL: [Self; 5] =
        [Self::PythonScript, Self::Script, Self::PythonModule, Self::Module, Self::Code];
}

impl App {
    pub const ALL: [Self; 2] = [Self::Eager, Self::Lazy];

    fn module(self) -> &'static str {
        match self {
            Self::Eager => "eager",
            Self::Lazy => "methods",
        }
    }
}

impl Start {
    pub const ALL: [Self; 5] =
        [Self::InRoot, Self::InParent, Self::ByOption, Self::ByVariable, Self::ByScript];
}

/// The app and the SDK.
pub struct Tree {
    pub python: &'static Python,
    pub place: Place,
    /// The app's directory, which is the root's parent.
    pub app: PathBuf,
    /// The root, as a user would spell it.
    pub root: PathBuf,
}

impl Tree {
    /// Installs both.
    pub fn new(python: &'static Python, naming: Naming) -> Self {
        let place = Place::new();
        let (parent, name): (&[u8], &[u8]) = match naming {
            Naming::Plain | Naming::Linked => (b"app", b"HeyGem-Linux-Python-Hack"),
            Naming::Spaces => (b" my  app ", b" Hey Gem "),
            Naming::Chinese => ("应用".as_bytes(), "数字人".as_bytes()),
            Naming::NoText => (b"app-\xff", b"\xe6\x95-\x80HeyGem"),
        };
        let app = place.make_dir(OsStr::from_bytes(parent));
        let root = app.join(OsStr::from_bytes(name));
        if naming == Naming::Linked {
            let sdk = place.path("releases/7");
            install_sdk(python, &sdk);
            link(&sdk, &root);
        } else {
            install_sdk(python, &root);
        }
        for file in [METHODS, EAGER].map(Path::new) {
            let to = app.join(file.file_name().expect("a file"));
            expect(fs::copy(file, &to), "write", &to);
        }
        let tree = Self { python, place, app, root };
        tree.make_interpreters();
        tree
    }

    /// `right` has this interpreter. `wrong` has another where the machine has one, and so has an environment that is not
    /// active: what runs there can't import the SDK.
    fn make_interpreters(&self) {
        let right = self.place.make_dir("right");
        link(&self.python.path, &right.join("python"));
        link(&self.python.path, &right.join(self.versioned()));
        let other = pythons().iter().find(|other| other.major_minor != self.python.major_minor);
        let other = other.map_or(Path::new("/bin/false"), |other| &other.path);
        let environment = self.app.join(".venv/bin");
        for name in ["wrong/python".into(), "wrong/python3".into(), environment.join("python")] {
            let path = self.place.path(name);
            self.place.make_dir(path.parent().expect("a directory"));
            link(other, &path);
        }
    }

    /// PATH with these directories in front.
    pub fn search_path(&self, first: &[&str]) -> OsString {
        let first = first.iter().map(|name| self.place.path(name));
        env::join_paths(first.chain(["/usr/bin".into(), "/bin".into()])).expect("no colon in a path")
    }

    /// `python3.8`
    fn versioned(&self) -> String {
        let (major, minor) = self.python.major_minor;
        format!("python{major}.{minor}")
    }

    /// The app through the launcher. Where that is to choose the interpreter, PATH has the wrong one first.
    pub fn launched(&self, form: Form, app: App, start: Start, ways: &[&str]) -> Run {
        let script = match start {
            Start::ByScript => Path::new("..").join(self.app.file_name().expect("a name")),
            _ => PathBuf::new(), // it is found in the root's parent
        }
        .join(format!("{}.py", app.module()));
        let directory = match start {
            Start::InRoot => self.root.clone(),
            Start::InParent => self.app.clone(),
            Start::ByOption | Start::ByVariable | Start::ByScript => self.place.make_dir("stranger"),
        };
        let mut words: Vec<OsString> = Vec::new();
        if start == Start::ByOption {
            words.extend(["--root".into(), self.root.clone().into()]);
        }
        let search: &[&str] = match form {
            Form::Script => {
                words.push(script.into());
                &["wrong", "right"]
            }
            Form::Module => {
                words.extend(["-m".into(), app.module().into()]);
                &["wrong", "right"]
            }
            _ => {
                words.push("--".into());
                words.extend(self.python_words(form, app, script));
                &["right"]
            }
        };
        words.extend(ways.iter().map(OsString::from));
        let run = self.place.launch(words).within(&directory);
        // A shell sets PWD, and only there are the links that led to the directory.
        let run = run.env("PWD", &directory).env("PATH", self.search_path(search));
        if start == Start::ByVariable { run.env("HEYGEM_DIR", &self.root) } else { run }
    }

    /// The same app by Python alone, in the root, with the PYTHONPATH that the bug report recommends.
    pub fn direct(&self, form: Form, app: App, ways: &[&str]) -> Run {
        let words = self.python_words(form, app, self.app.join(format!("{}.py", app.module())));
        let mut command = self.place.command(self.place.path("right").join(&words[0]));
        command.args(&words[1..]).args(ways);
        let remedy = env::join_paths([&self.root, &self.app]).expect("no colon in a path");
        Run::new(command).within(&self.root).env("PWD", &self.root).env("PYTHONPATH", remedy)
    }

    fn python_words(&self, form: Form, app: App, script: PathBuf) -> Vec<OsString> {
        let module = app.module();
        match form {
            Form::PythonScript | Form::Script => vec!["python".into(), script.into()],
            Form::PythonModule | Form::Module => vec!["python".into(), "-m".into(), module.into()],
            Form::Code => {
                let code = format!("import sys, {module}; sys.exit({module}.main(sys.argv[1:]))");
                vec![self.versioned().into(), "-c".into(), code.into()]
            }
        }
    }

    /// Expects that launches left in the root's store one bridge and what belongs to it, and gives the bridge.
    #[track_caller]
    pub fn only_bridge(&self) -> PathBuf {
        let store = self.root.join(".heygem-run");
        let entries = expect(fs::read_dir(&store), "list", &store);
        let mut names: Vec<_> =
            entries.map(|entry| expect(entry, "list", &store).file_name().into_encoded_bytes()).collect();
        names.sort();
        let names: Vec<_> = names.iter().map(|name| String::from_utf8_lossy(name)).collect();
        let is_bridge = |name: &str| {
            name.strip_prefix("heygem-bridge-")
                .is_some_and(|hash| hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()))
        };
        match &names[..] {
            [ignore, bridge, stamp] if ignore == ".gitignore" && is_bridge(bridge) && stamp == "stamp" => {
                store.join(bridge.as_ref())
            }
            _ => {
                panic!("expected .gitignore, one bridge and a stamp in {}, found {names:?}", store.display())
            }
        }
    }
}

fn link(to: &Path, at: &Path) {
    expect(symlink(to, at), "make a link at", at);
}
