//! `--prepare`: builds the bridge, prints where.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::support::build::{checked, expect};
use crate::support::fs::chmod;
use crate::support::place::{LAUNCHER, Place};
use crate::support::probe::{Report, probe};
use crate::support::process::{Started, kill, number, runs};
use crate::support::pythons::pythons;
use crate::support::run::{Run, masked};
use crate::support::snapshot::{contents, names, snapshot};
use crate::support::user::{Closed, give_away, is_root, launch_unprivileged, unprivileged_user};
use crate::support::wait::until;

/// Longer than the end of a process takes, on the slowest machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A root with a module to have a bridge beside the service's.
fn sdk_of_two_modules(place: &Place) -> PathBuf {
    place.write("sdk/h_utils/custom.so", "");
    place.make_root("sdk")
}

#[track_caller]
fn prepare(place: &Place, root: &Path) -> PathBuf {
    let outcome = place.launch([OsStr::new("--prepare"), OsStr::new("-r"), root.as_os_str()]).run();
    outcome.is(0, outcome.stdout_bytes(), "");
    let line = outcome.stdout_bytes().strip_suffix(b"\n").expect("a line");
    PathBuf::from(OsString::from_vec(line.to_vec()))
}

/// What is in a bridge but for Python's cache, which has the times of the files in it.
fn own_files(bridge: &Path) -> BTreeMap<PathBuf, (u32, Vec<u8>)> {
    let mut files = contents(bridge);
    files.retain(|path, _| path.parent() != Some(Path::new("__pycache__")));
    files
}

#[test]
fn prepare_prints_the_bridge_and_does_nothing_the_second_time() {
    let place = Place::new();
    for name in [&b"sdk"[..], "数字 人".as_bytes(), b"\xff"] {
        let root = place.make_root(OsStr::from_bytes(name));
        let bridge = prepare(&place, &root);
        assert_eq!(bridge.parent(), Some(&*root.join(".heygem-run")));
        assert!(bridge.join("trans_dh_service.py").is_file(), "{}", bridge.display());
        let before = snapshot(&bridge);
        assert_eq!(prepare(&place, &root), bridge);
        assert_eq!(snapshot(&bridge), before);
    }
    let launched = place.launch([OsStr::new("-r"), OsStr::new("sdk"), OsStr::new("--"), probe().as_os_str()]);
    assert_eq!(Report::of(launched).bridge(), prepare(&place, &place.path("sdk")));
}

#[test]
fn a_damaged_bridge_is_rebuilt() {
    type Damage = fn(&Path);
    let rows: [(&str, Damage); 10] = [
        ("an alias is missing", |bridge| fs::remove_file(bridge.join("custom.py")).unwrap()),
        ("an alias is empty", |bridge| fs::write(bridge.join("custom.py"), "").unwrap()),
        ("an alias is a link", |bridge| {
            let alias = bridge.join("custom.py");
            fs::rename(&alias, bridge.join("../moved.py")).unwrap();
            symlink("../moved.py", alias).unwrap();
        }),
        ("the helper is changed", |bridge| {
            let helper = bridge.join("_heygem_run_bridge.py");
            let text = fs::read_to_string(&helper).unwrap();
            fs::write(helper, text + "# changed\n").unwrap();
        }),
        ("the helper is missing", |bridge| fs::remove_file(bridge.join("_heygem_run_bridge.py")).unwrap()),
        ("a file is there that hides a module", |bridge| fs::write(bridge.join("json.py"), "").unwrap()),
        ("a directory is there", |bridge| fs::create_dir(bridge.join("html")).unwrap()),
        ("it is a link", |bridge| {
            fs::rename(bridge, bridge.with_file_name("moved")).unwrap();
            symlink("moved", bridge).unwrap();
        }),
        ("it is a file", |bridge| {
            fs::remove_dir_all(bridge).unwrap();
            fs::write(bridge, "").unwrap();
        }),
        ("it is gone", |bridge| fs::remove_dir_all(bridge).unwrap()),
    ];
    for (what, damage) in rows {
        let place = Place::new();
        let root = sdk_of_two_modules(&place);
        let bridge = prepare(&place, &root);
        let whole = own_files(&bridge);
        damage(&bridge);
        assert!(!bridge.exists() || own_files(&bridge) != whole, "{what}");
        assert_eq!(prepare(&place, &root), bridge, "{what}");
        assert_eq!(own_files(&bridge), whole, "{what}");
        assert!(bridge.symlink_metadata().unwrap().is_dir(), "{what}");
    }
}

#[test]
fn a_bridge_with_pythons_cache_is_whole() {
    let place = Place::new();
    let root = sdk_of_two_modules(&place);
    let bridge = prepare(&place, &root);
    fs::write(bridge.join("__pycache__/custom.cpython-38.pyc"), "").expect("a file");
    let before = snapshot(&bridge);
    assert_eq!(prepare(&place, &root), bridge);
    assert_eq!(snapshot(&bridge), before);
}

