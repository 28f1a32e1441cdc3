//! What is printed means to its reader what the launch does, or is refused.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use crate::support::place::{LAUNCHER, Place};
use crate::support::probe::{Report, probe};
use crate::support::run::Run;

/// Names of roots that tempt a reader to read them as something else.
const NAMES: [&[u8]; 12] = [
    b"a\x1b[31mb",
    b"a\nb",
    b"a\n\n",
    b"\r",
    b"\xff\xfe",
    b"it's",
    b"back\\",
    b"sp ",
    b"$HOME `x` \"q\"",
    b"a #b",
    "\u{202e}\u{85}".as_bytes(),
    b"-n",
];

/// POSIX: `eval` in `/bin/sh`, whichever that is.
#[test]
fn sh_means_what_bin_sh_reads() {
    for name in NAMES {
        let place = Place::new();
        let root = place.make_root(Path::new("roots").join(OsStr::from_bytes(name)));
        let direct =
            [OsStr::new("-r"), root.as_os_str(), OsStr::new("--"), probe().as_os_str()].map(OsStr::to_owned);
        let direct = Report::of(place.launch(direct));
        let script = "eval \"$(\"$0\" -r \"$1\" --print-env=sh)\" && exec \"$2\"";
        let mut command = place.command("/bin/sh");
        command.args(["-c", script, LAUNCHER]).arg(&root).arg(probe());
        let read = Report::of(Run::new(command));
        for variable in ["HEYGEM_DIR", "PYTHONPATH"] {
            assert_eq!(read.variable(variable), direct.variable(variable), "{}", root.display());
        }
    }
}

#[test]
fn a_printed_line_means_the_same_whatever_the_root_is_called() {
    for name in NAMES {
        let place = Place::new();
        let root = place.make_root(Path::new("roots").join(OsStr::from_bytes(name)));
        let target = probe();
        let words = [OsStr::new("-r"), root.as_os_str(), OsStr::new("--"), target.as_os_str()];
        let direct = Report::of(place.launch(words));
        let printed = place.launch([&[OsStr::new("-n")][..], &words].concat()).run().succeeded();
        assert!(!printed.trim().contains(char::is_control) && !printed.contains('\u{202e}'), "{printed:?}");
        let mut command = place.command("bash");
        command.args(["-c", &printed]);
        let pasted = Report::of(Run::new(command));
        for variable in ["HEYGEM_DIR", "PYTHONPATH"] {
            assert_eq!(pasted.variable(variable), direct.variable(variable), "{printed}");
        }
    }
}

/// A person reads it there, and a terminal would obey it, or show it in another order.
#[test]
fn on_a_terminal_nothing_harmful_is_printed() {
    let place = Place::new();
    let root = place.make_root("a\u{1b}]0;b\u{7}\u{202e}\u{9b}c");
    let escaped = r"a\x1b]0;b\x07\xe2\x80\xae\xc2\x9bc";
    let in_json = r"a\u001b]0;b\u0007\u202e\u009bc";
    let log =
        place.write("log-\u{202e}\u{9b}.txt", "ModuleNotFoundError: No module named 'x\u{202e}\u{9b}'\n");
    let log = log.to_str().expect("text");
    let forms = [
        ("--print-env=sh --no-bridge -r a*c", Some(escaped)),
        ("--print-env=json --no-bridge -r a*c", Some(in_json)),
        ("--print-env=dotenv --no-bridge -r a*c", Some(escaped)),
        ("--prepare -r a*c", Some(escaped)),
        ("-n -v -r a*c -- true a*c", Some(escaped)),
        ("-r a*c -- a*c", Some(escaped)),
        ("--a*c", None),
        ("--inspect=a*c", None),
        ("--print-env=a*c", None),
        (&format!("--explain='{log}'"), None),
        (&format!("--explain='{log}' --format=json"), Some(r"\u202e\u009b")),
        (&format!("--explain='{log}/none'"), Some(r"\xe2\x80\xae")),
        ("--doctor -r a*c", None),
        ("--doctor --format=json -r a*c", None),
    ];
    for (form, told) in forms {
        // The pattern is a word of its own, whatever is in front of it.
        let line = form.replace("a*c", "\"$ROOT\"");
        let mut command = place.command("script");
        command.args(["-qec", &format!("{LAUNCHER} {line}"), "/dev/null"]).env("SHELL", "/bin/sh");
        // The launcher's own colours are no harm.
        command.env("NO_COLOR", "1").env("TERM", "dumb").env("ROOT", root.file_name().expect("a name"));
        let text = Run::new(command).run().stdout();
        let is_harmful = |char: char| char.is_control() || ('\u{202a}'..='\u{202e}').contains(&char);
        assert!(!text.replace(['\r', '\n'], "").contains(is_harmful), "{form}: {text:?}");
        assert!(!text.trim().is_empty() && told.is_none_or(|told| text.contains(told)), "{form}: {text:?}");
    }
}

