//! Nothing is hidden: a name that meant something means the same with the bridge in place, to all that can ask. Only what
//! meant nothing is the SDK's, and that is one module under both names.

mod both_names;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::build::{checked, expect};
use crate::support::place::Place;
use crate::support::pythons::{Python, pythons};
use crate::support::run::Run;
use crate::support::sdk::install_sdk;

/// Says what a name means.
const MEANING: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/apps/meaning.py");

/// Files are written below `APP`, the directory that holds the root, `SITE`, the interpreter's own site-packages; `ZIPS` holds
/// the site-package in zips.
struct Row {
    files: &'static [(&'static str, &'static str)],
    words: &'static [&'static str],
    /// Lines among what is printed: the two runs could agree on the wrong thing.
    means: &'static [&'static str],
}

/// What the root's top level, the standard library or an app has always meant.
const NAMES_OF_OTHERS: &[Row] = &[
    Row {
        files: &[],
        words: &["html", "unittest", "scrfd"],
        means: &[
            "html: STDLIB/html/__init__.py",
            "unittest: STDLIB/unittest/__init__.py",
            "scrfd: ModuleNotFoundError: No module named 'scrfd'",
        ],
    },
    Row { files: &[("APP/config.py", "value = 1")], words: &["config"], means: &["config: APP/config.py"] },
    Row {
        files: &[("APP/config/settings.py", "value = 1")],
        words: &["config", "config.settings"],
        means: &[
            "config: ['APP/HeyGem/config', 'APP/config']",
            "config.settings: APP/config/settings.py",
            "reloaded True ['APP/HeyGem/config', 'APP/config']",
        ],
    },
    Row {
        files: &[("APP/custom/notes.txt", ""), ("APP/lib/custom/a/b/c/d.py", "value = 1")],
        words: &["+APP/lib", "custom.a.b.c.d", "custom"],
        means: &["custom.a.b.c.d: APP/lib/custom/a/b/c/d.py", "custom: ['APP/custom', 'APP/lib/custom']"],
    },
    Row {
        files: &[("SITE/encoder.py", "value = 1"), ("SITE/logger/__init__.py", "value = 1")],
        words: &["encoder", "logger"],
        means: &["encoder: SITE/encoder.py", "logger: SITE/logger/__init__.py"],
    },
];

/// A site-package that happens to be called `custom`, in every shape that one can take.
const SHAPES: &[Row] = &[
    Row {
        files: &[("SITE/custom.py", "'''Doc.'''\n__all__ = ['value']\nvalue = __name__, __file__")],
        words: &["custom"],
        means: &["custom: SITE/custom.py", "reloaded True SITE/custom.py"],
    },
    Row {
        files: &[
            ("SITE/custom/__init__.py", "from .part import value\nimport custom.part as again"),
            ("SITE/custom/part.py", "import custom\nvalue = custom.__file__"),
        ],
        words: &["custom.part", "custom"],
        means: &["custom.part: SITE/custom/part.py", "custom: SITE/custom/__init__.py"],
    },
    Row {
        files: &[("SITE/custom/part.py", "value = 1")],
        words: &["custom", "custom.part"],
        means: &["custom: ['SITE/custom']", "custom.part: SITE/custom/part.py"],
    },
    Row {
        files: &[("APP/lib/custom.py", "value = 1")],
        words: &["+APP/lib", "custom"],
        means: &["custom: APP/lib/custom.py"],
    },
    Row {
        files: &[("SITE/easy-install.pth", "ZIPS/module.egg")],
        words: &["custom"],
        means: &["custom: ZIPS/module.egg/custom.py", "reloaded True ZIPS/module.egg/custom.py"],
    },
    Row {
        files: &[],
        words: &["+ZIPS/package.zip", "custom", "custom.part"],
        means: &["custom: ZIPS/package.zip/custom/__init__.py"],
    },
    Row {
        files: &[],
        words: &["+ZIPS/namespace.zip", "custom.part", "custom"],
        means: &["custom.part: ZIPS/namespace.zip/custom/part.py"],
    },
    Row { files: &[], words: &["finder", "custom"], means: &["  type Invented custom "] },
    Row {
        files: &[("SITE/custom.py", "import sys\nsys.modules[__name__] = 'no module at all'")],
        words: &["custom"],
        means: &["custom: []"],
    },
    Row {
        files: &[("SITE/custom.py", "raise ValueError('of its own')")],
        words: &["custom"],
        means: &["custom: ValueError: of its own", "again False ValueError: of its own"],
    },
    Row {
        files: &[("SITE/custom.py", "import nothing")],
        words: &["custom"],
        means: &["custom: ModuleNotFoundError: No module named 'nothing'"],
    },
];

