//! What others can't do who can write to the working directory, TMPDIR or the inherited variables: rows of the table in SECURITY.md.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, lchown};
use std::path::Path;

use crate::support::build::expect;
use crate::support::fs::chmod;
use crate::support::place::{LAUNCHER, Place};
use crate::support::probe::{Report, probe};
use crate::support::pythons::pythons;
use crate::support::run::{Run, masked};
use crate::support::snapshot::{contents, names};
use crate::support::user::{
    Closed, STRANGER, give_away, is_root, launch_unprivileged, make_own_dir, unprivileged_user,
};

/// A directory as `/tmp` is.
fn make_shared(place: &Place, name: &str) {
    chmod(place.make_dir(name), 0o1777);
}

/// Where the root is read-only, so that the bridge lies in a cache.
fn sealed(place: &Place) -> Closed {
    let root = Closed::to_writers(&place.make_root("sdk"));
    for name in ["home", "cache"] {
        make_own_dir(place, name);
    }
    make_shared(place, "tmp");
    place.copy_program(probe(), "probe");
    root
}

fn launch(place: &Place) -> Run {
    launch_unprivileged(place, ["-r", "sdk", "--", "./probe"])
}

#[test]
fn a_root_planted_in_a_shared_directory_is_passed_over() {
    let place = Place::new();
    make_shared(&place, "shared");
    let launcher = place.copy_launcher("bin/heygem-run");
    place.write("shared/app.py", "");
    let planted = place.make_root("shared/planted");
    give_away(&planted);
    let link = place.path("shared/link");
    if is_root() {
        place.make_root("far/away/elsewhere"); // one's own, behind a stranger's link
        give_away(&place.link("../far/away/elsewhere", "shared/link"));
    }
    let open = place.make_dir("shared/mine");
    let why = if is_root() {
        format!("everyone can write to {}/shared, and it belongs to user {STRANGER}", place.dir.display())
    } else {
        "everyone can put something into it".to_owned()
    };
    // From its parent, from itself, from below, and from a script beside it.
    let rows = [
        (place.path("shared"), "sh", "in the working directory"),
        (planted.clone(), "sh", "the working directory"),
        (planted.join("service"), "sh", "above the working directory"),
        (open, "../app.py", "in the script's directory"),
    ];
    for (directory, word, origin) in rows {
        let mut command = place.command(&launcher);
        command.arg(word);
        let outcome = Run::new(command).within(&directory).run();
        assert_eq!((outcome.code(), &*outcome.stdout()), (Some(125), ""), "{outcome}");
        let told = format!("  tried: {} ({origin}): an SDK, but {why}\n", planted.display());
        assert!(outcome.stderr().contains(&told), "{outcome}\nwithout {told}");
        let link_told = format!("  tried: {} (", link.display());
        assert_eq!(
            outcome.stderr().contains(&link_told),
            // Beside the planted one, it is looked at, too.
            is_root() && (origin.starts_with("in ") || origin == "the working directory"),
            "{outcome}"
        );
        assert_eq!(names(&planted), ["service"]);
    }
}

#[test]
fn a_bridge_planted_in_tmpdir_is_not_used() {
    let place = Place::new();
    let _root = sealed(&place);
    let closed = ["home", "cache"].map(|name| Closed::to_writers(&place.path(name)));
    // One of our own making, with code of the stranger's in it: name, stamp and files are as they should be.
    let bridge = Report::of(launch(&place)).bridge();
    let ours = place.path(format!("tmp/heygem-run-{}", unprivileged_user()));
    assert!(bridge.starts_with(&ours));
    let helper = bridge.join("_heygem_run_bridge.py");
    let code = expect(fs::read_to_string(&helper), "read", &helper);
    expect(fs::write(&helper, format!("print('planted')\n{code}")), "write", &helper);
    give_away(&ours);
    let before = contents(&ours);
    let outcome = launch(&place).run();
    let report = Report::parse(&outcome.succeeded());
    assert!(!report.python_path().iter().any(|entry| entry.contains("heygem-bridge-")), "{report:?}");
    let doubt = if is_root() {
        format!("{} above it belongs to user {STRANGER}", ours.display())
    } else {
        format!("{} above it can be written to by everyone", ours.display())
    };
    assert!(outcome.stderr().contains(&format!("is not used: {}/", ours.display())), "{outcome}");
    assert!(outcome.stderr().contains(&doubt), "{outcome}");
    assert_eq!(contents(&ours), before);
    // With a cache of one's own there is nothing to warn of.
    drop(closed);
    assert!(Report::of(launch(&place)).bridge().starts_with(place.path("home")));
}

