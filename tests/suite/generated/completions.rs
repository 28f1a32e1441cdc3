//! The completions. For bash, zsh and fish a template has what the shell needs to hand on to the target's own completion, and
//! the options are put into it; for the others clap_complete writes all it can.

use clap::builder::PossibleValue;
use clap::{Arg, Command, CommandFactory as _};
use heygem_run::Cli;

/// The files under `completions/`, with what is in them.
pub fn files() -> Vec<(&'static str, Vec<u8>)> {
    let options = options(&definitions());
    vec![
        ("heygem-run.bash", bash(&options).into_bytes()),
        ("_heygem-run", zsh(&options).into_bytes()),
        ("heygem-run.fish", fish(&options).into_bytes()),
        ("heygem-run.elv", by_clap(clap_complete::Shell::Elvish)),
        ("_heygem-run.ps1", by_clap(clap_complete::Shell::PowerShell)),
    ]
}

fn definitions() -> Command {
    let mut command = Cli::command();
    command.build();
    command
}

fn by_clap(shell: clap_complete::Shell) -> Vec<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut definitions(), "heygem-run", &mut script);
    script
}

/// An option, as all three shells want it.
struct Completed {
    short: Option<char>,
    long: Option<String>,
    text: String,
    value: Option<Value>,
    /// Whether the value is left out or stands behind `=`.
    is_optional: bool,
    is_repeatable: bool,
    conflicts: Vec<String>,
}

/// What a value is; the definitions say it by the name that they give it.
enum Value {
    Directory,
    File,
    Program,
    Process,
    OneOf(Vec<PossibleValue>),
    Other(String),
}

fn options(command: &Command) -> Vec<Completed> {
    let options = command.get_arguments().filter(|arg| !arg.is_positional());
    options.map(|arg| Completed::new(arg, command)).collect()
}

fn spellings(arg: &Arg) -> Vec<String> {
    let short = arg.get_short().map(|letter| format!("-{letter}"));
    short.into_iter().chain(arg.get_long().map(|name| format!("--{name}"))).collect()
}

impl Completed {
    fn new(arg: &Arg, command: &Command) -> Self {
        let mut conflicts: Vec<String> =
            command.get_arg_conflicts_with(arg).into_iter().flat_map(spellings).collect();
        for mut group in command.get_groups().cloned() {
            if !group.is_multiple() && group.get_args().any(|id| id == arg.get_id()) {
                let others = command.get_arguments().filter(|other| other.get_id() != arg.get_id());
                let others = others.filter(|other| group.get_args().any(|id| id == other.get_id()));
                conflicts.extend(others.flat_map(spellings));
            }
        }
        Self {
            short: arg.get_short(),
            long: arg.get_long().map(str::to_owned),
            text: arg.get_help().expect("a text").to_string(),
            value: arg.get_action().takes_values().then(|| Value::of(arg)),
            is_optional: arg.is_require_equals_set(),
            is_repeatable: matches!(arg.get_action(), clap::ArgAction::Append),
            conflicts,
        }
    }

    /// Whether the next word is its value.
    fn takes_next(&self) -> bool {
        self.value.is_some() && !self.is_optional
    }

    fn spellings(&self) -> Vec<String> {
        let short = self.short.map(|letter| format!("-{letter}"));
        short.into_iter().chain(self.long.iter().map(|name| format!("--{name}"))).collect()
    }
}

impl Value {
    fn of(arg: &Arg) -> Self {
        let names = arg.get_value_names().expect("a name for the value");
        match names.first().expect("one").as_str() {
            "DIR" => Self::Directory,
            "FILE" => Self::File,
            "CMD" => Self::Program,
            "PID" => Self::Process,
            "FORMAT" => Self::OneOf(arg.get_possible_values()),
            name @ ("SECONDS" | "MODULE") => Self::Other(name.to_owned()),
            name => panic!("how is {name} completed?"),
        }
    }
}

fn described(value: &PossibleValue) -> (&str, String) {
    (value.get_name(), value.get_help().expect("a text").to_string().replace('`', ""))
}

/// What a template says of options before the target: the letters that are flags, those that take a value, the names that do.
/// `-m` is neither: the template knows it.
fn with_words(template: &str, options: &[Completed]) -> String {
    let letters = |takes_next: bool| -> String {
        let options = options.iter().filter(|option| option.takes_next() == takes_next);
        options.filter_map(|option| option.short).filter(|letter| *letter != 'm').collect()
    };
    let long = options.iter().filter(|option| option.takes_next()).filter_map(|option| option.long.as_ref());
    let long: Vec<String> = long.map(|name| format!("--{name}")).collect();
    template
        .replace("@FLAGS@", &letters(false))
        .replace("@VALUES@", &letters(true))
        .replace("@LONG@", &long.join("|"))
}

