//! What the user who runs the service may not read or write.

use std::process::Command;

use super::Subject;
use crate::support::build::checked;
use crate::support::fs::{chmod, remove};
use crate::support::place::LAUNCHER;
use crate::support::run::Run;
use crate::support::user::is_root;

/// The doctor's words, by a user to whom permissions apply. They are nothing to root, unless it lays that power down.
fn doctor(site: &Subject) -> String {
    asked(site, &["--root", &site.root.display().to_string()])
}

fn asked(site: &Subject, options: &[&str]) -> String {
    let mut command = site.place.command(if is_root() { "setpriv" } else { LAUNCHER });
    if is_root() {
        command.args(["--bounding-set", "-dac_override,-dac_read_search", LAUNCHER]);
    }
    command.arg("--doctor").args(options);
    site.with_variables(Run::new(command)).within(&site.app).run().stdout()
}

/// This is told and nothing else, with a remedy that mends it when it is typed into a shell.
#[track_caller]
fn is_told_and_mended(site: &Subject, check: &str, found: &str, remedy: &str) {
    let text = doctor(site);
    let told = format!("fail  {check:11}  {found}\n                   do: {remedy}\n");
    assert!(text.contains(&told) && text.matches("fail  ").count() == 1, "{told}\n{text}");
    checked(Command::new("sh").args(["-c", remedy]));
    let text = doctor(site);
    assert!(!text.contains("fail  "), "{remedy} mends nothing: {text}");
}

#[test]
fn a_module() {
    let site = Subject::new();
    let module = site.root.join(format!("h_utils/custom{}", site.python.ext_suffix));
    chmod(&module, 0o000);
    let found = format!("{} can't be loaded: Permission denied", module.display());
    is_told_and_mended(&site, "libraries", &found, &format!("chmod a+r {}", module.display()));
}

#[test]
fn the_directory_of_the_models() {
    let site = Subject::new();
    let models = site.at("app/sdk/models");
    chmod(std::path::Path::new(&models), 0o600);
    let found = format!("{models} can't be entered: Permission denied: none of its 1 models can be read");
    is_told_and_mended(&site, "models", &found, &format!("chmod a+rx {models}"));
}

#[test]
fn the_configuration() {
    let site = Subject::new();
    let file = site.at("app/sdk/config/config.ini");
    chmod(&file, 0o000);
    is_told_and_mended(&site, "config", &format!("{file}: Permission denied"), &format!("chmod a+r {file}"));
}

#[test]
fn directories_that_tasks_write_to() {
    let site = Subject::new();
    let log = site.at("app/sdk/log");
    chmod(&log, 0o555);
    let mend = format!("chmod u+rwx {log}");
    is_told_and_mended(&site, "config", &format!("{log} can't be written to"), &mend);
    // Nor can it be made.
    remove(site.root.join("log"));
    site.place.write("app/sdk/config/config.ini", "[log]\nlog_dir = ./var/log\n");
    let var = site.place.make_dir("app/sdk/var");
    chmod(&var, 0o555);
    let var = var.display();
    let found = format!("{var}/log is not there, and {var} can't be written to");
    is_told_and_mended(&site, "config", &found, &format!("chmod u+rwx {var} && mkdir -p {var}/log"));
}

#[test]
fn the_root() {
    let site = Subject::new();
    chmod(&site.root, 0o000);
    let text = doctor(&site);
    chmod(&site.root, 0o755);
    assert!(text.contains("can't be looked at: Permission denied"), "{text}");
    let root = site.root.display();
    let remedy = format!("do: chmod a+rx {root}\n");
    assert!(text.contains(&remedy), "{text}");
}

#[test]
fn every_place_for_the_bridge() {
    let mut site = Subject::new();
    for variable in ["XDG_CACHE_HOME", "HOME", "TMPDIR"] {
        site.set(variable, "/proc/nowhere");
    }
    let store = site.place.write("app/sdk/.heygem-run", "");
    site.is_mended_after("fail", "bridge", "no bridge can be built", |_, remedy| {
        assert!(remedy.starts_with(&format!(
            "give this user the right to write to {}, or heygem-run --prepare",
            store.display()
        )));
        remove(&store);
    });
}

#[test]
fn a_place_for_the_bridge_where_others_may_write() {
    let mut site = Subject::new();
    let store = site.place.make_dir("app/sdk/.heygem-run");
    chmod(&store, 0o777);
    let doubt = "a bridge that others could have made is not used: ";
    site.is_mended_after("warn", "bridge", doubt, |_, remedy| {
        assert_eq!(remedy, "remove it, or make it writable by its owner alone");
        chmod(&store, 0o755);
    });
}

#[test]
fn a_package() {
    let site = Subject::new();
    let package = site.place.make_dir("app/sdk/wenet");
    site.place.write("app/sdk/wenet/__init__.py", "");
    chmod(&package, 0o000);
    let (found, package) =
        (format!("{} can't be looked at: Permission denied", package.display()), package.display());
    is_told_and_mended(&site, "root", &found, &format!("chmod a+rx {package}"));
}

#[test]
fn a_root_that_nobody_names() {
    let site = Subject::new();
    chmod(&site.root, 0o000);
    let text = asked(&site, &[]);
    chmod(&site.root, 0o755);
    let root = site.root.display();
    let told = format!(
        "fail  root         {root} can't be looked at: Permission denied\n                   do: chmod a+rx {root}\n"
    );
    assert!(text.contains(&told) && text.matches("fail  ").count() == 1, "{text}");
}
