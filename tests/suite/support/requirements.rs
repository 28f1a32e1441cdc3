//! What the tests take from the machine, looked for once, before the first of them makes anything.

use std::io::{self, Write as _};
use std::path::Path;
use std::process::{self, Command, Stdio};
use std::sync::Once;

use super::pythons::{Found, found};

/// Ends the run where something is missing, with one message for all tests; else says which interpreters they use.
pub fn check() {
    static CHECK: Once = Once::new();
    CHECK.call_once(|| {
        let missing = missing();
        // Past the harness, which keeps to itself what a test prints.
        let mut stderr = io::stderr();
        if missing.is_empty() {
            let pythons = found().pythons.iter();
            let used: Vec<_> =
                pythons.map(|python| format!("{} ({})", python.version, python.path.display())).collect();
            let _ = writeln!(stderr, "CPython that these tests use: {}", used.join(", "));
        } else {
            let _ =
                writeln!(stderr, "\nerror: these tests need what is missing here: {}", missing.join("; "));
            let _ = writeln!(stderr, "hint: `.ci/test` installs it on Debian");
            process::exit(1);
        }
    });
}

fn missing() -> Vec<String> {
    let mut missing = Vec::new();
    if !runs("cc", "--version") {
        missing.push("a C compiler (gcc)".to_owned());
    } else if cfg!(target_feature = "crt-static") && !has_static_libc() {
        missing.push("a static C library (libc6-dev)".to_owned());
    }
    let Found { pythons, passed_over } = found();
    if !pythons.iter().any(|python| python.has_pip) {
        missing.push(format!(
            "a CPython from 3.8 on with headers and venv, as `python3.N` on PATH or from pyenv (python3-dev python3-venv){}",
            passed_over.iter().map(|why| format!("\n  passed over: {why}")).collect::<String>()
        ));
    }
    for (program, package) in [("strace", "strace"), ("setpriv", "util-linux")] {
        if !runs(program, "--version") {
            missing.push(package.to_owned());
        }
    }
    missing
}

fn runs(program: &str, option: &str) -> bool {
    let mut command = Command::new(program);
    command.arg(option).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

fn has_static_libc() -> bool {
    let answer = Command::new("cc").arg("-print-file-name=libc.a").output();
    answer.is_ok_and(|answer| Path::new(String::from_utf8_lossy(&answer.stdout).trim_end()).is_absolute())
}
