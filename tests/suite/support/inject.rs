//! One system call that fails once, and what became of the run.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};

use super::place::Place;
use super::run::{Outcome, Run, masked};
use super::trace;

/// What a kernel may answer to nearly any call.
pub const ERRORS: [&str; 5] = ["EIO", "EACCES", "ENOENT", "EINTR", "ENOMEM"];

/// What the kernel answers with where the break is, what the mask was, or who it is, never with an error; and what does not return.
const NEVER_REFUSED: [&str; 5] = ["brk", "umask", "geteuid", "exit_group", "rt_sigreturn"];

/// Prints the variables, the directory, and every file of the bridge with its length: the root is written in that of a cache.
const SHOW: &str = "echo \"$HEYGEM_DIR $PYTHONPATH $PWD\"; \
    cd \"${PYTHONPATH##*:}\" && case $PWD in */heygem-bridge-*) wc -l -- *.py;; *) echo none;; esac";

/// A form of the launcher's, in a root with a bridge or without one.
pub struct Form {
    pub name: &'static str,
    is_prepared: bool,
    words: &'static [&'static str],
}

pub const FORMS: [Form; 8] = [
    Form { name: "a first launch", is_prepared: false, words: &["-r", "sdk", "--", "/bin/sh", "-c", SHOW] },
    Form { name: "a launch", is_prepared: true, words: &["-r", "sdk", "--", "/bin/sh", "-c", SHOW] },
    Form { name: "a launch beside the root", is_prepared: true, words: &["--", "sh", "-c", SHOW] },
    Form {
        name: "--no-bridge",
        is_prepared: true,
        words: &["-r", "sdk", "--no-bridge", "--", "/bin/sh", "-c", SHOW],
    },
    Form { name: "--prepare", is_prepared: false, words: &["-r", "sdk", "--prepare"] },
    Form { name: "--print-env", is_prepared: false, words: &["-r", "sdk", "--print-env"] },
    Form { name: "--dry-run", is_prepared: true, words: &["-r", "sdk", "-n", "--", "/bin/true"] },
    Form { name: "a first --dry-run", is_prepared: false, words: &["-r", "sdk", "-n", "--", "/bin/true"] },
];

/// A system call, by its name and by how many of that name came before in the run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub call: String,
    number: usize,
}

impl Step {
    /// The options of strace that have it fail.
    pub fn injected(&self, error: &str) -> [String; 2] {
        ["-e".into(), format!("inject={}:error={error}:when={}", self.call, self.number)]
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} number {}", self.call, self.number)
    }
}

/// What became of a run in which one call failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// The same result; a bridge in another store is the same.
    Same,
    /// A warning, and the target started.
    Warned,
    /// One error with its exit code.
    Refused,
}

/// A form of the launcher's, and what it prints where nothing fails.
pub struct Sweep {
    form: &'static Form,
    expected: String,
    next: String,
    /// Every call from the first one of `main` on.
    pub steps: Vec<Step>,
}

/// A compiled SDK, with its bridge or without one.
pub fn make_place(is_prepared: bool) -> Place {
    let place = Place::new();
    for module in ["service/trans_dh_service", "h_utils/custom", "landmark2face_wy/util/image_pool"] {
        place.write(format!("sdk/{module}.cpython-38-x86_64-linux-gnu.so"), "");
    }
    place.write("sdk/service/__init__.py", "");
    place.link("h_utils", "sdk/linked");
    if is_prepared {
        place.launch(["-r", "sdk", "--prepare"]).run().succeeded();
    }
    place
}

/// What differs from place to place and from store to store.
fn normal(text: &str, place: &Place) -> String {
    let text = masked(&text.replace(place.dir.to_str().unwrap_or_default(), "@"));
    let stores = ["@/home/.cache/heygem-run/HASH/", "@/sdk/.heygem-run/"];
    stores.iter().fold(text, |text, store| text.replace(store, "STORE/"))
}