/// What is compiled is for the interpreter of a launch, and for everybody.
#[test]
fn prepare_fills_the_cache_of_bytecode() {
    for python in pythons() {
        let place = Place::new();
        let root = place.make_root("sdk");
        place.write("compileall.py", "raise SystemExit('not the library\'s own')\n");
        let command = python.path.to_str().expect("text");
        let words = ["-p", command, "--prepare", "-r", "sdk"];
        let mut shell = place.command("sh");
        shell.args(["-c", "umask 077; exec \"$@\"", "sh", LAUNCHER]).args(words);
        let bridge = PathBuf::from(Run::new(shell).run().succeeded().trim_end());
        let cache = bridge.join("__pycache__");
        let (major, minor) = python.major_minor;
        let expected = ["_heygem_run_bridge", "_heygem_run_process", "sitecustomize"]
            .map(|name| format!("{name}.cpython-{major}{minor}.pyc"));
        assert_eq!(names(&cache), expected, "{command}");
        for name in &expected {
            let mode = expect(cache.join(name).metadata(), "examine", &cache).permissions().mode();
            assert_eq!(mode & 0o777, 0o644, "{name}");
        }
        // A process of a launch finds it good.
        let before = snapshot(&bridge);
        let code = "import trans_dh_service";
        place.launch(["-r", "sdk", "--", command, "-c", code]).run().succeeded();
        assert_eq!(snapshot(&bridge), before, "{command}");
        assert_eq!(root.join(".heygem-run"), bridge.parent().expect("a store"));
    }
}

/// As for a launch.
#[test]
fn the_interpreter_that_a_variable_names_fills_the_cache() {
    let place = Place::new();
    place.make_root("sdk");
    let python = place.write_program("bin/mine", "#!/bin/sh\n: >\"$0.ran\"\n");
    place.launch(["--prepare", "-r", "sdk"]).env("HEYGEM_PYTHON", &python).run().succeeded();
    assert!(python.with_extension("ran").exists());
}

/// `python3 -m venv .`, `conda create -p .`: the root has an environment's directories beside the SDK's.
#[test]
fn an_environment_in_the_root_is_no_part_of_the_sdk() {
    for mark in ["pyvenv.cfg", "conda-meta/history"] {
        let place = Place::new();
        let root = sdk_of_two_modules(&place);
        for name in [mark, "bin/tool.so", "lib/libssl.so", "envs/other/pyvenv.cfg", "envs/other/more.so"] {
            place.write(root.join(name), "");
        }
        let bridge = prepare(&place, &root);
        let has = |name: &str| bridge.join(name).is_file();
        assert!(has("trans_dh_service.py") && has("custom.py"), "{mark}");
        assert!(!has("tool.py") && !has("libssl.py") && !has("more.py"), "{mark}");
    }
}

#[test]
fn no_interpreter_or_one_that_fails_is_no_error() {
    let place = Place::new();
    place.make_root("sdk");
    for python in ["/nowhere/python", "false"] {
        let bridge = place.launch(["-p", python, "--prepare", "-r", "sdk"]).run().succeeded();
        assert_eq!(names(&Path::new(bridge.trim_end()).join("__pycache__")), [""; 0], "{python}");
    }
}

/// Root prepares the SDK of somebody, who has put an interpreter beside it.
#[test]
fn an_interpreter_that_others_can_change_is_not_run() {
    let place = Place::new();
    let root = place.make_root("home/somebody/sdk");
    let python = place.write_program("home/somebody/sdk/.venv/bin/python", "#!/bin/sh\n: >\"$0.ran\"\n");
    let ran = python.with_extension("ran");
    prepare(&place, &root);
    assert!(ran.exists(), "one's own is run");
    expect(fs::remove_file(&ran), "remove", &ran);
    if is_root() {
        give_away(&place.path("home/somebody"));
    } else {
        chmod(place.path("home/somebody"), 0o777);
    }
    let outcome = place.launch([OsStr::new("--prepare"), OsStr::new("-r"), root.as_os_str()]).run();
    assert!(outcome.succeeded().starts_with(root.to_str().expect("text")), "{outcome}");
    assert!(!ran.exists(), "{outcome}");
}

/// In a directory of one's own.
#[test]
fn an_interpreter_whose_file_others_can_change_is_not_run() {
    let text = "#!/bin/sh\n: >\"${0%/*}/ran\"\n";
    for (what, plant) in [
        (
            "by its mode",
            (|place, text| chmod(place.write_program("bin/python", text), 0o777)) as fn(&Place, &str),
        ),
        ("by a link", |place, text| {
            place.write_program("open/python", text);
            chmod(place.path("open"), 0o777);
            place.link("../open/python", "bin/python");
        }),
        ("by its settings", |place, text| {
            place.write_program("bin/python", text);
            chmod(place.write("pyvenv.cfg", ""), 0o666);
        }),
    ] {
        let place = Place::new();
        place.make_root("sdk");
        place.make_dir("bin");
        plant(&place, text);
        let prepare = || {
            let path = format!("{}:/usr/bin:/bin", place.path("bin").display());
            place.launch(["--prepare", "-r", "sdk", "-p", "python"]).env("PATH", path).run().succeeded();
            ["bin/ran", "open/ran"].map(|name| place.path(name)).into_iter().any(|ran| ran.exists())
        };
        assert!(!prepare(), "{what}");
        for (name, mode) in [("bin/python", 0o755), ("open", 0o755), ("pyvenv.cfg", 0o644)] {
            if place.path(name).exists() {
                chmod(place.path(name), mode);
            }
        }
        assert!(prepare(), "{what}: one's own is run");
    }
}

