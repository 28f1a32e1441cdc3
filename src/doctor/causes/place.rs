//! Where a failure was raised.

use std::path::{Path, PathBuf};

use crate::doctor::evidence::Rehearsed;
use crate::doctor::rehearsal::StepFailure;
use crate::shell::quote;

/// Where it was raised, as far as that is not the standard library: ` (FILE, line N)`.
pub fn culprit(rehearsed: &Rehearsed, failure: &StepFailure) -> Option<String> {
    frame(rehearsed, failure).map(|(file, line)| format!(" ({}, line {line})", quote(file)))
}

/// The innermost frame that is not the standard library's, nor the bridge's.
pub fn frame(rehearsed: &Rehearsed, failure: &StepFailure) -> Option<(PathBuf, u64)> {
    let library: &Path = &rehearsed.evidence.rehearsal.standard_library;
    let site: Vec<PathBuf> = rehearsed.facts().map(|facts| facts.site_packages.clone()).unwrap_or_default();
    let is_others = |file: &Path| {
        let is_bridge = file.parent().is_some_and(crate::bridge::is_bridge);
        !is_bridge && (!file.starts_with(library) || site.iter().any(|place| file.starts_with(place)))
    };
    let frame = failure.frames.iter().rev().find(|frame| is_others(&frame.file))?;
    Some((frame.file.clone(), frame.line))
}
