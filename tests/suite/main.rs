//! One integration binary; a table a topic.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod bridge;
mod exec;
mod facts;
mod forms;
mod release;
mod support;
