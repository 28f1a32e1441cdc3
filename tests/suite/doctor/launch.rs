//! The interpreter, what it imports, and what is in its way.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::process::Command;

use super::Subject;
use crate::support::build::{checked, expect};
use crate::support::fs::{chmod, remove};
use crate::support::interpreters::Interpreter;
use crate::support::place::Place;
use crate::support::pythons::{Python, pythons};
use crate::support::venv::venv;

/// Where the machine has one of another version than that of [`Subject::new`], which is the oldest: the newest.
fn other() -> Option<&'static Python> {
    pythons()[1..].last()
}

/// The oldest and the newest there is.
fn ends() -> impl Iterator<Item = &'static Python> {
    pythons().first().into_iter().chain(other())
}

impl Subject {
    /// Gives each compiled module the name that it would have for another Python, or the one that it had.
    fn rename_modules(&self, from: &str, to: &str) {
        for package in ["service", "landmark2face_wy", "h_utils", "y_utils", "face_lib", "model_lib", "."] {
            for file in self.root.join(package).read_dir().into_iter().flatten().flatten() {
                let path = file.path();
                let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
                if name.contains(from) {
                    let renamed = path.with_file_name(name.replace(from, to));
                    expect(fs::rename(&path, &renamed), "rename", &path);
                }
            }
        }
    }

    /// `.cpython-38-`
    fn tag(&self) -> String {
        let (major, minor) = self.python.major_minor;
        format!(".cpython-{major}{minor}-")
    }
}

#[test]
fn modules_for_another_python() {
    const OTHER: &str = ".cpython-399-";
    for words in [["app.py"].as_slice(), &["{python}", "-u", "app.py"]] {
        let mut site = Subject::new();
        let (version, tag) = (site.versioned(), site.tag());
        site.rename_modules(&tag, OTHER);
        site.words(words.iter().map(|word| word.replace("{python}", &version)));
        site.set("HEYGEM_PYTHON", site.python.path.display().to_string());
        let found = if words.len() == 1 { "No module named 'service.trans_dh_service'" } else { OTHER };
        site.is_mended_after("fail", "abi", found, |site, _| site.rename_modules(OTHER, &tag));
    }
    if let Some(other) = other() {
        python_for_other_modules(other);
    }
}

/// Where the machine has another one, the remedy is to run the right one.
fn python_for_other_modules(other: &'static Python) {
    let mut site = Subject::new();
    site.place.link(&other.path, "bin/python");
    site.words(["python", "-u", "app.py"]);
    site.has_and_mends("fail", "abi", "compiled modules are for .cpython-");
    let mut site = Subject::new();
    site.set("HEYGEM_PYTHON", other.path.display().to_string());
    site.words(["app.py"]);
    site.has_and_mends("fail", "abi", "No module named 'service.trans_dh_service'");
}

#[test]
fn modules_for_another_machine() {
    // An untagged name does not tell, the file does: aarch64.
    let mut site = Subject::new();
    let file = site.root.join(format!("service/server{}", site.python.ext_suffix));
    let whole = expect(fs::read(&file), "read", &file);
    let mut foreign = whole.clone();
    foreign[18] = 0xb7;
    site.place.write(&file, foreign);
    site.is_mended_after("fail", "abi", "is compiled for another machine than x86_64", |site, remedy| {
        assert!(remedy.contains("docker run --platform"), "{remedy}");
        site.place.write(&file, &whole);
    });
    let site = Subject::new();
    let file = site.root.join(format!("service/server{}", site.python.ext_suffix));
    let named = site.python.ext_suffix.replace("x86_64", "aarch64");
    expect(fs::rename(&file, site.root.join(format!("service/server{named}"))), "rename", &file);
    let fault = site.has("fail", "abi", &format!("1 of 10 compiled modules are for {named}"));
    assert!(fault.remedy.starts_with("the SDK runs on aarch64-linux-gnu only"), "{fault:?}");
}

