//! What is broken, and how to mend it.

pub mod explain;
mod line;
pub mod patterns;
mod report;
mod scan;
mod shape;
