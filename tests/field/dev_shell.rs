//! The recipes in `examples/dev-shell/`, each with the bundled example, whose workers show what a shell is worth. direnv and
//! pyenv are the real ones; conda comes from no package, so its scripts are sourced as it would, by each shell it sources them in.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::build::{checked, expect};
use crate::support::place::{LAUNCHER, Place};
use crate::support::pythons::pythons;
use crate::support::run::{Outcome, Run};
use crate::support::venv::bare_venv;

const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples");
const WORKERS: [&str; 3] = ["fork", "spawn", "forkserver"];

/// The example app beside its SDK, and a Python.
struct Shop {
    place: Place,
    venv: PathBuf,
}

impl Shop {
    fn new() -> Self {
        let place = Place::new();
        checked(Command::new("cp").arg("-r").arg(format!("{EXAMPLES}/app")).arg(place.path("app")));
        checked(Command::new("rm").arg("-rf").arg(place.path("app/HeyGem-Linux-Python-Hack/.heygem-run")));
        place.copy_program(LAUNCHER, "bin/heygem-run");
        Self { place, venv: bare_venv(&pythons()[0]) }
    }

    /// A script for a shell, with what a user has set before. `first` comes first on PATH, and the Python next.
    fn run(&self, shell: &str, first: &[&Path], script: &str) -> Outcome {
        let own = [self.place.path("bin"), self.venv.join("bin")];
        let path = first.iter().copied().chain(own.iter().map(PathBuf::as_path));
        let path = path.chain(["/usr/bin", "/bin"].map(Path::new));
        let mut command = self.place.command(shell);
        command
            .env("PATH", std::env::join_paths(path).expect("no colons"))
            .env("PYTHONPATH", "/mine")
            .args(["-c", script]);
        Run::new(command).run()
    }

    fn recipe(&self, from: &str, to: &str) {
        let from = Path::new(EXAMPLES).join("dev-shell").join(from);
        self.place.write(to, expect(std::fs::read(&from), "read", &from));
    }
}

#[track_caller]
fn every_worker_answers(outcome: &Outcome) {
    let stdout = outcome.succeeded();
    for method in WORKERS {
        let answered =
            |line: &str| line.starts_with(&format!("{method}: worker ")) && line.contains(" returned Video(");
        assert!(stdout.lines().any(answered), "{method}: {outcome}");
    }
}

#[test]
fn without_a_recipe_the_workers_die() {
    let outcome = Shop::new().run("bash", &[], "cd app && python fastapi_app.py");
    assert_eq!(outcome.code(), Some(1), "{outcome}");
    assert!(outcome.stderr().contains("No module named 'trans_dh_service'"), "{outcome}");
}

#[test]
fn direnv_brings_the_variables_and_takes_them_back() {
    let shop = Shop::new();
    shop.recipe(".envrc", "app/.envrc");
    let outcome = shop.run("bash", &[], "direnv allow app && direnv exec app python app/fastapi_app.py");
    every_worker_answers(&outcome);
    // What direnv's hook does before each prompt.
    let script = r#"
        show() { echo "$1 ${HEYGEM_DIR-unset} $PYTHONPATH ${LD_LIBRARY_PATH-unset}"; }
        prompt() { eval "$(direnv export bash 2>/dev/null)"; show "$1"; }
        cd app; prompt in; cd ..; prompt out"#;
    let stdout = shop.run("bash", &[], script).succeeded();
    let lines: Vec<&str> = stdout.lines().collect();
    let app = shop.place.path("app").display().to_string();
    let root = format!("{app}/HeyGem-Linux-Python-Hack");
    assert!(lines[0].starts_with(&format!("in {root} {root}:{app}:/mine:{root}/.heygem-run/")), "{stdout}");
    assert_eq!(lines[1..], ["out unset /mine unset"], "{stdout}");
}

#[test]
fn direnv_says_what_is_wrong_and_changes_nothing() {
    let shop = Shop::new();
    shop.recipe(".envrc", "elsewhere/deep/er/.envrc");
    let outcome = shop.run(
        "bash",
        &[],
        "cd elsewhere/deep/er; direnv allow; eval \"$(direnv export bash)\"; echo $PYTHONPATH",
    );
    assert_eq!(outcome.stdout(), "/mine\n", "{outcome}");
    for said in ["heygem-run: error: ", "direnv: error exit status 125"] {
        assert!(outcome.stderr().contains(said), "{outcome}");
    }
}

