//! A log of any size, shape and origin, as it grows.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::fs::FileExt as _;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, ChildStdout, Command, Stdio};

use super::{causes, explain};
use crate::support::build::expect;
use crate::support::place::{LAUNCHER, Place};
use crate::support::run::Run;

const MISSING: &str = "ModuleNotFoundError: No module named 'einops'";

/// A reader at work, whose stdin is ours.
struct Reader {
    child: Child,
    stdout: BufReader<ChildStdout>,
}

impl Reader {
    fn start(mut command: Command) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("start the launcher");
        let stdout = BufReader::new(child.stdout.take().expect("a pipe"));
        Self { child, stdout }
    }

    fn explaining(place: &Place) -> Self {
        let mut command = place.command(LAUNCHER);
        command.arg("--explain");
        Self::start(command)
    }

    fn feed(&mut self, text: &[u8]) {
        let stdin = self.child.stdin.as_mut().expect("a pipe");
        stdin.write_all(text).and_then(|()| stdin.flush()).expect("write to the launcher");
    }

    /// The next line of what it says; waits for it.
    fn line(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).expect("a line");
        line
    }

    /// All that it says from here, and its exit code.
    fn rest(mut self) -> (String, Option<i32>) {
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).expect("text");
        drop(self.child.stdin.take());
        (rest, self.child.wait().expect("wait for the launcher").code())
    }

    fn interrupt(&self) {
        let status =
            Command::new("sh").args(["-c", "kill -INT \"$1\"", "sh", &self.child.id().to_string()]).status();
        assert!(status.expect("run sh").success());
    }
}

#[test]
fn a_summary_says_all_of_each_cause_the_worst_first() {
    let place = Place::new();
    let log = format!(
        "start\nCUDA out of memory\n_queue.Empty\n{MISSING}\n\n_queue.Empty\nsvc | CUDA out of memory"
    );
    place.write("service.log", &log);
    let missing = "python -m pip install einops; heygem-run -n -v … says which Python runs";
    let memory = "nvidia-smi shows what uses it; use fewer workers or smaller batches";
    let summary = format!(
        "\
2 causes in 7 lines, worst first:

1. missing-package: this Python has no module 'einops'
   1 time
   first: line 4: ModuleNotFoundError: No module named 'einops'
   with it: line 3: _queue.Empty
   means: its package is not installed for the interpreter that runs, or a different interpreter runs than you expect
   do: {missing}

2. gpu-memory: the GPU's memory is full
   2 times
   first: line 2: CUDA out of memory
   last: line 7: svc | CUDA out of memory
   means: this program and others on the same GPU need more memory than it has; the machine's main memory is not the problem
   do: {memory}
"
    );
    let first_seen = format!(
        "\
line 2: gpu-memory: the GPU's memory is full
  CUDA out of memory
  do: {memory}

line 3: child-died: the service waited for a child process that had died
  _queue.Empty
  do: look further up in the log, at the first child's traceback: it shows the cause

line 4: missing-package: this Python has no module 'einops'
  ModuleNotFoundError: No module named 'einops'
  do: {missing}
"
    );
    let output = explain(&place, log.as_bytes());
    assert_eq!(String::from_utf8_lossy(&output.stdout), format!("{first_seen}\n{summary}"));
    // All of a file is there at once: each cause is said once.
    place.launch(["--explain=service.log"]).run().is(1, &summary, "");
    let mut command = place.command("sh");
    command.args(["-c", "\"$0\" --explain <service.log", LAUNCHER]);
    crate::support::run::Run::new(command).run().is(1, &summary, "");
}

#[test]
fn a_log_without_a_cause_exits_with_0_and_an_unreadable_one_with_125() {
    let place = Place::new();
    place.write("empty", "");
    place.write("healthy", "fine\nfine");
    place.launch(["--explain=empty"]).run().is(0, "no known cause in 0 lines\n", "");
    place.launch(["--explain=healthy"]).run().is(0, "no known cause in 2 lines\n", "");
    place
        .launch(["--explain=none"])
        .fails(125, "heygem-run: error: can't read none: No such file or directory\n");
    let mut command = place.command("sh");
    command.args(["-c", "\"$0\" --explain >/dev/full <healthy", LAUNCHER]);
    let outcome = crate::support::run::Run::new(command).run();
    outcome.is(125, "", "heygem-run: error: stdout can't be written: No space left on device\n");
    // A descriptor that can't be read is not an empty log.
    let mut command = place.command("sh");
    command.args(["-c", "\"$0\" --explain 0>out", LAUNCHER]);
    let outcome = crate::support::run::Run::new(command).run();
    outcome.is(125, "", "heygem-run: error: can't read stdin: Bad file descriptor\n");
}

