//! `requirements.txt`, as far as it asks for versions.

use std::cmp::Ordering;
use std::path::Path;

use crate::files;

/// One line of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// The name, as PyPI compares them.
    pub name: String,
    /// What pip is given: `numpy==1.21.6`.
    pub text: String,
    /// Operators and versions, all of which count.
    clauses: Vec<(String, String)>,
}

/// More files than any reads: one may name itself.
const MOST_FILES: usize = 20;

/// More than any ask for: 20 files of 1 MiB have 4 million.
const MOST_REQUIREMENTS: usize = 10_000;

/// All that a file asks for, and those that it names by `-r`; nothing where there is none.
pub fn requirements(path: &Path) -> Vec<Requirement> {
    let mut found = Vec::new();
    let mut paths = vec![path.to_owned()];
    let mut next = 0;
    while let Some(file) = paths.get(next).cloned() {
        next += 1;
        let text = files::read_small(&file).unwrap_or_default();
        for line in joined(&String::from_utf8_lossy(&text)) {
            if found.len() == MOST_REQUIREMENTS {
                return found;
            }
            found.extend(parse(&line));
            let other = other_file(&line).map(|name| file.with_file_name(name));
            let other = other.filter(|other| !paths.contains(other) && paths.len() < MOST_FILES);
            paths.extend(other);
        }
    }
    found
}

/// The file that a line names by `-r`, `--requirement` or `-c`, relative to its own.
fn other_file(line: &str) -> Option<&str> {
    let line = line.split(" #").next()?.trim();
    let options = ["--requirement", "--constraint", "-r", "-c"];
    let rest = options.iter().find_map(|option| line.strip_prefix(option))?;
    let name = rest.trim_start_matches('=').trim();
    (!name.is_empty() && !name.contains("://")).then_some(name)
}

/// The lines, those that end in a backslash with the next, as pip joins them: each hash has a line of its own. A comment is never
/// continued.
fn joined(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut begun = String::new();
    for line in text.lines() {
        match line.strip_suffix('\\').filter(|_| !line.trim_start().starts_with('#')) {
            Some(start) => begun += start,
            None => lines.push(std::mem::take(&mut begun) + line),
        }
    }
    lines.extend((!begun.is_empty()).then_some(begun));
    lines
}

/// A name as PyPI compares them (PEP 503).
pub fn normal(name: &str) -> String {
    let mut normal = String::new();
    for c in name.chars() {
        match c {
            '-' | '_' | '.' if normal.ends_with('-') => {}
            '-' | '_' | '.' => normal.push('-'),
            _ => normal.extend(c.to_lowercase()),
        }
    }
    normal
}

fn parse(line: &str) -> Option<Requirement> {
    let line = line.split('#').next()?.split(" --").next()?.trim();
    // What holds for some machines only is not judged.
    if line.is_empty() || line.starts_with('-') || line.contains([';', '@', '/']) {
        return None;
    }
    let end = line.find(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c))).unwrap_or(line.len());
    let (name, rest) = line.split_at(end);
    let rest = rest.trim_start();
    let rest =
        rest.strip_prefix('[').map_or(rest, |extra| extra.split_once(']').map_or("", |(_, rest)| rest));
    let clauses = rest.split(',').filter_map(|clause| {
        let clause = clause.trim();
        let end = clause.find(|c: char| !"=<>!~".contains(c))?;
        let (operator, version) = clause.split_at(end);
        (!operator.is_empty()).then(|| (operator.to_owned(), version.trim().to_owned()))
    });
    let text: String = line.chars().filter(|c| !c.is_whitespace()).collect();
    Some(Requirement { name: normal(name), text, clauses: clauses.collect() })
}

impl Requirement {
    /// Whether it asks for some versions only.
    pub fn names_versions(&self) -> bool {
        !self.clauses.is_empty()
    }

    /// Whether a version will do.
    pub fn allows(&self, version: &str) -> bool {
        self.clauses.iter().all(|(operator, wanted)| holds(version, operator, wanted))
    }
}

fn holds(version: &str, operator: &str, wanted: &str) -> bool {
    // A local version (`+cu113`) counts only where it is asked for.
    if operator == "==" && wanted.contains('+') {
        return version == wanted;
    }
    let version = if wanted.contains('+') { version } else { version.split('+').next().unwrap_or(version) };
    if let Some(prefix) = wanted.strip_suffix(".*") {
        let starts = version == prefix || version.starts_with(&format!("{prefix}."));
        return if operator == "!=" { !starts } else { starts };
    }
    let order = compare(version, wanted);
    match operator {
        "==" => order == Ordering::Equal,
        "===" => version == wanted,
        "!=" => order != Ordering::Equal,
        ">=" => order != Ordering::Less,
        "<=" => order != Ordering::Greater,
        ">" => order == Ordering::Greater,
        "<" => order == Ordering::Less,
        "~=" => {
            let series = wanted.rsplit_once('.').map_or(wanted, |(series, _)| series);
            order != Ordering::Less && (version == series || version.starts_with(&format!("{series}.")))
        }
        _ => true,
    }
}

