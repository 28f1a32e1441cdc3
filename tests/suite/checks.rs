//! What is worth a warning: each beside a healthy twin that differs in nothing else.

use std::fs;
use std::path::Path;

use crate::support::build::expect;
use crate::support::fs::chmod;
use crate::support::place::LAUNCHER;
use crate::support::pythons::{Python, pythons};
use crate::support::run::Run;
use crate::support::site::Site;

/// A launch in `app` that prints `ran`, and its twin.
struct Row {
    site: Site,
    words: Vec<String>,
    variables: Vec<(&'static str, String)>,
    warning: String,
    healthy: Healthy,
}

/// What mends it.
enum Healthy {
    /// Other words.
    Words(&'static [&'static str]),
    /// Other files.
    Files(Box<dyn Fn(&Site)>),
    /// No variable.
    Variables,
}

/// An app with an SDK, and a script that prints `ran`, for an interpreter that is named.
fn app() -> Site {
    let site = Site::in_app().with("HEYGEM_PYTHON", python());
    site.place.write("app/app.py", "print('ran')\n");
    site
}

fn python() -> &'static str {
    pythons()[0].path.to_str().expect("text")
}

/// Words with `{python}` for the interpreter's path.
fn filled(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| word.replace("{python}", python())).collect()
}

/// A row by its words; the warning knows the site.
fn warns(site: Site, words: &[&str], warning: impl FnOnce(&Site) -> String, healthy: Healthy) -> Row {
    Row { warning: warning(&site), site, words: filled(words), variables: Vec::new(), healthy }
}

impl Row {
    fn with(mut self, variable: &'static str, value: impl FnOnce(&Site) -> String) -> Self {
        self.variables.push((variable, value(&self.site)));
        self
    }

    fn launch(&self, options: &[&str], words: &[String]) -> Run {
        let all = options.iter().copied().chain(words.iter().map(String::as_str));
        self.variables.iter().fold(self.site.launch(all), |run, (name, value)| run.env(name, value))
    }

    /// Warns; holds its tongue; refuses; and has nothing to say of the twin.
    fn check(mut self) {
        let told = format!("heygem-run: warning: {}\n", self.warning);
        let refused =
            format!("heygem-run: error: {}\nhint: --strict treats this warning as an error\n", self.warning);
        println!("{}", self.warning);
        self.launch(&[], &self.words).prints_and_warns("ran\n", &told);
        self.launch(&["-q"], &self.words).prints("ran\n");
        self.launch(&["--strict"], &self.words).fails(125, &refused);
        match &self.healthy {
            Healthy::Words(words) => self.words = filled(words),
            Healthy::Files(mend) => mend(&self.site),
            Healthy::Variables => self.variables.clear(),
        }
        self.launch(&["--strict"], &self.words).prints("ran\n");
    }
}

fn files(mend: impl Fn(&Site) + 'static) -> Healthy {
    Healthy::Files(Box::new(mend))
}

fn dotted(python: &Python) -> String {
    format!("{}.{}", python.major_minor.0, python.major_minor.1)
}

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

#[test]
fn a_service_package_of_the_apps_own_hides_the_sdks() {
    let table: [(&str, &[&str]); 8] = [
        ("app/service/__init__.py", &["app.py"]),
        ("app/service.py", &["{python}", "-u", "app.py"]),
        ("app/service.py", &["nohup", "{python}", "app.py"]),
        ("app/service/__init__.py", &["-m", "app"]),
        ("app/service.py", &["{python}", "-c", "print('ran')"]),
        ("app/service.py", &["-C", ".", "-m", "app"]),
        ("app/sdk/tools/service/__init__.py", &["sdk/tools/run.py"]),
        ("app/sdk/tools/service/__init__.py", &["{python}", "tools/run.py"]), // found in the root
    ];
    for (own, words) in table {
        let site = app();
        site.place.write("app/sdk/tools/run.py", "print('ran')\n");
        site.place.write(own, "");
        let told = |site: &Site| format!("{} hides the SDK's own service package: rename it", site.at(own));
        // A directory without __init__.py gives way to the package.
        let mend = files(move |site| {
            let own = site.place.path(own);
            expect(fs::rename(&own, own.with_file_name("renamed.py")), "rename", &own);
        });
        warns(site, words, told, mend).check();
    }
}

#[test]
fn a_service_package_where_python_does_not_look_first_hides_nothing() {
    let site = app();
    site.place.write("app/service.py", "");
    site.place.write("app/sdk/run.py", "print('ran')\n");
    site.place.link("sdk", "app/current");
    // The SDK's own script sees its own package, by whatever link.
    let table: [&[&str]; 5] = [
        &["-C", "sdk", "{python}", "-c", "print('ran')"],
        &["sh", "-c", "echo ran"],
        &["sdk/run.py"],
        &["current/run.py"],
        &["run.py"],
    ];
    for words in table {
        let words = [vec!["--strict".into(), "--root".into(), "sdk".into()], filled(words)].concat();
        site.launch(words).prints("ran\n");
    }
}

