//! What tests share.

pub mod build;
pub mod fs;
pub mod methods;
pub mod place;
pub mod pythons;
pub mod run;
pub mod sdk;
pub mod tree;
pub mod venv;
