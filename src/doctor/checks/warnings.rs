//! Which check tells which warning of the launch. A new warning does not compile until it is decided here.

use crate::doctor::diagnosis::Check;
use crate::warning::Warning;
use crate::warning::command::CommandWarning;
use crate::warning::path::PathWarning;
use crate::warning::python::PythonWarning;
use crate::warning::root::RootWarning;
use crate::warning::script::{ScriptFault, ScriptWarning};

/// The check that tells it; `None` where what the doctor sees for itself says more.
pub fn check_of(warning: &Warning) -> Option<Check> {
    match warning {
        // The doctor judges the whole command by a rule of its own.
        Warning::Command(CommandWarning::PathTaken { .. } | CommandWarning::TextTakesPath { .. })
        | Warning::Script(ScriptWarning::Line { fault: ScriptFault::TakesPath, .. }) => None,
        Warning::Root(RootWarning::Open { .. })
        | Warning::Command(_)
        | Warning::Argument(_)
        | Warning::Script(_) => Some(Check::Command),
        Warning::Root(_) => Some(Check::Root),
        Warning::Bridge(_) => Some(Check::Bridge),
        Warning::Path(PathWarning::OpenParent { .. }) => Some(Check::Root),
        Warning::Path(PathWarning::DroppedEntry { .. }) => Some(Check::Isolation),
        Warning::Path(PathWarning::ServicePackage { .. }) => Some(Check::Shadow),
        Warning::Python(PythonWarning::Unused { .. }) => Some(Check::Command),
        Warning::Python(PythonWarning::PassedOver { .. }) => Some(Check::Interpreter),
        Warning::Python(PythonWarning::Isolated { .. }) => Some(Check::Isolation),
        // The interpreter's own version and path are asked for.
        Warning::Python(PythonWarning::WrongVersion { .. })
        | Warning::Path(PathWarning::HiddenPackage { .. }) => None,
        // Of running processes.
        Warning::Inspect(_) => None,
    }
}
