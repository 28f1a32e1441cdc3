//! The contract of exec: same process, same words, the target's own exit code; 125, 126 and 127 where there is none.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;
use std::process::Stdio;

use crate::support::build::expect;
use crate::support::place::{LAUNCHER, Place};
use crate::support::probe::{Report, escaped, probe, start};
use crate::support::run::Run;
use crate::support::snapshot::snapshot;

/// A place with a root in it, whose bridge is built.
fn place() -> Place {
    let place = Place::new();
    place.make_root("sdk");
    place.launch(["--prepare"]).run().succeeded();
    place
}

/// The probe's report, written in a file, where a stream is closed or the exit code is another's.
fn reported(place: &Place, run: Run) -> Report {
    let file = place.path("report");
    run.env("PROBE_REPORT", &file).run().is(0, "", "");
    let text = expect(fs::read_to_string(&file), "read", &file);
    expect(fs::remove_file(&file), "remove", &file);
    Report::parse(&text)
}

/// A run of `start`: a program in an odd state.
fn started<W: AsRef<OsStr>>(place: &Place, words: impl IntoIterator<Item = W>) -> Run {
    let mut command = place.command(start());
    command.args(words);
    Run::new(command)
}

#[test]
fn the_target_is_the_process_that_was_started() {
    let place = place();
    for words in [vec![probe()], vec![LAUNCHER.into(), "--".into(), probe()]] {
        let mut command = place.command(LAUNCHER);
        command.arg("--").args(words).stdin(Stdio::null()).stdout(Stdio::piped());
        let child = command.spawn().expect("heygem-run starts");
        let id = child.id().to_string();
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(Report::parse(&String::from_utf8_lossy(&output.stdout)).one("pid"), id);
    }
}

#[test]
fn the_exit_code_is_the_targets_own() {
    let place = place();
    for code in [0, 1, 2, 42, 125, 126, 127, 128, 255] {
        place.launch(["sh", "-c", &format!("exit {code}")]).fails(code, "");
    }
    for signal in [libc::SIGKILL, libc::SIGTERM, libc::SIGSEGV, libc::SIGPIPE] {
        let outcome = place.launch(["sh", "-c", &format!("ulimit -c 0; kill -{signal} $$")]).run();
        assert_eq!((outcome.code(), outcome.signal()), (None, Some(signal)), "{outcome}");
    }
}

#[test]
fn words_arrive_byte_for_byte() {
    let place = place();
    let rows: [&[&[u8]]; 9] = [
        &[],
        &[b""],
        &[b"", b"", b"x", b""],
        &[b"a\nb", b"\n", b"\t \r"],
        &[b"\xff\xfe", "数字人".as_bytes(), b"a\x80"],
        &[b"--", b"x", b"--"],
        &[b"-h", b"--version", b"-r", b"x", b"--root=x", b"-m"],
        &[b"a=b", b"'\"$`\\*?[]{}~!#"],
        &[&[b'x'; 100_000]],
    ];
    let probe = probe();
    for row in rows {
        let expected: Vec<_> = row.iter().map(|word| escaped(OsStr::from_bytes(word))).collect();
        for options in [&["--"][..], &[], &["-r", "sdk"]] {
            let words = options.iter().map(OsString::from).chain([probe.clone().into_os_string()]);
            let words = words.chain(row.iter().map(|word| OsStr::from_bytes(word).to_owned()));
            let report = Report::of(place.launch(words));
            assert_eq!(report.all("argv"), [&[escaped(&probe)], &expected[..]].concat());
        }
    }
    // A second `--` is the command's name.
    expect(symlink(&probe, place.make_dir("bin").join("--")), "link", &probe);
    let run = place.launch(["--", "--", "--", "x"]).env("PATH", place.path("bin"));
    assert_eq!(Report::of(run).all("argv"), ["--", "--", "x"]);
}

