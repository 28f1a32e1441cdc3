//! What `download.sh` fetches, read from its lines.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use super::check_budget::check_budget;
use super::fetch_options::FetchOptions;
use super::script_text::{ScriptPiece, pieces};
use crate::budget::Budget;
use crate::shell::quote;

/// A file that the script fetches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetch {
    /// Where to, seen from the root.
    pub path: PathBuf,
    /// The command that does it.
    pub line: String,
    /// Whether it goes on from what is there, or leaves it as it is.
    pub spares: bool,
    /// Whether it is done only for those who choose it.
    pub is_chosen: bool,
}

#[derive(Debug)]
pub struct Fetches {
    /// In its order.
    pub all: Vec<Fetch>,
    /// Whether it was not followed to its end.
    pub is_cut: bool,
}

/// The work that a script is worth, in bytes of text that is made of it or looked at: sixteen times as many as the longest has.
const MOST_WORK: usize = 16 << 20;

/// What a look at a file that was fetched counts.
const OF_A_LOOK: usize = 16;

/// The longest path (`PATH_MAX`), and the longest value of a variable that may be in one.
const LONGEST_PATH: usize = 4096;

/// The longest command: one word of 32 pages (`MAX_ARG_STRLEN`).
const LONGEST_COMMAND: usize = 128 << 10;

/// Reads `wget URL -O FILE`, `curl -o FILE URL`, `aria2c -d DIR -o FILE URL`, `cd` and its like between them, and the variables that
/// it sets itself. What has another variable in it can't be told, and what it moves or removes afterwards is not wanted.
pub fn fetches(script: &str) -> Fetches {
    let mut reader = Reader::new(check_budget(MOST_WORK));
    let mut is_chosen = false;
    for piece in pieces(script) {
        if reader.budget.is_spent() {
            break;
        }
        match piece {
            ScriptPiece::Command(text) => is_chosen = reader.command(&text, is_chosen),
            ScriptPiece::And => {}
            ScriptPiece::End => is_chosen = false,
            ScriptPiece::Open => {
                reader.budget.take(reader.directory.as_os_str().len());
                reader.left.push((reader.directory.clone(), is_chosen));
            }
            ScriptPiece::Close => {
                // Of `case`, each pattern has one as well.
                reader.directory = reader.left.pop().map_or(reader.directory, |(directory, _)| directory);
                is_chosen = false;
            }
        }
    }
    Fetches { all: reader.found, is_cut: reader.budget.is_spent() }
}

struct Reader {
    budget: Budget,
    directory: PathBuf,
    /// `OLDPWD`.
    before: PathBuf,
    /// What `popd` goes back to.
    pushed: Vec<PathBuf>,
    variables: BTreeMap<String, String>,
    /// Of each `if`, `case` and `{` around a command, whether it is about a choice.
    choices: Vec<bool>,
    /// Where each subshell was begun, and whether by choice.
    left: Vec<(PathBuf, bool)>,
    found: Vec<Fetch>,
}

impl Reader {
    fn new(budget: Budget) -> Self {
        Self {
            budget,
            directory: PathBuf::new(),
            before: PathBuf::new(),
            pushed: Vec::new(),
            variables: BTreeMap::new(),
            choices: Vec::new(),
            left: Vec::new(),
            found: Vec::new(),
        }
    }

    /// Takes a command in, and tells whether it is a test that makes what follows a choice.
    fn command(&mut self, text: &str, is_chosen: bool) -> bool {
        let Some(text) = expanded(text, &self.variables) else {
            self.budget.take(LONGEST_COMMAND);
            return false;
        };
        let mut rest = text.as_str();
        // `then` and its like stand before a command.
        while let Some(first) = self.opening(rest, is_chosen) {
            rest = rest.trim_start()[first..].trim_start();
        }
        self.words(rest, is_chosen)
    }

    /// The length of a word at the beginning that another command follows.
    fn opening(&mut self, text: &str, is_chosen: bool) -> Option<usize> {
        let first = text.split_ascii_whitespace().next()?;
        let is_opening = ["then", "else", "do", "{", "!"].contains(&first);
        self.choices.extend((first == "{").then_some(is_chosen));
        is_opening.then_some(first.len())
    }

