//! Files in the tree that a test makes.

use std::fs;
use std::path::Path;

use super::build::expect;

/// Compares a file with what it must hold; with `UPDATE` set, writes it.
#[track_caller]
pub fn is_current(file: &str, generated: &[u8]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    if std::env::var_os("UPDATE").is_some() {
        expect(fs::write(&path, generated), "write", &path);
    }
    let committed = expect(fs::read(&path), "read", &path);
    assert!(committed == generated, "{file} is out of date: UPDATE=1 cargo test --test suite writes it");
}
