//! A shell's script that a command runs, and the lines of it that keep the launch from its Pythons: `export PYTHONPATH=.`.

use std::borrow::Cow;
use std::cell::LazyCell;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::program;
use super::shell_text::{Behind, TakenPath, gives_back, starts_python, taken_before};
use super::text_python::isolated;
use super::text_wrapper;
use super::wrapper::is_launcher;

/// The script, as far as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShellScript {
    /// Its absolute path.
    pub path: PathBuf,
    pub text: String,
    /// The words that it is given.
    pub arguments: Vec<OsString>,
}

/// A line of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScriptLine {
    /// From 1 on.
    pub number: usize,
    /// As written, without the blanks around it.
    pub line: String,
    /// What is to stand there; empty where nothing is.
    pub instead: String,
}

impl ShellScript {
    /// What was read of a script.
    pub fn new(path: &Path, text: String, arguments: &[OsString]) -> Self {
        Self { path: path.to_owned(), text, arguments: arguments.to_vec() }
    }

    /// Reads one; `None` where that fails, which its shell reports.
    pub fn read(path: &Path, arguments: &[OsString]) -> Option<Self> {
        Some(Self::new(path, program::script(path).ok()?, arguments))
    }

    /// The first line that takes PYTHONPATH away from a Python that the script starts. What is indented depends on something, and so is
    /// not judged.
    pub fn taken_path(&self) -> Option<ScriptLine> {
        let is_given =
            LazyCell::new(|| self.arguments.iter().filter_map(|word| word.to_str()).any(starts_python));
        let starts = |line: &str| starts_python(line) || hands_on(line) && *is_given;
        // Found once: each line may change the path.
        let python = LazyCell::new(|| self.last_line(starts));
        let launcher = LazyCell::new(|| self.last_line(gives_path));
        let found = self.code().find_map(|(index, end, line)| {
            if depends(line) {
                return None;
            }
            let runs = |behind| match behind {
                Behind::Later => *python >= Some(end),
                Behind::Next => *launcher < Some(end) && *python >= Some(end),
                Behind::Continued => {
                    let next = self.text[end..].lines().next().filter(|_| line.ends_with('\\'));
                    next.is_some_and(|next| !is_comment(next) && !gives_path(next) && starts(next))
                }
            };
            let TakenPath { kept, .. } = taken_before(line, runs)?;
            Some(ScriptLine { number: index + 1, line: line.to_owned(), instead: kept.trim().to_owned() })
        });
        found.filter(|_| !gives_back(&self.text))
    }

    /// The first line that runs a Python by a program that takes the path away, such as `sudo`; `launcher` makes the words that give it back.
    pub fn taken_by_program(&self, launcher: impl Fn() -> String) -> Option<ScriptLine> {
        let python = LazyCell::new(|| self.last_line(starts_python));
        let mut joined = 0;
        self.code().find_map(|(index, end, line)| {
            if end <= joined || is_comment(line) {
                return None; // A line that another one goes on in was judged with that.
            }
            let (whole, end) = self.continued(line, end);
            joined = end;
            if depends(line) {
                return None;
            }
            let TakenPath { kept, .. } = text_wrapper::taken(&whole, &launcher, || *python >= Some(end))?;
            let lines = whole.lines().zip(kept.lines()).enumerate();
            let (below, (line, instead)) = lines.into_iter().find(|(_, (line, kept))| line != kept)?;
            Some(ScriptLine {
                number: index + below + 1,
                line: line.trim().to_owned(),
                instead: instead.trim().to_owned(),
            })
        })
    }

