//! Programs in a shell's text that run a Python without this process's PYTHONPATH: `cd api && sudo -u www python app.py`.

use std::ffi::OsString;
use std::ops::Range;

use super::python_line;
use super::shell_text::{TakenPath, command_of, is_check, is_of_python, starts_python, statements, words_of};
use super::wrapper;

/// What a shell has before a command.
const BEFORE_COMMANDS: [&str; 9] = ["exec", "command", "if", "then", "else", "do", "{", "!", "time"];

/// The first of them; `launcher` makes the words that give the Python behind it what the launch gives, and `goes_on` tells whether another
/// Python is started behind the text.
pub fn taken<'t>(
    text: &'t str,
    launcher: impl Fn() -> String,
    goes_on: impl Fn() -> bool,
) -> Option<TakenPath<'t>> {
    statements(text).find_map(|at| {
        let statement = &text[at.clone()];
        let CommandPlace { start, quote } = place_of_python(statement)?;
        if is_check(&statement[start..]) && (starts_python(&text[at.end..]) || goes_on()) {
            return None;
        }
        let (before, command) = text.split_at(at.start + start);
        let launcher = launcher();
        let is_apart = quote.is_none_or(|quote| !launcher.contains(quote));
        is_apart.then(|| TakenPath { statement, kept: format!("{before}{launcher} -- {command}") })
    })
}

/// Where a command begins in a statement.
struct CommandPlace {
    start: usize,
    /// What ends the text that it is in, where that is one of its own.
    quote: Option<char>,
}

/// The place of a Python that a statement runs by such a program.
fn place_of_python(statement: &str) -> Option<CommandPlace> {
    // What is said of the path in it was judged as such.
    if statement.contains("PYTHONPATH=") {
        return None;
    }
    let is_before = |word: &str| BEFORE_COMMANDS.contains(&word) || word.contains('=');
    let places: Vec<Range<usize>> =
        words_of(statement).into_iter().skip_while(|place| is_before(&statement[place.clone()])).collect();
    let words: Vec<OsString> = places.iter().map(|place| statement[place.clone()].into()).collect();
    if let Some(index) = wrapper::login_text(&words) {
        return place_in_login(statement, places[index].clone());
    }
    let index = wrapper::command_without_path(&words)?;
    runs_app(&words[index..]).then(|| CommandPlace { start: places[index].start, quote: None })
}

/// The place of the first Python in a login shell's text, which is in quotes there: `su - www -c 'python app.py'`.
fn place_in_login(statement: &str, word: Range<usize>) -> Option<CommandPlace> {
    let quote = statement[word.clone()].chars().next().filter(|char| matches!(char, '\'' | '"'))?;
    let text = statement[word.clone()].strip_prefix(quote)?.strip_suffix(quote)?;
    let start = statements(text).find_map(|at| {
        let first = command_of(&text[at.clone()]).into_iter().next()?;
        is_of_python(&text[at.clone()][first.clone()]).then_some(at.start + first.start)
    })?;
    Some(CommandPlace { start: word.start + 1 + start, quote: Some(quote) })
}

/// Whether the words start a Python, a script of one, or a server; one that fills an environment is none.
fn runs_app(words: &[OsString]) -> bool {
    let Some(command) = wrapper::command_index(words).and_then(|start| words.get(start..)) else {
        return false;
    };
    let is_python = command.first().and_then(|word| word.to_str()).is_some_and(is_of_python);
    is_python && !python_line::module_name(command).is_some_and(python_line::fills_environment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_launcher_is_put_behind_what_takes_the_path() {
        let table = [
            ("sudo python app.py", Some("sudo L -- python app.py")),
            (
                "cd x && exec sudo -u \"$USER\" python app.py; ls",
                Some("cd x && exec sudo -u \"$USER\" L -- python app.py; ls"),
            ),
            (
                "A=1 nohup env -i PATH=/x nice python app.py &",
                Some("A=1 nohup env -i PATH=/x L -- nice python app.py &"),
            ),
            ("(env -u PYTHONPATH uvicorn a:b)", Some("(env -u PYTHONPATH L -- uvicorn a:b)")),
            ("if true; then doas -u w ./app.py; fi", Some("if true; then doas -u w L -- ./app.py; fi")),
            ("su - w -c \"cd $PWD && python a.py\"", Some("su - w -c \"cd $PWD && L -- python a.py\"")),
            ("su - w -c 'heygem-run a.py'", None),
            ("su w -c 'python a.py'", None),
            ("sudo python -c 'import torch' && python app.py", None),
            ("sudo python -V", Some("sudo L -- python -V")),
            ("sudo -u w \\\n  python app.py", Some("sudo -u w \\\n  L -- python app.py")),
            ("su - w -c 'ls'", None),
            ("sudo chown www app.py; python app.py", None),
            ("sudo systemctl restart gunicorn", None),
            ("sudo apt install python3", None),
            ("sudo python -m pip install x; sudo python -m venv v", None),
            ("sudo PYTHONPATH=$PYTHONPATH python app.py", None),
            ("sudo --preserve-env=PYTHONPATH python app.py", None),
            ("sudo heygem-run -- python app.py", None),
            ("heygem-run -- sudo heygem-run app.py", None),
            ("echo 'sudo python app.py'", None),
            ("", None),
        ];
        assert_eq!(taken("su - w -c 'python a.py'", || "'a b'".into(), || false), None);
        assert_eq!(taken("sudo python -c 1", || "L".into(), || true), None);
        for (text, expected) in table {
            assert_eq!(
                taken(text, || "L".into(), || false).map(|taken| taken.kept).as_deref(),
                expected,
                "{text}"
            );
        }
    }
}
