//! What a rehearsal reported, as values.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::method::StartMethods;
use crate::sdk::abi::Version;

/// What comes before a record: where the pipe is closed, it goes to stdout, and others print there, too.
pub const MARK: &str = "heygem-run:";

#[derive(Debug, Default)]
pub struct Rehearsal {
    /// The version, as soon as Python runs anything at all.
    pub version: Option<Version>,
    pub executable: PathBuf,
    pub standard_library: PathBuf,
    /// What it says of itself.
    pub facts: Option<InterpreterFacts>,
    /// What went wrong, in order.
    pub failures: Vec<StepFailure>,
    pub hiders: Vec<Hider>,
    pub unparsed: Vec<Unparsed>,
    pub main: Option<MainScript>,
    /// Whether all that the app puts on its path is known.
    pub is_certain: bool,
    pub children: Vec<Child>,
    /// Compiled files that are being loaded, the innermost last.
    pub loading: Vec<PathBuf>,
    /// The compiled file whose load was begun last.
    pub loaded: Option<PathBuf>,
    /// What was begun last.
    pub last: Option<RehearsalStep>,
    pub is_complete: bool,
}

/// What the interpreter says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InterpreterFacts {
    /// `sys.executable`: the interpreter behind a shim or a wrapper.
    pub executable: String,
    /// `3.8.18`
    pub version: String,
    /// `.cpython-38-x86_64-linux-gnu.so`
    pub tag: String,
    /// Every suffix that it imports, that one first.
    pub suffixes: Vec<String>,
    /// `x86_64`
    pub machine: String,
    /// `glibc 2.31`
    pub libc: String,
    /// Whether it ignores `PYTHONPATH`.
    pub ignores: bool,
    /// `sys.path`.
    pub path: Vec<PathBuf>,
    pub site_packages: Vec<PathBuf>,
    /// Where a user's own packages are, whether it looks there or not.
    pub user_site: PathBuf,
    /// Parts of the standard library that it was built without.
    pub lacks: Vec<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RehearsalStep {
    /// `import`, `config`, `lock` …
    pub name: String,
    /// The module that is imported.
    pub module: String,
    /// The start methods of the children that it is of.
    pub methods: StartMethods,
    /// Whether the launch dies of a failure.
    pub is_needed: bool,
    /// Whether it is imported by a function, so that only a call of that fails.
    pub is_late: bool,
    /// The app's file that asks for it, and the line.
    pub by: Option<(PathBuf, u64)>,
}

/// A line of a traceback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// The source file, as it was compiled.
    pub file: PathBuf,
    pub line: u64,
    pub module: String,
}

/// An exception, and where it came from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StepFailure {
    pub step: RehearsalStep,
    /// The class and its bases, its own name first.
    pub classes: Vec<String>,
    pub text: String,
    /// The innermost last.
    pub frames: Vec<Frame>,
    /// `ImportError.name`.
    pub name: Option<String>,
    /// `ImportError.path`.
    pub path: Option<PathBuf>,
    /// `OSError.errno`.
    pub errno: Option<i32>,
    /// `OSError.filename`, `SyntaxError.filename`.
    pub filename: Option<PathBuf>,
    /// `SyntaxError.lineno`.
    pub line: Option<u64>,
    /// `configparser`'s section.
    pub section: Option<String>,
    /// `configparser`'s option.
    pub option: Option<String>,
    /// `InterpolationMissingOptionError.reference`: the option that a value names.
    pub reference: Option<String>,
    /// `ImportError.name_from`: the name that `name` does not have.
    pub name_from: Option<String>,
    /// The name that it has and that is most like it.
    pub near: Option<String>,
    /// `UnicodeError.encoding`.
    pub encoding: Option<String>,
    /// The files of the modules on the way to `name`.
    pub found: Vec<(String, PathBuf)>,
    /// What it was raised from.
    pub cause: Option<Box<StepFailure>>,
}