    /// A line that ends at `end`, with those behind it in which it goes on, and where the last of them ends.
    fn continued<'s>(&'s self, line: &'s str, mut end: usize) -> (Cow<'s, str>, usize) {
        let mut whole = Cow::Borrowed(line);
        for next in self.text[end..].split_inclusive('\n') {
            if !whole.ends_with('\\') {
                break;
            }
            whole.to_mut().push('\n');
            whole.to_mut().push_str(next.trim_end());
            end += next.len();
        }
        (whole, end)
    }

    /// The first line whose Python has a flag that makes it ignore PYTHONPATH, with the flag.
    pub fn isolated(&self) -> Option<(char, ScriptLine)> {
        let last = LazyCell::new(|| self.last_line(starts_python));
        self.code().filter(|(_, _, line)| !is_comment(line)).find_map(|(index, end, line)| {
            let line = line.trim();
            let (flag, python) = isolated(line, || *last >= Some(end)).into_iter().next()?;
            let (line, instead) = (line.to_owned(), python.without_isolation(line.to_owned()));
            Some((flag, ScriptLine { number: index + 1, line, instead }))
        })
    }

    /// Its lines, without the space at their ends: each with its index, and where it ends in the text. Those of a document for a
    /// program's input (`cat <<EOF`) are left out.
    pub fn code(&self) -> impl Iterator<Item = (usize, usize, &str)> {
        let (mut end, mut last) = (0, None);
        self.text.split_inclusive('\n').enumerate().filter_map(move |(index, line)| {
            end += line.len();
            let line = line.trim_end();
            if let Some(word) = last {
                last = last.filter(|_| line.trim_start_matches('\t') != word);
                return None;
            }
            last = document_end(line);
            Some((index, end, line))
        })
    }

    /// Where the last such line begins, other than a comment.
    fn last_line(&self, is_meant: impl Fn(&str) -> bool) -> Option<usize> {
        let (mut last, mut end) = (None, 0);
        for line in self.text.split_inclusive('\n') {
            last = if !is_comment(line) && is_meant(line) { Some(end) } else { last };
            end += line.len();
        }
        last
    }
}

/// Whether it depends on something whether a line is run, as far as its form tells; or it is a comment.
pub fn depends(line: &str) -> bool {
    const CONDITIONS: [&str; 5] = ["if", "elif", "case", "while", "until"];
    line.starts_with([' ', '\t', '#'])
        || CONDITIONS.iter().any(|word| line.split_whitespace().next() == Some(word))
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with('#')
}

/// Whether a line runs what the script was given.
fn hands_on(line: &str) -> bool {
    line.contains("\"$@\"") || line.contains("$*")
}

/// Whether a line has heygem-run, which gives its Python the path.
fn gives_path(line: &str) -> bool {
    is_launcher(line.as_ref())
}

