//! Has the linker lay the code that a launch runs side by side, as `launch.ld` says: a twentieth of a launch's cost.

use std::path::Path;
use std::process::{Command, Stdio};
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=launch.ld");
    let out = env::var("OUT_DIR").unwrap_or_default();
    // A copy, since cargo may use what is said here for another checkout, when this one is gone.
    let script = Path::new(&out).join("launch.ld");
    let copied = fs::read("launch.ld").and_then(|text| fs::write(&script, text));
    let option = format!("-T{}", script.display());
    if copied.is_ok() && links_with(&option, Path::new(&out)) {
        println!("cargo::rustc-link-arg-bins={option}");
    }
}

/// Whether an empty program can be linked so: mold and gold, which no flag need name, don't read such a script.
fn links_with(option: &str, out: &Path) -> bool {
    let source = out.join("empty.rs");
    let flags = env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    let mut rustc = Command::new(env::var_os("RUSTC").unwrap_or("rustc".into()));
    rustc
        .args(flags.split('\x1f').filter(|flag| !flag.is_empty()))
        .args(env::var("RUSTC_LINKER").map(|linker| format!("-Clinker={linker}")))
        .args(["--target", &env::var("TARGET").unwrap_or_default()])
        .arg(format!("-Clink-arg={option}"))
        .arg("-o")
        .arg(out.join("empty"))
        .arg(&source)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    fs::write(&source, "fn main() {}").is_ok() && rustc.status().is_ok_and(|status| status.success())
}
