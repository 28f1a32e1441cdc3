//! One integration binary; a table a topic.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod checks;
mod cure;
mod cure_forms;
mod example;
mod facts;
mod generated;
mod hidden;
mod interpreter;
mod root;
mod service;
mod support;
mod target;
