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
//! known.rs                  what an error's text means
//! diagnosis.rs              what a check found, and how it is told
//! explain.rs      --explain: the causes in a log
//! scan.rs, line.rs, shape.rs  how they are found in it
//! patterns/                 what they are
//! report.rs                 how they are told
//! interrupt.rs    which signals are ignored
//! terminal.rs     what stdout understands, and how wide it is
//! ```

mod bounded;
mod case;
mod checks;
pub mod checkup;
mod diagnosis;
mod elf;
pub mod explain;
mod facts;
mod ini;
mod interrupt;
mod known;
mod line;
mod loader;
pub mod patterns;
mod report;
mod scan;
mod shape;
mod terminal;
