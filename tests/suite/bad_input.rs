//! What people get wrong, in one table: each with its exact message and exit code, and never a panic, a backtrace or a silent
//! success. Every launch has RUST_BACKTRACE set.

use std::io::ErrorKind;

use crate::support::fs::chmod;
use crate::support::place::{LAUNCHER, Place};
use crate::support::probe::{Report, probe, start};
use crate::support::run::Run;

/// Words, variables, exit code, message. `@` stands for the place's directory, `LONG` for a name that is too long, `CLAP` for the
/// usage that clap adds; a variable without `=` is removed.
type Row = (&'static [&'static str], &'static [&'static str], i32, &'static str);

const NAME_IT: &str = "hint: name the directory that has service/trans_dh_service in it";
const MOVE_IT: &str = "hint: PYTHONPATH can't hold it: move it, or name it through a link without one";
const CLAP: &str = "\nhint: heygem-run --help lists the options";
const LONG: usize = 256;

#[rustfmt::skip]
const ROOTS: &[Row] = &[
    (&["-r", "nowhere", "true"], &[], 125, "the root @/nowhere (--root) does not exist\nNAME_IT\nhint: write -r @/sdk"),
    (&["-r", "@/nowhere/", "true"], &[], 125, "the root @/nowhere (--root) does not exist\nNAME_IT\nhint: write -r @/sdk"),
    (&["-r", "nowhere/../sdk", "true"], &[], 125, "the root @/nowhere/../sdk (--root) does not exist\nNAME_IT\nhint: write -r @/sdk"),
    (&["-r", "", "true"], &[], 125, "--root is empty\nhint: --root takes a value, or leave it out"),
    (&["--root=", "true"], &[], 125, "--root is empty\nhint: --root takes a value, or leave it out"),
    (&["-r", "file", "true"], &[], 125, "the root @/file (--root) is not a directory\nNAME_IT\nhint: write -r @/sdk"),
    (&["-r", "file/x", "true"], &[], 125, "the root @/file/x (--root) does not exist\nNAME_IT\nhint: write -r @/sdk"),
    (&["-r", "/dev/null", "true"], &[], 125, "the root /dev/null (--root) is not a directory\nNAME_IT\nhint: write -r @/sdk"),
    (&["-r", "dangling", "true"], &[], 125, "the root @/dangling (--root) does not exist\nNAME_IT\nhint: write -r @/sdk"),
    (&["-r", "loop", "true"], &[], 125, "the root @/loop (--root) can't be used: Too many levels of symbolic links\nNAME_IT\nhint: write -r @/sdk"),
    (&["-r", "LONG", "true"], &[], 125, "the root @/LONG (--root) can't be used: File name too long\nNAME_IT\nhint: write -r @/sdk"),
    (&["-r", "roots/a:b", "true"], &[], 125, "the root @/roots/a:b has a colon in its path\nMOVE_IT"),
    (&["-r", "sdk", "-r", "sdk", "true"], &[], 125, "the argument '--root <DIR>' cannot be used multiple timesCLAP"),
    (&["-r"], &[], 125, "a value is required for '--root <DIR>' but none was suppliedCLAP"),
    (&["-r", "~/sdk", "true"], &[], 125, "the root '@/~/sdk' (--root) does not exist\nNAME_IT\nhint: write -r @/sdk"),
    (&["true"], &["HEYGEM_DIR=nowhere"], 125, "the root @/nowhere (HEYGEM_DIR) does not exist\nNAME_IT\nhint: write HEYGEM_DIR=@/sdk"),
    (&["true"], &["HEYGEM_DIR=file"], 125, "the root @/file (HEYGEM_DIR) is not a directory\nNAME_IT\nhint: write HEYGEM_DIR=@/sdk"),
    (&["true"], &["HEYGEM_DIR=loop"], 125, "the root @/loop (HEYGEM_DIR) can't be used: Too many levels of symbolic links\nNAME_IT\nhint: write HEYGEM_DIR=@/sdk"),
    (&["true"], &["HEYGEM_DIR= "], 125, "the root '@/ ' (HEYGEM_DIR) does not exist\nNAME_IT\nhint: write HEYGEM_DIR=@/sdk"),
    (&["true"], &["HEYGEM_DIR=@/roots/a:b"], 125, "the root @/roots/a:b has a colon in its path\nMOVE_IT"),
    (&["--prepare", "-r", "nowhere"], &[], 125, "the root @/nowhere (--root) does not exist\nNAME_IT\nhint: write -r @/sdk"),
    (&["--print-env", "-r", "file"], &[], 125, "the root @/file (--root) is not a directory\nNAME_IT\nhint: write -r @/sdk"),
];

