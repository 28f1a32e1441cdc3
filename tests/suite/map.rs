//! The maps of the source are true: those in `src/lib.rs` and in CONTRIBUTING list every module, and those of directories every file. No
//! import goes up, no files import each other, and no type name is used twice.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A file of the source, by the path of its module: `["bridge", "store"]`.
type Module = Vec<String>;

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Every file but the entry point, with its code: no comments, no tests.
fn files() -> BTreeMap<Module, String> {
    let mut files = BTreeMap::new();
    let mut directories = vec![source()];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(&directory).expect("a directory") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                directories.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let relative = path.strip_prefix(source()).expect("below src").with_extension("");
                let mut module: Module =
                    relative.iter().map(|part| part.to_str().expect("text").to_owned()).collect();
                module.pop_if(|last| last == "mod" || last == "lib");
                let text = fs::read_to_string(&path).expect("text");
                files.insert(module, code(&text));
            }
        }
    }
    files.remove(&vec!["main".to_owned()]);
    files.retain(|module, _| !module.last().is_some_and(|name| name == "tests" || name == "fuzz"));
    files
}

fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

/// The modules that the map lists, in its order.
fn listed() -> Vec<String> {
    let text = fs::read_to_string(source().join("lib.rs")).expect("text");
    let map = text.split("```").nth(1).expect("a map");
    map.lines()
        .filter_map(|line| line.strip_prefix("//! "))
        .filter_map(|line| line.split(' ').next())
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Every path in the code that begins with `crate`, `super`, `self` or the name of a module below, with the groups of a `use` taken
/// apart.
fn paths(code: &str) -> BTreeSet<Vec<String>> {
    let mut found = BTreeSet::new();
    let mut rest = code;
    while let Some(at) = rest.find("use ") {
        let is_word = rest[..at].ends_with(|char: char| char.is_alphanumeric() || char == '_');
        rest = &rest[at + 4..];
        if !is_word && let Some(end) = rest.find(';') {
            take_apart(&[], &rest[..end], &mut found);
        }
    }
    let is_path = |char: char| char.is_alphanumeric() || char == '_' || char == ':';
    for word in code.split(|char| !is_path(char)).filter(|word| word.contains("::") && !word.ends_with("::"))
    {
        found.insert(word.split("::").filter(|part| !part.is_empty()).map(str::to_owned).collect());
    }
    found
}

fn take_apart(before: &[String], tree: &str, found: &mut BTreeSet<Vec<String>>) {
    let (path, group) = match tree.trim().split_once('{') {
        Some((path, group)) => (path, group.strip_suffix('}')),
        None => (tree, None),
    };
    let path = path.split(" as ").next().unwrap_or_default().split("::");
    let path = path.map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned);
    let path: Vec<String> = before.iter().cloned().chain(path).collect();
    let Some(group) = group else {
        found.insert(path);
        return;
    };
    let mut depth = 0;
    for part in group.split(|char| {
        depth += i32::from(char == '{') - i32::from(char == '}');
        char == ',' && depth == 0
    }) {
        take_apart(&path, part, found);
    }
}

/// The file that a path of a module leads to, unless it is its own or the crate's root.
fn leads_to(module: &Module, path: &[String], files: &BTreeMap<Module, String>) -> Option<Module> {
    let (first, rest) = path.split_first()?;
    let mut target = match first.as_str() {
        "crate" => rest.to_vec(),
        "self" => [module.as_slice(), rest].concat(),
        "super" => {
            let ups = path.iter().take_while(|part| *part == "super").count();
            [&module[..module.len().checked_sub(ups)?], &path[ups..]].concat()
        }
        _ if files.contains_key(&[module.as_slice(), &path[..1]].concat()) => {
            [module.as_slice(), path].concat()
        }
        _ => return None,
    };
    while !files.contains_key(&target) {
        target.pop();
    }
    (!target.is_empty() && target != *module).then_some(target)
}

fn imports() -> BTreeMap<Module, BTreeSet<Module>> {
    let files = files();
    let of = |(module, code): (&Module, &String)| {
        let targets = paths(code).iter().filter_map(|path| leads_to(module, path, &files)).collect();
        (module.clone(), targets)
    };
    files.iter().filter(|(module, _)| !module.is_empty()).map(of).collect()
}

#[test]
fn the_map_lists_every_module_and_no_other() {
    let modules: BTreeSet<String> =
        files().into_keys().filter_map(|module| module.first().cloned()).collect();
    let listed = listed();
    assert_eq!(listed.iter().cloned().collect::<BTreeSet<_>>(), modules);
    assert_eq!(listed.len(), modules.len(), "a module is listed twice");
}