/// A script starts in the root, and everything does without the bridge: there, a relative path is another file, or none.
#[test]
fn an_argument_that_names_another_file_where_the_command_starts() {
    const NONE: &str = "none";
    const ANOTHER: &str = "another one";
    type Row<'a> = (&'a [&'a str], &'a str, &'a str, &'a str, &'a [&'a str]);
    let table: [Row; 14] = [
        (&["app.py", "./a.wav"], "./a.wav", NONE, "@a.wav", &["-C", ".", "app.py", "./a.wav"]),
        (&["app.py", "-i", "in/b.wav"], "in/b.wav", NONE, "@in/b.wav", &["app.py", "-i", "in/c.wav"]),
        (&["{python}", "app.py", "in/b.wav"], "in/b.wav", NONE, "@in/b.wav", &["{python}", "app.py", "in"]),
        (&["{python}", "app.py", "../c.wav"], "../c.wav", NONE, "@../c.wav", &["app.py", "../d.wav"]),
        (&["-p", "env {python}", "app.py", "a.wav"], "a.wav", NONE, "@a.wav", &["app.py"]),
        (&["app.py", "--audio=a.wav"], "--audio=a.wav", NONE, "--audio=@a.wav", &["app.py", "--audio=z.wav"]),
        (&["app.py", "-ia.wav"], "-ia.wav", NONE, "-i@a.wav", &["app.py", "-iz.wav"]),
        (&["app.py", "file:a.wav"], "file:a.wav", NONE, "file:@a.wav", &["app.py", "file:z.wav"]),
        // A module or a script of the user's that starts where the user stands has imported the SDK before it looks at them.
        (
            &["-m", "app", "--audio=a.wav"],
            "--audio=a.wav",
            NONE,
            "--audio=@a.wav",
            &["-m", "app", "--audio=z.wav"],
        ),
        (
            &["nohup", "{python}", "app.py", "a.wav"],
            "a.wav",
            NONE,
            "@a.wav",
            &["nohup", "{python}", "app.py"],
        ),
        (&["app.py", "--out", "in"], "in", NONE, "@in", &["app.py", "in"]),
        (&["app.py", "both.txt"], "both.txt", ANOTHER, "@both.txt", &["app.py", "z.txt"]),
        (&["app.py", "--out", "./both"], "./both", ANOTHER, "@both", &["app.py", "both"]),
        (
            &["--no-bridge", "sh", "-c", "echo ran", "a.wav"],
            "a.wav",
            NONE,
            "@a.wav",
            &["sh", "-c", "echo ran", "a.wav"],
        ),
    ];
    for (words, word, there, written, healthy) in table {
        let site = app();
        for name in ["app/a.wav", "app/in/b.wav", "c.wav", "app/both.txt", "app/sdk/both.txt"] {
            site.place.write(name, "");
        }
        for name in ["app/both", "app/sdk/both"] {
            site.place.make_dir(name);
        }
        let told = |site: &Site| {
            let written = written.replace('@', &format!("{}/", site.at("app")));
            let root = site.root.display();
            format!("{word} names a file here, and {there} in {root}, where the SDK runs: write {written}")
        };
        warns(site, words, told, Healthy::Words(healthy)).check();
    }
}

/// A server starts where the user stands, and makes some of its files after the import of the SDK has led it to the root.
#[test]
fn a_file_that_a_server_makes_late() {
    let table: [(&[&str], &str, &str, &[&str]); 6] = [
        (&["./uvicorn", "--uds", "x.sock"], "x.sock", "@x.sock", &["./uvicorn", "--uds", "/x.sock"]),
        (&["./uvicorn", "--uds=x.sock"], "--uds=x.sock", "--uds=@x.sock", &["./uvicorn", "--port", "1"]),
        (&["nohup", "./celery", "--pidfile", "x.pid"], "x.pid", "@x.pid", &["nohup", "./celery", "x.pid"]),
        (
            &["./hypercorn", "-w0", "--error-log", "x.log"],
            "x.log",
            "@x.log",
            &["./hypercorn", "-w0", "-b", "unix:x"],
        ),
        (
            &["./uvicorn", "--workers", "1", "--uds", "x"],
            "x",
            "@x",
            &["./uvicorn", "--workers", "2", "--uds", "x"],
        ),
        (
            &["./waitress-serve", "--unix-socket=x"],
            "--unix-socket=x",
            "--unix-socket=@x",
            &["./gunicorn", "--preload", "-p", "x.pid", "-b", "unix:x", "--log-file", "x.log"],
        ),
    ];
    for (words, word, written, healthy) in table {
        let site = app();
        for name in ["uvicorn", "celery", "gunicorn", "hypercorn", "waitress-serve"] {
            site.place.write_program(format!("app/{name}"), "#!/bin/sh\necho ran\n");
        }
        let told = |site: &Site| {
            let written = written.replace('@', &format!("{}/", site.at("app")));
            format!(
                "{word} is relative, and is used after the process has gone to the SDK's directory: write {written}"
            )
        };
        warns(site, words, told, Healthy::Words(healthy)).check();
    }
}