#[rustfmt::skip]
const COMMANDS: &[Row] = &[
    (&[], &[], 125, "no command to run\nhint: heygem-run -- python app.py, heygem-run app.py, or heygem-run -m MODULE; see heygem-run --help"),
    (&["--"], &[], 125, "no command to run\nhint: heygem-run -- python app.py, heygem-run app.py, or heygem-run -m MODULE; see heygem-run --help"),
    (&[""], &[], 127, "the command is empty\nhint: is a variable in front of it unset?"),
    (&["--", "", "app.py"], &[], 127, "the command is empty\nhint: is a variable in front of it unset?"),
    (&["nothing"], &[], 127, "nothing is not on PATH\n  tried: PATH=/usr/bin:/bin"),
    (&["LONG"], &[], 127, "LONG is not on PATH\n  tried: PATH=/usr/bin:/bin"),
    (&["./LONG"], &[], 126, "@/LONG can't be run: File name too long"),
    (&["./nothing"], &[], 127, "@/nothing can't be run: No such file or directory"),
    (&["./dangling"], &[], 127, "@/dangling can't be run: No such file or directory"),
    (&["./loop"], &[], 126, "@/loop can't be run: Too many levels of symbolic links"),
    (&["./sdk"], &[], 126, "@/sdk is a directory"),
    (&["/"], &[], 126, "/ is a directory"),
    (&["/dev/null"], &[], 126, "/dev/null is not a regular file"),
    (&["./file"], &[], 126, "@/file is not executable\nhint: chmod +x @/file"),
    (&["./file/x"], &[], 127, "@/file/x can't be run: Not a directory"),
    (&["bin/garbage"], &[], 126, "@/bin/garbage can't be run: it is for another machine, or damaged\nhint: `file` tells what it is for"),
    (&["bin/missing"], &[], 127, "@/bin/missing can't be run: its #! interpreter /nowhere/python3 is missing"),
    (&["bin/looping"], &[], 126, "@/bin/looping can't be run: its #! interpreter @/loop can't be run: Too many levels of symbolic links"),
    (&["bin/itself"], &[], 126, "@/bin/itself can't be run: its #! interpreter @/bin/itself can't be run: Too many levels of symbolic links"),
    (&["bin/again"], &[], 126, "@/bin/again is run by heygem-run, which would run it again and again\nhint: write as its first line: #!/usr/bin/env -S @/heygem-run -- python"),
    (&["bin/of-a-directory"], &[], 126, "@/bin/of-a-directory can't be run: its #! interpreter /usr can't be run: Permission denied"),
    (&["bin/of-a-plain-file"], &[], 126, "@/bin/of-a-plain-file can't be run: its #! interpreter @/file can't be run: Permission denied"),
    (&["bin/below-a-file"], &[], 126, "@/bin/below-a-file can't be run: its #! interpreter @/file/x can't be run: Not a directory"),
    (&["bin/of-missing"], &[], 127, "@/bin/of-missing can't be run: its #! interpreter @/bin/missing can't be run: No such file or directory"),
    (&["bin/windows"], &[], 127, "@/bin/windows can't be run: its #! interpreter $'/bin/sh\\x0d' is missing\nhint: it has Windows line endings: sed -i 's/\\r$//' @/bin/windows"),
    (&["nothing.py"], &[], 127, "nothing.py is not found\n  tried: @/nothing.py\n  tried: @/sdk/nothing.py"),
    (&["loop.py"], &["HEYGEM_PYTHON=sh"], 127, "loop.py is not found\n  tried: @/loop.py: Too many levels of symbolic links\n  tried: @/sdk/loop.py"),
    (&["true"], &["PATH="], 127, "true is not on PATH\n  tried: PATH=''"),
    (&["true"], &["PATH=:"], 127, "true is not on PATH\n  tried: PATH=:"),
    (&["true"], &["PATH=nowhere:::/dev/null:@/file"], 127, "true is not on PATH\n  tried: PATH=nowhere:::/dev/null:@/file"),
    (&["nothing"], &["PATH"], 127, "nothing is not on PATH\n  tried: PATH=/bin:/usr/bin"),
    (&["file"], &["PATH=:"], 126, "@/file is not executable\nhint: chmod +x @/file"),
    (&["file"], &["PATH=.:/nowhere"], 126, "@/file is not executable\nhint: chmod +x @/file"),
];

