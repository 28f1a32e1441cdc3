//! Where a script is looked for.

use std::path::Path;

use super::{SCRIPT, error, listed, site, with_python};

/// To the interpreter it would be an option.
#[test]
fn a_script_whose_name_begins_with_a_dash_is_run() {
    let site = site();
    site.place.write("sdk/-x.py", SCRIPT);
    for directory in ["sdk", "work"] {
        with_python(&site, &["-p", "python", "--", "-x.py", "a"])
            .within(site.place.path(directory))
            .prints(format!("['{}', 'a']\n", site.at("sdk/-x.py")));
    }
}

#[test]
fn a_script_is_looked_for_in_the_working_directory_the_root_and_beside_it() {
    let site = site();
    let at = |name: &str| site.at(name);
    for name in [
        "work/all.py",
        "sdk/all.py",
        "all.py",
        "sdk/two.py",
        "two.py",
        "beside.py",
        "sdk/sub/x.py",
        "deep/two.py",
    ] {
        site.place.write(name, SCRIPT);
    }
    site.place.link("../sdk/two.py", "work/link.py");
    let (cwd, root) = (site.cwd.as_path(), site.root.as_path());
    let service = root.join("service");
    let work = cwd.to_str().expect("text");
    // Options, from where, the script, its word as it reaches Python.
    let table: [(&[&str], &Path, &str, &str); 22] = [
        (&[], cwd, "all.py", &at("work/all.py")),
        (&[], cwd, "two.py", "two.py"), // Python starts in the root
        (&[], cwd, "./two.py", "./two.py"),
        (&[], cwd, "sub/x.py", "sub/x.py"),
        (&[], cwd, "beside.py", &at("beside.py")),
        (&[], cwd, "../sdk/two.py", "../sdk/two.py"), // the same file from either
        (&[], cwd, "../beside.py", "../beside.py"),
        (&[], cwd, "../work/all.py", "../work/all.py"),
        (&[], cwd, "link.py", &at("work/link.py")),
        (&[], root, "all.py", "all.py"),
        (&[], root, "beside.py", &at("beside.py")),
        (&[], &service, "../all.py", &at("sdk/service/../all.py")),
        (&[], &service, "all.py", "all.py"),
        (&["--no-chdir"], cwd, "all.py", "all.py"),
        (&["--no-chdir"], cwd, "two.py", &at("sdk/two.py")),
        (&["--no-chdir"], cwd, "link.py", "link.py"),
        (&["-C", "../work"], cwd, "all.py", "all.py"),
        (&["-C", work], root, "all.py", &at("sdk/all.py")),
        (&["-C", work], root, "sub/x.py", &at("sdk/sub/x.py")),
        (&["-C", "/"], cwd, "all.py", &at("work/all.py")),
        (&["-C", "../deep"], cwd, "two.py", "two.py"), // not the root's
        (&["-C", "../deep"], cwd, "all.py", &at("work/all.py")),
    ];
    for (options, from, script, word) in table {
        println!("{options:?} {script} from {}", from.display());
        let words = [options, &["python", script]].concat();
        with_python(&site, &words).within(from).prints(listed(&[word]));
        // The interpreter of our choice, and one whose name tells nothing.
        for python in ["python", "env python"] {
            let words = [options, &["-p", python, script]].concat();
            with_python(&site, &words).within(from).prints(listed(&[word]));
        }
    }
}

#[test]
fn a_script_that_is_nowhere_names_the_places() {
    let site = site();
    let nowhere = format!(
        "x.py is not found\n  tried: {cwd}/x.py\n  tried: {root}/x.py\n  tried: {place}/x.py",
        cwd = site.cwd.display(),
        root = site.root.display(),
        place = site.place.dir.display()
    );
    let table: [&[&str]; 5] = [
        &["x.py"],
        &["python", "x.py"],
        &["python", "-u", "--", "x.py"],
        &["-p", "env python", "x.py"],
        &["-n", "x.py"],
    ];
    for words in table {
        with_python(&site, words).fails(127, error(&nowhere));
    }
    // A program of that name on PATH is no script, and starts as any program does.
    site.place.write_program("tools/x.py", "#!/bin/sh\necho tool \"$@\"\n");
    let path = std::env::join_paths([site.place.path("tools"), "/usr/bin".into(), "/bin".into()]);
    let path = path.expect("no colon in a path");
    let tool = site.at("tools/x.py");
    let told = format!("{nowhere}\nhint: PATH has {tool}, do: heygem-run -- env x.py 'a b'");
    with_python(&site, &["x.py", "a b"]).env("PATH", &path).fails(127, error(&told));
    site.launch(["--", "env", "x.py", "a b"]).env("PATH", &path).prints("tool a b\n");
    let absolute = "/nowhere/x.py is not found\n  tried: /nowhere/x.py";
    with_python(&site, &["python", "/nowhere/x.py"]).fails(127, error(absolute));
}
