//! The target's command line: what it runs, with which interpreter, and the words that must change so that it still means
//! the same after the change of directory.
//!
//! ```text
//! target.rs          what will be executed, and what is known about it
//! command_file.rs    the file that the words name, before anything is resolved
//! program.rs         where a program is, and why it can't be run
//! shells_own.rs      words that only a shell understands
//! own_shebang.rs     a `#!` line that has heygem-run run its script for ever
//! interpreter.rs     which Python runs a script or a module
//! python_line.rs     Python's own command line
//! wrapper.rs         programs that only run another, such as nohup
//! known_wrappers.rs  a table of them
//! runner.rs          programs that run a script themselves, such as bash and coverage
//! server.rs          servers: what configures them, and what they lack
//! served.rs          what a server is told to serve
//! places.rs          places that the words name beside the script
//! late.rs            files that are used after the import of the SDK
//! shell_text.rs      what a shell's text does with PYTHONPATH
//! text_python.rs     the Pythons that it starts
//! text_wrapper.rs    the programs in it that take PYTHONPATH away
//! shell_script.rs    a shell's script, and its lines that keep the launch from its Pythons
//! shell_others.rs    the scripts that it reads or runs
//! ```

mod command_file;
pub mod interpreter;
mod known_wrappers;
pub mod late;
mod own_shebang;
pub mod places;
pub mod program;
pub mod python_line;
pub mod runner;
pub mod served;
pub mod server;
pub mod shell_others;
pub mod shell_script;
pub mod shell_text;
mod shells_own;
mod target;
pub mod text_python;
pub mod text_wrapper;
pub mod wrapper;

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use crate::error::{self, Code, Failure};
use crate::invocation::{Invocation, same_file};
use crate::path_list;
use crate::plain_path::is_path;
use crate::sdk::abi::Version;
use crate::settings::{Sourced, Words};
use crate::shell::{quote, quote_all};
use crate::warning::python::FlagPlace;
pub use command_file::{CommandFile, file_of, is_script};
use interpreter::{Choice, ENVIRONMENTS, InterpreterSearch};
use program::{Program, ScriptFile, SearchPath};
use python_line::{Entry, PythonLine};
use shell_script::ShellScript;
pub use target::{ProgramSource, Target};

/// The words of a line that has no quotes, for the tests of the files here.
#[cfg(test)]
fn words(line: &str) -> Vec<OsString> {
    line.split(' ').map(OsString::from).collect()
}

/// What the words of a command are resolved in.
#[derive(Debug, Clone, Copy)]
pub struct EntryContext<'a> {
    /// What the process was given.
    pub invocation: &'a Invocation<'a>,
    /// The SDK's root.
    pub root: &'a Path,
    /// The versions that the SDK is compiled for.
    pub versions: &'a [Version],
    /// The target's working directory; `None` leaves it as it is.
    pub directory: Option<&'a Path>,
}

/// What is known of the words by their form alone. The interpreter may be anything that runs one in the end, such as
/// `conda run -n human python` or `python3.8 -m pdb`, whose own words tell nothing.
struct Given {
    /// The index of the script.
    script: Option<usize>,
    /// The index of the first argument.
    arguments: usize,
}

impl<'a> EntryContext<'a> {
    /// Resolves the words.
    ///
    /// # Errors
    /// When the program or the script is not found (127) or can't be run (126).
    pub fn resolve(&self, words: Words, python: Option<&Sourced<Vec<OsString>>>) -> anyhow::Result<Target> {
        match words {
            Words::Command(words) => self.command(words),
            Words::Script(script) => self
                .interpreted(script.clone(), &Given { script: Some(0), arguments: 1 }, python)
                .map_err(|error| error::hint(error, Code::NotFound, || self.on_path(&script)))
                .map_err(|error| error::hint(error, Code::NotFound, || self.of_shell(&script))),
            Words::Module(module) => {
                let words = std::iter::once("-m".into()).chain(module).collect();
                self.interpreted(words, &Given { script: None, arguments: 2 }, python)
            }
        }
    }