#[rustfmt::skip]
const VALUES: &[Row] = &[
    (&["x.py"], &["HEYGEM_PYTHON='a"], 125, "HEYGEM_PYTHON has a quote that is not closed: 'a\nhint: write HEYGEM_PYTHON as in a shell: \"python3.8 -u\""),
    (&["x.py"], &["HEYGEM_PYTHON=a \"b"], 125, "HEYGEM_PYTHON has a quote that is not closed: a \"b\nhint: write HEYGEM_PYTHON as in a shell: \"python3.8 -u\""),
    (&["-p", "it's", "x.py"], &[], 125, "--python has a quote that is not closed: it's\nhint: write --python as in a shell: \"python3.8 -u\""),
    (&["x.py"], &["HEYGEM_PYTHON= "], 125, "HEYGEM_PYTHON names no program: ' '\nhint: write HEYGEM_PYTHON as in a shell: \"python3.8 -u\""),
    (&["x.py"], &["HEYGEM_PYTHON=# u"], 125, "HEYGEM_PYTHON names no program: '# u'\nhint: write HEYGEM_PYTHON as in a shell: \"python3.8 -u\""),
    (&["x.py"], &["HEYGEM_PYTHON='' -u"], 125, "HEYGEM_PYTHON names no program: ''\\'''\\'' -u'\nhint: write HEYGEM_PYTHON as in a shell: \"python3.8 -u\""),
    (&["-p", "", "x.py"], &[], 125, "--python is empty\nhint: --python takes a value, or leave it out"),
    (&["x.py"], &["HEYGEM_PYTHON=sdk/"], 126, "@/sdk/ is a directory"),
    (&["x.py"], &["HEYGEM_PYTHON=./file"], 126, "@/file is not executable\nhint: chmod +x @/file"),
    (&["-m", "x"], &["HEYGEM_PYTHON=nothing"], 127, "nothing is not on PATH\n  tried: PATH=/usr/bin:/bin\nhint: HEYGEM_PYTHON names it: name another, or leave it out"),
    (&["-m"], &[], 125, "a value is required for '-m <MODULE>...' but none was suppliedCLAP"),
    (&["-C", "", "true"], &[], 125, "--chdir is empty\nhint: --chdir takes a value, or leave it out"),
    (&["-C", "nowhere", "true"], &[], 125, "--chdir @/nowhere is not a directory"),
    (&["-C", "file", "true"], &[], 125, "--chdir @/file is not a directory"),
    (&["-C", "loop", "true"], &[], 125, "--chdir @/loop can't be used: Too many levels of symbolic links"),
    (&["-L", "", "true"], &[], 125, "--library-dir is empty\nhint: --library-dir takes a value, or leave it out"),
    (&["-L", "/a:/b", "true"], &[], 125, "the library directory /a:/b (--library-dir) has a colon or semicolon in its path\nhint: LD_LIBRARY_PATH can't hold it; for two directories write -L twice"),
    (&["true"], &["HEYGEM_LIBRARY_PATH=/a;b"], 125, "the library directory '/a;b' (HEYGEM_LIBRARY_PATH) has a colon or semicolon in its path\nhint: LD_LIBRARY_PATH can't hold it; between two directories write a colon"),
    (&["--print-env=yaml"], &[], 125, "invalid value 'yaml' for '--print-env[=<FORMAT>]'\n  [possible values: sh, docker, systemd, dotenv, json]CLAP"),
    (&["--print-env="], &[], 125, "a value is required for '--print-env[=<FORMAT>]' but none was supplied\n  [possible values: sh, docker, systemd, dotenv, json]CLAP"),
    (&["--print-env", "json"], &[], 125, "--print-env takes no command\nhint: name a format like this: --print-env=json"),
    (&["--prepare", "true"], &[], 125, "--prepare takes no command\nhint: run it first, then heygem-run COMMAND"),
    (&["--strict=1", "true"], &[], 125, "unexpected value '1' for '--strict' found; no more were expectedCLAP"),
    (&["-n"], &[], 125, "no command to run\nhint: heygem-run -- python app.py, heygem-run app.py, or heygem-run -m MODULE; see heygem-run --help"),
];

