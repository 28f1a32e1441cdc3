//! The root of the script that a command runs, and of the places that its words name.

use std::path::Path;

use super::line;
use crate::support::place::Place;
use crate::support::pythons::pythons;
use crate::support::run::Run;

/// SDK A in `a`, where the user stands, and SDK B in `b`, with programs that print the root.
fn two() -> Place {
    let place = Place::new();
    place.make_root("a/sdk");
    place.make_root("b/sdk");
    let python = "import os; print(os.environ['HEYGEM_DIR'])\n";
    place.write("b/server.py", python);
    place.write("b/__main__.py", python);
    place.write_program("b/start.sh", "#!/bin/sh\ncd \"$(dirname \"$0\")\" && echo \"$HEYGEM_DIR\"\n");
    for name in ["coverage", "gunicorn", "flask", "make"] {
        place.write_program(Path::new("bin").join(name), "#!/bin/sh\necho \"$HEYGEM_DIR\"\n");
    }
    place.link(&pythons()[0].path, "bin/python");
    place
}

fn launch(place: &Place, words: &[&str]) -> Run {
    let path = format!("{}:/usr/bin:/bin", place.path("bin").display());
    place.launch(words.iter().copied()).within(place.path("a")).env("PATH", path)
}

#[test]
fn the_sdk_of_the_script_that_another_program_runs_is_used() {
    let place = two();
    let table: [&[&str]; 9] = [
        &["--", "python", "-m", "cProfile", "-o", "/dev/null", "../b/server.py"],
        &["--", "python", "-m", "pdb", "-c", "c", "-c", "q", "../b/server.py"],
        &["--", "nohup", "coverage", "run", "--source", ".", "../b/server.py"],
        &["--", "python", "../b"],
        &["--", "bash", "../b/start.sh"],
        &["--", "sh", "-eu", "../b/start.sh"],
        &["--", "env", "-C", "../b", "python", "server.py"],
        &["--", "env", "--chdir=../b", "sh", "start.sh"],
        &["--", "env", "-C", "../b", "sh", "-c", "echo \"$HEYGEM_DIR\""],
    ];
    let root = place.path("b/sdk");
    for words in table {
        let outcome = launch(&place, words).run();
        assert!(outcome.stdout().contains(&line(&root)), "{words:?}: {outcome}");
        assert_eq!(outcome.stderr(), "", "{words:?}");
    }
    // What lies where the user stands, and hides nothing there.
    place.write("a/service/__init__.py", "");
    launch(&place, &["--", "env", "-C", "../b", "python", "server.py"]).prints(line(&root));
    // From where nothing is to be found but by the words.
    for words in [["--", "bash", "b/start.sh"].as_slice(), &["--", "env", "-C", "b", "python", "server.py"]] {
        let absolute: Vec<_> = words
            .iter()
            .map(|word| if word.starts_with('b') && *word != "bash" { place.path(word) } else { word.into() })
            .collect();
        let path = format!("{}:/usr/bin:/bin", place.path("bin").display());
        place.launch(absolute).within("/").env("PATH", path).prints(line(&root));
    }
}

