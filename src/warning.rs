//! What is worth a warning: a launch goes on all the same.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::PathBuf;

use crate::error::Failure;
use crate::message;
use crate::path_list;
use crate::remedy::Remedy;
use crate::sdk::abi::{Version, list};
use crate::shell::{assignment, quote};

/// One warning. Its text is one line: what is wrong and, where that is short, what mends it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Warning {
    /// The named root is used although it does not look like an SDK.
    NotAnSdk { root: PathBuf, source: &'static str, why: &'static str },
    /// The named root is used although it can't be read.
    UnreadableRoot { root: PathBuf, source: &'static str, why: String },
    /// `HEYGEM_DIR` does not name an SDK, and another directory is used.
    IgnoredVariable { value: PathBuf, why: &'static str, used: PathBuf },
    /// The root was named, and the script lies in another SDK.
    ScriptInAnother { root: PathBuf, source: &'static str, another: PathBuf },
    /// `HEYGEM_DIR` names one SDK, and the working directory is in another.
    AnotherRoot { root: PathBuf, here: PathBuf },
    /// Everyone can write to the directory that the root is in, and it is on PYTHONPATH.
    OpenParent { parent: PathBuf },
    /// Everyone can write to the root, which nobody named.
    OpenRoot { root: PathBuf },
    /// The inherited PYTHONPATH has the directory of the SDK's service package; `others` are its other entries.
    PackageOnPath { package: PathBuf, others: Vec<PathBuf> },
    /// An inherited relative entry was dropped.
    DroppedEntry { variable: &'static str, entry: PathBuf },
    /// `--python` was given with a command, which is never replaced.
    UnusedPython { command: OsString },
    /// An active environment was passed over.
    PassedOver { passed_over: PassedOver, sdk: Vec<Version>, used: PathBuf },
    /// The interpreter finds none of the compiled modules.
    WrongVersion { program: PathBuf, version: Version, sdk: Vec<Version> },
    /// `-E` or `-I`, and where it stands.
    Isolated { flag: char, place: FlagPlace },
    /// A package of the app hides the SDK's service package.
    HiddenPackage { file: PathBuf },
    /// An argument names a file in the invoking directory, and another one, or none, where the command starts.
    OtherFile { word: OsString, start: PathBuf, is_there: bool, replacement: OsString },
    /// A server makes a file with a relative path after it has imported the SDK.
    LateFile { word: OsString, replacement: OsString },
    /// The server's workers may have no children, and the option with which it has none.
    DaemonicWorkers { server: &'static str, option: &'static str },
    /// A program whose own start-up code keeps that of the bridge from running; and the command that it runs.
    OtherStartUp { program: Vec<OsString>, command: Vec<OsString> },
    /// A place for the bridge that others could have prepared is passed over.
    UntrustedBridge { reason: String },
    /// The SDK has more directories than are ever listed.
    TruncatedListing { root: PathBuf },
    /// Not all of the SDK could be read: there may be names without a bridge, and the next launch looks again.
    UnreadListing { unread: Vec<String> },
    /// Nothing that was inspected has to do with the root.
    NothingJudged { pid: Option<u32>, root: PathBuf },
    /// Of all that was inspected, nothing can be told.
    NothingTold { root: PathBuf },
    /// No bridge can be built.
    NoBridge { tried: Vec<String> },
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

/// Where an interpreter's flag stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FlagPlace {
    /// On the command line.
    CommandLine,
    /// In the `#!` line of this program.
    ShebangOf(PathBuf),
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAnSdk { root, source, why } => {
                write!(f, "{} ({source}) does not look like a HeyGem SDK: {why}", quote(root))
            }
            Self::UnreadableRoot { root, source, why } => {
                write!(f, "{} ({source}) can't be looked at: {why}", quote(root))
            }
            Self::IgnoredVariable { value, why, used } => write!(
                f,
                "{} names no HeyGem SDK ({why}), and {} is used: write {}, or unset it",
                assignment("HEYGEM_DIR", value),
                quote(used),
                assignment("HEYGEM_DIR", used)
            ),
            Self::ScriptInAnother { root, source, another } => write!(
                f,
                "{} ({source}) is used, though the script lies in another SDK: for that one, --root {}",
                quote(root),
                quote(another)
            ),
            Self::AnotherRoot { root, here } => write!(
                f,
                "HEYGEM_DIR={} is used, though the working directory is inside another SDK, {}",
                quote(root),
                quote(here)
            ),
            Self::OpenParent { parent } => {
                write!(f, "everyone can write to {}, and PYTHONPATH has it: move the SDK", quote(parent))
            }
            Self::OpenRoot { root } => {
                write!(f, "everyone can write to {}, and what is in it is run", quote(root))
            }
            Self::PackageOnPath { package, .. } => write!(
                f,
                "PYTHONPATH has {}: children will die of `attempted relative import with no known parent package`; take it out",
                quote(package)
            ),
            Self::DroppedEntry { variable, entry } => write!(
                f,
                "{variable} loses its relative entry {}: no absolute path can stand for it",
                quote(entry)
            ),
            Self::UnusedPython { command } => {
                write!(f, "--python does nothing for a command: {} is run as it is", quote(command))
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
                "{} is Python {version}, and the SDK is compiled for {}: it will say No module named 'service.trans_dh_service'",
                quote(program),
                list(sdk)
            ),
            Self::Isolated { flag, place } => {
                write!(f, "-{flag} {place} makes Python ignore PYTHONPATH: leave it out")
            }
            Self::HiddenPackage { file } => {
                write!(f, "{} hides the SDK's own service package: rename it", quote(file))
            }
            Self::OtherFile { word, start, is_there, replacement } => write!(
                f,
                "{} names a file here, and {} in {}, where the SDK runs: write {}",
                quote(word),
                if *is_there { "another one" } else { "none" },
                quote(start),
                quote(replacement)
            ),
            Self::LateFile { word, replacement } => write!(
                f,
                "{} is relative, and is made after the import of the SDK, which changes to its directory: write {}",
                quote(word),
                quote(replacement)
            ),
            Self::DaemonicWorkers { server, option } => {
                write!(
                    f,
                    "{server}'s workers are daemonic processes, which may have no children: add {option}"
                )
            }
            Self::OtherStartUp { program, command } => write!(
                f,
                "the start-up code of {} keeps that of the bridge from running: do: heygem-run -- {} heygem-run -- {}",
                quote(program.first().map_or(OsStr::new(""), OsString::as_os_str)),
                quoted(program),
                quoted(command)
            ),
            Self::UntrustedBridge { reason } => {
                write!(f, "a bridge that others could have made is not used: {reason}")
            }
            Self::TruncatedListing { root } => {
                write!(f, "{} has more directories than are listed: some names have no bridge", quote(root))
            }
            Self::UnreadListing { unread } => write!(
                f,
                "names of the SDK may be missing from the bridge, since not all of it can be read: {}",
                unread.join("; ")
            ),
            Self::NothingJudged { pid: Some(pid), root } => write!(
                f,
                "nothing was judged: neither {pid} nor what it started has to do with {}",
                quote(root)
            ),
            Self::NothingJudged { pid: None, root } => {
                write!(f, "nothing was judged: what runs from {} needs nothing of it", quote(root))
            }
            Self::NothingTold { root } => {
                write!(f, "nothing could be judged: no process shows what it has of {}", quote(root))
            }
            Self::NoBridge { tried } => write!(
                f,
                "no bridge can be built ({}): children started by spawn will die of No module named 'trans_dh_service'",
                tried.join("; ")
            ),
        }
    }
}

fn quoted(words: &[OsString]) -> String {
    words.iter().map(quote).collect::<Vec<_>>().join(" ")
}

impl fmt::Display for FlagPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CommandLine => f.write_str("on the command line"),
            Self::ShebangOf(program) => write!(f, "in the #! line of {}", quote(program)),
        }
    }
}

