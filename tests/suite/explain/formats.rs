//! What is known in a plain log is known in whatever holds it: encodings, records, prefixes.

use std::collections::BTreeSet;
use std::io::Write as _;

use serde_json::{Value, json};

use super::{document, explain};
use crate::support::place::Place;

/// A message of several lines, and its cause: where what is above it counts, too.
const MESSAGES: &[(&str, &str)] = &[
    ("Killed", "out-of-memory"),
    ("No module named 'trans_dh_service'", "bare-name"),
    ("exec: \"ffmpeg\": executable file not found in $PATH", "no-ffmpeg"),
    (
        "Traceback (most recent call last):\n  File \"spawn.py\", line 126, in _main\n    self = reduction.pickle.load(from_parent)\nModuleNotFoundError: No module named 'my_bare'",
        "bare-name",
    ),
    (
        "    self = reduction.pickle.load(from_parent)\nModuleNotFoundError: No module named 'my_bare'",
        "bare-name",
    ),
    (
        "Traceback (most recent call last):\n  File \"run.py\", line 3, in <module>\n    os.chdir('/srv/code2')\nFileNotFoundError: [Errno 2] No such file or directory: '/srv/code2'",
        "container-path",
    ),
    (
        "    os.chdir('/srv/code2')\nFileNotFoundError: [Errno 2] No such file or directory: '/srv/code2'",
        "container-path",
    ),
    ("任务视频驱动队列满，严重阻塞，下游队列异常", "queue-full"),
];

type Wrap = fn(&str) -> String;

