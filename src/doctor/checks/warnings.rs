//! Which check tells which warning of the launch. A new warning does not compile until it is decided here.

use crate::warning::Warning;

/// The check that tells it; `None` where what the doctor sees for itself says more.
pub fn check_of(warning: &Warning) -> Option<&'static str> {
    match warning {
        Warning::NotAnSdk { .. }
        | Warning::UnreadableRoot { .. }
        | Warning::IgnoredVariable { .. }
        | Warning::ScriptInAnother { .. }
        | Warning::AnotherRoot { .. }
        | Warning::OpenParent { .. } => Some("root"),
        Warning::UntrustedBridge { .. }
        | Warning::TruncatedListing { .. }
        | Warning::UnreadListing { .. }
        | Warning::NoBridge { .. } => Some("bridge"),
        Warning::OpenRoot { .. }
        | Warning::UnusedPython { .. }
        | Warning::OtherFile { .. }
        | Warning::LateFile { .. }
        | Warning::DaemonicWorkers { .. }
        | Warning::OtherStartUp { .. } => Some("command"),
        Warning::PassedOver { .. } => Some("interpreter"),
        Warning::DroppedEntry { .. } | Warning::Isolated { .. } => Some("isolation"),
        Warning::PackageOnPath { .. } => Some("shadow"),
        // The interpreter's own version and path are asked for.
        Warning::WrongVersion { .. } | Warning::HiddenPackage { .. } => None,
        // Of running processes.
        Warning::NothingJudged { .. } | Warning::NothingTold { .. } => None,
    }
}