/// How the command is written; what `argv[0]` becomes.
#[test]
fn the_programs_name_changes_only_where_it_would_lead_elsewhere() {
    let place = place();
    for name in ["bin/tool", "sdk/tool"] {
        place.make_dir("bin");
        expect(symlink(probe(), place.path(name)), "link", &place.path(name));
    }
    let here = place.dir.to_str().expect("text");
    let absolute = format!("{here}/bin/tool");
    let rows = [
        (&*absolute, "/usr/bin", &*absolute),
        ("bin/tool", "/usr/bin", &absolute),
        ("./bin/tool", "/usr/bin", &absolute),
        ("./bin/../bin/tool", "/usr/bin", &format!("{here}/bin/../bin/tool")),
        ("tool", &format!("/usr/bin:{here}/bin"), "tool"),
        // Relative entries of PATH count from where the user stands, not from where the target starts.
        ("tool", "/usr/bin:bin", &absolute),
        ("tool", "./bin:/usr/bin", &absolute),
    ];
    for (command, path, name) in rows {
        let report = Report::of(place.launch(["-C", "sdk", "--", command, "x"]).env("PATH", path));
        assert_eq!(report.all("argv"), [name, "x"], "{command} by PATH={path}");
        assert_eq!(report.one("cwd"), format!("{here}/sdk"));
    }
    // An empty entry is the working directory.
    let run = place.launch(["tool"]).within(place.make_dir("bin")).env("PATH", ":/usr/bin");
    assert_eq!(Report::of(run.env("HEYGEM_DIR", place.path("sdk"))).one("argv"), absolute);
}

/// The entries that a launch sets, where `PYTHONPATH` is inherited.
fn set_before(place: &Place, inherited: &str) -> [String; 3] {
    let here = place.dir.to_str().expect("text");
    let bridge = place.launch(["-C", "sdk", "--prepare"]).run().succeeded();
    [
        format!("PYTHONPATH={here}/sdk:{here}:{inherited}:{}", bridge.trim_end()),
        format!("HEYGEM_DIR={here}/sdk"),
        format!("PWD={here}/sdk"),
    ]
}

#[test]
fn the_environment_keeps_its_order_and_its_odd_entries() {
    let place = place();
    let set = set_before(&place, "/b");
    let [python_path, root, pwd] = set.each_ref().map(String::as_str);
    let odd = ["B=1", "B=2", "odd", "=x", "", "=", "PYTHONPATHX=1", "pythonpath=2"];
    let rows: [(&[&str], &[&str]); 4] = [
        // Replaced where they stand.
        (
            &["Z=1", "PYTHONPATH=/b", "A=2", "PWD=/nowhere", "HEYGEM_DIR=sdk", "M=3"],
            &["Z=1", python_path, "A=2", pwd, root, "M=3"],
        ),
        // Else at the end.
        (&["PYTHONPATH=/b", "Z=1"], &[python_path, "Z=1", root, pwd]),
        // Duplicates, entries without a name or a `=`, empty ones, and names that are nearly ours.
        (
            &[&odd[..], &["PYTHONPATH=/b", "HEYGEM_DIR"]].concat(),
            &[&odd[..], &[python_path, "HEYGEM_DIR", root, pwd]].concat(),
        ),
        // Of two of ours the first counts, and only one is left: programs disagree on which they read.
        (&["PYTHONPATH=/b", "PYTHONPATH=/c"], &[python_path, root, pwd]),
    ];
    for (given, expected) in rows {
        let entries = given.iter().map(|entry| format!("env={entry}"));
        let words = entries.chain(
            ["--", LAUNCHER, LAUNCHER, "-C", "sdk", "--", probe().to_str().expect("text")].map(Into::into),
        );
        assert_eq!(Report::of(started(&place, words)).all("env"), expected, "{given:?}");
    }
}

#[test]
fn entries_of_the_environment_that_are_no_text_keep_their_bytes() {
    let place = place();
    let [python_path, root, pwd] = set_before(&place, "/b");
    let bytes = [
        OsStr::from_bytes(b"env=A=\xff\n"),
        OsStr::from_bytes(b"env=\xff=1"),
        OsStr::new("env=PYTHONPATH=/b"),
    ];
    let words = bytes.into_iter().chain(["--", LAUNCHER, LAUNCHER, "-C", "sdk", "--"].map(OsStr::new));
    let report = Report::of(started(&place, words.chain([probe().as_os_str()])));
    assert_eq!(report.all("env"), [r"A=\xff\x0a", r"\xff=1", &python_path, &root, &pwd]);
}