    fn words(&mut self, text: &str, is_chosen: bool) -> bool {
        if !self.budget.take(text.len()) {
            return false;
        }
        let Ok(words) = shell_words::split(text) else { return false };
        let (Some(first), rest) = (words.first().map(String::as_str), words.get(1..).unwrap_or_default())
        else {
            return is_chosen;
        };
        match first {
            "if" => self.choices.push(is_choice(rest)),
            "case" => self.choices.push(true),
            "fi" | "esac" | "}" => drop(self.choices.pop()),
            "cd" | "pushd" | "popd" => self.change_directory(first, rest),
            "export" | "local" | "readonly" => self.assign(rest),
            "wget" | "curl" | "aria2c" => self.fetch(first, rest, text, is_chosen),
            "rm" | "mv" => self.take_away(rest),
            _ if words.iter().all(|word| assignment(word).is_some()) => self.assign(&words),
            _ => return is_choice(&words),
        }
        false
    }

    /// What can't be told leaves the directory as it is.
    fn change_directory(&mut self, program: &str, words: &[String]) {
        let to = words.iter().find(|word| *word == "-" || !word.starts_with('-'));
        let next = match to.map(String::as_str) {
            _ if program == "popd" => self.pushed.pop(),
            Some("-") => Some(self.before.clone()),
            Some(to) if !to.contains('$') => Some(self.at(to)),
            _ => None,
        };
        let next = next.filter(|next| next.as_os_str().len() <= LONGEST_PATH);
        self.budget.take(self.directory.as_os_str().len());
        self.pushed.extend((program == "pushd").then(|| self.directory.clone()));
        if let Some(next) = next {
            self.before = std::mem::replace(&mut self.directory, next);
        }
    }

    /// Seen from the root.
    fn at(&mut self, path: &str) -> PathBuf {
        self.budget.take(self.directory.as_os_str().len() + path.len());
        let mut place = PathBuf::new();
        for component in self.directory.join(path).components() {
            match component {
                Component::CurDir => {}
                Component::ParentDir if place.file_name().is_some() => drop(place.pop()),
                _ => place.push(component),
            }
        }
        place
    }

    /// What was fetched, and is not left where it was put.
    fn take_away(&mut self, words: &[String]) {
        let places = words.iter().filter(|word| !word.starts_with('-'));
        let places: Vec<PathBuf> = places.map(|word| self.at(word)).collect();
        if !self.budget.take(places.len().saturating_mul(self.found.len()).saturating_mul(OF_A_LOOK)) {
            return;
        }
        self.found.retain(|fetch| !places.iter().any(|place| is_in(&fetch.path, place)));
    }

    fn assign(&mut self, words: &[String]) {
        for (name, value) in words.iter().filter_map(|word| assignment(word)) {
            let is_plain = value.chars().all(|c| c.is_ascii_alphanumeric() || "_./:@%+=,-".contains(c));
            match is_plain && value.len() <= LONGEST_PATH {
                true => self.variables.insert(name.to_owned(), value.to_owned()),
                false => self.variables.remove(name),
            };
        }
    }

    fn fetch(&mut self, program: &str, words: &[String], text: &str, is_chosen: bool) {
        let options = FetchOptions::new(program, words);
        let Some(path) = options.destination().filter(|path| is_kept(path)) else { return };
        if !self.budget.take(text.len() + self.choices.len() + self.left.len()) {
            return;
        }
        let line = match self.directory.as_os_str().is_empty() {
            true => text.to_owned(),
            false => format!("cd {} && {text}", quote(&self.directory)),
        };
        let path = self.at(&path);
        self.found.push(Fetch {
            path,
            line,
            spares: options.spares(),
            is_chosen: is_chosen
                || self.choices.contains(&true)
                || self.left.iter().any(|(_, is_chosen)| *is_chosen),
        });
    }
}

