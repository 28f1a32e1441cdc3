//! The checks, a function each. What is decided from data is decided in functions of data.

pub mod abi;
pub mod children;
pub mod config;
mod drops;
mod gpu_packages;
pub mod imports;
pub mod launches;
pub mod libraries;
pub mod machine;
pub mod models;
pub mod packages;
pub mod room;
pub mod roots;
pub mod sdk;
pub mod servers;
pub mod start;
mod warnings;
