//! Shells between the launch and its Python: what their texts and their scripts do with PYTHONPATH.

use super::commands::launcher;
use super::{Healthy, app, files, filled, python, warns};
use crate::support::site::Site;

#[test]
fn a_text_of_a_shell_that_gives_its_python_another_path() {
    let table: [(&[&str], &str, &str, &str); 3] = [
        (
            &["sh", "-c", "PYTHONPATH=. exec {python} app.py"],
            "PYTHONPATH=. exec {python} app.py",
            r#"'PYTHONPATH=.:"$PYTHONPATH" exec {python} app.py'"#,
            r#"PYTHONPATH=.:"$PYTHONPATH" exec {python} app.py"#,
        ),
        (
            &["nohup", "bash", "-ec", "cd . && export PYTHONPATH='/x'; {python} app.py"],
            "export PYTHONPATH='/x'",
            r#"'cd . && export PYTHONPATH='\''/x'\'':"$PYTHONPATH"; {python} app.py'"#,
            r#"cd . && export PYTHONPATH='/x':"$PYTHONPATH"; {python} app.py"#,
        ),
        (
            &["sh", "-c", "unset PYTHONPATH; {python} app.py"],
            "unset PYTHONPATH",
            "'{python} app.py'",
            "{python} app.py",
        ),
    ];
    for (words, statement, written, kept) in table {
        let text = words[words.len() - 1];
        let told = |_: &Site| {
            let quoted = format!("'{}'", text.replace('\'', "'\\''"));
            let all = filled(&[&quoted, statement, written]);
            format!("{} takes the launch's PYTHONPATH away by {}: write {}", all[0], all[1], all[2])
        };
        let healthy: Vec<&str> = words[..words.len() - 1].iter().copied().chain([kept]).collect();
        warns(app(), words, told, Healthy::Words(healthy.leak())).check();
    }
}

#[test]
fn a_text_of_a_shell_that_runs_its_python_by_what_takes_the_path() {
    let table: [(&str, &str, &str); 3] = [
        ("env -i A=1 ", "env -i A=1 {python} app.py", "{python} app.py"),
        ("cd . && exec env -u PYTHONPATH ", "exec env -u PYTHONPATH {python} app.py", "{python} app.py"),
        ("cd ..; (env -i ", "(env -i {python} app/app.py)", "{python} app/app.py)"),
    ];
    for (before, statement, command) in table {
        let text: &str = format!("{before}{command}").leak();
        let kept = |site: &Site| {
            let launcher = launcher();
            format!("{before}{launcher} -r {} -- {command}", site.at("app/sdk")).replace("{python}", python())
        };
        let told = move |site: &Site| {
            let [text, statement] = [text, statement].map(|text| text.replace("{python}", python()));
            format!("'{text}' takes the launch's PYTHONPATH away by {statement}: write '{}'", kept(site))
        };
        let site = app();
        let healthy: &str = kept(&site).leak();
        let words: &[&str] = vec!["sh", "-c", healthy].leak();
        warns(site, vec!["sh", "-c", text].leak(), told, Healthy::Words(words)).check();
    }
}

#[test]
fn a_python_in_a_text_of_a_shell_that_ignores_the_path() {
    let table: [(&[&str], char, &str, &[&str]); 2] = [
        (
            &["sh", "-c", "cd . && {python} -I app.py; {python} -uE -c 1"],
            'I',
            "sh -c 'cd . && {python} app.py; {python} -u -c 1'",
            &["sh", "-c", "cd . && {python} app.py; {python} -u -c 1 -I"],
        ),
        (
            &["nohup", "bash", "-ec", "A=1 exec {python} -E app.py"],
            'E',
            "nohup bash -ec 'A=1 exec {python} app.py'",
            &["nohup", "bash", "-ec", "A=1 exec {python} app.py"],
        ),
    ];
    for (words, flag, line, healthy) in table {
        let told = |_: &Site| {
            format!(
                "-{flag} in the shell's text makes Python ignore PYTHONPATH: leave it out, do: heygem-run -- {}",
                line.replace("{python}", python())
            )
        };
        warns(app(), words, told, Healthy::Words(healthy)).check();
    }
}

