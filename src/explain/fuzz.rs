//! Logs that were cut and mixed in any way: nothing is lost, nothing is joined wrongly, nothing fails.

use proptest::collection::vec;
use proptest::prelude::*;

use super::report::Report;
use super::scanner::Scanner;

/// One child's traceback, of a name.
fn traceback(name: &str) -> Vec<String> {
    let lines = [
        "Traceback (most recent call last):",
        "  File \"spawn.py\", line 126, in _main",
        "    self = reduction.pickle.load(from_parent)",
    ];
    let mut lines: Vec<String> = lines.map(str::to_owned).to_vec();
    lines.push(format!("ModuleNotFoundError: No module named '{name}'"));
    lines
}

/// What is found in a log that comes in pieces of these sizes: names and subjects.
fn found(log: &[u8], pieces: &[usize]) -> Vec<(String, String)> {
    let mut scanner = Scanner::new().expect("the tables");
    let mut report = Report::default();
    let mut rest = log;
    let mut sizes = pieces.iter().copied().cycle();
    while !rest.is_empty() {
        let room = scanner.room();
        let count = rest.len().min(room.len()).min(sizes.next().unwrap_or(1).max(1));
        room[..count].copy_from_slice(&rest[..count]);
        scanner.advance(count, &mut report);
        rest = &rest[count..];
    }
    scanner.finish(&mut report);
    let subject = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let mut found: Vec<_> = report
        .told()
        .iter()
        .map(|told| (told.found.cause.name.to_owned(), subject(&told.found.subject)))
        .collect();
    found.sort();
    found
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn however_services_take_turns_each_traceback_is_whole(
        turns in vec(0..3_usize, 0..40),
        pieces in vec(1..200_usize, 1..8),
    ) {
        let mut services: Vec<(String, std::vec::IntoIter<String>)> = (0..3)
            .map(|n| (format!("svc-{n}"), traceback(&format!("bare_{n}")).into_iter()))
            .collect();
        let mut log = String::new();
        for turn in turns.into_iter().chain((0..3).cycle().take(12)) {
            let (name, lines) = &mut services[turn];
            if let Some(line) = lines.next() {
                log.push_str(&format!("{name}  | {line}\n"));
            }
        }
        let expected: Vec<_> = (0..3).map(|n| ("bare-name".to_owned(), format!("bare_{n}"))).collect();
        prop_assert_eq!(found(log.as_bytes(), &pieces), expected);
    }

    #[test]
    fn a_message_that_containerd_cut_anywhere_is_one(at in 1..45_usize, pieces in vec(1..100_usize, 1..8)) {
        let text = "ModuleNotFoundError: No module named 'einops'";
        let (first, second) = text.split_at(at.min(text.len() - 1));
        let log = format!(
            "2025-06-11T10:02:07.118Z stderr P {first}\n2025-06-11T10:02:07.118Z stdout F fine\n2025-06-11T10:02:07.119Z stderr F {second}\n"
        );
        prop_assert_eq!(found(log.as_bytes(), &pieces), [("missing-package".to_owned(), "einops".to_owned())]);
    }

    #[test]
    fn no_bytes_are_too_odd(noise in vec(any::<u8>(), 0..600), text in ".{0,200}", pieces in vec(1..100_usize, 1..8)) {
        let cut = traceback("x").join("\n");
        for log in [noise.clone(), [noise.as_slice(), cut.as_bytes()].concat(), text.into_bytes()] {
            found(&log, &pieces);
        }
    }

    #[test]
    fn records_that_were_cut_anywhere_are_no_obstacle(at in 0..400_usize, pieces in vec(1..100_usize, 1..8)) {
        let record = |line: &String| serde_json::json!({"log": format!("{line}\n"), "stream": "stderr", "time": "2025"}).to_string();
        let log = traceback("x").iter().map(record).collect::<Vec<_>>().join("\n");
        let export = format!("__CURSOR=s=1\nMESSAGE\n\u{5}\0\0\0\0\0\0\0Killed\n\n{log}");
        for log in [log, export] {
            found(&log.as_bytes()[at.min(log.len())..], &pieces);
            found(&log.as_bytes()[..at.min(log.len())], &pieces);
        }
    }
}
