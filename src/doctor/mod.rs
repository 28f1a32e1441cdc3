//! Modes that say why a service does not work, on the same resolvers as a launch: they can't disagree with it.

pub mod explain;
pub mod inspect;
mod line;
pub mod patterns;
mod process;
mod report;
mod scan;
mod shape;
