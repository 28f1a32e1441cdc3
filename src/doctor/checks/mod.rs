//! The checks, a function each. What is decided from data is decided in functions of data.

pub mod children;
pub mod imports;
pub mod packages;
pub mod sdk;