/// By their numbers; `dev1`, `a1`, `b1` and `rc1` are less than their absence, in this order, and `post1` is more (PEP 440).
fn compare(a: &str, b: &str) -> Ordering {
    let ((release, mut rest), (other, mut others)) = (parts(a), parts(b));
    let length = rest.len().max(others.len());
    rest.resize(length, RELEASE);
    others.resize(length, RELEASE);
    release.cmp(&other).then(rest.cmp(&others))
}

/// What follows a version's numbers, such as `rc1`: its rank, and its own number.
type Suffix = (i8, u64);

/// What stands where there is none.
const RELEASE: Suffix = (0, 0);

/// A version's numbers, without the zeroes at their end, which may be left out; and what follows. What is local (`+cu113`) does not
/// count.
fn parts(version: &str) -> (Vec<u64>, Vec<Suffix>) {
    let version = version.split('+').next().unwrap_or(version).to_ascii_lowercase();
    let (mut release, mut rest) = (Vec::new(), Vec::new());
    for piece in version.split(['.', '-', '_']) {
        let digits = piece.find(|c: char| !c.is_ascii_digit()).unwrap_or(piece.len());
        let (number, suffix) = piece.split_at(digits);
        release.extend(number.parse::<u64>().ok().filter(|_| rest.is_empty()));
        let letters = suffix.find(|c: char| c.is_ascii_digit()).unwrap_or(suffix.len());
        let (name, number) = suffix.split_at(letters);
        let rank = match name {
            "" => continue,
            "dev" => -4,
            "a" | "alpha" => -3,
            "b" | "beta" => -2,
            "post" | "rev" | "r" => 1,
            _ => -1,
        };
        rest.push((rank, number.parse().unwrap_or(0)));
    }
    while release.last() == Some(&0) {
        release.pop();
    }
    (release, rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_allowed_or_not() {
        let table = [
            ("numpy==1.21.6", "1.24.4", false),
            ("numpy == 1.21.6  # pinned", "1.21.6", true),
            ("torch==1.11.0", "1.11.0+cu113", true),
            ("torch==1.11.0+cpu", "1.11.0+cu113", false),
            ("a>=1.2,<2", "1.10", true),
            ("a>=1.2,<2", "2.0", false),
            ("a~=1.4.2", "1.4.9", true),
            ("a~=1.4.2", "1.5", false),
            ("a==1.*", "1.5", true),
            ("a!=1.5", "1.5.0", false),
            ("a", "0.1", true),
            ("a[b]>=3", "2", false),
            ("a==1.0", "1.0rc1", false),
            ("a>=1.0", "1.0rc1", false),
            ("a>=1.0", "1.0.post1", true),
            ("a>=1.0.0", "1.post1", true),
            ("a<=1.0", "1.0.post1", false),
            ("a<2", "2.0.dev3", true),
            ("a>=1.0b2", "1.0rc1", true),
            ("a>=1.0b2", "1.0a9", false),
            ("a>=1.0.post2", "1.0.post10", true),
            ("a>=1.0", "1.0.1", true),
            ("a>=1.0.post1", "1.0.1", true),
            ("a>=1.0rc1", "1.0.1", true),
            ("a==23.2.1     --hash=sha256:0123", "23.2.1", true),
            ("a==23.2.1 --hash=sha256:0123 --hash=sha256:4567", "23.3", false),
        ];
        for (line, version, expected) in table {
            assert_eq!(
                parse(line).map(|requirement| requirement.allows(version)),
                Some(expected),
                "{line} {version}"
            );
        }
        assert_eq!(joined("a==1 \\\r\n    --hash=x\n# b \\\nc==2"), ["a==1     --hash=x", "# b \\", "c==2"]);
        for line in ["", "# a", "-r other.txt", "a @ file:///x", "a==1; python_version < '3'"] {
            assert_eq!(parse(line), None, "{line}");
        }
        assert_eq!(
            parse("Flask_Cors == 4.0").map(|r| (r.name, r.text)),
            Some(("flask-cors".into(), "Flask_Cors==4.0".into()))
        );
    }
}
