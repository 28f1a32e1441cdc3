//! The completions and the man page in the tree are those of the definitions in `src/cli.rs`.

use std::fs;
use std::path::Path;

use clap::CommandFactory as _;
use clap_complete::{Shell, generate};
use heygem_run::cli::Cli;

use crate::support::build::expect;

/// Compares a file with what it must hold; with `UPDATE` set, writes it.
#[track_caller]
pub fn is_current(file: &str, generated: &[u8]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    if std::env::var_os("UPDATE").is_some() {
        expect(fs::write(&path, generated), "write", &path);
    }
    let committed = expect(fs::read(&path), "read", &path);
    assert!(committed == generated, "{file} is out of date: UPDATE=1 cargo test generated");
}

#[test]
fn completions_are_generated() {
    for (shell, file) in [
        (Shell::Bash, "heygem-run.bash"),
        (Shell::Elvish, "heygem-run.elv"),
        (Shell::Fish, "heygem-run.fish"),
        (Shell::PowerShell, "_heygem-run.ps1"),
        (Shell::Zsh, "_heygem-run"),
    ] {
        let mut script = Vec::new();
        generate(shell, &mut Cli::command(), "heygem-run", &mut script);
        is_current(&format!("completions/{file}"), &script);
    }
}

#[test]
fn the_man_page_is_generated() {
    let mut page = Vec::new();
    clap_mangen::Man::new(Cli::command()).render(&mut page).expect("write to memory");
    is_current("man/heygem-run.1", &page);
}
