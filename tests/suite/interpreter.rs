//! Which Python runs `SCRIPT.py` and `-m`: interpreters of two versions, in every place one is looked for. Those that this machine
//! has are run; a stand-in of another version is only chosen, which a dry run shows.

mod named;

use std::path::{Path, PathBuf};

use crate::support::fs::remove;
use crate::support::interpreters::{Interpreter, pairs};
use crate::support::pythons::pythons;
use crate::support::run::Run;
use crate::support::site::Site;

/// Says which interpreter it is, and that its environment was not lost on the way.
const SCRIPT: &str = "\
import os, sys
is_venv = os.path.exists(sys.prefix + '/pyvenv.cfg')
assert not is_venv or sys.executable.startswith(sys.prefix), sys.prefix
print(sys.executable, '%d.%d' % sys.version_info[:2])
";

/// Where an interpreter is looked for, in order. What is to be there is made by [`Site::put`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Spot {
    VirtualEnv,
    CondaPrefix,
    Environment(&'static str),
    Versioned,
    OnPath(&'static str),
}

const SPOTS: [Spot; 9] = [
    Spot::VirtualEnv,
    Spot::CondaPrefix,
    Spot::Environment("app/sdk/.venv"),
    Spot::Environment("app/sdk/venv"),
    Spot::Environment("app/.venv"),
    Spot::Environment("app/venv"),
    Spot::Versioned,
    Spot::OnPath("python3"),
    Spot::OnPath("python"),
];

/// An app with an SDK, and no interpreter on PATH but those that were put there.
struct Machine {
    site: Site,
}

impl Machine {
    fn new(version: Option<&str>) -> Self {
        let site = Site::in_app();
        let site = version.into_iter().fold(site, Site::compiled_for);
        site.place.write("app/show.py", SCRIPT);
        let path = site.place.make_dir("bin");
        Self { site: site.with("PATH", path) }
    }

    /// Puts an interpreter there, and gives the path that it should be run by.
    fn put(&mut self, spot: Spot, python: &Interpreter) -> PathBuf {
        match spot {
            Spot::VirtualEnv => {
                let environment = self.site.place.link(python.environment(), "active");
                self.site.set("VIRTUAL_ENV", &environment);
                environment.join("bin/python")
            }
            Spot::CondaPrefix => {
                // conda's has no pyvenv.cfg: its version shows in what `python` is a link to.
                let name = format!("python{}", python.version);
                self.site.place.link(&python.path, PathBuf::from("conda/bin").join(&name));
                self.site.set("CONDA_PREFIX", self.site.place.path("conda"));
                self.site.place.link(name, "conda/bin/python")
            }
            Spot::Environment(name) => self.site.place.link(python.environment(), name).join("bin/python"),
            Spot::Versioned => self.site.place.link(&python.path, format!("bin/python{}", python.version)),
            Spot::OnPath(name) => self.site.place.link(&python.path, PathBuf::from("bin").join(name)),
        }
    }

    fn take(&mut self, spot: Spot, python: &Interpreter) {
        let name = match spot {
            Spot::VirtualEnv => "active",
            Spot::CondaPrefix => "conda",
            Spot::Environment(name) => name,
            Spot::Versioned => return remove(self.site.place.path(format!("bin/python{}", python.version))),
            Spot::OnPath(name) => return remove(self.site.place.path("bin").join(name)),
        };
        remove(self.site.place.path(name));
        match spot {
            Spot::VirtualEnv => self.site.unset("VIRTUAL_ENV"),
            Spot::CondaPrefix => self.site.unset("CONDA_PREFIX"),
            Spot::Environment(_) | Spot::Versioned | Spot::OnPath(_) => {}
        }
    }

    /// Expects this interpreter for a script and for a module, and these warnings.
    #[track_caller]
    fn is_run_by(&self, path: &Path, python: &Interpreter, warnings: &str) {
        for words in [["show.py"].as_slice(), &["-m", "show"]] {
            self.runs(words, |run| run, path, python, warnings);
        }
    }

    /// Expects it for these words, in a launch that may be altered. A stand-in is not run.
    #[track_caller]
    fn runs(
        &self,
        words: &[&str],
        with: impl Fn(Run) -> Run,
        path: &Path,
        python: &Interpreter,
        warnings: &str,
    ) {
        if python.is_real() {
            let expected = format!("{} {}\n", path.display(), python.version);
            return with(self.site.launch(words)).prints_and_warns(expected, warnings);
        }
        let dry = with(self.site.launch([&["-n"], words].concat())).run();
        // What was named bare is printed bare, and only this one has the name on PATH.
        let bare = path.strip_prefix(self.site.place.path("bin")).unwrap_or(path);
        let is_run = |program: &Path| {
            let program = shell_words::quote(program.to_str().expect("text"));
            [" exec", " exec env"].iter().any(|exec| dry.stdout().contains(&format!("{exec} {program} ")))
        };
        assert!(is_run(path) || is_run(bare), "expected {} of {dry}", path.display());
        dry.is(0, dry.stdout_bytes(), warnings);
    }
}

fn warning(text: String) -> String {
    format!("heygem-run: warning: {text}\n")
}

#[test]
fn of_those_that_fit_the_first_place_wins() {
    for [old, _] in &pairs() {
        let mut machine = Machine::new(Some(&old.version));
        let paths = SPOTS.map(|spot| machine.put(spot, old));
        for (spot, path) in SPOTS.into_iter().zip(&paths) {
            println!("{spot:?}");
            machine.is_run_by(path, old, "");
            machine.take(spot, old);
        }
    }
}

#[test]
fn an_interpreter_that_does_not_fit_is_passed_over() {
    for [old, new] in &pairs() {
        let (is_old, is_new) = (&old.version, &new.version);
        for (index, fits) in SPOTS.into_iter().enumerate() {
            let mut machine = Machine::new(Some(is_old));
            for spot in &SPOTS[..index] {
                // `python3.13` is not what a tag of 3.8 asks for.
                if *spot != Spot::Versioned {
                    machine.put(*spot, new);
                }
            }
            let path = machine.put(fits, old);
            let passed_over = [("VIRTUAL_ENV", "active"), ("CONDA_PREFIX", "conda")].into_iter().take(index);
            let warnings: String = passed_over
                .map(|(variable, name)| {
                    warning(format!(
                        "{variable}={} is Python {is_new}, and the SDK is compiled for {is_old}: {} is used; unset {variable}",
                        machine.site.place.path(name).display(),
                        path.display()
                    ))
                })
                .collect();
            println!("{fits:?}");
            machine.is_run_by(&path, old, &warnings);
        }
    }
}

#[test]
fn where_none_fits_the_first_there_is_is_run_with_a_warning() {
    for [old, new] in &pairs() {
        for (index, spot) in SPOTS.into_iter().enumerate() {
            if spot == Spot::Versioned {
                continue;
            }
            let mut machine = Machine::new(Some("3.6"));
            let path = machine.put(spot, new);
            for later in SPOTS[index + 1..].iter().filter(|later| **later != Spot::Versioned) {
                machine.put(*later, old);
            }
            let told = warning(format!(
                "{} is Python {}, and the SDK is compiled for 3.6: the import will fail with No module named 'service.trans_dh_service'",
                path.display(),
                new.version
            ));
            println!("{spot:?}");
            machine.is_run_by(&path, new, &told);
        }
    }
}

#[test]
fn an_sdk_in_source_form_runs_under_the_first_there_is() {
    for [old, new] in &pairs() {
        let mut machine = Machine::new(None);
        machine.put(Spot::OnPath("python3"), old);
        let path = machine.put(Spot::Environment("app/sdk/venv"), new);
        machine.is_run_by(&path, new, "");
        let path = machine.put(Spot::VirtualEnv, old);
        machine.is_run_by(&path, old, "");
    }
}

#[test]
fn an_active_environment_without_an_interpreter_is_said_to_be_passed_over() {
    for [old, new] in &pairs() {
        let no_python = |machine: &Machine, variable: &str, value: &str, used: &Path| {
            let value = if value.starts_with("env") {
                value.to_owned()
            } else {
                machine.site.place.path(value).display().to_string()
            };
            warning(format!(
                "{variable}={value} has no Python whose version can be told: {} is used; unset {variable}",
                used.display()
            ))
        };
        for version in [None, Some(&old.version)] {
            let mut machine = Machine::new(version.map(String::as_str));
            let path = machine.put(Spot::OnPath("python3"), old);
            machine.site.set("VIRTUAL_ENV", machine.site.place.path("gone"));
            machine.is_run_by(&path, old, &no_python(&machine, "VIRTUAL_ENV", "gone", &path));
            // A relative one would be another after the change of directory.
            machine.site.place.link(old.environment(), "app/env");
            machine.site.unset("VIRTUAL_ENV");
            machine.site.set("CONDA_PREFIX", "env");
            machine.is_run_by(&path, old, &no_python(&machine, "CONDA_PREFIX", "env", &path));
            // Empty is unset.
            machine.site.set("VIRTUAL_ENV", "");
            machine.site.set("CONDA_PREFIX", "");
            machine.is_run_by(&path, old, "");
        }
        // Also where none fits.
        let mut machine = Machine::new(Some("3.6"));
        let path = machine.put(Spot::OnPath("python3"), new);
        machine.site.set("VIRTUAL_ENV", machine.site.place.path("gone"));
        let told = format!(
            "{}{}",
            no_python(&machine, "VIRTUAL_ENV", "gone", &path),
            warning(format!(
                "{} is Python {}, and the SDK is compiled for 3.6: the import will fail with No module named 'service.trans_dh_service'",
                path.display(),
                new.version
            ))
        );
        machine.is_run_by(&path, new, &told);
    }
}

#[test]
fn any_of_the_versions_that_the_sdk_is_compiled_for_fits() {
    for [old, new] in &pairs() {
        let mut machine = Machine::new(Some(&old.version));
        machine.site.add_module("trans_dh_service", &new.version);
        for python in [old, new] {
            let path = machine.put(Spot::OnPath("python3"), python);
            machine.is_run_by(&path, python, "");
            machine.take(Spot::OnPath("python3"), python);
        }
        // The tag of another module counts where the service itself is a source file.
        let mut machine = Machine::new(None);
        machine.site.add_module("server", &new.version);
        machine.put(Spot::OnPath("python3"), old);
        let path = machine.put(Spot::OnPath("python"), new);
        machine.is_run_by(&path, new, "");
    }
}

#[test]
fn an_environment_that_has_python3_only_is_one_all_the_same() {
    for [old, _] in &pairs() {
        let mut machine = Machine::new(Some(&old.version));
        machine.put(Spot::OnPath("python3"), old);
        let path = machine.site.place.link(&old.path, "app/.venv/bin/python3");
        machine.site.place.write("app/.venv/pyvenv.cfg", format!("version_info = {}.final.0\n", old.version));
        machine.is_run_by(&path, old, "");
    }
}

#[test]
fn an_environment_of_copies_tells_its_version_by_its_configuration() {
    for [old, new] in &pairs() {
        let mut machine = Machine::new(Some(&old.version));
        for (name, python) in [("app/sdk/.venv", new), ("app/.venv", old)] {
            python.copy_environment(&machine.site.place, name);
        }
        machine.put(Spot::OnPath("python3"), old);
        machine.is_run_by(&machine.site.place.path("app/.venv/bin/python"), old, "");
    }
}

#[test]
fn without_any_interpreter_every_place_is_named() {
    let machine = Machine::new(Some("3.8"));
    let app = machine.site.place.path("app");
    let app = app.display();
    let error = |active: &str| {
        format!(
            "heygem-run: error: no Python interpreter found
{active}  tried: {app}/sdk/.venv
  tried: {app}/sdk/venv
  tried: {app}/.venv
  tried: {app}/venv
  tried: python3.8 on PATH
  tried: python3 on PATH
  tried: python on PATH
hint: name one: --python CMD, or HEYGEM_PYTHON
"
        )
    };
    for words in [["show.py"].as_slice(), &["-m", "show"], &["-n", "show.py"]] {
        machine.site.launch(words).fails(127, error(""));
    }
    let run = machine.site.launch(["show.py"]).env("VIRTUAL_ENV", "/nowhere").env("CONDA_PREFIX", "a b");
    run.fails(127, error("  tried: VIRTUAL_ENV=/nowhere\n  tried: CONDA_PREFIX='a b'\n"));
}

/// pyenv has a shim for each version that is installed, and runs only the one that is selected.
#[test]
fn a_pyenv_shim_stands_for_what_is_installed() {
    let python = &pythons()[0];
    let version = Interpreter::real(python).version;
    let name = format!("python{version}");
    let machine = Machine::new(Some(&version));
    machine
        .site
        .place
        .write_program(format!("pyenv/shims/{name}"), "#!/bin/sh\necho not selected >&2\nexit 127\n");
    for patch in ["2", "10", "9"] {
        machine.site.place.link(&python.path, format!("pyenv/versions/{version}.{patch}/bin/{name}"));
    }
    let installed = machine.site.place.path(format!("pyenv/versions/{version}.10/bin/{name}"));
    let search = format!("{}:/usr/bin:/bin", machine.site.place.path("pyenv/shims").display());
    let launch = |words: &[&str]| machine.site.place.launch(words.iter().copied()).env("PATH", &search);
    let dry = launch(&["-n", "app/show.py"]).run().succeeded();
    assert!(dry.contains(&format!(" exec {} ", installed.display())), "{dry}");
    launch(&["app/show.py"]).prints(format!("{} {version}\n", installed.display()));
    // A command is run as it is.
    launch(&["--", &name, "app/show.py"]).fails(127, "not selected\n");
}
