//! What a shell's text does with PYTHONPATH, as far as its statements tell: `sh -c 'PYTHONPATH=. python app.py'`.

use std::cell::LazyCell;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::ops::Range;

use super::python_line::{self, is_python};
use super::server::is_server;
use super::wrapper::{self, is_launcher};
use crate::plain_path::last_name;

const VARIABLE: &str = "PYTHONPATH";

/// What may stand before an assignment: programs, of which it is a word, and a shell's own words.
const BEFORE_ASSIGNMENTS: [&str; 15] = [
    "export", "declare", "typeset", "readonly", "exec", "env", "nohup", "command", "then", "else", "do", "{",
    "(", "!", "time",
];

/// The shell's own words by which an assignment holds for all that follows.
const DECLARATIONS: [&str; 4] = ["export", "declare", "typeset", "readonly"];

/// A statement behind which PYTHONPATH is not the launch's.
#[derive(Debug, PartialEq, Eq)]
pub struct TakenPath<'t> {
    /// As written.
    pub statement: &'t str,
    /// The whole text, in which the launch's path comes behind the one that is given.
    pub kept: String,
}

/// The first statement of a text that takes the path away from a Python that the text starts. `None` where heygem-run comes behind it.
pub fn taken_path(text: &str) -> Option<TakenPath<'_>> {
    taken_before(text, |_| false).filter(|_| !gives_back(text))
}

/// As [`taken_path`], of a text with more behind it; `runs` tells whether that starts a Python.
pub fn taken_before(text: &str, runs: impl Fn(Behind) -> bool) -> Option<TakenPath<'_>> {
    let statements: Vec<Range<usize>> = statements(text).filter(|at| !at.is_empty()).collect();
    // Found once: each statement may change the path.
    let python = LazyCell::new(|| last_of(text, is_of_python));
    let launcher = LazyCell::new(|| last_of(text, |word| is_launcher(word.as_ref())));
    statements.iter().enumerate().find_map(|(index, at)| {
        let statement = &text[at.clone()];
        let change = change(statement)?;
        let before = index.checked_sub(1).map_or("", |before| &text[statements[before].clone()]);
        if tests_path(before) {
            return None;
        }
        let (gives, starts, behind) = match change.is_of_command {
            true => {
                let rest = &statement[change.word.end..];
                let is_meant = || !is_check(rest) || *python < Some(at.end) && !runs(Behind::Later);
                (is_launcher(rest.as_ref()), starts_python(rest) && is_meant(), Behind::Continued)
            }
            false => (*launcher >= Some(at.end), *python >= Some(at.end), Behind::Next),
        };
        if gives || !(starts || runs(behind)) {
            return None;
        }
        let next = statements.get(index + 1).map_or(text.len(), |next| next.start);
        let kept = keeping(text, at.start, &change, next);
        Some(TakenPath { statement, kept })
    })
}

/// What comes behind a text and gets the PYTHONPATH of its statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behind {
    /// Only the rest of the statement, where a backslash ends the text.
    Continued,
    /// All that follows, unless it begins with heygem-run.
    Next,
    /// All that follows.
    Later,
}

/// The text in which a statement's change goes on with the launch's path, or is left out. The statement begins at `start`, and the next
/// one at `next`.
fn keeping(text: &str, start: usize, change: &Change, next: usize) -> String {
    let Range { start: word, end } = change.word;
    let (before, after) = text.split_at(start + word);
    match change.value {
        Some(value) => {
            let value = if value.is_empty() { String::new() } else { format!("{value}:") };
            format!("{before}{VARIABLE}={value}\"${VARIABLE}\"{}", &text[start + end..])
        }
        None if change.has_others => format!("{}{}", before.trim_end(), &after[VARIABLE.len()..]),
        None => format!("{}{}", &text[..start], &text[next..]),
    }
}

/// Whether a text starts a Python, a script of one, or a server.
pub fn starts_python(text: &str) -> bool {
    text.split(is_break).any(is_of_python)
}

/// Whether a command is a Python that runs a line of code, or tells its version: where another one comes behind it, it only checks
/// something.
pub fn is_check(command: &str) -> bool {
    let words: Vec<OsString> = command_of(command).into_iter().map(|word| command[word].into()).collect();
    let python = wrapper::command_index(&words).and_then(|start| words.get(start..));
    python.is_some_and(python_line::is_check)
}

/// Where the last such word of a text begins.
fn last_of(text: &str, is_meant: impl Fn(&str) -> bool) -> Option<usize> {
    let (mut last, mut end) = (None, 0);
    for piece in text.split_inclusive(is_break) {
        last = if is_meant(piece.trim_end_matches(is_break)) { Some(end) } else { last };
        end += piece.len();
    }
    last
}