/// An SDK, and beside it everything that can't be used.
fn place() -> Place {
    let place = Place::new();
    place.make_root("sdk");
    place.make_root("roots/a:b");
    place.write("file", "");
    for name in ["loop", "loop.py"] {
        place.link(name, name);
    }
    place.link("nowhere", "dangling");
    let here = place.dir.display().to_string();
    let scripts = [
        ("missing", "/nowhere/python3 -u"),
        ("looping", "@/loop"),
        ("itself", "@/bin/itself"),
        ("again", "@/heygem-run"),
        ("of-a-directory", "/usr"),
        ("of-a-plain-file", "@/file"),
        ("below-a-file", "@/file/x"),
        ("of-missing", "@/bin/missing"),
        ("windows", "/bin/sh\r"),
    ];
    for (name, interpreter) in scripts {
        place.write_program(format!("bin/{name}"), format!("#!{}\n", interpreter.replace('@', &here)));
    }
    place.write_program("bin/garbage", b"\x7fELF\x02\x01\x01\0garbage");
    place.write("x.py", "");
    place
}

/// A launch with these words and variables.
fn launch(place: &Place, words: &[&str], variables: &[&str]) -> Run {
    let filled =
        |text: &str| text.replace('@', place.dir.to_str().expect("text")).replace("LONG", &"x".repeat(LONG));
    let mut command = place.command(LAUNCHER);
    command.env("RUST_BACKTRACE", "1").args(words.iter().map(|word| filled(word)));
    for variable in variables {
        match filled(variable).split_once('=') {
            Some((name, value)) => command.env(name, value),
            None => command.env_remove(variable),
        };
    }
    Run::new(command)
}

#[test]
fn every_mistake_has_its_message_and_its_code() {
    let place = place();
    let rows: Vec<_> = [ROOTS, COMMANDS, VALUES].concat();
    assert!(rows.len() >= 60);
    for (words, variables, code, message) in rows {
        let message = message.replace("NAME_IT", NAME_IT).replace("MOVE_IT", MOVE_IT).replace("CLAP", CLAP);
        let message = message.replace('@', place.dir.to_str().expect("text"));
        let message = message.replace("LONG", &"x".repeat(LONG));
        println!("{words:?} {variables:?}"); // shown when the row fails
        launch(&place, words, variables).fails(code, format!("heygem-run: error: {message}\n"));
    }
}

