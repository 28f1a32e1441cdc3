//! What is run, and the words that change: programs, and Python's own command line.

mod scripts;

use std::ffi::OsStr;
use std::fmt::Display;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use crate::support::fs::{chmod, remove};
use crate::support::place::LAUNCHER;
use crate::support::pythons::pythons;
use crate::support::run::Run;
use crate::support::site::Site;

/// Prints the file that is run, and its arguments.
const TOOL: &str = "#!/bin/sh\nprintf '<%s>' \"$0\" \"$@\"\n";

/// The same in Python.
const SCRIPT: &str = "import sys\nprint(sys.argv)\n";

/// A root that is named, so that nothing depends on where a launch is typed.
fn site() -> Site {
    let site = Site::beside();
    let root = site.root.clone();
    site.with("HEYGEM_DIR", root)
}

/// A launch that finds a `python` on PATH.
fn with_python(site: &Site, words: &[&str]) -> Run {
    let bin = site.place.path("bin");
    if !bin.join("python").exists() {
        site.place.link(&pythons()[0].path, "bin/python");
    }
    site.launch(words).env("PATH", format!("{}:/usr/bin:/bin", bin.display()))
}

fn error(code_and_text: impl Display) -> String {
    format!("heygem-run: error: {code_and_text}\n")
}

#[test]
fn a_program_is_found_as_without_the_change_of_directory() {
    let site = site();
    let at = |name: &str| site.at(name);
    for name in ["bin/tool", "work/tool", "work/bin/tool", "work/~/tool", "sdk/tool", "sdk/bin/tool"] {
        site.place.write_program(name, TOOL);
    }
    site.place.write("plain/tool", TOOL);
    site.place.make_dir("directory/tool");
    let bin = at("bin");
    // The word, PATH, what is run.
    let table = [
        ("tool", bin.clone(), "bin/tool"),
        ("tool", format!("{bin}/:/usr/bin"), "bin/tool"),
        ("tool", format!("/nowhere:{}:{}:{bin}", at("plain"), at("directory")), "bin/tool"),
        ("tool", "bin".into(), "work/bin/tool"),
        ("tool", format!("./bin/:{bin}"), "work/bin/tool"),
        ("tool", format!("../bin:{bin}"), "work/../bin/tool"),
        ("tool", String::new(), "work/tool"),
        ("tool", format!(":{bin}"), "work/tool"),
        ("tool", format!("/nowhere::{bin}"), "work/tool"),
        ("tool", "/nowhere:".into(), "work/tool"),
        ("./tool", bin.clone(), "work/tool"),
        (".//./tool", bin.clone(), "work/tool"),
        ("bin/tool", bin.clone(), "work/bin/tool"),
        ("../bin/tool", bin.clone(), "work/../bin/tool"),
        ("~/tool", bin.clone(), "work/~/tool"),
    ];
    for (word, path, run) in table {
        println!("{word} on PATH={path}");
        site.launch(["--", word, "a"]).env("PATH", path).prints(format!("<{}><a>", at(run)));
    }
    let absolute = at("sdk/../bin/tool");
    site.launch([&absolute]).prints(format!("<{absolute}>"));
}

#[test]
fn the_first_word_changes_only_where_it_would_mean_another_file() {
    let site = site();
    let at = |name: &str| site.at(name);
    for name in ["bin/sh", "work/sh", "work/bin/sh"] {
        site.place.link("/bin/sh", name);
    }
    let (bin, absolute) = (at("bin"), at("bin/sh"));
    let table = [
        ("sh", "/usr/bin:/bin", "sh".to_owned()),
        ("sh", &bin, "sh".to_owned()),
        (&absolute, "/bin", absolute.clone()),
        ("sh", "bin", at("work/bin/sh")),
        ("sh", "", at("work/sh")),
        ("sh", ":/bin", at("work/sh")),
        ("./sh", "/bin", at("work/sh")),
        ("bin/sh", "/bin", at("work/bin/sh")),
        ("../bin/sh", "/bin", at("work/../bin/sh")),
    ];
    for (word, path, first) in table {
        println!("{word} on PATH={path}");
        site.launch(["--", word, "-c", "echo \"$0\""]).env("PATH", path).prints(format!("{first}\n"));
    }
    site.launch(["sh", "-c", "echo \"$0\""]).without_env("PATH").prints("sh\n");
}

#[test]
fn arguments_are_the_targets_own_to_the_byte() {
    let site = site();
    site.place.write_program("bin/tool", TOOL);
    let tool = site.place.path("bin/tool");
    let arguments: [&[u8]; 10] =
        [b"", b" a  b ", b"--", b"-r", b"--help", b"$HOME", b"*", b"a\nb", "数字人".as_bytes(), b"\xff\xfe"];
    let words: Vec<_> =
        [tool.as_os_str()].into_iter().chain(arguments.map(OsStr::from_bytes)).map(OsStr::to_owned).collect();
    let quoted: Vec<u8> = words.iter().flat_map(|word| [b"<", word.as_bytes(), b">"].concat()).collect();
    site.place.launch(words.clone()).within(&site.root).prints(&quoted);
    let dashes = [OsStr::new("--").to_owned()].into_iter().chain(words);
    site.place.launch(dashes).within(&site.root).prints(&quoted);
}