/// Whether a destination is a file that can be told: `-` is the output, and a device keeps nothing.
fn is_kept(path: &str) -> bool {
    path.len() <= LONGEST_PATH && !path.contains('$') && path != "-" && !path.starts_with("/dev/")
}

/// Whether a path is the place or in it; the last name may have one `*`.
fn is_in(path: &Path, place: &Path) -> bool {
    let name = place.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let Some((start, end)) = name.split_once('*') else { return path.starts_with(place) };
    let is_it =
        |name: &str| name.len() >= start.len() + end.len() && name.starts_with(start) && name.ends_with(end);
    path.parent() == place.parent() && path.file_name().and_then(|name| name.to_str()).is_some_and(is_it)
}

/// `NAME=value`
fn assignment(word: &str) -> Option<(&str, &str)> {
    let (name, value) = word.split_once('=')?;
    crate::sdk::modules::is_identifier(name).then_some((name, value))
}

/// Whether a test asks what somebody wants, and not what is there already.
fn is_choice(words: &[String]) -> bool {
    let is_test = words.first().is_some_and(|first| ["[", "[[", "test"].contains(&first.as_str()));
    let of_files = ["-e", "-f", "-s", "-d", "-r", "-L"];
    is_test && !words.iter().any(|word| of_files.contains(&word.as_str()))
}

/// `$NAME`, `${NAME}` and `${NAME:-value}`, as far as they are known; `None` where that is longer than a command may be.
fn expanded(text: &str, variables: &BTreeMap<String, String>) -> Option<String> {
    let mut parts = text.split('$');
    let mut told = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, default, rest) = variable(part);
        let value = variables.get(name).map(String::as_str).or(default);
        match value {
            Some(value) => told.extend([value, rest]),
            None => told.extend(["$", part]),
        }
        if told.len() > LONGEST_COMMAND {
            return None;
        }
    }
    Some(told)
}

