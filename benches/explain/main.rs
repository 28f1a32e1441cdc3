//! How fast a log is read, beside `grep -c`: `cargo bench --bench explain [-- MEGABYTES [ROUNDS]]`.
//!
//! Both read the same file in turn; it is in the page cache, so that neither waits for a disk. The first log is that of a service at
//! work; in the second every hundredth line is part of a failure; the others are what is hardest: a tenth of the size, for what is
//! asked of them is a tenth of the speed.
#![allow(clippy::expect_used, clippy::panic)]

use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const LAUNCHER: &str = env!("CARGO_BIN_EXE_heygem-run");

fn main() {
    let mut numbers = std::env::args().skip(1).filter_map(|word| word.parse().ok());
    let megabytes: usize = numbers.next().unwrap_or(1000);
    let rounds = numbers.next().unwrap_or(5);
    let work = Path::new(env!("CARGO_TARGET_TMPDIR"));
    println!("{megabytes} MB, best of {rounds}");
    let tenth = megabytes.div_ceil(10);
    let logs: [(&str, Vec<u8>, usize); 9] = [
        ("healthy", service(false), megabytes),
        ("failing", service(true), megabytes),
        ("tracebacks", traceback(), tenth),
        ("json-file", json_file(&service(false)), tenth),
        ("tracebacks in json-file", json_file(&traceback()), tenth),
        ("UTF-16", utf16(&service(false)), tenth),
        ("one endless line", vec![b'x'; 1 << 20], tenth),
        ("one line of errors", b"ModuleNotFoundError: No module named 'x' ".repeat(1 << 10), tenth),
        (
            "errors",
            b"2024-05-05 10:00:00,137 ERROR worker 7: could not open the file\n".repeat(1 << 10),
            tenth,
        ),
    ];
    for (name, block, megabytes) in logs {
        let log = write(&work.join("explain-bench.log"), &block, megabytes);
        compare(name, &log, rounds);
        fs::remove_file(&log).expect("remove the log");
    }
}

fn service(fails: bool) -> Vec<u8> {
    let mut block = String::new();
    for n in 0..20_000 {
        let line = match n % 10 {
            _ if fails && n % 100 == 0 => format!("ModuleNotFoundError: No module named 'module_{}'", n % 7),
            0..4 => format!("INFO:     127.0.0.1:{} - \"POST /easy/submit HTTP/1.1\" 200 OK", 1024 + n),
            4..7 => format!(
                "2024-05-05 10:{:02}:{:02},{:03} [run.py[line:{n}] [INFO] -> frame {n} of 25000, queue size {}",
                n / 60 % 60,
                n % 60,
                n % 1000,
                n % 90
            ),
            7..9 => format!(
                "2024-05-05 10:00:00 [trans_dh_service.py[line:{n}] [DEBUG] 驱动视频帧 {n} 完成 cost:0.{n}s"
            ),
            _ => format!(
                "  File \"/opt/conda/envs/human/lib/python3.8/site-packages/torch/nn/modules/module.py\", line {n}"
            ),
        };
        block.push_str(&line);
        block.push('\n');
    }
    block.into_bytes()
}

fn traceback() -> Vec<u8> {
    let frame = |n: u32| {
        format!("  File \"/opt/torch/nn/modules/m{n}.py\", line {n}, in forward\n    x = self.layer{n}(x)\n")
    };
    let frames: String = (0..5).map(frame).collect();
    let text = format!(
        "Traceback (most recent call last):\n{frames}ModuleNotFoundError: No module named 'einops'\n"
    );
    text.repeat(100).into_bytes()
}

/// Each line as a record of Docker's.
fn json_file(log: &[u8]) -> Vec<u8> {
    let record = |line: &str| {
        let text = serde_json::Value::from(format!("{line}\n"));
        format!("{{\"log\":{text},\"stream\":\"stderr\",\"time\":\"2024-05-05T10:00:00.123456789Z\"}}\n")
    };
    String::from_utf8_lossy(log).lines().map(record).collect::<String>().into_bytes()
}

fn utf16(log: &[u8]) -> Vec<u8> {
    String::from_utf8_lossy(log).encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn write(path: &Path, block: &[u8], megabytes: usize) -> PathBuf {
    let mut file = BufWriter::new(File::create(path).expect("create the log"));
    for _ in 0..(megabytes * 1_000_000).div_ceil(block.len()) {
        file.write_all(block).expect("write the log");
    }
    file.flush().expect("write the log");
    path.to_owned()
}

fn compare(name: &str, log: &Path, rounds: usize) {
    let mut grep = Command::new("grep");
    grep.args(["-c", "No module named"]).arg(log).env("LC_ALL", "C");
    let mut option = std::ffi::OsString::from("--explain=");
    option.push(log);
    let mut explain = Command::new(LAUNCHER);
    explain.arg(option);
    let (mut best_grep, mut best_explain) = (Duration::MAX, Duration::MAX);
    for _ in 0..rounds {
        best_grep = best_grep.min(time(&mut grep));
        best_explain = best_explain.min(time(&mut explain));
    }
    let size = fs::metadata(log).expect("the log").len() as f64;
    let speed = |time: Duration| size / 1e9 / time.as_secs_f64();
    println!(
        "{name}: grep -c {:.2} GB/s, --explain {:.2} GB/s, ratio of times {:.2}",
        speed(best_grep),
        speed(best_explain),
        best_explain.as_secs_f64() / best_grep.as_secs_f64()
    );
}

fn time(command: &mut Command) -> Duration {
    let started = Instant::now();
    // Through a pipe: where stdout is /dev/null, grep stops at the first match.
    let output = command.stdin(Stdio::null()).output().expect("start it");
    let time = started.elapsed();
    assert!(matches!(output.status.code(), Some(0 | 1)), "{command:?}: {}", output.status);
    time
}
