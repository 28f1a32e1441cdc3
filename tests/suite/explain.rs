//! `--explain`: the causes that a log has, and how it is read.

mod reading;
mod real;
mod texts;

use std::io::Write as _;
use std::process::{Output, Stdio};
use std::thread;

use crate::support::place::{LAUNCHER, Place};

/// `heygem-run --explain`, with this log on stdin.
fn explain(place: &Place, log: &[u8]) -> Output {
    let mut command = place.command(LAUNCHER);
    command.arg("--explain").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("start the launcher");
    let mut stdin = child.stdin.take().expect("a pipe");
    let log = log.to_owned();
    let writer = thread::spawn(move || stdin.write_all(&log));
    let output = child.wait_with_output().expect("wait for the launcher");
    writer.join().expect("a writer").expect("write the log");
    output
}

/// The names of the causes in a log, as its summary has them, the worst first.
#[track_caller]
fn causes(place: &Place, log: &[u8]) -> Vec<String> {
    let output = explain(place, log);
    let stdout = String::from_utf8_lossy(&output.stdout);
    let names: Vec<String> = stdout
        .lines()
        .filter_map(|line| {
            let (number, rest) = line.split_once(". ")?;
            number.parse::<u32>().ok()?;
            Some(rest.split_once(": ")?.0.to_owned())
        })
        .collect();
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(i32::from(!names.is_empty())), "{stdout}");
    names
}
