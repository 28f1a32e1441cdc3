//! Which check tells which warning of the launch. A new warning does not compile until it is decided here.

use crate::warning::Warning;
use crate::warning::command::CommandWarning;
use crate::warning::path::PathWarning;
use crate::warning::python::PythonWarning;
use crate::warning::root::RootWarning;

/// The check that tells it; `None` where what the doctor sees for itself says more.
pub fn check_of(warning: &Warning) -> Option<&'static str> {
    match warning {
        // The doctor judges the whole command by a rule of its own.
        Warning::Command(CommandWarning::PathTaken { .. } | CommandWarning::TextTakesPath { .. }) => None,
        Warning::Root(RootWarning::Open { .. }) | Warning::Command(_) => Some("command"),
        Warning::Root(_) => Some("root"),
        Warning::Bridge(_) => Some("bridge"),
        Warning::Path(PathWarning::OpenParent { .. }) => Some("root"),
        Warning::Path(PathWarning::DroppedEntry { .. }) => Some("isolation"),
        Warning::Path(PathWarning::ServicePackage { .. }) => Some("shadow"),
        Warning::Python(PythonWarning::Unused { .. }) => Some("command"),
        Warning::Python(PythonWarning::PassedOver { .. }) => Some("interpreter"),
        Warning::Python(PythonWarning::Isolated { .. }) => Some("isolation"),
        // The interpreter's own version and path are asked for.
        Warning::Python(PythonWarning::WrongVersion { .. })
        | Warning::Path(PathWarning::HiddenPackage { .. }) => None,
        // Of running processes.
        Warning::Inspect(_) => None,
    }
}