#[test]
fn the_map_for_contributors_names_every_module() {
    let text = fs::read_to_string(source().with_file_name("CONTRIBUTING.md")).expect("text");
    for module in listed() {
        let names = [format!("`src/{module}.rs`"), format!("`src/{module}/`")];
        assert!(names.iter().any(|name| text.contains(name)), "{module}");
    }
}

/// The names in the map of a directory, `a.rs` or `a/`; `None` where its `mod.rs` has no map.
fn names_in_map(mod_rs: &str) -> Option<BTreeSet<String>> {
    let docs: String = mod_rs.split_inclusive('\n').take_while(|line| line.starts_with("//!")).collect();
    let map = docs.split_once("```text")?.1.split("```").next()?;
    let words = map.split([' ', ',', ';', '\n']);
    Some(words.filter(|word| word.ends_with(".rs") || word.ends_with('/')).map(str::to_owned).collect())
}

#[test]
fn the_map_of_a_directory_lists_its_files_and_no_other() {
    let files = files();
    let mut with_map = 0;
    for directory in files.keys() {
        let path = source().join(directory.iter().collect::<PathBuf>());
        let Ok(text) = fs::read_to_string(path.join("mod.rs")) else { continue };
        let Some(listed) = names_in_map(&text) else { continue };
        let name = |module: &Module| {
            let (last, above) = module.split_last()?;
            let is_file = path.join(last).with_extension("rs").is_file();
            (above == directory).then(|| if is_file { format!("{last}.rs") } else { format!("{last}/") })
        };
        let there: BTreeSet<String> = files.keys().filter_map(name).collect();
        assert_eq!(listed, there, "{}", path.display());
        with_map += 1;
    }
    assert!(with_map >= 3, "maps are found at all");
}

#[test]
fn no_type_name_is_used_twice() {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (module, code) in files() {
        for line in code.lines() {
            let words =
                line.trim_start().split([' ', '<', '(', ';', ':', '{']).filter(|word| !word.is_empty());
            let mut words = words.skip_while(|word| ["pub", "crate)", "super)", "unsafe"].contains(word));
            let is_type = match words.next() {
                Some("struct" | "enum" | "trait") => true,
                // An associated type is indented.
                Some("type") => !line.starts_with(' '),
                _ => false,
            };
            if is_type && let Some(name) = words.next() {
                places.entry(name.to_owned()).or_default().push(module.join("::"));
            }
        }
    }
    assert!(places.len() > 100, "types are found at all");
    places.retain(|_, modules| modules.len() > 1);
    assert!(places.is_empty(), "{places:#?}");
}

#[test]
fn no_import_goes_up_the_map() {
    let listed = listed();
    let place = |module: &Module| listed.iter().position(|name| *name == module[0]);
    let imports = imports();
    assert!(imports.values().map(BTreeSet::len).sum::<usize>() > 100, "imports are found at all");
    let up: Vec<_> = imports
        .iter()
        .flat_map(|(module, targets)| targets.iter().map(move |target| (module, target)))
        .filter(|(module, target)| place(target) > place(module))
        .map(|(module, target)| format!("{} imports {}", module.join("::"), target.join("::")))
        .collect();
    assert!(up.is_empty(), "{up:#?}");
}

#[test]
fn no_files_import_each_other() {
    let mut left = imports();
    // What imports nothing that is left is in no circle.
    loop {
        let names: BTreeSet<Module> = left.keys().cloned().collect();
        let before = left.len();
        left.retain(|_, targets| targets.iter().any(|target| names.contains(target)));
        if left.len() == before {
            break;
        }
    }
    let names: BTreeSet<Module> = left.keys().cloned().collect();
    for targets in left.values_mut() {
        targets.retain(|target| names.contains(target));
    }
    assert!(left.is_empty(), "in a circle, or above one: {left:#?}");
}

/// They panic where the kernel refuses a call: `close` after a listing, the start of a thread, a sleep.
#[test]
fn nothing_of_the_standard_library_that_panics_is_used() {
    const PANICS: [&str; 5] =
        ["read_dir(", "remove_dir_all(", "thread::spawn(", "thread::sleep(", "thread::scope("];
    for (module, code) in files() {
        for name in PANICS {
            assert!(!code.contains(name), "{}: {name}", module.join("::"));
        }
    }
}