#[test]
fn a_place_of_another_sdk_among_the_words_is_told() {
    let place = two();
    let (a, b) = (place.path("a/sdk"), place.path("b/sdk"));
    let table: [(&[&str], &str); 6] = [
        (&["flask", "--app", "../b/server.py", "run"], "../b/server.py"),
        (&["flask", "--app=../b/server:app", "run"], "'--app=../b/server:app'"),
        (&["gunicorn", "--chdir", "../b", "server:app"], "../b"),
        (&["gunicorn", "--chdir=../b", "server:app"], "--chdir=../b"),
        (&["make", "-C../b"], "-C../b"),
        (&["sh", "-c", "cd ../b && echo \"$HEYGEM_DIR\""], "../b"),
    ];
    for (words, word) in table {
        let words = |options: &[&'static str]| [options, &["--"], words].concat();
        let told = format!(
            "heygem-run: warning: {word} has another HeyGem SDK than {}, which is used: for that one, -r {}\n",
            a.display(),
            b.display()
        );
        let told = told.replace("'--app=../b/server:app'", "--app=../b/server:app");
        launch(&place, &words(&[])).prints_and_warns(line(&a), told);
        launch(&place, &words(&["-r", "../b/sdk"])).prints(line(&b));
        launch(&place, &words(&["-r", "sdk"])).prints(line(&a));
    }
    // Where nothing else is found, it is the hint.
    let directory = place.path("b").display().to_string();
    let outcome = place.launch(["--", "sh", "-c", &format!("cd {directory}; pwd")]).within("/").run();
    let hint = format!("hint: for the one that the command names: -r {}\n", b.display());
    assert!(outcome.code() == Some(125) && outcome.stderr().contains(&hint), "{outcome}");
}

/// A place of the user's lies beside the SDK, or deeper, and nothing else leads there.
#[test]
fn the_sdk_near_what_the_words_name_is_the_hint() {
    let place = Place::new();
    let sdk = place.make_root("x/sdk");
    for file in ["x/deploy/start.sh", "x/deploy/bin/start.sh", "x/api/app.py", "y/start.sh"] {
        place.write_program(file, "#!/bin/sh\necho ran\n");
    }
    place.make_dir("x/work/deep");
    let at = |name: &str| place.path(name).display().to_string();
    let named = "for the one that the command names";
    let table: [(&str, &[&str], &str); 7] = [
        ("/", &["--", "sh", &at("x/deploy/start.sh")], named),
        ("/", &["--", "sh", &at("x/deploy/bin/start.sh")], named),
        ("/", &["--", "nohup", &at("x/deploy/bin/start.sh")], named),
        ("/", &[&at("x/api/app.py")], named),
        ("/", &["-m", "uvicorn", "--app-dir", &at("x/api"), "app:app"], named),
        ("/", &["--", "sh", "-c", &format!("cd {}; python app.py", at("x/api"))], named),
        (&at("x/work/deep"), &["--", "sh", "-c", "echo ran"], "for the one nearby"),
    ];
    for (directory, words, when) in table {
        let hint = format!("hint: {when}: -r {}\n", sdk.display());
        let outcome = place.launch(words.iter().copied()).within(directory).run();
        assert!(outcome.code() == Some(125) && outcome.stderr().contains(&hint), "{words:?}: {outcome}");
    }
    let outcome = place.launch(["--", "sh", &at("y/start.sh")]).within("/").run();
    assert!(outcome.code() == Some(125), "{outcome}");
    let options = ["-r", &sdk.display().to_string(), "--"].map(str::to_owned);
    let script = ["sh".to_owned(), at("x/deploy/start.sh")];
    place.launch(options.iter().chain(&script)).within("/").prints("ran\n");
}

#[test]
fn a_variable_of_a_server_that_names_a_place_of_another_sdk_is_told() {
    let place = two();
    let (a, b) = (place.path("a/sdk"), place.path("b/sdk"));
    let table: [(&[&str], &str, &str); 4] = [
        (&["flask", "run"], "FLASK_APP", "../b/server.py"),
        (&["nohup", "flask", "run"], "FLASK_APP", "../b/server:app"),
        (&["gunicorn", "server:app"], "GUNICORN_CMD_ARGS", "--chdir=../b"),
        (&["gunicorn", "server:app"], "GUNICORN_CMD_ARGS", "-w 1 --chdir ../b"),
    ];
    for (words, name, value) in table {
        let run =
            |options: &[&'static str]| launch(&place, &[options, &["--"], words].concat()).env(name, value);
        let outcome = run(&[]).run();
        let told = format!(
            "has another HeyGem SDK than {}, which is used: for that one, -r {}",
            a.display(),
            b.display()
        );
        assert_eq!(outcome.stdout(), line(&a), "{outcome}");
        assert!(outcome.stderr().contains(&told) && outcome.stderr().contains(value), "{outcome}");
        run(&["-r", "../b/sdk"]).prints(line(&b));
    }
    // Not its own variable, nor another place.
    launch(&place, &["--", "flask"]).env("GUNICORN_CMD_ARGS", "--chdir=../b").prints(line(&a));
    launch(&place, &["--", "gunicorn"]).env("GUNICORN_CMD_ARGS", "-w 2 --chdir sdk").prints(line(&a));
}

#[test]
fn words_that_name_no_other_sdk_are_nothing_to_tell() {
    let place = two();
    place.write("b/data.wav", "");
    let table: [&[&str]; 6] = [
        &["flask", "--app", "../b/nothing.py"],
        &["gunicorn", "--chdir", "sdk", "-b", "unix:/tmp/x.sock", "../b/data.wav"],
        &["make", "http://../b", "--prefix=/usr", ".."],
        &["sh", "-c", "echo \"$HEYGEM_DIR\"", "sh", "."],
        &["make", "-C", "."],
        &["make", "--reload-dir", "../b", "out=../b"],
    ];
    for words in table {
        launch(&place, &[&["--"], words].concat()).prints(line(&place.path("a/sdk")));
    }
}

#[test]
fn a_value_that_is_no_directory_is_answered_by_what_to_write() {
    let place = two();
    let sdk = place.path("a/sdk");
    let other = place.path("b/sdk");
    place.link(&other, "home/sdk");
    let table = [
        ("nosuch".to_owned(), sdk.clone()),
        ("~/nosuch".to_owned(), sdk.clone()),
        ("~/sdk".to_owned(), place.path("home/sdk")),
        (format!("\"{}\"", other.display()), other.clone()),
        (format!("'{}' ", other.display()), other.clone()),
        (format!("{}\r", other.display()), other.clone()),
        (format!("{}/service/__init__.py", other.display()), other.clone()),
        (format!("\"{}\"", place.path("b").display()), other.clone()),
    ];
    for (value, root) in table {
        let words = ["--", "sh", "-c", "echo \"$HEYGEM_DIR\""];
        for (option, write) in [(false, "write HEYGEM_DIR="), (true, "write -r ")] {
            let run = if option {
                launch(&place, &[&["-r", &*value], &words[..]].concat())
            } else {
                launch(&place, &words).env("HEYGEM_DIR", &value)
            };
            let outcome = run.run();
            let hint = format!("hint: {write}{}\n", root.display());
            assert!(outcome.code() == Some(125) && outcome.stderr().contains(&hint), "{value}: {outcome}");
        }
        launch(&place, &words).env("HEYGEM_DIR", &root).prints(line(&root));
    }
}