/// A file that takes the place of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hider {
    /// The name that both have.
    pub name: String,
    /// The file that is found.
    pub file: PathBuf,
    /// Whose it hides: `sdk`, `standard`, `installed`; `child` where only a child finds it before the standard library's.
    pub of: String,
}

impl Hider {
    /// Whether a message is about it: `module 'enum' has no attribute 'IntFlag'`.
    pub fn is_named_in(&self, text: &str) -> bool {
        let name = &self.name;
        let file = self.file.to_string_lossy();
        text.contains(&format!("'{name}'")) || text.contains(&format!("'{name}.")) || text.contains(&*file)
    }
}

/// A file of the app that can't be parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unparsed {
    pub file: PathBuf,
    /// Whether the launch dies of it.
    pub is_needed: bool,
    pub error: StepFailure,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MainScript {
    pub file: PathBuf,
    /// The line that sets the start method, unguarded.
    pub sets: Option<u64>,
    /// The line that starts a process, unguarded.
    pub begins: Option<u64>,
    /// The line that has gevent patch everything.
    pub patches: Option<u64>,
}

/// What became of a child.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Child {
    pub methods: StartMethods,
    /// What went wrong in it; `None` where it has told nothing.
    pub failures: Option<Vec<StepFailure>>,
    /// Its exit code; a signal is negative.
    pub code: Option<i64>,
    /// Whether it was waited for in vain.
    pub is_hung: bool,
}

impl Rehearsal {
    /// Reads the records out of what was written.
    pub fn parse(report: &str, stdout: &str) -> Self {
        let mut rehearsal = Self { is_certain: true, ..Self::default() };
        for line in report.lines().chain(stdout.lines()) {
            let record =
                line.split_once(MARK).and_then(|(_, record)| serde_json::from_str::<Value>(record).ok());
            if let Some(record) = record {
                rehearsal.take(&record);
            }
        }
        rehearsal
    }

    fn take(&mut self, record: &Value) {
        match record["record"].as_str().unwrap_or_default() {
            "start" => {
                let part =
                    |index: usize| record["version"][index].as_u64().and_then(|part| u8::try_from(part).ok());
                self.version = part(0).zip(part(1)).map(|(major, minor)| Version { major, minor });
                self.executable = path(&record["executable"]);
                self.standard_library = path(&record["standard_library"]);
            }
            "facts" => self.facts = Some(facts(record)),
            "begin" => self.last = Some(step(record)),
            "failure" => {
                self.failures.push(StepFailure { step: step(record), ..failure(&record["error"]) });
                self.last = None;
            }
            "hides" => self.hiders.push(Hider {
                name: text(&record["name"]),
                file: path(&record["file"]),
                of: text(&record["of"]),
            }),
            "unparsed" => {
                self.unparsed.push(Unparsed {
                    file: path(&record["file"]),
                    is_needed: record["manner"] == "",
                    error: failure(&record["error"]),
                });
            }
            "main" => {
                self.main = Some(MainScript {
                    file: path(&record["file"]),
                    sets: record["sets"].as_u64(),
                    begins: record["begins"].as_u64(),
                    patches: record["patches"].as_u64(),
                });
            }
            "certain" => self.is_certain = record["certain"].as_bool().unwrap_or(false),
            "load" => {
                self.loading.push(path(&record["file"]));
                self.loaded = self.loading.last().cloned();
            }
            "loaded" => {
                self.loading.pop();
            }
            "child" => self.children.push(child(record)),
            "end" => self.is_complete = true,
            _ => {}
        }
    }
}

impl StepFailure {
    /// Whether it is of that class, or one below it.
    pub fn is(&self, class: &str) -> bool {
        self.classes.iter().any(|name| name == class)
    }

    pub fn class(&self) -> &str {
        self.classes.first().map_or("", String::as_str)
    }

    /// It and what it was raised from, the last first.
    pub fn chain(&self) -> impl Iterator<Item = &Self> {
        std::iter::successors(Some(self), |failure| failure.cause.as_deref())
    }

