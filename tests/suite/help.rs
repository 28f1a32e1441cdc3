//! What `-h` and `--help` print: their size, and that they say what the definitions say.

use clap::{Arg, CommandFactory as _};
use heygem_run::Cli;

use crate::support::place::Place;

/// A terminal's size since the VT100, less the line of the next prompt.
const SCREEN: usize = 23;
const COLUMNS: usize = 80;

fn printed(option: &str) -> String {
    Place::new().launch([option]).run().succeeded()
}

/// An option as a row begins: `  -r, --root DIR`.
fn spelled(arg: &Arg) -> String {
    let short = arg.get_short().map_or("    ".into(), |letter| format!("-{letter}, "));
    let value = match arg.get_value_names() {
        Some([name]) if arg.get_action().takes_values() => {
            if arg.is_require_equals_set() {
                format!("[={name}]")
            } else {
                format!(" {name}")
            }
        }
        _ => String::new(),
    };
    format!("  {short}--{}{value}", arg.get_long().expect("a long name"))
}

fn row(arg: &Arg) -> String {
    format!("{:26}  {}", spelled(arg), arg.get_help().expect("a help text"))
}

#[test]
fn each_fits_its_part_of_a_screen() {
    for (option, most) in [("-h", SCREEN / 2), ("--help", SCREEN)] {
        let text = printed(option);
        assert!(text.lines().count() <= most, "{option} has more than {most} lines:\n{text}");
        let widest = text.lines().max_by_key(|line| line.len()).expect("a line");
        assert!(widest.len() <= COLUMNS, "{option} is too wide: {widest}");
    }
}

#[test]
fn help_has_every_option_in_the_words_of_its_definition() {
    let text = printed("--help");
    let command = Cli::command();
    // Those are told in passing.
    let (rowless, rows): (Vec<&Arg>, Vec<&Arg>) = command
        .get_arguments()
        .filter(|arg| !arg.is_positional())
        .partition(|arg| ["chdir", "no_chdir", "module", "version"].contains(&arg.get_id().as_str()));
    for arg in rows {
        assert!(text.lines().any(|line| line == row(arg)), "{text}has no row\n{}", row(arg));
    }
    for words in [
        "  -C, --chdir DIR   ",
        "(--no-chdir: ",
        " -m MODULE) [ARG]...",
        "-V prints the version",
        "-h is shorter",
    ] {
        assert!(text.contains(words), "{text}does not say {words}");
    }
    assert_eq!(rowless.len(), 4);
}

#[test]
fn the_short_help_is_rows_of_the_long_one_and_names_it() {
    let (short, long) = (printed("-h"), printed("--help"));
    let only_short: Vec<&str> =
        short.lines().filter(|line| !long.lines().any(|other| other == *line)).collect();
    assert_eq!(only_short, ["All options: heygem-run --help"]);
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
