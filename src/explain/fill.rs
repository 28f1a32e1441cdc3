//! The tables' words, with what a message was about in them.
//!
//! A log's text may be anybody's: in a line to type it is one word, and nothing of it is a shell's.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;

use crate::package_names::{debian_name, pip_name};
use crate::shell::quote;
use crate::shown::shown;

/// A title, or what a cause means.
pub fn to_read(words: &str, subject: &[u8]) -> String {
    let subject = shown(subject.trim_ascii());
    let words = if subject.is_empty() { words.trim_end_matches(": {}") } else { words };
    words.replace("{}", &subject).replace("{top}", top(&subject))
}

/// A remedy. `{}` is the subject as a word of a shell's, `{pip}` what pip calls its first part, `{deb}` what installs it, `{top}` its
/// first part as a name of Python's, `{where}` a pattern for Windows' `where`.
pub fn to_type(words: &str, subject: &[u8]) -> String {
    let subject = subject.trim_ascii();
    let mut text = String::new();
    let mut rest = words;
    while let Some((before, name, behind)) = slot(rest) {
        text.push_str(before);
        let value = match name {
            "{pip}" => word(of_pip(subject).as_bytes(), &text),
            "{deb}" => installs(subject),
            "{top}" => of_python(top(&shown(subject))),
            "{where}" => of_where(&shown(subject)),
            _ => word(subject, &text),
        };
        text.push_str(&value);
        rest = behind;
    }
    text.push_str(rest);
    text
}

/// The first slot, with what is around it.
fn slot(words: &str) -> Option<(&str, &str, &str)> {
    let names = ["{}", "{pip}", "{deb}", "{top}", "{where}"];
    let first = names.iter().filter_map(|name| Some((words.find(name)?, *name))).min()?;
    let (at, name) = first;
    Some((&words[..at], name, &words[at + name.len()..]))
}

/// A word of a shell's, or a part of one that has its quotes already. One that would be an option is a path all the same.
fn word(value: &[u8], before: &str) -> String {
    let begun = before.rsplit(char::is_whitespace).next().unwrap_or_default();
    if begun.matches('\'').count() % 2 == 1 {
        return shown(value).replace('\'', r"'\''");
    }
    match value {
        [] => String::new(),
        [b'-', ..] if begun.is_empty() => quote(OsStr::from_bytes(&[b"./", value].concat())),
        _ => quote(OsStr::from_bytes(value)),
    }
}

fn of_pip(subject: &[u8]) -> String {
    let subject = shown(subject);
    let module = top(&subject);
    pip_name(module).unwrap_or(module).to_owned()
}

fn installs(subject: &[u8]) -> String {
    let file = subject.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    match std::str::from_utf8(file).ok().and_then(debian_name) {
        Some(package) => format!("apt-get update && apt-get install -y {package}"),
        None => format!("install the package that has it (apt-file search {} names it)", word(file, "")),
    }
}

fn of_python(name: &str) -> String {
    name.chars().filter(|char| char.is_alphanumeric() || *char == '_').collect()
}

/// `?` stands for any character.
fn of_where(file: &str) -> String {
    let is_plain = |char: char| char.is_alphanumeric() || "._-+\\:".contains(char);
    file.chars().map(|char| if is_plain(char) { char } else { '?' }).collect()
}

fn top(subject: &str) -> &str {
    subject.split('.').next().unwrap_or(subject)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_in_a_remedy_is_one_word() {
        let table: &[(&str, &str, &str)] = &[
            ("ls -l {} shows it", "/srv/a.py", "ls -l /srv/a.py shows it"),
            ("ls -l {} shows it", " /srv/a b ", "ls -l '/srv/a b' shows it"),
            ("ls -l {}", "a;reboot", "ls -l 'a;reboot'"),
            ("ls -l {}", "$(reboot)`reboot`", "ls -l '$(reboot)`reboot`'"),
            ("ls -l {}", "it's", r"ls -l 'it'\''s'"),
            ("ls -l {}", "a\x1bb", r"ls -l $'a\x1bb'"),
            ("sed -i x {}", "-ereboot", "sed -i x ./-ereboot"),
            ("docker run -v …:{}", "/a b", "docker run -v …:'/a b'"),
            ("(namei -l {} shows it)", "/a b", "(namei -l '/a b' shows it)"),
            ("find / -name '{}*'", "a';reboot;'", r"find / -name 'a'\'';reboot;'\''*'"),
            ("pip install 'a<={}.99'", "2.0", "pip install 'a<=2.0.99'"),
            ("Debian's: ls {}", "a b", "Debian's: ls 'a b'"),
            ("pip install {pip}; {}", "skimage.io", "pip install scikit-image; skimage.io"),
            ("pip install {pip}", "a;b.c", "pip install 'a;b'"),
            ("python -c 'import {top}; print({top})'", "a'b.c", "python -c 'import ab; print(ab)'"),
            ("{deb}; or", "/usr/lib/libGL.so.1", "apt-get update && apt-get install -y libgl1; or"),
            ("{deb}", "a$b", "install the package that has it (apt-file search 'a$b' names it)"),
            (r"where /r C:\ {where}", r"a&calc$(x)%PATH%.dll", r"where /r C:\ a?calc??x??PATH?.dll"),
            ("ls {}", "", "ls "),
        ];
        for (words, subject, expected) in table {
            assert_eq!(to_type(words, subject.as_bytes()), *expected, "{words}, {subject}");
        }
        assert_eq!(to_type("ls {}", b"a\xff"), r"ls $'a\xff'");
    }

    #[test]
    fn a_subject_in_a_title_stands_as_in_the_log() {
        assert_eq!(to_read("no '{}' in {top}", b"a.b c"), "no 'a.b c' in a");
        assert_eq!(to_read("it is gone: {}", b" "), "it is gone");
        assert_eq!(to_read("it is gone: {}", b"a\x1bb\xff"), "it is gone: a b\u{fffd}");
    }
}
