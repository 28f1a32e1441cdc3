//! Runs rows, a few at once, and prints one table of what they came to.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::Mutex;
use std::thread;

use crate::grade::{Grade, launched, plain};
use crate::programs::Runtime;
use crate::row::Row;

/// What was asked on the command line.
pub struct Options {
    /// A row's name must have each of them.
    words: Vec<String>,
    is_exact: bool,
    lists: bool,
    is_plain: bool,
    threads: usize,
}

impl Options {
    /// Reads the words that cargo hands on.
    ///
    /// # Errors
    /// On an option that is none.
    pub fn parse(words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options =
            Self { words: Vec::new(), is_exact: false, lists: false, is_plain: false, threads: 2 };
        let mut words = words;
        while let Some(word) = words.next() {
            let threads = match word.as_str() {
                "--test-threads" => Some(words.next().unwrap_or_default()),
                _ => word.strip_prefix("--test-threads=").map(str::to_owned),
            };
            match word.as_str() {
                "--list" => options.lists = true,
                "--plain" => options.is_plain = true,
                "--exact" => options.is_exact = true,
                "--nocapture" | "--no-capture" => {}
                _ if threads.is_some() => {
                    let count = threads.and_then(|count| count.parse().ok()).filter(|count| *count > 0);
                    options.threads = count.ok_or("--test-threads takes a number")?;
                }
                _ if word.starts_with("--") && options.words.is_empty() => {
                    return Err(format!("no option: {word}"));
                }
                _ => options.words.push(word),
            }
        }
        Ok(options)
    }

    fn wants(&self, name: &str) -> bool {
        match &self.words[..] {
            [word] if self.is_exact => word == name,
            words => words.iter().all(|word| name.contains(word.as_str())),
        }
    }
}

/// A row for one CPython.
struct Trial<'a> {
    name: String,
    row: &'a Row,
    runtime: &'a Runtime,
}

/// Runs what was asked for.
pub fn run(options: &Options, rows: &[Row]) -> ExitCode {
    let runtimes = Runtime::all();
    let trials: Vec<_> = runtimes
        .iter()
        .flat_map(|runtime| rows.iter().map(move |row| (runtime, row)))
        .filter(|(runtime, row)| row.since <= runtime.python.major_minor)
        .map(|(runtime, row)| {
            let files = row.files().collect::<Vec<_>>().join(",");
            let name = format!("{} {:?} {:?} {files}: {}", runtime.version(), row.layout, row.app, row.line);
            Trial { name, row, runtime }
        })
        .filter(|trial| options.wants(&trial.name))
        .collect();
    if options.lists {
        trials.iter().for_each(|trial| println!("{}: test", trial.name));
        return ExitCode::SUCCESS;
    }
    let grades = grades(options, &trials);
    summary(options, &trials, &grades)
}

fn grades(options: &Options, trials: &[Trial<'_>]) -> Vec<Grade> {
    let results = Mutex::new(vec![None; trials.len()]);
    let queue = Mutex::new(trials.iter().enumerate());
    let next = || queue.lock().expect("no panic").next();
    thread::scope(|scope| {
        for _ in 0..options.threads {
            scope.spawn(|| {
                while let Some((at, trial)) = next() {
                    let grade = grade(options, trial);
                    println!("{:7} {}", grade.word(), trial.name);
                    results.lock().expect("no panic")[at] = Some(grade);
                }
            });
        }
    });
    results.into_inner().expect("no panic").into_iter().flatten().collect()
}

/// The grade of one; a panic of the suite's own is one row's, and is not passed over.
fn grade(options: &Options, trial: &Trial<'_>) -> Grade {
    let run = || {
        let run = if options.is_plain { plain } else { launched };
        run(trial.row, trial.runtime.programs())
    };
    catch_unwind(AssertUnwindSafe(run))
        .unwrap_or_else(|_| Grade::NotRun("the suite failed, see above".to_owned()))
}

/// Prints the table, and says whether every row came to what it must.
fn summary(options: &Options, trials: &[Trial<'_>], grades: &[Grade]) -> ExitCode {
    println!();
    let mut failures = 0;
    for (trial, grade) in trials.iter().zip(grades) {
        let is_met = grade.meets(trial.row.expected) || (options.is_plain && *grade == Grade::Works);
        failures += usize::from(!is_met);
        let mark = if is_met { ' ' } else { '!' };
        println!("{mark} {:7} | {} | {}", grade.word(), trial.name, grade.reason());
    }
    let count = |word: &str| grades.iter().filter(|grade| grade.word() == word).count();
    println!(
        "\n{} rows: {} work, {} honest, {} bad, {} not run; {failures} are not what they must be",
        grades.len(),
        count("works"),
        count("honest"),
        count("bad"),
        count("not run")
    );
    if failures == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