#[test]
fn a_target_that_cannot_run_says_why_with_the_code_of_env() {
    let site = site();
    let at = |name: &str| site.at(name);
    let work = site.cwd.display();
    site.place.make_dir("work/directory");
    site.place.write("work/plain", TOOL);
    site.place.write("plain/tool", TOOL);
    for name in ["sdk/elsewhere", "beside", "sdk/.venv/bin/gunicorn", "venv/bin/celery"] {
        site.place.write_program(name, TOOL);
    }
    site.place.write_program("work/here", TOOL);
    site.place.write_program("work/orphan", "#!/nowhere/python -u\n");
    site.place.write_program("work/foreign", b"\x7fELF\x02\x01\x01\0garbage");
    let there = |name: &str| format!("hint: there is {0}: heygem-run -- {0} …", at(name));
    let not_on_path = |word: &str, name: &str| {
        format!("{word} is not on PATH\n  tried: PATH=/usr/bin:/bin\n{}", there(name))
    };
    let (path, plain, relative) = ("/usr/bin:/bin".to_owned(), at("plain"), "/nowhere:../plain".to_owned());
    let table = [
        ("nothing", &path, 127, "nothing is not on PATH\n  tried: PATH=/usr/bin:/bin".to_owned()),
        ("here", &path, 127, not_on_path("here", "work/here")),
        ("elsewhere", &path, 127, not_on_path("elsewhere", "sdk/elsewhere")),
        ("beside", &path, 127, not_on_path("beside", "beside")),
        ("gunicorn", &path, 127, not_on_path("gunicorn", "sdk/.venv/bin/gunicorn")),
        ("celery", &path, 127, not_on_path("celery", "venv/bin/celery")),
        ("a b", &path, 127, "'a b' is not on PATH\n  tried: PATH=/usr/bin:/bin".to_owned()),
        ("", &path, 127, "the command is empty\nhint: is a variable in front of it unset?".to_owned()),
        ("./nothing", &path, 127, format!("{work}/nothing can't be run: No such file or directory")),
        (
            "./elsewhere",
            &path,
            127,
            format!("{work}/elsewhere can't be run: No such file or directory\n{}", there("sdk/elsewhere")),
        ),
        (
            "./orphan",
            &path,
            127,
            format!("{work}/orphan can't be run: its #! interpreter /nowhere/python is missing"),
        ),
        ("./directory", &path, 126, format!("{work}/directory is a directory")),
        ("./plain", &path, 126, format!("{work}/plain is not executable\nhint: chmod +x {work}/plain")),
        ("./plain/x", &path, 127, format!("{work}/plain/x can't be run: Not a directory")),
        (
            "tool",
            &relative,
            126,
            format!("{work}/../plain/tool is not executable\nhint: chmod +x {work}/../plain/tool"),
        ),
        ("tool", &plain, 126, format!("{plain}/tool is not executable\nhint: chmod +x {plain}/tool")),
        (
            "./foreign",
            &path,
            126,
            format!(
                "{work}/foreign can't be run: it is for another machine, or damaged\nhint: `file` tells what it is for"
            ),
        ),
    ];
    for (word, path, code, text) in table {
        println!("{word} on PATH={path}");
        site.launch(["--", word]).env("PATH", path).fails(code, error(text));
        let mut env = site.place.command("/usr/bin/env");
        env.args(["-C", &site.cwd.display().to_string(), "--", word]).env("PATH", path);
        let env = Run::new(env).run();
        // What the kernel refuses as no program, env has read by sh, whatever it is; and what is below a file was
        // never found by us.
        let differs = ["./plain/x", "./foreign"].contains(&word);
        assert!(differs || env.code() == Some(code), "{env}");
    }
}

#[test]
fn an_unreachable_target_says_why() {
    let site = site();
    let closed = site.place.make_dir("work/closed");
    site.place.write_program("work/closed/tool", TOOL);
    chmod(&closed, 0o000);
    let mut command = site.place.bound_command(LAUNCHER);
    command.arg("./closed/tool").env("HEYGEM_DIR", &site.root);
    let by_path = Run::new(command).within(&site.cwd).run();
    // On PATH, a link that is there is not absent, and a directory that can't be entered may have anything in it.
    site.place.link("../work/closed/tool", "bin/linked");
    let named = |word: &str| {
        let mut command = site.place.bound_command(LAUNCHER);
        command.arg(word).env("HEYGEM_DIR", &site.root);
        command.env("PATH", format!("{}:{}:/usr/bin", site.at("bin"), closed.display()));
        Run::new(command).run()
    };
    let (linked, unseen) = (named("linked"), named("tool"));
    chmod(&closed, 0o700);
    by_path.is(126, "", error(format!("{}/tool can't be run: Permission denied", closed.display())));
    let bin = site.at("bin");
    let hint = "hint: this user can't reach what it links to";
    linked.is(126, "", error(format!("{bin}/linked can't be run: Permission denied\n{hint}")));
    let tried =
        format!("  tried: PATH={bin}:{0}:/usr/bin\n  tried: {0}: Permission denied", closed.display());
    unseen.is(127, "", error(format!("tool is not on PATH\n{tried}")));
}