/// Whatever ends the launcher.
#[test]
fn no_interpreter_outlives_a_launcher_that_is_ended() {
    for signal in ["TERM", "HUP", "INT", "KILL"] {
        let place = Place::new();
        place.make_root("sdk");
        let pid = place.path("pid");
        let hangs = format!("#!/bin/sh\necho $$ > {}\nexec sleep 1000\n", pid.display());
        place.write_program("bin/python", hangs);
        let path = format!("{}:/usr/bin:/bin", place.path("bin").display());
        let mut command = place.command(LAUNCHER);
        command.args(["--prepare", "-r", "sdk", "-p", "python"]).env("PATH", path);
        let launcher = expect(command.stdout(Stdio::null()).spawn(), "start", Path::new(LAUNCHER));
        let mut launcher = Started(launcher);
        let pid = until(PATIENCE, || number(&pid)).expect("it is started");
        kill(signal, &launcher.0.id().to_string());
        until(PATIENCE, || launcher.0.try_wait().ok().flatten()).expect("it ends");
        let ended = until(PATIENCE, || (!runs(&pid)).then_some(()));
        if ended.is_none() {
            kill("KILL", &pid);
        }
        assert!(ended.is_some(), "{signal}");
    }
}

/// An image's layers keep whole seconds, and it may run read-only, as another user. The stamp is all that a launch then needs:
/// could it not do with that, it would list a package that it can't list, and miss the module in it.
#[test]
fn a_prepared_root_works_read_only_afterwards() {
    let place = Place::new();
    let root = sdk_of_two_modules(&place);
    let bridge = prepare(&place, &root);
    place.copy_program(probe(), "probe");
    let _unlistable = Closed::to_listers(&root.join("h_utils"));
    let _read_only =
        ["sdk", "sdk/.heygem-run", "home", "tmp"].map(|name| Closed::to_writers(&place.path(name)));
    let before = snapshot(&root.join(".heygem-run"));
    let assert_used = |what: &str| {
        let report = Report::of(launch_unprivileged(&place, ["-r", "sdk", "--", "./probe"]));
        assert_eq!(report.bridge(), bridge, "{what}");
        assert_eq!(snapshot(&root.join(".heygem-run")), before, "{what}");
        assert_eq!(names(&root), [".heygem-run", "h_utils", "service"], "{what}");
    };
    assert_used("at once");
    for directory in ["", "service", "h_utils"].map(|name| root.join(name)) {
        let time = checked(Command::new("stat").args(["-c", "%Y"]).arg(&directory));
        checked(Command::new("touch").arg("-d").arg(format!("@{}", time.trim())).arg(&directory));
    }
    assert_used("in whole seconds");
}

#[test]
fn nowhere_to_build_it_is_an_error() {
    let place = Place::new();
    sdk_of_two_modules(&place);
    let here = place.dir.display();
    let _sealed = ["sdk", "home", "tmp"].map(|name| Closed::to_writers(&place.path(name)));
    let outcome = launch_unprivileged(&place, ["--prepare", "-r", "sdk"]).run();
    let user = unprivileged_user();
    let expected = format!(
        "heygem-run: error: the bridge can't be built\n  \
         tried: {here}/sdk/.heygem-run: it can't be made: Permission denied\n  \
         tried: {here}/home/.cache/heygem-run/HASH: it can't be made: Permission denied\n  \
         tried: {here}/tmp/heygem-run-{user}/HASH: it can't be made: Permission denied\n"
    );
    assert_eq!((outcome.code(), outcome.stdout().as_str()), (Some(125), ""), "{outcome}");
    assert_eq!(masked(&outcome.stderr()), expected);
}

#[test]
fn a_directory_that_is_no_sdk_has_no_bridge() {
    let place = Place::new();
    let empty = place.make_dir("empty");
    let here = place.dir.display();
    place.launch(["--prepare", "-r", "empty"]).fails(
        125,
        format!(
            "heygem-run: warning: {here}/empty (--root) does not look like a HeyGem SDK: no service/ directory; name the directory that has service/trans_dh_service in it: --root DIR\n\
             heygem-run: error: no bridge is built for {here}/empty: it does not look like a HeyGem SDK\nhint: name the directory that has service/trans_dh_service in it: --root DIR\n"
        ),
    );
    assert_eq!(names(&empty), [""; 0]);
    place.launch(["--prepare", "true"]).fails(
        125,
        "heygem-run: error: --prepare takes no command\nhint: run it first, then heygem-run COMMAND\n",
    );
}