impl Warning {
    /// What mends it, where that does not depend on the rest of the launch.
    pub fn remedy(&self) -> Option<Remedy> {
        Some(match self {
            Self::NotAnSdk { .. } => {
                Remedy::words("name the directory that has service/trans_dh_service in it: --root DIR")
            }
            Self::UnreadableRoot { root, .. } => Remedy::Words(format!(
                "run as the user whom it belongs to, or: chmod -R a+rX {}",
                quote(root)
            )),
            Self::AnotherRoot { .. } => Remedy::unset("HEYGEM_DIR"),
            Self::IgnoredVariable { used, .. } => {
                Remedy::Shell(format!("export {}", assignment("HEYGEM_DIR", used)))
            }
            Self::ScriptInAnother { another, .. } => Remedy::Words(format!("--root {}", quote(another))),
            Self::PackageOnPath { others, .. } if others.is_empty() => Remedy::unset("PYTHONPATH"),
            Self::PackageOnPath { others, .. } => {
                let others = path_list::join(others.iter().map(PathBuf::as_path));
                Remedy::Set("PYTHONPATH".into(), others)
            }
            Self::UnusedPython { .. } => Remedy::words("leave --python out"),
            Self::PassedOver { passed_over, .. } => Remedy::unset(passed_over.variable),
            Self::Isolated { .. } => Remedy::words("leave it out"),
            Self::HiddenPackage { file } => {
                let package = file.parent().filter(|_| file.ends_with("__init__.py"));
                Remedy::rename(package.unwrap_or(file))
            }
            Self::UntrustedBridge { .. } => {
                Remedy::words("remove it, or make it writable to its owner alone")
            }
            Self::OpenRoot { root } => {
                Remedy::Words(format!("chmod o-w {}, or name it: --root", quote(root)))
            }
            Self::OpenParent { .. }
            | Self::DroppedEntry { .. }
            | Self::WrongVersion { .. }
            | Self::OtherFile { .. }
            | Self::LateFile { .. }
            | Self::DaemonicWorkers { .. }
            | Self::OtherStartUp { .. }
            | Self::TruncatedListing { .. }
            | Self::UnreadListing { .. }
            | Self::NothingJudged { .. }
            | Self::NothingTold { .. }
            | Self::NoBridge { .. } => return None,
        })
    }
}

