//! What a Python script starts by a name that means another file where the script starts: `subprocess.run(["uvicorn", "app:app"])`.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use crate::entry::served::module_of_app;
use crate::entry::server::Server;
use crate::entry::{python_line, runner};
use crate::plain_path::last_name;

/// What starts another program, as it is written.
const CALLS: [&str; 6] = ["os.system(", "os.popen(", "os.exec", "os.spawn", "subprocess.", "Popen("];

/// With one of these, the script says itself where it is at work.
const PLACES: [&str; 4] = ["chdir", "cwd=", "cwd =", "app_dir"];

/// With it, a program only tells its version.
const VERSION: &str = "--version";

/// Of the names in a script, only so many are looked at.
const MOST_NAMES: usize = 100;

/// gunicorn's class that looks for a configuration and apps where it starts.
const GUNICORN_APP: &str = "gunicorn.app.wsgiapp";

/// Names of files and modules that a script starts.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct StartedByScript {
    /// Servers.
    pub servers: Vec<Server>,
    /// Modules that these may serve.
    pub modules: Vec<String>,
    /// Scripts with a relative path.
    pub scripts: Vec<String>,
}

impl StartedByScript {
    /// Reads a script's text.
    pub fn of(text: &str) -> Self {
        let literals = literals(text);
        let code: String = literals.iter().map(|literal| literal.before.as_str()).collect();
        let options = || literals.iter().any(|literal| literal.text.contains("-dir"));
        let mut starts = Self::default();
        if PLACES.iter().any(|place| code.contains(place)) || options() {
            return starts;
        }
        let is_calling = CALLS.iter().any(|call| code.contains(call));
        let mut place = WordPlace::default();
        for (index, literal) in literals.iter().enumerate() {
            let previous = index.checked_sub(1).map_or("", |before| &literals[before].text);
            place = WordPlace::of(literal, previous, &place);
            if is_calling {
                starts.add(&literals[index..], &place);
            }
            starts.modules.extend(module_of_app(OsStr::new(&literal.text)));
            starts.servers.extend(literal.embeds_granian().then_some(Server::Granian));
        }
        starts.servers.extend(code.contains(GUNICORN_APP).then_some(Server::Gunicorn));
        let is_hypercorn = code.contains("hypercorn.run") && code.contains("application_path");
        starts.servers.extend(is_hypercorn.then_some(Server::Hypercorn));
        starts
    }

    /// Adds what a string stands for; `rest` begins with it.
    fn add(&mut self, rest: &[Literal], place: &WordPlace) {
        let Some(literal) = rest.first() else { return };
        let words: Vec<OsString> = literal.text.split_whitespace().map(OsString::from).collect();
        if literal.is_command() && words.len() > 1 && words[1] != VERSION {
            self.servers.extend(Server::of(&words).map(|(server, _)| server));
            let script = runner::script_index(&words).and_then(|index| words[index].to_str());
            self.scripts.extend(script.map(str::to_owned));
            self.modules.extend(words.iter().filter_map(|word| module_of_app(word)));
        }
        if words.len() != 1 {
            return;
        }
        let server = Server::named(last_name(&words[0]));
        if server.is_some() && (place.is_module || literal.is_first() && is_command_list(rest)) {
            self.servers.extend(server);
        } else if place.is_behind_interpreter && !literal.text.starts_with('-') {
            self.scripts.push(literal.text.clone());
        }
    }

    /// Whether what is started is another one, or none, in `root`, where the script starts, than in `directory`, where the user stands.
    /// Where no module is named, it is the script's own: `own`.
    pub fn are_other(&self, root: &Path, directory: &Path, own: &OsStr) -> bool {
        let is_script = |script: &String| !script.starts_with('/') && directory.join(script).is_file();
        if self.scripts.iter().take(MOST_NAMES).any(is_script) {
            return true;
        }
        let has = |name: &OsStr| {
            let path = root.join(name);
            path.is_dir() || path.with_extension("py").is_file()
        };
        let is_hidden = |module: &String| module.split('.').next().is_some_and(|name| has(OsStr::new(name)));
        let is_found = root.parent() == Some(directory);
        let reads_sdks =
            || self.servers.contains(&Server::Gunicorn) && root.join("gunicorn.conf.py").is_file();
        let is_own_hidden = || self.modules.is_empty() && has(own);
        !self.servers.is_empty()
            && (!is_found
                || reads_sdks()
                || is_own_hidden()
                || self.modules.iter().take(MOST_NAMES).any(is_hidden))
    }
}

