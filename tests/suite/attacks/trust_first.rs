//! First who may write there, then what is in it; and only regular files are read.

use std::fs;
use std::path::Path;

use super::{bounded, make_pipe};
use crate::support::build::expect;
use crate::support::fs::{chmod, remove};
use crate::support::place::{LAUNCHER, Place};
use crate::support::run::Run;
use crate::support::snapshot::names;
use crate::support::trace;
use crate::support::user::{give_away, is_root};

/// What can stand where a stamp should be, and must not be opened.
type Plant = fn(&Path);

const PLANTS: [Plant; 3] = [
    make_pipe,
    |path| expect(std::os::unix::fs::symlink("/dev/zero", path), "link", path),
    |path| expect(fs::write(path, "x".repeat(1 << 20)), "write", path),
];

#[test]
fn an_untrusted_root_is_not_opened() {
    for (index, plant) in PLANTS.into_iter().enumerate() {
        let place = Place::new();
        chmod(place.make_dir("shared"), 0o1777);
        let root = place.make_root("shared/sdk");
        place.make_dir("shared/sdk/.heygem-run");
        plant(&root.join(".heygem-run/stamp"));
        if is_root() {
            give_away(&root);
        } else {
            chmod(&root, 0o1777);
        }
        let mut command = place.command("timeout");
        command.args(["60", "strace", "-qq", "-f", "-e", "trace=/open,poll", "-o"]).arg(place.path("trace"));
        command.args(["--", LAUNCHER, "-n", "--", "true"]);
        let outcome = Run::new(command).within(place.path("shared")).run();
        assert_eq!((outcome.code(), &*outcome.stdout()), (Some(125), ""), "{index}: {outcome}");
        assert!(outcome.stderr().contains("an SDK, but everyone can"), "{index}: {outcome}");
        let opened = trace::text(&place);
        let of_main = opened.lines().skip_while(|line| !line.contains(trace::FIRST_OF_MAIN));
        let mut calls = of_main.filter(|line| line.contains("open"));
        // By O_PATH nothing is opened, but found.
        let is_harmless = |call: &str| ["O_DIRECTORY", "O_PATH"].iter().any(|flag| call.contains(flag));
        assert!(calls.clone().count() > 5 && calls.all(is_harmless), "{index}: {opened}");
    }
}

/// What is said to be open to everyone is so: behind a link of one's own, that is not the directory of the link.
#[test]
fn the_open_directory_is_named_that_a_link_leads_into() {
    if !is_root() {
        return; // another user's SDK takes root to make
    }
    let place = Place::new();
    chmod(place.make_dir("shared"), 0o1777);
    give_away(&place.make_root("shared/sdk"));
    place.link("../shared/sdk", "own/link");
    place.write("shared/sdk/app.py", "");
    let outcome = place.launch(["own/link/app.py"]).run();
    let told = format!(
        "{0}/own/link (the script's directory): an SDK, but everyone can write to {0}/shared, and it belongs to user ",
        place.dir.display()
    );
    assert!(outcome.code() == Some(125) && outcome.stderr().contains(&told), "{outcome}");
}

/// In an SDK of one's own it is no attack, but a copy or a kill may have left it: it is written anew.
#[test]
fn a_stamp_that_is_no_file_is_not_waited_for() {
    for (index, plant) in PLANTS.into_iter().enumerate() {
        let place = Place::new();
        place.make_root("sdk");
        place.launch(["-r", "sdk", "--", "true"]).prints("");
        remove(place.path("sdk/.heygem-run/stamp"));
        plant(&place.path("sdk/.heygem-run/stamp"));
        bounded(&place, ["-r", "sdk", "--", "true"]).prints("");
        let stamp = place.path("sdk/.heygem-run/stamp");
        let meta = expect(stamp.symlink_metadata(), "examine", &stamp);
        assert!(meta.is_file() && meta.len() < 4096, "{index}");
    }
}

