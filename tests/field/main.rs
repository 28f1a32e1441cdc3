//! In the field: what stands between the launcher and its users. Package managers, shells, containers, supervisors, clusters,
//! each the real one. They have to be installed first, so this suite is run by a command of its own: `.ci/field`.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod celery;
mod completions;
mod containers;
mod dev_shell;
mod install;
mod man;
mod ray;
mod session;
mod supervisors;

#[path = "../suite/support/mod.rs"]
#[allow(dead_code)] // the suite uses all of it
mod support;
