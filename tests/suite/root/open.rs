//! A root far off that is this user's, and that everyone can write to: WSL, Docker Desktop and FUSE show all as such.

use std::path::Path;

use super::{ROOT, line};
use crate::support::build::checked;
use crate::support::fs::chmod;
use crate::support::place::{LAUNCHER, Place};
use crate::support::run::Run;
use crate::support::user::{give_away, is_root, launch_unprivileged, unprivileged_user};

/// The SDK is `x/sdk`, the user stands in `x/api`, and all of `x` has the mode 0777.
fn open_tree() -> Place {
    let place = Place::new();
    place.make_root("x/sdk");
    place.write("x/sdk/app.pyc", "");
    place.make_dir("x/api");
    place.write("x/sdk/.venv/bin/python3", "");
    place.link("python3", "x/sdk/.venv/bin/python");
    checked(std::process::Command::new("chmod").args(["-R", "0777"]).arg(place.path("x")));
    place
}

fn warning(root: &Path) -> String {
    format!(
        "heygem-run: warning: everyone can write to {0}, and what is in it is run; take the right to write from all others: chmod o-w {0}; or name it: --root {0}\n",
        root.display()
    )
}

#[test]
fn an_open_sibling_of_ones_own_is_used_with_one_warning() {
    let place = open_tree();
    let root = place.path("x/sdk");
    let run = || place.root(&[]).within(place.path("x/api"));
    run().prints_and_warns(line(&root), warning(&root));
    chmod(&place.dir, 0o777);
    run().prints_and_warns(line(&root), warning(&root));
    chmod(&place.dir, 0o1777);
    run().prints_and_warns(line(&root), warning(&root));
    // Two levels down likewise; and what the warning says to type is silent on the root.
    let below = place.root(&[]);
    below.prints_and_warns(line(&root), warning(&root));
}

#[test]
fn an_ordinary_users_open_sibling_is_used_as_well() {
    let place = open_tree();
    let root = place.path("x/sdk");
    if is_root() {
        let owner = unprivileged_user().to_string();
        checked(std::process::Command::new("chown").args(["-Rh", &owner]).arg(place.path("x")));
    }
    let run = launch_unprivileged(&place, ROOT).within(place.path("x/api"));
    run.prints_and_warns(line(&root), warning(&root));
}

#[test]
fn an_open_sibling_that_others_may_have_made_is_refused_and_can_be_named() {
    type Change = fn(&Place);
    let mut rows: Vec<(&str, Change)> = vec![
        ("shared", |place| chmod(place.path("x/sdk"), 0o1777)),
        ("in a shared directory", |place| chmod(place.path("x"), 0o1777)),
        ("closed, in an open directory", |place| chmod(place.path("x/sdk"), 0o755)),
    ];
    if is_root() {
        rows.push(("a stranger's", |place| give_away(&place.path("x/sdk"))));
        rows.push(("in a stranger's", |place| give_away(&place.path("x"))));
        rows.push(("a stranger's service", |place| give_away(&place.path("x/sdk/service"))));
        rows.push(("a stranger's module", |place| give_away(&place.path("x/sdk/service/__init__.py"))));
        rows.push(("a stranger's interpreter", |place| give_away(&place.path("x/sdk/.venv/bin/python3"))));
    }
    for (what, change) in rows {
        let place = open_tree();
        change(&place);
        let (root, api) = (place.path("x/sdk"), place.path("x/api"));
        let outcome = place.root(&[]).within(&api).run();
        let hint = format!("hint: if you trust it: -r {}\n", root.display());
        assert!(outcome.code() == Some(125) && outcome.stderr().contains(&hint), "{what}: {outcome}");
        let mut command = place.command(LAUNCHER);
        command.arg("-r").arg(&root).args(ROOT);
        assert_eq!(Run::new(command).within(&api).run().stdout(), line(&root), "{what}");
    }
}
