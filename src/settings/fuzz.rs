//! Command lines of any kind, and values of any bytes.

use super::*;
use crate::cli;
use crate::reader;
use proptest::collection::vec;
use proptest::prelude::*;
use std::ffi::CString;
use std::os::unix::ffi::OsStringExt as _;

/// Words that the launcher knows, or nearly.
const KNOWN: [&str; 46] = [
    "--",
    "-",
    "",
    "-r",
    "--root",
    "--root=",
    "-r=",
    "-p",
    "-C",
    "--chdir=x",
    "--no-chdir",
    "-L",
    "--library-dir",
    "-m",
    "-mx",
    "-n",
    "--dry-run",
    "--print-env",
    "--print-env=json",
    "--print-env=x",
    "--prepare",
    "-q",
    "-v",
    "-qv",
    "-h",
    "-V",
    "--strict",
    "--no-inherit",
    "--no-bridge",
    "--nonsense",
    "-Z",
    "--help",
    "--verb",
    "--doctor",
    "--inspect",
    "--explain=x",
    "--timeout",
    "--format=json",
    "-rq",
    "-qm",
    "-C=",
    "app.py",
    "python",
    "'",
    "a b",
    "数字人",
];

fn word() -> impl Strategy<Value = OsString> {
    prop_oneof![prop::sample::select(&KNOWN[..]).prop_map(OsString::from), any_word()]
}

/// Any bytes but NUL, which no word of a process can hold.
fn any_word() -> impl Strategy<Value = OsString> {
    vec(1..=255u8, 0..10).prop_map(OsString::from_vec)
}

/// The words of a whole command line.
fn line(words: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    std::iter::once("h".into()).chain(words).collect()
}

fn words_of(action: Action) -> Vec<OsString> {
    match action {
        Action::Launch(words) | Action::DryRun(words) => match words {
            Words::Command(words) | Words::Script(words) | Words::Module(words) => words,
        },
        Action::PrintEnv(_) | Action::Prepare | Action::Inspect(..) | Action::Explain(..) => Vec::new(),
        Action::Doctor(words, ..) => words.map_or_else(Vec::new, |words| words_of(Action::Launch(words))),
    }
}

proptest! {
    #[test]
    fn no_command_line_and_no_value_is_too_odd(
        words in vec(word(), 0..8),
        values in vec(any_word(), 4),
    ) {
        let names = ["HEYGEM_DIR", "HEYGEM_PYTHON", "HEYGEM_LIBRARY_PATH", "HEYGEM_STRICT"];
        let variables: Vec<CString> = names
            .iter()
            .zip(&values)
            .map(|(name, value)| [name.as_bytes(), b"=", value.as_bytes()].concat())
            .map(|entry| CString::new(entry).expect("no NUL"))
            .collect();
        let environment = Environment::new(variables.iter().map(CString::as_c_str));
        match reader::read(&line(words.iter().cloned())) {
            Ok(cli) => {
                // The target's words are the last of the line, all of them.
                if let Ok((action, _)) = decide(cli, &environment) {
                    let target = words_of(action);
                    let attached = target.len() <= words.len()
                        && words[words.len() - target.len()..].iter().zip(&target).skip(1).all(|(a, b)| a == b);
                    prop_assert!(attached, "{:?} of {:?}", target, words);
                }
            }
            Err(error) => prop_assert!(!error.to_string().is_empty()),
        }
    }

    #[test]
    fn a_plain_launch_means_the_same_by_the_definitions(words in vec(word(), 0..8)) {
        let line = line(words);
        let text = |parsed: clap::error::Result<Cli>| parsed.map_or_else(|error| error.to_string(), |cli| format!("{cli:?}"));
        prop_assert_eq!(text(reader::read(&line)), text(cli::parse(&line)));
    }

    #[test]
    fn words_after_the_dashes_reach_the_target_unchanged(
        options in vec(prop::sample::select(vec!["-q", "-n", "--strict", "--no-chdir", "-rx", "--root=y", "-Lz"]), 0..4),
        target in vec(word(), 1..8),
    ) {
        let dashes = OsString::from("--");
        let options: std::collections::BTreeSet<_> = options.into_iter().collect();
        prop_assume!(!(options.contains("-rx") && options.contains("--root=y")));
        let options = options.iter().map(OsString::from);
        let line = line(options.chain([dashes]).chain(target.iter().cloned()));
        let (action, _) = decide(reader::read(&line).expect("a command line"), &Environment::default()).expect("a target");
        prop_assert_eq!(words_of(action), target);
    }

    #[test]
    fn words_after_a_command_reach_it_unchanged(first in "[a-z./]{1,6}", rest in vec(word(), 0..8)) {
        let target: Vec<OsString> = std::iter::once(first.into()).chain(rest).collect();
        let (action, _) = decide(reader::read(&line(target.iter().cloned())).expect("a command line"), &Environment::default()).expect("a target");
        prop_assert_eq!(words_of(action), target);
    }
}
