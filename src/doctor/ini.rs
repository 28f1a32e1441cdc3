//! `config.ini` as Python's `configparser` reads it, as far as it takes to tell whether it would.

use std::collections::BTreeMap;

/// Sections, and in each its options in lower case.
pub type Sections = BTreeMap<String, BTreeMap<String, String>>;

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
            if sections.insert(name.to_owned(), BTreeMap::new()).is_some() {
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
    fn what_configparser_reads_is_read_alike() {
        let text = "# c\n[log]\nLog_Dir = ./log\n; c\n[http_server]\nserver_port: 8383\nlist = a\n  b = c\n[empty]\n";
        let sections = parse(text).expect("good");
        assert_eq!(sections["log"]["log_dir"], "./log");
        assert_eq!(sections["http_server"]["server_port"], "8383");
        assert_eq!(sections["http_server"].len(), 2);
        assert!(sections["empty"].is_empty());
    }

    #[test]
    fn what_it_refuses_is_refused() {
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
