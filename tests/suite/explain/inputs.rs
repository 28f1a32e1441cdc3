//! Several logs, directories of them, and what a script reads.

use std::fs::File;
use std::io::Write as _;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::support::build::expect;
use crate::support::inject::traced;
use crate::support::place::{LAUNCHER, Place};
use crate::support::run::Run;
use crate::support::trace;
use crate::support::user::{self, Closed};

const MISSING: &str = "ModuleNotFoundError: No module named 'einops'\n";

#[test]
fn several_logs_are_read_in_their_order_and_places_have_the_file() {
    let place = Place::new();
    place.write("a.log", format!("start\n{MISSING}"));
    place.write("b.log", format!("start\nstart\n{MISSING}"));
    let said = place.launch(["--explain=a.log", "--explain=b.log"]).run();
    assert_eq!(said.code(), Some(1), "{said}");
    let text = said.stdout();
    assert!(text.starts_with("1 cause in 5 lines of 2 files, worst first:\n"), "{text}");
    assert!(
        text.contains("   2 times\n   first: a.log: line 2: ") && text.contains("   last: b.log: line 3: "),
        "{text}"
    );
}

#[test]
fn a_directory_is_its_rotated_logs_the_oldest_first() {
    let place = Place::new();
    place.write("logs/dh.log", "Killed\n");
    place.write("logs/dh.log.1", MISSING);
    place.write("logs/dh.log.10", "  File \"x.py\", line 1, in f\n    os.chdir('/x/y')\n");
    place.write("logs/.hidden", "_queue.Empty\n");
    place.write("logs/sub/other.log", "_queue.Empty\n");
    let said = place.launch(["--explain=logs", "--format", "json"]).run();
    let document: Value = serde_json::from_slice(said.stdout_bytes()).expect("JSON");
    assert_eq!(document["files"], serde_json::json!(["logs/dh.log.10", "logs/dh.log.1", "logs/dh.log"]));
    assert_eq!(document["lines"], 4);
    let causes = document["causes"].as_array().expect("causes");
    let first = |index: usize| (causes[index]["name"].as_str(), causes[index]["first"]["file"].as_str());
    assert_eq!(first(0), (Some("missing-package"), Some("logs/dh.log.1")));
    assert_eq!(first(1), (Some("out-of-memory"), Some("logs/dh.log")));
    place.make_dir("empty");
    place.launch(["--explain=empty"]).fails(
        125,
        "heygem-run: error: empty has no file in it\nhint: name the directory that has the logs, or the logs: --explain=FILE\n",
    );
}

/// What one log says of a stop, or of tests that run, is nothing to the next one.
#[test]
fn a_log_excuses_nothing_in_the_next_one() {
    let place = Place::new();
    let stop = "[2025-06-11 10:02:09 +0000] [1] [INFO] Handling signal: term\n";
    let tests = "===== test session starts =====\ncollected 2 items\n";
    let killed =
        "[2025-06-11 10:02:39 +0000] [1] [ERROR] Worker (pid:7) was sent SIGKILL! Perhaps out of memory?\n";
    place.write("killed.log", killed);
    for (name, log) in [("stop.log", stop), ("tests.log", tests)] {
        place.write(name, log);
        place.write("both.log", format!("{log}{killed}"));
        let said = place.launch(["--explain=both.log"]).run();
        assert_eq!(said.code(), Some(0), "{said}");
        let said = place.launch([&format!("--explain={name}"), "--explain=killed.log"]).run();
        assert!(said.stdout().contains("1. worker-killed: "), "{said}");
    }
}

#[test]
fn an_unreadable_log_keeps_no_other_from_being_read() {
    let place = Place::new();
    place.write("b.log", MISSING);
    let said = place.launch(["--explain=none.log", "--explain=b.log"]).run();
    assert_eq!(said.code(), Some(125), "{said}");
    assert!(said.stdout().contains("missing-package: "), "{said}");
    assert_eq!(said.stderr(), "heygem-run: error: can't read none.log: No such file or directory\n");
    let said = place.launch(["--explain=/dev/zero"]).run();
    said.is(125, "", "heygem-run: error: can't read /dev/zero: it is a device, and no log\n");
}

#[test]
fn a_closed_stdin_is_no_empty_log() {
    let place = Place::new();
    for log in ["--explain", "--explain=/dev/stdin"] {
        let mut command = place.command("sh");
        command.args(["-c", "exec \"$@\" <&-", "sh", LAUNCHER, log]);
        let said = Run::new(command).run();
        said.is(
            125,
            "",
            "heygem-run: error: can't read stdin: it is closed\nhint: name the log: --explain=FILE\n",
        );
    }
}