/// What is behind a `$`: the name, the value that it has if it has no other, and what follows.
fn variable(part: &str) -> (&str, Option<&str>, &str) {
    if let Some((inner, rest)) = part.strip_prefix('{').and_then(|inner| inner.split_once('}')) {
        let default = inner.split_once(":-");
        return (default.map_or(inner, |(name, _)| name), default.map(|(_, value)| value), rest);
    }
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let end = part.find(|c| !is_name(c)).unwrap_or(part.len());
    (&part[..end], None, &part[end..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_tells_what_it_fetches() {
        let table: &[(&str, &[&str])] = &[
            ("wget https://h/a.onnx -O face/a.onnx", &["face/a.onnx"]),
            ("wget -O face/a.onnx \\\n  https://h/x", &["face/a.onnx"]),
            ("wget -qc --output-document=a.pt https://h/x && echo done", &["a.pt"]),
            ("wget -P models https://h/b.pt?raw=1", &["models/b.pt"]),
            ("wget https://h/b.pt", &["b.pt"]),
            ("curl -L -o a.pt https://h/x; curl -LO https://h/c.pt", &["a.pt", "c.pt"]),
            ("curl https://h/x > a.pt", &[]),
            ("aria2c -d models -o a.pt https://h/x", &["models/a.pt"]),
            ("mkdir -p w\ncd w\nwget https://h/a.pt", &["w/a.pt"]),
            ("# wget https://h/a.pt\nset -e\necho 'wget", &[]),
            ("wget $BASE/a.pt -O $DIR/a.pt", &[]),
            ("M=models\ncurl -fsS https://h/x -o \"$M/a.pt\"", &["models/a.pt"]),
            (
                "export M=w; wget https://h/x -O ${M}/a.pt; wget https://h/y -O ${N:-n}/b.pt",
                &["w/a.pt", "n/b.pt"],
            ),
            ("M=$(pwd); curl https://h/x -o $M/a.pt", &[]),
            ("cd models\ncurl -fsSO https://h/a.pt", &["models/a.pt"]),
            ("curl -fsSLo a.pt https://h/x", &["a.pt"]),
            ("curl -H x:o https://h/x", &[]),
            ("wget -qO a.pt https://h/x", &["a.pt"]),
            ("(cd w && wget https://h/a.pt)\nwget https://h/b.pt", &["w/a.pt", "b.pt"]),
            ("[ -f a.pt ] || wget https://h/a.pt", &["a.pt"]),
            ("if [ ! -f a.pt ]; then wget https://h/a.pt; fi", &["a.pt"]),
            ("# mkdir -p old && wget https://h/a.onnx -O old/old.onnx", &[]),
            ("echo 'x && wget https://h/a.pt'; echo \"; wget https://h/b.pt\"", &[]),
            ("wget 'https://h/a.pt?x=1&y=2' -O a.pt # ; wget https://h/b.pt", &["a.pt"]),
            ("wget https://h/x.zip; unzip x.zip && rm x.zip", &[]),
            ("wget https://h/x.zip https://h/a.pt -P w\nrm -rf w/*.zip", &[]),
            ("wget https://h/x.pt; mv x.pt w/; wget https://h/y.pt; rm -f z.pt", &["y.pt"]),
            ("rm -f a.pt; wget https://h/a.pt", &["a.pt"]),
            ("cd w; wget https://h/a.pt; cd -; wget https://h/b.pt", &["w/a.pt", "b.pt"]),
            ("pushd w >/dev/null; cd v; popd; wget https://h/b.pt", &["b.pt"]),
            ("cd w/v && wget https://h/a.pt && cd .. && wget https://h/b.pt", &["w/v/a.pt", "w/b.pt"]),
            ("cat <<END\nwget https://h/a.pt\nEND\nwget https://h/b.pt", &["b.pt"]),
            ("wget -qO- https://h/a.tar | tar x; curl -o /dev/null https://h/b", &[]),
            ("case $1 in\na) cd w;;\nesac\ncurl -O https://h/a.pt 2>&1", &["w/a.pt"]),
        ];
        for (script, expected) in table {
            let paths: Vec<_> = fetches(script).all.into_iter().map(|fetch| fetch.path).collect();
            assert_eq!(paths, expected.iter().map(PathBuf::from).collect::<Vec<_>>(), "{script}");
        }
    }

    #[test]
    fn optional_downloads_are_told_from_needed_ones() {
        let table = [
            ("[ -n \"$EXTRA\" ] && curl -o a.pt https://h/x", true),
            ("test \"$1\" = all && wget https://h/a.pt", true),
            ("if [ \"$1\" = all ]\nthen\n  wget https://h/a.pt\nfi", true),
            ("case $1 in\nall) true;;\nesac\nwget https://h/a.pt", false),
            ("[ -s a.pt ] || wget https://h/a.pt", false),
            ("if [ -n \"$X\" ]; then echo; fi; wget https://h/a.pt", false),
            ("mkdir -p w && wget https://h/a.pt", false),
            ("[ -n \"$X\" ] && { mkdir w; wget https://h/a.pt; }", true),
            ("[ -n \"$X\" ] && (mkdir w; wget https://h/a.pt)", true),
            ("[ -n \"$X\" ] && (mkdir w); { wget https://h/a.pt; }", false),
        ];
        for (script, expected) in table {
            let chosen: Vec<_> = fetches(script).all.into_iter().map(|fetch| fetch.is_chosen).collect();
            assert_eq!(chosen, [expected], "{script}");
        }
    }

    #[test]
    fn commands_that_keep_a_damaged_file_are_known() {
        let table = [
            ("wget https://h/a.pt -P models/", true),
            ("wget https://h/a.pt -O a.pt", false),
            ("wget -qcO a.pt https://h/a.pt", true),
            ("wget -nc -O a.pt https://h/a.pt", true),
            ("curl -o a.pt https://h/a.pt", false),
            ("curl -C - -o a.pt https://h/a.pt", true),
            ("aria2c -o a.pt https://h/a.pt", true),
        ];
        for (script, expected) in table {
            let spares: Vec<_> = fetches(script).all.into_iter().map(|fetch| fetch.spares).collect();
            assert_eq!(spares, [expected], "{script}");
        }
    }
}
