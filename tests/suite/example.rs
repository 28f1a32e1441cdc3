//! The bundled example: what the README's first command shows, and what the same script shows without the launcher.

use std::fs;
use std::path::Path;

use crate::support::build::expect;
use crate::support::place::{Place, copy_example};
use crate::support::pythons::{Python, pythons};
use crate::support::run::Run;

/// Each line, without the process ids that no two runs share.
fn without_pids(stdout: &str) -> Vec<String> {
    let word = |word: &str| if word.parse::<u32>().is_ok() { "PID".to_owned() } else { word.to_owned() };
    stdout.lines().map(|line| line.split(' ').map(word).collect::<Vec<_>>().join(" ")).collect()
}

fn plain(place: &Place, python: &Python, script: &Path) -> Run {
    let mut command = place.command(&python.path);
    command.arg(script);
    Run::new(command)
}

#[test]
fn the_launcher_cures_the_bundled_example() {
    for python in pythons() {
        let place = Place::new();
        let script = copy_example(&place, "app").join("fastapi_app.py");
        let outcome = place.launch(["--python".as_ref(), python.path.as_os_str(), script.as_os_str()]).run();
        let stdout = without_pids(&outcome.succeeded());
        let worker = |method| format!("{method}: worker PID returned Video(seconds=3, frames=75)");
        assert_eq!(stdout, ["fork", "spawn", "forkserver"].map(worker), "{outcome}");
        assert_eq!(outcome.stderr(), "");
    }
}

#[test]
fn without_it_the_example_fails_as_in_the_report() {
    for python in pythons() {
        let place = Place::new();
        let script = copy_example(&place, "app").join("fastapi_app.py");
        let outcome = plain(&place, python, &script).run();
        assert_eq!(outcome.code(), Some(1), "{outcome}");
        let died = |method: &str| format!("{method}: worker died (exit code 1): its traceback is above");
        let expected = [
            "fork: worker PID returned Video(seconds=3, frames=75)".to_owned(),
            died("spawn"),
            died("forkserver"),
        ];
        assert_eq!(without_pids(&outcome.stdout()), expected, "{outcome}");
        let cause = "ModuleNotFoundError: No module named 'trans_dh_service'";
        assert_eq!(outcome.stderr().lines().filter(|line| *line == cause).count(), 2, "{outcome}");
    }
}

#[test]
fn every_recipe_is_listed_and_nothing_else() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let listing = examples.join("README.md");
    let listing = expect(fs::read_to_string(&listing), "read", &listing);
    let links: Vec<&str> =
        listing.split("](").skip(1).filter_map(|rest| Some(rest.split_once(')')?.0)).collect();
    for link in &links {
        assert!(examples.join(link).exists(), "{link} is listed, and not there");
    }
    for entry in expect(examples.read_dir(), "list", &examples).flatten() {
        let name = entry.file_name().into_string().expect("text");
        let is_listed = links.iter().any(|link| link.split('/').next() == Some(&name));
        assert!(is_listed || name == "README.md", "examples/{name} is not listed in its README.md");
    }
}