#[test]
fn a_named_pipe_is_read_to_the_end_of_who_writes() {
    let place = Place::new();
    let mut command = place.command("sh");
    let script = "mkfifo log; (sleep 0.2; printf \"$1\") >log & \"$0\" --explain=log";
    command.args(["-c", script, crate::support::place::LAUNCHER, MISSING]);
    let said = crate::support::run::Run::new(command).run();
    assert!(said.stdout().contains("1 cause in 1 line, worst first"), "{said}");
    assert_eq!(said.code(), Some(1));
}

#[test]
fn the_document_has_counts_places_and_what_follows() {
    let place = Place::new();
    place.write("a.log", format!("svc | _queue.Empty\nsvc | {MISSING}"));
    let said = place.launch(["--explain=a.log", "--format=json"]).run();
    let document: Value = serde_json::from_slice(said.stdout_bytes()).expect("JSON");
    let cause = &document["causes"][0];
    assert_eq!((cause["name"].as_str(), cause["weight"].as_str()), (Some("missing-package"), Some("stops")));
    assert_eq!((cause["subject"].as_str(), cause["count"].as_u64()), (Some("einops"), Some(1)));
    let first = &cause["first"];
    assert_eq!(
        (first["file"].as_str(), first["line"].as_u64(), first["source"].as_str()),
        (Some("a.log"), Some(2), Some("svc"))
    );
    assert_eq!(cause["consequences"][0]["name"], "child-died");
    assert_eq!(document["causes"].as_array().map(Vec::len), Some(1));
}

/// Others may write to a directory of logs: a link in it leads to what never ends, a name is exchanged for a pipe, a file is closed.
#[test]
fn what_a_directory_had_is_judged_by_what_is_opened() {
    let place = Place::new();
    place.write("logs/a.log", MISSING);
    place.link("/proc/self/pagemap", "logs/b.log");
    let mut command = place.command("timeout");
    command.args(["60", LAUNCHER, "--explain=logs"]);
    let said = Run::new(command).run();
    assert_eq!(said.code(), Some(125), "{said}");
    assert!(said.stdout().contains("missing-package: "), "{said}");
    assert_eq!(said.stderr(), "heygem-run: error: can't read logs/b.log: it is the kernel's, not a file\n");
    // The directory is listed before who writes can open the pipe.
    place.write("swapped/z.log", MISSING);
    let script = "mkfifo first\n\
                  (exec 3>first; rm swapped/z.log; mkfifo swapped/z.log) & \n\
                  exec timeout 60 \"$0\" --explain=first --explain=swapped";
    let mut command = place.command("sh");
    command.args(["-c", script, LAUNCHER]);
    let said = Run::new(command).run();
    said.is(125, "", "heygem-run: error: can't read swapped/z.log: it is a pipe, not a file\n");
}

/// Each read takes as long as it takes to add a line.
#[test]
fn a_log_that_grows_is_read_as_far_as_it_was_written() {
    let place = Place::new();
    let log = place.write("logs/a.log", MISSING);
    let mut command = place.command("timeout");
    command.args(["60", "strace", "-qq", "-f", "-o", "trace", "-P"]).arg(&log);
    command.args(["-e", "inject=read:delay_enter=50000", LAUNCHER, "--explain=logs"]);
    let (grown, ended) = mpsc::channel::<()>();
    let said = thread::scope(|scope| {
        scope.spawn(move || {
            let mut file = expect(File::options().append(true).open(&log), "open", &log);
            while ended.recv_timeout(Duration::from_millis(1)) == Err(RecvTimeoutError::Timeout) {
                expect(file.write_all(b"start\n"), "lengthen", &log);
            }
        });
        let said = Run::new(command).run();
        drop(grown);
        said
    });
    assert_eq!(said.code(), Some(1), "{said}");
}

#[test]
fn what_is_not_read_of_a_directory_is_said() {
    let place = Place::new();
    place.write("closed/b.log", MISSING);
    place.write("logs/a.log", "start\n");
    place.make_dir("logs/sub");
    place.link("gone.log", "logs/latest");
    place.link("../closed/b.log", "logs/b.log");
    let mut command = place.command("mkfifo");
    command.arg("logs/c.log");
    Run::new(command).prints("");
    let notes = "heygem-run: logs/c.log is not read: it is a pipe\n\
                 heygem-run: logs/latest is not read: it leads nowhere\n";
    let _closed = Closed::to_all(&place.path("closed"));
    let said = user::launch_unprivileged(&place, ["--explain=logs"]).run();
    let mut lines: Vec<_> = said.stderr().lines().map(|line| format!("{line}\n")).collect();
    lines.sort_by_key(|line| line.contains("error"));
    lines[..2].sort();
    let expected = format!("{notes}heygem-run: error: can't read logs/b.log: Permission denied\n");
    assert_eq!((said.code(), lines.concat()), (Some(125), expected), "{said}");
}