/// An SDK for one interpreter, and a directory a row.
struct Sdk {
    python: &'static Python,
    place: Place,
}

impl Sdk {
    fn new(python: &'static Python) -> Self {
        let place = Place::new();
        install_sdk(python, &place.path("sdk"));
        Self { python, place }
    }

    /// An app's directory with the SDK in it and these files about.
    fn app(&self, name: &str, files: &[(&str, &str)]) -> Hider<'_> {
        let dir = self.place.make_dir(name);
        let root = dir.join("HeyGem");
        expect(std::os::unix::fs::symlink("../sdk", &root), "link", &root);
        let app = Hider { sdk: self, dir };
        for (file, text) in files {
            self.place.write(app.placed(file), app.placed(text));
        }
        app
    }

    /// The site-package in zips, made by the interpreter's own `zipfile`.
    fn zip(&self) {
        let zipped = [
            ("module.egg", vec![("custom.py", "value = __name__, __file__")]),
            (
                "package.zip",
                vec![("custom/__init__.py", "from .part import value"), ("custom/part.py", "value = 1")],
            ),
            ("namespace.zip", vec![("custom/part.py", "value = 1")]),
        ];
        for (zip, files) in zipped {
            for (file, text) in &files {
                self.place.write(Path::new("unzipped").join(zip).join(file), text);
            }
            let content = self.place.path("unzipped").join(zip).join(files[0].0.split('/').next().unwrap());
            let zip = self.place.make_dir("zips").join(zip);
            checked(
                Command::new(&self.python.path).args(["-I", "-m", "zipfile", "-c"]).arg(zip).arg(content),
            );
        }
    }
}

struct Hider<'s> {
    sdk: &'s Sdk,
    dir: PathBuf,
}

impl Hider<'_> {
    /// The marks, replaced by what they stand for.
    fn placed(&self, text: &str) -> String {
        let (major, minor) = self.sdk.python.major_minor;
        let site = format!("APP/home/.local/lib/python{major}.{minor}/site-packages");
        let [app, zips] =
            [&self.dir, &self.sdk.place.path("zips")].map(|path| path.to_str().unwrap().to_owned());
        text.replace("SITE", &site).replace("APP", &app).replace("ZIPS", &zips)
    }

    /// Python with these words, under the launcher with these options.
    fn python(&self, options: &[&str], words: &[&str]) -> Run {
        let python = self.sdk.python.path.to_str().unwrap();
        let own = [&["--root", "APP/HeyGem"], options, &["--", python]].concat();
        let words = own.into_iter().chain(words.iter().copied()).map(|word| self.placed(word));
        self.sdk.place.launch(words).within(self.dir.join("HeyGem")).env("HOME", self.dir.join("home"))
    }

    /// Expects the same output with the bridge as without it, and these lines in it.
    #[track_caller]
    fn is_unchanged(&self, words: &[&str], means: &[&str]) {
        let without = self.python(&["--no-bridge"], words).run();
        without.is(0, without.stdout_bytes(), "");
        let without = without.stdout();
        for &line in means {
            assert!(
                without.lines().any(|found| found == line),
                "no line {line:?} without the bridge in\n{without}"
            );
        }
        let with = self.python(&[], words).run();
        for (index, (found, expected)) in with.stdout().lines().zip(without.lines()).enumerate() {
            assert_eq!(found, expected, "line {} with the bridge of {with}", index + 1);
        }
        with.is(0, without, "");
    }
}

