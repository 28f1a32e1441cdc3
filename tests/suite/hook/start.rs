//! What happens at each start of Python: nothing that could be noticed, and every other `sitecustomize` runs as it would have.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Stage, stages};
use crate::support::build::expect;
use crate::support::pythons::has_sitecustomize;
use crate::support::run::Outcome;

/// Says that it ran, and what it is.
const TOOL: &str = "\
import sys
print('tool', __name__, __file__, __spec__ and __spec__.name, sys.modules[__name__].__dict__ is globals())
";

/// A `sitecustomize` as ddtrace has it: hands on by importing again what it is not itself.
const HANDS_ON: &str = "\
import os, sys
print('first', __file__)
here = os.path.dirname(__file__)
place = sys.path.index(here)
del sys.path[place]
own = sys.modules.pop('sitecustomize')
try:
    import sitecustomize
except ImportError:
    sys.modules['sitecustomize'] = own
finally:
    sys.path.insert(place, here)
";

/// One that looks along the rest of the path, and runs what it finds by its own means.
const LOOKS_BEHIND: &str = "\
import sys
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
print('first', __file__)
here = __file__.rpartition('/')[0]
spec = PathFinder.find_spec('sitecustomize', sys.path[sys.path.index(here) + 1:])
if spec:
    module = module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except ImportError as error:
        if error.name != 'sitecustomize':
            raise
";

const WHAT_IS: &str = "\
import sys
module = sys.modules.get('sitecustomize')
print('is', module and module.__file__)
try:
    import sitecustomize
    print('again', sitecustomize is module)
except ImportError as error:
    print(type(error).__name__, error, error.name)
";

/// What a Python with the bridge at that place of a PYTHONPATH comes to, and without it.
fn both(stage: &Stage, path: &[PathBuf], place: usize, words: &[&str]) -> [Outcome; 2] {
    let mut with = path.to_vec();
    with.insert(place, stage.bridge());
    [with, path.to_vec()].map(|path| {
        let path = env::join_paths(path).expect("no colon in a path");
        stage.bare_python(words).env("PYTHONPATH", path).run()
    })
}

#[track_caller]
fn are_alike([with, without]: &[Outcome; 2], code: i32, lines: &[&str]) {
    let text = without.stdout() + &without.stderr();
    for line in lines {
        assert!(text.contains(line), "no {line:?} in {without}");
    }
    without.is(code, without.stdout_bytes(), without.stderr());
    with.is(code, without.stdout_bytes(), without.stderr());
}

#[test]
fn a_start_is_as_without_it() {
    const STATE: &str = "\
import sys
print(sorted(name for name in sys.modules), sys.path[-1], sys.flags, sys.argv, len(sys.path_hooks))";
    for stage in stages() {
        let lines: &[&str] = match has_sitecustomize(stage.python) {
            true => &["again True"],
            false => &["is None", "ModuleNotFoundError No module named"],
        };
        are_alike(&both(&stage, &[], 0, &["-c", WHAT_IS]), 0, lines);
        are_alike(&both(&stage, &[], 0, &["-c", STATE]), 0, &["sys.flags"]);
        are_alike(&both(&stage, &[], 0, &["-S", "-c", STATE]), 0, &["sys.flags"]);
        are_alike(&both(&stage, &[], 0, &["-I", "-c", STATE]), 0, &["sys.flags"]);
        are_alike(&both(&stage, &[], 0, &["-c", "import sys; sys.exit(3)"]), 3, &[]);
    }
}

#[test]
fn whichever_sitecustomize_would_have_run_runs_once() {
    for stage in stages() {
        let tool = stage.place.write("tool/sitecustomize.py", TOOL);
        let hands = stage.place.write("hands/sitecustomize.py", HANDS_ON);
        let looks = stage.place.write("looks/sitecustomize.py", LOOKS_BEHIND);
        let last = stage.place.write("last/sitecustomize.py", "print('last')");
        let [tool, hands, looks, last] =
            [tool, hands, looks, last].map(|file| file.parent().unwrap().to_owned());
        let empty = stage.place.make_dir("empty");
        let rows: [(&[&PathBuf], usize, &[&str]); 8] = [
            (&[&empty, &tool], 0, &["tool sitecustomize "]),
            (&[&empty, &tool], 1, &["tool sitecustomize "]),
            (&[&tool, &last], 0, &["tool sitecustomize "]),
            (&[&hands, &tool], 0, &["first ", "tool sitecustomize "]),
            (&[&hands, &tool], 1, &["first ", "tool sitecustomize "]),
            (&[&hands], 1, &["first "]),
            (&[&looks, &tool], 1, &["first ", "tool sitecustomize "]),
            (&[&looks], 1, &["first "]),
        ];
        for (path, place, lines) in rows {
            let path: Vec<_> = path.iter().map(|path| (*path).clone()).collect();
            are_alike(&both(&stage, &path, place, &["-c", WHAT_IS]), 0, lines);
        }
    }
}

