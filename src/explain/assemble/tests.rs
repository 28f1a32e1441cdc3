//! Which events a log has.

use super::*;
use crate::explain::unwrap::{Leads, unwrap};

/// Each event as a line: what was raised with its innermost frame.
fn events(log: &str) -> Vec<String> {
    let mut assembler = Assembler::default();
    let (mut leads, mut told) = (Leads::default(), Vec::new());
    for line in log.lines() {
        assembler.take(&unwrap(line.as_bytes(), &mut leads), &mut |event, chain| {
            let text = String::from_utf8_lossy(event.text).into_owned();
            let last = event.frames.last().map_or("", |frame| std::str::from_utf8(frame).expect("text"));
            let last = last.rsplit('\n').next().unwrap_or_default();
            told.push(if event.is_raised {
                format!("{text} < {last} {}{:?}", chain.id, chain.link)
            } else {
                text
            });
            false
        });
    }
    told
}

const CHILD: &str = "\
Traceback (most recent call last):
  File \"spawn.py\", line 1, in _main
    self = reduction.pickle.load(from_parent)
           ^^^^^^^^^^^^^^^^^^
ModuleNotFoundError: No module named 'x'";

#[test]
fn a_traceback_is_one_event() {
    let log = format!("start\n{CHILD}\nend");
    let raised = "ModuleNotFoundError: No module named 'x' < self = reduction.pickle.load(from_parent) 1None";
    assert_eq!(events(&log), ["start", raised, "end"]);
}

#[test]
fn tracebacks_that_come_line_by_line_are_two() {
    let log: String = CHILD.lines().map(|line| format!("{line}\n{line}\n")).collect();
    let raised = "ModuleNotFoundError: No module named 'x' < self = reduction.pickle.load(from_parent) 0None";
    assert_eq!(events(&log), [raised, raised]);
}

#[test]
fn sources_do_not_mix() {
    let log: String = CHILD.lines().map(|line| format!("a | {line}\nb | at work: 1\n")).collect();
    let events = events(&log);
    assert_eq!(events.iter().filter(|event| event.contains("from_parent")).count(), 1, "{events:?}");
    assert_eq!(events.len(), 6);
}

#[test]
fn a_chain_is_one_story() {
    let log = format!(
        "{CHILD}\n\nDuring handling of the above exception, another exception occurred:\n\n{CHILD}\n{CHILD}"
    );
    let ends: Vec<_> =
        events(&log).iter().map(|event| event.rsplit(' ').next().expect("one").to_owned()).collect();
    assert_eq!(ends, ["1None", "1Some(Context)", "2None"]);
}

#[test]
fn errors_in_passing_tests_are_no_events() {
    let log = format!("===== test session starts =====\n{CHILD}\nKilled\n=== 1 passed in 0.1s ===\nend");
    assert_eq!(events(&log), ["end"]);
}

#[test]
fn lines_that_resemble_tests_are_events() {
    for line in ["testing camera (0) ... 12 ms", "test (a.b) c (d) ... 1", "testa b (c.d) ... 1"] {
        assert_eq!(events(&format!("{line}\nKilled")), [line, "Killed"]);
    }
    assert_eq!(events("test_x (tests.TestX) ... at work\nKilled\nok\nend"), ["end"]);
}

#[test]
fn tests_that_say_nothing_more_have_ended() {
    let starts = ["test_x (tests.TestX) ... at work", "===== test session starts ====="];
    let goes_on = ["test_y (tests.TestX) ... at work", "tests/t.py::test_y PASSED"];
    for (start, goes_on) in starts.iter().zip(goes_on) {
        let few = "fine\n".repeat(TESTS as usize);
        assert_eq!(events(&format!("{start}\n{few}Killed")), ["Killed"], "{start}");
        assert_eq!(events(&format!("{start}\n{few}{goes_on}\n{few}")), [""; 0], "{start}");
    }
}
