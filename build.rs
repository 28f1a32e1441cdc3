//! Has the linker lay the code that a launch runs side by side, as `launch.ld` says: a twentieth of a launch's cost.

use std::path::PathBuf;
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=launch.ld");
    let is = |name, value| env::var_os(name).is_some_and(|found| found == value);
    // Who chose a linker may have chosen one that reads no scripts, as mold.
    let flags = env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    let is_chosen =
        env::var_os("RUSTC_LINKER").is_some() || flags.contains("linker") || flags.contains("fuse-ld");
    if is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu") && !is_chosen {
        // A copy, since cargo may use what is said here for another checkout, when this one is gone.
        let copy = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("launch.ld");
        match fs::copy("launch.ld", &copy) {
            // Not in one word after `-Wl,`, which is split at the commas of a path.
            Ok(_) => println!("cargo::rustc-link-arg-bins=-T\ncargo::rustc-link-arg-bins={}", copy.display()),
            Err(error) => {
                println!("cargo::warning=launch.ld can't be copied, so a launch takes longer: {error}")
            }
        }
    }
}
