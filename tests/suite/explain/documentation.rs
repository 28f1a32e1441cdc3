//! The tables, as the documentation shows them, and the catalogue that they cover.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use heygem_run::explain::causes::{Weight, causes};
use heygem_run::explain::{Documented, table};

use crate::support::current::is_current;

/// The failures of the catalogue of HeyGem's own, by their numbers, and the causes that stand for them.
const CATALOGUE: [&[&str]; 35] = [
    &["bare-name"],
    &["package-directory"],
    &["no-work", "child-died"],
    &["sdk-module"],
    &["shadowed", "sdk-module"],
    &["sdk-not-on-path"],
    &["import-swallowed"],
    &["typeguard"],
    &["missing-package", "missing-module"],
    &["cuda-library", "system-library"],
    &["cuda-library", "cpu-fallback"],
    &["cuda-library"],
    &["no-driver"],
    &["old-driver"],
    &["gpu-too-new"],
    &["video-format", "no-ffmpeg"],
    &["video-format"],
    &["wrong-directory"],
    &["not-writable"],
    &["broken-model"],
    &["container-path"],
    &["child-arguments"],
    &["cuda-after-fork"],
    &["no-command"],
    &["port-in-use"],
    &["not-executable"],
    &["shm-full"],
    &["cpu-fallback", "queue-full"],
    &["start-method"],
    &["main-guard"],
    &["old-system"],
    &["python-library", "other-python"],
    &["out-of-memory", "container-killed"],
    &["sdk-not-on-path"],
    &["sdk-not-on-path"],
];

#[test]
fn every_failure_of_the_catalogue_has_its_causes() {
    let known: BTreeSet<&str> = causes().map(|cause| cause.name).collect();
    for (index, names) in CATALOGUE.iter().enumerate() {
        for name in *names {
            assert!(known.contains(name), "{}: {name}", index + 1);
        }
    }
}

/// The causes that the READMEs show: HeyGem's own, and the most frequent.
const SHOWN: [&str; 9] = [
    "bare-name",
    "package-directory",
    "sdk-module",
    "sdk-not-on-path",
    "child-arguments",
    "child-died",
    "cuda-library",
    "wrong-directory",
    "shm-full",
];

/// A line of a table; a cell may be code.
fn line(text: &str, title: &str, remedy: &str) -> String {
    let cell = |text: &str| text.replace('|', "\\|").replace('<', "&lt;").replace('\n', " ");
    format!("| `{}` | {} | {} |\n", text.replace('|', "\\|"), cell(title), cell(remedy))
}

#[test]
fn the_table_of_causes_is_generated() {
    let head =
        "<!-- Generated from src/explain/causes/: UPDATE=1 cargo test --test suite documentation -->\n\n";
    let table: Vec<Documented> = table();
    let mut told = table.iter().filter(|entry| !is_consequence(entry.name)).peekable();
    assert!(told.peek().is_some());
    let (mut english, mut chinese) = (String::new(), String::new());
    for Documented { text, title, chinese: title_zh, remedy, .. } in told {
        english.push_str(&line(text, title, remedy));
        chinese.push_str(&line(text, &format!("{title_zh}（{title}）"), remedy));
    }
    let page = format!(
        "{head}# What `--explain` knows\n\n`heygem-run --explain` names these causes in a log, whatever stands before or after a \
         message. Each text is one example. Consequences of an earlier cause, such as `_queue.Empty`, are named too, but are not listed \
         here.\n\n| the log says | the cause | the remedy |\n|---|---|---|\n{english}"
    );
    is_current("docs/explain.md", page.as_bytes());
    let page = format!(
        "{head}# `--explain` 认识的问题\n\n`heygem-run --explain` 能在日志里指出下列原因，不论报错前后还有什么内容。每行只举一个例子。\
         由前面的问题引起的后果（如 `_queue.Empty`）也会指出，但不列在这里。程序输出是英文，所以“办法”一栏也是英文。\n\n| 日志内容 | 原因 | 办法 |\n|---|---|---|\n{chinese}"
    );
    is_current("docs/explain.zh-CN.md", page.as_bytes());
}

fn is_consequence(name: &str) -> bool {
    causes().any(|cause| cause.name == name && cause.weight == Weight::Follows)
}

#[test]
fn the_tables_in_the_readmes_are_generated() {
    let table = table();
    let shown = SHOWN.map(|name| {
        table.iter().find(|entry| entry.name == name && !entry.chinese_remedy.is_empty()).expect(name)
    });
    let english: String = shown.iter().map(|entry| line(&entry.text, &entry.title, &entry.remedy)).collect();
    let chinese: String =
        shown.iter().map(|entry| line(&entry.text, entry.chinese, entry.chinese_remedy)).collect();
    for (file, head, rows) in [
        ("README.md", "| the log says | the cause | the remedy |\n|---|---|---|\n", english),
        ("README.zh-CN.md", "| 日志内容 | 原因 | 办法 |\n|---|---|---|\n", chinese),
    ] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        let text = fs::read_to_string(path).expect("a README");
        let (before, behind) = text.split_once(head).expect("the table");
        let (_, behind) = behind.split_once("\n\n").expect("what is below the table");
        is_current(file, format!("{before}{head}{rows}\n{behind}").as_bytes());
    }
}
