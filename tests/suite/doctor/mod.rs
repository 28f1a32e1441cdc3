//! `--doctor`: a launch that has what it needs, then one fault at a time; the doctor names it and nothing else, and what it
//! says mends it.

mod bounds;
mod children;
mod commands;
mod entry;
mod files;
mod harmless;
mod healthy;
mod hidden;
mod installed;
mod interpreter;
mod launch;
mod libraries;
mod machine;
mod permissions;
mod report;
mod roots;
mod staged;
mod starts;
mod tree;

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::support::build::expect;
use crate::support::place::{LAUNCHER, Place};
use crate::support::pythons::{Python, pythons};
use crate::support::run::Run;
use crate::support::sdk::install_sdk;
use crate::support::user::is_root;

/// What the machine has or lacks, and no fixture can give it.
const OF_THE_MACHINE: [&str; 2] = ["shm", "gpu"];

/// An app beside a compiled SDK, on a machine that has all it needs; and the launch that is looked at.
struct Subject {
    place: Place,
    python: &'static Python,
    /// The app's directory, the root's parent: where the doctor is asked.
    app: PathBuf,
    root: PathBuf,
    options: Vec<String>,
    words: Vec<String>,
    variables: Vec<(String, String)>,
    /// What starts the launcher, if anything.
    before: Vec<String>,
    /// The parts of the machine that the fixture gives after all.
    gives: Vec<&'static str>,
}

/// What was found amiss.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Fault {
    check: String,
    status: String,
    found: String,
    remedy: String,
}

impl Subject {
    /// For the oldest interpreter.
    fn new() -> Self {
        Self::for_python(&pythons()[0])
    }

    fn for_python(python: &'static Python) -> Self {
        let place = Place::new();
        let app = place.make_dir("app");
        let root = app.join("sdk");
        install_sdk(python, &root);
        for directory in ["log", "result", "temp"] {
            place.make_dir(root.join(directory));
        }
        // One field of six bytes: whole, as protobuf has it.
        place.write("origin/model.onnx", b"\x0a\x06\x01\x02\x03\x04\x05\x06");
        let line =
            format!("wget file://{} -O models/model.onnx\n", place.path("origin/model.onnx").display());
        place.write(root.join("download.sh"), format!("mkdir -p models\n{line}"));
        expect(fs::create_dir(root.join("models")), "create", &root);
        expect(fs::copy(place.path("origin/model.onnx"), root.join("models/model.onnx")), "copy", &root);
        place.write(app.join("app.py"), "print('ran')\n");
        for tool in ["ffmpeg", "ffprobe"] {
            place.write_program(format!("bin/{tool}"), "#!/bin/sh\ntest \"$1\" = -version\n");
        }
        place.write_program("bin/wget", "#!/bin/sh\ncp \"${1#file://}\" \"$3\"\n");
        let mut site = Self {
            place,
            python,
            app,
            root,
            options: Vec::new(),
            words: Vec::new(),
            variables: Vec::new(),
            before: Vec::new(),
            gives: Vec::new(),
        };
        site.place.link(&python.path, format!("bin/{}", site.versioned()));
        let path = format!("{}:/usr/bin:/bin", site.at("bin"));
        site.set("PATH", path);
        site
    }

    /// `python3.8`
    fn versioned(&self) -> String {
        format!("python{}.{}", self.python.major_minor.0, self.python.major_minor.1)
    }

    fn at(&self, name: &str) -> String {
        self.place.path(name).display().to_string()
    }

    fn set(&mut self, name: &str, value: impl Into<String>) {
        self.variables.retain(|(known, _)| known != name);
        self.variables.push((name.into(), value.into()));
    }

    fn unset(&mut self, name: &str) {
        self.variables.retain(|(known, _)| known != name);
    }

    /// Has a line of the shell done before the launcher is started; in a mount namespace, where it mounts something.
    fn before(&mut self, line: &str) {
        let mounts = line.contains("mount ");
        let namespace: &[&str] = match (mounts, is_root()) {
            (true, true) => &["unshare", "--mount"],
            (true, false) => &["unshare", "--mount", "--map-root-user"],
            (false, _) => &[],
        };
        let line =
            if mounts { format!("set -e; {line}\nexec \"$@\"") } else { format!("exec {line} \"$@\"") };
        let shell = ["sh", "-c", line.as_str(), "sh"];
        self.before = namespace.iter().chain(&shell).map(|word| (*word).to_owned()).collect();
    }

    fn words<W: Into<String>>(&mut self, words: impl IntoIterator<Item = W>) {
        self.words = words.into_iter().map(Into::into).collect();
    }

    fn option<W: Into<String>>(&mut self, words: impl IntoIterator<Item = W>) {
        self.options.extend(words.into_iter().map(Into::into));
    }

