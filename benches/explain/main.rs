//! How fast a log is read, beside `grep -c`: `cargo bench --bench explain [-- MEGABYTES [ROUNDS]]`.
//!
//! Both read the same file in turn; it is in the page cache, so that neither waits for a disk. The log is that of a service at
//! work; in a second one every hundredth line is part of a failure.
#![allow(clippy::expect_used, clippy::panic)]

use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const LAUNCHER: &str = env!("CARGO_BIN_EXE_heygem-run");

fn main() {
    let mut numbers = std::env::args().skip(1).filter_map(|word| word.parse().ok());
    let megabytes = numbers.next().unwrap_or(1000);
    let rounds = numbers.next().unwrap_or(5);
    let work = Path::new(env!("CARGO_TARGET_TMPDIR"));
    println!("{megabytes} MB, best of {rounds}");
    for (name, fails) in [("healthy", false), ("failing", true)] {
        let log = write_log(&work.join(format!("explain-bench-{name}.log")), megabytes, fails);
        compare(name, &log, megabytes, rounds);
        fs::remove_file(&log).expect("remove the log");
    }
}

fn write_log(path: &Path, megabytes: usize, fails: bool) -> PathBuf {
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
    let mut file = BufWriter::new(File::create(path).expect("create the log"));
    for _ in 0..(megabytes * 1_000_000).div_ceil(block.len()) {
        file.write_all(block.as_bytes()).expect("write the log");
    }
    file.flush().expect("write the log");
    path.to_owned()
}

fn compare(name: &str, log: &Path, megabytes: usize, rounds: usize) {
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
    let speed = |time: Duration| megabytes as f64 / 1e3 / time.as_secs_f64();
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
