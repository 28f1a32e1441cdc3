//! What `.ci/release` makes is one program in one version, listed and summed, and it refuses what is no release.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::artifacts::{PROJECT, VERSION, artifacts, cargo, release};
use super::git::{commit, git};
use super::work::{Needs, version_line, works};
use crate::support::build::{checked, expect};
use crate::support::place::Place;
use crate::support::run::Run;
use crate::support::snapshot::{contents, names};

fn read(file: &Path) -> String {
    expect(fs::read_to_string(file), "read", file)
}

#[test]
fn the_tarball_works_by_itself() {
    let dir = artifacts().in_tarball();
    let files = [
        "CHANGELOG.md",
        "LICENSE-APACHE",
        "LICENSE-MIT",
        "LICENSE-THIRD-PARTY",
        "README.md",
        "SECURITY.md",
        "completions",
        "heygem-run",
        "man",
    ];
    assert_eq!(names(&dir), files);
    for directory in ["completions", "man"] {
        assert_eq!(
            contents(&dir.join(directory)),
            contents(&Path::new(PROJECT).join(directory)),
            "{directory}"
        );
    }
    works(&dir.join("heygem-run"));
}

#[test]
fn the_program_is_the_same_in_all_and_asks_nothing_of_the_system() {
    let of_tarball = artifacts().in_tarball().join("heygem-run");
    assert_eq!(Needs::of(&of_tarball), Needs::nothing());
    let bytes = expect(fs::read(&of_tarball), "read", &of_tarball);
    let data = artifacts().in_wheel().join(format!("heygem_run-{VERSION}.data"));
    for program in [artifacts().in_package().join("usr/bin/heygem-run"), data.join("scripts/heygem-run")] {
        assert!(expect(fs::read(&program), "read", &program) == bytes, "{}", program.display());
    }
}

#[test]
fn each_says_whose_work_is_in_the_program() {
    let notices = read(&Path::new(PROJECT).join("LICENSE-THIRD-PARTY"));
    let made = artifacts();
    for file in [
        made.in_tarball().join("LICENSE-THIRD-PARTY"),
        made.in_package().join("usr/share/doc/heygem-run/THIRD-PARTY"),
        made.in_wheel().join(format!("heygem_run-{VERSION}.dist-info/licenses/LICENSE-THIRD-PARTY")),
        made.in_source().join("LICENSE-THIRD-PARTY"),
    ] {
        assert!(read(&file) == notices, "{}", file.display());
    }
}

#[test]
fn each_says_the_version_of_cargo_toml() {
    let made = artifacts();
    let mut version = Command::new(made.in_tarball().join("heygem-run"));
    Run::new({
        version.arg("--version");
        version
    })
    .prints(version_line());
    let page = read(&made.in_tarball().join("man/heygem-run.1"));
    assert!(
        page.lines()
            .any(|line| line.starts_with(".TH ") && line.contains(&format!("heygem\\-run {VERSION}")))
    );
    let has = |file: PathBuf, line: String| {
        let text = read(&file);
        assert!(text.lines().any(|found| found == line), "no {line:?} in {}:\n{text}", file.display());
    };
    has(made.in_package().join("DEBIAN/control"), format!("Version: {VERSION}-1"));
    has(
        made.in_wheel().join(format!("heygem_run-{VERSION}.dist-info/METADATA")),
        format!("Version: {VERSION}"),
    );
    has(made.in_source().join("PKG-INFO"), format!("Version: {VERSION}"));
    let changes = made.in_package().join("usr/share/doc/heygem-run/changelog.Debian.gz");
    let changes = checked(Command::new("gzip").arg("-dc").arg(changes));
    assert!(
        changes.starts_with(&format!("heygem-run ({VERSION}-1) UNRELEASED; urgency=medium\n")),
        "{changes}"
    );
}

#[test]
fn the_sums_are_those_of_all_files() {
    let dist = artifacts().dist();
    checked(Command::new("sha256sum").args(["--check", "--strict", "SHA256SUMS"]).current_dir(&dist));
    let sums = read(&dist.join("SHA256SUMS"));
    let mut summed: Vec<_> = sums.lines().filter_map(|line| line.split("  ").nth(1)).collect();
    summed.push("SHA256SUMS");
    summed.sort_unstable();
    assert_eq!(names(&dist), summed);
}

