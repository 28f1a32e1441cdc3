//! `--print-env`: read back by what reads each format.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use super::shells::shells;
use crate::support::place::Place;
use crate::support::probe::{Report, escaped, probe};
use crate::support::pythons::{Python, pythons};
use crate::support::run::Run;
use crate::support::snapshot::snapshot;
use crate::support::venv::venv;

/// Names of roots that a text can hold, and that tempt each format to read them as something else.
const NAMES: [&str; 7] =
    ["HeyGem", "a  b", r#"it's "q" \n"#, "数字人", "#a #b", "%h 50%", "$HOME ~ `x` {a,b} !x;&"];

fn text(path: &Path) -> String {
    path.to_str().expect("text").to_owned()
}

fn print_env(place: &Place, format: &str, root: &str) -> Run {
    place.launch([format!("--print-env{format}"), "-r".into(), root.into(), "-L".into(), "lib".into()])
}

/// What a launch with the same options gives the target: HEYGEM_DIR, PYTHONPATH and LD_LIBRARY_PATH.
fn launched(place: &Place, root: &str) -> [String; 3] {
    let words = [OsStr::new("-r"), OsStr::new(root), OsStr::new("-L"), OsStr::new("lib"), OsStr::new("--")];
    let report = Report::of(place.launch(words.iter().copied().chain([probe().as_os_str()])));
    variables(&report)
}

fn variables(report: &Report) -> [String; 3] {
    ["HEYGEM_DIR", "PYTHONPATH", "LD_LIBRARY_PATH"]
        .map(|name| report.variable(name).expect("it is set").to_owned())
}

fn any_python() -> &'static Python {
    pythons().iter().rfind(|python| python.has_pip).expect("one that can make a virtual environment")
}

#[test]
fn a_shell_reads_back_what_a_launch_sets() {
    let place = Place::new();
    let odd: [&[u8]; 2] = [b"a\nb\n", b"\xff'\\"];
    let rows = NAMES.iter().map(|name| (name.as_bytes(), false)).chain(odd.map(|name| (name, true)));
    for (name, needs_ansi_c) in rows {
        let root = place.make_far_root(OsStr::from_bytes(name));
        let form = [OsStr::new("--print-env"), OsStr::new("-r"), root.as_os_str()];
        let printed = place.launch(form).run();
        printed.is(0, printed.stdout_bytes(), "");
        let launch = [OsStr::new("-r"), root.as_os_str(), OsStr::new("--")];
        let launched = Report::of(place.launch(launch.iter().copied().chain([probe().as_os_str()])));
        for shell in shells().filter(|shell| shell.knows_ansi_c || !needs_ansi_c) {
            // The text is the value of a variable, so nothing but `eval` reads it.
            let script = b"eval \"$PRINTED\"\nunset PRINTED\nexec \"$PROBE\"\n";
            let run = shell.reads(&place, script);
            let run = run.env("PRINTED", OsStr::from_bytes(printed.stdout_bytes())).env("PROBE", probe());
            let read = Report::of(run);
            for name in ["HEYGEM_DIR", "PYTHONPATH"] {
                assert_eq!(read.variable(name), launched.variable(name), "{shell:?} made of {printed}");
            }
            assert_eq!(read.one("cwd"), escaped(&place.dir), "the directory stays");
        }
    }
}

#[test]
fn json_is_read_back_by_python() {
    const READ: &str = "import json, os, sys
for text in sys.argv[1:]:
    read = json.loads(text)
    assert list(read) == ['cwd', 'env'], read
    print(read['cwd'], *[read['env'][name] for name in ('HEYGEM_DIR', 'PYTHONPATH', 'LD_LIBRARY_PATH')], sep='\\n')
";
    let place = Place::new();
    let mut texts = Vec::new();
    let mut expected = String::new();
    for name in NAMES {
        let root = text(&place.make_far_root(name));
        texts.push(print_env(&place, "=json", &root).run().succeeded());
        expected += &format!("None\n{}\n", launched(&place, &root).join("\n"));
    }
    let mut command = place.command(&any_python().path);
    command.args(["-c", READ]).args(texts).env("PYTHONUTF8", "1");
    assert_eq!(escaped_lines(&Run::new(command).run().succeeded()), expected);
}

#[test]
fn dotenv_is_read_back_by_python_dotenv() {
    const READ: &str = "import dotenv, sys
for file in sys.argv[1:]:
    print(*dotenv.dotenv_values(file).values(), sep='\\n')
";
    let place = Place::new();
    let reader = venv(&any_python().path, "dotenv", &["python-dotenv==1.0.1"]).join("bin/python");
    let mut command = place.command(reader);
    command.args(["-I", "-X", "utf8", "-c", READ]);
    let mut expected = String::new();
    for (index, name) in NAMES.into_iter().enumerate() {
        let root = text(&place.make_far_root(name));
        let printed = print_env(&place, "=dotenv", &root).run();
        if name.contains(['$', '#', '\\', '\'', '"', '`']) || name.trim() != name {
            assert!(
                printed.code() == Some(125) && printed.stderr().contains("dotenv can't hold"),
                "{printed}"
            );
            continue;
        }
        printed.is(0, printed.stdout_bytes(), "");
        command.arg(place.write(format!("{index}.env"), printed.stdout_bytes()));
        expected += &(launched(&place, &root).join("\n") + "\n");
    }
    assert_eq!(escaped_lines(&Run::new(command).run().succeeded()), expected);
}