/// It would have the launcher's user make directories where the stranger wants them.
#[test]
fn a_link_planted_in_tmpdir_is_not_followed() {
    let place = Place::new();
    let _root = sealed(&place);
    let _closed = ["home", "cache"].map(|name| Closed::to_writers(&place.path(name)));
    let target = make_own_dir(&place, "target");
    let link = place.link("../target", format!("tmp/heygem-run-{}", unprivileged_user()));
    if is_root() {
        give_away(&link);
    } else {
        chmod(&target, 0o777);
    }
    let outcome = launch(&place).run();
    assert!(outcome.stderr().contains(&format!("is not used: {}/", link.display())), "{outcome}");
    assert!(Report::parse(&outcome.succeeded()).python_path().len() == 2, "{outcome}");
    assert_eq!(names(&target), [""; 0]);
}

/// The link is one's own and leads to one's own directory; what lies between is everybody's.
#[test]
fn a_link_through_a_directory_of_others_is_not_followed() {
    let place = Place::new();
    let _root = sealed(&place);
    let cache = make_own_dir(&place, "cache/real");
    let open = place.make_dir("open");
    place.link(&cache, "open/turned");
    let link = place.link(open.join("turned"), "chosen");
    chmod(&open, 0o777);
    let outcome = launch(&place).env("XDG_CACHE_HOME", &link).run();
    let warning = format!(
        "heygem-run: warning: a bridge that others could have made is not used: {}/heygem-run/HASH: {} above it \
         can be written to by everyone\n",
        link.display(),
        open.display()
    );
    assert_eq!(masked(&outcome.stderr()), warning);
    assert!(Report::parse(&outcome.succeeded()).bridge().starts_with(place.path("home")));
    assert_eq!(names(&cache), [""; 0]);
}

#[test]
fn a_cache_named_by_a_variable_must_belong_to_this_user() {
    let place = Place::new();
    let _root = sealed(&place);
    let planted = place.make_dir("tmp/planted");
    give_away(&planted);
    // Root's: its owner is all that speaks against it. One's own counts where it is sticky, as /tmp is.
    chmod(&planted, if is_root() { 0o1777 } else { 0o777 });
    for variable in ["XDG_CACHE_HOME", "HOME", "TMPDIR"] {
        let outcome = launch(&place).env(variable, &planted).run();
        let bridge = Report::parse(&outcome.succeeded()).bridge();
        assert!(!bridge.starts_with(&planted), "{variable}: {}", bridge.display());
        assert_eq!(names(&planted), [""; 0], "{variable}");
    }
    // Nor is a directory on PYTHONPATH a bridge because it is called one.
    let named = place.make_dir("tmp/heygem-bridge-0123456789abcdef");
    let report = Report::of(launch(&place).env("PYTHONPATH", &named));
    assert!(!report.python_path().contains(&named.to_str().expect("text")), "{report:?}");
}

/// A launch by somebody without privileges.
fn launch_under(place: &Place, umask: &str) -> Run {
    let _ = launch_unprivileged(place, ["-V"]); // puts the launcher there
    let mut command = place.command(if is_root() { "setpriv" } else { "sh" });
    if is_root() {
        let user = unprivileged_user().to_string();
        command.args(["--reuid", &user, "--regid", &user, "--clear-groups", "sh"]);
    }
    let line = format!("umask {umask}; exec \"$@\"");
    command.args(["-c", &line, "sh", "./heygem-run", "-r", "sdk", "--", "./probe"]);
    Run::new(command)
}

/// Has a bridge made under a umask, in the SDK and beside one that can't be written, and checks the store that it lies in.
fn check_stores(umask: &str, check: impl Fn(&Path)) {
    for is_sealed in [false, true] {
        let place = Place::new();
        let root = sealed(&place);
        let _root = is_sealed.then_some(root);
        if !is_sealed {
            give_to_unprivileged(&place.path("sdk"));
        }
        let bridge = Report::of(launch_under(&place, umask)).bridge();
        assert_eq!(bridge.starts_with(place.path("sdk")), !is_sealed, "{umask}: {}", bridge.display());
        check(bridge.parent().expect("a store"));
    }
}

