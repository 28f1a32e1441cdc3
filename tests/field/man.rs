//! The man page, read by the programs that show it: man-db's `man`, and mandoc, which Alpine and the BSDs have.

use std::path::PathBuf;
use std::process::Command;

use crate::support::run::{Outcome, Run};

fn run(program: &str, words: &[&str]) -> Outcome {
    let page = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("man/heygem-run.1");
    let mut command = Command::new(program);
    command.args(words).arg(page).env("LC_ALL", "C.UTF-8").env("MANWIDTH", "80").env("MANPAGER", "cat");
    Run::new(command).run()
}

#[test]
fn man_shows_it_without_a_warning_in_eighty_columns() {
    let shown = run("man", &["--warnings", "-l"]);
    assert_eq!(shown.stderr(), "");
    let text = shown.succeeded();
    for line in text.lines() {
        assert!(line.chars().count() <= 80, "too wide: {line}");
    }
    let sections = "NAME SYNOPSIS DESCRIPTION OPTIONS EXAMPLES ENVIRONMENT CAUSES EXIT_STATUS FILES SEE_ALSO";
    let shown: Vec<String> = text
        .lines()
        .filter(|line| line.starts_with(char::is_uppercase) && !line.contains('('))
        .map(|line| line.replace(' ', "_"))
        .collect();
    assert_eq!(shown.join(" "), sections);
}

#[test]
fn mandoc_has_nothing_to_say_but_that_it_bears_no_date() {
    // A date would be one more thing to keep; the footer has the version.
    let said = run("mandoc", &["-Tlint", "-Wwarning"]).stdout();
    let said: Vec<&str> = said.lines().filter(|line| !line.contains("missing date")).collect();
    assert!(said.is_empty(), "{said:#?}");
}
