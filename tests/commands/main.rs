//! The commands that people type, with the launcher in front: each is started for real, with real servers from PyPI, by the
//! oldest CPython of this machine and by the newest.
//!
//! A row works if the user's own files answer, the SDK's own configuration is read, a spawn child and a forkserver child of the
//! SDK return (they parse `sys.argv`, as the real SDK's do), and SIGTERM ends it. A row is honest if it does not, and what the
//! launcher says to type works. Else it is bad. `table/` has the rows, `layout.rs` the trees, `attempt.rs` what is asked of a row,
//! `advice.rs` how messages are read.
//!
//! ```text
//! cargo test --test commands                             all of it; .ci/field runs it, for it takes packages
//! cargo test --test commands -- 3.8 'gunicorn -c'        the rows that have each of these words in their name
//! cargo test --test commands -- --list                   the names
//! cargo test --test commands -- --plain 3.8              without the launcher: does the command itself answer and end?
//! cargo test --test commands -- --test-threads 1         two rows run at once, unless told otherwise
//! COMMANDS_LOG=1 cargo test --test commands -- 3.8 pdb   with all that was said
//! ```
//!
//! The first run installs and compiles for minutes, below `target/`. A row that this machine cannot run is no success: it says
//! what is missing, and the suite fails.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod advice;
mod attempt;
mod files;
mod grade;
mod http;
mod layout;
mod programs;
mod row;
mod runner;
mod service;
mod table;

#[path = "../suite/support/mod.rs"]
#[allow(dead_code)] // the suite uses all of it
mod support;

use std::process::ExitCode;

fn main() -> ExitCode {
    if let Err(error) = advice::check() {
        eprintln!("messages are read wrongly: {error}");
        return ExitCode::FAILURE;
    }
    let options = match runner::Options::parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    runner::run(&options, &table::rows())
}