#[test]
fn the_bill_of_materials_has_each_crate_with_its_license() {
    let text = read(&artifacts().sbom());
    let bill: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!((&bill["bomFormat"], &bill["specVersion"]), (&"CycloneDX".into(), &"1.5".into()));
    assert_eq!(bill["metadata"]["component"]["version"], VERSION);
    let components = bill["components"].as_array().expect("a list");
    let listed: BTreeSet<_> = components
        .iter()
        .map(|component| {
            let part = |name: &str| component[name].as_str().unwrap_or_default().to_owned();
            assert!(component["licenses"][0].is_object(), "{component}");
            assert_eq!(component["hashes"][0]["alg"], "SHA-256", "{component}");
            format!("{} v{}", part("name"), part("version"))
        })
        .collect();
    let mut tree = cargo(&["tree", "--locked", "--edges", "normal,build", "--prefix", "none"]);
    let tree = checked(tree.current_dir(PROJECT));
    let linked: BTreeSet<_> = tree
        .lines()
        .filter(|line| !line.starts_with("heygem-run "))
        .map(|line| line.split(' ').take(2).collect::<Vec<_>>().join(" "))
        .collect();
    assert!(linked.len() > 10, "{tree}");
    assert_eq!(linked.difference(&listed).collect::<Vec<_>>(), Vec::<&String>::new());
}

#[test]
fn made_again_it_is_the_same() {
    let first = contents(&artifacts().dist());
    let place = Place::new();
    checked(release(Path::new(PROJECT)).arg("--snapshot").arg(place.path("dist")));
    let again = contents(&place.path("dist"));
    assert_eq!(again.keys().collect::<Vec<_>>(), first.keys().collect::<Vec<_>>());
    let other: Vec<_> = first.iter().filter(|(name, content)| again[*name] != **content).collect();
    assert!(other.is_empty(), "{:?}", other.iter().map(|(name, _)| name).collect::<Vec<_>>());
}

/// The tree as it is, committed, in a repository of its own.
fn committed(place: &Place) -> PathBuf {
    let mut list = Command::new("git");
    list.args(["ls-files", "--cached", "--others", "--exclude-standard"]).current_dir(PROJECT);
    let list = place.write("list", checked(&mut list));
    let project = place.make_dir("project");
    let mut copy = Command::new("cp");
    copy.args(["--parents", "--no-dereference", "--target-directory"]).arg(&project).current_dir(PROJECT);
    checked(copy.args(read(&list).lines()));
    git(&project, &["init", "--quiet"]);
    commit(&project);
    project
}

#[test]
fn an_unready_project_is_not_released() {
    let place = Place::new();
    let project = committed(&place);
    let changelog = project.join("CHANGELOG.md");
    let chapter = format!("## {VERSION} - 2026-01-01");
    let text = read(&changelog).replace(&format!("## {VERSION} - "), "## 0.0.0 - ");
    let refuses = |reason: &str| {
        Run::new(release(&project)).fails(1, format!("release: error: {reason}\n"));
        assert!(!project.join("target").exists());
    };
    expect(fs::write(&changelog, format!("{text}\n")), "write", &changelog);
    refuses("there are changes: commit them, or make a --snapshot");
    commit(&project);
    refuses(&format!("CHANGELOG.md has no chapter \"## {VERSION} - DATE\""));
    expect(fs::write(&changelog, text.replace("## Unreleased", &chapter)), "write", &changelog);
    commit(&project);
    git(&project, &["tag", "v0.0.0"]);
    refuses(&format!("the tag is v0.0.0, and Cargo.toml says {VERSION}"));
}

/// Before it builds for minutes.
#[test]
fn a_missing_program_is_named() {
    let place = Place::new();
    let project = committed(&place);
    for program in ["git", "xz", "cc", "python3"] {
        // All that there is on PATH but this one.
        let bin = place.make_dir(format!("without-{program}"));
        let list = r#"IFS=:; for directory in $PATH; do
            for file in "$directory"/*; do [ ! -x "$file" ] || ln -s "$file" "$1" 2>/dev/null; done; done; rm "$1/$2""#;
        checked(Command::new("sh").args(["-c", list, "sh"]).arg(&bin).arg(program));
        let outcome = Run::new(release(&project)).env("PATH", &bin).run();
        let expected = format!("release: error: missing: {program} (on Debian: ");
        assert!(outcome.code() == Some(1) && outcome.stderr().starts_with(&expected), "{outcome}");
        assert!(!project.join("target").exists());
    }
}

#[test]
fn usage_is_printed_for_wrong_arguments() {
    for words in [&["--wrong"][..], &["a", "b"], &["--snapshot", "a", "b"], &[""]] {
        let mut command = release(Path::new(PROJECT));
        command.args(words);
        Run::new(command).fails(1, "release: error: usage: .ci/release [--snapshot] [DIR]\n");
    }
}

#[test]
fn a_named_directory_loses_nothing() {
    let place = Place::new();
    let file = place.write("mine/file", "x");
    let mut command = release(Path::new(PROJECT));
    command.args(["--snapshot", "mine"]).current_dir(&place.dir);
    Run::new(command).fails(1, format!("release: error: {} is not empty\n", place.path("mine").display()));
    assert_eq!(read(&file), "x");
}
