//! What a launch costs, beside other ways to the same target: `cargo bench --bench launch [-- ROUNDS] [-- --svg]`.
//!
//! `UV=/path/to/uv` takes `uv run` in as well. `--svg` draws the figures into `benches/launch/launch.svg`, which the README shows.
//!
//! All run in each round, in a new order each time, so that a change of the machine's speed meets them alike; compare figures of one run
//! only. The cost is the time added to the target's own, from start to reaped end.
#![allow(clippy::expect_used, clippy::panic)]

mod draw;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;
use std::{env, fs, slice};

const LAUNCHER: &str = env!("CARGO_BIN_EXE_heygem-run");
const HERE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/launch");

/// One way to the target, and what its runs took.
struct Way {
    name: &'static str,
    /// One for each copy of the program; each serves a stretch of the rounds.
    commands: Vec<Command>,
    /// In nanoseconds.
    times: Vec<u64>,
    faults: u64,
}

fn main() {
    let rounds = env::args().skip(1).find_map(|word| word.parse().ok()).unwrap_or(2_000);
    let is_drawn = env::args().any(|word| word == "--svg");
    let work = Path::new(env!("CARGO_TARGET_TMPDIR")).join("launch-bench");
    let root = make_root(&work);
    let mut ways = ways(&work, &root);
    for way in &mut ways {
        assert!(run(&mut way.commands[0]).success, "{} fails", way.name);
    }
    // The first launch built the bridge; the next one may list the names again, since that was only just now.
    std::thread::sleep(std::time::Duration::from_millis(100));
    for command in ways.iter_mut().flat_map(|way| &mut way.commands) {
        run(command);
    }
    let mut order: Vec<usize> = (0..ways.len()).collect();
    let mut seed = 1;
    for round in 0..rounds {
        shuffle(&mut order, &mut seed);
        for &index in &order {
            let way = &mut ways[index];
            // One after the other: in turn, each would be cold in the processor's caches whenever it is started.
            let copy = round * way.commands.len() / rounds;
            let ran = run(&mut way.commands[copy]);
            way.times.push(ran.nanoseconds);
            way.faults += ran.faults;
        }
    }
    let figures = figures(&mut ways, rounds as u64);
    report(&figures, rounds);
    if is_drawn {
        let path = Path::new(HERE).join("launch.svg");
        fs::write(&path, draw::svg(&figures)).expect("write the picture");
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

/// 28 packages and 80 modules, named and tagged as HeyGem's are.
fn make_root(work: &Path) -> PathBuf {
    let root = work.join("sdk");
    let mut modules = 0;
    for package in 0..28 {
        let directory = match package {
            0 => root.join("service"),
            1..14 => root.join(format!("package_{package}")),
            _ => root.join(format!("package_{}/inner", package - 13)),
        };
        fs::create_dir_all(&directory).expect("make a package");
        fs::write(directory.join("__init__.py"), "").expect("write a package");
        let names = (0..if package < 24 { 3 } else { 2 }).map(|_| {
            modules += 1;
            if modules == 1 { "trans_dh_service".to_owned() } else { format!("module_{modules}") }
        });
        for name in names {
            let file = directory.join(format!("{name}.cpython-38-x86_64-linux-gnu.so"));
            fs::write(file, "").expect("write a module");
        }
    }
    assert_eq!(modules, 80);
    root
}

fn ways(work: &Path, root: &Path) -> Vec<Way> {
    let targets = compile(work, "target.c");
    let target = targets[0].clone();
    let baseline = compile(work, "baseline.c");
    let way = |name, programs: &[PathBuf], words: &[&Path], directory: &Path| {
        let command = |program| {
            let mut command = Command::new(program);
            command.args(words).current_dir(directory).stdin(Stdio::null());
            // Cargo's own variables would burden the others: LD_LIBRARY_PATH makes every dynamic program search.
            command.env_clear().env("PATH", "/usr/bin:/bin").env("HOME", work).env("LANG", "C.UTF-8");
            command
        };
        Way { name, commands: programs.iter().map(command).collect(), times: Vec::new(), faults: 0 }
    };
    let launcher = installed(work, Path::new(LAUNCHER));
    let python_path = PathBuf::from(format!("PYTHONPATH={}", root.display()));
    let sh = PathBuf::from(format!("cd {0} && PYTHONPATH={0} exec \"$@\"", root.display()));
    let mut ways = vec![
        way("the target alone", slice::from_ref(&target), &[], work),
        way("static C program", &baseline, &[root, &target], work),
        way("heygem-run, root named", &launcher, &["-r".as_ref(), root, &target], work),
        way("heygem-run, root found", &launcher, &[&target], root),
        way("env -C DIR PYTHONPATH=…", &["env".into()], &["-C".as_ref(), root, &python_path, &target], work),
        way("sh -c 'cd …; exec \"$@\"'", &["sh".into()], &["-c".as_ref(), &sh, "sh".as_ref(), &target], work),
    ];
    if let Some(uv) = env::var_os("UV") {
        let words: [&Path; 4] = ["run".as_ref(), "--no-project".as_ref(), "--offline".as_ref(), &target];
        ways.push(way("uv run --no-project", &[uv.into()], &words, root));
    }
    ways
}

fn compile(work: &Path, source: &str) -> Vec<PathBuf> {
    let program = work.join(source).with_extension("");
    let status = Command::new("cc")
        .args(["-O2", "-static", "-o"])
        .arg(&program)
        .arg(Path::new(HERE).join(source))
        .status()
        .expect("run cc");
    assert!(status.success(), "cc could not compile {source}");
    installed(work, &program)
}

/// Copies, as an installer makes them: written in one go, a file lies in few large pieces of the page cache, while a linker's
/// output lies in many small ones, and starting it costs a tenth more. Where a copy happens to lie still makes a difference, so
/// there are several.
fn installed(work: &Path, program: &Path) -> Vec<PathBuf> {
    const COPIES: usize = 12;
    let copy = |number: usize| {
        let directory = work.join(format!("installed/{number}"));
        fs::create_dir_all(&directory).expect("make a directory");
        let copy = directory.join(program.file_name().expect("a program has a name"));
        let _ = fs::remove_file(&copy); // or the old pages would stay
        let status = Command::new("cp").arg(program).arg(&copy).status().expect("run cp");
        assert!(status.success(), "cp could not copy {}", program.display());
        copy
    };
    (0..COPIES).map(copy).collect()
}

struct Ran {
    nanoseconds: u64,
    faults: u64,
    success: bool,
}

fn run(command: &mut Command) -> Ran {
    let before = faults_of_children();
    let started = Instant::now();
    let status = command.status().expect("start a program");
    let nanoseconds = u64::try_from(started.elapsed().as_nanos()).unwrap_or(u64::MAX);
    Ran { nanoseconds, faults: faults_of_children() - before, success: status.success() }
}

/// Page faults of all children so far.
#[allow(unsafe_code)]
fn faults_of_children() -> u64 {
    let mut usage = std::mem::MaybeUninit::<libc::rusage>::uninit();
    // SAFETY: `getrusage` fills the structure that the pointer leads to, or fails.
    let usage = unsafe {
        assert_eq!(libc::getrusage(libc::RUSAGE_CHILDREN, usage.as_mut_ptr()), 0);
        usage.assume_init()
    };
    u64::try_from(usage.ru_minflt).unwrap_or_default()
}

/// What one way adds to the target's own cost.
struct Figures {
    name: &'static str,
    /// The median and the tenth percentile, in microseconds.
    added: [f64; 2],
    /// The same as ratios to the C program's.
    ratio: [f64; 2],
    faults: u64,
    calls: Option<usize>,
}

fn figures(ways: &mut [Way], rounds: u64) -> Vec<Figures> {
    for way in ways.iter_mut() {
        way.times.sort_unstable();
    }
    let own = quantiles(&ways[0]);
    let added = |way: &Way| [0, 1].map(|index| (quantiles(way)[index] - own[index]) / 1e3);
    let baseline = added(&ways[1]);
    let own_faults = ways[0].faults / rounds;
    ways.iter()
        .skip(1)
        .map(|way| Figures {
            name: way.name,
            added: added(way),
            ratio: [0, 1].map(|index| added(way)[index] / baseline[index]),
            faults: (way.faults / rounds).saturating_sub(own_faults),
            calls: system_calls(&way.commands[0]),
        })
        .collect()
}

/// How many system calls are made from the first `execve` to the last one, if strace is there to count them.
fn system_calls(command: &Command) -> Option<usize> {
    let traced = Command::new("strace")
        .arg(command.get_program())
        .args(command.get_args())
        .current_dir(command.get_current_dir()?)
        .env_clear()
        .envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))))
        .output()
        .ok()?;
    let trace = String::from_utf8_lossy(&traced.stderr).into_owned();
    let calls: Vec<&str> = trace.lines().filter(|line| line.contains('(')).collect();
    calls.iter().rposition(|call| call.starts_with("execve("))
}

fn report(figures: &[Figures], rounds: usize) {
    println!("{rounds} rounds; added time in microseconds, and as a ratio to the C program's");
    println!(
        "{:<26} {:>8} {:>8} {:>7} {:>7} {:>7} {:>6}",
        "", "median", "p10", "ratio", "r. p10", "faults", "calls"
    );
    for Figures { name, added, ratio, faults, calls } in figures {
        let calls = calls.map_or("?".into(), |calls| calls.to_string());
        println!(
            "{name:<26} {:>8.1} {:>8.1} {:>7.2} {:>7.2} {faults:>7} {calls:>6}",
            added[0], added[1], ratio[0], ratio[1]
        );
    }
}

/// The median and the tenth percentile, in nanoseconds.
fn quantiles(way: &Way) -> [f64; 2] {
    [way.times.len() / 2, way.times.len() / 10].map(|index| way.times[index] as f64)
}
