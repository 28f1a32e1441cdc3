//! The Pythons that a shell's text starts: `cd api && exec python3 -I app.py`.

use std::ffi::{OsStr, OsString};
use std::ops::Range;

use super::python_line;
use super::shell_text::{command_of, starts_python, statements};
use super::wrapper;
use crate::plain_path::{is_path, last_name};

/// A Python that a statement starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextPython {
    /// Where its words are in the text, its own name first.
    places: Vec<Range<usize>>,
    /// These words.
    words: Vec<OsString>,
    /// Whether the statements before it leave alone what its name means.
    is_as_here: bool,
}

/// All of them, in order.
pub fn pythons(text: &str) -> Vec<TextPython> {
    let mut found = Vec::new();
    let (mut is_moved, mut is_changed) = (false, false);
    for at in statements(text) {
        let statement = &text[at.clone()];
        let places: Vec<_> = command_of(statement)
            .into_iter()
            .map(|word| at.start + word.start..at.start + word.end)
            .collect();
        let words: Vec<OsString> = places.iter().map(|place| text[place.clone()].into()).collect();
        is_changed |= changes_path(statement, &words);
        let start = wrapper::command_index(&words).filter(|&start| start < words.len());
        if let Some(start) = start.filter(|&start| python_line::is_python(&words[start])) {
            let is_as_here = match words[start].to_str() {
                Some(word) if is_path(word) => word.starts_with('/') || !is_moved,
                _ => !is_changed,
            };
            let (places, words) = (places[start..].to_vec(), words[start..].to_vec());
            found.push(TextPython { places, words, is_as_here });
        }
        is_moved |= words.first().is_some_and(|word| word == "cd" || word == "pushd");
    }
    found
}

/// Those that ignore PYTHONPATH, with the flag. One that only checks something is left out where another Python is started behind it;
/// `goes_on` tells whether one is started behind the text.
pub fn isolated(text: &str, goes_on: impl Fn() -> bool) -> Vec<(char, TextPython)> {
    let is_meant = |python: &TextPython| {
        let end = python.places.last().map_or(0, |place| place.end);
        !python_line::is_check(&python.words) || !starts_python(&text[end..]) && !goes_on()
    };
    let all = pythons(text).into_iter().filter(is_meant);
    all.filter_map(|python| Some((python.isolation()?, python))).collect()
}

/// Whether a statement may change where programs are found: it sets PATH, or runs what can.
fn changes_path(statement: &str, words: &[OsString]) -> bool {
    const CHANGING: [&str; 10] =
        ["source", ".", "eval", "alias", "conda", "mamba", "micromamba", "module", "workon", "hash"];
    let sets = statement.split_whitespace().any(|word| word.trim_start_matches('(').starts_with("PATH="));
    sets || words.first().is_some_and(|word| CHANGING.iter().any(|name| last_name(word) == *name))
}

impl TextPython {
    /// What it is called; `None` where the text itself decides what that means.
    pub fn program(&self) -> Option<&OsStr> {
        self.words.first().filter(|_| self.is_as_here).map(OsString::as_os_str)
    }

    /// The flag that makes it ignore PYTHONPATH. A module that makes or fills an environment imports no SDK.
    fn isolation(&self) -> Option<char> {
        let flag = python_line::parse(&self.words).isolation?;
        let is_app = !python_line::module_name(&self.words).is_some_and(python_line::fills_environment);
        is_app.then_some(flag)
    }

    /// Its text without such flags of its own, where nothing up to its end was changed.
    pub fn without_isolation(&self, mut text: String) -> String {
        for (index, word) in python_line::changed_without(&self.words, b"EI").into_iter().rev() {
            let Range { start, end } = self.places[index];
            match word.as_ref().and_then(|word| word.to_str()) {
                Some(word) => text.replace_range(start..end, word),
                // With the blank before it, which is there: an option is not the first word.
                None => text.replace_range(self.places[index - 1].end..end, ""),
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_python_that_ignores_the_path_is_found() {
        let table = [
            ("cd api && python3 -I app.py", "I cd api && python3 app.py"),
            ("exec nohup python -uE -m uvicorn a:b", "E exec nohup python -u -m uvicorn a:b"),
            ("A=1 nice -n 5 /v/bin/python3.8 -Im app; x", "I A=1 nice -n 5 /v/bin/python3.8 -m app; x"),
            ("(cd a; (python  -E -I app.py))", "E (cd a; (python app.py))"),
            ("python a.py; python -E b.py", "E python a.py; python b.py"),
            ("if true; then python -I a.py; fi", "I if true; then python a.py; fi"),
            ("python -I -m pip install x; python -Im venv v", ""),
            ("python -I -m pip install x; python -I a.py", "I python -I -m pip install x; python a.py"),
            ("python app.py -I", ""),
            ("echo 'python -I a.py'", ""),
            ("grep -E python a.py", ""),
            ("python -I -c 'import torch' && python a.py", ""),
            ("python -Ic 'import a'", "I python -c 'import a'"),
            ("heygem-run -- python -I app.py", ""),
            ("", ""),
        ];
        for (text, expected) in table {
            let found = isolated(text, || false).into_iter().next();
            let found =
                found.map(|(flag, python)| format!("{flag} {}", python.without_isolation(text.into())));
            assert_eq!(found.unwrap_or_default(), expected, "{text}");
        }
    }

    #[test]
    fn a_python_is_known_unless_the_text_says_what_its_name_means() {
        let table = [
            ("python3.9 app.py", "python3.9"),
            ("cd api && A=1 exec python app.py", "python"),
            ("mkdir -p x; cd x; /v/bin/python app.py", "/v/bin/python"),
            ("./v/bin/python app.py", "./v/bin/python"),
            ("cd x && ../v/bin/python app.py", ""),
            ("source v/bin/activate && python app.py", ""),
            (". v/bin/activate; python app.py", ""),
            ("PATH=/v/bin:$PATH python app.py", ""),
            ("export PATH=/v/bin:$PATH; python app.py", ""),
            ("eval \"$(conda shell.bash hook)\"; conda activate x; python app.py", ""),
            ("uvicorn app:app", ""),
        ];
        for (text, expected) in table {
            let found = pythons(text);
            let program = found.iter().find_map(|python| python.program()).unwrap_or_default();
            assert_eq!(program, expected, "{text}");
        }
    }
}
