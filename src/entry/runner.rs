//! Programs that run a script of the user's in their own process or shell, such as `bash`, `python -m pdb` and `coverage run`: which
//! word names it.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

use super::python_line::{self, Entry};
use crate::plain_path::last_name;

/// What is known of such a program's own options.
struct Runner {
    /// The program, or the module of Python's.
    names: &'static [&'static str],
    /// The word that stands first: `run`.
    command: Option<&'static str>,
    /// One-letter options with a value.
    letters: &'static [u8],
    /// Long options with a value in the next word where no `=` attaches it.
    long: &'static [&'static str],
    /// One-letter options behind which no script comes: a module, code, standard input.
    other: &'static [u8],
}

const RUNNERS: [Runner; 10] = [
    Runner {
        names: &["sh", "bash", "dash", "zsh", "ksh", "ash"],
        command: None,
        letters: b"oO",
        long: &["--rcfile", "--init-file"],
        other: b"cs",
    },
    Runner {
        names: &["cProfile", "profile"],
        command: None,
        letters: b"os",
        long: &["--outfile", "--sort"],
        other: b"m",
    },
    Runner { names: &["pdb"], command: None, letters: b"c", long: &["--command"], other: b"m" },
    Runner {
        names: &["trace"],
        command: None,
        letters: b"fC",
        long: &["--file", "--coverdir", "--ignore-module", "--ignore-dir"],
        other: b"",
    },
    Runner {
        names: &["coverage"],
        command: Some("run"),
        letters: b"",
        long: &[
            "--rcfile",
            "--data-file",
            "--source",
            "--omit",
            "--include",
            "--context",
            "--concurrency",
            "--debug",
        ],
        other: b"m",
    },
    Runner {
        names: &["debugpy"],
        command: None,
        letters: b"",
        long: &["--listen", "--connect", "--log-to", "--adapter-access-token", "--pid"],
        other: b"mc",
    },
    Runner {
        names: &["torchrun", "torch.distributed.run", "torch.distributed.launch"],
        command: None,
        letters: b"rt",
        long: &[
            "--nproc_per_node",
            "--nproc-per-node",
            "--nnodes",
            "--node_rank",
            "--node-rank",
            "--master_addr",
            "--master-addr",
            "--master_port",
            "--master-port",
            "--rdzv_backend",
            "--rdzv-backend",
            "--rdzv_endpoint",
            "--rdzv-endpoint",
            "--rdzv_id",
            "--rdzv-id",
            "--max_restarts",
            "--max-restarts",
            "--log_dir",
            "--log-dir",
        ],
        other: b"m",
    },
    Runner {
        names: &["kernprof"],
        command: None,
        letters: b"os",
        long: &["--outfile", "--setup"],
        other: b"m",
    },
    Runner { names: &["memray"], command: Some("run"), letters: b"op", long: &["--output"], other: b"mc" },
    Runner { names: &["viztracer"], command: None, letters: b"o", long: &["--output_file"], other: b"m" },
];

/// The index of the script among a command's words: Python's own, or one that such a program runs.
pub fn script_index(words: &[OsString]) -> Option<usize> {
    if python_line::is_python(&words[0]) {
        let line = python_line::parse(words);
        if let Entry::Script(index) = line.entry {
            return Some(index);
        }
        let runner = runner_of(OsStr::new(python_line::module_name(words)?))?;
        return runner.script(words, line.arguments);
    }
    runner_of(last_name(&words[0]))?.script(words, 1)
}

pub fn is_shell(word: &OsStr) -> bool {
    RUNNERS[0].names.iter().any(|name| last_name(word) == *name)
}

/// The index of the text that a shell reads as its commands: the first word behind its options, where `-c` is one of them.
pub fn shell_text(words: &[OsString]) -> Option<usize> {
    let (mut index, mut is_text) = (1, false);
    loop {
        let word = words.get(index).filter(|_| is_shell(&words[0]))?.as_bytes();
        let has_value = match word {
            b"--" => return (is_text && index + 1 < words.len()).then_some(index + 1),
            [b'-', b'-', ..] => RUNNERS[0].long.iter().any(|long| long.as_bytes() == word),
            [b'-' | b'+', letters @ ..] if !letters.is_empty() => {
                is_text |= word[0] == b'-' && letters.contains(&b'c');
                letters.iter().any(|letter| RUNNERS[0].letters.contains(letter))
            }
            _ => return is_text.then_some(index),
        };
        index += 1 + usize::from(has_value);
    }
}

