//! Services that were launched have what a launch gives, by whatever path, store or release.

use std::io::{BufRead as _, BufReader};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use super::{IDLE, RESTART, Service, Stage, cut, python};
use crate::support::build::checked;
use crate::support::fs::remove;
use crate::support::place::LAUNCHER;

const ALL: &[&str] = &["fork", "spawn", "forkserver", "program"];

#[test]
fn every_process_of_a_launched_service_is_listed_by_its_role() {
    let stage = Stage::new();
    let service = stage.launched(&[], ALL);
    let expected = listed_by_role(&stage, &service);
    // What this shell has is of no account, though there were no room for it in a launch.
    stage.inspect(service.pid(), &[]).env("PYTHONPATH", "/x".repeat(65_500)).prints(&expected);
    stage.inspect(service.pid(), &["--strict"]).prints(&expected);
    stage.inspect(service.pid(), &["-q"]).prints("");
    stage.inspect(service.pid(), &["-q", "--format=json"]).prints("");
}

/// The service's children in the order of the report, each with its verdict, its role and its parent.
fn children(service: &Service) -> Vec<(&'static str, &'static str, &'static str, u32)> {
    let main = service.pid();
    let mut children = vec![
        ("fork", "ok", "fork child", main),
        ("spawn", "ok", "spawn child", main),
        ("server", "ok", "forkserver", main),
        ("tracker", "skip", "resource tracker", main),
        ("program", "skip", "not Python", main),
    ];
    children.sort_by_key(|(what, ..)| service.number(what));
    let server = children.iter().position(|(what, ..)| *what == "server").expect("there");
    children.insert(server + 1, ("forkserver", "ok", "forkserver child", service.number("server")));
    children
}

/// What `--inspect` prints of a service with [`ALL`] kinds of children.
fn listed_by_role(stage: &Stage, service: &Service) -> String {
    let root = stage.root.display();
    let mut expected = format!("root: {root} (--root)\n");
    let block = |head: String, command: String, lines: &str| {
        format!("\n{head}\n  command:     {}\n  directory:   {root}\n{lines}", cut(&command))
    };
    let named = format!("  HEYGEM_DIR:  {root}\n");
    let main = service.pid();
    let python = python().display();
    let code = |module: &str| format!("{python} -c 'from multiprocessing.{module} import main");
    expected += &block(
        format!("ok       {main}  main (parent {})", std::process::id()),
        format!("{python} {IDLE} {}", ALL.join(" ")),
        &named,
    );
    for (what, verdict, role, parent) in children(service) {
        if what == "program" {
            expected += &format!("\nskip     {}  {role} (parent {parent}): cat\n", service.number(what));
            continue;
        }
        let (command, lines) = match what {
            "fork" => (format!("{python} {IDLE} {}", ALL.join(" ")), named.clone()),
            "spawn" => (
                format!("{python} -c 'from multiprocessing.spawn import spawn_main; spawn_main(track"),
                named.clone(),
            ),
            "tracker" => {
                (code("resource_tracker"), format!("  not judged:  it imports nothing of the SDK\n{named}"))
            }
            _ => (code("forkserver"), named.clone()),
        };
        // Long enough to be cut wherever the interpreter lies.
        let command = if what == "fork" { command } else { format!("{command:<99}") };
        expected += &block(
            format!("{verdict:<7}  {}  {role} (parent {parent})", service.number(what)),
            command,
            &lines,
        );
    }
    expected.push_str("\nprocesses: 5 ok, 2 skip\n");
    expected
}

#[test]
fn the_document_has_all_of_it() {
    let stage = Stage::new();
    let service = stage.launched(&[], &["spawn"]);
    let (code, report) = stage.report(service.pid(), &[]);
    assert_eq!(code, Some(0));
    let root = stage.root.to_str().expect("text");
    let expected = serde_json::json!({
        "pid": service.pid(),
        "parent": std::process::id(),
        "name": report.of(service.pid())["name"],
        "role": "main",
        "verdict": "ok",
        "command": [python(), IDLE, "spawn"],
        "command_cut": false,
        "executable": python().canonicalize().expect("there"),
        "executable_is": "there",
        "directory": root,
        "heygem_dir": root,
        "missing": [],
        "other_bridge": null,
        "isolation": null,
        "unknown": [],
        "not_judged": null,
        "hints": [],
    });
    assert_eq!(report.of(service.pid()), &expected);
    assert_eq!(report.of(service.number("spawn"))["role"], "spawn child");
    assert_eq!(report.of(service.number("tracker"))["not_judged"], "it imports nothing of the SDK");
    for (key, path) in [("root", &*stage.root), ("parent", &*stage.place.dir), ("bridge", &*stage.bridge())] {
        assert_eq!(report.0[key], path.to_str().expect("text"), "{key}");
    }
    assert_eq!(report.0["failed"], false);
}

