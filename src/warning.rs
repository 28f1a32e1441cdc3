//! What is worth saying about a launch that goes on all the same.

use crate::error::Failure;
use crate::message;
use crate::settings::OnWarning;

/// Warnings, collected while a launch is resolved.
#[derive(Debug, Default)]
pub struct Warnings(Vec<String>);

impl Warnings {
    /// One line: what is wrong, and where it is short enough what mends it.
    pub fn add(&mut self, warning: impl Into<String>) {
        self.0.push(warning.into());
    }

    /// The warnings of one step alone.
    pub fn of(step: impl FnOnce(&mut Self)) -> Vec<String> {
        let mut warnings = Self::default();
        step(&mut warnings);
        warnings.0
    }

    /// The lines so far.
    pub fn lines(&self) -> &[String] {
        &self.0
    }

    /// Prints them, hides them or fails because of them, as the user decided.
    ///
    /// # Errors
    /// Under `--strict`, when there is one.
    pub fn settle(self, decision: OnWarning) -> Result<(), Failure> {
        match (decision, self.0.as_slice()) {
            (OnWarning::Print, lines) => lines.iter().for_each(message::warning),
            (OnWarning::Fail, [first, others @ ..]) => {
                others.iter().for_each(message::warning);
                return Err(Failure::new(first).hint("--strict makes an error of this warning"));
            }
            (OnWarning::Hide, _) | (OnWarning::Fail, []) => {}
        }
        Ok(())
    }
}
