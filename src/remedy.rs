//! What mends a fault.

use std::fmt;
use std::path::Path;

use crate::shell::quote;

/// What to do about a fault. A value until it is printed, so that a test can carry it out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remedy {
    /// A line for a shell, typed by the user of the launch where the launch was typed.
    Shell(String),
    /// Advice that no line can carry out.
    Words(String),
}

impl Remedy {
    /// `unset NAME`.
    pub fn unset(name: &str) -> Self {
        Self::Shell(format!("unset {name}"))
    }

    /// `mv` for a module or package that hides another of its name: `service.py` becomes `my_service.py`.
    pub fn rename(path: &Path) -> Self {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let other = path.with_file_name(format!("my_{name}"));
        Self::Shell(format!("mv {} {}", quote(path), quote(other)))
    }

    /// Advice in words.
    pub fn words(advice: impl Into<String>) -> Self {
        Self::Words(advice.into())
    }
}

impl fmt::Display for Remedy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shell(line) => f.write_str(line),
            Self::Words(advice) => f.write_str(advice),
        }
    }
}
