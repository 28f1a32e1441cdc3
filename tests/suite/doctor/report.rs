//! How it is told.

use super::Subject;
use crate::support::place::LAUNCHER;
use crate::support::run::{Run, masked};

#[test]
fn a_line_for_each_check_and_one_for_the_remedy() {
    let mut site = Subject::new();
    site.words(["app.py"]);
    site.place.write("app/sdk/models/model.onnx", "");
    let outcome = site.doctor(&[]).run();
    let text = masked(&outcome.stdout());
    assert_eq!((outcome.code(), outcome.stderr()), (Some(1), String::new()), "{outcome}");
    let (root, origin) = (site.root.display(), site.at("origin/model.onnx"));
    let line = format!(
        "fail  models       {root}/models/model.onnx is empty\n                   do: (cd {root} && wget file://{origin} -O models/model.onnx)\n"
    );
    assert!(text.contains(&line), "{text}");
    let bridge = format!(
        "ok    bridge       {root}/.heygem-run/heygem-bridge-HASH (built now), 6 names; left out: html"
    );
    assert!(text.contains(&bridge), "{text}");
    let last = text.lines().last().expect("a summary");
    assert!(last.starts_with("15 checks: 1 fail, "), "{last}");
    // Only what is amiss, and no summary.
    let quiet = site.doctor(&["-q"]).run().stdout();
    assert!(quiet.contains(&line) && quiet.lines().all(|line| !line.starts_with("ok")), "{quiet}");
}

#[test]
fn the_line_about_the_wait_is_for_terminals_and_is_erased() {
    let site = Subject::new();
    site.place.write("app/sdk/service/__init__.py", "import time; time.sleep(600)\n");
    let mut command = site.place.command("script");
    command.args(["-qec", &format!("stty cols 60; exec '{LAUNCHER}' --doctor --timeout 20"), "/dev/null"]);
    command.current_dir(&site.app).env("SHELL", "/bin/sh").env("TERM", "xterm");
    let text = site.with_variables(Run::new(command)).run().stdout();
    let (before, after) = text.split_once("testing the launch, 20 s at most").expect(&text);
    assert!(before.ends_with('\n') && after.starts_with("\r\x1b[K"), "{text}");
    // And what is told is broken between words.
    let words: Vec<&str> = after.split_whitespace().collect();
    let told = ["not", "end", "in", "20", "s,", "and", "was", "killed"];
    assert!(
        after.contains("\x1b[1;31mfail\x1b[0m  children ") && words.windows(8).any(|eight| eight == told),
        "{text}"
    );
    let last = text.lines().last().expect("a summary");
    assert!(last.starts_with("15 checks: 1 fail"), "{text}");
    let plain = site.doctor(&["--timeout", "3"]).run().stdout();
    assert!(!plain.contains("rehearses") && !plain.contains('\r'), "{plain}");
}

#[test]
fn checks_skipped_for_one_reason_take_one_line() {
    let mut site = Subject::new();
    site.option(["--python", "nowhere"]);
    site.words(["app.py"]);
    let text = site.doctor(&[]).run().stdout();
    let skipped = "skip  7 checks     see command: interpreter, isolation, abi, shadow, packages, libraries, children\n15 checks: ";
    assert!(text.contains(skipped), "{text}");
}

#[test]
fn a_failure_that_bars_other_checks_is_named_whatever_else_fails() {
    let mut site = Subject::new();
    site.place.write_program("bin/broken", "#!/bin/sh\nsleep 1\nexit 3\n");
    site.place.write_program("bin/ffmpeg", "#!/bin/sh\nexit 3\n");
    site.option(["--python", "broken"]);
    let text = site.doctor(&[]).run().stdout();
    assert!(text.contains("fail  tools ") && text.contains("fail  interpreter "), "{text}");
    assert!(
        text.contains("\nskip  5 checks     see interpreter: abi, shadow, packages, libraries, children\n"),
        "{text}"
    );
}

#[test]
fn a_module_behind_the_dashes_is_taken_for_what_it_is() {
    let site = Subject::new();
    let run = site.with_variables(site.place.launch(["--doctor", "--", "-m", "app"]).within(&site.app));
    let text = run.run().stdout();
    assert!(text.contains("fail  command      -m is not on PATH\n"), "{text}");
    assert!(
        text.contains("\n                   do: -m takes no -- before it: --doctor -m MODULE\n"),
        "{text}"
    );
}

#[test]
fn warnings_fail_only_where_that_is_asked_for() {
    let mut site = Subject::new();
    site.place.write("app/a.wav", "");
    site.words(["app.py", "a.wav"]);
    for (options, code) in [([].as_slice(), 0), (&["--strict"], 1)] {
        let outcome = site.doctor(options).run();
        assert_eq!((outcome.code(), outcome.stderr()), (Some(code), String::new()), "{outcome}");
    }
}

#[test]
fn the_document_names_each_check_once() {
    const CHECKS: [&str; 15] = [
        "abi",
        "bridge",
        "children",
        "command",
        "config",
        "gpu",
        "interpreter",
        "isolation",
        "libraries",
        "models",
        "packages",
        "root",
        "shadow",
        "shm",
        "tools",
    ];
    let mut sites = [Subject::new(), Subject::new()];
    sites[1].option(["--root", "/usr"]);
    for site in sites {
        let outcome = site.doctor(&["--format=json"]).run();
        let document: serde_json::Value = serde_json::from_str(&outcome.stdout()).expect("a document");
        let mut names: Vec<_> = document["checks"]
            .as_array()
            .expect("checks")
            .iter()
            .filter_map(|check| check["check"].as_str())
            .collect();
        names.sort_unstable();
        assert_eq!(names, CHECKS, "{outcome}");
    }
}