fn everywhere(check: impl Fn(&Sdk)) {
    for python in pythons() {
        check(&Sdk::new(python));
    }
}

fn check_rows(sdk: &Sdk, rows: &[Row]) {
    for (index, row) in rows.iter().enumerate() {
        let app = sdk.app(&index.to_string(), row.files);
        app.is_unchanged(&[&[MEANING], row.words].concat(), row.means);
    }
}

#[test]
fn names_of_others_mean_the_same() {
    everywhere(|sdk| check_rows(sdk, NAMES_OF_OTHERS));
}

/// An alias that gives way is unseen, but one that is not there cannot go wrong.
#[test]
fn names_that_are_never_the_sdks_have_no_alias() {
    let sdk = Sdk::new(&pythons()[0]);
    let run = sdk.place.launch(["--root", "sdk", "--prepare"]).run();
    let bridge = PathBuf::from(run.succeeded().trim_end());
    let mut names: Vec<_> = expect(bridge.read_dir(), "list", &bridge)
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "__pycache__")
        .collect();
    names.sort();
    let expected = [
        "_heygem_run_bridge.py",
        "_heygem_run_process.py",
        "_heygem_run_start.py",
        "config.py",
        "custom.py",
        "encoder.py",
        "logger.py",
        "server.py",
        "sitecustomize.py",
        "trans_dh_service.py",
    ];
    assert_eq!(names, expected);
}

#[test]
fn a_site_package_in_any_shape_means_the_same() {
    everywhere(|sdk| {
        sdk.zip();
        check_rows(sdk, SHAPES);
    });
}

#[test]
fn a_compiled_site_package_means_the_same() {
    everywhere(|sdk| {
        let app = sdk.app("app", &[]);
        let file = format!("custom{}", sdk.python.ext_suffix);
        let to = PathBuf::from(app.placed("SITE")).join(&file);
        expect(fs::create_dir_all(to.parent().unwrap()), "create", &to);
        expect(fs::copy(sdk.place.path("sdk/h_utils").join(&file), &to), "copy", &to);
        app.is_unchanged(&[MEANING, "custom"], &[&format!("custom: SITE/{file}")]);
    });
}

/// Prints how it was started, and has a spawn child say the same of itself.
const PROGRAM: &str = "\
import multiprocessing, sys

def tell(queue=None):
    spec = sys.modules[__name__].__spec__
    facts = __name__, __package__, __file__, spec and (spec.name, spec.origin), sys.argv
    print(facts, sorted(globals()), flush=True)
    queue and queue.put('told')

def main():
    tell()
    context = multiprocessing.get_context('spawn')
    queue = context.Queue()
    child = context.Process(target=tell, args=(queue,))
    child.start()
    print(queue.get(timeout=60), flush=True)
    child.join()

if __name__ == '__main__':
    main()
";

#[test]
fn a_program_of_a_bridged_name_runs_as_itself() {
    const MAIN: &str =
        "import sys\nfrom custom import main\nprint(__name__, __package__, __spec__.name, sys.argv)\nmain()";
    everywhere(|sdk| {
        let module = sdk.app("module", &[("SITE/custom.py", PROGRAM)]);
        module.is_unchanged(&["-m", "custom", "word"], &["told"]);
        let package =
            sdk.app("package", &[("SITE/custom/__init__.py", PROGRAM), ("SITE/custom/__main__.py", MAIN)]);
        package.is_unchanged(&["-m", "custom", "word"], &["told"]);
        let namespace =
            sdk.app("namespace", &[("SITE/custom/__main__.py", "print(__name__, __spec__.name)")]);
        namespace.is_unchanged(&["-m", "custom"], &["__main__ custom.__main__"]);
    });
}
