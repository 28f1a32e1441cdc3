//! What the dynamic loader and Python's import of compiled modules say: they have but text for it.

use std::path::{Path, PathBuf};

/// A fault, as it was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoaderFault {
    /// A library that is not found.
    Missing(String),
    /// A library that lacks a version, and what asks for it.
    Old { library: PathBuf, version: String, by: Option<PathBuf> },
    /// A file that can't be mapped.
    NotMapped(PathBuf),
    /// A symbol that nothing has.
    Symbol { file: PathBuf, symbol: String },
    /// A file that is damaged or for another machine, and what is wrong.
    Damaged { file: PathBuf, why: String },
    /// A file without the function that makes a module of this name.
    NoInit(String),
}

pub fn parse(text: &str) -> Option<LoaderFault> {
    text.lines().find_map(line)
}

fn line(line: &str) -> Option<LoaderFault> {
    if let Some((_, rest)) = line.split_once("does not define module export function (PyInit_") {
        return Some(LoaderFault::NoInit(rest.split(')').next()?.to_owned()));
    }
    // `ImportError: /a/b.so: undefined symbol: x`, with or without what is before the path.
    let line = line.trim();
    let (subject, why) = line.split_once(": ")?;
    let subject = subject.rsplit_once(": ").map_or(subject, |(_, last)| last);
    let file = || PathBuf::from(subject.trim());
    let why = why.trim();
    if why.starts_with("cannot open shared object file: No such file") {
        return Some(LoaderFault::Missing(subject.rsplit(' ').next()?.to_owned()));
    }
    if let Some(rest) = why.strip_prefix("version ") {
        let version = rest.trim_start_matches(['`', '\'']).split('\'').next()?;
        rest.contains("not found").then_some(())?;
        let by = rest.split_once("(required by ").and_then(|(_, by)| by.split(')').next());
        return Some(LoaderFault::Old {
            library: file(),
            version: version.into(),
            by: by.map(PathBuf::from),
        });
    }
    if let Some(symbol) = why.strip_prefix("undefined symbol: ") {
        let symbol = symbol.split([',', ' ']).next().unwrap_or_default().to_owned();
        return Some(LoaderFault::Symbol { file: file(), symbol });
    }
    if why.starts_with("failed to map segment from shared object") {
        return Some(LoaderFault::NotMapped(file()));
    }
    const DAMAGED: [&str; 7] = [
        "file too short",
        "invalid ELF header",
        "wrong ELF class",
        "ELF load command",
        "cannot read file data",
        "object file has no",
        "cannot open shared object file",
    ];
    if DAMAGED.iter().any(|start| why.starts_with(start)) && Path::new(subject).is_absolute() {
        return Some(LoaderFault::Damaged { file: file(), why: why.to_owned() });
    }
    // Of an error that was passed on, only the end may be the loader's.
    why.contains(": ").then(|| self::line(why)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_loaders_messages_are_read() {
        use LoaderFault::{Damaged, Missing, NoInit, NotMapped, Old, Symbol};
        let table = [
            (
                "libGL.so.1: cannot open shared object file: No such file or directory",
                Missing("libGL.so.1".into()),
            ),
            (
                "/usr/lib/libstdc++.so.6: version `GLIBCXX_3.4.99' not found (required by /sdk/a.so)",
                Old {
                    library: "/usr/lib/libstdc++.so.6".into(),
                    version: "GLIBCXX_3.4.99".into(),
                    by: Some("/sdk/a.so".into()),
                },
            ),
            ("/sdk/a.so: failed to map segment from shared object", NotMapped("/sdk/a.so".into())),
            (
                "/sdk/a.so: undefined symbol: _Py_CheckRecursionLimit",
                Symbol { file: "/sdk/a.so".into(), symbol: "_Py_CheckRecursionLimit".into() },
            ),
            ("/sdk/a.so: file too short", Damaged { file: "/sdk/a.so".into(), why: "file too short".into() }),
            ("dynamic module does not define module export function (PyInit_queue)", NoInit("queue".into())),
            (
                "Failed to load /x.so with error libcublas.so.11: cannot open shared object file: No such file or directory",
                Missing("libcublas.so.11".into()),
            ),
        ];
        for (text, expected) in table {
            let found = parse(text);
            assert_eq!(found, Some(expected), "{text}");
        }
        for text in ["", "no module", "[Errno 13] Permission denied: '/a'", "a: b"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
