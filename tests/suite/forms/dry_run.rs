//! `--dry-run`: a line that does the same when pasted.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;
use std::path::Path;

use super::shells::{Shell, shells};
use crate::support::build::expect;
use crate::support::place::{LAUNCHER, Place};
use crate::support::probe::{Report, probe};
use crate::support::pythons::pythons;
use crate::support::run::Run;
use crate::support::snapshot::{names, snapshot};
use crate::support::user::{Closed, is_root, launch_unprivileged, unprivileged_user};

/// Names of roots that every shell reads, and some that only those that know `$'…'` do.
const TEXT: [&[u8]; 5] = [b"HeyGem", b"a  b", br#"it's "q" \n"#, "数字人".as_bytes(), b"~$HOME`x`;{a,b}!#"];
const BYTES: [&[u8]; 3] = [b"a\nb\n", b"\xff\xfe", "人\t\x1b'\\\u{85}\u{c3}\u{28}".as_bytes()];

/// Arguments that a shell would change, were they not quoted.
const ARGUMENTS: [&str; 24] = [
    "",
    " ",
    "a  b",
    "'",
    "\"",
    "\\",
    "\\n",
    "it's",
    "$HOME",
    "`x`",
    "~",
    "~root",
    "*",
    "?",
    "[a-z]",
    "{a,b}",
    "{1..3}",
    "!x",
    "!!",
    "a=b",
    "=ls",
    "#x",
    "&& exit;|<>()%1^",
    "-n",
];

/// What the launch and the line must agree on. The other variables are the shell's affair.
const VARIABLES: [&str; 4] = ["HEYGEM_DIR", "PYTHONPATH", "LD_LIBRARY_PATH", "PWD"];

fn agreed(report: &Report) -> (Vec<&str>, Vec<&str>, Vec<Option<&str>>) {
    (report.all("cwd"), report.all("argv"), VARIABLES.map(|name| report.variable(name)).into())
}

/// A place whose PWD is set, as at a prompt.
fn run_with_pwd(place: &Place, run: Run) -> Run {
    run.env("PWD", &place.dir)
}

/// The same words, launched and printed: what the target was given either way.
#[track_caller]
fn assert_same(place: &Place, words: &[OsString], shells: impl Iterator<Item = Shell>) {
    let launched = Report::of(run_with_pwd(place, place.launch(words)));
    let dry = [OsString::from("-n")].into_iter().chain(words.iter().cloned());
    let outcome = run_with_pwd(place, place.launch(dry)).run();
    outcome.is(0, outcome.stdout_bytes(), "");
    assert_eq!(outcome.stdout().lines().count(), 1, "one line: {outcome}");
    for shell in shells {
        let pasted = Report::of(run_with_pwd(place, shell.reads(place, outcome.stdout_bytes())));
        assert_eq!(agreed(&pasted), agreed(&launched), "{shell:?} made of {outcome}");
    }
}

fn words<W: AsRef<OsStr>>(words: impl IntoIterator<Item = W>) -> Vec<OsString> {
    words.into_iter().map(|word| word.as_ref().to_owned()).collect()
}

/// The root, `-L` with an odd directory, and the probe.
fn launch_in(root: &Path) -> Vec<OsString> {
    [&words(["-r"])[..], &words([root]), &words(["-L", "lib dir's", "--"]), &words([probe()])].concat()
}

#[test]
fn the_line_does_what_the_launch_does() {
    let place = Place::new();
    let ansi_c = || shells().filter(|shell| shell.knows_ansi_c);
    for name in TEXT {
        let root = place.make_far_root(OsStr::from_bytes(name));
        assert_same(&place, &[launch_in(&root), words(ARGUMENTS)].concat(), shells());
    }
    for name in BYTES {
        let root = place.make_far_root(OsStr::from_bytes(name));
        let odd = words(BYTES.map(OsStr::from_bytes));
        assert_same(&place, &[launch_in(&root), odd].concat(), ansi_c());
    }
}

#[test]
fn every_kind_of_command_means_the_same_in_the_line() {
    let place = Place::new();
    place.make_root("sdk");
    // What a shell has a builtin, a keyword or another meaning for.
    let named = ["a=b", "echo", "test", "cd", "if", "[", "exec", "ls", "a b"];
    for name in named {
        expect(symlink(probe(), place.make_dir("bin").join(name)), "link", &place.path("bin"));
    }
    place.write_program("script", "exec \"$PROBE\" \"$0\" \"$@\"");
    let rows: Vec<Vec<OsString>> = named
        .map(|name| words(["-r", "sdk", "--", name, "x"]))
        .into_iter()
        .chain([
            words(["-r", "sdk", "--", "bin/echo", "./x"]),
            words(["-r", "sdk", "--", "./bin/../bin/echo"]),
            words(["-r", "sdk", "--", "./script", "x y"]),
            words(["-r", "sdk", "--no-chdir", "--", "bin/echo", "x"]),
            words(["-r", "sdk", "-C", "bin", "--", "echo", "x"]),
            words(["-r", "sdk", "--no-bridge", "--", "echo", "x"]),
        ])
        .collect();
    for path in [format!("{}:/usr/bin:/bin", place.path("bin").display()), "bin:/usr/bin:/bin".into()] {
        for row in &rows {
            let run = |run: Run| run_with_pwd(&place, run).env("PATH", &path).env("PROBE", probe());
            let launched = Report::of(run(place.launch(row)));
            let dry = run(place.launch(words(["-n"]).iter().chain(row))).run();
            dry.is(0, dry.stdout_bytes(), "");
            for shell in shells() {
                let pasted = Report::of(run(shell.reads(&place, dry.stdout_bytes())));
                assert_eq!(agreed(&pasted), agreed(&launched), "PATH={path}; {shell:?} made of {dry}");
            }
        }
    }
}

#[test]
fn a_script_and_a_module_mean_the_same_in_the_line() {
    const APP: &str = "import os, sys\nprint(os.getcwd(), sys.argv, sys.path[:4], sys.orig_argv if sys.version_info > (3, 10) else '')";
    let python = pythons().last().expect("one at least");
    let place = Place::new();
    place.make_root("sdk");
    place.write("app.py", APP);
    place.write("sdk/tool.py", APP);
    let python = format!("'{}' -u", python.path.display());
    for row in [["-p", &python, "app.py", "-v"], ["-p", &python, "-m", "tool"]] {
        let launched = run_with_pwd(&place, place.launch(row)).run();
        let dry = run_with_pwd(&place, place.launch(["-n"].iter().chain(&row))).run();
        for shell in shells() {
            let pasted = run_with_pwd(&place, shell.reads(&place, dry.stdout_bytes()));
            pasted.prints(launched.succeeded());
        }
    }
}

/// The launcher started by another name for it.
fn started_as(place: &Place, launcher: &str, words: &[OsString]) -> Run {
    let mut command = place.command("sh");
    // Through a shell, since `Command` would look for a bare or relative program in its own ways.
    command.args(["-c", r#""$@""#, "sh", launcher]).args(words).env("PATH", path_of(place));
    run_with_pwd(place, Run::new(command))
}

fn path_of(place: &Place) -> String {
    format!("{}:rel:/usr/bin:/bin", place.path("abs").display())
}

/// Prints the launch in a root that has no bridge, and has each shell build it.
#[track_caller]
fn assert_built(place: &Place, launcher: &str, name: &[u8], shells: impl Iterator<Item = Shell>) {
    for shell in shells {
        let root = place.make_far_root(OsStr::from_bytes(name));
        let words = launch_in(&root);
        let dry = started_as(place, launcher, &[[OsString::from("-n")].as_slice(), &words].concat()).run();
        dry.is(0, dry.stdout_bytes(), "");
        assert!(dry.stdout().contains(r#":"$("#), "{dry}");
        assert_eq!(names(&root), ["service"], "nothing is written");
        let run = shell.reads(place, dry.stdout_bytes()).env("PATH", path_of(place));
        let pasted = Report::of(run_with_pwd(place, run));
        let launched = Report::of(run_with_pwd(place, started_as(place, launcher, &words)));
        assert!(launched.bridge().starts_with(&root));
        assert_eq!(agreed(&pasted), agreed(&launched), "{shell:?} made of {dry}");
        expect(fs::remove_dir_all(&root), "remove", &root);
    }
}

#[test]
fn the_line_builds_a_bridge_that_is_not_there_yet() {
    let place = Place::new();
    for name in TEXT {
        assert_built(&place, LAUNCHER, name, shells());
    }
    for name in BYTES {
        assert_built(&place, LAUNCHER, name, shells().filter(|shell| shell.knows_ansi_c));
    }
}

/// An empty entry would be the working directory.
#[test]
fn a_line_that_cannot_build_its_bridge_adds_no_entry() {
    let place = Place::new();
    place.make_root("it's here");
    let _sealed = ["it's here", "home", "tmp"].map(|name| Closed::to_writers(&place.path(name)));
    let words = ["-n", "-r", "it's here", "--", "sh", "-c", "echo \"$PYTHONPATH\""];
    let line = launch_unprivileged(&place, words).run().succeeded();
    let mut command = place.command("setpriv");
    let user = unprivileged_user().to_string();
    command.args(["--reuid", &user, "--regid", &user, "--clear-groups", "sh", "-c", &line]);
    if !is_root() {
        command = place.command("sh");
        command.args(["-c", &line]);
    }
    let outcome = Run::new(command).run();
    let root = place.path("it's here");
    let expected = format!("{}:{}:{}\n", root.display(), place.dir.display(), root.display());
    assert_eq!((outcome.code(), outcome.stdout()), (Some(0), expected), "{outcome}");
    assert!(outcome.stderr().contains("the bridge can't be built"), "{outcome}");
}

#[test]
fn the_line_finds_heygem_run_however_it_was_started() {
    let place = Place::new();
    for name in ["it's here/heygem-run", "abs/heygem-run", "rel/hr"] {
        let path = place.path(name);
        place.make_dir(path.parent().expect("a directory"));
        expect(symlink(LAUNCHER, &path), "link", &path);
    }
    let absolute = place.path("it's here/heygem-run");
    for launcher in [absolute.to_str().expect("text"), "./rel/hr", "heygem-run", "hr"] {
        assert_built(&place, launcher, b"sdk", shells());
    }
}

#[test]
fn a_dry_run_writes_nothing() {
    let place = Place::new();
    let built = place.make_root("built");
    let stale = place.make_root("stale");
    let unbuilt = place.make_root("unbuilt");
    for root in [&built, &stale] {
        place.launch([OsStr::new("-r"), root.as_os_str(), OsStr::new("--prepare")]).run().succeeded();
    }
    place.write("stale/h_utils/custom.so", "");
    let before = snapshot(&place.dir);
    for root in [&built, &stale, &unbuilt] {
        let root = root.to_str().expect("text");
        place.launch(["-n", "-r", root, "true"]).run().succeeded();
        place.launch(["-nv", "-r", root, "-L", "x", "true"]).run().succeeded();
        assert_eq!(place.launch(["-n", "--strict", "-r", root, "-p", "x", "true"]).run().code(), Some(125));
        assert_eq!(place.launch(["-n", "-r", root, "no-such-command"]).run().code(), Some(127));
    }
    assert_eq!(snapshot(&place.dir), before);
}

#[test]
fn verbose_says_no_more_than_the_error_where_the_root_is_not_there() {
    let place = Place::new();
    let root = place.make_root("sdk");
    let here = place.dir.display();
    place.launch(["-nv", "--no-chdir", "--no-bridge", "-r", "sdk", "true"]).within(&root).fails(
        125,
        format!(
            "heygem-run: error: the root {here}/sdk/sdk (--root) does not exist\n\
             hint: name the directory that has service/trans_dh_service in it\n\
             hint: write -r {here}/sdk\n"
        ),
    );
}

#[test]
fn verbose_says_where_every_part_came_from() {
    let place = Place::new();
    place.make_root("sdk");
    place.write_program("bin/tool", "");
    let here = place.dir.display();
    let bridge = place.launch(["--prepare"]).run().succeeded();
    place.launch(["-nv", "bin/tool", "x"]).prints_and_warns(
        format!(
            "(HEYGEM_DIR={here}/sdk PYTHONPATH={here}/sdk:{here}:{} exec {here}/bin/tool x)\n",
            bridge.trim_end()
        ),
        format!(
            "heygem-run: root: {here}/sdk (in the working directory)\n\
             heygem-run: program: {here}/bin/tool (as written)\n\
             heygem-run: directory: unchanged\n\
             heygem-run: PYTHONPATH: {here}/sdk (the root)\n\
             heygem-run: PYTHONPATH: {here} (its parent)\n\
             heygem-run: PYTHONPATH: {} (the bridge)\n",
            bridge.trim_end()
        ),
    );
}

#[test]
fn verbose_says_which_option_or_variable_a_part_came_from() {
    let place = Place::new();
    place.make_root("sdk");
    let here = place.dir.display();
    let launch = place.launch(["-nv", "--no-chdir", "--no-bridge", "-r", "sdk", "true"]);
    launch.env("PYTHONPATH", "/inherited").prints_and_warns(
        format!("(HEYGEM_DIR={here}/sdk PYTHONPATH={here}/sdk:{here}:/inherited exec env true)\n"),
        format!(
            "heygem-run: root: {here}/sdk (--root)\n\
             heygem-run: program: /usr/bin/true (from PATH)\n\
             heygem-run: directory: unchanged (--no-chdir)\n\
             heygem-run: PYTHONPATH: {here}/sdk (the root)\n\
             heygem-run: PYTHONPATH: {here} (its parent)\n\
             heygem-run: PYTHONPATH: /inherited (inherited)\n"
        ),
    );
    // A directory that was asked for is the option's, also where it is the root.
    let launch = place.launch(["-nv", "-C", "sdk", "--no-bridge", "-L", "/opt/x", "true"]);
    launch.env("LD_LIBRARY_PATH", "/y").prints_and_warns(
        format!(
            "(cd {here}/sdk && HEYGEM_DIR={here}/sdk PYTHONPATH={here}/sdk:{here} LD_LIBRARY_PATH=/opt/x:/y exec env true)\n"
        ),
        format!(
            "heygem-run: root: {here}/sdk (in the working directory)\n\
             heygem-run: program: /usr/bin/true (from PATH)\n\
             heygem-run: directory: {here}/sdk (--chdir)\n\
             heygem-run: PYTHONPATH: {here}/sdk (the root)\n\
             heygem-run: PYTHONPATH: {here} (its parent)\n\
             heygem-run: LD_LIBRARY_PATH: /opt/x (--library-dir)\n\
             heygem-run: LD_LIBRARY_PATH: /y (inherited)\n"
        ),
    );
}

#[test]
fn a_launch_that_fails_is_not_printed() {
    let place = Place::new();
    place.make_root("sdk");
    place
        .launch(["-n", "no-such-command"])
        .fails(127, "heygem-run: error: no-such-command is not on PATH\n  tried: PATH=/usr/bin:/bin\n");
    place.launch(["-n", "--strict", "-p", "python3", "true"]).fails(
        125,
        "heygem-run: error: --python has no effect on a command: true runs as it is; leave --python out\n\
         hint: --strict treats this warning as an error\n",
    );
}
