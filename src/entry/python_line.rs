//! Python's own command line, read as CPython reads it (`Python/getopt.c`, `_PyOS_GetOpt`).

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use crate::plain_path::last_name;

/// Options with a value, in the same word or the next.
const WITH_VALUE: &[u8] = b"WX";

/// Options without one.
const FLAGS: &[u8] = b"bBdEhiIJOPqRsStuvVx?";

/// What an interpreter is asked to run, by index into its words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// A script: the word at this index.
    Script(usize),
    /// A module: `-m`.
    Module,
    /// Code on the command line, `-c`.
    Code,
    /// Standard input or the prompt, or nothing but a version or a help text.
    Other,
    /// An option of a newer Python: what follows can't be told.
    Unknown,
}

/// An interpreter's command line, understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PythonLine {
    pub entry: Entry,
    /// The option, `E` or `I`, that makes the interpreter and its children ignore `PYTHONPATH`.
    pub isolation: Option<char>,
    /// The index of the first word that belongs to what is run.
    pub arguments: usize,
}

/// Whether a program is a Python interpreter, by its name: `python`, `python3`, `python3.8`, `/venv/bin/python3.13t`.
pub fn is_python(program: &OsStr) -> bool {
    last_name(program).as_bytes().strip_prefix(b"python").is_some_and(|rest| {
        let version = match rest {
            // A debug build, a free-threaded one, Windows' own: `python3.8d`, `python3.13t`, `pythonw`.
            [version @ .., b'd' | b't' | b'w'] => version,
            _ => rest,
        };
        version.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.')
    })
}

/// Understands an interpreter's words, its own name first.
pub fn parse(words: &[OsString]) -> PythonLine {
    let mut line = PythonLine { entry: Entry::Other, isolation: None, arguments: words.len() };
    let mut index = 1;
    while let Some(word) = words.get(index).map(|word| word.as_bytes()) {
        index += 1;
        match word {
            b"--" => break,
            b"-" => return PythonLine { arguments: index, ..line },
            b"--check-hash-based-pycs" => index += 1,
            b"--help" | b"--version" | b"--help-all" | b"--help-env" | b"--help-xoptions" => return line,
            _ if word.starts_with(b"--") => return PythonLine { entry: Entry::Unknown, ..line },
            [b'-', letters @ ..] => match letters_of(letters, &mut line.isolation) {
                Letters::Flags => {}
                Letters::NeedValue => index += 1,
                Letters::Entry(entry, attached) => {
                    let arguments = if attached { index } else { index + 1 };
                    return PythonLine { entry, arguments: arguments.min(words.len()), ..line };
                }
            },
            _ => {
                index -= 1;
                break;
            }
        }
    }
    if index < words.len() {
        line.entry = Entry::Script(index);
        line.arguments = index + 1;
    }
    line
}

enum Letters {
    Flags,
    NeedValue,
    /// What is run, and whether the word itself names it (`-mNAME`).
    Entry(Entry, bool),
}

fn letters_of(letters: &[u8], isolation: &mut Option<char>) -> Letters {
    for (index, letter) in letters.iter().enumerate() {
        let attached = index + 1 < letters.len();
        match letter {
            b'c' => return Letters::Entry(Entry::Code, attached),
            b'm' => return Letters::Entry(Entry::Module, attached),
            b'E' | b'I' => *isolation = isolation.or(Some(char::from(*letter))),
            _ if WITH_VALUE.contains(letter) => {
                return if attached { Letters::Flags } else { Letters::NeedValue };
            }
            _ if FLAGS.contains(letter) => {}
            _ => return Letters::Entry(Entry::Unknown, true),
        }
    }
    Letters::Flags
}

/// One word of an interpreter's options.
#[derive(Debug, PartialEq, Eq)]
pub struct PythonOption<'w> {
    /// The index of the word.
    pub index: usize,
    /// The letters without a value.
    pub flags: &'w [u8],
    /// The letter that takes a value, with what is attached to it; empty where there is none.
    pub value: &'w [u8],
}

/// The options of an interpreter's words, its own name first, up to what is run: `-c` and `-m` are the last.
pub fn options(words: &[OsString]) -> Vec<PythonOption<'_>> {
    let takes_value = |letter: &u8| *letter == b'c' || *letter == b'm' || WITH_VALUE.contains(letter);
    let end = parse(words).arguments.min(words.len());
    let mut options = Vec::new();
    let mut is_value = true; // the program's name is no option
    for (index, word) in words[..end].iter().enumerate() {
        match word.as_bytes() {
            _ if is_value => is_value = false,
            b"--" => break,
            b"--check-hash-based-pycs" => is_value = true,
            [b'-', b'-', ..] | b"-" => {}
            [b'-', letters @ ..] => {
                let at = letters.iter().position(takes_value).unwrap_or(letters.len());
                let (flags, value) = letters.split_at(at);
                is_value = value.len() == 1;
                options.push(PythonOption { index, flags, value });
            }
            _ => break,
        }
    }
    options
}