fn give_to_unprivileged(path: &Path) {
    if is_root() {
        expect(lchown(path, Some(unprivileged_user()), None), "give away", path);
    }
}

/// Such a umask closes what is made to its own maker.
#[test]
fn a_bridge_is_made_under_any_umask() {
    for umask in ["0777", "0700", "0377", "0477", "0177"] {
        check_stores(umask, |store| {
            for (path, (mode, _)) in contents(store) {
                let expected = if mode & libc::S_IFMT == libc::S_IFDIR { 0o755 } else { 0o644 };
                assert_eq!(mode & 0o777, expected, "{umask}: {}", path.display());
            }
        });
    }
}

/// Many a daemon has a umask of 0.
#[test]
fn others_cannot_write_to_a_bridge_under_any_umask() {
    check_stores("0", |store| {
        for (path, (mode, _)) in contents(store) {
            assert_eq!(mode & 0o022, 0, "{}", path.display());
        }
        let above = store.parent().expect("a directory");
        assert_eq!(expect(above.metadata(), "examine", above).mode() & 0o022, 0);
    });
}

/// After the change of directory, `bin` is the root's own.
#[test]
fn relative_path_entries_are_searched_before_the_change_of_directory() {
    let place = Place::new();
    let here = place.dir.to_str().expect("text").to_owned();
    place.make_root("sdk");
    place.write("sdk/app.py", "echo \"app by $0\"\n");
    for name in ["tool", "python3", "python", "sh"] {
        place.write_program(Path::new("sdk/bin").join(name), "#!/bin/sh\necho planted\n");
    }
    place.make_dir("bin");
    for path in ["bin", "./bin:.", ":bin", ""] {
        for (word, name) in [("tool", "tool"), ("-m", "python"), ("app.py", "python")] {
            let outcome = place.launch(["-r", "sdk", word, "x"]).env("PATH", path).run();
            assert_eq!((outcome.code(), &*outcome.stdout()), (Some(127), ""), "{path:?} {name}: {outcome}");
        }
    }
    // The same names where the user stands are found, and are run by their full paths.
    for name in ["tool", "python3"] {
        place.write_program(Path::new("bin").join(name), "#!/bin/sh\necho \"ours: $0\"\n");
    }
    for path in ["bin", "./bin:.", ":bin"] {
        place.launch(["-r", "sdk", "tool"]).env("PATH", path).prints(format!("ours: {here}/bin/tool\n"));
        place.launch(["-r", "sdk", "app.py"]).env("PATH", path).prints(format!("ours: {here}/bin/python3\n"));
    }
    // A script without `#!` is run by the system's shell, not by the first of that name.
    place.write_program("bin/script", "echo \"ran by the system's\"\n");
    place.launch(["-r", "sdk", "script"]).env("PATH", "bin").prints("ran by the system's\n");
}

/// To Python an empty entry is the working directory, and `sitecustomize` there is run before anything else.
#[test]
fn empty_pythonpath_entries_are_dropped() {
    let place = Place::new();
    place.make_root("app/sdk");
    place.write("open/sitecustomize.py", "print('planted')\n");
    let open = place.path("open");
    let root = place.path("app/sdk");
    let python = &pythons()[0].path;
    let code = ["-c", "print('ran')"];
    for (list, is_open) in [(":", true), ("/nowhere:", true), ("/nowhere::/nowhere", true), ("", false)] {
        let mut direct = place.command(python);
        direct.args(code).env("PYTHONPATH", list);
        let expected = if is_open { "planted\nran\n" } else { "ran\n" };
        Run::new(direct).within(&open).prints(expected);
        for options in [&[][..], &["--no-chdir"]] {
            let mut command = place.command(LAUNCHER);
            command.arg("-r").arg(&root).args(options).arg("--").arg(python).args(code);
            Run::new(command).within(&open).env("PYTHONPATH", list).prints("ran\n");
        }
    }
}
