//! Whose work is in the program: `LICENSE-THIRD-PARTY`, which goes where the program goes, as MIT asks.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::build::{checked, expect};
use crate::support::current::is_current;

const HEAD: &str = "heygem-run is linked statically with the work of others.

The Rust standard library: MIT or Apache-2.0, at your option, Copyright (c) The Rust Project Contributors.
The GNU C Library: LGPL-2.1-or-later, Copyright (c) Free Software Foundation, Inc. `cargo build --release` links it anew.

The crates that follow, from crates.io, under the licenses that they name; where there is a choice, the notice is MIT's.
";

/// The files of a crate that have its notice, the first one found counts.
const NOTICES: [&str; 4] = ["LICENSE-MIT", "LICENSE", "LICENSE.txt", "LICENSE.md"];
/// What is said of a part of it.
const MORE: [&str; 1] = ["LICENSE-WHATWG"];

/// What is linked into the program, as cargo prints it (`memchr v2.8.3`). Macros only help to build it.
fn linked() -> Vec<String> {
    let mut tree = cargo("tree");
    let tree = checked(tree.args(["--edges", "normal,no-proc-macro", "--prefix", "none"]));
    let mut crates: Vec<_> =
        tree.lines().map(|line| line.split(' ').take(2).collect::<Vec<_>>().join(" ")).collect();
    crates.sort();
    crates.dedup();
    crates.retain(|name| !name.starts_with("heygem-run "));
    crates
}

/// The license that each crate names, and the directory it lies in.
fn sources() -> BTreeMap<String, (String, PathBuf)> {
    let host = checked(Command::new("rustc").args(["--print", "host-tuple"]));
    let words = ["--format-version", "1", "--filter-platform", host.trim()]; // others' crates may not be there
    let metadata = checked(cargo("metadata").args(words));
    let metadata: serde_json::Value = serde_json::from_str(&metadata).expect("JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    let source = |package: &serde_json::Value| {
        let text = |name: &str| package[name].as_str().unwrap_or_default().to_owned();
        let directory = Path::new(&text("manifest_path")).parent().expect("a directory").to_owned();
        (format!("{} v{}", text("name"), text("version")), (text("license"), directory))
    };
    packages.iter().map(source).collect()
}

fn cargo(word: &str) -> Command {
    let mut command = Command::new(env!("CARGO"));
    command.args([word, "--locked", "--offline"]).current_dir(env!("CARGO_MANIFEST_DIR"));
    command
}

#[test]
fn the_notices_of_third_parties_are_generated() {
    let sources = sources();
    let mut by_notice: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for name in linked() {
        let (license, directory) = &sources[&name];
        let notice = NOTICES.iter().map(|file| directory.join(file)).find(|file| file.is_file());
        let notice = notice.unwrap_or_else(|| panic!("{name} has no notice that is known: extend NOTICES"));
        let text = expect(std::fs::read_to_string(&notice), "read", &notice);
        let more = MORE.iter().filter_map(|file| std::fs::read_to_string(directory.join(file)).ok());
        for text in std::iter::once(text).chain(more) {
            by_notice.entry(text.trim().replace('\r', "")).or_default().push(format!("{name} ({license})"));
        }
    }
    let mut groups: Vec<_> = by_notice.into_iter().map(|(text, crates)| (crates.join("\n"), text)).collect();
    groups.sort();
    let mut all = HEAD.to_owned();
    for (crates, text) in groups {
        write!(all, "\n{}\n{crates}\n\n{text}\n", "-".repeat(80)).expect("write to memory");
    }
    is_current("LICENSE-THIRD-PARTY", all.as_bytes());
}
