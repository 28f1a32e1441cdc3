//! Words that only a shell understands, where a program is looked for: `exec python app.py`, `cd api`, `A=1 python app.py`.

use std::ffi::OsString;

use crate::shell::{quote, quote_all};

/// What stands before a command and may be left out where a shell does not read it.
const PREFIXES: [&str; 3] = ["exec", "command", "builtin"];

/// What makes the shell read more commands.
const READERS: [&str; 3] = ["source", ".", "eval"];

/// What changes the shell itself, or measures what it runs.
const CHANGES: [&str; 17] = [
    "cd", "pushd", "popd", "export", "unset", "declare", "typeset", "readonly", "local", "alias", "unalias",
    "set", "shopt", "ulimit", "umask", "trap", "time",
];

/// What parts commands, where a shell reads it.
const OPERATORS: [&str; 5] = ["&&", "||", ";", "|", "&"];

/// What to type in place of words whose first one is no program. `is_program` tells whether a word is one.
pub fn hint(words: &[OsString], is_program: impl Fn(&str) -> bool) -> Option<String> {
    let words: Vec<&str> = words.iter().map(|word| word.to_str()).collect::<Option<_>>()?;
    let (first, rest) = words.split_first()?;
    let is_own = |word: &str| {
        is_assignment(word) || [&PREFIXES[..], &READERS, &CHANGES].iter().any(|own| own.contains(&word))
    };
    if first.contains(char::is_whitespace) {
        let split = shell_words::split(first).ok()?;
        let command: Vec<&str> = split.iter().map(String::as_str).chain(rest.iter().copied()).collect();
        let is_text = is_own(command.first()?) || first.contains(['&', ';', '|', '<', '>', '$', '`']);
        return match is_text {
            true if rest.is_empty() && (is_own(command[0]) || is_program(command[0])) => {
                Some(format!("it is a shell's text, do: heygem-run -- bash -c {}", quote(first)))
            }
            false if is_program(command[0]) => {
                Some(format!("its words are one here, do: heygem-run -- {}", quote_all(&command)))
            }
            _ => None,
        };
    }
    if !is_own(first) {
        return None;
    }
    let own = format!("{first} is a shell's own word");
    let is_command = rest.first().is_some_and(|word| !word.starts_with('-'));
    if is_assignment(first) {
        let command = words.iter().position(|word| !is_assignment(word))?;
        let is_path = words[..command].iter().any(|word| word.starts_with("PYTHONPATH="));
        let line = quote_all(&words[command..]);
        return Some(match is_path {
            true => format!("it belongs in front of heygem-run: {first} heygem-run -- {line}"),
            false => format!("do: heygem-run -- env {}", quote_all(&words)),
        });
    }
    let has_operator = words.iter().any(|word| OPERATORS.contains(word));
    Some(match *first {
        word if has_operator || READERS.contains(&word) && !is_activation(rest) => {
            format!("{own}, do: heygem-run -- bash -c {}", quote(text(&words)))
        }
        word if PREFIXES.contains(&word) && is_command => {
            format!("{own}, do: heygem-run -- {}", quote_all(rest))
        }
        _ => format!("{own} and belongs in front of heygem-run: {} && heygem-run -- …", quote_all(&words)),
    })
}

/// Whether a file that is read would change the environment, and do nothing else.
fn is_activation(arguments: &[&str]) -> bool {
    arguments.first().is_some_and(|file| file.rsplit('/').next() == Some("activate"))
}

fn is_assignment(word: &str) -> bool {
    let name = word.split_once('=').map_or("", |(name, _)| name);
    !name.is_empty()
        && !name.starts_with(|char: char| char.is_ascii_digit())
        && name.chars().all(|char| char.is_ascii_alphanumeric() || char == '_')
}

/// The words as a shell's text, in which operators are such.
fn text(words: &[&str]) -> String {
    let quoted = words.iter().map(|word| match OPERATORS.contains(word) {
        true => (*word).to_owned(),
        false => quote(word),
    });
    quoted.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_shell_understands_is_told_in_words_for_the_launcher() {
        let own = |word: &str, rest: &str| format!("{word} is a shell's own word{rest}");
        let table: [(&[&str], String); 16] = [
            (&["exec", "python", "a b.py"], own("exec", ", do: heygem-run -- python 'a b.py'")),
            (&["source", "start.sh"], own("source", ", do: heygem-run -- bash -c 'source start.sh'")),
            (&[".", "./start.sh"], own(".", ", do: heygem-run -- bash -c '. ./start.sh'")),
            (
                &["source", "venv/bin/activate"],
                own(
                    "source",
                    " and belongs in front of heygem-run: source venv/bin/activate && heygem-run -- …",
                ),
            ),
            (&["cd", "api"], own("cd", " and belongs in front of heygem-run: cd api && heygem-run -- …")),
            (
                &["cd", "api", "&&", "python", "a b.py"],
                own("cd", r", do: heygem-run -- bash -c 'cd api && python '\''a b.py'\'''"),
            ),
            (&["A=1", "python", "app.py"], "do: heygem-run -- env 'A=1' python app.py".into()),
            (
                &["PYTHONPATH=.", "python", "app.py"],
                "it belongs in front of heygem-run: PYTHONPATH=. heygem-run -- python app.py".into(),
            ),
            (&["python app.py"], "its words are one here, do: heygem-run -- python app.py".into()),
            (&["python 'a b.py'", "x"], "its words are one here, do: heygem-run -- python 'a b.py' x".into()),
            (
                &["cd x && python app.py"],
                "it is a shell's text, do: heygem-run -- bash -c 'cd x && python app.py'".into(),
            ),
            (&["my program.py"], String::new()),
            (&["A=1"], String::new()),
            (&["nothing", "exec"], String::new()),
            (&["nothing", "&&", "python"], String::new()),
            (&[], String::new()),
        ];
        for (words, expected) in table {
            let words: Vec<OsString> = words.iter().map(OsString::from).collect();
            let told = hint(&words, |word| word == "python").unwrap_or_default();
            assert_eq!(told, expected, "{words:?}");
        }
    }
}