#[test]
fn the_sitecustomize_of_an_environment_runs() {
    for stage in stages() {
        let venv = stage.place.path("venv");
        crate::support::build::checked(
            Command::new(&stage.python.path).args(["-I", "-m", "venv", "--without-pip"]).arg(&venv),
        );
        let (major, minor) = stage.python.major_minor;
        let site = venv.join(format!("lib/python{major}.{minor}/site-packages"));
        stage.place.write(site.join("sitecustomize.py"), TOOL);
        let python = venv.join("bin/python");
        let paths = [stage.python_path(), OsString::new()];
        let runs = paths.map(|path| stage.other_python(&python, &path, &["-c", WHAT_IS]).run());
        // The library's own comes before an environment's packages.
        let tool: &[&str] = if has_sitecustomize(stage.python) { &[] } else { &["tool sitecustomize"] };
        are_alike(&runs, 0, &[tool, &["again True"]].concat());
    }
}

#[test]
fn an_exception_of_sitecustomize_is_shown_as_python_shows_it() {
    let rows = [
        ("raise ValueError('of the tool')", true, "ValueError: of the tool"),
        ("import nothing_of_this_name", false, "No module named 'nothing_of_this_name'"),
        ("raise ImportError('silent', name='sitecustomize')", false, "is None"),
        ("import sys; sys.exit(7)", true, "SystemExit: 7"),
        ("import os; os._exit(9)", true, ""),
        ("1 +", true, "SyntaxError"),
    ];
    for stage in stages() {
        for (text, is_failure, line) in rows {
            let tool = stage.place.write("tool/sitecustomize.py", text).parent().unwrap().to_owned();
            let [with, without] = both(&stage, &[tool], 0, &["-c", WHAT_IS]);
            let shown = without_frames_of(&with.stderr(), &stage.bridge());
            assert_eq!(
                (with.code(), with.stdout(), shown),
                (without.code(), without.stdout(), without.stderr())
            );
            assert_eq!(without.code() != Some(0), is_failure, "{without}");
            assert!((without.stdout() + &without.stderr()).contains(line), "no {line:?} in {without}");
        }
    }
}

/// A traceback without what the bridge has in it: Python shows one where it does not get as far as its own program.
fn without_frames_of(traceback: &str, bridge: &Path) -> String {
    let mut lines = traceback.split_inclusive('\n').peekable();
    let mut kept = String::new();
    while let Some(line) = lines.next() {
        if line.contains(&format!("File \"{}/", bridge.display())) {
            // The source follows, and from 3.11 on a line of marks below it.
            while lines.next_if(|line| line.starts_with("    ")).is_some() {}
        } else {
            kept.push_str(line);
        }
    }
    kept
}

#[test]
fn names_mean_the_sdks_wherever_the_hook_runs() {
    for stage in stages() {
        let tool = stage.place.write("tool/sitecustomize.py", "").parent().unwrap().to_owned();
        let mut path: Vec<_> = env::split_paths(&stage.python_path()).collect();
        let bridge = path.pop().expect("the bridge");
        path.extend([bridge, tool]);
        let path = env::join_paths(path).expect("no colon");
        let code = "import trans_dh_service as bare, service.trans_dh_service as full; print(bare is full)";
        stage.bare_python(&["-c", code]).env("PYTHONPATH", path).prints("True\n");
    }
}

