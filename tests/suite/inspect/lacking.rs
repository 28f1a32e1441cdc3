//! What certainly lacks something is said, with its remedy, and exits with 1.

use std::process::Command;

use serde_json::json;

use super::unknown::with_setproctitle;
use super::{IDLE, SERVED, Server, Service, Stage, cut, python, served_by};
use crate::support::build::checked;
use crate::support::fs::remove;
use crate::support::place::LAUNCHER;
use crate::support::run::Run;

const HINT: &str = "start it with heygem-run (after sudo, su or env -i)";

#[test]
fn a_service_without_variables_lacks_all_three_entries() {
    let stage = Stage::new();
    let service = Service::start(stage.bare(&[]));
    let bridge = stage.bridge();
    let (root, parent) = (stage.root.display(), stage.place.dir.display());
    let command = format!("{} {IDLE}", python().display());
    let expected = format!(
        "root: {root} (--root)\n\
         \n\
         fail     {}  main (parent {})\n  \
           command:     {}\n  \
           directory:   {root}\n  \
           HEYGEM_DIR:  not set\n  \
           PYTHONPATH:  lacks {root}\n  \
           PYTHONPATH:  lacks {parent}\n  \
           PYTHONPATH:  lacks the bridge {}\n\
         \n\
         processes: 1 fail\n\
         hint: {HINT}: heygem-run -- {command}\n",
        service.pid(),
        std::process::id(),
        cut(&command),
        bridge.display(),
    );
    for options in [&[][..], &["-q"], &["--strict"]] {
        stage.inspect(service.pid(), options).run().is(1, &expected, "");
    }
}

/// The process's words as a shell reads them.
fn words(process: &serde_json::Value) -> String {
    let words = process["command"].as_array().expect("a list").iter();
    shell_words::join(words.map(|word| word.as_str().expect("text")))
}

#[test]
fn children_lack_what_their_parent_lacks() {
    let stage = Stage::new();
    let service = Service::start(stage.bare(&["fork", "spawn", "forkserver"]));
    let (code, report) = stage.report(service.pid(), &[]);
    assert_eq!(code, Some(1));
    for what in ["main", "fork", "spawn", "server", "forkserver"] {
        assert_eq!(report.verdict(service.number(what)), "fail", "{what}");
    }
    assert_eq!(report.verdict(service.number("tracker")), "skip");
    // Who is told how the service is started needs no telling of its children.
    let text = stage.inspect(service.pid(), &[]).run().stdout();
    let hints: Vec<_> = text.lines().filter(|line| line.starts_with("hint: ")).collect();
    let main = words(report.of(service.pid()));
    assert_eq!(hints, [format!("hint: {HINT}: heygem-run -- {main}")], "{text}");
}

#[test]
fn the_root_and_its_bridge_are_needed() {
    let stage = Stage::new();
    let bridge = stage.bridge();
    let [root, parent, bridge] =
        [&stage.root, &stage.place.dir, &bridge].map(|path| path.display().to_string());
    let directory = |path: &str| json!({ "what": "directory", "path": path });
    let lost_bridge = json!({ "what": "bridge", "path": bridge });
    let elsewhere = stage.place.path("elsewhere/.heygem-run/heygem-bridge-0123456789abcdef");
    let strange_bridge = json!({ "what": "bridge", "path": bridge, "instead": elsewhere });
    let table = [
        // The remedy of the bug report.
        (format!("{root}:{parent}"), vec![lost_bridge.clone()]),
        (format!("{root}/:{bridge}"), vec![directory(&parent)]),
        (format!("{parent}:{bridge}"), vec![directory(&root)]),
        (format!("{root}:{parent}:{}", elsewhere.display()), vec![strange_bridge]),
        // A relative one means this very directory.
        (format!(".:..:{bridge}"), vec![]),
        (format!("/usr/lib:{root}/:{parent}/.:{bridge}/"), vec![]),
    ];
    for (path, missing) in table {
        let mut command = stage.bare(&[]);
        command.env("PYTHONPATH", &path);
        let service = Service::start(command);
        let (code, report) = stage.report(service.pid(), &["--strict"]);
        assert_eq!(report.of(service.pid())["missing"], json!(missing), "{path}");
        // The SDK can be imported without what is beside it.
        let fails = missing.iter().any(|entry| *entry != directory(&parent));
        assert_eq!(code, Some(i32::from(fails)), "{path}: {:#}", report.0);
    }
}