/// How each line of a message is wrapped.
const ENVELOPES: &[(&str, Wrap)] = &[
    ("plain", |line| format!("{line}\n")),
    ("CR LF", |line| format!("{line}\r\n")),
    ("a mark", |line| format!("\u{feff}{line}\n")),
    ("Compose", |line| format!("svc-1  | {line}\n")),
    ("Compose with times", |line| format!("svc-1  | 2024-05-05T10:00:00.123456789Z {line}\n")),
    ("Docker with times", |line| format!("2024-05-05T10:00:00.123456789Z {line}\n")),
    ("Docker Desktop", |line| format!("2025-06-11 18:02:07 {line}\n")),
    ("kubectl", |line| format!("[pod/heygem-0/app] {line}\n")),
    ("containerd", |line| format!("2025-06-11T10:02:07.118Z stderr F {line}\n")),
    ("colours", |line| format!("\x1b[1;31m{line}\x1b[0m\n")),
    ("a search's colours", |line| {
        format!("{}\n", line.replace("No module", "\x1b[01;31m\x1b[KNo module\x1b[m\x1b[K"))
    }),
    ("cat -n", |line| format!("    12\t{line}\n")),
    ("fluentd", |line| {
        format!("2025-06-11T10:02:07+00:00\tdocker.x\t{}\n", json!({"log": line, "source": "stderr"}))
    }),
    ("Loki", |line| format!("{}\n", json!({"line": line, "timestamp": "1749607327118112000"}))),
    ("logfmt", |line| format!("time=2025-06-11T10:02:07Z level=error msg={}\n", json!(line))),
    ("logfmt by level", |line| format!("level=error ts=2025-06-11T10:02:07Z msg={}\n", json!(line))),
    ("short journal", |line| format!("Nov 24 07:38:00 host run.sh[123]: {line}\n")),
    ("ISO journal", |line| format!("2025-06-11T10:02:07+0800 host run.sh[123]: {line}\n")),
    ("Celery", |line| format!("[2025-06-11 10:02:07,118: WARNING/ForkPoolWorker-1] {line}\n")),
    ("Ray", |line| format!("\x1b[36m(Actor pid=77, ip=10.0.0.1)\x1b[0m {line}\n")),
    ("supervisord", |line| format!("2025-06-11 10:02:07,118 DEBG 'x' stderr output:\n{line}\n")),
    ("an exception group", |line| format!("    | {line}\n")),
    ("progress", |line| format!("  50%|█████     | 5/10\r{line}\r\n")),
    ("json-file", |line| {
        format!(
            "{}\n",
            json!({"log": format!("{line}\n"), "stream": "stderr", "time": "2025-06-11T10:02:07.118Z"})
        )
    }),
    ("JSON with numbers for letters", |line| {
        let record = json!({"log": format!("{line}\n"), "stream": "stderr"}).to_string();
        let ascii = |char: char| {
            if char.is_ascii() { char.to_string() } else { format!("\\u{:04x}", u32::from(char)) }
        };
        record.chars().map(ascii).collect::<String>() + "\n"
    }),
    ("journald as JSON", |line| {
        format!("{}\n", json!({"MESSAGE": line, "_PID": "7", "SYSLOG_IDENTIFIER": "run.sh"}))
    }),
    ("Swarm", |line| format!("svc.1.x7k2m9q8v1bn@node-1    | {line}\n")),
    ("an image's build", |line| format!("#12 1.234 {line}\n")),
    ("an image's build that failed", |line| format!("1.234 {line}\n")),
    ("journal, short-full", |line| format!("Wed 2025-06-11 10:02:07 CST host run.sh[123]: {line}\n")),
    ("journal, short-unix", |line| format!("1749607327.118452 host run.sh[123]: {line}\n")),
    ("journal, short-monotonic", |line| format!("[  123.456789] host run.sh[123]: {line}\n")),
    ("journal, short-delta", |line| format!("[  123.456789 <    0.000123 >] host run.sh[123]: {line}\n")),
    ("syslog", |line| format!("<30>Jun 11 10:02:07 run.sh[123]: {line}\n")),
    ("stern", |line| format!("heygem-7d4b9c5f6-x2k9p app {line}\n")),
    ("GitHub", |line| format!("2025-06-11T10:02:07.1184521Z ##[error]{line}\n")),
    ("gh run view", |line| format!("build\tRun tests\t2025-06-11T10:02:07.1184521Z {line}\n")),
    ("GitLab", |line| format!("2025-06-11T10:02:07.118452Z 01E {line}\n")),
    ("pm2", |line| format!("0|heygem  | {line}\n")),
    ("pm2 with times", |line| format!("0|heygem  | 2025-06-11T10:02:07: {line}\n")),
    ("torchrun", |line| format!("[rank0]: {line}\n")),
    ("Open MPI", |line| format!("[1,0]<stderr>:{line}\n")),
    ("Slurm", |line| format!("0: {line}\n")),
    ("Airflow", |line| format!("[2025-06-11, 10:02:07 UTC] {{subprocess.py:93}} INFO - {line}\n")),
    ("Google's logger", |line| format!("E0611 10:02:07.118452       1 main.go:33] {line}\n")),
    ("a quote", |line| format!("> {line}\n")),
    ("grep -n", |line| format!("123:{line}\n")),
    ("grep -rn", |line| format!("logs/app.log:123:{line}\n")),
    ("a box", |line| format!("│ {line:100} │\n")),
    ("containerd with JSON", |line| {
        format!("2025-06-11T10:02:07.118Z stderr F {}\n", json!({"level": "error", "message": line}))
    }),
    ("Google Cloud", |line| format!("{}\n", json!({"textPayload": line, "severity": "ERROR"}))),
    ("Fluentd", |line| {
        format!("{}\n", json!({"log": line, "stream": "stderr", "kubernetes": {"pod_name": "x"}}))
    }),
    ("Fluentd, its own fields", |line| {
        format!("{}\n", json!({"log": line, "stream": "stderr", "time": "2025"}))
    }),
    ("journald as JSON with bytes", |line| {
        let coloured = format!("\x1b[31m{line}\x1b[0m").into_bytes();
        format!("{}\n", json!({"MESSAGE": coloured, "_PID": "7", "SYSLOG_IDENTIFIER": "run.sh"}))
    }),
    ("journal, verbose", |line| {
        format!(
            "Wed 2025-06-11 10:02:07.118452 CST [s=1;i=2]\n    SYSLOG_IDENTIFIER=run.sh\n    MESSAGE={line}\n    _PID=7\n"
        )
    }),
    ("export", |line| format!("__CURSOR=s=1\n_PID=7\nMESSAGE={line}\nSYSLOG_IDENTIFIER=run.sh\n\n")),
];

