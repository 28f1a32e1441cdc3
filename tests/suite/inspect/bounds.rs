//! What strangers show costs no more than its size, opens nothing, and does nothing to a terminal.

use std::process::{Command, Stdio};

use super::{IDLE, Service, Stage, python};
use crate::support::build::checked;
use crate::support::fs::{chmod, plant_long_way};
use crate::support::trace::{calls, traced};

const WAIT: &str =
    "print('main', __import__('os').getpid()); print('ready', flush=True); __import__('time').sleep(600)";

/// How often the launcher made a call of that name.
fn count(stage: &Stage, words: &[&str], name: &str) -> usize {
    let mut command = traced(&stage.place, &["-f"], words);
    let output = command.stdin(Stdio::null()).output().expect("strace runs");
    assert!(output.status.code().is_some_and(|code| code < 2), "{output:?}");
    calls(&stage.place).iter().filter(|call| call.split_whitespace().last() == Some(name)).count()
}

#[test]
fn a_path_of_very_many_entries_is_looked_up_to_a_bound() {
    let stage = Stage::new();
    let path = |entries: usize| (0..entries).map(|entry| format!("/{entry:x}")).collect::<Vec<_>>().join(":");
    let looks = |entries: usize| {
        let mut command = stage.bare(&[]);
        command.env("PYTHONPATH", path(entries));
        let service = Service::start(command);
        let pid = format!("--inspect={}", service.pid());
        let outcome = stage.inspect(service.pid(), &[]).run();
        assert_eq!(outcome.code(), Some(1), "the bridge is missing for certain: {outcome}");
        let is_cut = outcome.stdout().contains("has 4000 entries, of which 512 were looked at");
        assert_eq!(is_cut, entries == 4000, "{outcome}");
        count(&stage, &[&pid], "statx")
    };
    let (few, more, most) = (looks(100), looks(200), looks(4000));
    // One more look for an entry, and not one for each pair.
    assert!(more - few <= 110 && most < 512 + few + 100, "{few} {more} {most}");
    // What is there by name is found, however many come before it.
    let mut command = stage.place.command(python());
    let bridge = stage.bridge();
    command.env(
        "PYTHONPATH",
        format!("{}:{}:{}:{}", path(4000), stage.root.display(), stage.place.dir.display(), bridge.display()),
    );
    let service = Service::start({
        command.arg(IDLE);
        command
    });
    stage.inspect(service.pid(), &["-q", "--strict"]).prints("");
}

/// A look at such an entry takes milliseconds: the way to it has tens of thousands of directories in it.
#[test]
fn all_looks_that_take_long_have_one_bound() {
    const SLOW: &str = "
import os, subprocess, sys, time
for child in range(8):
    path = ':'.join('%s/%d_%d' % (sys.argv[1], child, entry) for entry in range(512))
    code = 'import time; time.sleep(600)'
    subprocess.Popen([sys.executable, '-E', '-S', '-c', code], env={'PYTHONPATH': path})
print('main', os.getpid())
print('ready', flush=True)
time.sleep(600)
";
    let stage = Stage::new();
    let script = stage.place.write("slow.py", SLOW);
    let slow = plant_long_way(&stage.place);
    let mut command = Command::new(python());
    command.env_clear().arg(&script).arg(stage.place.path(slow));
    let service = Service::start(command);
    let outcome = stage.inspect(service.pid(), &[]).run();
    let told = "not all that the processes name was looked at: it takes too long\n";
    assert!(outcome.stderr().contains(&format!("heygem-run: warning: {told}")), "{outcome}");
    // A failure, with the report all the same.
    let strict = stage.inspect(service.pid(), &["--strict"]).run();
    assert_eq!(strict.code(), Some(1), "{strict}");
    assert!(strict.stderr().contains(&format!("heygem-run: error: {told}")), "{strict}");
    assert!(strict.stdout().contains(&service.pid().to_string()), "{strict}");
}

#[test]
fn of_very_many_words_the_first_are_told() {
    let stage = Stage::new();
    let mut command = Command::new(python());
    command.env_clear().args(["-c", WAIT]).args(std::iter::repeat_n("", 9_000));
    let service = Service::start(command);
    let report = stage.report(service.pid(), &[]).1;
    let process = report.of(service.pid());
    assert_eq!(process["command"].as_array().map(Vec::len), Some(4096));
    assert_eq!(process["command_cut"], true);
}

#[test]
fn the_apps_that_a_process_names_are_looked_for_to_a_bound() {
    let stage = Stage::new();
    let script = stage.place.write("elsewhere/script.py", WAIT);
    let looks = |apps: usize| {
        let mut command = Command::new(python());
        command.env_clear().current_dir(&stage.root).arg(&script);
        command.args((0..apps).flat_map(|app| ["-A".to_owned(), format!("app{app}")]));
        let service = Service::start(command);
        count(&stage, &[&format!("--inspect={}", service.pid())], "statx")
    };
    let (few, many) = (looks(100), looks(1000));
    assert_eq!(few, many);
}