    fn search(&self) -> SearchPath<'a> {
        SearchPath::new(&self.invocation.environment, self.invocation.cwd())
    }

    fn command(&self, words: Vec<OsString>) -> anyhow::Result<Target> {
        let program = program::locate(&words[0], self.search())
            .map_err(|error| error::hint(error, Code::NotFound, || self.elsewhere(&words[0])))
            .map_err(|error| error::hint(error, Code::NotFound, || self.of_shell(&words)))?;
        let source = if is_path(&words[0]) { ProgramSource::Written } else { ProgramSource::Path };
        let command = wrapper::command_index(&words).unwrap_or(0);
        let mut target = self.target(program, words, source, None)?;
        if command > 0 {
            self.look_through(&mut target, command);
        } else if !python_line::is_python(&target.words[0])
            && let Some(script) = program::script_file(&target.program)
        {
            let path = target.program.clone();
            own_shebang::check(&path, &script.shebang)?;
            self.read_script(&mut target, &path, script);
        }
        if target.lies_in().is_none()
            && let Some(index) = runner::script_index(&target.words[command..])
        {
            let script = Path::new(&target.words[command + index]);
            let script = path_list::absolute(script, self.behind(&target.words[..command]).as_deref());
            if let Some(path) = script.as_ref().filter(|_| runner::is_shell(&target.words[command])) {
                target.shell_script = ShellScript::read(path, &target.words[command + index + 1..]);
            }
            target.program_directory = script.and_then(|script| Some(script.parent()?.to_owned()));
        }
        Ok(target)
    }

    /// The directory in which wrappers run their command; `own` are their words.
    fn behind(&self, own: &[OsString]) -> Option<PathBuf> {
        let here = self.directory.or(self.invocation.cwd());
        match wrapper::directory(own) {
            Some(directory) => path_list::absolute(&directory, here),
            None => here.map(Path::to_owned),
        }
    }

    /// Learns from the command that a wrapper runs in the end. It is found as the wrapper finds it, which reports what is wrong.
    fn look_through(&self, target: &mut Target, command: usize) {
        target.command = command;
        target.arguments = command + 1;
        let here = self.behind(&target.words[..command]);
        let search = SearchPath::new(&self.invocation.environment, here.as_deref());
        let Ok(Program { path, .. }) = program::locate(&target.words[command], search) else { return };
        let words = &target.words[command..];
        if !python_line::is_python(&words[0]) {
            if let Some(script) = program::script_file(&path) {
                self.read_script(target, &path, script);
            }
            return;
        }
        let line = python_line::parse(words);
        target.arguments = command + line.arguments;
        target.version = interpreter::version_of(&path);
        target.isolation = line.isolation.map(|letter| (letter, FlagPlace::CommandLine));
        if let Entry::Script(index) = line.entry {
            let script = path_list::absolute(Path::new(&words[index]), here.as_deref());
            target.script_directory = script.and_then(|script| Some(script.parent()?.to_owned()));
        }
    }

    /// Learns which Python runs a script by its `#!` line, and keeps the text of one that a shell runs.
    fn read_script(&self, target: &mut Target, path: &Path, ScriptFile { shebang, text }: ScriptFile) {
        target.shell_script =
            text.map(|text| ShellScript::new(path, text, &target.words[target.command + 1..]));
        if is_path(&target.words[target.command]) {
            target.program_directory = path.parent().map(Path::to_owned);
        }
        if let Some(letter) = python_line::isolation_in(&shebang) {
            target.isolation = Some((letter, FlagPlace::ShebangOf(path.to_owned())));
        }
        let python = shebang.iter().find(|word| python_line::is_python(word));
        let python = python.and_then(|word| match is_path(word) {
            true => Some(PathBuf::from(word)),
            false => self.search().find(word).map(|found| found.path), // behind /usr/bin/env
        });
        target.version = python.and_then(|python| interpreter::version_of(&python));
    }

    /// A hint at a file that may be meant where no program looks for it: in the root, its parent, or an environment there.
    fn elsewhere(&self, command: &OsStr) -> Option<String> {
        let is_bare = !is_path(command);
        let beside = [Some(self.root), self.root.parent()];
        let environments = beside
            .into_iter()
            .flatten()
            .flat_map(|place| ENVIRONMENTS.map(|name| place.join(name).join("bin")));
        let places = beside
            .into_iter()
            .chain([self.invocation.cwd().filter(|_| is_bare)])
            .flatten()
            .map(Path::to_owned);
        let mut files = places
            .chain(environments.filter(|_| is_bare))
            .filter_map(|place| path_list::absolute(Path::new(command), Some(&place)));
        let there = quote(files.find(|file| file.is_file())?);
        Some(format!("there is {there}: heygem-run -- {there} …"))
    }

    /// A hint at words that only a shell understands.
    fn of_shell(&self, words: &[OsString]) -> Option<String> {
        shells_own::hint(words, |word| program::locate(word.as_ref(), self.search()).is_ok())
    }

    /// A program whose name ends in `.py`, and which only PATH has, is no script that is looked for: `env` finds it.
    fn on_path(&self, words: &[OsString]) -> Option<String> {
        let name = words.first().filter(|name| !is_path(name))?;
        let program = quote(program::locate(name, self.search()).ok()?.path);
        Some(format!("PATH has {program}, do: heygem-run -- env {}", quote_all(words)))
    }

    fn interpreted(
        &self,
        words: Vec<OsString>,
        given: &Given,
        python: Option<&Sourced<Vec<OsString>>>,
    ) -> anyhow::Result<Target> {
        let (program, mut all, source, passed_over) = match python {
            Some(Sourced { value, source }) => {
                let names_it = || Some(format!("{source} names it: name another, or leave it out"));
                let program = program::locate(&value[0], self.search())
                    .map_err(|error| error::hint(error, Code::NotFound, names_it))?;
                (program, value.clone(), ProgramSource::Named(*source), Vec::new())
            }
            None => {
                let search = InterpreterSearch {
                    environment: &self.invocation.environment,
                    search: self.search(),
                    root: self.root,
                    versions: self.versions,
                };
                let Choice { path, source, passed_over, .. } = search.choose()?;
                let words = vec![path.clone().into_os_string()];
                let program = Program { path, by_relative_entry: false };
                (program, words, ProgramSource::Interpreter(source), passed_over)
            }
        };
        let given = Given {
            script: given.script.map(|index| all.len() + index),
            arguments: all.len() + given.arguments,
        };
        all.extend(words);
        Ok(Target { passed_over, ..self.target(program, all, source, Some(&given))? })
    }

    fn target(
        &self,
        program: Program,
        mut words: Vec<OsString>,
        source: ProgramSource,
        given: Option<&Given>,
    ) -> anyhow::Result<Target> {
        let is_python = python_line::is_python(&words[0]) || python_line::is_python(program.path.as_os_str());
        let line = is_python.then(|| python_line::parse(&words));
        let script = match (given, line) {
            (Some(given), _) => given.script,
            (None, Some(PythonLine { entry: Entry::Script(index), .. })) => Some(index),
            (None, _) => None,
        };
        let script_directory = script.map(|index| self.script(&mut words[index])).transpose()?;
        let is_relative = is_path(&words[0]) && !Path::new(&words[0]).is_absolute();
        if is_relative || program.by_relative_entry {
            words[0] = program.path.clone().into_os_string();
        }
        Ok(Target {
            version: line.and_then(|_| interpreter::version_of(&program.path)),
            isolation: line.and_then(|line| line.isolation).map(|letter| (letter, FlagPlace::CommandLine)),
            arguments: match given {
                Some(given) => given.arguments,
                None => line.map_or(1, |line| line.arguments),
            },
            program: program.path,
            words,
            source,
            script_directory,
            program_directory: None,
            shell_script: None,
            command: 0,
            passed_over: Vec::new(),
        })
    }

    /// Finds the script, makes its word mean the same file from the target's working directory, and tells its directory.
    fn script(&self, word: &mut OsString) -> anyhow::Result<PathBuf> {
        let written = Path::new(word.as_os_str());
        // An absolute path is the same one from everywhere, and the parent may well be the working directory.
        let mut places = Vec::new();
        for place in [self.invocation.cwd(), self.directory, Some(self.root), self.root.parent()] {
            places.extend(path_list::absolute(written, place).filter(|path| !places.contains(path)));
        }
        let found = places.iter().find_map(|path| Some((path, path.metadata().ok()?.is_dir())));
        let Some((found, is_directory)) = found else {
            let tried = |path: &PathBuf| match path.try_exists() {
                Err(error) => format!("{}: {}", quote(path), error::plain(&error)),
                Ok(_) => quote(path),
            };
            return Err(Failure::with_code(Code::NotFound, format!("{} is not found", quote(&word)))
                .tried(places.iter().map(tried))
                .into());
        };
        let from_there = self.directory.or(self.invocation.cwd()).map(|directory| directory.join(written));
        let is_option = written.as_os_str().as_bytes().starts_with(b"-"); // to the interpreter
        if is_option || !from_there.is_some_and(|path| path == *found || same_file(&path, found)) {
            *word = found.clone().into_os_string();
        }
        // Of a directory, Python runs its `__main__.py`.
        Ok(if is_directory { found } else { found.parent().unwrap_or(Path::new("/")) }.to_owned())
    }
}