#[test]
fn a_missing_python_gets_a_hint_at_the_other_name() {
    let site = site();
    let python = &pythons()[0].path;
    let is_missing =
        |word: &str| format!("{word} is not on PATH\n  tried: PATH={}", site.place.path("bin").display());
    for (there, missing) in [("python3", "python"), ("python", "python3")] {
        let link = site.place.link(python, Path::new("bin").join(there));
        let launch = |word: &str| site.launch([word, "-c", "x"]).env("PATH", site.place.path("bin"));
        let hint = format!("{}\nhint: there is {there}: heygem-run -- {there} …", is_missing(missing));
        launch(missing).fails(127, error(hint));
        launch("python3.1").fails(127, error(is_missing("python3.1")));
        remove(link);
        launch(missing).fails(127, error(is_missing(missing)));
    }
}

#[test]
fn an_interpreter_that_is_not_there_says_who_named_it() {
    let site = site();
    let script = site.place.write("work/x.py", SCRIPT);
    let script = script.to_str().expect("text");
    let table = [
        ("python9", "python9 is not on PATH\n  tried: PATH=/usr/bin:/bin".to_owned()),
        (
            "env/python -u",
            format!("{}/env/python can't be run: No such file or directory", site.cwd.display()),
        ),
        ("'/no where/python'", "'/no where/python' can't be run: No such file or directory".to_owned()),
    ];
    for (python, text) in table {
        let told = |by: &str| error(format!("{text}\nhint: {by} names it: name another, or leave it out"));
        for words in [[script, "a"], ["-m", "x"]] {
            site.launch([&["--python", python][..], &words].concat()).fails(127, told("--python"));
            site.launch(words).env("HEYGEM_PYTHON", python).fails(127, told("HEYGEM_PYTHON"));
        }
    }
}

#[test]
fn pythons_own_command_line_is_understood() {
    let site = site();
    let at = |name: &str| site.at(name);
    for name in
        ["work/here.py", "work/-dash.py", "work/appdir/__main__.py", "work/no suffix", "beside_module.py"]
    {
        site.place.write(name, SCRIPT);
    }
    let here = at("work/here.py");
    let code = "import sys; print(sys.argv)";
    let table: [(&[&str], &[&str]); 19] = [
        (&["python", "here.py", "a", "-m"], &[&here, "a", "-m"]),
        (&["python", "./here.py", "a"], &[&here, "a"]),
        (&["python", "-u", "-X", "dev", "-W", "ignore", "here.py"], &[&here]),
        (&["python", "-uBXdev", "-Wignore", "here.py", "-c", "a"], &[&here, "-c", "a"]),
        (&["python", "-uW", "ignore", "here.py"], &[&here]),
        (&["python", "--check-hash-based-pycs", "always", "here.py"], &[&here]),
        (&["python", "--", "here.py", "--", "a"], &[&here, "--", "a"]),
        (&["python", "-s", "--", "-dash.py"], &[&at("work/-dash.py")]),
        (&["python", "no suffix"], &[&at("work/no suffix")]),
        (&["python", "appdir", "a"], &[&at("work/appdir"), "a"]),
        (&["python", &here], &[&here]),
        (&["python", "-c", code, "here", "-m"], &["-c", "here", "-m"]),
        (&["python", "-uc", code], &["-c"]),
        (&["python", "-m", "beside_module", "a"], &[&at("beside_module.py"), "a"]),
        (&["python", "-umbeside_module", "-c"], &[&at("beside_module.py"), "-c"]),
        (&["-m", "beside_module", "", "-m", "a"], &[&at("beside_module.py"), "", "-m", "a"]),
        (&["here.py", "-u", "", "a"], &[&here, "-u", "", "a"]),
        (&["--", "./here.py", "--help"], &[&here, "--help"]),
        (&["-p", "python -u -X dev", "here.py"], &[&here]),
    ];
    for (words, argv) in table {
        println!("{words:?}");
        with_python(&site, words).prints(listed(argv));
    }
    for (words, argv) in [("python -", "-"), ("python - a", "-', 'a"), ("python", ""), ("python -u", "")] {
        let mut command = site.place.command("/bin/sh");
        command.args(["-c", &format!("echo '{code}' | exec {LAUNCHER} {words}")]);
        let run = Run::new(command).env("PATH", site.place.path("bin")).env("HEYGEM_DIR", &site.root);
        run.within(&site.cwd).prints(format!("['{argv}']\n"));
    }
}

/// A list of words as Python prints it.
fn listed(words: &[&str]) -> String {
    let words: Vec<_> = words.iter().map(|word| format!("'{word}'")).collect();
    format!("[{}]\n", words.join(", "))
}
