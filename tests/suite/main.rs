//! One integration binary; a table a topic.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod example;
mod facts;
mod generated;
mod support;
