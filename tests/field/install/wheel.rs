//! By pip: the wheel, and the source that it can be built from.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::artifacts::{PROJECT, VERSION, artifacts, as_a_user};
use super::work::{Needs, cures, example, version_line};
use crate::support::build::checked;
use crate::support::place::Place;
use crate::support::pythons::{Python, pythons};
use crate::support::run::Run;
use crate::support::snapshot::{contents, names};
use crate::support::venv::venv;

/// The interpreters that can have pip: a venv of the oldest has the pip of its day.
fn with_pip() -> Vec<&'static Python> {
    let found: Vec<_> = pythons().iter().filter(|python| python.has_pip).collect();
    assert!(!found.is_empty(), "no CPython has ensurepip (try: apt install python3-venv)");
    found
}

/// A clean virtual environment in a place.
fn new_venv(place: &Place, python: &Python) -> PathBuf {
    let dir = place.path("venv");
    checked(place.command(&python.path).args(["-I", "-m", "venv"]).arg(&dir));
    dir
}

fn pip(place: &Place, venv: &Path, words: &[&str]) -> Command {
    let mut command = place.command(venv.join("bin/python"));
    command
        .args(["-I", "-B", "-m", "pip", "--disable-pip-version-check", "--isolated", "--no-cache-dir"])
        .args(words);
    command
}

/// Every file of a virtual environment, save what Python compiles while it runs.
fn files(venv: &Path) -> BTreeSet<PathBuf> {
    let mut files: BTreeSet<_> = contents(venv).into_keys().collect();
    files.retain(|path| !venv.join(path).is_dir() && !path.iter().any(|part| part == "__pycache__"));
    files
}

#[test]
fn pip_installs_the_wheel_and_takes_all_of_it_away() {
    for python in with_pip() {
        let place = Place::new();
        let venv = new_venv(&place, python);
        let before = files(&venv);
        checked(pip(&place, &venv, &["install", "--no-index"]).arg(artifacts().wheel()));
        let installed = files(&venv);
        for file in [
            "bin/heygem-run",
            "share/bash-completion/completions/heygem-run",
            "share/fish/vendor_completions.d/heygem-run.fish",
            "share/man/man1/heygem-run.1",
            "share/zsh/site-functions/_heygem-run",
        ] {
            assert!(installed.contains(Path::new(file)), "{file} is not in {installed:?}");
        }
        // As `activate` leaves it: then the example runs by this very environment.
        let active = |program: &str| {
            let mut command = place.command(venv.join("bin").join(program));
            command.env("PATH", format!("{}:/usr/bin:/bin", venv.join("bin").display()));
            command.env("VIRTUAL_ENV", &venv);
            command
        };
        let mut version = active("heygem-run");
        version.arg("--version");
        Run::new(version).prints(version_line());
        let mut launch = active("heygem-run");
        launch.arg(example(&place));
        cures(Run::new(launch));
        checked(&mut pip(&place, &venv, &["uninstall", "--yes", "heygem-run"]));
        let left = files(&venv);
        assert_eq!(left.symmetric_difference(&before).collect::<Vec<_>>(), Vec::<&PathBuf>::new());
    }
}

/// An upgrade is another installation: neither tool takes a file for a newer version of what it has.
#[test]
fn pipx_and_uv_install_the_program_and_again_where_they_are_forced() {
    let place = Place::new();
    let uv = venv(&with_pip()[with_pip().len() - 1].path, "uv", &["uv==0.13.9"]);
    let tools = [("pipx".into(), &["install"][..]), (uv.join("bin/uv"), &["tool", "install"])];
    for (index, (tool, words)) in tools.iter().enumerate() {
        let [home, bin] = ["home", "bin"].map(|name| place.path(format!("{name}-{index}")));
        for force in [&[][..], &["--force"]] {
            // With the caller's own variables: pip and uv may need proxies and certificates.
            let mut install = Command::new(tool);
            install.args(*words).args(force).arg(artifacts().wheel());
            install.env("PIPX_HOME", &home).env("PIPX_BIN_DIR", &bin).env("PIPX_MAN_DIR", place.path("man"));
            install
                .env("UV_TOOL_DIR", &home)
                .env("UV_TOOL_BIN_DIR", &bin)
                .env("UV_PYTHON_DOWNLOADS", "never");
            checked(&mut install);
            let mut version = place.command(bin.join("heygem-run"));
            version.arg("--version");
            Run::new(version).prints(version_line());
        }
    }
}

#[test]
fn man_finds_the_page_of_an_active_environment() {
    let place = Place::new();
    let venv = new_venv(&place, with_pip()[0]);
    checked(pip(&place, &venv, &["install", "--no-index"]).arg(artifacts().wheel()));
    let mut man = place.command("man");
    man.args(["-w", "heygem-run"]).env("PATH", format!("{}:/usr/bin:/bin", venv.join("bin").display()));
    Run::new(man).prints(format!("{}\n", venv.join("share/man/man1/heygem-run.1").display()));
}

/// `twine` says what PyPI would of the metadata.
#[test]
fn pypi_would_take_both() {
    let twine = venv(&with_pip()[with_pip().len() - 1].path, "twine", &["twine==7.0.0"]);
    let mut check = Command::new(twine.join("bin/twine"));
    check.args(["check", "--strict"]).args([artifacts().wheel(), artifacts().source()]);
    checked(&mut check);
    let metadata = artifacts().in_wheel().join(format!("heygem_run-{VERSION}.dist-info/METADATA"));
    let metadata = std::fs::read_to_string(metadata).expect("metadata");
    let license = env!("CARGO_PKG_LICENSE");
    assert!(metadata.contains(&format!("\nLicense-Expression: {license}\n")), "{metadata}");
}

/// Where there is no wheel for the machine, pip builds one: with maturin, which it would fetch, and cargo.
#[test]
fn from_source_the_wheel_has_a_static_program_too() {
    let place = Place::new();
    let source = artifacts().source(); // with the maturin that made it
    let maturin = Path::new(PROJECT).join("target/tools/maturin-1.16.0/bin");
    let mut build = as_a_user(maturin.join("python"));
    build.args([
        "-I",
        "-m",
        "pip",
        "wheel",
        "--isolated",
        "--no-cache-dir",
        "--no-index",
        "--no-build-isolation",
    ]);
    build.arg("--wheel-dir").arg(place.path("wheels")).arg(source);
    build.env("PATH", format!("{}:{}", maturin.display(), std::env::var("PATH").expect("a PATH")));
    build.env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("source-wheel"));
    checked(&mut build);
    let names = names(&place.path("wheels"));
    let [built] = &names[..] else { panic!("not one wheel: {names:?}") };
    let built = place.path("wheels").join(built);
    checked(Command::new("python3").args(["-m", "zipfile", "-e"]).arg(built).arg(place.path("wheel")));
    let program = place.path(format!("wheel/heygem_run-{VERSION}.data/scripts/heygem-run"));
    assert_eq!(Needs::of(&program), Needs::nothing());
}
