//! One integration binary; a table a topic.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod cure;
mod facts;
mod cure_forms;
mod support;
