//! One integration binary; a table a topic.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod attacks;
mod bad_input;
mod bridge;
mod checks;
mod cost;
mod cure;
mod cure_forms;
mod doctor;
mod example;
mod exec;
mod explain;
mod facts;
mod forms;
mod generated;
mod help;
mod hidden;
mod hook;
mod inspect;
mod interpreter;
mod invisible;
mod licenses;
mod load;
mod login;
mod map;
mod readme;
mod release;
mod root;
mod service;
mod shells_own;
mod support;
mod sweep;
mod target;
mod trust;
