//! By cargo: from a directory, from a repository, and what is published for it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use super::artifacts::{PROJECT, VERSION, cargo};
use super::git::{commit, git};
use super::work::{Needs, works};
use crate::support::build::{build_once, checked, digest, expect};
use crate::support::place::Place;

#[test]
fn a_directory_gives_a_static_program_from_wherever_it_is_named() {
    let place = Place::new();
    let mut install = cargo(&["install", "--locked", "--path", PROJECT, "--root"]);
    checked(install.arg(place.path("root")).current_dir(&place.dir));
    let program = place.path("root/bin/heygem-run");
    assert_eq!(Needs::of(&program), Needs::nothing());
    works(&program);
}

/// Cargo reads the configuration of what it installs from a directory, and of nothing else. So how to link is not said, and
/// what it makes by default has to work as well. `--git` stands here for a registry, which would have to be made up.
#[test]
fn a_repository_gives_a_dynamic_program_that_works() {
    let place = Place::new();
    let repository = place.path("repository");
    checked(Command::new("cp").arg("-r").arg(packaged()).arg(&repository));
    git(&repository, &["init", "--quiet"]);
    commit(&repository);
    // A home of its own, with the registry's crates of the user's, so that no copy of the repository stays behind.
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(std::env::home_dir()?.join(".cargo"))).expect("a home directory");
    place.link(home.join("registry"), "cargo/registry");
    let url = format!("file://{}", repository.display());
    let mut install = cargo(&["install", "--locked", "--git", &url, "--root"]);
    install.arg(place.path("root")).current_dir(PROJECT).env("CARGO_HOME", place.path("cargo"));
    // Named so that a path which is not passed on whole shows.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cargo's target, of git");
    checked(install.env("CARGO_TARGET_DIR", target));
    let program = place.path("root/bin/heygem-run");
    let needs = Needs::of(&program);
    assert!(needs.loader && needs.libraries > 0 && needs.versions > 0, "{needs:?}");
    works(&program);
}

/// The package that `cargo package` makes of the tree as it is, and builds; unpacked.
pub fn packaged() -> &'static Path {
    static MADE: OnceLock<PathBuf> = OnceLock::new();
    MADE.get_or_init(|| {
        let mut package = cargo(&["package", "--locked", "--allow-dirty"]);
        checked(package.current_dir(PROJECT));
        let archive = Path::new(PROJECT).join(format!("target/package/heygem-run-{VERSION}.crate"));
        let key = digest(&expect(fs::read(&archive), "read", &archive));
        let dir = build_once(&format!("crate-{key}"), |dir| {
            checked(Command::new("tar").arg("-xf").arg(&archive).arg("-C").arg(dir));
        });
        dir.join(format!("heygem-run-{VERSION}"))
    })
}

#[test]
fn the_package_has_what_builds_it_and_no_tests() {
    let package = packaged();
    for file in
        [".cargo/config.toml", "Cargo.lock", "LICENSE-APACHE", "LICENSE-MIT", "SECURITY.md", "src/main.rs"]
    {
        assert!(package.join(file).is_file(), "{file}");
    }
    for directory in ["tests", "benches", "examples", "target"] {
        assert!(!package.join(directory).exists(), "{directory}");
    }
}