fn wrapped(text: &str, wrap: Wrap) -> String {
    text.lines().map(wrap).collect()
}

/// The names of all that was found, also of what follows from something else.
fn all(document: &Value) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for cause in document["causes"].as_array().into_iter().flatten() {
        let consequences = cause["consequences"].as_array().into_iter().flatten();
        names.extend(
            [cause]
                .into_iter()
                .chain(consequences)
                .filter_map(|cause| cause["name"].as_str())
                .map(str::to_owned),
        );
    }
    names
}

#[track_caller]
fn is_known(place: &Place, log: &[u8], cause: &str, told: &str) {
    let document = document(place, log);
    assert_eq!(
        all(&document).into_iter().collect::<Vec<_>>(),
        [cause],
        "{told}: {}",
        String::from_utf8_lossy(log)
    );
}

#[test]
fn a_message_is_known_in_every_envelope() {
    let place = Place::new();
    for (name, wrap) in ENVELOPES {
        for (message, cause) in MESSAGES {
            is_known(&place, wrapped(message, *wrap).as_bytes(), cause, name);
        }
    }
}

#[test]
fn a_traceback_is_known_behind_whatever_is_before_each_line() {
    let place = Place::new();
    let leads =
        ["2025-06-11 10:02:07,118 [MainThread] ERROR app: ", "job at work: ", "<app 10:02:07.118 7> ", "* "];
    for lead in leads {
        for (message, cause) in MESSAGES.iter().filter(|(message, _)| message.starts_with("Traceback")) {
            let log: String = message.lines().map(|line| format!("{lead}{line}\n")).collect();
            is_known(&place, log.as_bytes(), cause, lead);
        }
    }
}

/// The lines near what `grep -nA` found have another mark behind their number, and each number is another.
#[test]
fn a_traceback_is_known_as_grep_shows_it() {
    let place = Place::new();
    for path in ["", "logs/app-1.log"] {
        for (message, cause) in MESSAGES.iter().filter(|(message, _)| message.starts_with("Traceback")) {
            let line = |(number, line): (usize, &str)| {
                let mark = if number == 0 { ':' } else { '-' };
                let file = if path.is_empty() { String::new() } else { format!("{path}{mark}") };
                format!("{file}{}{mark}{line}\n", 97 + number)
            };
            let log: String = message.lines().enumerate().map(line).collect();
            is_known(&place, log.as_bytes(), cause, path);
        }
    }
}

#[test]
fn a_message_is_known_in_every_encoding() {
    let place = Place::new();
    let wide = |text: &str, bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
        format!("\u{feff}{text}").encode_utf16().flat_map(bytes).collect()
    };
    for (message, cause) in MESSAGES {
        let log = wrapped(message, |line| format!("{line}\r\n"));
        let (gbk, ..) = encoding_rs::GBK.encode(&log);
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        gzip.write_all(log.as_bytes()).expect("write to memory");
        let gzip = gzip.finish().expect("write to memory");
        let mut appended = wide("line one\r\n", u16::to_le_bytes);
        appended.extend(log.as_bytes());
        let encoded: [(&str, Vec<u8>); 7] = [
            ("UTF-16 without a mark, little", wide(&log, u16::to_le_bytes)[2..].to_owned()),
            ("UTF-16 without a mark, big", wide(&log, u16::to_be_bytes)[2..].to_owned()),
            ("UTF-8 behind UTF-16", appended),
            ("UTF-16 little", wide(&log, u16::to_le_bytes)),
            ("UTF-16 big", wide(&log, u16::to_be_bytes)),
            ("GBK", gbk.into_owned()),
            ("gzip", gzip),
        ];
        for (name, log) in encoded {
            is_known(&place, &log, cause, name);
        }
    }
}

