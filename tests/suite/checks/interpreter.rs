//! The interpreter: its version, and flags that make it ignore PYTHONPATH.

use super::{Healthy, app, dotted, files, filled, python, warns};
use crate::support::pythons::pythons;
use crate::support::site::Site;

#[test]
fn an_interpreter_of_another_version_than_the_sdk() {
    let version = dotted(&pythons()[0]);
    let warning = {
        let version = version.clone();
        move |_: &Site| {
            let python = python();
            format!(
                "{python} is Python {version}, and the SDK is compiled for 3.6: the import will fail with No module named 'service.trans_dh_service'"
            )
        }
    };
    let table: [&[&str]; 4] =
        [&["app.py"], &["{python}", "app.py"], &["{python}", "-c", "print('ran')"], &["-m", "app_module"]];
    for words in table {
        let site = app().compiled_for("3.6");
        site.place.write("app/app_module.py", "print('ran')\n");
        let version = version.clone();
        let add_version = files(move |site| {
            site.add_module("trans_dh_service", &version);
        });
        warns(site, words, &warning, add_version).check();
    }
    // An SDK for any version, and a program that is no Python, have nothing to differ in.
    let site = app().compiled_for("3.6");
    site.launch(["--strict", "sh", "-c", "echo ran"]).prints("ran\n");
}

#[test]
fn a_script_whose_interpreter_is_of_another_version() {
    let site = app().compiled_for("3.6");
    let version = dotted(&pythons()[0]);
    let shebang = format!("#!{}\nprint('ran')\n", python());
    site.place.write_program("app/sdk/tool", &shebang);
    let told = |site: &Site| {
        format!(
            "{}/sdk/tool is Python {version}, and the SDK is compiled for 3.6: the import will fail with No module named 'service.trans_dh_service'",
            site.cwd.display()
        )
    };
    site.place.write_program("app/sdk/other", "#!/bin/sh\necho ran\n");
    warns(site, &["sdk/tool"], told, Healthy::Words(&["sdk/other"])).check();
}

#[test]
fn isolation_flags_make_python_ignore_pythonpath() {
    let table: [(&[&str], char, &str, &[&str]); 5] = [
        (&["{python}", "-E", "app.py"], 'E', "{script}", &["{python}", "app.py", "-E"]),
        (&["{python}", "-I", "app.py"], 'I', "{script}", &["{python}", "-s", "app.py", "-I"]),
        (
            &["{python}", "-uEX", "dev", "app.py"],
            'E',
            "-uX dev {script}",
            &["{python}", "-uX", "E", "app.py"],
        ),
        (
            &["{python}", "-IBc", "print('ran')"],
            'I',
            r#"-Bc 'print('\''ran'\'')'"#,
            &["{python}", "-Bc", "print('ran')", "-I"],
        ),
        (&["-p", "{python} -E", "app.py"], 'E', "{script}", &["-p", "{python} -s", "app.py", "-E"]),
    ];
    for (words, letter, without, healthy) in table {
        let told = |site: &Site| {
            let without = without.replace("{script}", &site.at("app/app.py"));
            format!(
                "-{letter} on the command line makes Python ignore PYTHONPATH: \
                 leave it out, do: heygem-run -- {} {without}",
                python()
            )
        };
        warns(app(), words, told, Healthy::Words(healthy)).check();
    }
}

#[test]
fn isolation_flags_in_a_shebang_are_found() {
    let table =
        [("{python} -E", 'E', ""), ("{python} -I", 'I', ""), ("/usr/bin/env -S {python} -u -I", 'I', " -u")];
    for (line, letter, flags) in table {
        let site = app();
        let script = |line: &str| format!("#!{}\nprint('ran')\n", filled(&[line])[0]);
        site.place.write_program("app/sdk/isolated", script(line));
        site.place.write_program("app/sdk/tool", script("{python} -u"));
        let told = |site: &Site| {
            let script = site.at("app/sdk/isolated");
            format!(
                "-{letter} in the #! line of {script} makes Python ignore PYTHONPATH: \
                 leave it out, do: heygem-run -- env {}{flags} {script}",
                python()
            )
        };
        warns(site, &["sdk/isolated"], told, Healthy::Words(&["sdk/tool", "-E"])).check();
    }
}