#[test]
fn a_variable_that_is_passed_over_is_told_without_a_command() {
    let mut site = Subject::new();
    let app = site.app.display().to_string();
    site.set("HEYGEM_DIR", app);
    let root = site.root.display().to_string();
    let fault = site.has("warn", "root", "HEYGEM_DIR=");
    assert!(fault.found.contains(&format!("{root} is used")), "{fault:?}");
}

#[test]
fn the_command_in_a_shell_text_is_a_guess() {
    let mut site = Subject::new();
    site.rename_modules(&site.tag(), ".cpython-399-");
    remove(site.place.path(format!("bin/{}", site.versioned())));
    site.place.link(&site.python.path, "bin/python3");
    site.words(["sh", "-c", "python3 app.py"]);
    let fault = site.has("warn", "abi", "compiled modules are for");
    assert!(fault.remedy.contains("PATH") || fault.remedy.starts_with("have Python"), "{fault:?}");
}

#[test]
fn a_non_utf8_path() {
    for python in ends() {
        let mut site = Subject::for_python(python);
        let plain = site.app.clone();
        let odd = site.place.dir.join(OsStr::from_bytes(b"app\xff"));
        let move_to = |site: &mut Subject, app: &Path| {
            expect(fs::rename(&site.app, app), "rename", &site.app);
            (site.app, site.root) = (app.to_owned(), app.join("sdk"));
        };
        move_to(&mut site, &odd);
        if python.major_minor < (3, 12) {
            site.is_healthy();
        } else {
            let why = "/app\\xff/sdk', which is not UTF-8";
            site.is_mended_after("fail", "abi", why, |site, _| move_to(site, &plain));
        }
    }
}

#[test]
fn an_active_environment_of_another_version() {
    let mut site = Subject::new();
    site.set("VIRTUAL_ENV", Interpreter::other().environment().display().to_string());
    site.words(["app.py"]);
    site.has_and_mends("warn", "interpreter", "and the SDK is compiled for");
}

#[test]
fn an_interpreter_that_does_not_run() {
    let mut site = Subject::new();
    site.place.write_program("bin/broken", "#!/bin/sh\necho no such luck >&2\nexit 3\n");
    site.option(["--python", "broken"]);
    let at = site.at("bin/broken");
    site.words(["app.py"]);
    site.is_mended_after("fail", "interpreter", &format!("{at} does not run: no such luck"), |site, _| {
        site.options.clear();
    });
}

#[test]
fn a_shim_that_chooses_by_directory() {
    let mut site = Subject::new();
    let script = format!(
        "#!/bin/sh\ntest -f .python-version || {{ echo 'version is not installed' >&2; exit 127; }}\nexec {} \"$@\"\n",
        site.python.path.display()
    );
    site.place.write_program("shims/python", script);
    site.place.write("app/.python-version", "");
    site.set("PATH", format!("{}:{}:/usr/bin:/bin", site.at("shims"), site.at("bin")));
    site.words(["python", "app.py"]);
    site.has_and_mends("fail", "interpreter", "chooses by directory");
}

#[test]
fn flags_and_variables_that_make_python_deaf() {
    let mut site = Subject::new();
    let version = site.versioned();
    site.words([version.as_str(), "-u", "-E", "app.py", "-E"]);
    site.has_and_mends("fail", "isolation", "-E on the command line makes Python ignore PYTHONPATH");

    let mut site = Subject::new();
    site.place.write_program("bin/tool", format!("#!{} -I\nprint('ran')\n", site.python.path.display()));
    site.words(["tool"]);
    site.is_mended_after("fail", "isolation", "-I in the #! line of", |site, _| {
        site.place.write_program("bin/tool", format!("#!{}\nprint('ran')\n", site.python.path.display()));
    });

    let mut site = Subject::new();
    site.set("PYTHONHOME", "/nowhere");
    site.has_and_mends("fail", "interpreter", "PYTHONHOME=/nowhere");
}

#[test]
fn a_pth_file_beside_the_interpreter() {
    for python in ends() {
        pth_file_beside(python);
    }
}