/// What the probe says in a state, started by itself and through the launcher.
#[test]
fn descriptors_and_signals_stay_as_they_are() {
    let place = place();
    let states: [&[&str]; 11] = [
        &[],
        &["close=0"],
        &["close=1"],
        &["close=2"],
        &["close=0", "close=1"],
        &["close=1", "close=2"],
        &["close=0", "close=1", "close=2"],
        &["ignore=13"],
        &["ignore=1", "ignore=2", "ignore=13", "ignore=15", "ignore=17"],
        &["block=13", "block=15"],
        &["ignore=11", "block=2", "close=0", "close=2"],
    ];
    let probe = probe();
    let probe = probe.to_str().expect("text");
    let root = place.path("sdk");
    for state in states {
        let direct = [state, &["--", probe, probe, "x"]].concat();
        let launched = [state, &["--", LAUNCHER, LAUNCHER, "-L", "lib", "--", probe, "x"]].concat();
        let direct = reported(&place, started(&place, direct).within(&root));
        let launched = reported(&place, started(&place, launched).within(&root));
        let without_env = |report: &Report| -> Vec<(String, String)> {
            let state = report.state().into_iter().filter(|(key, _)| *key != "env");
            state.map(|(key, value)| (key.into(), value.into())).collect()
        };
        assert_eq!(without_env(&launched), without_env(&direct), "{state:?}");
    }
}

/// With descriptor 2 closed, the next file that is opened would be stderr.
#[test]
fn no_warning_lands_in_a_file() {
    for closed in [&["close=2"][..], &["close=1", "close=2"], &["close=0", "close=1", "close=2"]] {
        let place = Place::new();
        place.make_root("sdk");
        let probe = probe();
        let words = ["-v", "-r", "sdk", "-p", "warn", "--", probe.to_str().expect("text"), "home"];
        let warned = place.launch(words).run();
        assert!(warned.stderr().contains("heygem-run: warning: --python has no effect"), "{warned}");
        expect(fs::remove_dir_all(place.path("sdk/.heygem-run")), "remove", &place.path("sdk"));
        let report =
            reported(&place, started(&place, [closed, &["--", LAUNCHER, LAUNCHER], &words].concat()));
        // What was built meanwhile is whole, or it would have to be built anew.
        let bridge = report.bridge();
        let before = snapshot(&bridge);
        // It would compile, if it had an interpreter.
        place.launch(["-p", "/nowhere", "--prepare"]).prints(format!("{}\n", bridge.display()));
        assert_eq!(snapshot(&bridge), before);
    }
}

#[test]
fn a_script_without_an_interpreter_line_is_run_by_sh() {
    let place = place();
    place.write_program("bin/script", "echo \"$0|$*\"\nexit 3\n");
    place.write_program("bin/empty", "");
    let here = place.dir.display();
    place.launch(["bin/script", "a b", ""]).run().is(3, format!("{here}/bin/script|a b \n"), "");
    let by_path = place.launch(["script", "x"]).env("PATH", format!("{here}/bin:/usr/bin"));
    by_path.run().is(3, format!("{here}/bin/script|x\n"), "");
    place.launch(["bin/empty"]).prints("");
    place.write_program("bin/own", "#!/bin/sh -e\necho \"$0|$*\"\n");
    place.launch(["bin/own", "x"]).prints(format!("{here}/bin/own|x\n"));
}

/// The first bytes of a program for another machine: of an ELF file, only `e_machine` differs.
fn elf_for_another_machine() -> Vec<u8> {
    let mut bytes = fs::read(probe()).expect("the probe");
    // EM_S390 is big-endian, so no x86-64, ARM or RISC-V kernel runs it.
    bytes[18..20].copy_from_slice(&[22, 0]);
    bytes
}

#[test]
fn programs_that_cannot_run_end_with_126_and_missing_ones_with_127() {
    let place = place();
    place.write_program("bin/elsewhere", elf_for_another_machine());
    place.write_program("bin/garbage", [&b"\x00\x01\x02garbage\xff"[..], &[0; 64]].concat());
    place.write_program("bin/truncated", &fs::read(probe()).expect("the probe")[..70]);
    place.write_program("bin/no-interpreter", "#!/nowhere/python3 -u\n");
    place.write_program("bin/not-executable", "");
    place.write("bin/plain", "");
    place.write("bin/app.pyc", "");
    place.make_dir("bin/directory");
    let here = place.dir.to_str().expect("text");
    let machine = "heygem-run: error: @ can't be run: it is for another machine, or damaged\n\
                   hint: `file` tells what it is for\n";
    let rows = [
        ("bin/elsewhere", 126, machine.to_owned()),
        ("bin/garbage", 126, machine.to_owned()),
        ("bin/truncated", 126, machine.to_owned()),
        (
            "bin/no-interpreter",
            127,
            "heygem-run: error: @ can't be run: its #! interpreter /nowhere/python3 is missing\n".into(),
        ),
        ("bin/plain", 126, "heygem-run: error: @ is not executable\nhint: chmod +x @\n".into()),
        ("bin/directory", 126, "heygem-run: error: @ is a directory\n".into()),
        ("bin", 127, "heygem-run: error: bin is not on PATH\n  tried: PATH=/usr/bin:/bin\n".into()),
        ("bin/absent", 127, "heygem-run: error: @ can't be run: No such file or directory\n".into()),
        ("bin/plain/x", 127, "heygem-run: error: @ can't be run: Not a directory\n".into()),
        (
            "",
            127,
            "heygem-run: error: the command is empty\nhint: is a variable in front of it unset?\n".into(),
        ),
    ];
    for (command, code, message) in rows {
        let message = message.replace('@', &format!("{here}/{command}"));
        place.launch(["--", command, "x"]).fails(code, message);
    }
    // On PATH, a file that can't be run is passed over, and told of where there is no other.
    let path = format!("{here}/bin:/usr/bin");
    place.launch(["plain"]).env("PATH", &path).fails(
        126,
        format!("heygem-run: error: {here}/bin/plain is not executable\nhint: chmod +x {here}/bin/plain\n"),
    );
    place.write("bin/true", "");
    place.launch(["true"]).env("PATH", &path).prints("");
}

