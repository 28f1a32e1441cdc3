//! What the checks of a target are given.

use crate::invocation::Invocation;
use crate::plan::Start;
use crate::root::Root;
use crate::settings::Settings;

/// What a target is checked against.
#[derive(Debug, Clone, Copy)]
pub struct CheckContext<'a> {
    pub root: &'a Root,
    /// Where the target starts.
    pub start: &'a Start,
    pub settings: &'a Settings,
    pub invocation: &'a Invocation<'a>,
}