    /// The doctor, with more options.
    fn doctor(&self, options: &[&str]) -> Run {
        let options: Vec<String> =
            options.iter().map(|option| (*option).to_owned()).chain(self.options.iter().cloned()).collect();
        // Long enough on the busiest machine: no test is to fail of that.
        let is_bounded = options.iter().any(|option| option == "--timeout");
        let time = if is_bounded { vec![] } else { vec!["--timeout".to_owned(), "300".to_owned()] };
        let options = time.into_iter().chain(options);
        // `-m` ends what is ours, as `--` does.
        let separator = self.words.first().is_none_or(|word| word != "-m").then(|| "--".into());
        let words = options.chain(["--doctor".into()]).chain(separator).chain(self.words.iter().cloned());
        let program = self.before.iter().cloned().chain([LAUNCHER.to_owned()]).collect::<Vec<_>>();
        let mut command = self.place.command(&program[0]);
        command.args(&program[1..]).args(words).current_dir(&self.app);
        self.with_variables(Run::new(command))
    }

    fn with_variables(&self, run: Run) -> Run {
        self.variables.iter().fold(run, |run, (name, value)| run.env(name, value))
    }

    /// What the doctor finds amiss, where this is not the machine's.
    #[track_caller]
    fn faults(&self) -> Vec<Fault> {
        let outcome = self.doctor(&["--format", "json"]).run();
        let document: serde_json::Value = serde_json::from_str(&outcome.stdout())
            .unwrap_or_else(|error| panic!("no document, {error}: {outcome}"));
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        let mut faults = Vec::new();
        for check in document["checks"].as_array().expect("checks") {
            for finding in check["findings"].as_array().expect("findings") {
                faults.push(Fault {
                    check: text(&check["check"]),
                    status: text(&finding["status"]),
                    found: text(&finding["found"]),
                    remedy: text(&finding["remedy"]),
                });
            }
        }
        let is_failure = faults.iter().any(|fault| fault.status == "fail");
        assert_eq!(document["healthy"], !is_failure, "{outcome}");
        assert_eq!((outcome.code(), outcome.stderr()), (Some(is_failure.into()), String::new()), "{outcome}");
        faults.retain(|fault| ["warn", "fail"].contains(&fault.status.as_str()));
        let is_given = |check: &str| !OF_THE_MACHINE.contains(&check) || self.gives.contains(&check);
        faults.retain(|fault| is_given(&fault.check));
        faults
    }

    /// Nothing is amiss.
    #[track_caller]
    fn is_healthy(&self) {
        assert_eq!(self.faults(), []);
    }

    /// One thing is: with this status, and these words in it.
    #[track_caller]
    fn has(&self, status: &str, check: &str, words: &str) -> Fault {
        let faults = self.faults();
        match &faults[..] {
            [fault] if fault.check == check && fault.status == status && fault.found.contains(words) => {
                fault.clone()
            }
            _ => panic!("expected {status} of {check} and nothing else, with {words:?}: {faults:#?}"),
        }
    }

    /// One thing is, and its remedy, applied as it stands, mends it.
    #[track_caller]
    fn has_and_mends(mut self, status: &str, check: &str, words: &str) {
        self.is_mended_after(status, check, words, |site, remedy| site.apply(remedy));
    }

    /// One thing is, and what a person makes of the remedy mends it.
    #[track_caller]
    fn is_mended_after(
        &mut self,
        status: &str,
        check: &str,
        words: &str,
        mend: impl FnOnce(&mut Self, &str),
    ) {
        let fault = self.has(status, check, words);
        mend(self, &fault.remedy);
        let left = self.faults();
        assert!(left.is_empty(), "{:?} mends nothing: {left:#?}", fault.remedy);
    }

    /// Does what a user would: options are added, a launch replaces the launch, the rest is typed into the shell.
    #[track_caller]
    fn apply(&mut self, remedy: &str) {
        if let Some((line, launch)) = remedy.split_once(" && heygem-run ") {
            self.apply(line);
            return self.apply(&format!("heygem-run {launch}"));
        }
        let words = shell_words::split(remedy).expect("a remedy that a shell reads");
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match words[..] {
            ["heygem-run", "--", ref command @ ..] | ["heygem-run", ref command @ ..] => {
                self.words(command.iter().copied());
            }
            ["unset", variable] => self.unset(variable),
            ["export", assignment] => {
                let (name, value) = assignment.split_once('=').expect("an assignment");
                self.set(name, value);
            }
            [option, ..] if option.starts_with('-') => self.option(words),
            _ => {
                let mut shell = Command::new("sh");
                // pip needs the caller's proxies, certificates and indexes.
                shell.args(["-c", remedy]).current_dir(&self.app);
                let path = self.variables.iter().find(|(name, _)| name == "PATH");
                shell.envs(path.map(|(name, value)| (name, value)));
                crate::support::build::checked(&mut shell);
            }
        }
    }
}