/// A backslash at a line's end would take the next line in; blanks there would be lost.
#[test]
fn what_systemd_would_read_otherwise_is_refused() {
    for name in ["back\\", "blank "] {
        let place = Place::new();
        let root = place.make_root(name);
        let form = ["--print-env=systemd", "--no-bridge", "-r", name];
        let quoted = format!("'{}'", root.display());
        place.launch(form).fails(
            125,
            format!(
                "heygem-run: error: systemd can't hold the end of the working directory: {quoted}\n\
                 hint: --print-env=sh can write every byte\n"
            ),
        );
        // Elsewhere it is held.
        place.launch(["--print-env=systemd", "--no-chdir", "--no-bridge", "-r", name]).run().succeeded();
    }
}

#[test]
fn what_readers_of_dotenv_take_in_different_ways_is_refused() {
    for name in ["$x", "a #b", "a#b", "it's", "\"q\"", "back\\", "end "] {
        let place = Place::new();
        place.make_root(name);
        let outcome = place.launch(["--print-env=dotenv", "--no-bridge", "-r", name]).run();
        assert_eq!((outcome.code(), &*outcome.stdout()), (Some(125), ""), "{outcome}");
        assert!(outcome.stderr().contains("dotenv can't hold HEYGEM_DIR"), "{outcome}");
    }
    for name in ["a  b", "数字人", "a=b", "{x}"] {
        let place = Place::new();
        let root = place.make_root(name);
        let outcome = place.launch(["--print-env=dotenv", "--no-bridge", "-r", name]).run();
        let expected = format!("HEYGEM_DIR={0}\nPYTHONPATH={0}:{1}\n", root.display(), place.dir.display());
        outcome.is(0, expected, "");
    }
}

#[test]
fn a_printed_line_starts_the_same_program_whatever_it_is_called() {
    for name in ["-foo", "--", "-c", "-a=b", "a=b", "exec", "command", "-"] {
        let place = Place::new();
        place.make_root("sdk");
        place.write_program(Path::new("bin").join(name), "#!/bin/sh\nprintf '%s\\n' \"ran $0 $*\"\n");
        let path = format!("{}:/usr/bin:/bin", place.path("bin").display());
        let words = ["-r", "sdk", "--", name, "-x", "a b"];
        let launched = place.launch(words).env("PATH", &path).run();
        assert_eq!(launched.code(), Some(0), "{launched}");
        let printed = place.launch([&["-n"][..], &words].concat()).env("PATH", &path).run().succeeded();
        for shell in ["sh", "bash", "dash", "zsh", "ksh"] {
            if !["/usr/bin", "/bin"].iter().any(|directory| Path::new(directory).join(shell).exists()) {
                continue; // `.ci/field` has them all
            }
            let mut command = place.command(shell);
            command.args(["-c", &printed]).env("PATH", &path);
            assert_eq!(Run::new(command).run().succeeded(), launched.stdout(), "{shell}: {printed}");
        }
    }
}