#[test]
fn a_cause_is_said_while_the_log_still_grows_and_ctrl_c_sums_up() {
    let place = Place::new();
    for (log, code) in [(MISSING, 1), ("fine", 0)] {
        let mut reader = Reader::explaining(&place);
        // In pieces that break a word.
        for piece in format!("start\n{log}\n").as_bytes().chunks(5) {
            reader.feed(piece);
        }
        if code == 1 {
            assert_eq!(reader.line(), "line 2: missing-package: this Python has no module 'einops'\n");
        } else {
            is_waiting(&reader.child);
        }
        reader.interrupt();
        let (rest, ended) = reader.rest();
        let summary = if code == 1 { "1 cause in 2 lines" } else { "no known cause in 2 lines" };
        assert_eq!((rest.matches(summary).count(), ended), (1, Some(code)), "{rest}");
    }
}

#[test]
fn on_a_terminal_the_summary_begins_on_a_line_of_its_own() {
    let place = Place::new();
    let mut command = place.command("script");
    command.args(["-qec", &format!("exec '{LAUNCHER}' --explain"), "/dev/null"]).env("SHELL", "/bin/sh");
    let mut reader = Reader::start(command);
    assert!(reader.line().starts_with("heygem-run: reads a log from the terminal"));
    reader.feed(b"\x03");
    let (rest, code) = reader.rest();
    assert_eq!((rest.as_str(), code), ("^C\r\nno known cause in 0 lines\r\n", Some(0)));
}

#[test]
fn on_a_terminal_what_it_says_is_broken_between_words_and_what_is_to_be_copied_is_not() {
    let place = Place::new();
    place.write("service.log", format!("{MISSING}\n"));
    let mut command = place.command("script");
    let words = format!("stty cols 60; exec '{LAUNCHER}' --explain=service.log");
    command.args(["-qec", &words, "/dev/null"]).env("SHELL", "/bin/sh");
    let text = crate::support::run::Run::new(command).run().stdout();
    let means = "   means: its package is not installed for the interpreter\r\n          that runs";
    assert!(text.contains(means), "{text}");
    let remedy = text.lines().find(|line| line.starts_with("   do: ")).expect("a remedy");
    assert!(remedy.len() > 60 && remedy.ends_with("says which Python runs"), "{text}");
}

