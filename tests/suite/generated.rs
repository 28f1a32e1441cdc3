//! The completions and the man page in the tree are those of the definitions in `src/cli.rs`.

mod completions;
mod man;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::support::build::expect;
use crate::support::current::is_current;

#[test]
fn completions_are_generated() {
    for (file, script) in completions::files() {
        is_current(&format!("completions/{file}"), &script);
    }
}

#[test]
fn the_man_page_is_generated() {
    is_current("man/heygem-run.1", man::page().as_bytes());
}

#[test]
fn the_man_page_has_every_variable_that_the_code_knows() {
    let page = man::page();
    let (_, environment) = page.split_once(".SH ENVIRONMENT").expect("the section");
    let (environment, _) = environment.split_once(".SH EXIT STATUS").expect("the next one");
    let mut known = BTreeSet::new();
    variables_in(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut known);
    assert!(known.len() > 10, "only {known:?} were found in the source");
    let missing: Vec<&String> = known
        .iter()
        .filter(|name| !environment.split(|c: char| !is_of_a_name(c)).any(|word| word == *name))
        .collect();
    assert!(missing.is_empty(), "ENVIRONMENT does not tell of {missing:?}");
}

/// The strings in the source that are in capitals and nothing else: variables, except in the definitions, which have the names
/// of values, and in what reads logs, which has their words.
fn variables_in(directory: &Path, known: &mut BTreeSet<String>) {
    for entry in expect(fs::read_dir(directory), "list", directory) {
        let path = expect(entry, "list", directory).path();
        if path.is_dir() && !path.ends_with("explain") {
            variables_in(&path, known);
        } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("cli.rs") {
            let source = expect(fs::read_to_string(&path), "read", &path);
            let (code, _) = source.split_once("#[cfg(test)]").unwrap_or((&source, ""));
            // A variable is looked up by text: bytes are letters of options, or words of logs.
            let pieces: Vec<&str> = code.split('"').collect();
            let words = pieces.windows(2).filter(|pair| !pair[0].ends_with('b')).map(|pair| pair[1]);
            let words = words.filter(|word| word.len() > 2 && word.chars().all(is_of_a_name));
            // The start of a name, such as of a symbol's version, is none; nor are a package, an encoding, a section, and a
            // word of prose.
            let is_none =
                |word: &&str| word.ends_with('_') || ["PIL", "GBK", "PYTHON", "DEFAULT"].contains(word);
            known.extend(words.filter(|word| !is_none(word)).map(str::to_owned));
        }
    }
}

fn is_of_a_name(character: char) -> bool {
    character.is_ascii_uppercase() || character == '_'
}