/// Whether a shell is told to read files of the user's before its text, which may change PATH; `own` are the words before that.
pub fn reads_profile(own: &[OsString]) -> bool {
    own.iter().skip(1).any(|word| match word.as_bytes() {
        b"--login" | b"--init-file" | b"--rcfile" => true,
        [b'-', b'-', ..] => false,
        [b'-', letters @ ..] => letters.iter().any(|letter| b"li".contains(letter)),
        _ => false,
    })
}

/// The pieces of a shell's text that could be its words. One with anything else of a shell's in it names no file, as a rule.
pub fn shell_pieces(text: &OsStr) -> impl Iterator<Item = &OsStr> {
    let is_break = |byte: &u8| byte.is_ascii_whitespace() || b";&|()'\"`".contains(byte);
    text.as_bytes().split(is_break).map(OsStr::from_bytes)
}

fn runner_of(name: &OsStr) -> Option<&'static Runner> {
    RUNNERS.iter().find(|runner| runner.names.iter().any(|known| OsStr::new(known) == name))
}

/// How many words an option takes: one more where it has a value that nothing attaches to it.
pub fn words_of_option(option: &[u8], letters: &[u8], long: &[&str]) -> usize {
    let has_value = match option {
        [b'-', b'-', ..] => long.iter().any(|long| long.as_bytes() == option),
        [_, own @ ..] => {
            own.iter().position(|letter| letters.contains(letter)).is_some_and(|at| at + 1 == own.len())
        }
        [] => false,
    };
    1 + usize::from(has_value)
}

impl Runner {
    fn script(&self, words: &[OsString], start: usize) -> Option<usize> {
        let mut index = start;
        if let Some(command) = self.command {
            (words.get(index)? == command).then_some(())?;
            index += 1;
        }
        loop {
            let word = words.get(index)?.as_bytes();
            match word {
                b"--" => return (index + 1 < words.len()).then_some(index + 1),
                [b'-', b'-', ..] => index += words_of_option(word, self.letters, self.long),
                [b'-' | b'+', letters @ ..] if !letters.is_empty() => {
                    let known = |letter: &&u8| self.letters.contains(letter) || self.other.contains(letter);
                    if letters.iter().find(known).is_some_and(|letter| self.other.contains(letter)) {
                        return None;
                    }
                    index += words_of_option(word, self.letters, self.long);
                }
                b"-" | b"" => return None,
                _ => return Some(index),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::words;

    #[test]
    fn the_script_of_a_runner_is_found() {
        let table = [
            ("python app.py", Some(1)),
            ("python -m cProfile app.py", Some(3)),
            ("python -m cProfile -o out.prof -s time app.py", Some(7)),
            ("python -m cProfile -m app", None),
            ("python -m pdb -c c app.py", Some(5)),
            ("python -m debugpy --listen 5678 --wait-for-client app.py", Some(6)),
            ("python -m debugpy --listen 5678 -m app", None),
            ("python -m coverage run --source=. app.py", Some(5)),
            ("coverage run --source . app.py", Some(4)),
            ("coverage report app.py", None),
            ("coverage run -m uvicorn app:app", None),
            ("python -m trace --ignore-dir=/ --trackcalls app.py", Some(5)),
            ("torchrun --nproc_per_node 1 --standalone app.py", Some(4)),
            ("python -m http.server x.py", None),
            ("bash start.sh", Some(1)),
            ("/bin/sh -eu start.sh a.sh", Some(2)),
            ("bash -o pipefail +x --norc start.sh", Some(5)),
            ("bash -ec start.sh", None),
            ("bash -s start.sh", None),
            ("bash", None),
            ("nohup start.sh", None),
        ];
        for (line, expected) in table {
            assert_eq!(script_index(&words(line)), expected, "{line}");
        }
    }

    #[test]
    fn the_text_of_a_shell_is_found() {
        let table = [
            ("bash -c x", Some(2)),
            ("/bin/sh -ec x y", Some(2)),
            ("bash -l -c x", Some(3)),
            ("bash -eo pipefail +x --rcfile x -c y", Some(7)),
            ("bash x -c y", None),
            ("sh -ce x", Some(2)),
            ("bash -c -e x", Some(3)),
            ("bash -ceo pipefail x y", Some(3)),
            ("bash -c -- x", Some(3)),
            ("bash -- x", None),
            ("bash -c", None),
            ("python -c x", None),
        ];
        for (line, expected) in table {
            assert_eq!(shell_text(&words(line)), expected, "{line}");
        }
    }
}
