//! The cure in every form of launch, from every directory, for a root under every kind of name.

use std::os::unix::fs::symlink;

use crate::support::methods::dies_of;
use crate::support::pythons::{Python, pythons};
use crate::support::tree::{App, Form, Naming, Start, Tree};

const NO_MODULE: &str = "ModuleNotFoundError: No module named 'trans_dh_service'";

/// The oldest interpreter and the newest; one, where there is but one.
fn edges(pythons: &[&'static Python]) -> Vec<&'static Python> {
    let mut edges: Vec<_> = pythons.first().into_iter().chain(pythons.last()).copied().collect();
    edges.dedup_by_key(|python| python.major_minor);
    edges
}

fn all() -> Vec<&'static Python> {
    pythons().iter().collect()
}

/// Every form from every directory. A module and code have no path that the root could be found by.
fn launches() -> impl Iterator<Item = (Form, Start)> {
    let all = Form::ALL.into_iter().flat_map(|form| Start::ALL.map(|start| (form, start)));
    all.filter(|(form, start)| *start != Start::ByScript || matches!(form, Form::PythonScript | Form::Script))
}

#[track_caller]
fn works(tree: &Tree, form: Form, app: App, start: Start) {
    println!("{form:?}, {app:?}, {start:?}"); // a failure shows the last
    tree.launched(form, app, start, &["spawn"]).prints("spawn: ok 12\n");
}

#[test]
fn without_the_launcher_every_form_dies_unless_the_main_module_imports_the_sdk() {
    for python in edges(&all()) {
        let tree = Tree::new(python, Naming::Plain);
        for form in [Form::PythonScript, Form::PythonModule, Form::Code] {
            dies_of(tree.direct(form, App::Lazy, &["spawn"]), "spawn", NO_MODULE);
            let eager = tree.direct(form, App::Eager, &["spawn"]);
            // With -c there is no file that a child could import again.
            if form == Form::Code {
                dies_of(eager, "spawn", NO_MODULE);
            } else {
                eager.prints("spawn: ok 12\n");
            }
        }
    }
}

#[test]
fn every_form_works_from_every_directory() {
    for (edge, python) in edges(&all()).into_iter().enumerate() {
        let tree = Tree::new(python, Naming::Plain);
        for (index, (form, start)) in launches().enumerate() {
            works(&tree, form, App::ALL[(index + edge) % 2], start);
        }
        tree.only_bridge();
    }
}

#[test]
fn a_symlinked_root_works() {
    a_root_works(Naming::Linked, &all());
}

#[test]
fn a_root_with_spaces_works() {
    a_root_works(Naming::Spaces, &all());
}

#[test]
fn a_root_with_chinese_characters_works() {
    a_root_works(Naming::Chinese, &all());
}

#[test]
fn a_root_that_is_no_text_works_where_python_can_load_from_it_and_elsewhere_through_a_link() {
    let (able, unable): (Vec<_>, Vec<_>) = all().into_iter().partition(|python| loads_from_no_text(python));
    a_root_works(Naming::NoText, &able);
    for python in unable {
        let tree = Tree::new(python, Naming::NoText);
        let link = tree.place.path("link");
        symlink(&tree.root, &link).expect("make a link");
        println!("Python {}", python.version);
        tree.launched(Form::Script, App::Lazy, Start::ByScript, &["spawn", "forkserver"])
            .env("HEYGEM_DIR", &link)
            .prints("spawn: ok 12\nforkserver: ok 12\n");
    }
}

/// Whether an extension module can be loaded from such a path at all. CPython 3.12 and later can't, launcher or not:
/// <https://github.com/python/cpython/issues/155247>.
fn loads_from_no_text(python: &'static Python) -> bool {
    const ERROR: &str =
        "fork: FAILED UnicodeEncodeError: 'utf-8' codec can't encode character '\\udcff' in position ";
    let tree = Tree::new(python, Naming::NoText);
    let direct = tree.direct(Form::Script, App::Lazy, &["fork"]).run();
    if direct.stdout() == "fork: ok 12\n" {
        return true;
    }
    assert!(direct.code() == Some(1) && direct.stdout().starts_with(ERROR), "expected {ERROR} of {direct}");
    // The launcher neither mends nor worsens it.
    tree.launched(Form::Script, App::Lazy, Start::InParent, &["fork"]).run().is(1, direct.stdout(), "");
    false
}

/// Under every interpreter, what hands paths to children in a way of its own; under the oldest and the newest, every form
/// from every directory, half of them each.
fn a_root_works(naming: Naming, pythons: &[&'static Python]) {
    let edges = edges(pythons);
    for python in pythons {
        println!("Python {}", python.version);
        let tree = Tree::new(python, naming);
        tree.launched(Form::Script, App::Lazy, Start::InParent, &["spawn", "forkserver"])
            .prints("spawn: ok 12\nforkserver: ok 12\n");
        if let Some(edge) = edges.iter().position(|edge| edge.major_minor == python.major_minor) {
            dies_of(tree.direct(Form::PythonScript, App::Lazy, &["spawn"]), "spawn", NO_MODULE);
            for (index, (form, start)) in launches().enumerate().skip(edge).step_by(edges.len()) {
                works(&tree, form, App::ALL[index / 2 % 2], start);
            }
        }
        tree.only_bridge();
    }
}