/// To each of these the answer is a launch, and no word about it.
#[test]
fn values_that_mean_nothing_change_nothing() {
    let place = place();
    let variables = [
        "HEYGEM_DIR=",
        "HEYGEM_PYTHON=",
        "HEYGEM_LIBRARY_PATH=",
        "HEYGEM_LIBRARY_PATH= : :",
        "HEYGEM_STRICT=",
        "HEYGEM_STRICT=0",
        "HEYGEM_STRICT=False",
        "HEYGEM_STRICT=no",
        "HEYGEM_STRICT=OFF",
        "PYTHONPATH=",
        "PYTHONPATH=:: :",
        "PWD=",
        "PWD=nowhere",
        "PWD=/",
        "PATH",
        "HOME",
        "HOME=",
        "TMPDIR=",
        "XDG_CACHE_HOME=",
        "HEYGEM_DIR=sdk",
        "HEYGEM_DIR=./sdk/.",
        "VIRTUAL_ENV=",
        "NO_COLOR=",
        "LANG=nonsense",
    ];
    for variable in variables {
        println!("{variable}");
        launch(&place, &["/bin/sh", "-c", "echo \"$HEYGEM_DIR\"; pwd"], &[variable]).prints(format!(
            "{}\n{}\n",
            place.path("sdk").display(),
            place.dir.display()
        ));
    }
    // Under strictness, a launch that is worth no warning is none that fails.
    launch(&place, &["true"], &["HEYGEM_STRICT=yes"]).prints("");
    launch(&place, &["-p", "sh", "true"], &["HEYGEM_STRICT=anything"]).fails(
        125,
        "heygem-run: error: --python has no effect on a command: true runs as it is; leave --python out\n\
         hint: --strict treats this warning as an error\n",
    );
}

#[test]
fn unreadable_inputs_are_named() {
    let place = place();
    let closed = place.make_dir("closed");
    place.make_root("closed/sdk");
    for name in ["closed/tool", "closed/x.py"] {
        place.write_program(name, "#!/bin/sh\n");
    }
    place.write_program("bin/of-closed", format!("#!{}/tool\n", closed.display()));
    let here = place.dir.display();
    let closed_root = format!(
        "the root {here}/closed/sdk (--root) can't be used: Permission denied\n{NAME_IT}\nhint: write -r {here}/sdk"
    );
    let rows: [(&[&str], i32, String); 5] = [
        (&["-r", "closed/sdk", "true"], 125, closed_root),
        (&["closed/tool"], 126, format!("{here}/closed/tool can't be run: Permission denied")),
        (
            &["bin/of-closed"],
            126,
            format!(
                "{here}/bin/of-closed can't be run: its #! interpreter {here}/closed/tool can't be run: Permission denied"
            ),
        ),
        (
            &["closed/x.py"],
            127,
            format!(
                "closed/x.py is not found\n  tried: {here}/closed/x.py: Permission denied\n  tried: {here}/sdk/closed/x.py"
            ),
        ),
        (
            &["-C", "closed/sdk", "true"],
            125,
            format!("--chdir {here}/closed/sdk can't be used: Permission denied"),
        ),
    ];
    chmod(&closed, 0o000);
    for (words, code, message) in rows {
        let mut command = place.bound_command(LAUNCHER);
        command.env("RUST_BACKTRACE", "1").env("HEYGEM_PYTHON", "sh").args(words);
        Run::new(command).fails(code, format!("heygem-run: error: {message}\n"));
    }
    chmod(&closed, 0o700);
}

