//! Faults, each staged by a shell's lines in a healthy tree: the doctor names the cause and nothing else, and what it says
//! mends it when it is typed.

use std::process::Command;

use super::{Fault, Subject};
use crate::support::build::checked;
use crate::support::pythons::{Python, has_sitecustomize, pythons};
use crate::support::venv::bare_venv;

/// One fault.
pub struct Staged {
    /// What it is called.
    pub name: &'static str,
    /// Lines for `sh`. They know `$APP`, `$ROOT`, `$BIN`, `$PY` and `$PYTHON` (the interpreter's name and path), `$OTHER`
    /// (another version's path), `$SITE` (site-packages of `$APP/.venv`, where that is asked for), and `$SUFFIX`.
    pub stage: &'static str,
    /// Variables, with the same names in their values.
    pub set: &'static [(&'static str, &'static str)],
    /// A line that starts the launcher (`prlimit --data=…`), or one that mounts something before it is started.
    pub before: &'static str,
    /// The launch; `$PY app.py` where there is none.
    pub words: &'static str,
    /// `warn` or `fail`.
    pub status: &'static str,
    /// What is told.
    pub says: &'static [&'static str],
    /// What becomes of the remedy.
    pub remedy: Mends,
}

/// A remedy.
pub enum Mends {
    /// Typed as it stands, it mends.
    Typed,
    /// Typed as it stands it mends, and this is it.
    Line(&'static str),
    /// It is words, with these in them.
    Words(&'static str),
}

/// A fault without variables, in the usual launch.
pub const PLAIN: Staged = Staged {
    name: "",
    stage: "",
    set: &[],
    before: "",
    words: "",
    status: "fail",
    says: &[],
    remedy: Mends::Typed,
};

const APP: &str = "\
import multiprocessing
from service.trans_dh_service import TransDhTask

if __name__ == '__main__':
    print('ran')
";

/// Reads the configuration as the SDK's own does.
const CONFIG: &str = "\
import configparser
import os


class GlobalConfig:
    _instance = None

    @classmethod
    def instance(cls):
        if cls._instance is None:
            cls._instance = cls()
        return cls._instance

    def __init__(self):
        parser = configparser.ConfigParser()
        parser.read(os.path.join(os.getcwd(), 'config/config.ini'))
        self.log_dir = parser.get('log', 'log_dir')
        self.log_file = parser.get('log', 'log_file', fallback='dh.log')
        self.server_port = parser.getint('http_server', 'server_port', fallback=8383)


def batch_size(path):
    return 4
";

const LOGGER: &str = "\
import logging
import os

from y_utils.config import GlobalConfig

logger = logging.getLogger('heygem')


def create_logger():
    config = GlobalConfig.instance()
    logger.addHandler(logging.FileHandler(os.path.join(config.log_dir, config.log_file)))
    return logger
";

/// A healthy tree, as most are.
pub fn site() -> Subject {
    let mut site = Subject::new();
    site.place.write("app/app.py", APP);
    for (name, text) in [("config", CONFIG), ("logger", LOGGER)] {
        crate::support::fs::remove(site.root.join(format!("y_utils/{name}{}", site.python.ext_suffix)));
        site.place.write(format!("app/sdk/y_utils/{name}.py"), text);
    }
    site.place.write("app/sdk/config/config.ini", "[log]\nlog_dir = ./log\nlog_file = dh.log\n");
    let version = site.versioned();
    site.words([version.as_str(), "app.py"]);
    site
}

impl Staged {
    /// What this machine has not got and it takes, if anything.
    fn lacking(&self) -> Option<&'static str> {
        let has = |name: &str| self.stage.contains(name) || self.words.contains(name);
        let python = &pythons()[0];
        match () {
            () if (has("$OTHER") || has("$NEWEST")) && another(python).is_none() => {
                Some("two versions of CPython")
            }
            () if has("$SITE/sitecustomize") && has_sitecustomize(python) => {
                Some("a Python without a sitecustomize of its own")
            }
            () => None,
        }
    }

    /// Stages it, asks the doctor, does what it says and asks again. What is wrong with that, if anything.
    pub fn judge(&self) -> Result<(), String> {
        let (mut site, expand) = made(self.stage, self.set, self.words)?;
        if !self.before.is_empty() {
            site.before(&expand(self.before));
        }
        let gives = [("shm", self.before.contains("/dev")), ("gpu", self.stage.contains("nvidia-smi"))];
        site.gives = gives.into_iter().filter(|(_, is_given)| *is_given).map(|(check, _)| check).collect();
        let faults = site.faults();
        let fault = match &faults[..] {
            [fault]
                if fault.status == self.status
                    && self.says.iter().all(|word| fault.found.contains(&expand(word))) =>
            {
                fault.clone()
            }
            _ => return Err(format!("expected {} with {:?}, found {faults:#?}", self.status, self.says)),
        };
        self.mend(&mut site, &fault, &*expand)
    }

    fn mend(&self, site: &mut Subject, fault: &Fault, expand: &dyn Fn(&str) -> String) -> Result<(), String> {
        let remedy = &fault.remedy;
        match self.remedy {
            Mends::Words(words) if remedy.contains(&expand(words)) => return Ok(()),
            Mends::Line(line) if *remedy != expand(line) => {
                return Err(format!("remedy {remedy:?}, not {:?}", expand(line)));
            }
            Mends::Words(words) => return Err(format!("remedy {remedy:?} has no {words:?}")),
            Mends::Line(_) | Mends::Typed => {}
        }
        site.apply(remedy);
        let left = site.faults();
        if left.is_empty() { Ok(()) } else { Err(format!("{remedy:?} mends nothing: {left:#?}")) }
    }
}

/// Expands names in a text.
type Expand = Box<dyn Fn(&str) -> String>;

/// A tree that was changed so; `-` is no command.
fn made(stage: &str, set: &[(&str, &str)], words: &str) -> Result<(Subject, Expand), String> {
    let mut site = site();
    let variables = names(&site);
    let path = format!("{}:/usr/bin:/bin", site.at("bin"));
    let script =
        format!("set -e\nvenv() {{ cp -a {} $APP/.venv; }}\n{stage}", bare_venv(site.python).display());
    let mut shell = Command::new("sh");
    shell.env("HOME", site.place.path("home"));
    shell.args(["-c", &script]).current_dir(&site.app).env("PATH", path);
    checked(shell.envs(variables.iter().map(|(name, value)| (*name, value))));
    let expand: Expand = Box::new(move |text: &str| {
        let mut parts = text.split('$');
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |text, part| {
            let end = part.find(|char: char| !char.is_ascii_uppercase()).unwrap_or(part.len());
            match variables.iter().find(|(name, _)| *name == &part[..end]) {
                Some((_, value)) => text + value + &part[end..],
                None => format!("{text}${part}"),
            }
        })
    });
    for (name, value) in set {
        site.set(name, expand(value));
    }
    match words {
        "" => {}
        "-" => site.words([""; 0]),
        _ => site.words(shell_words::split(&expand(words)).map_err(|error| error.to_string())?),
    }
    Ok((site, expand))
}

