//! What the launcher's messages say to type, and the command that comes of typing it.

use crate::row::Command;

/// One thing to type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Advice {
    /// `do: heygem-run …`: a whole line.
    Do(Command),
    /// `write NEW`, in place of the word that the message begins with, or `write NEW for OLD`.
    Write { old: String, new: String },
    /// `add OPTION`, at the end, or `add OPTION before WORD`.
    Add { words: Vec<String>, before: Option<String> },
    /// `-r DIR`, `--no-chdir`: an option of the launcher's.
    Option(Vec<String>),
    /// `NAME=VALUE`, in front of it all.
    Set(String, String),
}

/// What the launcher says, one text a message: hints and places tried belong to the message above them.
pub fn messages(log: &str) -> Vec<String> {
    let mut messages: Vec<String> = Vec::new();
    for line in log.lines() {
        let starts = ["heygem-run: error: ", "heygem-run: warning: "];
        if let Some(text) = starts.iter().find_map(|start| line.strip_prefix(start)) {
            messages.push(text.to_owned());
        } else if let Some(message) = messages.last_mut()
            && (line.starts_with("hint: ") || line.starts_with("  "))
        {
            message.push('\n');
            message.push_str(line);
        }
    }
    messages
}

/// What one message says to type, in its order.
pub fn advice(message: &str) -> Vec<Advice> {
    let mut found = Vec::new();
    for line in message.lines() {
        match line.find("do: heygem-run ") {
            Some(start) => found.extend(Command::parse(&line[start + "do: ".len()..]).map(Advice::Do)),
            None => of_words(&Words::of(line), &first_word(message), &mut found),
        }
    }
    found
}

/// The commands to try, the likeliest first: a whole line; the first advice of every message at once; each one by itself.
pub fn followed(command: &Command, messages: &[String]) -> Vec<(String, Command)> {
    let advices: Vec<_> = messages.iter().map(|message| advice(message)).collect();
    let mut commands = Vec::new();
    let mut add = |advices: &[Advice]| {
        let applied = advices.iter().try_fold(command.clone(), |command, advice| apply(&command, advice));
        if let Some(applied) = applied
            && applied != *command
            && !commands.iter().any(|(_, known)| *known == applied)
        {
            commands.push((applied.to_string(), applied));
        }
    };
    let is_line = |advice: &&Advice| matches!(advice, Advice::Do(_));
    advices.iter().flatten().filter(is_line).for_each(|advice| add(std::slice::from_ref(advice)));
    let firsts: Vec<_> = advices.iter().filter_map(|advices| advices.first().cloned()).collect();
    add(&firsts);
    advices.iter().flatten().for_each(|advice| add(std::slice::from_ref(advice)));
    commands
}

/// The command with the advice followed; `None` where there is nothing that it could mean.
pub fn apply(command: &Command, advice: &Advice) -> Option<Command> {
    let mut new = command.clone();
    match advice {
        Advice::Do(whole) => {
            // A user types it in the same shell: what was set in front of the first line is typed there again.
            new.words.clone_from(&whole.words);
            whole.variables.iter().for_each(|(name, value)| new.set(name, value));
        }
        Advice::Write { old, new: word } => write(&mut new, old, word)?,
        Advice::Add { words, before } => {
            let at = match before {
                Some(before) => new.words.iter().rposition(|word| word == before)?,
                None => new.words.len(),
            };
            new.words.splice(at..at, words.iter().cloned());
        }
        Advice::Option(words) => {
            let launcher = new.words.iter().position(|word| word == "heygem-run")?;
            new.words.splice(launcher + 1..launcher + 1, words.iter().cloned());
        }
        Advice::Set(name, value) => new.set(name, value),
    }
    Some(new)
}

fn write(command: &mut Command, old: &str, new: &str) -> Option<()> {
    if let Some(word) = command.words.iter_mut().find(|word| *word == old) {
        new.clone_into(word);
    } else if let Some((name, value)) = variable(new) {
        command.set(&name, &value);
    } else {
        // In a variable that holds words, as GUNICORN_CMD_ARGS does.
        let holds = |value: &str| value.split(' ').any(|word| word == old);
        let (_, value) = command.variables.iter_mut().find(|(_, value)| holds(value))?;
        *value =
            value.split(' ').map(|word| if word == old { new } else { word }).collect::<Vec<_>>().join(" ");
    }
    Some(())
}

/// The words of a line, each with whether it ends a clause: a comma or the like stood behind it.
struct Words(Vec<(String, bool)>);

impl Words {
    fn of(line: &str) -> Self {
        let mut words = Vec::new();
        let mut rest = line.trim_start();
        while !rest.is_empty() {
            let (word, after) = rest.split_at(extent(rest));
            words.push(Self::word(word.trim_start_matches(['(', '`'])));
            rest = after.trim_start();
        }
        Self(words)
    }

    fn word(word: &str) -> (String, bool) {
        let bare = word.trim_end_matches([',', ';', ':', ')', '.', '`']);
        // A path may end in a dot.
        let bare = if bare.is_empty() { word } else { bare };
        let unquoted = shell_words::split(bare).ok().filter(|words| words.len() == 1);
        let ends = bare.len() < word.trim_end_matches('`').len();
        (unquoted.and_then(|mut words| words.pop()).unwrap_or_else(|| bare.to_owned()), ends)
    }

    fn get(&self, at: usize) -> Option<&str> {
        self.0.get(at).map(|(word, _)| word.as_str())
    }
}