/// The program; the versions that it has are of no interest.
fn pyenv() -> PathBuf {
    let root = std::env::var_os("PYENV_ROOT").map(PathBuf::from);
    let root = root.or_else(|| Some(std::env::home_dir()?.join(".pyenv"))).expect("a home");
    let program = root.join("bin/pyenv");
    assert!(
        program.exists(),
        "this test needs pyenv, and {} is not there: `.ci/field` fetches it",
        program.display()
    );
    program
}

#[test]
fn what_pyenv_starts_finds_the_sdk() {
    let shop = Shop::new();
    let root = shop.place.path("pyenv");
    shop.place.make_dir("pyenv/versions");
    let version = &pythons()[0].version;
    shop.place.link(&shop.venv, format!("pyenv/versions/{version}"));
    let pyenv = pyenv();
    let path = [root.join("shims"), pyenv.parent().expect("bin").to_owned()];
    let path: Vec<&Path> = path.iter().map(PathBuf::as_path).collect();
    let prepare =
        format!("export PYENV_ROOT={}; pyenv rehash; cd app; pyenv local {version}; ", root.display());

    let bare = shop.run("bash", &path, &format!("{prepare} python fastapi_app.py"));
    assert!(bare.stderr().contains("No module named 'trans_dh_service'"), "{bare}");

    shop.recipe("pyenv/heygem.bash", "pyenv/pyenv.d/exec/heygem.bash");
    let outcome = shop.run("bash", &path, &format!("{prepare} python fastapi_app.py"));
    every_worker_answers(&outcome);
    assert_eq!(outcome.stderr(), "");

    let print = "python -c 'import os; print(os.environ[\"PYTHONPATH\"])'";
    let elsewhere =
        shop.run("bash", &path, &format!("{prepare} cp .python-version ../home; cd ../home; {print}"));
    elsewhere.is(0, "/mine\n", "");
}

#[test]
fn condas_scripts_bring_the_variables_and_take_them_back() {
    let shop = Shop::new();
    for directory in ["activate.d", "deactivate.d"] {
        shop.recipe(&format!("conda/{directory}/heygem.sh"), &format!("conda/{directory}/heygem.sh"));
    }
    let shells: [(&str, &str); 3] = [("sh", "set -u"), ("bash", "set -u"), ("zsh", "setopt no_unset")];
    for (shell, strict) in shells {
        let script = format!(
            "{strict}; . conda/deactivate.d/heygem.sh; echo $PYTHONPATH; \
             cd app; . ../conda/activate.d/heygem.sh; python fastapi_app.py; echo $HEYGEM_DIR; \
             . ../conda/deactivate.d/heygem.sh; echo $PYTHONPATH ${{HEYGEM_DIR-unset}} ${{LD_LIBRARY_PATH-unset}}; \
             export LD_LIBRARY_PATH= HEYGEM_LIBRARY_PATH=/lib; unset PYTHONPATH; \
             . ../conda/activate.d/heygem.sh; echo $LD_LIBRARY_PATH; \
             . ../conda/deactivate.d/heygem.sh; echo \"${{PYTHONPATH-unset}} [${{LD_LIBRARY_PATH-unset}}]\"; set | grep ^heygem_"
        );
        let outcome = shop.run(shell, &[], &script);
        let stdout = outcome.stdout();
        let told: Vec<&str> = stdout.lines().filter(|line| !line.contains(": worker ")).collect();
        let root = shop.place.path("app/HeyGem-Linux-Python-Hack").display().to_string();
        assert_eq!(told, ["/mine", &root, "/mine unset unset", "/lib", "unset []"], "{outcome}");
        assert_eq!(stdout.lines().filter(|line| line.contains(" returned Video(")).count(), 3, "{outcome}");
        assert_eq!(outcome.stderr(), "");
    }
}

#[test]
fn shellcheck_has_nothing_to_say() {
    for file in [".envrc", "pyenv/heygem.bash", "conda/activate.d/heygem.sh", "conda/deactivate.d/heygem.sh"]
    {
        let mut command = Command::new("shellcheck");
        command.arg(Path::new(EXAMPLES).join("dev-shell").join(file));
        Run::new(command).prints("");
    }
}