/// A string of Python's.
#[derive(Debug)]
struct Literal {
    /// The code between the one before and this one.
    before: String,
    text: String,
}

impl Literal {
    /// The code before it, without a prefix such as `f`.
    fn code(&self) -> &str {
        self.before.trim_end_matches(['f', 'r', 'F', 'R', 'b', 'u']).trim_end()
    }

    /// Whether it stands directly behind the one before it, in the same list or call.
    fn follows(&self) -> bool {
        self.code().trim_start() == ","
    }

    /// Whether it is the first argument of what starts a program.
    fn is_command(&self) -> bool {
        opens_call(self.code())
    }

    /// Whether it is the first word of a command in a list that is the first argument of what starts a program.
    fn is_first_of_call(&self) -> bool {
        self.code().strip_suffix('[').is_some_and(|code| opens_call(code.trim_end()))
    }

    /// Whether it may be the first word of a command in a list.
    fn is_first(&self) -> bool {
        self.code().ends_with('[') || self.is_command()
    }

    /// Whether granian is made to serve it.
    fn embeds_granian(&self) -> bool {
        self.code().ends_with("Granian(") && self.text.contains(':')
    }
}

/// Where a string stands among the words of a command.
#[derive(Debug, Default)]
struct WordPlace {
    /// Whether it follows the string before it.
    follows: bool,
    /// Whether a Python or a shell takes it as its first argument, or as the one behind `-u`.
    is_behind_interpreter: bool,
    /// Whether what follows it is such an argument.
    is_interpreter: bool,
    /// Whether a Python runs it as a module.
    is_module: bool,
}

impl WordPlace {
    /// The place of a string behind `previous`, whose place is `before`.
    fn of(literal: &Literal, previous: &str, before: &Self) -> Self {
        let follows = literal.follows();
        let is_behind_interpreter =
            literal.code().ends_with("sys.executable,") || follows && before.is_interpreter;
        let name = OsStr::new(&literal.text);
        let is_interpreter = literal.is_first() && (python_line::is_python(name) || runner::is_shell(name))
            || is_behind_interpreter && literal.text == "-u";
        // A variable may stand for the Python, but another program's words are its own: docker exec web python -m app.
        let is_of_python = !before.follows || before.is_behind_interpreter;
        Self {
            follows,
            is_behind_interpreter,
            is_interpreter,
            is_module: follows && previous == "-m" && is_of_python,
        }
    }
}

/// Whether code ends with the parenthesis of a call that starts a program.
fn opens_call(code: &str) -> bool {
    let open = code.strip_suffix('(').unwrap_or_default();
    let name = open.rsplit(|char: char| !(char.is_alphanumeric() || "._".contains(char))).next();
    let call = format!("{}(", name.unwrap_or_default());
    CALLS.iter().any(|known| call.starts_with(known)) || call == "Popen("
}

/// Whether strings begin with a command: a list that nothing starts where it stands may be one of names (`["uvicorn", "celery"]`), unless
/// it has an option or an app.
fn is_command_list(rest: &[Literal]) -> bool {
    let Some((first, rest)) = rest.split_first() else { return false };
    if rest.first().is_some_and(|next| next.follows() && next.text == VERSION) {
        return false;
    }
    let mut list = rest.iter().take(MOST_NAMES).take_while(|literal| !literal.before.contains(']'));
    let is_argument = |literal: &Literal| {
        literal.text.starts_with('-') || module_of_app(OsStr::new(&literal.text)).is_some()
    };
    first.is_command() || first.is_first_of_call() || list.any(is_argument)
}

/// The strings of a script, each in one pair of quotes; what is in three is left out, and so are comments. The last one has no text.
fn literals(text: &str) -> Vec<Literal> {
    let mut found = Vec::new();
    let (mut before, mut rest) = (String::new(), text);
    while let Some(at) = rest.find(['"', '\'', '#']) {
        before.push_str(&rest[..at]);
        rest = &rest[at..];
        let quote = &rest[..1];
        let triple = quote.repeat(3);
        if quote == "#" {
            rest = &rest[rest.find('\n').unwrap_or(rest.len())..];
        } else if let Some(behind) = rest.strip_prefix(&triple) {
            rest = behind.split_once(&triple).map_or("", |(_, behind)| behind);
        } else {
            let end = end_of(&rest[1..], quote);
            found.push(Literal { before: std::mem::take(&mut before), text: rest[1..=end].to_owned() });
            rest = rest.get(end + 2..).unwrap_or_default();
        }
    }
    before.push_str(rest);
    found.push(Literal { before, text: String::new() });
    found
}