    /// `ImportError: no such thing`, the first line of it.
    pub fn told(&self) -> String {
        let line = self.text.lines().next().unwrap_or_default().trim();
        if line.is_empty() { self.class().to_owned() } else { format!("{}: {line}", self.class()) }
    }

    /// Every file that it has to do with.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.chain().flat_map(|failure| {
            let frames = failure.frames.iter().map(|frame| frame.file.as_path());
            let found = failure.found.iter().map(|(_, file)| file.as_path());
            frames.chain(found).chain(failure.path.as_deref()).chain(failure.filename.as_deref())
        })
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().map(text).collect()
}

/// A path, with the bytes in it that are no text.
pub fn path(value: &Value) -> PathBuf {
    let mut bytes = Vec::new();
    for character in value.as_str().unwrap_or_default().chars() {
        match u32::from(character) {
            code @ 0xF780..=0xF7FF => bytes.push((code - 0xF700) as u8),
            _ => bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    OsString::from_vec(bytes).into()
}

fn paths(value: &Value) -> Vec<PathBuf> {
    value.as_array().into_iter().flatten().map(path).collect()
}

fn facts(record: &Value) -> InterpreterFacts {
    InterpreterFacts {
        executable: text(&record["executable"]),
        version: text(&record["version"]),
        tag: text(&record["tag"]),
        suffixes: texts(&record["suffixes"]),
        machine: text(&record["machine"]),
        libc: text(&record["libc"]),
        ignores: record["ignores"].as_bool().unwrap_or(false),
        path: paths(&record["path"]),
        site_packages: paths(&record["site_packages"]),
        user_site: path(&record["user_site"]),
        lacks: texts(&record["lacks"]),
    }
}

fn step(record: &Value) -> RehearsalStep {
    let line = record["line"].as_u64().unwrap_or(0);
    let by = record["by"].as_str().filter(|by| !by.is_empty()).map(|_| (path(&record["by"]), line));
    RehearsalStep {
        name: text(&record["step"]),
        module: text(&record["module"]),
        methods: StartMethods::named(&text(&record["method"])),
        is_needed: record["needed"].as_bool().unwrap_or(true),
        is_late: record["manner"] == "late",
        by,
    }
}

fn failure(error: &Value) -> StepFailure {
    let attributes = &error["attributes"];
    let frame = |frame: &Value| Frame {
        file: path(&frame[0]),
        line: frame[1].as_u64().unwrap_or(0),
        module: text(&frame[2]),
    };
    let string = |name: &str| attributes[name].as_str().map(str::to_owned);
    let file = |name: &str| attributes[name].as_str().map(|_| path(&attributes[name]));
    StepFailure {
        step: RehearsalStep::default(),
        classes: texts(&error["classes"]),
        text: text(&error["text"]),
        frames: error["frames"].as_array().into_iter().flatten().map(frame).collect(),
        name: string("name"),
        path: file("path"),
        errno: attributes["errno"].as_i64().and_then(|number| i32::try_from(number).ok()),
        filename: file("filename"),
        line: attributes["lineno"].as_u64(),
        section: string("section"),
        option: string("option"),
        reference: string("reference"),
        name_from: string("name_from"),
        near: string("near").filter(|name| !name.is_empty()),
        encoding: string("encoding"),
        found: error["found"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, file)| (name.clone(), path(file)))
            .collect(),
        cause: error["cause"].is_object().then(|| Box::new(failure(&error["cause"]))),
    }
}

fn child(record: &Value) -> Child {
    let of_child = |value: &Value| StepFailure {
        step: RehearsalStep {
            name: text(&value["step"]),
            methods: StartMethods::named(&text(&record["method"])),
            is_needed: true,
            ..RehearsalStep::default()
        },
        ..failure(&value["error"])
    };
    Child {
        methods: StartMethods::named(&text(&record["method"])),
        failures: record["failures"].as_array().map(|all| all.iter().map(of_child).collect()),
        code: record["code"].as_i64(),
        is_hung: record["hung"].as_bool().unwrap_or(false),
    }
}
