//! An SDK that is found far off is used only where nobody else can change what a Python of its environment reads at its start.

use std::path::Path;

use super::trust_first::launch_far;
use crate::support::fs::{chmod, remove};
use crate::support::place::Place;

/// An SDK with an environment that is made of an installation elsewhere, which is found above the launcher.
fn place_with_environment() -> Place {
    let place = Place::new();
    place.make_root("far/sdk");
    let here = place.dir.display().to_string();
    let library = "far/sdk/.venv/lib/python3.8";
    place.write("far/sdk/.venv/pyvenv.cfg", format!("Home = {here}/base/bin\n"));
    place.write("far/sdk/.venv/bin/pyvenv.cfg", "version = 3.8\n");
    place.write(
        format!("{library}/site-packages/more.pth"),
        format!("# more\n{here}/more\nabsent\nimport sys\n"),
    );
    place.write(format!("{library}/site-packages/__pycache__/six.cpython-38.pyc"), "");
    place.write("more/sitecustomize.py", "");
    place.write_program("base/bin/python3.8", "#!/bin/sh\n");
    place.write_program("linked/bin/python3.8", "#!/bin/sh\n");
    place.link("../../../../linked/bin/python3.8", "far/sdk/.venv/bin/python");
    for base in ["base", "linked"] {
        for file in ["os.py", "encodings/utf_8.py", "lib-dynload/math.so", "__pycache__/os.cpython-38.pyc"] {
            place.write(Path::new(base).join("lib/python3.8").join(file), "");
        }
        place.write(Path::new(base).join("lib/python38.zip"), "");
    }
    place
}

/// What others can write to, in place of what.
const OPEN: [&str; 24] = [
    "far/sdk/.venv/bin/pyvenv.cfg",
    "far/sdk/.venv/bin/pybuilddir.txt",
    "far/sdk/.venv/bin/python3.8._pth",
    "far/sdk/.venv/lib64",
    "far/sdk/.venv/lib64/python3.8/site-packages",
    "far/sdk/.venv/lib64/python3.8/site-packages/six.py",
    "far/sdk/.venv/lib/python38.zip",
    "far/sdk/.venv/lib/libpython3.8.so.1.0",
    "far/sdk/.venv/lib/python3.8/os.py",
    "far/sdk/.venv/lib/python3.8/encodings/utf_8.py",
    "far/sdk/.venv/lib/python3.8/site-packages/__pycache__",
    "far/sdk/.venv/lib/python3.8/site-packages/__pycache__/six.cpython-38.pyc",
    "more",
    "more/sitecustomize.py",
    "base",
    "base/bin",
    "base/bin/python3.8",
    "base/lib/python38.zip",
    "base/lib/python3.8/os.py",
    "base/lib/python3.8/__pycache__",
    "base/lib/python3.8/__pycache__/os.cpython-38.pyc",
    "base/lib/python3.8/encodings/utf_8.py",
    "base/lib/python3.8/lib-dynload/math.so",
    "linked/lib/python3.8/os.py",
];

#[test]
fn a_root_is_not_used_if_others_can_change_what_its_python_reads_at_its_start() {
    for name in OPEN {
        let place = place_with_environment();
        launch_far(&place).prints(format!("{}\n", place.path("far/sdk").display()));
        let path = place.path(name);
        if !path.exists() {
            let is_file = path.extension().is_some() && !name.ends_with("site-packages");
            _ = if is_file { place.write(name, "") } else { place.make_dir(name) };
        }
        chmod(&path, if path.is_dir() { 0o777 } else { 0o666 });
        assert_passed_over(&place, &format!("{name} can be written to by everyone"));
    }
}

#[test]
fn a_root_is_not_used_if_its_python_is_led_elsewhere() {
    let rows: [(&str, &str); 3] = [
        ("home = base/bin\n", "far/sdk/.venv/pyvenv.cfg names a home that is no absolute path"),
        ("home = @/open/bin\n", "open can be written to by everyone"),
        ("x = 1\r\nHOME= @/open/bin\r\n", "open can be written to by everyone"),
    ];
    for (text, why) in rows {
        let place = place_with_environment();
        chmod(place.make_dir("open"), 0o777);
        place.make_dir("open/bin");
        let here = place.dir.display().to_string();
        place.write("far/sdk/.venv/pyvenv.cfg", text.replace('@', &here));
        assert_passed_over(&place, why);
    }
}

#[test]
fn a_line_of_a_path_file_is_read_as_python_reads_it() {
    let rows =
        ["\u{feff}@/open\n", "a\u{c}@/open\n", "@/open\u{a0}\n", "@/open\u{b}\n", "@/absent/../open\n"];
    for text in rows {
        let place = place_with_environment();
        chmod(place.make_dir("open"), 0o777);
        let path_file = "far/sdk/.venv/lib/python3.8/site-packages/more.pth";
        place.write(path_file, text.replace('@', &place.dir.display().to_string()));
        assert_passed_over(&place, "open can be written to by everyone");
    }
}

#[test]
fn packages_of_an_installation_count_where_they_are_used() {
    let place = place_with_environment();
    chmod(place.make_dir("base/lib/python3.8/site-packages"), 0o777);
    launch_far(&place).prints(format!("{}\n", place.path("far/sdk").display()));
    let settings = format!("home = {}/base/bin\ninclude-system-site-packages = true\n", place.dir.display());
    place.write("far/sdk/.venv/pyvenv.cfg", settings);
    assert_passed_over(&place, "base/lib/python3.8/site-packages can be written to by everyone");
}

#[track_caller]
fn assert_passed_over(place: &Place, why: &str) {
    let store = place.path("far/sdk/.heygem-run");
    if store.exists() {
        remove(&store);
    }
    let outcome = launch_far(place).run();
    assert_eq!((outcome.code(), &*outcome.stdout()), (Some(125), ""), "{why}: {outcome}");
    let told = format!("(above heygem-run): an SDK, but {}/{why}", place.dir.display());
    assert!(outcome.stderr().contains(&told), "{why}: {outcome}");
    assert!(!store.exists(), "{why}");
}