fn bash(options: &[Completed]) -> String {
    let mut words = Vec::new();
    let mut cases: Vec<(String, Vec<String>, String)> = Vec::new();
    for option in options {
        words.extend(option.spellings());
        let long = option.long.iter().map(|name| format!("--{name}"));
        if option.is_optional {
            words.extend(long.clone().map(|name| format!("{name}=")));
        }
        let Some(action) = option.value.as_ref().and_then(bash_action) else { continue };
        // Patterns of one action stand together: `-*r` would match `--chdir`, too.
        let at = cases.iter().position(|(known, ..)| *known == action).unwrap_or_else(|| {
            cases.push((action, Vec::new(), String::new()));
            cases.len() - 1
        });
        cases[at].1.extend(long);
        cases[at].2.extend(option.short);
    }
    let cases = cases.into_iter().map(|(action, mut patterns, letters)| {
        patterns.extend((!letters.is_empty()).then(|| format!("-*[{letters}]")));
        format!("        {}) {action} ;;", patterns.join(" | "))
    });
    with_words(include_str!("heygem-run.bash.in"), options)
        .replace("@OPTIONS@", &words.join(" "))
        .replace("@CASES@", &cases.collect::<Vec<_>>().join("\n"))
}

fn bash_action(value: &Value) -> Option<String> {
    Some(match value {
        Value::Directory => "_filedir -d".into(),
        Value::File => "_filedir".into(),
        Value::Program => "mapfile -t COMPREPLY < <(compgen -c -- \"$cur\")".into(),
        Value::Process => "_pids".into(),
        Value::OneOf(values) => {
            let names: Vec<&str> = values.iter().map(PossibleValue::get_name).collect();
            format!("mapfile -t COMPREPLY < <(compgen -W '{}' -- \"$cur\")", names.join(" "))
        }
        Value::Other(_) => return None,
    })
}

fn zsh(options: &[Completed]) -> String {
    let lines: Vec<String> =
        options.iter().map(|option| format!("        {} \\", zsh_spec(option))).collect();
    include_str!("_heygem-run.in").replace("@OPTIONS@", &lines.join("\n"))
}

/// A spec of `_arguments`.
fn zsh_spec(option: &Completed) -> String {
    let escaped = |text: &str| text.replace('[', "\\[").replace(']', "\\]").replace('\'', "'\\''");
    let value = match &option.value {
        None => String::new(),
        Some(Value::Directory) => ":directory:_files -/".into(),
        Some(Value::File) => ":file:_files".into(),
        Some(Value::Program) => ":command:_command_names -e".into(),
        Some(Value::Process) => ":process:_heygem-run_process".into(),
        Some(Value::OneOf(values)) => {
            let values = values.iter().map(described);
            let values = values.map(|(name, text)| format!("{name}\\:\"{}\"", escaped(&text)));
            format!(":format:(({}))", values.collect::<Vec<_>>().join(" "))
        }
        Some(Value::Other(name)) if name == "MODULE" => ":module: :*:: :_files".into(),
        Some(Value::Other(name)) => format!(":{}: ", name.to_lowercase()),
    };
    let (after_short, after_long, colon) = match (&option.value, option.is_optional) {
        (None, _) => ("", "", ""),
        (Some(_), true) => ("", "=-", ":"),
        (Some(_), false) => ("+", "=", ""),
    };
    let short = option.short.map(|letter| format!("-{letter}{after_short}"));
    let long = option.long.iter().map(|name| format!("--{name}{after_long}"));
    let names: Vec<String> = short.into_iter().chain(long).collect();
    let mut excluded = option.conflicts.clone();
    if !option.is_repeatable {
        excluded.extend(option.spellings());
    }
    if option.short == Some('m') {
        excluded = vec!["-".into(), "*".into()]; // all that follows is the module's
    }
    let before = if excluded.is_empty() { "*".into() } else { format!("({})", excluded.join(" ")) };
    let rest = format!("[{}]{colon}{value}", escaped(&option.text));
    match names.as_slice() {
        [name] => format!("'{before}{name}{rest}'"),
        names => format!("'{before}'{{{}}}'{rest}'", names.join(",")),
    }
}

fn fish(options: &[Completed]) -> String {
    let lines: Vec<String> = options.iter().map(fish_line).collect();
    with_words(include_str!("heygem-run.fish.in"), options).replace("@OPTIONS@", &lines.join("\n"))
}

fn fish_line(option: &Completed) -> String {
    let quoted = |text: &str| format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"));
    let mut line = "complete -c heygem-run -n '__heygem_run_at own'".to_owned();
    line.extend(option.short.map(|letter| format!(" -s {letter}")));
    line.extend(option.long.iter().map(|name| format!(" -l {name}")));
    if option.takes_next() {
        line.push_str(" -x");
    }
    match &option.value {
        None | Some(Value::Other(_)) => {}
        Some(Value::Directory) => line.push_str(" -a '(__fish_complete_directories)'"),
        Some(Value::File) => line.push_str(" -a '(__fish_complete_path)'"),
        Some(Value::Program) => line.push_str(" -a '(__fish_complete_command)'"),
        Some(Value::Process) => line.push_str(" -a '(__fish_complete_pids)'"),
        Some(Value::OneOf(values)) => {
            let values =
                values.iter().map(described).map(|(name, text)| format!("{name}\\t{}", quoted(&text)));
            line.push_str(&format!(" -a {}", quoted(&values.collect::<Vec<_>>().join(" "))));
        }
    }
    format!("{line} -d {}", quoted(&option.text))
}
