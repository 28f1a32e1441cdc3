//! Python versions, as file names spell them.

use std::fmt;

/// A Python feature version, such as 3.8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// The 3 of 3.8.
    pub major: u8,
    /// The 8 of 3.8.
    pub minor: u8,
}

impl Version {
    /// Reads the version out of an ABI tag of CPython (`cpython-38-x86_64-linux-gnu`, `cpython-313t-…`, PEP 3149).
    /// `abi3`, no tag at all and other implementations' tags bind to no version.
    pub fn from_tag(tag: &str) -> Option<Self> {
        let digits = tag
            .strip_prefix("cpython-")?
            .split('-')
            .next()?
            .trim_end_matches(|c: char| c.is_ascii_lowercase());
        let (major, minor) = digits.split_at_checked(1)?;
        Self::from_parts(major, minor)
    }

    /// Reads the version out of a program's name: `python3.8`, `python3.13t`; `python3` tells none.
    pub fn from_program(name: &str) -> Option<Self> {
        let (major, rest) = name.strip_prefix("python")?.split_once('.')?;
        let minor = rest.trim_end_matches(|c: char| c.is_ascii_lowercase());
        Self::from_parts(major, minor)
    }

    /// Reads the start of a full version: `3.8`, `3.8.18`, `3.8.18.final.0`.
    pub fn from_full(version: &str) -> Option<Self> {
        let mut parts = version.trim().splitn(3, '.');
        Self::from_parts(parts.next()?, parts.next()?)
    }

    fn from_parts(major: &str, minor: &str) -> Option<Self> {
        // `parse` would take a leading `+`.
        let number = |text: &str| text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok())?;
        Some(Self { major: number(major)?, minor: number(minor)? })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// Versions, for a person: `3.8 and 3.9`.
pub fn list(versions: &[Version]) -> String {
    versions.iter().map(Version::to_string).collect::<Vec<_>>().join(" and ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(major: u8, minor: u8) -> Option<Version> {
        Some(Version { major, minor })
    }

    #[test]
    fn tags_tell_versions() {
        let table = [
            ("cpython-38-x86_64-linux-gnu", version(3, 8)),
            ("cpython-310-aarch64-linux-gnu", version(3, 10)),
            ("cpython-313t-x86_64-linux-gnu", version(3, 13)),
            ("cpython-37m-x86_64-linux-gnu", version(3, 7)),
            ("abi3", None),
            ("pypy38-pp73-x86_64-linux-gnu", None),
            ("cpython-", None),
            ("cpython-3", None),
            ("cpython-+8", None),
            ("cpython-3999", None),
            ("", None),
        ];
        for (tag, expected) in table {
            assert_eq!(Version::from_tag(tag), expected, "{tag}");
        }
    }

    #[test]
    fn programs_tell_versions() {
        let table = [
            ("python3.8", version(3, 8)),
            ("python3.13t", version(3, 13)),
            ("python3.8d", version(3, 8)),
            ("python3", None),
            ("python", None),
            ("python3.8-config", None),
            ("python3.", None),
            ("python.exe", None),
            ("bash", None),
        ];
        for (name, expected) in table {
            assert_eq!(Version::from_program(name), expected, "{name}");
        }
    }

    #[test]
    fn full_versions_tell_versions() {
        let table = [
            (" 3.8.18 ", version(3, 8)),
            ("3.12", version(3, 12)),
            ("3.8.18.final.0", version(3, 8)),
            ("3", None),
            ("", None),
            ("x.y", None),
        ];
        for (text, expected) in table {
            assert_eq!(Version::from_full(text), expected, "{text}");
        }
    }
}
