//! `--explain`: the causes that a log has, and how it is read.

mod documentation;
mod followed;
mod formats;
mod healthy;
mod inputs;
mod reading;
mod real;
mod reports;
mod wrapped;

use std::io::Write as _;
use std::process::{Output, Stdio};
use std::thread;

use serde_json::Value;

use crate::support::place::{LAUNCHER, Place};

/// `heygem-run --explain`, with this log on stdin.
fn explain(place: &Place, log: &[u8]) -> Output {
    run(place, log, &[])
}

fn run(place: &Place, log: &[u8], words: &[&str]) -> Output {
    let mut command = place.command(LAUNCHER);
    command.arg("--explain").args(words).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("start the launcher");
    let mut stdin = child.stdin.take().expect("a pipe");
    let log = log.to_owned();
    let writer = thread::spawn(move || stdin.write_all(&log));
    let output = child.wait_with_output().expect("wait for the launcher");
    writer.join().expect("a writer").expect("write the log");
    output
}

/// What is found in a log, as a script reads it.
#[track_caller]
fn document(place: &Place, log: &[u8]) -> Value {
    let output = run(place, log, &["--format", "json"]);
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    let document: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let is_found = document["causes"].as_array().is_some_and(|causes| !causes.is_empty());
    assert_eq!(output.status.code(), Some(i32::from(is_found)), "{document:#}");
    document
}

/// The names of the causes in a log, the worst first.
#[track_caller]
fn causes(place: &Place, log: &[u8]) -> Vec<String> {
    let document = document(place, log);
    let causes = document["causes"].as_array().into_iter().flatten();
    causes.filter_map(|cause| cause["name"].as_str()).map(str::to_owned).collect()
}