#[test]
fn a_setting_that_is_no_file_is_not_waited_for() {
    for (index, plant) in PLANTS.into_iter().enumerate() {
        let place = Place::new();
        place.write("sdk/service/trans_dh_service.cpython-38-x86_64-linux-gnu.so", "");
        place.make_root("sdk");
        place.write("sdk/app.py", "");
        place.write_program("sdk/.venv/bin/python", "#!/bin/sh\necho ran\n");
        plant(&place.path("sdk/.venv/pyvenv.cfg"));
        let outcome = bounded(&place, ["-r", "sdk", "sdk/app.py"]).run();
        // Its version can't be told, so it is taken where there is no other.
        assert!(matches!(outcome.code(), Some(0 | 127)), "{index}: {outcome}");
    }
}

#[test]
fn a_program_that_is_no_file_is_not_waited_for() {
    let place = Place::new();
    place.make_root("sdk");
    make_pipe(&place.path("pipe"));
    chmod(place.path("pipe"), 0o755);
    let outcome = bounded(&place, ["-r", "sdk", "--", "./pipe"]).run();
    assert_eq!(outcome.code(), Some(126), "{outcome}");
}

/// A launch that prints the SDK it uses: the one above the launcher, far off from where it stands.
pub fn launch_far(place: &Place) -> Run {
    let launcher = place.path("far/sdk/bin/heygem-run");
    if !launcher.exists() {
        place.copy_launcher("far/sdk/bin/heygem-run");
    }
    let mut command = place.command(&launcher);
    command.args(["--", "sh", "-c", "echo \"$HEYGEM_DIR\""]);
    Run::new(command).within(place.make_dir("elsewhere/below"))
}

/// Opens something to others.
type Open = fn(&Place);

/// What of a root in `far/sdk` is open to others, and why that root is then not used.
const OPENED: [(&str, Open, &str); 21] = [
    ("the root", |place| chmod(place.path("far/sdk"), 0o775), "far/sdk can be written to by its group"),
    ("above it", |place| chmod(place.path("far"), 0o777), "far can be written to by everyone"),
    (
        "its parent, which is on PYTHONPATH",
        |place| chmod(place.path("far"), 0o1777),
        "far can be written to by everyone",
    ),
    (
        "its service",
        |place| chmod(place.path("far/sdk/service"), 0o777),
        "far/sdk/service can be written to by everyone",
    ),
    (
        "a file of its service",
        |place| chmod(place.path("far/sdk/service/trans_dh_service.py"), 0o666),
        "far/sdk/service/trans_dh_service.py can be written to by everyone",
    ),
    (
        "another package",
        |place| chmod(place.make_dir("far/sdk/y_utils"), 0o777),
        "far/sdk/y_utils can be written to by everyone",
    ),
    (
        "an environment in it",
        |place| chmod(place.make_dir("far/sdk/.venv"), 0o777),
        "far/sdk/.venv can be written to by everyone",
    ),
    (
        "an environment's interpreter",
        |place| chmod(place.write_program("far/sdk/.venv/bin/python", "#!/bin/sh\n"), 0o777),
        "far/sdk/.venv/bin/python can be written to by everyone",
    ),
    (
        "where its service is compiled to",
        |place| chmod(place.make_dir("far/sdk/service/__pycache__"), 0o777),
        "far/sdk/service/__pycache__ can be written to by everyone",
    ),
    (
        "what its service is compiled to",
        |place| chmod(place.write("far/sdk/service/__pycache__/x.cpython-38.pyc", ""), 0o666),
        "far/sdk/service/__pycache__/x.cpython-38.pyc can be written to by everyone",
    ),
    (
        "where an environment's library is",
        |place| chmod(place.write("far/sdk/.venv/pyvenv.cfg", ""), 0o666),
        "far/sdk/.venv/pyvenv.cfg can be written to by everyone",
    ),
    (
        "an environment's library",
        |place| chmod(place.make_dir("far/sdk/.venv/lib"), 0o777),
        "far/sdk/.venv/lib can be written to by everyone",
    ),
    (
        "an environment's packages",
        |place| chmod(place.make_dir("far/sdk/venv/lib/python3.8/site-packages"), 0o777),
        "far/sdk/venv/lib/python3.8/site-packages can be written to by everyone",
    ),
    (
        "what an environment runs at each start",
        |place| chmod(place.write("far/venv/lib/python3.8/site-packages/x.pth", ""), 0o666),
        "far/venv/lib/python3.8/site-packages/x.pth can be written to by everyone",
    ),
    (
        "an environment's package",
        |place| chmod(place.make_dir("far/venv/lib/python3.8/site-packages/torch"), 0o777),
        "far/venv/lib/python3.8/site-packages/torch can be written to by everyone",
    ),
    (
        "a module beside it",
        |place| chmod(place.write("far/sitecustomize.py", ""), 0o666),
        "far/sitecustomize.py can be written to by everyone",
    ),
    (
        "a package beside it",
        |place| {
            place.write("far/torch/__init__.py", "");
            chmod(place.path("far/torch"), 0o777);
        },
        "far/torch can be written to by everyone",
    ),
    (
        "what a module beside it is compiled to",
        |place| chmod(place.make_dir("far/__pycache__"), 0o777),
        "far/__pycache__ can be written to by everyone",
    ),
    (
        "an environment beside it",
        |place| chmod(place.make_dir("far/venv/bin"), 0o777),
        "far/venv/bin can be written to by everyone",
    ),
    (
        "a package by a link",
        |place| {
            chmod(place.make_dir("open/package"), 0o777);
            place.link("../../open/package", "far/sdk/wenet");
        },
        "far/sdk/wenet can be written to by everyone",
    ),
    (
        "a module by a link",
        |place| {
            chmod(place.write("open.py", ""), 0o666);
            place.link("../../open.py", "far/sdk/module.py");
        },
        "far/sdk/module.py leads to a file that can be written to by everyone",
    ),
];