#[test]
fn what_keeps_a_server_from_starting_children() {
    let servers = || {
        let site = app();
        for name in ["hypercorn", "opentelemetry-instrument"] {
            site.place.write_program(format!("app/{name}"), "#!/bin/sh\necho ran\n");
        }
        site
    };
    let told = |_: &Site| {
        "hypercorn's workers are daemonic processes, which can't start child processes: add -w 0".into()
    };
    let healthy = Healthy::Words(&["./hypercorn", "app:app", "-w", "0"]);
    warns(servers(), &["./hypercorn", "app:app"], told, healthy).check();
    for (config, file) in [("h.toml", "h.toml"), ("file:h.py", "h.py"), ("python:h.conf", "h/conf.py")] {
        let site = servers();
        site.place.write(Path::new("app").join(file), "workers = 2\n");
        let mend = move |site: &Site| drop(site.place.write(Path::new("app").join(file), "workers = 0\n"));
        warns(site, &["./hypercorn", "-c", config, "app:app"], told, files(mend)).check();
    }
    let told = |site: &Site| {
        let program = site.at("app/opentelemetry-instrument");
        format!(
            "the start-up code of {program} keeps that of the bridge from running: \
             do: heygem-run -- {program} heygem-run -- sh -c true"
        )
    };
    let words = &["./opentelemetry-instrument", "sh", "-c", "true"];
    warns(servers(), words, told, Healthy::Words(&["sh", "-c", "echo ran"])).check();
}

/// The launcher's own file, as the kernel knows it.
fn launcher() -> String {
    let path = std::fs::canonicalize(LAUNCHER).expect("the launcher is there");
    path.to_str().expect("text").to_owned()
}

#[test]
fn programs_that_take_pythonpath_away() {
    let table: [(&[&str], &str, &str, &[&str]); 4] = [
        (&["env", "-u", "PYTHONPATH"], "env", "", &["env", "-u", "LANG", "sh", "-c", "echo ran"]),
        (&["nohup", "env", "PYTHONPATH=."], "nohup", "", &["nohup", "env", "X=.", "sh", "-c", "echo ran"]),
        (&["./sudo", "-E"], "@sudo", "", &["./sudo", "--preserve-env=PYTHONPATH", "sh", "-c", "echo ran"]),
        (&["-r", "sdk", "--", "./sudo"], "@sudo", " -r @sdk", &["sh", "-c", "echo ran"]),
    ];
    for (words, program, root, healthy) in table {
        let site = app();
        // Stands in for what asks for a password: it drops its options, and runs the rest.
        site.place.write_program(
            "app/sudo",
            "#!/bin/sh\nwhile :; do case $1 in -*) shift ;; *) exec \"$@\" ;; esac; done\n",
        );
        let told = |site: &Site| {
            let at = |text: &str| text.replace('@', &format!("{}/", site.at("app")));
            let own = words.iter().skip_while(|word| ["-r", "sdk", "--"].contains(word));
            let own: Vec<_> = own.map(|word| word.replace("PYTHONPATH=.", "'PYTHONPATH=.'")).collect();
            let own = own.join(" ").replace("./sudo", &at("@sudo"));
            let (program, launcher, root) = (at(program), launcher(), at(root));
            format!(
                "{program} takes PYTHONPATH away from what it runs: \
                 do: heygem-run -- {own} {launcher}{root} -- sh -c 'echo ran'"
            )
        };
        let words: Vec<_> = words.iter().chain(&["sh", "-c", "echo ran"]).copied().collect();
        warns(site, &words, told, Healthy::Words(healthy)).check();
    }
}

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
fn strict_and_quiet_apply_to_warnings_of_other_steps() {
    let echo: &[&str] = &["sh", "-c", "echo ran"];
    let site = app();
    chmod(&site.cwd, 0o777);
    let told = |site: &Site| {
        format!("everyone can write to {}, and PYTHONPATH has it: move the SDK", site.at("app"))
    };
    warns(site, &["--root", "sdk", "app.py"], told, files(|site| chmod(&site.cwd, 0o775))).check();

    let told = |site: &Site| {
        let package = site.at("app/sdk/service");
        format!(
            "PYTHONPATH has {package}: child processes will fail with `attempted relative import with no known parent package`; take it out"
        )
    };
    let row = warns(app(), echo, told, Healthy::Variables);
    row.with("PYTHONPATH", |site| site.at("app/sdk/service/")).check();

    let told = |site: &Site| {
        let package = site.at("app/sdk/service");
        format!(
            "PYTHONPATH has {package}: child processes will fail with `attempted relative import with no known parent package`; take it out"
        )
    };
    let site = app();
    site.place.link(&site.root, "link");
    let row = warns(site, echo, told, Healthy::Variables);
    row.with("PYTHONPATH", |site| site.at("link/service")).check();

    let told = |_: &Site| "--python has no effect on a command: sh runs as it is".into();
    warns(app(), &["-p", "{python}", "sh", "-c", "echo ran"], told, Healthy::Words(echo)).check();

    let told = |site: &Site| {
        let (other, root) = (site.at("other"), site.root.display());
        format!("HEYGEM_DIR={other} is used, though the working directory is inside another SDK, {root}")
    };
    let mut site = app();
    site.place.make_root("other");
    site.cwd.clone_from(&site.root);
    warns(site, echo, told, Healthy::Variables).with("HEYGEM_DIR", |site| site.at("other")).check();

    let told = |site: &Site| {
        format!("{} (--root) does not look like a HeyGem SDK: no service/ directory", site.at("app"))
    };
    warns(app(), &["-r", ".", "sh", "-c", "echo ran"], told, Healthy::Words(echo)).check();

    let told = |site: &Site| {
        let python = site.at("bin/python3");
        format!("VIRTUAL_ENV=/nowhere has no Python whose version can be told: {python} is used")
    };
    let site = app();
    site.place.link(python(), "bin/python3");
    let row = warns(site, &["app.py"], told, Healthy::Variables).with("VIRTUAL_ENV", |_| "/nowhere".into());
    row.with("HEYGEM_PYTHON", |_| String::new()).with("PATH", |site| site.at("bin")).check();
}