fn pth_file_beside(python: &'static Python) {
    let mut site = Subject::for_python(python);
    let name = site.versioned();
    let copy = site.place.copy_program(&python.path, format!("own/{name}"));
    const LIBRARIES: &str =
        "import sys; print('\\n'.join(path for path in sys.path if path and 'site-' not in path))";
    let libraries = checked(Command::new(&python.path).args(["-I", "-c", LIBRARIES]));
    site.place.write(format!("own/{name}._pth"), libraries);
    site.option(["--python".into(), copy.display().to_string()]);
    site.words(["app.py"]);
    if python.major_minor < (3, 11) {
        return site.is_healthy(); // only Windows read it
    }
    site.has_and_mends("fail", "isolation", "_pth makes Python ignore PYTHONPATH");
}

#[test]
fn a_safe_path_keeps_the_scripts_directory_off() {
    for python in ends() {
        let mut site = Subject::for_python(python);
        site.place.write("app/tools/run.py", "");
        site.words(["tools/run.py"]);
        site.set("PYTHONSAFEPATH", "1");
        if python.major_minor < (3, 11) {
            site.is_healthy(); // which does not know the variable
        } else {
            site.has_and_mends("warn", "isolation", "PYTHONSAFEPATH");
        }
    }
}

#[test]
fn packages_beside_the_app_that_hide_the_sdks() {
    for (file, package) in
        [("service/__init__.py", "service"), ("y_utils.py", "y_utils"), ("service.py", "service")]
    {
        let mut site = Subject::new();
        site.place.write(format!("app/{file}"), "");
        site.words(["app.py"]);
        site.has_and_mends("fail", "shadow", &format!("hides the SDK's own {package} package"));
    }
    // A directory that is no package, and names that only the app and the root have, hide nothing.
    let mut site = Subject::new();
    for name in ["config/settings.json", "tests/__init__.py", "sdk/tests/__init__.py", "run.py", "sdk/run.py"]
    {
        site.place.write(format!("app/{name}"), "");
    }
    site.words(["app.py"]);
    site.is_healthy();
}

#[test]
fn files_that_hide_the_standard_library() {
    // A lone file in the root is found last, and hides nothing.
    let site = Subject::new();
    site.place.write("app/sdk/queue.py", "raise SystemExit('another queue')\n");
    site.is_healthy();
    // In the root's parent, it comes first. It does what the real one does, so that nothing else fails.
    let site = Subject::new();
    let name = "calendar";
    let real = format!("import importlib, sys\nsys.path.append(sys.path.pop(0))\nname = {name:?}\n");
    site.place.write(
        "app/calendar.py",
        format!("{real}import os\nexec(open(os.path.dirname(os.__file__) + '/' + name + '.py').read())\n"),
    );
    site.has_and_mends("warn", "shadow", &format!("hides the standard library's {name}"));
}

#[test]
fn the_packages_directory_on_the_path() {
    for others in ["", ":/opt/other"] {
        let mut site = Subject::new();
        let path = format!("{}{others}", site.at("app/sdk/service"));
        site.set("PYTHONPATH", path);
        site.has_and_mends("fail", "shadow", "attempted relative import with no known parent package");
    }
}

#[test]
fn roots_that_are_not_what_was_meant() {
    let mut site = Subject::new();
    site.place.make_root("elsewhere");
    let at = site.at("elsewhere");
    site.set("HEYGEM_DIR", at);
    site.app = site.root.clone();
    let faults = site.faults();
    let fault = faults.iter().find(|fault| fault.found.contains("though the working directory is inside"));
    assert_eq!(fault.expect("told").remedy, "unset HEYGEM_DIR", "{faults:#?}");
    site.unset("HEYGEM_DIR");
    site.is_healthy();

    let site = Subject::new();
    chmod(&site.app, 0o777);
    site.has_and_mends("warn", "root", "everyone can write to");

    // What is like /tmp has to stay open to everyone.
    let mut site = Subject::new();
    chmod(&site.app, 0o1777);
    site.is_mended_after("warn", "root", "everyone can write to", |site, remedy| {
        site.apply(remedy);
        site.app = site.app.join("heygem");
        site.root = site.app.join("sdk");
    });

    let mut site = Subject::new();
    remove(site.root.join("landmark2face_wy"));
    site.is_mended_after("warn", "root", "it has no landmark2face_wy", |site, _| {
        site.place.make_dir("app/sdk/landmark2face_wy");
    });
}

