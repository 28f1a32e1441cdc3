//! One integration binary; a table a topic.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod checks;
mod facts;
mod interpreter;
mod root;
mod support;
mod target;