/// An interpreter's words without these flags, and all else as it is.
pub fn without(words: &[OsString], letters: &[u8]) -> Vec<OsString> {
    let mut left: Vec<Option<OsString>> = words.iter().cloned().map(Some).collect();
    for (index, word) in changed_without(words, letters) {
        left[index] = word;
    }
    left.into_iter().flatten().collect()
}

/// The words that change where these flags are left out, by their indices; `None` where nothing is left of one.
pub fn changed_without(words: &[OsString], letters: &[u8]) -> Vec<(usize, Option<OsString>)> {
    let changed = options(words).into_iter().filter_map(|PythonOption { index, flags, value }| {
        let kept: Vec<u8> = flags.iter().copied().filter(|flag| !letters.contains(flag)).collect();
        let word = [b"-", &kept[..], value].concat();
        (kept.len() < flags.len()).then(|| (index, (word != b"-").then(|| OsString::from_vec(word))))
    });
    changed.collect()
}

/// An interpreter's words without the options that make it ignore `PYTHONPATH`.
pub fn without_isolation(words: &[OsString]) -> Vec<OsString> {
    without(words, b"EI")
}

pub fn has_flag(words: &[OsString], letter: u8) -> bool {
    options(words).iter().any(|option| option.flags.contains(&letter))
}

/// The module that an interpreter's words run: `uvicorn` of `-m uvicorn`, `-um uvicorn` and `-muvicorn`.
pub fn module_name(words: &[OsString]) -> Option<&str> {
    let line = parse(words);
    let word = words.get(line.arguments.checked_sub(1)?).filter(|_| line.entry == Entry::Module)?.to_str()?;
    // The word of the option itself, where the name is attached to it.
    let name = match word.strip_prefix('-') {
        Some(letters) => letters.split_once('m').map_or("", |(_, name)| name),
        None => word,
    };
    (!name.is_empty()).then_some(name)
}

/// Whether a module makes or fills an environment, and so imports no SDK.
pub fn fills_environment(module: &str) -> bool {
    ["pip", "venv", "ensurepip", "virtualenv", "compileall"].contains(&module)
}

/// Whether a Python runs code of the command line, or tells its version.
pub fn is_check(words: &[OsString]) -> bool {
    let is_version = || words.iter().any(|word| word == "--version") || has_flag(words, b'V');
    words.first().is_some_and(|word| is_python(word))
        && match parse(words).entry {
            Entry::Code => true,
            Entry::Other => is_version(),
            _ => false,
        }
}

/// Reads `-E` or `-I` out of a `#!` line's arguments (`/usr/bin/python3 -E`, `/usr/bin/env -S python3 -I -u`).
pub fn isolation_in(shebang_words: &[OsString]) -> Option<char> {
    parse(interpreter_in(shebang_words)).isolation
}

