//! What the hook costs a Python process: `cargo bench --bench hook [-- ROUNDS]`, with `PYTHON=python3.8` for another interpreter.
//!
//! Two programs, `pass` and an import of 500 modules that are not the SDK's, each with PYTHONPATH as a launch has it and without its
//! bridge. All run in each round, in a new order each time, so that a change of the machine's speed meets them alike; compare figures
//! of one run only. A start is timed from outside, the imports from inside.
#![allow(clippy::expect_used, clippy::panic)]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;
use std::{env, fs};

const LAUNCHER: &str = env!("CARGO_BIN_EXE_heygem-run");
const MODULES: usize = 500;

/// Prints what the imports took, in nanoseconds.
const IMPORTS: &str = "\
import time
start = time.perf_counter()
import all_of_them
print(int((time.perf_counter() - start) * 1e9))";

/// One program in one environment.
struct Way {
    name: &'static str,
    /// The way that it is compared with, by its place.
    than: Option<usize>,
    is_timed_inside: bool,
    command: Command,
    /// In nanoseconds.
    times: Vec<u64>,
}

fn main() {
    let rounds = env::args().skip(1).find_map(|word| word.parse().ok()).unwrap_or(500);
    let work = Path::new(env!("CARGO_TARGET_TMPDIR")).join("hook-bench");
    let mut ways = ways(&work);
    // The caches are filled, where there may be any.
    for way in &mut ways {
        measure(way);
    }
    let mut order: Vec<usize> = (0..ways.len()).collect();
    let mut seed = 1;
    for _ in 0..rounds {
        shuffle(&mut order, &mut seed);
        for &index in &order {
            let time = measure(&mut ways[index]);
            ways[index].times.push(time);
        }
    }
    report(&mut ways, rounds);
}

fn ways(work: &Path) -> Vec<Way> {
    let root = make_root(work);
    let python = PathBuf::from(env::var_os("PYTHON").unwrap_or_else(|| "python3".into()));
    let prepared =
        Command::new(LAUNCHER).arg("-r").arg(&root).arg("--prepare").output().expect("run the launcher");
    assert!(prepared.status.success(), "{prepared:?}");
    let bridge = PathBuf::from(String::from_utf8(prepared.stdout).expect("a path").trim_end());
    let uncached = without_cache(work, &bridge);
    let own = [root.clone(), work.to_owned()];
    let way = |name, than, code: &str, bridge: Option<&PathBuf>| {
        let mut command = Command::new(&python);
        let path = env::join_paths(own.iter().chain(bridge)).expect("no colon in a path");
        command.args(["-c", code]).current_dir(work).stdin(Stdio::null());
        command.env_clear().env("PATH", env::var_os("PATH").unwrap_or_default()).env("HOME", work);
        command.env("PYTHONPATH", path).env("LANG", "C.UTF-8");
        Way { name, than, is_timed_inside: code == IMPORTS, command, times: Vec::new() }
    };
    vec![
        way("start", None, "pass", None),
        way("start, hook", Some(0), "pass", Some(&bridge)),
        way("start, hook without a cache", Some(0), "pass", Some(&uncached)),
        way("500 imports", None, IMPORTS, None),
        way("500 imports, hook", Some(3), IMPORTS, Some(&bridge)),
    ]
}

/// 28 packages and 80 modules, named and tagged as HeyGem's are, and beside the root the modules that are imported.
fn make_root(work: &Path) -> PathBuf {
    let _ = fs::remove_dir_all(work);
    let root = work.join("sdk");
    let write = |path: PathBuf, text: &str| {
        fs::create_dir_all(path.parent().expect("a directory")).expect("make a directory");
        fs::write(path, text).expect("write a file");
    };
    for module in 0..80 {
        let package = if module < 4 { "service".into() } else { format!("package_{}", module % 27) };
        let name = if module == 0 { "trans_dh_service".into() } else { format!("module_{module}") };
        write(root.join(&package).join("__init__.py"), "");
        write(root.join(&package).join(format!("{name}.cpython-38-x86_64-linux-gnu.so")), "");
    }
    for name in ["app", "run", "main"] {
        write(root.join(format!("{name}.py")), "");
    }
    let mut all = String::new();
    for module in 0..MODULES {
        let name = format!("imported_{module}");
        write(
            work.join(format!("{name}.py")),
            "import os\n\n\ndef function(argument):\n    return os.path.join(argument)\n",
        );
        all.push_str(&format!("import {name}\n"));
    }
    write(work.join("all_of_them.py"), &all);
    root
}

/// A copy of the bridge, in which Python can keep no cache: on a read-only disk it is like that.
fn without_cache(work: &Path, bridge: &Path) -> PathBuf {
    let copy = work.join("uncached").join(bridge.file_name().expect("a name"));
    fs::create_dir_all(&copy).expect("make a directory");
    for entry in bridge.read_dir().expect("list the bridge").flatten().filter(|entry| entry.path().is_file())
    {
        fs::copy(entry.path(), copy.join(entry.file_name())).expect("copy a file");
    }
    fs::write(copy.join("__pycache__"), "").expect("write a file");
    copy
}

fn measure(way: &mut Way) -> u64 {
    let started = Instant::now();
    let output = way.command.output().expect("run Python");
    let elapsed = started.elapsed().as_nanos();
    assert!(output.status.success() && output.stderr.is_empty(), "{}: {output:?}", way.name);
    if way.is_timed_inside {
        String::from_utf8_lossy(&output.stdout).trim().parse().expect("a number")
    } else {
        u64::try_from(elapsed).unwrap_or(u64::MAX)
    }
}

/// A new order each round: what ran before leaves the caches warm for its like, and must not do so for the same one always.
fn shuffle(order: &mut [usize], seed: &mut u64) {
    for end in (1..order.len()).rev() {
        // Knuth's generator, of which the upper bits are random enough.
        *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        order.swap(end, (*seed >> 33) as usize % (end + 1));
    }
}

fn report(ways: &mut [Way], rounds: usize) {
    for way in ways.iter_mut() {
        way.times.sort_unstable();
    }
    println!("{rounds} rounds; microseconds, and what the hook adds");
    println!("{:<30} {:>9} {:>9} {:>8} {:>8}", "", "median", "p10", "median", "p10");
    for way in ways.iter() {
        let own = quantiles(way);
        let added = way.than.map_or_else(String::new, |than| {
            let than = quantiles(&ways[than]);
            let percent = |index: usize| (own[index] / than[index] - 1.0) * 100.0;
            format!(" {:>7.2}% {:>7.2}%", percent(0), percent(1))
        });
        println!("{:<30} {:>9.1} {:>9.1}{added}", way.name, own[0] / 1e3, own[1] / 1e3);
    }
}

/// The median and the tenth percentile, in nanoseconds.
fn quantiles(way: &Way) -> [f64; 2] {
    [way.times.len() / 2, way.times.len() / 10].map(|index| way.times[index] as f64)
}
