//! Where the SDK is: one row a rule, each with the message when it fails.

mod discovered;
mod named;
mod open;
mod words;

use std::path::Path;

use crate::support::place::Place;
use crate::support::run::Run;

/// A target that prints the root. The bridge has tests of its own, and an opinion on who may write to a root.
const ROOT: [&str; 5] = ["--no-bridge", "--", "sh", "-c", r#"echo "$HEYGEM_DIR""#];

fn line(path: &Path) -> String {
    format!("{}\n", path.display())
}

impl Place {
    /// The launcher, with options, asked for the root that it settles on.
    fn root(&self, options: &[&str]) -> Run {
        self.launch([options, &ROOT].concat())
    }
}