/// The launcher under strace, which writes to that file of the place's.
pub fn traced(
    place: &Place,
    trace: &str,
    words: impl IntoIterator<Item: AsRef<OsStr>>,
    options: &[String],
) -> Outcome {
    let mut command = place.command("timeout");
    command.args(["600", "strace", "-qq", "-b", "execve", "-o"]).arg(place.path(trace)).args(options);
    command.arg("--").arg(super::place::LAUNCHER).args(words).env("RUST_BACKTRACE", "0");
    Run::new(command).run()
}

/// The calls that the trace `trace` has, from the first one of `main` on.
pub fn steps_of(place: &Place) -> Vec<Step> {
    let mut seen = BTreeMap::<String, usize>::new();
    let mut steps = Vec::new();
    // strace's own start of the launcher is a line, but it is not counted when something is injected.
    let calls = trace::calls(place).into_iter().skip(1);
    for call in calls.filter(|call| !NEVER_REFUSED.contains(&call.as_str())) {
        let number = *seen.entry(call.clone()).and_modify(|number| *number += 1).or_insert(1);
        // What fails before `main`, in the C library, does not count.
        if !steps.is_empty() || call == trace::FIRST_OF_MAIN {
            steps.push(Step { call, number });
        }
    }
    assert!(steps.len() > 10, "{steps:?}");
    steps
}

/// What a launcher made for itself alone and did not remove, in whatever store.
fn temporary_in(directory: &Path) -> Option<PathBuf> {
    let entries = directory.read_dir().into_iter().flatten().flatten();
    entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir())).find_map(|entry| {
        let path = entry.path();
        let is_temporary = entry.file_name().as_encoded_bytes().starts_with(b"tmp-");
        if is_temporary { Some(path) } else { temporary_in(&path) }
    })
}

/// The next launch, in which nothing fails.
fn next(place: &Place) -> String {
    let outcome = place.launch(FORMS[1].words.iter().copied()).run();
    normal(&outcome.to_string().replace(outcome.told(), ""), place)
}

impl Sweep {
    /// Runs a form once, to see what it does.
    pub fn new(form: &'static Form) -> Self {
        let place = make_place(form.is_prepared);
        let outcome = traced(&place, "trace", form.words, &[]);
        outcome.is(0, outcome.stdout_bytes(), "");
        let steps = steps_of(&place);
        Self { form, expected: normal(&outcome.stdout(), &place), next: next(&place), steps }
    }

    /// Runs it again with this call failing once.
    ///
    /// # Errors
    /// What is bad about what became of it.
    pub fn fail(&self, step: &Step, error: &str) -> Result<Fate, String> {
        let place = make_place(self.form.is_prepared);
        let outcome = traced(&place, "trace", self.form.words, &step.injected(error));
        let what = format!("{}, {error} at {step}: {outcome}", self.form.name);
        let fate = self.fate(&outcome, &place).ok_or_else(|| what.clone())?;
        if let Some(left) = temporary_in(&place.dir) {
            return Err(format!("{what}\nand {} is left", left.display()));
        }
        let next = next(&place);
        if next == self.next {
            Ok(fate)
        } else {
            Err(format!("{what}\nand then\n{next}\nin place of\n{}", self.next))
        }
    }

    fn fate(&self, outcome: &Outcome, place: &Place) -> Option<Fate> {
        let (stdout, stderr) = (normal(&outcome.stdout(), place), outcome.stderr());
        let all = |prefixes: &[&str]| {
            stderr.lines().all(|line| prefixes.iter().any(|prefix| line.starts_with(prefix)))
        };
        match outcome.code()? {
            0 if stderr.is_empty() && stdout == self.expected => Some(Fate::Same),
            0 if !stderr.is_empty() && !stdout.is_empty() && all(&["heygem-run: warning: "]) => {
                Some(Fate::Warned)
            }
            125..=127 if stdout.is_empty() && stderr.contains("heygem-run: error: ") => {
                all(&["heygem-run: error: ", "heygem-run: warning: ", "  tried: ", "hint: "])
                    .then_some(Fate::Refused)
            }
            _ => None,
        }
    }
}