/// The kernel takes a quarter of the stack's limit, for all words and variables together.
#[test]
fn arguments_that_are_too_long_are_126() {
    const QUARTER: usize = 1024 * 1024 / 4;
    let place = place();
    let mut command = place.command("sh");
    command.args(["-c", "ulimit -s 1024; exec \"$@\"", "sh", LAUNCHER, "true"]);
    command.args(["x".repeat(QUARTER * 45 / 100), "x".repeat(QUARTER * 45 / 100)]);
    // Room for the launcher is left, but not for a target whose every entry has become absolute.
    let entries: Vec<_> = (1000..3000).map(|number| number.to_string()).collect();
    Run::new(command).env("PYTHONPATH", entries.join(":")).fails(
        126,
        "heygem-run: error: /usr/bin/true can't be run: arguments and environment are too long\n\
         hint: the kernel's limit is a quarter of the stack's: see `ulimit -s`\n",
    );
}

#[test]
fn usage_errors_are_125() {
    let place = place();
    let rows: [(&[&str], &str); 3] = [
        (
            &[],
            "no command to run\nhint: heygem-run -- python app.py, heygem-run app.py, or heygem-run -m MODULE; see heygem-run --help\n",
        ),
        (&["-C", "nowhere", "true"], "--chdir @/nowhere is not a directory\n"),
        (&["-r", "", "true"], "--root is empty\nhint: --root takes a value, or leave it out\n"),
    ];
    for (words, message) in rows {
        let message = message.replace('@', place.dir.to_str().expect("text"));
        place.launch(words.iter().copied()).fails(125, format!("heygem-run: error: {message}"));
    }
    let outcome = place.launch(["--nonsense", "true"]).run();
    assert_eq!(outcome.code(), Some(125), "{outcome}");
}

#[test]
fn the_directory_and_its_name_are_the_targets() {
    let place = place();
    expect(symlink(place.path("sdk"), place.path("link")), "link", &place.path("link"));
    let here = place.dir.to_str().expect("text");
    let probe = probe();
    let probe = probe.to_str().expect("text");
    let rows: [(&[&str], String, Option<String>); 6] = [
        (&["-r", "sdk"], here.into(), None),
        (&["-r", "sdk", "--no-bridge"], format!("{here}/sdk"), Some(format!("{here}/sdk"))),
        // The path the user knows it by.
        (&["-r", "link", "--no-bridge"], format!("{here}/sdk"), Some(format!("{here}/link"))),
        (&["-r", "sdk", "-C", "home/.."], here.into(), Some(here.into())),
        (&["-r", "sdk", "-C", "link"], format!("{here}/sdk"), Some(format!("{here}/link"))),
        (&["-r", "sdk", "--no-chdir"], here.into(), None),
    ];
    for (options, directory, pwd) in rows {
        let report = Report::of(place.launch([options, &["--", probe]].concat()));
        assert_eq!(report.one("cwd"), directory, "{options:?}");
        assert_eq!(report.variable("PWD"), pwd.as_deref(), "{options:?}");
    }
    let report = Report::of(place.launch(["--no-chdir", "--", probe]).env("PWD", "/stale"));
    assert_eq!(report.variable("PWD"), Some("/stale"), "nothing changes what is not changed");
}
