//! Warnings on the interpreter: which one is used, and what it ignores.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

use crate::remedy::Remedy;
use crate::sdk::abi::{Version, list};
use crate::shell::{assignment, quote, quote_all};

/// Something odd about the interpreter or its flags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PythonWarning {
    /// `--python` was given with a command, which is never replaced.
    Unused { command: OsString },
    /// An active environment was passed over.
    PassedOver { passed_over: PassedOver, sdk: Vec<Version>, used: PathBuf },
    /// The interpreter finds none of the compiled modules.
    WrongVersion { program: PathBuf, version: Version, sdk: Vec<Version> },
    /// `-E` or `-I`, and where it stands; and the command without it.
    Isolated { flag: char, place: FlagPlace, without: Vec<OsString> },
}

/// An active environment that was passed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassedOver {
    /// `VIRTUAL_ENV` or `CONDA_PREFIX`.
    pub variable: &'static str,
    /// Its value.
    pub directory: PathBuf,
    /// The version of its interpreter, where it has one and its version could be told.
    pub version: Option<Version>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FlagPlace {
    CommandLine,
    /// In a shell's text.
    Text,
    /// In the `#!` line of this program.
    ShebangOf(PathBuf),
}

impl fmt::Display for PythonWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unused { command } => {
                write!(f, "--python has no effect on a command: {} runs as it is", quote(command))
            }
            Self::PassedOver { passed_over: PassedOver { variable, directory, version }, sdk, used } => {
                write!(f, "{} ", assignment(variable, directory))?;
                match version {
                    Some(version) => {
                        write!(f, "is Python {version}, and the SDK is compiled for {}", list(sdk))?
                    }
                    None => f.write_str("has no Python whose version can be told")?,
                }
                write!(f, ": {} is used", quote(used))
            }
            Self::WrongVersion { program, version, sdk } => write!(
                f,
                "{} is Python {version}, and the SDK is compiled for {}: the import will fail with No module named 'service.trans_dh_service'",
                quote(program),
                list(sdk)
            ),
            Self::Isolated { flag, place, without } => write!(
                f,
                "-{flag} {place} makes Python ignore PYTHONPATH: leave it out, do: heygem-run -- {}",
                quote_all(without)
            ),
        }
    }
}

impl fmt::Display for FlagPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CommandLine => f.write_str("on the command line"),
            Self::Text => f.write_str("in the shell's text"),
            Self::ShebangOf(program) => write!(f, "in the #! line of {}", quote(program)),
        }
    }
}

impl PythonWarning {
    /// What fixes it, where that does not depend on the rest of the launch.
    pub fn remedy(&self) -> Option<Remedy> {
        match self {
            Self::Unused { .. } => Some(Remedy::words("leave --python out")),
            Self::PassedOver { passed_over, .. } => Some(Remedy::unset(passed_over.variable)),
            Self::Isolated { .. } => Some(Remedy::words("leave it out")),
            Self::WrongVersion { .. } => None,
        }
    }
}