/// Where a string ends: at its quote, or with the line.
fn end_of(text: &str, quote: &str) -> usize {
    let mut is_escaped = false;
    let end = text.char_indices().find(|(at, char)| {
        let ends = !is_escaped && (text[*at..].starts_with(quote) || *char == '\n');
        is_escaped = !is_escaped && *char == '\\';
        ends
    });
    end.map_or(text.len(), |(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_script_starts_is_read_from_its_calls() {
        let table = [
            ("import subprocess\nsubprocess.run(['uvicorn', 'app:app'])", "uvicorn app"),
            ("cmd = [\n    sys.executable, '-m', 'uvicorn',  # x\n    'app:app']\nPopen(cmd)", "uvicorn app"),
            ("os.system(f\"gunicorn -b :{port} api.main:app\")", "gunicorn api.main"),
            ("os.execvp('/v/bin/uvicorn', ['uvicorn', 'app:app'])", "uvicorn uvicorn app"),
            ("subprocess.Popen('python -m celery -A tasks worker', shell=True)", "celery"),
            ("subprocess.Popen([sys.executable, 'worker.py'])", "worker.py"),
            ("subprocess.call(['python3', '-u', 'worker.py', 'x.py'])", "worker.py"),
            ("os.system('bash start.sh')", "start.sh"),
            ("from gunicorn.app.wsgiapp import WSGIApplication", "gunicorn"),
            ("from hypercorn.run import run\nc.application_path = 'app:app'", "hypercorn app"),
            ("Granian('app:app', port=1).serve()", "granian app"),
            ("subprocess.run(['uvicorn', 'app:app'], cwd='/x')", ""),
            ("os.chdir(HERE)\nos.system('uvicorn app:app')", ""),
            ("subprocess.run(['uvicorn', '--app-dir', HERE, 'app:app'])", ""),
            ("import subprocess\nlogging.getLogger('uvicorn')\nsubprocess.run(['ffmpeg'])", ""),
            ("\"\"\"os.system('uvicorn app:app')\"\"\"\nimport subprocess", ""),
            ("import subprocess\n# subprocess.run(['uvicorn'])\nprint('uvicorn app:app')", ""),
            ("subprocess.run(['uvicorn', APP])", "uvicorn"),
            ("cmd = ['celery', '-A', 'tasks', 'worker']\nPopen(cmd)", "celery"),
            ("Popen([python, '-m', 'celery', 'worker'])", "celery"),
            ("Popen([sys.executable, '-u', 'worker.py'])", "worker.py"),
            // Names, and files that somebody else opens or that have their directory.
            ("for name in ['uvicorn', 'uvicorn.access']: x(name)\nsubprocess.run(['ffmpeg'])", ""),
            ("LOG['loggers']['uvicorn'] = x('-v')\nsubprocess.run(['ffmpeg'])", ""),
            ("x(choices=['uvicorn', 'celery'])\nsubprocess.run(['ffmpeg'])", ""),
            ("subprocess.run(['gunicorn', '--version'])\nos.system('celery --version')", ""),
            ("Popen([sys.executable, str(HERE / 'worker.py')])", ""),
            ("Popen(['python3', os.path.join(HERE, 'worker.py')])", ""),
            ("PY = sys.executable\nopen('a.json')\nPopen([PY])", ""),
            ("which('bash')\nopen('a.json')\nsubprocess.run(['ffmpeg'])", ""),
            ("subprocess.run(['docker', 'exec', 'web', 'python', 'worker.py'])", ""),
            ("subprocess.run(['docker', 'exec', 'web', 'python', '-m', 'celery'])", ""),
            ("subprocess.run([sys.executable, '-m', 'pip', 'install', 'uvicorn'])", ""),
            ("uvicorn.run('app:app')", "app"),
            ("'open", ""),
            ("\"\\", ""),
            ("'é\\'数' # é", ""),
        ];
        for (text, expected) in table {
            let StartedByScript { servers, modules, scripts } = StartedByScript::of(text);
            let servers = servers.into_iter().map(|server| server.name().to_owned());
            let all: Vec<_> = servers.chain(scripts).chain(modules).collect();
            assert_eq!(all.join(" "), expected, "{text}");
        }
    }
}
