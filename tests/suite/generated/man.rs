//! The man page: its options from the definitions, the rest from `heygem-run.1.in`, which is roff.

use clap::{Command, CommandFactory as _};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};
use heygem_run::Cli;
use heygem_run::explain::causes::Weight;

/// The page.
pub fn page() -> String {
    let command = Cli::command();
    include_str!("heygem-run.1.in")
        .replace("@VERSION@", command.get_version().expect("a version"))
        .replace("@ABOUT@", &about(&command))
        .replace("@DESCRIPTION@", &description(&command))
        .replace("@OPTIONS@", options(command).trim_end())
        .replace("@CAUSES@", causes().trim_end())
}

/// What `--explain` knows, a paragraph each.
fn causes() -> String {
    let mut told = Vec::new();
    let mut section = String::new();
    for cause in heygem_run::explain::causes::causes().filter(|cause| cause.weight != Weight::Follows) {
        if !told.contains(&cause.name) {
            told.push(cause.name);
            let name = escaped(cause.name);
            let title = escaped(&cause.title.replace("{}", "…").replace("{top}", "…"));
            section.push_str(&format!(".TP\n.B {name}\n{title}\n"));
        }
    }
    section
}

/// As manuals are listed: without a capital.
fn about(command: &Command) -> String {
    let about = command.get_about().expect("a summary").to_string();
    escaped(&format!("r{}", about.strip_prefix('R').expect("Run …")))
}

/// What the summary does not say.
fn description(command: &Command) -> String {
    let long = command.get_long_about().expect("a description").to_string();
    let paragraphs: Vec<String> = long.split("\n\n").skip(1).map(escaped).collect();
    assert!(!paragraphs.is_empty(), "nothing comes after the summary");
    paragraphs.join("\n.PP\n")
}

fn escaped(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let page = Roff::new().text([roman(lines.join(" "))]).render();
    page.lines().last().expect("a line").to_owned()
}

/// Names of values without the angle brackets: a page has italics for them.
fn options(command: Command) -> String {
    let mut section = Vec::new();
    // One section for all, and all of them: the headings and what is hidden are for a screen.
    let command = command.mut_args(|arg| arg.help_heading(None::<&'static str>).hide_short_help(false));
    Man::new(command).render_options_section(&mut section).expect("write to memory");
    let section = String::from_utf8(section).expect("the definitions are text");
    let section = section.split_once(".SH OPTIONS").expect("a heading").1;
    // roff has a request for a paragraph in an item, and an empty line is not it.
    let section = section
        .replace("\\fI<", "\\fI")
        .replace(">\\fR", "\\fR")
        .replace(">...", "...")
        // mandoc does not know a doubled backslash.
        .replace("\\\\", "\\e")
        .replace("\n\n", "\n.IP \"\"\n");
    format!(".SH OPTIONS{section}")
}
