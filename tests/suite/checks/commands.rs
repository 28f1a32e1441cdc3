//! Commands that would do something else than their words say.

use std::path::Path;

use super::{Healthy, app, files, python, warns};
use crate::support::place::LAUNCHER;
use crate::support::site::Site;

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
    let table: [(&[&str], &str, &str, &[&str]); 8] = [
        (
            &["./daphne", "-e", "ssl:1:privateKey=k.pem:certKey=/c.pem"],
            "'ssl:1:privateKey=k.pem:certKey=/c.pem'",
            "'ssl:1:privateKey=@k.pem:certKey=/c.pem'",
            &["./daphne", "-e", "tcp:8000"],
        ),
        (
            &["./kernprof", "-o", "x.prof", "app.py"],
            "x.prof",
            "@x.prof",
            &["./kernprof", "-o", "/x.prof", "app.py", "-o"],
        ),
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
        for name in ["uvicorn", "celery", "gunicorn", "hypercorn", "waitress-serve", "daphne", "kernprof"] {
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
fn a_file_that_a_program_makes_late_by_its_own_choice() {
    let table: [(&[&str], &str, &str, &[&str]); 3] = [
        (
            &["./celery", "-A", "tasks", "beat"],
            "celerybeat-schedule",
            "-s @celerybeat-schedule",
            &["./celery", "-A", "tasks", "beat", "-s", "/x"],
        ),
        (
            &["nohup", "./celery", "-A", "tasks", "worker", "-B"],
            "celerybeat-schedule",
            "-s @celerybeat-schedule",
            &["nohup", "./celery", "-A", "tasks", "worker"],
        ),
        (
            &["./kernprof", "-l", "app.py"],
            "app.py.lprof",
            "-o @app.py.lprof before app.py",
            &["./kernprof", "-l", "-o", "/x", "app.py"],
        ),
    ];
    for (words, file, added, healthy) in table {
        let site = app();
        for name in ["celery", "kernprof"] {
            site.place.write_program(format!("app/{name}"), "#!/bin/sh\necho ran\n");
        }
        let told = |site: &Site| {
            let added = added.replace('@', &format!("{}/", site.at("app")));
            format!("{file} is made after the process has gone to the SDK's directory: add {added}")
        };
        warns(site, words, told, Healthy::Words(healthy)).check();
    }
}

#[test]
fn options_that_keep_a_server_from_starting_children() {
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
pub fn launcher() -> String {
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
fn a_script_that_has_uvicorn_reload_it() {
    // Only named, since nothing is served here.
    let text = "import sys\nif 'serve' in sys.argv:\n    import uvicorn\n    uvicorn.run('app:app', reload=True)\nprint('ran')\n";
    let watching = || {
        let site = app();
        site.place.write("app/app.py", text);
        site.place.write("app/api/main.py", text);
        site
    };
    let table: [(&[&str], &str, &str, &[&str]); 3] = [
        (&["app.py", "x"], "app/app.py", "-- {python} -m app x", &["-m", "app", "x"]),
        (
            &["{python}", "-u", "app.py"],
            "app/app.py",
            "-- {python} -u -m app",
            &["{python}", "-u", "-m", "app"],
        ),
        (
            &["{python}", "api/main.py"],
            "app/api/main.py",
            "-r {root} -- env -C {api} {python} -m main",
            &["env", "-C", "api", "{python}", "-m", "main"],
        ),
    ];
    for (words, script, line, healthy) in table {
        let told = |site: &Site| {
            let line = line.replace("{root}", &site.at("app/sdk")).replace("{api}", &site.at("app/api"));
            format!(
                "{} has uvicorn watch the directory where it starts, and a script starts in the SDK's: do: heygem-run {}",
                site.at(script),
                line.replace("{python}", python())
            )
        };
        warns(watching(), words, told, Healthy::Words(healthy)).check();
    }
    let named = text.replace("reload=True", "reload=True, reload_dirs=['/app']");
    let told = |site: &Site| {
        format!(
            "{} has uvicorn watch the directory where it starts, and a script starts in the SDK's: do: heygem-run -- {} -m app",
            site.at("app/app.py"),
            python()
        )
    };
    warns(watching(), &["app.py"], told, files(move |site| drop(site.place.write("app/app.py", &named))))
        .check();
}