/// What becomes of warnings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WarningPolicy {
    /// They are printed on stderr.
    Print,
    /// They are not printed.
    Hide,
    /// The first one is an error.
    Fail,
}

/// Warnings, collected while a launch is resolved.
#[derive(Debug, Default)]
pub struct Warnings(Vec<Warning>);

impl Warnings {
    /// Adds one.
    pub fn add(&mut self, warning: Warning) {
        self.0.push(warning);
    }

    /// Adds all of them.
    pub fn extend(&mut self, warnings: impl IntoIterator<Item = Warning>) {
        self.0.extend(warnings);
    }

    /// All so far, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Warning> {
        self.0.iter()
    }

    /// Prints them, hides them or fails because of them.
    ///
    /// # Errors
    /// Under [`WarningPolicy::Fail`], when there is one.
    pub fn emit(&self, policy: WarningPolicy) -> Result<(), Failure> {
        match (policy, self.0.as_slice()) {
            (WarningPolicy::Print, all) => all.iter().for_each(message::warning),
            (WarningPolicy::Fail, [first, others @ ..]) => {
                others.iter().for_each(message::warning);
                return Err(Failure::new(first.to_string()).hint("--strict makes an error of this warning"));
            }
            (WarningPolicy::Hide, _) | (WarningPolicy::Fail, []) => {}
        }
        Ok(())
    }
}