#[test]
fn what_is_packed_otherwise_or_broken_is_an_error_and_no_all_clear() {
    let place = Place::new();
    place.write("a.zst", b"\x28\xb5\x2f\xfd\x00\x01\x02\x03");
    let error = "heygem-run: error: can't read a.zst: it is compressed by zstd\nhint: zstd -dc a.zst | heygem-run --explain\n";
    place.launch(["--explain=a.zst"]).fails(125, error);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    let noise: String = (0..100_000u32).map(|n| format!("{}\n", n.wrapping_mul(2_654_435_761))).collect();
    gzip.write_all(noise.as_bytes()).expect("write to memory");
    let whole = gzip.finish().expect("write to memory");
    place.write("cut.gz", &whole[..whole.len() / 2]);
    let outcome = place.launch(["--explain=cut.gz"]).run();
    assert_eq!(outcome.code(), Some(125), "{outcome}");
    assert!(outcome.stderr().starts_with("heygem-run: error: can't read cut.gz: "), "{outcome}");
}

#[test]
fn all_messages_of_the_tables_are_known_in_every_envelope() {
    let place = Place::new();
    // What excuses others, and what is told only of the first of several, is tried by itself.
    let texts: Vec<&str> =
        heygem_run::explain::causes::causes().filter_map(|cause| cause.tells.first().copied()).collect();
    let expected: BTreeSet<String> =
        heygem_run::explain::causes::causes().map(|cause| cause.name.to_owned()).collect();
    for (name, wrap) in ENVELOPES {
        let log: String =
            texts.iter().map(|text| wrapped(text, *wrap) + &wrapped("-\n-\n-\n-\n-", *wrap)).collect();
        let found = all(&document(&place, log.as_bytes()));
        let missing: Vec<_> = expected.difference(&found).collect();
        assert!(missing.is_empty() && found.len() == expected.len(), "{name}: without {missing:?}");
    }
}

#[test]
fn a_message_that_was_cut_into_two_records_is_one() {
    let place = Place::new();
    let long = "x".repeat(16_000);
    let cri = format!(
        "2025-06-11T10:02:07.118Z stderr P {long} ModuleNotFoundError: No module na\n2025-06-11T10:02:07.118Z stdout F fine\n2025-06-11T10:02:07.119Z stderr F med 'einops'\n"
    );
    is_known(&place, cri.as_bytes(), "missing-package", "containerd");
    let docker = format!(
        "{}\n{}\n",
        json!({"log": format!("{long} ModuleNotFoundError: No module na"), "stream": "stderr", "time": "2025"}),
        json!({"log": "med 'einops'\n", "stream": "stderr", "time": "2025"})
    );
    is_known(&place, docker.as_bytes(), "missing-package", "json-file");
}

#[test]
fn a_field_of_the_journal_with_line_ends_is_read_by_its_length() {
    let place = Place::new();
    let message = MESSAGES[3].0;
    let mut log = b"__CURSOR=s=1\nMESSAGE\n".to_vec();
    log.extend((message.len() as u64).to_le_bytes());
    log.extend(message.as_bytes());
    log.extend(b"\n_PID=7\n\n__CURSOR=s=2\nMESSAGE=fine\n\n");
    is_known(&place, &log, "bare-name", "export");
}

#[test]
fn interleaved_processes_do_not_mix() {
    let place = Place::new();
    let child: Vec<&str> = MESSAGES[3].0.lines().collect();
    let other: Vec<&str> = MESSAGES[5].0.lines().collect();
    let log: String = child.iter().zip(&other).map(|(a, b)| format!("a-1  | {a}\nb-1  | {b}\n")).collect();
    let names = all(&document(&place, log.as_bytes()));
    assert_eq!(names.into_iter().collect::<Vec<_>>(), ["bare-name", "container-path"]);
    // Two children of one process, line by line.
    let log: String = child.iter().map(|line| format!("{line}\n{line}\n")).collect();
    is_known(&place, log.as_bytes(), "bare-name", "two children");
    assert!(String::from_utf8_lossy(&explain(&place, log.as_bytes()).stdout).contains("   2 times\n"));
}