/// Lines as the probe would write them.
fn escaped_lines(text: &str) -> String {
    text.lines().map(|line| escaped(line) + "\n").collect()
}

/// What is printed for the root `<place>/roots/<name>` with `-L lib`; `@` stands for the place, `^` for the bridge's name.
#[track_caller]
fn assert_printed(place: &Place, format: &str, name: &str, expected: &str) {
    let root = text(&place.make_far_root(name));
    let bridge = launched(place, &root)[1].rsplit('/').next().expect("a name").to_owned();
    let here = place.dir.to_str().expect("text");
    print_env(place, format, &root).prints(expected.replace('^', &bridge).replace('@', here));
}

#[test]
fn every_format_is_written_as_its_reader_wants_it() {
    let place = Place::new();
    let rows = [
        (
            "",
            "a  b",
            "export HEYGEM_DIR='@/roots/a  b'\n\
             export PYTHONPATH='@/roots/a  b:@/roots:@/roots/a  b/.heygem-run/^'\n\
             export LD_LIBRARY_PATH=@/lib\n",
        ),
        (
            "=sh",
            "sdk",
            "export HEYGEM_DIR=@/roots/sdk\n\
             export PYTHONPATH=@/roots/sdk:@/roots:@/roots/sdk/.heygem-run/^\n\
             export LD_LIBRARY_PATH=@/lib\n",
        ),
        (
            "=docker",
            "sdk",
            "ENV HEYGEM_DIR=\"@/roots/sdk\"\n\
             ENV PYTHONPATH=\"@/roots/sdk:@/roots:@/roots/sdk/.heygem-run/^\"\n\
             ENV LD_LIBRARY_PATH=\"@/lib\"\n",
        ),
        (
            "=docker",
            r#"it's "q" \n $x <<E"#,
            "ENV HEYGEM_DIR=\"@/roots/it's \\\"q\\\" \\\\n \\$x <<E\"\n\
             ENV PYTHONPATH=\"@/roots/it's \\\"q\\\" \\\\n \\$x <<E:@/roots:\
             @/roots/it's \\\"q\\\" \\\\n \\$x <<E/.heygem-run/^\"\n\
             ENV LD_LIBRARY_PATH=\"@/lib\"\n",
        ),
        (
            "=systemd",
            "50% \"q\" \\n 数字",
            "Environment=\"HEYGEM_DIR=@/roots/50%% \\\"q\\\" \\\\n 数字\"\n\
             Environment=\"PYTHONPATH=@/roots/50%% \\\"q\\\" \\\\n 数字:@/roots:\
             @/roots/50%% \\\"q\\\" \\\\n 数字/.heygem-run/^\"\n\
             Environment=\"LD_LIBRARY_PATH=@/lib\"\n",
        ),
        // Bare, since Docker's --env-file takes quotes for a part of the value. What readers disagree on is refused.
        (
            "=dotenv",
            "a b 数字",
            "HEYGEM_DIR=@/roots/a b 数字\n\
             PYTHONPATH=@/roots/a b 数字:@/roots:@/roots/a b 数字/.heygem-run/^\n\
             LD_LIBRARY_PATH=@/lib\n",
        ),
        (
            "=json",
            "\"q\" 数字",
            "{\n  \"cwd\": null,\n  \"env\": {\n    \
             \"HEYGEM_DIR\": \"@/roots/\\\"q\\\" 数字\",\n    \
             \"LD_LIBRARY_PATH\": \"@/lib\",\n    \
             \"PYTHONPATH\": \"@/roots/\\\"q\\\" 数字:@/roots:@/roots/\\\"q\\\" 数字/.heygem-run/^\"\n  }\n}\n",
        ),
    ];
    for (format, name, expected) in rows {
        assert_printed(&place, format, name, expected);
    }
}

