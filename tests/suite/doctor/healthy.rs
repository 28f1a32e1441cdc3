//! A launch that has what it needs: nothing to say, whatever is launched.

use std::path::Path;

use super::Subject;
use crate::support::pythons::pythons;
use crate::support::snapshot::contents;

#[test]
fn nothing_is_amiss_for_any_interpreter() {
    for python in pythons() {
        let mut site = Subject::for_python(python);
        site.is_healthy();
        let version = site.versioned();
        site.words([version.as_str(), "app.py"]);
        site.is_healthy();
    }
}

#[test]
fn nothing_is_amiss_whatever_is_launched() {
    let site = Subject::new();
    let version = site.versioned();
    site.place.link(site.python.path.clone(), "bin/python3");
    site.place.write_program("bin/tool", format!("#!/usr/bin/env {version}\nprint('ran')\n"));
    let table: [&[&str]; 5] = [
        &["app.py", "--flag"],
        &["-m", "app"],
        &["tool"],
        &[version.as_str(), "-u", "-c", "pass"],
        &["sh", "-c", "x"],
    ];
    for words in table {
        // `-m` ends what is ours, as `--` does.
        let separator: &[&str] = if words[0] == "-m" { &[] } else { &["--"] };
        let all = [&["--doctor"], separator, words].concat();
        let run = site.with_variables(site.place.launch(all).within(&site.app)).run();
        let text = run.stdout();
        let is_amiss = |line: &&str| {
            (line.starts_with("warn") || line.starts_with("fail"))
                && !super::OF_THE_MACHINE.iter().any(|check| line[6..].starts_with(check))
        };
        assert!(run.code() == Some(0) && !text.lines().any(|line| is_amiss(&line)), "{run}");
    }
}

#[test]
fn where_the_bridge_is_the_doctor_writes_nothing() {
    let mut site = Subject::new();
    site.words(["app.py"]);
    site.place.launch(["--prepare"]).within(&site.app).run().succeeded();
    let before = contents(&site.place.dir);
    site.is_healthy();
    // Children import: Python keeps what it compiled.
    let is_cache = |path: &Path| path.components().any(|part| part.as_os_str() == "__pycache__");
    let after = contents(&site.place.dir);
    let changed: Vec<_> =
        after.iter().filter(|(path, state)| before.get(*path) != Some(*state) && !is_cache(path)).collect();
    assert!(changed.is_empty(), "{:?}", changed.iter().map(|(path, _)| path).collect::<Vec<_>>());
    assert!(before.keys().all(|path| after.contains_key(path)));
}

#[test]
fn a_timeout_that_is_longer_than_python_can_wait() {
    let mut site = Subject::new();
    site.option(["--timeout", "4294967295"]);
    site.is_healthy();
}
