//! `config.ini` as Python's `configparser` reads it, as far as it takes to tell whether it would.

use std::collections::BTreeMap;

/// Sections, and in each its options in lower case.
pub type Sections = BTreeMap<String, BTreeMap<String, String>>;

/// The section whose options every other has.
const DEFAULT: &str = "DEFAULT";

/// As often as a value may lead to another (`configparser.MAX_INTERPOLATION_DEPTH`).
const DEEPEST: usize = 10;

/// Bound on what is put together for one value, as long as a file that is read: else a short one could make a very long value.
const LONGEST: usize = 1 << 20;

/// An option as `configparser` gives it, with the values that it names (`%(base)s/log`) put in; as it is written, where that can't
/// be done.
pub fn value(sections: &Sections, section: &str, option: &str) -> Option<Result<String, String>> {
    let options = sections.get(section)?;
    let find = |name: &str| options.get(name).or_else(|| sections.get(DEFAULT)?.get(name));
    let written = find(option)?;
    let mut left = LONGEST;
    Some(put_in(written, &find, DEEPEST, &mut left).ok_or_else(|| written.clone()))
}

fn put_in<'s>(
    mut text: &str,
    find: &dyn Fn(&str) -> Option<&'s String>,
    depth: usize,
    left: &mut usize,
) -> Option<String> {
    let mut whole = String::new();
    // A value that is empty costs something, too.
    *left = left.checked_sub(text.len() + 1)?;
    while let Some((before, after)) = text.split_once('%') {
        whole += before;
        if let Some(named) = after.strip_prefix('(') {
            let (name, rest) = named.split_once(")s")?;
            whole += &put_in(find(&name.to_lowercase())?, find, depth.checked_sub(1)?, left)?;
            text = rest;
        } else {
            whole.push('%');
            text = after.strip_prefix('%')?;
        }
    }
    Some(whole + text)
}

/// Reads it.
///
/// # Errors
/// What `configparser` would raise, with the line.
pub fn parse(text: &str) -> Result<Sections, String> {
    let mut sections = Sections::new();
    let mut section: Option<String> = None;
    // The option that an indented line goes on with, and its own indentation.
    let mut option: Option<(String, usize)> = None;
    for (index, line) in text.lines().enumerate() {
        let number = index + 1;
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            continue;
        }
        let indent = line.len() - line.trim_start().len();
        if option.as_ref().is_some_and(|(_, own)| indent > *own) {
            continue;
        }
        if let Some(name) = trimmed.strip_prefix('[').and_then(|rest| Some(&rest[..rest.rfind(']')?])) {
            let is_new = !sections.contains_key(name);
            sections.entry(name.to_owned()).or_default();
            if !is_new && name != DEFAULT {
                return Err(format!("line {number}: section [{name}] is there twice"));
            }
            (section, option) = (Some(name.to_owned()), None);
            continue;
        }
        let Some(options) = section.as_ref().and_then(|section| sections.get_mut(section)) else {
            return Err(format!("line {number}: no section header before it"));
        };
        let Some((name, value)) = trimmed.split_once(['=', ':']) else {
            return Err(format!("line {number}: neither an option nor a section: {trimmed}"));
        };
        let name = name.trim().to_lowercase();
        if options.insert(name.clone(), value.trim().to_owned()).is_some() {
            return Err(format!("line {number}: option {name} is there twice"));
        }
        option = Some((name, indent));
    }
    Ok(sections)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_read_as_configparser_reads_them() {
        let text = "# c\n[log]\nLog_Dir = ./log\n; c\n[http_server]\nserver_port: 8383\nlist = a\n  b = c\n[empty]\n";
        let sections = parse(text).expect("good");
        assert_eq!(sections["log"]["log_dir"], "./log");
        assert_eq!(sections["http_server"]["server_port"], "8383");
        assert_eq!(sections["http_server"].len(), 2);
        assert!(sections["empty"].is_empty());
    }

    #[test]
    fn values_name_others() {
        let text = "[DEFAULT]\nbase = /a\n[log]\nlog_dir = %(Base)s/%%/%(sub)s\nsub = s\na = %(b)s\nb = %(a)s\nc = log%d\n";
        let sections = parse(text).expect("good");
        let table = [
            ("log_dir", Some(Ok("/a/%/s".to_owned()))),
            ("base", Some(Ok("/a".to_owned()))),
            ("a", Some(Err("%(b)s".to_owned()))),
            ("c", Some(Err("log%d".to_owned()))),
            ("d", None),
        ];
        for (option, expected) in table {
            assert_eq!(value(&sections, "log", option), expected, "{option}");
        }
        assert_eq!(value(&sections, "nowhere", "base"), None);
    }

    #[test]
    fn no_value_grows_without_a_bound() {
        let many: String = (1..9)
            .map(|index| format!("a{index} = {}\n", format!("%(a{})s", index - 1).repeat(50)))
            .collect();
        let sections =
            parse(&format!("[log]\na0 = x\n{many}percent = {}\n", "%%".repeat(100_000))).expect("good");
        assert!(value(&sections, "log", "a8").expect("there").is_err());
        assert_eq!(value(&sections, "log", "a1"), Some(Ok("x".repeat(50))));
        assert_eq!(value(&sections, "log", "percent"), Some(Ok("%".repeat(100_000))));
        let long = "x".repeat(900_000);
        let sections = parse(&format!("[log]\nb = {long}\nd = {}\n", "%(b)s".repeat(900))).expect("good");
        assert!(value(&sections, "log", "d").expect("there").is_err());
        assert_eq!(value(&sections, "log", "b"), Some(Ok(long)));
    }

    #[test]
    fn files_that_configparser_refuses_are_refused() {
        let table = [
            ("a = b\n", "line 1: no section header before it"),
            ("[a]\nb\n", "line 2: neither an option nor a section: b"),
            ("[a]\n[a]\n", "line 2: section [a] is there twice"),
            ("[a]\nb=1\nB=2\n", "line 3: option b is there twice"),
            ("<html>\n", "line 1: no section header before it"),
        ];
        for (text, expected) in table {
            assert_eq!(parse(text), Err(expected.to_owned()), "{text}");
        }
    }
}
