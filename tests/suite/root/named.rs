//! The root that was named, and how any root is recognised.

use std::path::Path;

use super::{ROOT, line};
use crate::support::fs::chmod;
use crate::support::place::{LAUNCHER, Place};
use crate::support::run::Run;

/// The last hint of an error about a root that was named.
const NAME_IT: &str = "hint: name the directory that has service/trans_dh_service in it\n";

#[test]
fn a_root_is_recognised_by_its_content() {
    const SERVICE: [&str; 8] = [
        "service/trans_dh_service.cpython-38-x86_64-linux-gnu.so",
        "service/trans_dh_service.cpython-39-x86_64-linux-gnu.so",
        "service/trans_dh_service.cpython-310-aarch64-linux-gnu.so",
        "service/trans_dh_service.abi3.so",
        "service/trans_dh_service.so",
        "service/trans_dh_service.py",
        "service/trans_dh_service.pyc",
        "service/trans_dh_service/__init__.py",
    ];
    const MARKS: [&str; 3] = ["service/__init__.py", "landmark2face_wy/", "wenet/"];
    let rows = SERVICE.iter().flat_map(|service| MARKS.map(|mark| [*service, mark]));
    for (index, files) in rows.enumerate() {
        let place = Place::new();
        make(&place, "any name", &files);
        let root = place.path("any name");
        println!("{index}: {files:?}"); // shown when the row fails
        place.root(&["--root", "any name"]).prints(line(&root));
        place.root(&[]).prints(line(&root));
    }
}

#[test]
fn a_directory_unlike_an_sdk_is_used_only_when_named() {
    const NO_SERVICE: &str = "no service/ directory";
    const NO_MODULE: &str = "service has no trans_dh_service";
    const NO_MARK: &str = "neither service/__init__.py nor landmark2face_wy nor wenet";
    let table: [(&[&str], &str); 10] = [
        (&["run.py"], NO_SERVICE),
        (&["landmark2face_wy/", "wenet/", "trans_dh_service.py"], NO_SERVICE),
        (&["service", "landmark2face_wy/"], NO_SERVICE),
        (&["service/"], NO_MODULE),
        (&["service/__init__.py", "wenet/"], NO_MODULE),
        (&["service/__init__.py", "service/trans_dh_service.txt", "service/trans_dh_service.c"], NO_MODULE),
        (
            &["service/__init__.py", "service/trans_dh_service2.py", "service/trans_dh_service/x.py"],
            NO_MODULE,
        ),
        (&["service/__init__.py", "service/libtrans_dh_service.so"], NO_MODULE),
        (&["service/trans_dh_service.py"], NO_MARK),
        (&["service/trans_dh_service.py", "wenet", "landmark2face_wy"], NO_MARK),
    ];
    for (files, why) in table {
        let place = Place::new();
        make(&place, "HeyGem-Linux-Python-Hack", files);
        let root = place.path("HeyGem-Linux-Python-Hack");
        let warning = format!(
            "heygem-run: warning: {} (--root) does not look like a HeyGem SDK: {why}; name the directory that has service/trans_dh_service in it: --root DIR\n",
            root.display()
        );
        place.root(&["--root", "HeyGem-Linux-Python-Hack"]).prints_and_warns(line(&root), warning);
        // The variable has other meanings to other tools: the search goes on, and here it finds nothing.
        let outcome = place.root(&[]).env("HEYGEM_DIR", "HeyGem-Linux-Python-Hack/").run();
        let tried = format!("no HeyGem SDK found\n  tried: {} (HEYGEM_DIR): {why}\n", root.display());
        assert!(outcome.code() == Some(125) && outcome.stderr().contains(&tried), "{why}: {outcome}");
        let outcome = place.root(&[]).within(&root).run();
        let tried = format!("\n  tried: {} (the working directory): {why}\n", root.display());
        assert!(outcome.code() == Some(125) && outcome.stderr().contains(&tried), "{why}: {outcome}");
    }
}

/// Makes empty files, and directories for names that end in a slash.
fn make(place: &Place, root: &str, names: &[&str]) {
    for name in names {
        let path = Path::new(root).join(name);
        if name.ends_with('/') {
            place.make_dir(path);
        } else {
            place.write(path, "");
        }
    }
}