#[test]
fn a_limit_of_memory_that_is_too_low_is_told() {
    let place = Place::new();
    place.write("a.log", MISSING);
    let mut command = place.command("prlimit");
    command.args(["--data=4194304", LAUNCHER, "--explain=a.log"]);
    Run::new(command).fails(
        125,
        "heygem-run: error: --explain takes 16777216 bytes of memory, and the limit of this process is 4194304\n\
         hint: raise it before the start: ulimit -d unlimited\n",
    );
    let mut command = place.command("prlimit");
    command.args(["--data=16777216", LAUNCHER, "--explain=a.log"]);
    assert_eq!(Run::new(command).run().code(), Some(1));
}

/// The kernel would end it by a signal.
#[test]
fn a_stack_that_is_too_small_is_told() {
    let place = Place::new();
    place.write("a.log", MISSING);
    let mut command = place.command("prlimit");
    command.args(["--stack=196608", LAUNCHER, "--explain=a.log"]);
    Run::new(command).fails(
        125,
        "heygem-run: error: --explain takes 262144 bytes of stack, and the limit of this process is 196608\n\
         hint: raise it before the start: ulimit -s 8192\n",
    );
    let mut command = place.command("prlimit");
    command.args(["--stack=262144", LAUNCHER, "--explain=a.log"]);
    assert_eq!(Run::new(command).run().code(), Some(1));
}

/// Anybody who may write there chooses how many there are.
#[test]
fn of_much_that_is_not_read_of_a_directory_the_first_is_said() {
    let place = Place::new();
    place.write("logs/a.log", MISSING);
    for number in 0..500 {
        place.link("gone.log", format!("logs/{number}"));
    }
    let said = place.launch(["--explain=logs"]).run();
    let lines: Vec<String> = said.stderr().lines().map(str::to_owned).collect();
    assert_eq!((said.code(), lines.len()), (Some(1), 21), "{said}");
    assert_eq!(lines[20], "heygem-run: logs: 480 more in it are not read", "{said}");
}

/// As a disk or a tape leaves them that is written in blocks; gzip takes them for nothing, too.
#[test]
fn zeros_behind_a_compressed_log_are_no_fault() {
    let place = Place::new();
    let mut command = place.command("sh");
    let make = "gzip -c <a.log >a.gz && head -c 100000 /dev/zero >>a.gz && gzip -c <b.log >>a.gz && head -c 3 /dev/zero >>a.gz";
    place.write("a.log", "start\n");
    place.write("b.log", MISSING);
    command.args(["-c", make]);
    Run::new(command).prints("");
    let said = place.launch(["--explain=a.gz"]).run();
    assert_eq!((said.code(), &*said.stderr()), (Some(1), ""), "{said}");
    // What is neither is told.
    let mut command = place.command("sh");
    command.args(["-c", "printf 'no gzip' >>a.gz"]);
    Run::new(command).prints("");
    let said = place.launch(["--explain=a.gz"]).run();
    assert!(said.code() == Some(125) && said.stderr().contains("can't read a.gz: "), "{said}");
}

/// In the thread that waits for Ctrl-C, too.
#[test]
fn a_call_that_fails_is_told_and_ends_nothing_else() {
    let place = Place::new();
    place.write("a.log", MISSING);
    let words = ["--explain=a.log"];
    let traced = |options: &[String]| traced(&place, "trace", words, options);
    assert_eq!(traced(&["-f".into()]).code(), Some(1));
    // Others are refused for reasons that no program can go on with.
    let excused = ["execve", "brk", "futex", "exit", "exit_group", "mmap", "munmap", "mremap", "mprotect"];
    let text = trace::text(&place);
    let of_main = text.lines().skip_while(|line| !line.contains(trace::FIRST_OF_MAIN));
    let calls = of_main.filter_map(|line| line.split_once('(')?.0.split(' ').next_back());
    let mut calls: Vec<&str> =
        calls.filter(|call| !excused.contains(call) && !call.starts_with('<')).collect();
    // A thread's own, and one that is made for random numbers.
    calls.extend(["recvfrom", "getrandom"]);
    calls.sort_unstable();
    calls.dedup();
    assert!(calls.contains(&"clone3") || calls.contains(&"clone"), "{calls:?}");
    for call in calls {
        for number in 1..=3 {
            let refused = format!("inject={call}:error=EIO:when={number}");
            let outcome = traced(&["-f".into(), "-e".into(), refused.clone()]);
            let is_told = outcome.stderr().contains("heygem-run: error: ");
            let is_ended = outcome.code() == Some(125) && is_told;
            // A limit that is not known, or a signal that is not waited for, changes nothing.
            let has_report = outcome.code() == Some(1) && outcome.stdout().contains("einops");
            let is_lost = call == "write" && outcome.code() == Some(125); // the message itself
            assert!(is_ended || has_report || is_lost, "{refused}: {outcome}");
        }
    }
}
