//! The tables, as the documentation shows them, and the catalogue that they cover.

use std::collections::BTreeSet;

use heygem_run::explain::causes::{Source, causes};

use crate::support::current::is_current;

/// Rows of the catalogue of failures.
const ROWS: u8 = 35;

#[test]
fn every_row_of_the_catalogue_has_a_cause() {
    let known: BTreeSet<u8> = causes()
        .filter_map(|cause| match cause.source {
            Source::Catalogue(rows) => Some(rows),
            _ => None,
        })
        .flatten()
        .copied()
        .collect();
    assert_eq!(known, (1..=ROWS).collect());
}

#[test]
fn the_table_of_causes_is_generated() {
    let head =
        "<!-- Generated from src/explain/causes/: UPDATE=1 cargo test --test suite documentation -->\n\n";
    let cell = |text: &str| text.replace('|', "\\|").replace('<', "&lt;").replace('\n', " ");
    let english = |[text, title, _, remedy]: &[String; 4]| {
        format!("| `{}` | {} | {} |\n", text.replace('|', "\\|"), cell(title), cell(remedy))
    };
    let chinese = |[text, title, chinese, remedy]: &[String; 4]| {
        format!(
            "| `{}` | {}（{}） | {} |\n",
            text.replace('|', "\\|"),
            cell(chinese),
            cell(title),
            cell(remedy)
        )
    };
    let table = heygem_run::explain::table();
    let rows: String = table.iter().map(english).collect();
    let page = format!(
        "{head}# What `--explain` knows\n\n`heygem-run --explain` names these causes, in any log, whatever is around a message; \
         the texts are examples of their kind.\n\n| the log says | the cause | the remedy |\n|---|---|---|\n{rows}"
    );
    is_current("docs/explain.md", page.as_bytes());
    let rows: String = table.iter().map(chinese).collect();
    let page = format!(
        "{head}# `--explain` 认识的问题\n\n`heygem-run --explain` 能在任何日志里指出这些原因，不论日志给每行加了什么；表中的文字只是同类报错的例子。\
         程序输出是英文，办法一栏与程序输出相同。\n\n| 日志内容 | 原因 | 办法 |\n|---|---|---|\n{rows}"
    );
    is_current("docs/explain.zh-CN.md", page.as_bytes());
}