#[test]
fn all_waiting_for_processes_that_show_nothing_has_one_bound() {
    const BLANK: &str = "
import ctypes, os, sys, time
libc = ctypes.CDLL(None, use_errno=True)
print('main', os.getpid(), flush=True)
for _ in range(int(sys.argv[1])):
    if not os.fork():
        fields = open('/proc/self/stat').read().rpartition(')')[2].split()
        first, last = int(fields[45]) & -4096, int(fields[48])
        libc.munmap(ctypes.c_void_p(first), ctypes.c_size_t(last - first + 4096 & -4096))
        time.sleep(600)
time.sleep(1)
print('ready', flush=True)
time.sleep(600)
";
    let stage = Stage::new();
    let script = stage.place.write("blank.py", BLANK);
    let sleeps = |processes: &str| {
        let mut command = Command::new(python());
        command.env_clear().arg(&script).arg(processes);
        // Their addresses lie between the words and what the process goes on with, which thus is on another page.
        command.args(std::iter::repeat_n("x", 3000));
        let service = Service::start(command);
        let pid = format!("--inspect={}", service.pid());
        let slept = count(&stage, &[&pid], "clock_nanosleep") + count(&stage, &[&pid], "nanosleep");
        let unread = stage.report(service.pid(), &[]).1;
        assert_eq!(unread.pids().len(), processes.parse::<usize>().expect("a number") + 1);
        slept
    };
    let (one, many) = (sleeps("1"), sleeps("20"));
    assert!((1..=7).contains(&one) && many <= 7, "{one} {many}");
}

/// What a stranger's process names is judged by who can write there; nothing in it is opened.
#[test]
fn nothing_is_opened_in_a_root_that_others_can_write_to() {
    let stage = Stage::new();
    let theirs = stage.place.make_dir("theirs/sdk");
    stage.place.make_root("theirs/sdk");
    stage.place.make_dir("theirs/sdk/.heygem-run");
    let stamp = theirs.join(".heygem-run/stamp");
    checked(Command::new("mkfifo").arg(&stamp));
    chmod(&theirs, 0o777);
    let mut command = Command::new(python());
    command.env_clear().env("HEYGEM_DIR", &theirs).arg(IDLE);
    let service = Service::start(command);
    let pid = format!("--inspect={}", service.pid());
    let mut check = stage.place.command("timeout");
    check.args(["60", crate::support::place::LAUNCHER, &pid]).current_dir("/");
    let outcome = crate::support::run::Run::new(check).run();
    assert_eq!(outcome.code(), Some(1), "{outcome}");
    let head = format!("root: {} (the service's HEYGEM_DIR; nothing in it was opened: ", theirs.display());
    assert!(outcome.stdout().starts_with(&head), "{outcome}");
    let mut traced = stage.place.command("strace");
    traced.args(["-qq", "-f", "-e", "trace=open,openat", "-o"]).arg(stage.place.path("trace"));
    traced.args(["timeout", "60", crate::support::place::LAUNCHER, &pid]).current_dir("/");
    traced.output().expect("strace runs");
    let trace = std::fs::read_to_string(stage.place.path("trace")).expect("a trace");
    let is_opened = |line: &str| line.contains("theirs\"") || line.contains("\"sdk\"");
    let opened: Vec<&str> = trace.lines().filter(|line| is_opened(line)).collect();
    assert!(!opened.is_empty() && opened.iter().all(|line| line.contains("O_PATH")), "to look from: {trace}");
    for inside in ["stamp", ".heygem-run", "service"] {
        assert!(!trace.contains(inside), "{inside}: {trace}");
    }
}

#[test]
fn what_a_process_calls_itself_does_nothing_to_a_terminal() {
    let stage = Stage::new();
    for (word, seen) in [
        ("\u{1b}]0;x\u{7}", r"\x1b]0;x\x07"),
        ("\u{9b}31m", r"\xc2\x9b31m"),
        ("a\u{202e}b\u{2066}", r"a\xe2\x80\xaeb\xe2\x81\xa6"),
        ("\u{7f}", r"\x7f"),
    ] {
        let mut command = stage.bare(&[]);
        command.env("HEYGEM_DIR", format!("/{word}"));
        let service = Service::start(command);
        let text = stage.inspect(service.pid(), &[]).run().stdout();
        let is_harmful = |char: char| {
            (char.is_control() && char != '\n')
                || matches!(char, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        };
        assert!(!text.contains(is_harmful) && text.contains(seen), "{text:?}");
        let exact = stage.report(service.pid(), &[]).1;
        assert_eq!(exact.of(service.pid())["heygem_dir"], format!("/{word}"));
    }
    use std::os::unix::ffi::OsStrExt as _;
    let mut command = Command::new(python());
    command
        .env_clear()
        .current_dir(&stage.root)
        .args(["-c", WAIT])
        .arg(std::ffi::OsStr::from_bytes(b"\xff\x1b"));
    let service = Service::start(command);
    let report = stage.report(service.pid(), &[]).1;
    let words = report.of(service.pid())["command"].as_array().expect("a list").last().cloned();
    assert_eq!(words, Some(serde_json::json!({ "bytes": "ff1b" })));
}
