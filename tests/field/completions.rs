//! The completions in the shells they are for, each on a terminal: what stands on the line after Tab, or is listed below it.

mod terminal;

use std::path::Path;

use terminal::{Shell, Terminal};

/// What Tab does.
enum Tab {
    /// The line becomes this.
    Completes(&'static str),
    /// Below it is each of the first, and none of the second.
    Lists(&'static [&'static str], &'static [&'static str]),
    /// Nothing.
    IsIdle,
}
use Tab::{Completes, IsIdle, Lists};

/// In every shell alike. `fake` is a command of the test's, whose completion says at which of its words it was asked.
const CASES: &[(&str, Tab)] = &[
    // Our options, and their values.
    ("heygem-run --", Lists(&["--root", "--doctor", "--print-env", "--help"], &["zapp.py"])),
    ("heygem-run --dry", Completes("heygem-run --dry-run")),
    ("heygem-run --no-in", Completes("heygem-run --no-inherit")),
    ("heygem-run --print-env=", Lists(&["sh", "docker", "systemd", "dotenv", "json"], &["zapp.py", "zdir"])),
    ("heygem-run --print-env=do", Lists(&["docker", "dotenv"], &["systemd"])),
    ("heygem-run --print-env=sy", Completes("heygem-run --print-env=systemd")),
    ("heygem-run --doctor --format ", Lists(&["text", "json"], &["zapp.py"])),
    ("heygem-run --doctor --format=j", Completes("heygem-run --doctor --format=json")),
    ("heygem-run --explain=zn", Completes("heygem-run --explain=znotes.txt")),
    ("heygem-run --inspect=", Lists(&["1"], &["zapp.py"])),
    ("heygem-run --root ", Lists(&["zdir", "my sdk"], &["zapp.py", "znotes.txt", "zcommand"])),
    ("heygem-run --root=zd", Completes("heygem-run --root=zdir/")),
    ("heygem-run --chdir zd", Completes("heygem-run --chdir zdir/")),
    ("heygem-run -L zd", Completes("heygem-run -L zdir/")),
    ("heygem-run -r zd", Completes("heygem-run -r zdir/")),
    ("heygem-run -C zd", Completes("heygem-run -C zdir/")),
    ("heygem-run -vr zd", Completes("heygem-run -vr zdir/")),
    ("heygem-run -r my", Completes(r"heygem-run -r my\ sdk/")),
    (r"heygem-run -r my\ sdk/in", Completes(r"heygem-run -r my\ sdk/inner\ one/")),
    ("heygem-run -p zcomm", Completes("heygem-run -p zcommand")),
    ("heygem-run --timeout ", IsIdle),
    ("heygem-run -m ", IsIdle),
    // The target's first word.
    ("heygem-run z", Lists(&["zapp.py", "zdir", "zcommand"], &["znotes.txt"])),
    ("heygem-run -r zdir z", Lists(&["zapp.py", "zdir", "zcommand"], &["znotes.txt"])),
    ("heygem-run --root=zdir -q -- z", Lists(&["zapp.py", "zdir", "zcommand"], &["znotes.txt"])),
    ("heygem-run zdir/ins", Completes("heygem-run zdir/inside.py")),
    ("heygem-run -- zap", Completes("heygem-run -- zapp.py")),
    ("heygem-run -- --ro", IsIdle),
    // Its own completion.
    ("heygem-run fake --", Lists(&["--alpha", "--beta"], &["--root", "--doctor"])),
    ("heygem-run -- fake --al", Completes("heygem-run -- fake --alpha")),
    ("heygem-run -- fake at", Completes("heygem-run -- fake at1")),
    ("heygem-run -vr zdir -- fake --beta at", Completes("heygem-run -vr zdir -- fake --beta at2")),
    ("heygem-run --root=zdir -Lzdir fake x at", Completes("heygem-run --root=zdir -Lzdir fake x at2")),
    (r"heygem-run -r my\ sdk -q fake my\ sdk at", Completes(r"heygem-run -r my\ sdk -q fake my\ sdk at2")),
    (
        "heygem-run --doctor --format=json -- fake at",
        Completes("heygem-run --doctor --format=json -- fake at1"),
    ),
    ("heygem-run fake -r at", Completes("heygem-run fake -r at2")),
    ("heygem-run fake -- --root at", Completes("heygem-run fake -- --root at3")),
    ("heygem-run -- heygem-run -- fake at", Completes("heygem-run -- heygem-run -- fake at1")),
    ("heygem-run -- git checkou", Completes("heygem-run -- git checkout")),
    ("heygem-run zapp.py zn", Completes("heygem-run zapp.py znotes.txt")),
    ("heygem-run -m uvicorn zn", Completes("heygem-run -m uvicorn znotes.txt")),
    ("heygem-run zapp.py --ro", IsIdle),
    ("heygem-run -m uvicorn --ro", IsIdle),
    ("heygem-run -vm uvicorn zn", Completes("heygem-run -vm uvicorn znotes.txt")),
];