/// Containers keep the SDK in a usual place; who can write there, or on the way there, could have put another one there. What lies
/// far off is tried beside the launcher, which looks in its own directory as it looks in those places.
#[test]
fn a_root_found_far_off_is_not_used_if_others_can_change_it() {
    let mut rows = OPENED.to_vec();
    if is_root() {
        rows.push(("another's", |place| give_away(&place.path("far/sdk")), "far/sdk belongs to user 12345"));
        rows.push(("another's way", |place| give_away(&place.path("far")), "far belongs to user 12345"));
    }
    for (what, open, why) in rows {
        let place = Place::new();
        place.make_root("far/sdk");
        let launch = || launch_far(&place);
        launch().prints(format!("{}\n", place.path("far/sdk").display()));
        let before = names(&place.path("far/sdk"));
        remove(place.path("far/sdk/.heygem-run"));
        open(&place);
        let outcome = launch().run();
        assert_eq!((outcome.code(), &*outcome.stdout()), (Some(125), ""), "{what}: {outcome}");
        let told = format!("(above heygem-run): an SDK, but {}/{why}", place.dir.display());
        assert!(outcome.stderr().contains(&told), "{what}: {outcome}");
        assert!(
            before.contains(&".heygem-run".to_owned()) && !place.path("far/sdk/.heygem-run").exists(),
            "{what}"
        );
    }
}

/// As other people's homes lie beside an SDK in `/home`, and volumes beside one in `/`.
#[test]
fn a_root_found_far_off_is_used_beside_directories_of_others_that_hide_nothing() {
    let place = Place::new();
    place.make_root("far/sdk");
    chmod(place.make_dir("far/mallory"), 0o777);
    place.write("far/shared/__init__.py", "");
    chmod(place.path("far/shared"), 0o1777);
    launch_far(&place).prints(format!("{}\n", place.path("far/sdk").display()));
}