#[test]
fn several_warnings_are_all_told_and_strictness_fails_for_the_first() {
    let site = app();
    site.place.write("app/service.py", "");
    site.place.write("app/a.wav", "");
    let own = format!("{} hides the SDK's own service package: rename it", site.at("app/service.py"));
    let root = site.root.display();
    let file = format!(
        "a.wav names a file here, and none in {root}, where the SDK runs: write {}",
        site.at("app/a.wav")
    );
    let launch = |options: &[&str]| {
        let words = [options, &["app.py", "a.wav"]].concat();
        site.launch(words)
    };
    let warnings = format!("heygem-run: warning: {own}\nheygem-run: warning: {file}\n");
    launch(&[]).prints_and_warns("ran\n", &warnings);
    launch(&["-q"]).prints("ran\n");
    for lenient in ["", "0", "No", "false", "OFF"] {
        launch(&[]).env("HEYGEM_STRICT", lenient).prints_and_warns("ran\n", &warnings);
        launch(&["-q"]).env("HEYGEM_STRICT", lenient).prints("ran\n");
    }
    let strict = format!(
        "heygem-run: warning: {file}\nheygem-run: error: {own}\nhint: --strict treats this warning as an error\n"
    );
    for options in [["--strict"].as_slice(), &["-q", "--strict"], &["-n", "--strict"]] {
        launch(options).fails(125, &strict);
    }
    for options in [[].as_slice(), &["-q"], &["-n"]] {
        launch(options).env("HEYGEM_STRICT", "1").fails(125, &strict);
    }
}

#[test]
fn a_healthy_launch_says_nothing() {
    let site = app().compiled_for(&dotted(&pythons()[0]));
    // Python's own words are none of the script's arguments.
    for name in ["app/app", "app/ignore", "app/dev"] {
        site.place.write(name, "");
    }
    let table: [&[&str]; 6] = [
        &["{python}", "-X", "dev", "-W", "ignore", "app.py"],
        &["app.py", "--input", "nothing.wav", "-E", "/tmp", "", "."],
        &["{python}", "-u", "app.py", "-I"],
        &["-m", "app", "nothing"],
        &["{python}", "-c", "print('ran')"],
        &["sh", "-c", "echo ran"],
    ];
    for words in table {
        let launch = |options: &[&str]| {
            let words = options.iter().map(|word| (*word).to_owned()).chain(filled(words));
            site.launch(words)
        };
        launch(&["--strict"]).prints("ran\n");
        launch(&[]).prints("ran\n");
    }
}
