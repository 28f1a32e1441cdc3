//! Failures that come from a file: the script, the configuration, the log.

use crate::doctor::checks::room;
use crate::doctor::diagnosis::{Check, CheckFinding, Conclusion, Topic};
use crate::doctor::evidence::Rehearsed;
use crate::doctor::permission;
use crate::doctor::rehearsal::StepFailure;
use crate::remedy::Remedy;
use crate::shell::quote;

/// The exceptions of configparser.
const OF_CONFIGPARSER: [&str; 8] = [
    "NoSectionError",
    "NoOptionError",
    "ParsingError",
    "MissingSectionHeaderError",
    "DuplicateSectionError",
    "DuplicateOptionError",
    "InterpolationError",
    "MultilineContinuationError",
];

/// A script that can't be read.
pub fn unreadable_entry(_: &Rehearsed, failure: &StepFailure) -> Option<Conclusion> {
    let file = failure.filename.clone().filter(|_| failure.step.name == "entry" && failure.is("OSError"))?;
    let place = quote(&file);
    let remedy = match failure.errno {
        Some(libc::EACCES) => {
            let may = permission::is_own(&file);
            Remedy::shell_as(may, format!("chmod a+r {place}"))
        }
        _ => Remedy::words(format!("put {place} there, or name another script")),
    };
    let finding = CheckFinding::fail(format!("{place} can't be run: {}", failure.told()), remedy);
    Some(Conclusion::new(Check::Command, finding.about([Topic::Path(file)])))
}

/// What the SDK's configuration makes of `config.ini`.
pub fn configuration(rehearsed: &Rehearsed, failure: &StepFailure) -> Option<Conclusion> {
    let of_parser = |failure: &StepFailure| {
        OF_CONFIGPARSER.iter().any(|class| failure.is(class))
            || failure.frames.iter().any(|frame| frame.file.ends_with("configparser.py"))
    };
    let told = failure.chain().find(|failure| of_parser(failure))?;
    let file = rehearsed.case.config_file();
    let found = format!("{}: the SDK dies of {}", quote(&file), told.told());
    let is_ascii = told.encoding.as_deref().is_some_and(|encoding| encoding.eq_ignore_ascii_case("ascii"));
    let remedy = match (&told.section, &told.option) {
        // The file is UTF-8, as it should be, and this Python reads ASCII.
        _ if is_ascii => Remedy::Set("PYTHONUTF8".into(), "1".into()),
        (Some(_), Some(option)) if told.is("InterpolationSyntaxError") => {
            format!("replace each % of {option} with %% in {}", quote(&file)).into()
        }
        (Some(section), Some(_)) if let Some(name) = &told.reference => {
            format!("set {name} in [{section}] of {}: {name} = …", quote(&file)).into()
        }
        (Some(section), Some(option)) => {
            format!("add {option} = … to [{section}] of {}", quote(&file)).into()
        }
        (Some(section), None) => {
            format!("add the section [{section}] to {}, as the SDK came with it", quote(&file)).into()
        }
        _ => Remedy::words(format!("correct {}", quote(&file))),
    };
    Some(Conclusion::new(Check::Config, CheckFinding::fail(found, remedy).about([Topic::Config])))
}

/// A file that the SDK opens for writing, its log first of all.
pub fn written(rehearsed: &Rehearsed, failure: &StepFailure) -> Option<Conclusion> {
    let told = failure.chain().find(|failure| failure.is("OSError") && failure.filename.is_some())?;
    let is_log = failure.step.name == "log"
        || told.frames.iter().any(|frame| {
            frame.file.ends_with("logging/__init__.py") || frame.file.ends_with("logging/handlers.py")
        });
    let file = rehearsed.case.start().join(told.filename.clone()?);
    let is_log = is_log || file.extension().is_some_and(|extension| extension == "log");
    let is_config = failure.step.name == "config";
    (is_log || is_config).then_some(())?;
    let finding = room::unwritable(rehearsed.case, &file, &told.told());
    let directory = file.parent().map(|directory| Topic::Path(directory.to_owned()));
    Some(Conclusion::new(Check::Config, finding.about(directory).about([Topic::Path(file)])))
}
