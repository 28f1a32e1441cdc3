//! What names the root, and what is right in its place.

use std::process::Command;

use super::Subject;
use super::staged::{Mends, PLAIN, Staged, all};
use crate::support::build::checked;

#[test]
fn variables_that_name_no_directory() {
    let named = |value: &'static str, says: &'static [&'static str]| Staged {
        name: value,
        stage: "ln -s /nowhere/sdk gone",
        set: vec![("HEYGEM_DIR", value)].leak(),
        says,
        remedy: Mends::Line("export HEYGEM_DIR=$ROOT"),
        ..PLAIN
    };
    all(&[
        named("/opt/HeyGem", &["HEYGEM_DIR=/opt/HeyGem", "does not exist"]),
        named("\"$ROOT\"", &["HEYGEM_DIR=", "quotes"]),
        named("$ROOT ", &["HEYGEM_DIR=", "blank"]),
        named("$ROOT\r", &["HEYGEM_DIR=", "carriage return"]),
        named("${HOME}/app/sdk", &["HEYGEM_DIR=", "${HOME}"]),
        named("$APP/gone", &["a link to /nowhere/sdk, which is not there"]),
        named("$ROOT/config/config.ini", &["is not a directory"]),
    ]);
}

/// The root is where no search looks: only the value tells where.
#[test]
fn values_that_no_shell_expanded() {
    let named = |value: &'static str, says: &'static [&'static str]| Staged {
        name: value,
        stage: "mkdir -p $HOME/far; mv $ROOT $HOME/far/heygem",
        set: vec![("HEYGEM_DIR", value)].leak(),
        says,
        ..PLAIN
    };
    all(&[
        named("~/far/heygem", &["its ~ was not expanded"]),
        named("'~/far/heygem'", &["its quotes are a part of it"]),
        named("\"' $APP/../home/far/heygem '", &["its quotes are a part of it"]),
    ]);
}

#[test]
fn options_that_name_another_directory() {
    for wrong in ["app", "app/sdk/service"] {
        let mut site = super::staged::site();
        let (wrong, root) = (site.at(wrong), site.root.display().to_string());
        site.option(["--root".into(), wrong]);
        site.is_mended_after("fail", "root", "does not look like a HeyGem SDK", |site, remedy| {
            assert_eq!(remedy, format!("--root {root}"));
            site.options.clear();
            site.apply(remedy);
        });
    }
}

#[test]
fn a_script_in_another_sdk() {
    let mut site: Subject = super::staged::site();
    let run =
        site.place.write(site.root.join("run.py"), "from service.trans_dh_service import TransDhTask\n");
    checked(Command::new("cp").arg("-a").arg(&site.root).arg(site.place.path("second")));
    let at = site.at("second");
    site.set("HEYGEM_DIR", at);
    let version = site.versioned();
    site.words([version, run.display().to_string()]);
    site.has("warn", "root", "is used, though the script lies in another SDK");
}
