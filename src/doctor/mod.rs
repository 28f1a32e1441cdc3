//! Modes that say why a service does not work, on the same resolvers as a launch: they can't disagree with it.
//!
//! ```text
//! checkup.rs      --doctor: which checks, in which order, side by side
//! checks/                   the checks, a function each
//! case.rs                   the launch that is looked at
//! facts.rs                  what its interpreter says of itself
//! bounded.rs                programs that may not end, nor outlive the doctor
//! loader.rs, elf.rs         what the dynamic loader would find
//! ini.rs                    config.ini
//! diagnosis.rs              what a check found, and how it is told
//! inspect.rs      --inspect: what the processes of a running service lack
//! ```

mod bounded;
mod case;
mod checks;
pub mod checkup;
mod diagnosis;
mod elf;
mod facts;
mod ini;
pub mod inspect;
mod loader;
mod process;