/// Returns when a process has read all there is and waits for more.
fn is_waiting(child: &Child) {
    let path = format!("/proc/{}/io", child.id());
    for _ in 0..3000 {
        let io = std::fs::read_to_string(&path).unwrap_or_default();
        let read = io.lines().find_map(|line| line.strip_prefix("rchar: ")?.parse::<u64>().ok());
        let stat = std::fs::read_to_string(format!("/proc/{}/wchan", child.id())).unwrap_or_default();
        if read.is_some_and(|read| read >= 11) && stat.contains("pipe") {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("it does not wait for its log");
}

#[test]
fn an_interrupt_that_was_ignored_stays_ignored() {
    let place = Place::new();
    let mut command = place.command("sh");
    command.args(["-c", "trap '' INT; exec \"$0\" --explain", LAUNCHER]);
    let mut reader = Reader::start(command);
    reader.feed(format!("{MISSING}\n").as_bytes());
    assert!(reader.line().starts_with("line 1: missing-package"));
    reader.interrupt();
    reader.feed(b"Killed\n");
    drop(reader.child.stdin.take());
    let (rest, code) = reader.rest();
    assert!(rest.contains("2 causes in 2 lines"), "{rest}");
    assert_eq!(code, Some(1));
}

#[test]
fn bytes_that_are_not_text_and_controls_are_no_obstacle_and_are_not_passed_on() {
    let place = Place::new();
    let log =
        b"\xff\xfe\0\x80 \x1b]0;title\x07\xff ModuleNotFoundError: No module named 'e\xffn'\x9b31m\n\0\0\n";
    let output = explain(&place, log);
    let stdout = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(stdout.contains("this Python has no module 'e\u{fffd}n'"), "{stdout}");
    assert!(stdout.chars().all(|char| char == '\n' || !char.is_control()), "{stdout:?}");
    assert_eq!(output.status.code(), Some(1));
}

/// Runs it where nothing larger than this many megabytes can be mapped, on what `write` writes.
fn in_little_memory(place: &Place, write: impl FnOnce(&mut dyn std::io::Write)) -> (String, Option<i32>) {
    let mut command = place.command("sh");
    command.args(["-c", "ulimit -v 65536 && exec \"$0\" --explain", LAUNCHER]);
    let mut reader = Reader::start(command);
    let mut stdin = reader.child.stdin.take().expect("a pipe");
    write(&mut stdin);
    drop(stdin);
    reader.rest()
}

#[test]
fn memory_does_not_grow_with_the_log_nor_with_a_line() {
    let place = Place::new();
    let lines = "2024-05-05 10:00:00 [INFO] frame 1 of 25000 done\n".repeat(10_000) + MISSING + "\n";
    let (said, code) = in_little_memory(&place, |stdin| {
        for _ in 0..400 {
            stdin.write_all(lines.as_bytes()).expect("write the log");
        }
    });
    assert!(said.contains("1 cause in 4000400 lines") && said.contains("   400 times\n"), "{said}");
    assert_eq!(code, Some(1));
    let (said, code) = in_little_memory(&place, |stdin| {
        let piece = vec![b'x'; 1 << 20];
        for index in 0..200 {
            stdin.write_all(&piece).expect("write the log");
            if index == 100 {
                stdin.write_all(MISSING.as_bytes()).expect("write the log");
            }
        }
    });
    assert!(said.contains("1 cause in 1 line,") && code == Some(1), "{said}");
    assert!(said.contains("first: line 1: ") && said.contains(MISSING) && said.len() < 2000, "{said}");
}

#[test]
fn causes_without_number_are_counted_not_kept() {
    let place = Place::new();
    let mut log: String = (0..50_000).map(|n| format!("No module named 'module_{n}'\n")).collect();
    log.push_str("Killed\n");
    let output = explain(&place, log.as_bytes());
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert!(stdout.ends_with("\nmissing-module: 49992 times more with other names\n"), "{stdout}");
    assert!(stdout.contains("\n9. out-of-memory: "), "a flood hides nothing: {stdout}");
    assert!(stdout.contains("9 causes in 50001 lines"), "{stdout}");
}

#[test]
fn a_message_is_found_wherever_a_read_ends() {
    let place = Place::new();
    // Around the size of a piece, byte by byte: the message may be cut anywhere.
    let piece = 256 * 1024 + 8192;
    for at in (piece - 60..piece + 10).step_by(7) {
        let mut log = "x".repeat(at - 1) + "\n";
        log.push_str(MISSING);
        log.push('\n');
        log.push_str(&"y\n".repeat(1000));
        place.write("log", &log);
        let output = place.launch(["--explain=log"]).run().stdout();
        assert!(output.contains("1 cause in 1002 lines"), "{at}: {output}");
        assert!(output.contains("\n   first: line 2: "), "{at}: {output}");
    }
    assert_eq!(causes(&place, MISSING.as_bytes()), ["missing-package"], "without a line end");
}

#[test]
fn a_reader_who_has_seen_enough_ends_it() {
    let place = Place::new();
    let mut command = place.command("bash");
    let log = place.write("log", format!("{MISSING}\n").repeat(10));
    let input = expect(File::open(&log), "open", &log);
    command.args(["-c", "\"$0\" --explain | true; exit ${PIPESTATUS[0]}", LAUNCHER]).stdin(input);
    // SIGPIPE, as it ends any C program; or it had said all before.
    let code = command.process_group(0).output().expect("run bash").status.code();
    assert!(matches!(code, Some(141 | 1)), "{code:?}");
}

/// They would be read for hours.
#[test]
fn the_holes_of_a_sparse_file_are_passed_over() {
    const HOLE: u64 = 1 << 43;
    let place = Place::new();
    let log = place.write("log", "");
    let file = expect(File::options().write(true).open(&log), "open", &log);
    for ends_in_a_hole in [false, true] {
        expect(file.write_all_at(format!("\n{MISSING}\n").as_bytes(), HOLE), "write", &log);
        expect(file.set_len(HOLE + if ends_in_a_hole { HOLE / 2 } else { 64 }), "lengthen", &log);
        let mut command = place.command("timeout");
        command.args(["120", LAUNCHER, "--explain=log"]);
        let outcome = Run::new(command).run();
        assert_eq!(outcome.code(), Some(1), "{outcome}");
        assert!(outcome.stdout().contains("first: line 2: ModuleNotFoundError"), "{outcome}");
    }
}
