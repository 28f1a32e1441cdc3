//! The standard library's names: what any finder finds wins, whatever a list of ours says.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::Command;

use super::{Stage, said_by, stages};
use crate::support::build::{checked, expect};
use crate::support::pythons::{Python, pythons};

/// A copy of the interpreter's library, by links, with a module that no release has had so far. It is imported before `site`:
/// by `os`, whose copy is a file of its own.
fn library_of_the_future(stage: &Stage, module: &str) -> PathBuf {
    let library =
        PathBuf::from(said_by(&stage.python.path, "import os; print(os.path.dirname(os.__file__))"));
    let copy = stage.place.make_dir("prefix/lib").join(library.file_name().unwrap());
    expect(fs::create_dir(&copy), "create", &copy);
    for entry in expect(library.read_dir(), "list", &library) {
        let path = expect(entry, "list", &library).path();
        let name = path.file_name().unwrap();
        if name != "os.py" && name != "__pycache__" {
            expect(symlink(&path, copy.join(name)), "link", &path);
        }
    }
    let os = library.join("os.py");
    let text = expect(fs::read_to_string(&os), "read", &os);
    stage.place.write(copy.join("os.py"), format!("{text}\nimport {module}\n"));
    stage.place.write(copy.join(format!("{module}.py")), "owner = 'the library'");
    stage.place.path("prefix")
}

#[test]
fn a_module_of_a_later_release_is_not_hidden() {
    const CODE: &str = "\
import os, sys
import encoder, wenet.transformer.encoder as full
print(encoder.owner, os.encoder is encoder, full is encoder, full.Encoder.layers, os.getcwd())
import custom, h_utils.custom
print(custom is h_utils.custom)
";
    let expected = "the library True False 12 ROOT\nTrue\n";
    for stage in stages() {
        let prefix = library_of_the_future(&stage, "encoder");
        for words in [&["-c", CODE][..], &["-S", "-c", CODE]] {
            let mut words = words.to_vec();
            if stage.python.major_minor >= (3, 11) {
                words.splice(0..0, ["-X", "frozen_modules=off"]); // else `os` is the one in the interpreter
            }
            let run = stage.python(&words).env("PYTHONHOME", &prefix);
            run.prints(stage.named_places(expected));
        }
    }
}

/// What is listed guards the alias files only, where it is known: a release that came later may have more.
#[test]
fn the_list_is_complete_for_the_releases_that_it_names() {
    // Before 3.10 only the directory tells. What a distribution adds there is not of the library.
    const NAMES: &str = "\
import os, sys
names = set(sys.builtin_module_names)
if hasattr(sys, 'stdlib_module_names'):
    names |= sys.stdlib_module_names
else:
    library = os.path.dirname(os.__file__)
    for directory in [library, os.path.join(library, 'lib-dynload')]:
        for entry in os.scandir(directory):
            if entry.is_dir() or entry.name.endswith(('.py', '.so')):
                names.add(entry.name.split('.')[0])
names -= {'__pycache__', 'sitecustomize', 'usercustomize'}
print('\\n'.join(sorted(filter(str.isidentifier, names))))";
    let list = include_str!("../../../src/bridge/stdlib_names.txt");
    let (releases, known) = list.split_once('\n').expect("a line of releases");
    let releases: Vec<_> = releases.strip_prefix("# CPython ").expect("releases").split(' ').collect();
    let known: Vec<_> = known.lines().collect();
    for Python { path, version, .. } in pythons() {
        let names = checked(Command::new(path).args(["-I", "-c", NAMES]));
        let unknown: Vec<_> = names.lines().filter(|name| !known.contains(name)).collect();
        assert!(names.lines().count() > 200, "{version} has only {names}");
        assert!(unknown.is_empty() || !releases.contains(&&**version), "{version} has more: {unknown:?}");
    }
}

/// A name of the standard library's that the SDK has too is the standard library's, bridged or not.
#[test]
fn the_sdks_html_and_unittest_stay_the_librarys() {
    const CODE: &str = "\
import html, unittest, sys, os
print([module.__file__.startswith(os.path.dirname(os.__file__)) for module in (html, unittest)])
import landmark2face_wy.util.html as own
print(own is html, own.HTML)
";
    for stage in stages() {
        stage.tells(CODE, "[True, True]\nFalse <class 'html.HTML'>\n");
    }
}