fn check(shell: Shell, cases: &[(&str, Tab)]) {
    let terminal = Terminal::new(shell);
    for (index, (typed, tab)) in cases.iter().enumerate() {
        if index > 0 {
            terminal.clear();
        }
        terminal.types(typed);
        terminal.presses("Tab");
        match tab {
            Completes(line) => {
                let line = format!("> {line}");
                terminal.shows(typed, |screen| screen.first().is_some_and(|first| *first == line));
            }
            Lists(listed, absent) => {
                let rows = terminal.shows(typed, |screen| {
                    listed.iter().all(|word| screen.iter().skip(1).any(|row| has(row, word)))
                });
                for word in *absent {
                    let is_listed = rows.iter().skip(1).any(|row| has(row, word));
                    assert!(!is_listed, "{shell:?}: {typed} lists {word}:\n{}", rows.join("\n"));
                }
            }
            IsIdle => {
                terminal.types("end");
                let line = format!("> {typed}end");
                let rows = terminal.shows(typed, |screen| screen.first().is_some_and(|first| *first == line));
                assert_eq!(rows.len(), 1, "{shell:?}: {typed} lists:\n{}", rows.join("\n"));
            }
        }
    }
}

/// Whether a row of a list has the word: be it a directory, with its quotes or without, or what fish shows of `--option=word`.
fn has(row: &str, word: &str) -> bool {
    let plain = row.replace('\\', "").replace(['/', '='], " ");
    format!(" {plain} ").contains(&format!(" {word} "))
}

#[test]
fn bash_completes() {
    check(Shell::Bash, CASES);
}

#[test]
fn zsh_completes() {
    check(Shell::Zsh, CASES);
}

#[test]
fn fish_completes() {
    check(Shell::Fish, CASES);
}

#[test]
fn bash_without_bash_completion_completes_files() {
    check(Shell::BareBash, &[("heygem-run zn", Completes("heygem-run znotes.txt"))]);
}

#[test]
fn elvish_completes_the_options() {
    check(Shell::Elvish, &[("heygem-run --no-in", Completes("heygem-run --no-inherit"))]);
    let listed = Lists(&["--root", "--doctor", "--print-env", "--help"], &["zapp.py"]);
    check(Shell::Elvish, &[("heygem-run --", listed)]);
}

#[test]
fn zsh_and_fish_say_what_an_option_does() {
    for shell in [Shell::Zsh, Shell::Fish] {
        let terminal = Terminal::new(shell);
        terminal.types("heygem-run --");
        terminal.presses("Tab");
        terminal.shows("--", |screen| {
            ["--strict", "Treat warnings as errors", "--no-inherit", "Drop the inherited PYTHONPATH"]
                .iter()
                .all(|words| screen.iter().any(|row| row.contains(words)))
        });
    }
}

#[test]
fn shellcheck_has_nothing_to_say() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("completions/heygem-run.bash");
    let mut command = std::process::Command::new("shellcheck");
    command.arg(script);
    crate::support::run::Run::new(command).prints("");
}
