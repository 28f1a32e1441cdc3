//! What surrounds the doctor ends it only with a report, and what it quotes does nothing to a terminal.

use crate::support::place::Place;
use crate::support::run::Run;
use crate::support::trace::traced;
use crate::support::user::{give_away, is_root};

/// A user who has no other processes, so that the limit is for the doctor alone.
const USER: &str = "54321";

/// A thread is a process to the kernel.
#[test]
fn where_no_process_may_be_started_there_is_a_report() {
    for most in ["1", "2", "3", "5", "8"] {
        let place = Place::new();
        place.make_root("sdk");
        place.launch(["-r", "sdk", "--prepare"]).run().succeeded();
        let launcher = place.copy_launcher("bin/heygem-run");
        let mut command = place.command("timeout");
        command.args(["120", "prlimit", &format!("--nproc={most}"), "--"]);
        if is_root() {
            command.args(["setpriv", "--reuid", USER, "--regid", USER, "--clear-groups"]);
        }
        command.arg(launcher).args(["--doctor", "--timeout=60", "-r", "sdk", "--python", "python3"]);
        let outcome = Run::new(command).run();
        assert_eq!(outcome.code(), Some(1), "{most}: {outcome}");
        let last = outcome.stdout().lines().last().unwrap_or_default().to_owned();
        assert!(last.contains(" checks: ") && !outcome.stderr().contains("panicked"), "{most}: {outcome}");
        let is_refused = outcome.stdout().contains("can't be started: ");
        assert!(is_refused || most == "8", "{most}: {outcome}");
    }
}

#[test]
fn what_programs_and_files_say_does_nothing_to_a_terminal() {
    let place = Place::new();
    place.make_root("sdk");
    place.write("sdk/config/config.ini", "[http\u{1b}]0;x\u{7}\n\u{202e}\u{9b}31m\n");
    let says = "#!/bin/sh\nprintf 'says \\033]0;x\\007 \\302\\233 \\342\\200\\256 so\\n'; exit 9\n";
    for program in ["nvidia-smi", "ffmpeg", "ffprobe", "python3"] {
        place.write_program(format!("bin/{program}"), says);
    }
    let path = format!("{}:/usr/bin:/bin", place.path("bin").display());
    let outcome = place.launch(["--doctor", "-r", "sdk", "--python", "python3"]).env("PATH", path).run();
    let text = outcome.stdout();
    assert!(text.matches("says \u{fffd}]0;x\u{fffd} \u{fffd} \u{fffd} so").count() >= 3, "{outcome}");
    let is_harmful = |char: char| char != '\n' && (char.is_control() || char == '\u{202e}');
    assert!(!text.contains(is_harmful) && !outcome.stderr().contains(is_harmful), "{text:?}");
}

/// A line that somebody else made would be taken for one of the report's, or for what it says to do.
#[test]
fn what_others_wrote_makes_no_line_of_the_report() {
    let forged = "a\nok    forged       b\n                   do: evil\nheygem-run: error: c";
    let place = Place::new();
    place.make_root("sdk");
    place.write("sdk/download.sh", format!("wget -O '{forged}' http://x/y\nwget -O z http://x/z\n"));
    place.write(
        "sdk/service/trans_dh_service.py",
        format!("raise ModuleNotFoundError({forged:?}, name={forged:?})\n"),
    );
    place.write("sdk/z", "z");
    let outcome = place.launch(["--doctor", "-r", "sdk", "--python", "python3"]).run();
    let text = outcome.stdout();
    let is_forged = |line: &str| {
        ["ok    forged", "do: evil", "heygem-run:"].iter().any(|forged| line.trim().starts_with(forged))
    };
    assert!(!text.lines().any(is_forged), "{text}");
    assert!(text.contains(r"&& wget -O \'a\nok    forged       b\n"), "{text}");
    assert!(text.contains("name 'a ok    forged") || text.contains("imports a ok    forged"), "{text}");
}

#[test]
fn a_wait_that_is_interrupted_or_refused_ends_nothing() {
    let place = Place::new();
    place.make_root("sdk");
    for inject in ["inject=waitid:error=EINTR:when=1..9", "inject=waitid:error=EIO:when=1..3"] {
        let outcome = Run::new(traced(&place, &["-e", inject], &["--doctor", "--python", "python3"])).run();
        let text = outcome.stdout();
        assert!(!text.contains("not asked for") && !text.contains("signal 9"), "{inject}: {outcome}");
        assert!(text.contains(" checks: "), "{inject}: {outcome}");
    }
}

#[test]
fn a_limit_that_can_not_be_asked_for_ends_nothing() {
    let place = Place::new();
    place.make_root("sdk");
    place.write("sdk/service/trans_dh_service.py", "raise OSError(24, 'Too many open files')\n");
    let inject = ["-e", "inject=prlimit64:error=EPERM"];
    let outcome = Run::new(traced(&place, &inject, &["--doctor", "--python", "python3"])).run();
    assert_eq!(outcome.code(), Some(1), "{outcome}");
    assert!(outcome.stdout().contains("can't be started: the limit of open files is "), "{outcome}");
}

/// Nobody named it, and it is not on PATH: who can change it has code run by whoever asks the doctor.
#[test]
fn a_python_that_others_can_change_is_not_tried() {
    const VERSION: &str = "home/.pyenv/versions/3.7.1";
    let stranger = [
        "",
        "home/.pyenv/versions",
        VERSION,
        "home/.pyenv/versions/3.7.1/bin/python3.7",
        "home/.pyenv/versions/3.7.1/lib/python3.7/site-packages/a.pth",
    ];
    for given in stranger {
        let place = Place::new();
        place.make_root("sdk");
        place.write("sdk/service/trans_dh_service.cpython-37m-x86_64-linux-gnu.so", "");
        place.write(format!("{VERSION}/lib/python3.7/site-packages/a.pth"), "");
        let line = format!("#!/bin/sh\n: > {}\n", place.path("ran").display());
        place.write_program(format!("{VERSION}/bin/python3.7"), line);
        if !given.is_empty() {
            give_away(&place.path(given));
        }
        let words = ["--doctor", "-r", "sdk", "--python", "/usr/bin/python3"];
        let outcome = place.launch(words).run();
        assert!(outcome.stdout().contains(" checks: "), "{given}: {outcome}");
        assert_eq!(place.path("ran").exists(), given.is_empty(), "{given}: {outcome}");
    }
}