/// Where the first word of a line ends. A quote opens at its start, after `=` or `:`, or after another one; else it is an
/// apostrophe.
fn extent(line: &str) -> usize {
    let mut open = None;
    let mut last = ' ';
    for (at, c) in line.char_indices() {
        match open {
            Some(quote) if c == quote => open = None,
            Some(_) => {}
            None if c.is_whitespace() => return at,
            None if matches!(c, '\'' | '"') && matches!(last, ' ' | '=' | ':' | '\'' | '\\') => {
                open = Some(c)
            }
            None => {}
        }
        last = c;
    }
    line.len()
}

fn of_words(words: &Words, subject: &str, found: &mut Vec<Advice>) {
    let mut at = 0;
    while let Some(word) = words.get(at) {
        at += 1;
        let next = words.get(at);
        let is_named = next.is_some_and(|next| next != "DIR" && !next.starts_with('<'));
        match word {
            "write" if next.is_some_and(is_literal) => {
                let new = words.get(at).unwrap_or_default().to_owned();
                let ends = words.0[at].1;
                at += 1;
                let old = (!ends && words.get(at) == Some("for")).then(|| words.get(at + 1)).flatten();
                at += if old.is_some() { 2 } else { 0 };
                let old = old.unwrap_or(subject).to_owned();
                found.push(Advice::Write { old, new });
            }
            "add" if next.is_some_and(|next| next.starts_with('-')) => found.push(addition(words, &mut at)),
            "-r" | "--root" if is_named => {
                found.push(Advice::Option(vec![word.to_owned(), next.unwrap_or_default().to_owned()]));
                at += 1;
            }
            "--no-chdir" => found.push(Advice::Option(vec![word.to_owned()])),
            _ if at > 1 => found.extend(variable(word).map(|(name, value)| Advice::Set(name, value))),
            _ => {}
        }
    }
}

fn addition(words: &Words, at: &mut usize) -> Advice {
    const STOPS: [&str; 9] = ["before", "or", "and", "to", "at", "if", "for", "so", "in"];
    let mut added = Vec::new();
    while let Some((word, ends)) = words.0.get(*at)
        && !STOPS.contains(&word.as_str())
    {
        added.push(word.clone());
        *at += 1;
        if *ends {
            return Advice::Add { words: added, before: None };
        }
    }
    let before = (words.get(*at) == Some("before")).then(|| words.get(*at + 1)).flatten().map(str::to_owned);
    Advice::Add { words: added, before }
}

/// Whether `write` is followed by what can be typed, and not by a word of the sentence.
fn is_literal(word: &str) -> bool {
    word.contains(['/', '-', '.', '=', ':'])
}

/// `NAME=VALUE`, and not `HEYGEM_DIR=DIR`, which stands for any directory.
fn variable(word: &str) -> Option<(String, String)> {
    let (name, value) = word.split_once('=')?;
    let is_name = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    let is_variable = name.chars().next()?.is_ascii_uppercase() && name.chars().all(is_name);
    (is_variable && !["DIR", "VALUE", "CMD", "FILE", ""].contains(&value))
        .then(|| (name.into(), value.into()))
}

fn first_word(message: &str) -> String {
    Words::of(message.lines().next().unwrap_or_default()).get(0).unwrap_or_default().to_owned()
}

/// A message, the command that it is about, and what is typed then.
const CASES: [(&str, &str, &str); 12] = [
    (
        "s.py names a file here: write /x/s.py, or use --no-chdir",
        "heygem-run -- p s.py",
        "heygem-run -- p /x/s.py",
    ),
    (
        "c.py is another file there: write file:/x/c.py for file:c.py",
        "heygem-run g -c file:c.py",
        "heygem-run g -c file:/x/c.py",
    ),
    (
        "c.py is none there: write '/x y/c.py' for c.py",
        "A='-c c.py' heygem-run g",
        "A='-c /x y/c.py' heygem-run g",
    ),
    ("hypercorn's workers are daemonic: add -w 0", "heygem-run -- h app:app", "heygem-run -- h app:app -w 0"),
    (
        "something: add --app-dir /x before app:app",
        "heygem-run u app:app -p 1",
        "heygem-run u --app-dir /x app:app -p 1",
    ),
    ("no SDK\nhint: name it: --root DIR, or HEYGEM_DIR=DIR (the directory)", "heygem-run x", ""),
    ("no SDK\nhint: name it: -r /x/sdk, or HEYGEM_DIR=/x/sdk", "heygem-run x", "heygem-run -r /x/sdk x"),
    (
        "HEYGEM_DIR=/a has no SDK: write HEYGEM_DIR=/b",
        "HEYGEM_DIR=/a heygem-run x",
        "HEYGEM_DIR=/b heygem-run x",
    ),
    ("it fails\nhint: PYTHONSAFEPATH=1 keeps it out", "heygem-run x", "PYTHONSAFEPATH=1 heygem-run x"),
    ("it fails\nhint: do: heygem-run -- y 'a b'", "B=1 heygem-run x", "B=1 heygem-run -- y 'a b'"),
    ("everyone can write to /x, and PYTHONPATH has it: move the SDK", "heygem-run x", ""),
    ("/x/service hides the SDK's own service package: rename it", "heygem-run x", ""),
];

/// Holds this file to its cases: what reads advice wrongly would grade wrongly.
///
/// # Errors
/// With the first case that is read otherwise.
pub fn check() -> Result<(), String> {
    for (message, command, expected) in CASES {
        let command = Command::parse(command).ok_or("no command")?;
        let typed = followed(&command, &[message.to_owned()]).into_iter().next();
        let typed = typed.map(|(_, command)| command);
        if typed != Command::parse(expected).filter(|_| !expected.is_empty()) {
            return Err(format!("{message:?} is read as {typed:?}"));
        }
    }
    Ok(())
}