/// `-S`, and a `sitecustomize` that hands nothing on (OpenTelemetry's).
#[test]
fn where_it_does_not_run_the_bare_names_work_and_bring_the_rest() {
    const CODE: &str = "\
import os, sys
import where
import y_utils.where as full
from landmark2face_wy import options
sys.argv.append('--port')
print(where is full, where.__spec__.name, os.getcwd(), options.parse())
";
    for stage in stages() {
        let expected = stage.named_places("True y_utils.where ROOT Namespace(size=4)\n");
        stage.python(&["-S", "-c", CODE]).prints(&expected);
        let tool = stage.place.write("tool/sitecustomize.py", "").parent().unwrap().to_owned();
        let path = env::join_paths([tool].into_iter().chain(env::split_paths(&stage.python_path())));
        stage.bare_python(&["-c", CODE]).env("PYTHONPATH", path.unwrap()).prints(&expected);
        stage.write("custom.py", "value = 'own'");
        stage.python(&["-S", "-c", "import custom; print(custom.value)"]).prints("own\n");
        stage.python(&["-S", "-m", "custom"]).prints("");
    }
}

#[test]
fn only_e_and_i_switch_the_hook_off() {
    let code = "import trans_dh_service";
    for stage in stages() {
        for (flag, works) in [("-s", true), ("-B", true), ("-O", true), ("-E", false), ("-I", false)] {
            let outcome = stage.python(&[flag, "-c", code]).run();
            assert_eq!(outcome.code() == Some(0), works, "{outcome}");
        }
    }
}

/// A Python that can't be HeyGem's, with and without.
#[test]
fn an_old_python_starts_as_without_it() {
    let stage = Stage::new(&crate::support::pythons::pythons()[0]);
    let tool = stage.place.write("tool/sitecustomize.py", "print('tool')").parent().unwrap().to_owned();
    let code = "\
from __future__ import print_function
import sys
print(sorted(sys.modules), 'sitecustomize' in sys.modules)
for name in ['custom', 'trans_dh_service', 'sitecustomize']:
    try:
        __import__(name)
        print(name)
    except ImportError as error:
        print(error)
";
    let mut count = 0;
    for python in old_pythons() {
        for rest in [&[][..], &[tool.clone()][..]] {
            let with = env::join_paths([stage.bridge()].iter().chain(rest)).unwrap();
            let without = env::join_paths(rest).unwrap();
            let run = |path: &OsString| {
                // Its caches are of no use to anybody.
                stage.other_python(&python, path, &["-B", "-c", code]).run()
            };
            are_alike(&[run(&with), run(&without)], 0, &["No module named"]);
            count += 1;
        }
    }
    if count == 0 {
        println!(
            "left out: it takes a Python before 3.8, as python2.7, python3.6 or python3.7 on PATH or from pyenv"
        );
    }
}

/// `python2.7`, `python3.6` and `python3.7` of PATH and pyenv that can be run.
fn old_pythons() -> Vec<PathBuf> {
    let pyenv =
        env::var_os("PYENV_ROOT").map(PathBuf::from).or_else(|| Some(env::home_dir()?.join(".pyenv")));
    let versions = pyenv.map(|root| root.join("versions")).filter(|path| path.is_dir());
    let mut directories: Vec<PathBuf> = env::split_paths(&env::var_os("PATH").unwrap_or_default()).collect();
    if let Some(versions) = versions {
        let entries = expect(versions.read_dir(), "list", &versions);
        directories.extend(entries.flatten().map(|entry| entry.path().join("bin")));
    }
    let names = ["python2.7", "python3.6", "python3.7"];
    let paths = directories.iter().flat_map(|directory| names.map(|name| directory.join(name)));
    let runs = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        let code = "import sys; sys.stdout.write('python%d.%d' % sys.version_info[:2])";
        let output = Command::new(path).args(["-E", "-c", code]).output();
        output.is_ok_and(|output| output.stdout == name.as_bytes())
    };
    paths.filter(|path| Path::exists(path) && runs(path)).collect()
}

#[test]
fn an_unreadable_helper_is_one_warning() {
    for stage in stages() {
        let (path, bridge) = (stage.python_path(), stage.bridge());
        stage.place.write(bridge.join("_heygem_run_bridge.py"), "raise OSError('no such disk')");
        let code = "import service, custom";
        let outcome = stage.bare_python(&["-c", code]).env("PYTHONPATH", path).run();
        let stderr = outcome.stderr();
        let warning =
            format!("heygem-run: warning: {} does not work: OSError('no such disk')\n", bridge.display());
        assert!(outcome.code() == Some(1) && stderr.starts_with(&warning), "{outcome}");
        assert_eq!(stderr.matches("heygem-run: ").count(), 1, "{outcome}");
        assert!(stderr.ends_with("No module named 'custom'\n"), "{outcome}");
    }
}