/// Both leave what is absolute alone, and say what is not.
#[test]
fn a_working_directory_that_is_gone_or_closed_is_said() {
    let place = place();
    let sdk = place.path("sdk").display().to_string();
    let gone = |words: &[&str]| {
        let gone = place.make_dir("gone");
        let mut command = place.command("/bin/sh");
        command.args(["-c", r#"rmdir "$PWD" && exec "$@""#, "sh", LAUNCHER]).args(words);
        Run::new(command).env("RUST_BACKTRACE", "1").within(gone)
    };
    let unreadable = "and the working directory can't be read";
    let error = |code: i32, words: &[&str], text: String| {
        gone(words).fails(code, format!("heygem-run: error: {text}\n"));
    };
    let missing = "No such file or directory";
    gone(&["-r", &sdk, "-C", &sdk, "/bin/sh", "-c", "pwd"]).prints(format!("{sdk}\n"));
    gone(&["-r", &sdk, "/bin/echo", "ran"]).prints("ran\n");
    error(125, &["-r", "sdk", "/bin/true"], format!("--root sdk is relative, {unreadable}: {missing}"));
    error(
        125,
        &["-r", &sdk, "-C", "x", "/bin/true"],
        format!("--chdir x is relative, {unreadable}: {missing}"),
    );
    error(
        125,
        &["-r", &sdk, "-L", "x", "/bin/true"],
        format!("--library-dir x is relative, {unreadable}: {missing}"),
    );
    error(127, &["-r", &sdk, "./true"], format!("./true is relative, {unreadable}"));
    error(
        127,
        &["-r", &sdk, "-p", "sh", "x.pyc.py"],
        format!("x.pyc.py is not found\n  tried: {sdk}/x.pyc.py\n  tried: {}/x.pyc.py", place.dir.display()),
    );
    // One that may be entered and not be listed is no obstacle.
    let closed = place.make_dir("closed");
    chmod(&closed, 0o111);
    let mut command = place.bound_command(LAUNCHER);
    command.args(["-r", &sdk, "--no-bridge", "/bin/sh", "-c", "pwd"]).current_dir(&closed);
    Run::new(command).prints(format!("{sdk}\n"));
    chmod(&closed, 0o700);
}

/// Linux allows 131,071 bytes a word, and a quarter of the stack's limit in all.
#[test]
fn words_at_the_kernels_limit_pass_and_past_it_there_is_no_launch() {
    const LONGEST: usize = 131_071;
    let place = place();
    let longest = "x".repeat(LONGEST);
    let probe = probe();
    let probe = probe.to_str().expect("text");
    let report = Report::of(launch(&place, &["--", probe, &longest], &[]));
    assert_eq!(report.all("argv"), [probe, &longest]);
    let variable = format!("A={}", "x".repeat(LONGEST - 2));
    assert_eq!(Report::of(launch(&place, &["--", probe], &[&variable])).variable("A"), Some(&variable[2..]));
    let mut command = place.command(LAUNCHER);
    let error = command.args(["true", &(longest.clone() + "x")]).output().expect_err("the kernel refuses");
    assert_eq!(error.kind(), ErrorKind::ArgumentListTooLong);
    // As a path, it is longer than any can be.
    let words = [longest.clone(), format!("./{}", &longest[2..])];
    for (word, code) in words.iter().zip([127, 126]) {
        let outcome = launch(&place, &["--", word], &[]).run();
        assert_eq!((outcome.code(), outcome.stdout()), (Some(code), String::new()));
        assert!(outcome.stderr().starts_with("heygem-run: error: "));
    }
}

#[test]
fn a_stdout_that_takes_nothing_is_an_error_of_every_form() {
    let place = place();
    let rows: [&[&str]; 7] = [
        &["--help"],
        &["-h"],
        &["--version"],
        &["--print-env"],
        &["--print-env=json"],
        &["-n", "true"],
        &["--prepare"],
    ];
    for words in rows {
        let mut command = place.command("/bin/sh");
        command.args(["-c", "exec \"$@\" >/dev/full", "sh", LAUNCHER]).args(words).env("RUST_BACKTRACE", "1");
        Run::new(command).fails(125, "heygem-run: error: stdout can't be written: No space left on device\n");
        let mut command = place.command(start());
        command.args(["close=1", "--", LAUNCHER, LAUNCHER]).args(words).env("RUST_BACKTRACE", "1");
        Run::new(command).fails(125, "heygem-run: error: stdout can't be written: Bad file descriptor\n");
    }
}
