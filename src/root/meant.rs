//! What a root's value was meant to be, where it names no root.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::directory;
use crate::invocation::{Invocation, without_dots};
use crate::sdk::is_sdk_at;

/// A value without what does not belong to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meant {
    /// The path, absolute.
    pub path: PathBuf,
    /// What was wrong with the value itself, if anything.
    pub fault: Option<ValueFault>,
}

/// What keeps a value from being the path that it was meant to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueFault {
    Quotes,
    CarriageReturn,
    Blank,
    /// `~/`, which no shell has expanded.
    Tilde,
    /// `$NAME`, which no shell has expanded.
    Variable,
}

/// The path that a value is, but for the blanks, the quotes or the carriage return around it, or for its `~`. `None` where nothing is
/// left of it.
pub fn meant(value: &Path, invocation: &Invocation) -> Option<Meant> {
    let (path, fault) = without_fault(value.as_os_str().as_bytes())?;
    let home = invocation.environment.get_non_empty("HOME").map(Path::new);
    let path = match (path.strip_prefix(b"~/"), home) {
        (Some(rest), Some(home)) => home.join(OsStr::from_bytes(rest)),
        _ => PathBuf::from(OsStr::from_bytes(path)),
    };
    let path = without_dots(&invocation.absolute(&path, "the root").ok()?).ok()?;
    Some(Meant { path, fault })
}

/// A value without what is around the path in it, and the first thing that is wrong with it.
fn without_fault(value: &[u8]) -> Option<(&[u8], Option<ValueFault>)> {
    let is_quote = |byte: &u8| b"'\"".contains(byte);
    let is_around = |byte: &u8| byte.is_ascii_whitespace() || is_quote(byte);
    let start = value.iter().position(|byte| !is_around(byte))?;
    let end = value.iter().rposition(|byte| !is_around(byte))?;
    let (path, around) = (&value[start..=end], value[..start].iter().chain(&value[end + 1..]));
    let fault = match () {
        () if around.clone().any(is_quote) => Some(ValueFault::Quotes),
        () if value.ends_with(b"\r") => Some(ValueFault::CarriageReturn),
        () if around.count() > 0 => Some(ValueFault::Blank),
        () if path.starts_with(b"~/") => Some(ValueFault::Tilde),
        () if path.contains(&b'$') => Some(ValueFault::Variable),
        () => None,
    };
    Some((path, fault))
}

impl Meant {
    /// The SDK that is there, above it, or the only one right below it.
    pub fn root(&self) -> Option<PathBuf> {
        if let Some(above) = self.path.ancestors().find(|path| is_sdk_at(path)) {
            return Some(above.to_owned());
        }
        let below = directory::paths_in(&self.path);
        let mut below: Vec<PathBuf> =
            below.into_iter().filter(|path| path.is_dir() && is_sdk_at(path)).collect();
        below.pop().filter(|_| below.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_loses_what_is_around_its_path() {
        let table = [
            ("/a b", Some(("/a b", None))),
            ("\"/a\"", Some(("/a", Some(ValueFault::Quotes)))),
            ("\"/a", Some(("/a", Some(ValueFault::Quotes)))),
            ("' /a '\r", Some(("/a", Some(ValueFault::Quotes)))),
            ("/a\r", Some(("/a", Some(ValueFault::CarriageReturn)))),
            (" /a", Some(("/a", Some(ValueFault::Blank)))),
            ("~/a", Some(("~/a", Some(ValueFault::Tilde)))),
            ("~a", Some(("~a", None))),
            ("$A/b", Some(("$A/b", Some(ValueFault::Variable)))),
            (" \"\" ", None),
            ("", None),
        ];
        for (value, expected) in table {
            let expected = expected.map(|(path, fault)| (path.as_bytes(), fault));
            assert_eq!(without_fault(value.as_bytes()), expected, "{value}");
        }
    }
}