/// The statements of a text, as far as `;`, `&`, `|` and line breaks part them, without the space around them.
pub fn statements(text: &str) -> impl Iterator<Item = Range<usize>> {
    let parts = cut(text, |byte| b";&|\n".contains(&byte)).into_iter();
    parts.map(|Range { start, end }| {
        let part = &text[start..end];
        let start = end - part.trim_start().len();
        start..start + part.trim().len()
    })
}

/// How a statement changes the path.
struct Change<'t> {
    /// The assignment, or the name.
    word: Range<usize>,
    /// What it is set to; `None` where it is unset.
    value: Option<&'t str>,
    /// Whether that holds for the statement's own command only.
    is_of_command: bool,
    /// Whether it does something to other variables as well.
    has_others: bool,
}

fn change(statement: &str) -> Option<Change<'_>> {
    let mut words =
        cut(statement, |byte| byte.is_ascii_whitespace()).into_iter().filter(|word| !word.is_empty());
    let first = words.clone().next().map(|word| &statement[word])?;
    if first == "unset" {
        let word = words.find(|word| statement[word.clone()] == *VARIABLE)?;
        let has_others = statement.split_whitespace().count() > 2;
        return Some(Change { word, value: None, is_of_command: false, has_others });
    }
    let is_exported = DECLARATIONS.contains(&first);
    let mut words = words.skip_while(|word| BEFORE_ASSIGNMENTS.contains(&&statement[word.clone()]));
    let is_passed = |word: &Range<usize>| is_exported || statement[word.clone()].contains('=');
    let (word, value) = words.by_ref().take_while(is_passed).find_map(|word| {
        let value = statement[word.clone()].strip_prefix(VARIABLE)?.strip_prefix('=')?;
        Some((word, value))
    })?;
    // What goes on with the old one, or was made of a launch's.
    if value.contains(VARIABLE) || value.contains("heygem-bridge-") {
        return None;
    }
    let is_of_command = !is_exported && words.next().is_some();
    Some(Change { word, value: Some(value), is_of_command, has_others: true })
}

/// Whether a statement asks whether there is a PYTHONPATH: under a launch there is one, and a change behind it is for the other case.
fn tests_path(statement: &str) -> bool {
    let mut words = statement.split_whitespace().skip_while(|word| matches!(*word, "if" | "elif" | "!"));
    matches!(words.next(), Some("[" | "[[" | "test")) && words.any(|word| word.contains(VARIABLE))
}

/// Whether a text keeps the path in another variable, and makes the path of that again: `P=$PYTHONPATH; export PYTHONPATH=.:$P`.
pub fn gives_back(text: &str) -> bool {
    let assignments = || {
        let statements = statements(text).map(|at| &text[at]);
        let words = statements.flat_map(|statement| {
            let words = cut(statement, |byte| byte.is_ascii_whitespace()).into_iter();
            words.map(move |word| &statement[word])
        });
        words.filter_map(|word| word.split_once('='))
    };
    let keepers: BTreeSet<&str> = assignments()
        .filter(|(name, value)| *name != VARIABLE && references(value).any(|name| name == VARIABLE))
        .map(|(name, _)| name)
        .collect();
    assignments()
        .any(|(name, value)| name == VARIABLE && references(value).any(|name| keepers.contains(name)))
}

/// The variables that a text names: `$NAME`, `${NAME:-x}`.
fn references(text: &str) -> impl Iterator<Item = &str> {
    text.split('$').skip(1).map(|behind| {
        let behind = behind.strip_prefix('{').unwrap_or(behind);
        let end = behind.find(|char: char| !char.is_ascii_alphanumeric() && char != '_');
        &behind[..end.unwrap_or(behind.len())]
    })
}

/// Where the words of a statement are, without those that may stand before an assignment, and without the assignments.
pub fn command_of(statement: &str) -> Vec<Range<usize>> {
    let is_before = |word: &Range<usize>| {
        let word = &statement[word.clone()];
        word.contains('=') || BEFORE_ASSIGNMENTS.contains(&word)
    };
    words_of(statement).into_iter().skip_while(is_before).collect()
}

/// Where the words of a statement are, without the parentheses that open before them.
pub fn words_of(statement: &str) -> Vec<Range<usize>> {
    let words = cut(statement, |byte| byte.is_ascii_whitespace()).into_iter();
    let opened = words.map(|Range { start, end }| {
        let opened = statement[start..end].trim_start_matches('(');
        // A line may go on in the next one.
        let word = opened.trim_start_matches("\\\n");
        end - word.len()..end
    });
    opened.filter(|word| !word.is_empty()).collect()
}