#[test]
fn a_named_root_keeps_the_path_it_is_known_by() {
    let place = Place::new();
    let real = place.make_root("real/parent/sdk");
    let link = place.link("../real/parent/sdk", "app/sdk");
    place.link(real.join("service"), "into");
    let app = place.path("app");
    let parent = |root: &Path| root.parent().expect("a parent").to_owned();
    // From where, by which path there, named how, and what becomes of it.
    let table: [(&Path, &Path, &str, &Path); 16] = [
        (&place.dir, &place.dir, "app/sdk", &link),
        (&place.dir, &place.dir, "app/sdk/", &link),
        (&place.dir, &place.dir, ".//app/./sdk/.", &link),
        (&place.dir, &place.dir, "real/parent/sdk", &real),
        (&place.dir, &place.dir, "app/../app/sdk", &link),
        (&place.dir, &place.dir, "app/sdk/service/..", &link),
        (&place.dir, &place.dir, "into/..", &real), // where the kernel and `cd` differ
        (&app, &app, "sdk", &link),
        (&app, &app, "../real/parent/sdk", &real),
        (&link, &link, ".", &link),
        (&link, &link, "./", &link),
        (&link, &link, "../sdk", &link),
        (&link.join("service"), &link.join("service"), "..", &link),
        (&link, &real, ".", &real),
        (&link, Path::new("/"), ".", &real), // a PWD that is not true
        (&link, Path::new("app/sdk"), ".", &real),
    ];
    for (cwd, pwd, named, root) in table {
        let expected = format!("{}\n{}:{}\n", root.display(), root.display(), parent(root).display());
        let words = ["--no-bridge", "--", "sh", "-c", r#"echo "$HEYGEM_DIR"; echo "$PYTHONPATH""#];
        println!("{named} from {} as {}", cwd.display(), pwd.display());
        place.launch([&["--root", named][..], &words].concat()).within(cwd).env("PWD", pwd).prints(&expected);
        place.launch(words).within(cwd).env("PWD", pwd).env("HEYGEM_DIR", named).prints(&expected);
    }
    // Absolute, and from nowhere in particular.
    place.root(&["-r", &format!("{}/", link.display())]).within("/").prints(line(&link));
}

#[test]
fn a_named_root_that_cannot_be_one_is_an_error() {
    let place = Place::new();
    place.write("file", "");
    place.link("nowhere", "dangling");
    place.link("loop", "loop");
    place.make_root("a:b");
    place.make_root("with\nnewline:");
    let colon = "has a colon in its path\nhint: PYTHONPATH can't hold it: move it, or name it through a link without one\n";
    let table = [
        ("nowhere", "nowhere", format!("does not exist\n{NAME_IT}")),
        ("nowhere/../x", "nowhere/../x", format!("does not exist\n{NAME_IT}")),
        ("file/x", "file/x", format!("does not exist\n{NAME_IT}")),
        ("dangling", "dangling", format!("does not exist\n{NAME_IT}")),
        ("file", "file", format!("is not a directory\n{NAME_IT}")),
        ("loop", "loop", format!("can't be used: Too many levels of symbolic links\n{NAME_IT}")),
        ("a:b", "a:b", colon.to_owned()),
    ];
    for (named, shown, why) in table {
        let path = place.path(shown);
        for by in ["--root", "HEYGEM_DIR"] {
            let by_whom = if why == colon { String::new() } else { format!(" ({by})") };
            let error = format!("heygem-run: error: the root {}{by_whom} {why}", path.display());
            let run = if by == "--root" {
                place.root(&["--root", named])
            } else {
                place.root(&[]).env("HEYGEM_DIR", named)
            };
            run.fails(125, error);
        }
    }
    place
        .root(&["--root", ""])
        .fails(125, "heygem-run: error: --root is empty\nhint: --root takes a value, or leave it out\n");
    // A discovered one with a colon is no reason to look further: it is what the user means.
    place
        .root(&[])
        .within(place.path("a:b"))
        .fails(125, format!("heygem-run: error: the root {} {colon}", place.path("a:b").display()));
}

#[test]
fn a_root_with_a_colon_works_through_a_link_without_one() {
    let place = Place::new();
    place.make_root("a:b");
    let link = place.link("a:b", "sdk");
    place.root(&["--root", "sdk"]).prints(line(&link));
}

#[test]
fn an_unreadable_root_is_reported() {
    let place = Place::new();
    let closed = place.make_dir("closed");
    place.make_root("closed/sdk");
    let half = place.make_root("half");
    chmod(&closed, 0o000);
    chmod(half.join("service"), 0o000);
    let run = |options: &[&str]| {
        let mut command = place.bound_command(LAUNCHER);
        command.args(options).args(ROOT);
        Run::new(command)
    };
    run(&["--root", "closed/sdk"]).fails(
        125,
        format!(
            "heygem-run: error: the root {}/sdk (--root) can't be used: Permission denied\n{NAME_IT}",
            closed.display()
        ),
    );
    let warning = |root: &Path| {
        format!(
            "heygem-run: warning: {0} (--root) can't be looked at: Permission denied; run as the user who owns it, or: chmod -R a+rX {0}\n",
            root.display()
        )
    };
    run(&["--root", "half"]).prints_and_warns(line(&half), warning(&half));
    run(&["--root", "closed"]).fails(
        125,
        format!(
            "{}heygem-run: error: can't change to {}: Permission denied\n",
            warning(&closed),
            closed.display()
        ),
    );
    let outcome = run(&[]).run();
    let told = format!(
        "  tried: {closed} (in the working directory): Permission denied
  tried: {half} (in the working directory): Permission denied\n",
        closed = closed.display(),
        half = half.display(),
    );
    assert!(outcome.code() == Some(125) && outcome.stderr().contains(&told), "{outcome}");
    // A neighbour that can't be read does not keep one from being found.
    let sdk = place.make_root("sdk");
    run(&[]).prints(line(&sdk));
    chmod(&closed, 0o700);
    chmod(half.join("service"), 0o700);
}

#[test]
fn heygem_dir_is_warned_of_only_inside_another_sdk() {
    let place = Place::new();
    let sdk = place.make_root("sdk");
    let other = place.make_root("other");
    place.make_root("sdk/nested");
    place.link("sdk", "link");
    let warning = |inside: &Path| {
        format!(
            "heygem-run: warning: HEYGEM_DIR={} is used, though the working directory is inside another SDK, {}; unset HEYGEM_DIR\n",
            sdk.display(),
            inside.display()
        )
    };
    let table = [
        (place.dir.clone(), None),
        (sdk.clone(), None),
        (sdk.join("service"), None),
        (place.path("link"), None),
        (other.clone(), Some(other.clone())),
        (other.join("service"), Some(other.clone())),
        (sdk.join("nested"), Some(sdk.join("nested"))),
    ];
    for (cwd, inside) in table {
        let run = |words: &[&str]| place.root(words).within(&cwd).env("PWD", &cwd).env("HEYGEM_DIR", &sdk);
        run(&[]).prints_and_warns(line(&sdk), inside.as_deref().map(warning).unwrap_or_default());
        run(&["-q"]).prints(line(&sdk));
        // Whoever types an option knows where they stand.
        let option = place.root(&["--root", &sdk.display().to_string()]).within(&cwd);
        option.prints(line(&sdk));
    }
}

#[test]
fn a_variable_that_names_no_sdk_does_not_hide_the_one_that_is_there() {
    let place = Place::new();
    let root = place.make_root("app/sdk");
    place.write("desktop/readme.md", "");
    let warning = format!(
        "heygem-run: warning: HEYGEM_DIR={here}/desktop names no HeyGem SDK (no service/ directory), and {root} is used: \
         write HEYGEM_DIR={root}, or unset it\n",
        here = place.dir.display(),
        root = root.display()
    );
    let launch = |value: &str| place.root(&[]).within(place.path("app")).env("HEYGEM_DIR", value);
    launch("../desktop").prints_and_warns(line(&root), warning);
    // What the warning says to write is silent.
    launch(&root.display().to_string()).prints(line(&root));
}

#[test]
fn a_working_directory_that_was_deleted_is_no_obstacle_to_absolute_paths() {
    let place = Place::new();
    let root = place.make_root("sdk");
    // Removed by a shell that stands in it.
    let run = |words: &[&str]| {
        place.make_dir("gone");
        let mut command = place.command("sh");
        command.args(["-c", r#"rmdir "$PWD" && exec "$@""#, "sh", LAUNCHER]).args(words);
        Run::new(command).within(place.path("gone"))
    };
    let sdk = root.display().to_string();
    let absolute = ["--root", &sdk, "--", "/usr/bin/env", "printenv", "HEYGEM_DIR"];
    run(&absolute).prints(line(&root));
    run(&absolute[2..]).env("HEYGEM_DIR", &root).prints(line(&root));
    run(&["--root", &sdk, "--no-bridge", "sh", "-c", "pwd"]).prints(line(&root));

    let unreadable = "is relative, and the working directory can't be read: No such file or directory\n";
    run(&["--root", "sdk", "/bin/true"]).fails(125, format!("heygem-run: error: --root sdk {unreadable}"));
    run(&["/bin/true"])
        .env("HEYGEM_DIR", "sdk")
        .fails(125, format!("heygem-run: error: HEYGEM_DIR sdk {unreadable}"));
    let outcome = run(&["/bin/true"]).run();
    let told = "\n  tried: the working directory: it can't be read\n";
    assert!(outcome.code() == Some(125) && outcome.stderr().contains(told), "{outcome}");
}