/// A harmless tree: its name, its shell lines, its variables and its command.
type Harmless<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)], &'a str);

/// Trees of which nothing is said, and all that is.
#[track_caller]
pub fn quiet(table: &[Harmless]) {
    let only = std::env::var("HEYGEM_STAGED").unwrap_or_default();
    let told: Vec<String> = table
        .iter()
        .filter(|(name, ..)| only.is_empty() || only.split(',').any(|one| one == *name))
        .filter_map(|(name, stage, set, words)| match made(stage, set, words) {
            Ok((site, _)) => Some(site.faults())
                .filter(|faults| !faults.is_empty())
                .map(|faults| format!("{name}: {faults:#?}")),
            Err(error) => Some(format!("{name}: {error}")),
        })
        .collect();
    assert!(told.is_empty(), "{} are spoken of:\n{}", told.len(), told.join("\n"));
}

/// A CPython of another version, where this machine has one.
fn another(python: &Python) -> Option<&'static Python> {
    pythons().iter().find(|other| other.version != python.version)
}

/// What the lines know.
fn names(site: &Subject) -> Vec<(&'static str, String)> {
    let other = another(site.python).map(|other| ("OTHER", other.path.display().to_string()));
    let mut names = vec![
        ("PYTHON", site.python.path.display().to_string()),
        ("SUFFIX", site.python.ext_suffix.clone()),
        ("NEWEST", pythons().last().expect("one at least").path.display().to_string()),
        ("SITE", site.at(&format!("app/.venv/lib/{}/site-packages", site.versioned()))),
        ("ROOT", site.root.display().to_string()),
        ("APP", site.app.display().to_string()),
        ("BIN", site.at("bin")),
        ("PY", site.versioned()),
    ];
    names.extend(other);
    names
}

/// Every one of them, and all that is wrong with any.
#[track_caller]
pub fn all(table: &[Staged]) {
    let only = std::env::var("HEYGEM_STAGED").unwrap_or_default();
    let table =
        table.iter().filter(|staged| only.is_empty() || only.split(',').any(|name| name == staged.name));
    let can_be_staged = |staged: &&Staged| {
        let lacking = staged.lacking();
        if let Some(what) = lacking {
            println!("left out: {} takes {what}", staged.name);
        }
        lacking.is_none()
    };
    let wrong: Vec<String> = table
        .filter(can_be_staged)
        .filter_map(|staged| staged.judge().err().map(|error| format!("{}: {error}", staged.name)))
        .collect();
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_tree_is_healthy() {
    site().is_healthy();
}