#[test]
fn the_root_is_the_services_own_unless_one_is_named() {
    let stage = Stage::new();
    let service = stage.launched(&[], &[]);
    let pid = format!("--inspect={}", service.pid());
    let stranger = stage.place.make_dir("stranger");
    let other = stage.place.make_root("stranger/other");
    let outcome = stage.place.launch([&*pid]).within(&stranger).run();
    let head = format!("root: {} (the service's HEYGEM_DIR)\n", stage.root.display());
    assert!(outcome.succeeded().starts_with(&head), "{outcome}");
    let outcome = stage.place.launch(["--root", "other", &*pid]).within(&stranger).run();
    let nothing = format!(
        "nothing was checked: neither {} nor what it started has to do with {}",
        service.pid(),
        other.display()
    );
    let skipped = format!("  not judged:  it runs from another SDK, {}\n", stage.root.display());
    let head = format!("root: {} (--root)\n", other.display());
    assert!(outcome.stdout().starts_with(&head) && outcome.stdout().contains(&skipped), "{outcome}");
    assert_eq!((outcome.code(), outcome.stderr()), (Some(0), format!("heygem-run: warning: {nothing}\n")));
    // A health check of the wrong process would be content for ever.
    let strict = stage.place.launch(["--root", "other", "--strict", &*pid]).within(&stranger);
    let hint = "hint: --strict treats this warning as an error";
    strict.fails(125, format!("heygem-run: error: {nothing}\n{hint}\n"));
}

#[test]
fn what_runs_no_python_at_all_is_a_line_each_and_a_warning() {
    let stage = Stage::new();
    let mut child = Command::new("sh");
    child
        .args(["-c", "sleep 600 & echo $!; wait"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .process_group(0);
    let mut child = child.spawn().expect("a shell");
    let mut sleep = String::new();
    BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut sleep).expect("a number");
    let (shell, sleep) = (child.id(), sleep.trim());
    // Until then it is a copy of the shell.
    while !std::fs::read(format!("/proc/{sleep}/cmdline")).expect("it sleeps").starts_with(b"sleep") {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let expected = format!(
        "root: {} (--root)\n\n\
         skip     {shell}  not Python (parent {}): sh -c 'sleep 600 & echo $!; wait'\n\
         skip     {sleep}  not Python (parent {shell}): sleep 600\n\n\
         processes: 2 skip\n",
        stage.root.display(),
        std::process::id(),
    );
    let warning = format!(
        "heygem-run: warning: nothing was checked: neither {shell} nor what it started has to do with {}\n",
        stage.root.display()
    );
    let outcome = stage.inspect(shell, &[]).run();
    let quiet = stage.inspect(shell, &["-q"]).run();
    checked(Command::new("sh").args(["-c", "kill -s KILL -- \"-$1\"", "sh", &shell.to_string()]));
    child.wait().expect("a child");
    outcome.is(0, expected, warning);
    quiet.is(0, "", "");
}

#[test]
fn a_service_keeps_the_bridge_it_started_with_until_that_is_deleted() {
    let stage = Stage::new();
    let service = stage.launched(&[], &["spawn"]);
    let old = stage.bridge();
    stage.add_module("server");
    let new = stage.bridge();
    assert_ne!(old, new, "the SDK has another module");
    stage.inspect(service.pid(), &["-q", "--strict"]).prints("");
    assert_eq!(
        stage.report(service.pid(), &[]).1.of(service.pid())["other_bridge"],
        old.to_str().expect("text")
    );
    remove(&old);
    let (code, report) = stage.report(service.pid(), &[]);
    assert_eq!(code, Some(1));
    for what in ["main", "spawn"] {
        let process = report.of(service.number(what));
        assert_eq!(process["missing"], serde_json::json!([{ "what": "deleted bridge", "path": old }]));
        assert_eq!(process["hints"], serde_json::json!([RESTART]));
    }
}

#[test]
fn a_bridge_in_anybodys_cache_counts() {
    let stage = Stage::new();
    stage.place.write("sdk/.heygem-run", "no store can be made here");
    let mut command = stage.launch_command(&[], &[], &["spawn"]);
    command.env("XDG_CACHE_HOME", stage.place.path("theirs"));
    let service = Service::start(command);
    assert!(stage.place.path("theirs/heygem-run").is_dir(), "the bridge is in another store than ours");
    stage.inspect(service.pid(), &["-q", "--strict"]).prints("");
}

#[test]
fn the_root_may_be_known_by_another_link() {
    let stage = Stage::new();
    let link = stage.place.link(&stage.root, "links/current");
    let mut command = stage.place.command(LAUNCHER);
    command.arg("--root").arg(&link).arg("--").arg(python()).args([IDLE, "spawn"]);
    let service = Service::start(command);
    let (code, report) = stage.report(service.pid(), &["--strict"]);
    assert_eq!((code, report.verdict(service.pid())), (Some(0), "ok"), "{:#}", report.0);
    let named = report.of(service.pid())["heygem_dir"].as_str().map(Path::new);
    assert_eq!(named, Some(&*link));
}

#[test]
fn without_a_bridge_it_lacks_none_where_none_is_wanted() {
    let stage = Stage::new();
    let service = stage.launched(&["--no-bridge"], &[]);
    stage.inspect(service.pid(), &["-q", "--no-bridge"]).prints("");
    let bridge = |path: serde_json::Value| serde_json::json!([{ "what": "bridge", "path": path }]);
    let (code, report) = stage.report(service.pid(), &[]);
    assert_eq!((code, &report.of(service.pid())["missing"]), (Some(1), &bridge(serde_json::Value::Null)));
    assert!(!stage.root.join(".heygem-run").exists(), "an inspection writes nothing");
    let built = stage.bridge();
    let (code, report) = stage.report(service.pid(), &[]);
    let path = built.to_str().expect("text").into();
    assert_eq!((code, &report.of(service.pid())["missing"]), (Some(1), &bridge(path)));
}