#[test]
fn the_directory_is_the_targets() {
    let place = Place::new();
    place.make_root("sdk");
    let here = place.dir.display();
    let rows: [(&[&str], String, String); 3] = [
        (&[], format!("WORKDIR \"{here}/sdk\"\n"), format!("WorkingDirectory={here}/sdk\n")),
        (&["-C", "home"], format!("WORKDIR \"{here}/home\"\n"), format!("WorkingDirectory={here}/home\n")),
        (&["--no-chdir"], String::new(), String::new()),
    ];
    let head = format!("HEYGEM_DIR={here}/sdk");
    for (options, docker, systemd) in rows {
        let run = |format: &'static str| place.launch([&["--no-bridge", format], options].concat());
        run("--print-env=docker")
            .prints(format!("ENV HEYGEM_DIR=\"{here}/sdk\"\nENV PYTHONPATH=\"{here}/sdk:{here}\"\n{docker}"));
        run("--print-env=systemd").prints(format!(
            "{systemd}Environment=\"{head}\"\nEnvironment=\"PYTHONPATH={here}/sdk:{here}\"\n"
        ));
        // The others have no word for it.
        run("--print-env=dotenv").prints(format!("{head}\nPYTHONPATH={here}/sdk:{here}\n"));
        run("--print-env").prints(format!("export {head}\nexport PYTHONPATH={here}/sdk:{here}\n"));
    }
    let json = place.launch(["--no-bridge", "--no-chdir", "--print-env=json"]).run().succeeded();
    assert!(json.starts_with("{\n  \"cwd\": null,\n"), "{json}");
}

#[test]
fn what_a_format_cannot_hold_is_an_error() {
    let place = Place::new();
    let not_text = OsStr::from_bytes(b"\xffa");
    let rows = [
        ("docker", not_text, "docker is text, and HEYGEM_DIR is not UTF-8: $'@/\\xffa'"),
        ("systemd", not_text, "systemd is text, and HEYGEM_DIR is not UTF-8: $'@/\\xffa'"),
        ("dotenv", not_text, "dotenv is text, and HEYGEM_DIR is not UTF-8: $'@/\\xffa'"),
        ("json", not_text, "json is text, and HEYGEM_DIR is not UTF-8: $'@/\\xffa'"),
        ("docker", OsStr::new("a\nb"), "docker can't hold the control characters of HEYGEM_DIR: $'@/a\\nb'"),
        (
            "systemd",
            OsStr::new("a\tb"),
            "systemd can't hold the control characters of HEYGEM_DIR: $'@/a\\tb'",
        ),
        (
            "dotenv",
            OsStr::new("a\rb"),
            "dotenv can't hold the control characters of HEYGEM_DIR: $'@/a\\x0db'",
        ),
        (
            "dotenv",
            OsStr::new("${HOME}"),
            "dotenv can't hold HEYGEM_DIR: its readers disagree on quotes, $, #, \\ and blanks at the ends: '@/${HOME}'",
        ),
        (
            "dotenv",
            OsStr::new("$a\\b"),
            "dotenv can't hold HEYGEM_DIR: its readers disagree on quotes, $, #, \\ and blanks at the ends: '@/$a\\b'",
        ),
    ];
    for (format, name, message) in rows {
        let root = place.make_root(name);
        let message = message.replace('@', place.dir.to_str().expect("text"));
        let words: [OsString; 3] = [format!("--print-env={format}").into(), "-r".into(), root.into()];
        place
            .launch(words)
            .fails(125, format!("heygem-run: error: {message}\nhint: --print-env=sh can write every byte\n"));
    }
    place.launch(["--print-env=yaml"]).run().is(
        125,
        "",
        "heygem-run: error: invalid value 'yaml' for '--print-env[=<FORMAT>]'\n  \
         [possible values: sh, docker, systemd, dotenv, json]\n\
         hint: heygem-run --help lists the options\n",
    );
}

#[test]
fn the_bridge_is_built_once_for_what_is_printed() {
    let place = Place::new();
    let root = place.make_root("sdk");
    place.launch(["--print-env", "--no-bridge"]).run().succeeded();
    assert!(!root.join(".heygem-run").exists(), "none was asked for");
    let printed = place.launch(["--print-env=dotenv"]).run().succeeded();
    let bridge = printed.trim_end().rsplit(':').next().expect("an entry");
    assert!(Path::new(bridge).join("trans_dh_service.py").is_file(), "{printed}");
    place.launch(["--prepare"]).prints(format!("{bridge}\n"));
    let before = snapshot(&root);
    place.launch(["--print-env=dotenv"]).prints(printed);
    assert_eq!(snapshot(&root), before);
}

#[test]
fn warnings_are_errors_under_strict_here_too() {
    let place = Place::new();
    let here = place.dir.display();
    place.make_dir("other");
    let warning = format!(
        "{here}/other (--root) does not look like a HeyGem SDK: no service/ directory; name the directory that has service/trans_dh_service in it: --root DIR"
    );
    let env = format!("HEYGEM_DIR={here}/other\nPYTHONPATH={here}/other:{here}\n");
    place
        .launch(["--print-env=dotenv", "-r", "other"])
        .prints_and_warns(env, format!("heygem-run: warning: {warning}\n"));
    place.launch(["--print-env=dotenv", "-r", "other", "--strict"]).fails(
        125,
        format!("heygem-run: error: {warning}\nhint: --strict treats this warning as an error\n"),
    );
}