#[test]
fn options_that_make_python_ignore_it_are_named() {
    let stage = Stage::new();
    for (flags, letter) in [(&["-E"][..], "-E"), (&["-u", "-I"], "-I"), (&["-uE"], "-E")] {
        let service = Service::start(stage.launch_command(&["-q"], flags, &["spawn"]));
        let (code, report) = stage.report(service.pid(), &[]);
        assert_eq!(code, Some(1), "{flags:?}");
        for what in ["main", "spawn"] {
            let process = report.of(service.number(what));
            assert_eq!(
                (&process["isolation"], &process["verdict"]),
                (&json!(letter), &json!("fail")),
                "{flags:?} {what}"
            );
            assert_eq!(
                (&process["missing"], &process["hints"]),
                (&json!([]), &json!(["start Python without this option"]))
            );
        }
        let text = stage.inspect(service.pid(), &["-q"]).run().stdout();
        assert!(text.contains(&format!("\n  option:      {letter} makes it ignore PYTHONPATH\n")), "{text}");
    }
}

#[test]
fn a_deleted_executable_is_told_from_one_that_was_replaced() {
    let stage = Stage::new();
    let prefix = checked(Command::new(python()).args(["-I", "-c", "import sys; print(sys.base_prefix)"]));
    let copy = stage.place.copy_program(python(), "bin/python3");
    let mut command = stage.place.command(LAUNCHER);
    command.arg("--root").arg(&stage.root).arg("--").arg(&copy).arg(IDLE);
    command.env("PYTHONHOME", prefix.trim_end()); // a copy does not know where the library is
    let service = Service::start(command);
    let lines = |run: Run, code: i32| {
        let outcome = run.run();
        assert_eq!(outcome.code(), Some(code), "{outcome}");
        let stdout = outcome.stdout();
        let wanted = |line: &&str| line.starts_with("  executable:") || line.starts_with("hint:");
        stdout.lines().filter(wanted).map(String::from).collect::<Vec<_>>()
    };
    let none: [String; 0] = [];
    assert_eq!(lines(stage.inspect(service.pid(), &[]), 0), none);
    remove(&copy);
    let gone = [
        format!("  executable:  {} is deleted", copy.display()),
        "hint: install that Python again, and restart the service".to_owned(),
    ];
    assert_eq!(lines(stage.inspect(service.pid(), &["-q"]), 1), gone);
    stage.place.copy_program(python(), "bin/python3");
    let replaced = [format!("  executable:  {} was replaced since it started", copy.display())];
    assert_eq!(lines(stage.inspect(service.pid(), &[]), 0), replaced);
    assert_eq!(lines(stage.inspect(service.pid(), &["-q"]), 0), none);
}

#[test]
fn a_main_that_can_be_read_is_judged_whatever_its_children_are_called() {
    let stage = Stage::new();
    let script = stage.in_root();
    for words in [&["titled", "spawn"][..], &["titled"]] {
        let mut command = Command::new(with_setproctitle());
        command.env_clear().current_dir(&stage.root).arg(&script).args(words);
        let service = Service::start(command);
        let (code, report) = stage.report(service.pid(), &[]);
        assert_eq!((code, report.verdict(service.pid())), (Some(1), "fail"), "{:#}", report.0);
        assert_eq!(report.verdict(service.number("titled")), "fail");
        assert_eq!(stage.inspect_all(&["-q"]).run().code(), Some(1));
    }
}

#[test]
fn servers_that_nobody_launched_lack_all_whoever_asks() {
    let stage = Stage::new();
    stage.place.write("sdk/app.py", SERVED);
    for words in [
        &["-m", "uvicorn", "app:app", "--port", "0"][..],
        &["-m", "gunicorn", "-b", "127.0.0.1:0", "app:wsgi"],
    ] {
        let server = Server::start(&stage, served_by(), words, false);
        assert_eq!(stage.inspect(server.pid(), &["-q"]).run().code(), Some(1), "{words:?}");
        assert_eq!(stage.inspect_all(&["-q"]).run().code(), Some(1), "{words:?}");
    }
}