/// The pieces between such bytes, as far as those are in no quotes, in no substitution (`$(…)`) and behind no backslash.
fn cut(text: &str, is_between: impl Fn(u8) -> bool) -> Vec<Range<usize>> {
    let (mut pieces, mut start, mut quote, mut is_escaped) = (Vec::new(), 0, None, false);
    let mut depth = 0_usize;
    for (index, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            _ if is_escaped => is_escaped = false,
            (None | Some(b'"'), b'\\') => is_escaped = true,
            (Some(open), _) if open == byte => quote = None,
            (None, b'\'' | b'"' | b'`') => quote = Some(byte),
            (None, b'(') if depth > 0 || text[..index].ends_with('$') => depth += 1,
            (None, b')') => depth = depth.saturating_sub(1),
            (None, _) if depth == 0 && is_between(byte) => {
                pieces.push(start..index);
                start = index + 1;
            }
            _ => {}
        }
    }
    pieces.push(start..text.len());
    pieces
}

fn is_break(char: char) -> bool {
    char.is_whitespace() || ";&|()'\"`".contains(char)
}

/// Whether a word is a Python, a script of one, or a server.
pub fn is_of_python(word: &str) -> bool {
    is_python(word.as_ref()) || word.ends_with(".py") || is_server(last_name(word.as_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_takes_the_path_away_is_told_how_it_keeps_it() {
        let table = [
            ("PYTHONPATH=. python app.py", r#"PYTHONPATH=.:"$PYTHONPATH" python app.py"#),
            ("PYTHONPATH= python app.py", r#"PYTHONPATH="$PYTHONPATH" python app.py"#),
            (
                "cd api && A=1 PYTHONPATH='/a b' exec python app.py",
                r#"cd api && A=1 PYTHONPATH='/a b':"$PYTHONPATH" exec python app.py"#,
            ),
            ("exec env PYTHONPATH=/x gunicorn a:b", r#"exec env PYTHONPATH=/x:"$PYTHONPATH" gunicorn a:b"#),
            ("export A=1 PYTHONPATH=/x; ./app.py", r#"export A=1 PYTHONPATH=/x:"$PYTHONPATH"; ./app.py"#),
            ("PYTHONPATH=/x\npython app.py", "PYTHONPATH=/x:\"$PYTHONPATH\"\npython app.py"),
            ("unset PYTHONPATH; exec python app.py", "exec python app.py"),
            ("cd x; unset A PYTHONPATH && python app.py", "cd x; unset A && python app.py"),
            ("cd x && unset PYTHONPATH && python app.py", "cd x && python app.py"),
            (
                "PYTHONPATH=$(cat a; echo (b)) python app.py",
                r#"PYTHONPATH=$(cat a; echo (b)):"$PYTHONPATH" python app.py"#,
            ),
            ("PYTHONPATH=`cat a b` python a.py", r#"PYTHONPATH=`cat a b`:"$PYTHONPATH" python a.py"#),
            ("(cd a; PYTHONPATH=. python a.py)", r#"(cd a; PYTHONPATH=.:"$PYTHONPATH" python a.py)"#),
            (
                "if true; then PYTHONPATH=. python a.py; fi",
                r#"if true; then PYTHONPATH=.:"$PYTHONPATH" python a.py; fi"#,
            ),
            (
                "P=$PATH; export PYTHONPATH=.:$P; python app.py",
                r#"P=$PATH; export PYTHONPATH=.:$P:"$PYTHONPATH"; python app.py"#,
            ),
            (
                "[ -d x ] && export PYTHONPATH=/x; python app.py",
                r#"[ -d x ] && export PYTHONPATH=/x:"$PYTHONPATH"; python app.py"#,
            ),
            ("PYTHONPATH=. python -c 'import app'", r#"PYTHONPATH=.:"$PYTHONPATH" python -c 'import app'"#),
        ];
        for (text, kept) in table {
            assert_eq!(taken_path(text).map(|taken| taken.kept).as_deref(), Some(kept), "{text}");
        }
    }

    #[test]
    fn a_text_that_keeps_the_path_is_told_nothing() {
        let texts = [
            "PYTHONPATH=/x:$PYTHONPATH python app.py",
            "P=$PYTHONPATH; export PYTHONPATH=.:$P; python app.py",
            "local A=1 P=\"${PYTHONPATH:-}\"; PYTHONPATH=\".${P:+:$P}\" python app.py",
            "S=$PYTHONPATH; unset PYTHONPATH; python -c 1; export PYTHONPATH=$S; python app.py",
            "[ -n \"$PYTHONPATH\" ] || export PYTHONPATH=/x; python app.py",
            "if ! [[ $PYTHONPATH ]]; then export PYTHONPATH=/x; fi; python app.py",
            "PYTHONPATH=/x make; python app.py",
            "PYTHONPATH= python -c 'import torch' && python app.py",
            "PYTHONPATH= nice python -V; uvicorn app:app",
            "PYTHONPATH=/x heygem-run -- python app.py",
            "PYTHONPATH=/x; heygem-run app.py",
            "python app.py; unset PYTHONPATH",
            "echo 'a; PYTHONPATH=x python'",
            "python app.py PYTHONPATH=x",
            "",
        ];
        for text in texts {
            assert_eq!(taken_path(text), None, "{text}");
        }
    }
}
