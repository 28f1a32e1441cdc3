//! Modes that say why a service does not work, on the same resolvers as a launch: they can't disagree with it.

pub mod inspect;
mod process;