/// The line that ends the document which a line begins: `EOF` of `cat <<-'EOF' >x`.
fn document_end(line: &str) -> Option<&str> {
    let (_, behind) = line.split_once("<<").filter(|_| !is_comment(line))?;
    let word = behind.strip_prefix('-').unwrap_or(behind).trim_start();
    let is_quote = |char| matches!(char, '\'' | '"' | '\\');
    let word = word.trim_start_matches(is_quote);
    let end = word.find(|char: char| !char.is_ascii_alphanumeric() && char != '_').unwrap_or(word.len());
    // `<<<` has its input beside it, and `1<<2` is a number.
    let is_name = word.starts_with(|char: char| char.is_ascii_alphabetic() || char == '_');
    is_name.then(|| &word[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_that_takes_the_path_away_is_found() {
        let table = [
            (
                "#!/bin/sh\nexport PYTHONPATH=.\nexec python app.py\n",
                2,
                r#"export PYTHONPATH=.:"$PYTHONPATH""#,
            ),
            ("PYTHONPATH=/x exec python a.py", 1, r#"PYTHONPATH=/x:"$PYTHONPATH" exec python a.py"#),
            ("cd a\r\nPYTHONPATH=.\r\npython a.py\r\n", 2, r#"PYTHONPATH=.:"$PYTHONPATH""#),
            ("PYTHONPATH=. \\\n  python a.py", 1, "PYTHONPATH=.:\"$PYTHONPATH\" \\"),
            ("declare -x PYTHONPATH=.\npython a.py", 1, r#"declare -x PYTHONPATH=.:"$PYTHONPATH""#),
            ("unset PYTHONPATH\nuvicorn a:app", 1, ""),
            ("unset A PYTHONPATH\nuvicorn a:app", 1, "unset A"),
            (
                "# don't\nexport PYTHONPATH=. # own\npython a.py",
                2,
                r#"export PYTHONPATH=.:"$PYTHONPATH" # own"#,
            ),
            ("export PYTHONPATH=.\nexec \"$@\"", 1, r#"export PYTHONPATH=.:"$PYTHONPATH""#),
            ("export PYTHONPATH=.:$PYTHONPATH\npython a.py", 0, ""),
            ("export PYTHONPATH=${PYTHONPATH:+$PYTHONPATH:}.\npython a.py", 0, ""),
            ("export PYTHONPATH=.\nheygem-run a.py", 0, ""),
            ("export PYTHONPATH=.\n# python a.py\nexec ./server", 0, ""),
            ("cat >x <<-'EOF'\nexport PYTHONPATH=.\n\tEOF\npython a.py", 0, ""),
            ("cat <<EOF\nEOF\nPYTHONPATH=. python a.py", 3, r#"PYTHONPATH=.:"$PYTHONPATH" python a.py"#),
            ("cat <<<EOF\nPYTHONPATH=. python a.py", 2, r#"PYTHONPATH=.:"$PYTHONPATH" python a.py"#),
            ("OLD=${PYTHONPATH:-}\nexport PYTHONPATH=\".${OLD:+:$OLD}\"\npython a.py", 0, ""),
            ("test -z \"$PYTHONPATH\" && export PYTHONPATH=/x\npython a.py", 0, ""),
            ("if x; then\n  export PYTHONPATH=.\nfi\npython a.py", 0, ""),
            ("python a.py\nunset PYTHONPATH", 0, ""),
            ("if x; then PYTHONPATH=. python b.py; fi\npython a.py", 0, ""),
            ("PYTHONPATH= python -c 'import torch' || exit 1\nexec heygem-run -- python a.py", 0, ""),
            ("PYTHONPATH= python -V\npython a.py", 0, ""),
            ("PYTHONPATH=. make\npython a.py", 0, ""),
            ("", 0, ""),
        ];
        for (text, number, instead) in table {
            let arguments = vec!["python".into(), "app.py".into()];
            let script = ShellScript { path: PathBuf::new(), text: text.into(), arguments };
            let found = script.taken_path().map(|line| (line.number, line.instead)).unwrap_or_default();
            assert_eq!(found, (number, instead.into()), "{text}");
        }
    }

    #[test]
    fn the_line_whose_program_takes_the_path_away_is_found() {
        let table = [
            ("#!/bin/sh\nexec sudo -u w python a.py\n", 2, "exec sudo -u w L -- python a.py"),
            ("cat <<EOF\nsudo python a.py\nEOF\nenv -i python a.py", 4, "env -i L -- python a.py"),
            ("# sudo python a.py\nif x; then\n  sudo python a.py\nfi", 0, ""),
            ("sudo chown w a.py\npython a.py", 0, ""),
            ("if x; then sudo python b.py; fi", 0, ""),
            ("sudo python -c 'import torch'\npython a.py", 0, ""),
            ("cd x\nexec sudo \\\n  -u w \\\n  python a.py\n", 4, "L -- python a.py"),
            ("sudo \\\r\npython a.py", 2, "L -- python a.py"),
            ("sudo \\\n  python -c 1", 2, "L -- python -c 1"),
            ("if x; then \\\nsudo python a.py; fi", 0, ""),
            ("# no more \\\nsudo python a.py", 2, "sudo L -- python a.py"),
        ];
        for (text, number, instead) in table {
            let script = ShellScript { path: PathBuf::new(), text: text.into(), arguments: Vec::new() };
            let found = script.taken_by_program(|| "L".into()).map(|line| (line.number, line.instead));
            assert_eq!(found.unwrap_or_default(), (number, instead.into()), "{text}");
        }
    }
}
