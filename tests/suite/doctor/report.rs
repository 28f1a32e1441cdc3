//! How it is told.

use super::Site;
use crate::support::run::masked;

#[test]
fn a_line_for_each_check_and_one_for_the_remedy() {
    let mut site = Site::new();
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
fn warnings_fail_only_where_that_is_asked_for() {
    let mut site = Site::new();
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
    let mut sites = [Site::new(), Site::new()];
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
