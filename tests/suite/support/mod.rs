//! What tests share.

pub mod build;
pub mod current;
pub mod fs;
pub mod inject;
pub mod interpreters;
pub mod methods;
pub mod place;
pub mod probe;
pub mod process;
pub mod pythons;
pub mod reports;
pub mod requirements;
pub mod run;
pub mod sdk;
pub mod site;
pub mod snapshot;
pub mod trace;
pub mod tree;
pub mod user;
pub mod venv;
pub mod wait;
