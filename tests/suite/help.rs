//! What `-h` and `--help` print: a screen of the options that most need, and all of them.

use clap::CommandFactory as _;
use heygem_run::Cli;

use crate::support::place::Place;

/// A terminal's size since the VT100, less the line of the next prompt.
const SCREEN: usize = 23;
const COLUMNS: usize = 80;

fn printed(option: &str) -> String {
    Place::new().launch([option]).run().succeeded()
}

#[test]
fn the_short_help_fits_a_screen_and_names_the_long_one() {
    let text = printed("-h");
    assert!(text.lines().count() <= SCREEN, "it has more than {SCREEN} lines:\n{text}");
    assert!(text.contains("heygem-run --help"), "{text}");
    assert!(printed("--help").contains("man heygem-run"));
}

#[test]
fn no_line_of_help_is_wider_than_a_terminal() {
    for option in ["-h", "--help"] {
        let text = printed(option);
        for line in text.lines() {
            assert!(line.chars().count() <= COLUMNS, "{option} is too wide: {line}");
        }
    }
}

#[test]
fn the_long_help_explains_every_option() {
    let text = printed("--help");
    for arg in Cli::command().get_arguments().filter(|arg| !arg.is_hide_set()) {
        let name = match (arg.get_long(), arg.get_short()) {
            (Some(long), _) => format!("--{long}"),
            (None, short) => format!("-{}", short.expect("a letter")),
        };
        let explained = arg.get_long_help().or(arg.get_help()).expect("a text").to_string();
        for line in [name.as_str()].into_iter().chain(explained.lines()) {
            assert!(text.contains(line), "{text}does not say: {line}");
        }
    }
}

#[test]
fn a_mistyped_option_suggests_the_right_one() {
    for (typed, meant) in [
        ("--dry-rum", "--dry-run"),
        ("--print-evn", "--print-env"),
        ("--rot", "--root"),
        ("--docter", "--doctor"),
    ] {
        Place::new().launch([typed, "true"]).fails(
            125,
            format!(
                "heygem-run: error: unexpected argument '{typed}' found\n\
                 hint: a similar argument exists: '{meant}'\nhint: heygem-run --help lists the options\n"
            ),
        );
    }
}