/// The interpreter's own words in a `#!` line's; none where there is no Python.
pub fn interpreter_in(shebang_words: &[OsString]) -> &[OsString] {
    let python = shebang_words.iter().position(|word| is_python(word));
    &shebang_words[python.unwrap_or(shebang_words.len())..]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::words;

    fn parsed(line: &str) -> (Entry, Option<char>, usize) {
        let words = words(line);
        let PythonLine { entry, isolation, arguments } = parse(&words);
        (entry, isolation, arguments)
    }

    #[test]
    fn the_entry_is_found_behind_pythons_own_options() {
        let table = [
            ("python a.py -E", (Entry::Script(1), None, 2)),
            ("python -u a.py", (Entry::Script(2), None, 3)),
            ("python -uE -X dev a.py x", (Entry::Script(4), Some('E'), 5)),
            ("python -Xdev -Wignore a.py", (Entry::Script(3), None, 4)),
            ("python -uW ignore a.py", (Entry::Script(3), None, 4)),
            ("python -I -- -a.py", (Entry::Script(3), Some('I'), 4)),
            ("python --check-hash-based-pycs always a.py", (Entry::Script(3), None, 4)),
            ("python -m uvicorn app:app", (Entry::Module, None, 3)),
            ("python -um uvicorn app:app", (Entry::Module, None, 3)),
            ("python -muvicorn app:app", (Entry::Module, None, 2)),
            ("python -c print() x", (Entry::Code, None, 3)),
            ("python -cprint() x", (Entry::Code, None, 2)),
            ("python -EIc print()", (Entry::Code, Some('E'), 3)),
            ("python - x", (Entry::Other, None, 2)),
            ("python", (Entry::Other, None, 1)),
            ("python -i", (Entry::Other, None, 2)),
            ("python -m", (Entry::Module, None, 2)),
            ("python -X", (Entry::Other, None, 2)),
            ("python --version a.py", (Entry::Other, None, 3)),
            ("python -k v a.py", (Entry::Unknown, None, 2)),
            ("python --new v a.py", (Entry::Unknown, None, 4)),
        ];
        for (line, expected) in table {
            assert_eq!(parsed(line), expected, "{line}");
        }
    }

    #[test]
    fn interpreters_are_known_by_name() {
        for name in ["python", "python3", "python3.8", "/venv/bin/python3.13t", "./python2.7", "pythonw"] {
            assert!(is_python(OsStr::new(name)), "{name}");
        }
        for name in
            ["python3.8-config", "pythons", "ipython", "pypy3", "bash", "", "/", "python-x", "uvicorn"]
        {
            assert!(!is_python(OsStr::new(name)), "{name}");
        }
    }

    #[test]
    fn the_module_is_named() {
        let table = [
            ("python -m uvicorn a", Some("uvicorn")),
            ("python -um uvicorn", Some("uvicorn")),
            ("python -muvicorn a", Some("uvicorn")),
            ("python -umuvicorn", Some("uvicorn")),
            ("python -m", None),
            ("python a.py -m x", None),
            ("python", None),
        ];
        for (line, expected) in table {
            let words = words(line);
            assert_eq!(module_name(&words), expected, "{line}");
        }
    }

    #[test]
    fn isolation_is_left_out() {
        let table = [
            ("python -I app.py -I", "python app.py -I"),
            ("python -uEX dev app.py", "python -uX dev app.py"),
            ("python -X E -IBc x -E", "python -X E -Bc x -E"),
            ("python -E -m -I", "python -m -I"),
            ("python -I -", "python -"),
            ("python -EI -- app.py", "python -- app.py"),
            ("python -u app.py", "python -u app.py"),
            ("python -I -- -Ea.py", "python -- -Ea.py"),
            ("python --check-hash-based-pycs -E app.py", "python --check-hash-based-pycs -E app.py"),
            ("python -Em uvicorn app:app", "python -m uvicorn app:app"),
            ("python -IcE x", "python -cE x"),
        ];
        for (line, expected) in table {
            let words = words(line);
            assert_eq!(without_isolation(&words).join(OsStr::new(" ")), expected, "{line}");
        }
    }

    #[test]
    fn flags_are_told_from_values_and_arguments() {
        let table = [
            ("python -us app.py", true),
            ("python -sm uvicorn", true),
            ("python -u -sc x", true),
            ("python -X s app.py -s", false),
            ("python -Wsome app.py", false),
            ("python -ms", false),
            ("python -- -s", false),
            ("python -", false),
        ];
        for (line, expected) in table {
            assert_eq!(has_flag(&words(line), b's'), expected, "{line}");
        }
    }

    #[test]
    fn isolation_shows_in_a_shebang() {
        let isolation = |line: &str| isolation_in(&words(line));
        assert_eq!(isolation("/usr/bin/python3 -E"), Some('E'));
        assert_eq!(isolation("/usr/bin/env -S python3 -I -u"), Some('I'));
        assert_eq!(isolation("/usr/bin/python3"), None);
        assert_eq!(isolation("/bin/sh -E"), None);
    }

    mod fuzz {
        use super::*;
        use proptest::collection::vec;
        use proptest::prelude::*;

        fn word() -> impl Strategy<Value = OsString> {
            let known = prop::sample::select(vec![
                "-",
                "--",
                "-u",
                "-X",
                "-W",
                "-m",
                "-c",
                "-E",
                "-I",
                "-uE",
                "-Xdev",
                "-mx",
                "-cx",
                "--version",
                "--check-hash-based-pycs",
                "--new",
                "-k",
                "a.py",
                "",
                "always",
            ]);
            prop_oneof![
                known.prop_map(OsString::from),
                "-[a-zA-Z?]{0,4}".prop_map(OsString::from),
                vec(any::<u8>(), 0..6).prop_map(OsString::from_vec),
            ]
        }

        proptest! {
            #[test]
            fn an_entry_lies_within_its_line(words in vec(word(), 0..8)) {
                let words: Vec<OsString> = std::iter::once("python".into()).chain(words).collect();
                let PythonLine { entry, isolation, arguments } = parse(&words);
                prop_assert!((1..=words.len()).contains(&arguments));
                if let Entry::Script(index) = entry {
                    prop_assert_eq!(arguments, index + 1);
                    prop_assert!(index >= 1 && index < words.len());
                    // All before it are options or their values.
                    let is_behind_dashes = words[index - 1] == "--";
                    prop_assert!(is_behind_dashes || !words[index].as_bytes().starts_with(b"-"));
                }
                if let Some(option) = isolation {
                    let letter = [option as u8];
                    let stands_in = |word: &&OsString| word.as_bytes().windows(1).any(|byte| byte == letter);
                    prop_assert!(words.iter().any(|word| stands_in(&word)));
                }
                // What belongs to what is run changes nothing.
                if matches!(entry, Entry::Script(_) | Entry::Module | Entry::Code) {
                    let more: Vec<OsString> = words.iter().cloned().chain(["-E".into(), "-m".into()]).collect();
                    let is_cut = words.len() == arguments && !matches!(entry, Entry::Script(_));
                    prop_assert!(is_cut || parse(&more) == parse(&words));
                }
            }
        }
    }
}
