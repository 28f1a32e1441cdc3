//! The binary that is shipped: static by default, so that it runs in any image.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::build::{build_once, checked, expect};
use crate::support::place::Place;
use crate::support::probe::{Report, probe};
use crate::support::run::Run;
use crate::support::user::is_root;

/// What `cargo build --release` makes, without any word on the target or on how to link.
fn release() -> PathBuf {
    let mut command = Command::new(env!("CARGO"));
    command.args([
        "build",
        "--release",
        "--locked",
        "--offline",
        "--message-format",
        "json-render-diagnostics",
    ]);
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    // Either would take the place of what .cargo/config.toml says.
    for variable in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_RUSTFLAGS", "CARGO_BUILD_TARGET"] {
        command.env_remove(variable);
    }
    let messages = checked(&mut command);
    let executables = messages.lines().filter_map(|line| {
        let message: serde_json::Value = serde_json::from_str(line).expect("a message of cargo's");
        Some(PathBuf::from(message["executable"].as_str()?))
    });
    let executables: Vec<_> = executables.collect();
    let [executable] = &executables[..] else { panic!("not one executable: {executables:?}") };
    executable.clone()
}

/// What an ELF file asks of the system it runs on.
#[derive(Debug, PartialEq, Eq, Default)]
struct Needs {
    machine: u16,
    /// A program that loads it: PT_INTERP.
    loader: bool,
    /// Libraries: DT_NEEDED.
    libraries: usize,
    /// Versions of their symbols, such as GLIBC_2.34: DT_VERNEED, or a section of the kind.
    versions: bool,
}

/// Reads a little-endian ELF file for 64 bits.
fn needs(file: &Path) -> Needs {
    let bytes = expect(fs::read(file), "read", file);
    assert_eq!(&bytes[..6], b"\x7fELF\x02\x01", "{}", file.display());
    let number = |at: usize, size: usize| {
        let digits = bytes[at..at + size].iter().rev();
        digits.fold(0_u64, |number, &byte| number << 8 | u64::from(byte)) as usize
    };
    let table = |offset: usize, size: usize, count: usize| {
        let (offset, size, count) = (number(offset, 8), number(size, 2), number(count, 2));
        (0..count).map(move |index| offset + index * size)
    };
    let mut needs = Needs { machine: number(0x12, 2) as u16, ..Needs::default() };
    for segment in table(0x20, 0x36, 0x38) {
        match number(segment, 4) {
            2 => {
                let (start, length) = (number(segment + 8, 8), number(segment + 0x20, 8));
                let tags = (start..start + length).step_by(16).map(|entry| number(entry, 8));
                for tag in tags.take_while(|&tag| tag != 0) {
                    needs.libraries += usize::from(tag == 1);
                    needs.versions |= tag == 0x6fff_fffe;
                }
            }
            3 => needs.loader = true,
            _ => {}
        }
    }
    needs.versions |= table(0x28, 0x3a, 0x3c).any(|section| number(section + 4, 4) == 0x6fff_fffe);
    needs
}

fn machine() -> u16 {
    match std::env::consts::ARCH {
        "x86_64" => 62,
        "aarch64" => 183,
        other => panic!("add the number that ELF has for {other}"),
    }
}

#[test]
fn a_dynamic_program_would_be_known() {
    let dir = build_once("dynamic", |dir| {
        let source = dir.join("dynamic.c");
        expect(
            fs::write(&source, "#include <stdio.h>\nint main(void) { return puts(\"\"); }\n"),
            "write",
            &source,
        );
        checked(Command::new("cc").arg(&source).arg("-o").arg(dir.join("dynamic")));
    });
    let expected = Needs { machine: machine(), loader: true, libraries: 1, versions: true };
    assert_eq!(needs(&dir.join("dynamic")), expected);
}

#[test]
fn the_release_build_asks_nothing_of_the_system() {
    let release = release();
    assert_eq!(needs(&release), Needs { machine: machine(), ..Needs::default() });
    // A root file system with the SDK and no other file in it; where the tests may not change to it, an empty environment.
    let place = Place::new();
    place.make_root("image/sdk");
    place.copy_program(&release, "image/heygem-run");
    place.copy_program(probe(), "image/probe");
    let image = place.path("image");
    let (root, prefix) =
        if is_root() { (image.clone(), "") } else { (PathBuf::from("/"), image.to_str().expect("text")) };
    let run = |words: &[&str]| {
        let mut command = Command::new("chroot");
        if is_root() {
            command.arg(&root).arg("/heygem-run");
        } else {
            command = Command::new(image.join("heygem-run"));
        }
        // With a PATH that has `chroot`, which is an administrator's.
        command.args(words).env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        Run::new(command)
    };
    run(&["--version"]).prints(concat!("heygem-run ", env!("CARGO_PKG_VERSION"), "\n"));
    let sdk = format!("{prefix}/sdk");
    let report = Report::of(run(&["-r", &sdk, "-C", &sdk, "--", &format!("{prefix}/probe"), "x"]));
    assert_eq!(report.python_path()[0], sdk);
    assert_eq!((report.one("cwd"), report.all("argv").len()), (&*sdk, 2));
    assert!(image.join("sdk/.heygem-run/stamp-stay").is_file());
    if is_root() {
        place.write_program("image/script", "exit 0\n");
        run(&["-r", "/sdk", "--", "/script"]).fails(
            127,
            "heygem-run: error: /script has no #! line, and there is no /bin/sh, which would run it\n",
        );
    }
}
