//! Says at once what a static program can't be linked without, and has the linker leave out what its libc would print.

use std::env;
use std::path::Path;
use std::process::Command;

const NO_STATIC_LIBC: &str = "\
heygem-run is linked statically, and there is no static C library (libc.a) on this machine. Install it:
  Debian, Ubuntu: apt-get install libc6-dev
  Fedora:         dnf install glibc-static
  Arch:           pacman -S glibc
  Alpine:         apk add musl-dev
Where there is none, build a dynamic program, for this machine's libc or a newer one: RUSTFLAGS=\"-C target-feature=-crt-static\" cargo build";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let features = env::var("CARGO_CFG_TARGET_FEATURE").unwrap_or_default();
    let is_static = features.split(',').any(|feature| feature == "crt-static");
    if !is_static || env::var("CARGO_CFG_TARGET_ENV").as_deref() != Ok("gnu") {
        return; // musl's libc comes with Rust
    }
    if lacks_static_libc() {
        NO_STATIC_LIBC.lines().for_each(|line| println!("cargo::error={line}"));
        return;
    }
    // From 2.40 on the start of a static program warns of GLIBC_TUNABLES, as the target's own start does: see src/main.rs.
    println!("cargo::rustc-link-arg-bins=-Wl,--wrap=_dl_error_printf");
}

/// Whether the C compiler that links knows of none. One that does not answer is left for the linking to complain of.
fn lacks_static_libc() -> bool {
    let linker = env::var_os("RUSTC_LINKER").unwrap_or("cc".into());
    let answer = Command::new(linker).arg("-print-file-name=libc.a").output();
    // Where it finds no such file, the answer is the name itself.
    answer
        .is_ok_and(|answer| answer.status.success() && !Path::new(answer_text(&answer.stdout)).is_absolute())
}

fn answer_text(stdout: &[u8]) -> &str {
    str::from_utf8(stdout).unwrap_or("/").trim_end()
}