#[test]
fn a_python_in_a_text_of_a_shell_that_the_sdk_is_not_compiled_for() {
    let old = || {
        let site = app().compiled_for("3.6");
        site.place.write_program("app/v/bin/python3.7", "#!/bin/sh\necho ran\n");
        site.place.write_program("app/v/bin/python3.6", "#!/bin/sh\necho ran\n");
        site
    };
    let told = |site: &Site| {
        format!(
            "{} is Python 3.7, and the SDK is compiled for 3.6: \
             the import will fail with No module named 'service.trans_dh_service'",
            site.at("app/v/bin/python3.7")
        )
    };
    for text in ["v/bin/python3.7 app.py", "echo x >/dev/null; exec v/bin/python3.7 app.py"] {
        let healthy = Healthy::Words(&["sh", "-c", "exec v/bin/python3.6 app.py"]);
        warns(old(), &["sh", "-c", text], told, healthy).check();
        let moved = Healthy::Words(&["sh", "-c", "cd sdk; ../v/bin/python3.7 app.py"]);
        warns(old(), &["sh", "-c", text], told, moved).check();
    }
}

#[test]
fn a_start_script_whose_python_ignores_the_path() {
    let site = app();
    let text = |flag: &str| format!("#!/bin/sh\ncd .\nexec {} {flag}app.py\n", python());
    site.place.write_program("app/start.sh", text("-I "));
    let mended = text("");
    let told = |site: &Site| {
        let script = site.at("app/start.sh");
        let python = python();
        format!(
            "{script}, line 3, has -I, which makes Python ignore PYTHONPATH: write there exec {python} app.py"
        )
    };
    let mend = move |site: &Site| drop(site.place.write_program("app/start.sh", &mended));
    warns(site, &["./start.sh"], told, files(mend)).check();
}

#[test]
fn a_start_script_that_gives_its_python_another_path() {
    const HEALTHY: &str = "#!/bin/sh\nexport PYTHONPATH=.:\"$PYTHONPATH\"\nexec {python} app.py\n";
    const TOLD: &str = r#"write there export PYTHONPATH=.:"$PYTHONPATH""#;
    let table: [(&[&str], &str, &str); 5] = [
        (&["./start.sh"], "#!/bin/sh\nexport PYTHONPATH=.\nexec {python} app.py\n", TOLD),
        (&["sh", "start.sh"], "#\nexport PYTHONPATH=.\nexec {python} app.py\n", TOLD),
        (&["nohup", "./start.sh"], "#!/usr/bin/env bash\nexport PYTHONPATH=.\n{python} app.py\n", TOLD),
        (
            &["env", "-C", ".", "bash", "-e", "start.sh"],
            "\nunset PYTHONPATH\n{python} app.py\n",
            "leave it out",
        ),
        (&["sh", "start.sh", "{python}", "app.py"], "\nexport PYTHONPATH=.\nexec \"$@\"\n", TOLD),
    ];
    for (words, text, advice) in table {
        let site = app();
        let filled_in = |text: &str| text.replace("{python}", python());
        // The bytes behind a script's text are no text.
        let archive = |text: &str| [filled_in(text).as_bytes(), b"exit 0\n\xff"].concat();
        site.place.write_program("app/start.sh", archive(text));
        let told = |site: &Site| {
            format!("{}, line 2, takes the launch's PYTHONPATH away: {advice}", site.at("app/start.sh"))
        };
        let healthy = HEALTHY.replace("exec {python} app.py", text.lines().last().unwrap_or_default());
        let mend = move |site: &Site| drop(site.place.write_program("app/start.sh", filled_in(&healthy)));
        warns(site, words, told, files(mend)).check();
    }
}
