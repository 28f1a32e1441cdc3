//! How it gets to its users: what `.ci/release` makes, and cargo, each installed as they would, and put to work.

mod artifacts;
mod cargo;
mod debian;
mod git;
mod release;
mod wheel;
mod work;

pub use artifacts::artifacts;
pub use cargo::packaged;