#[test]
fn commands_that_drop_the_variables_or_mean_other_files() {
    let mut site = Subject::new();
    site.place.link(&site.python.path, "bin/python3");
    site.words(["env", "-i", "python3", "-c", "pass"]);
    let fault = site.has("fail", "command", "env -i drops the variables");
    assert_eq!(fault.remedy, "heygem-run -- python3 -c pass");
    for program in ["sudo", "runuser"] {
        site.place.write_program(format!("bin/{program}"), "#!/bin/sh\n");
        site.words([program, "-u", "nobody", "heygem-run", "--", "python3", "-c", "pass"]);
        let faults = site.faults();
        assert!(!faults.iter().any(|fault| fault.found.contains("drops the variables")), "{faults:#?}");
    }

    let mut site = Subject::new();
    site.place.write("app/a.wav", "");
    site.words(["app.py", "a.wav"]);
    let at = site.at("app/a.wav");
    site.is_mended_after("warn", "command", &format!("write {at}"), |site, _| {
        site.words(["app.py", at.as_str()])
    });

    let mut site = Subject::new();
    site.words(["missing.py"]);
    site.is_mended_after("fail", "command", "missing.py is not found", |site, _| site.words(["app.py"]));
}

#[test]
fn a_package_that_is_too_new() {
    let python = pythons().iter().find(|python| python.has_pip).expect("one that makes environments");
    let site = Subject::for_python(python);
    let shared = venv(&python.path, "typeguard", &["typeguard>=4"]);
    let own = site.place.path("app/.venv");
    // Not to be altered for others. An environment knows itself by the path of its interpreter.
    checked(Command::new("cp").arg("-a").arg(shared).arg(&own));
    site.place.write("app/sdk/service/__init__.py", "from typeguard import check_argument_types\n");
    site.has_and_mends(
        "fail",
        "packages",
        "is too new: cannot import name 'check_argument_types' from 'typeguard'",
    );
}

#[test]
fn a_module_to_run_that_is_nowhere() {
    let mut site = Subject::new();
    let version = site.versioned();
    for words in [&["-m", "gunicorn", "app:app"][..], &[version.as_str(), "-um", "gunicorn"]] {
        site.words(words.iter().copied());
        let fault = site.has("fail", "packages", "the command imports gunicorn, which ");
        assert!(fault.remedy.ends_with(" -m pip install gunicorn"), "{fault:?}");
    }
    // The parent of the root is on a path that this one ignores: one cause, not two.
    let deaf = format!("#!/bin/sh\nexec {} -I \"$@\"\n", site.python.path.display());
    site.place.write_program("bin/deaf", deaf);
    site.option(["--python", "deaf"]);
    site.words(["-m", "app"]);
    site.has("fail", "isolation", "ignores PYTHONPATH");
    site.options.clear();
    // What pip would fetch by a name of one's own is anybody's.
    site.words(["-m", "servce.app"]);
    site.is_mended_after("fail", "packages", "No module named 'servce'", |site, remedy| {
        assert!(!remedy.contains("pip"), "{remedy}");
        site.place.write("app/servce/app.py", "");
    });
}

#[test]
fn a_place_without_an_sdk() {
    let place = Place::new();
    let outcome = place.launch(["--doctor"]).run();
    let text = outcome.stdout();
    assert_eq!((outcome.code(), outcome.stderr()), (Some(1), String::new()), "{outcome}");
    assert!(text.starts_with("fail  root         no HeyGem SDK found\n"), "{text}");
    assert!(text.contains("\n                   do: name it: --root DIR"), "{text}");
    assert!(
        text.contains("\nskip  14 checks    see root: command, ") && !text.contains("skip  children"),
        "{text}"
    );
}
