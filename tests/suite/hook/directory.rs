//! The working directory: a process goes to the root when it first executes a module of the SDK, and not before.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::process::Command;

use super::{Stage, stages};
use crate::support::build::{checked, expect};
use crate::support::pythons::pythons;

#[test]
fn a_process_goes_when_it_first_executes_a_module_of_the_sdk() {
    const CODE: &str = "\
import importlib.util, os, sys
tell = lambda: print(os.path.relpath(os.getcwd(), sys.argv[1]))
importlib.util.find_spec('service.trans_dh_service'); importlib.util.find_spec('custom'); tell()
import mine, loose, service; tell()
import y_utils.where; tell(); print(y_utils.where.AT_IMPORT == os.getcwd())
os.chdir('/'); import h_utils.custom, where, preprocess; print(os.getcwd())
";
    for stage in stages() {
        stage.write("HeyGem/mine/__init__.py", "").write("HeyGem/loose.py", "");
        let user = stage.user.to_str().unwrap();
        stage.python(&["-c", CODE, user]).prints(".\n.\nHeyGem\nTrue\n/\n");
    }
}

#[test]
fn each_kind_of_module_of_the_sdk_makes_it_go() {
    let code = |name: &str| format!("import os, {name}; print(os.getcwd())");
    for stage in stages() {
        stage.write("HeyGem/mine/__init__.py", "");
        for name in ["custom", "h_utils.custom", "wenet.transformer.encoder", "preprocess"] {
            stage.tells(&code(name), "ROOT\n");
        }
        for name in ["service", "h_utils", "mine"] {
            stage.tells(&code(name), "USER\n");
        }
        stage.as_source(&["service/trans_dh_service"]);
        for name in ["service", "h_utils", "wenet", "service.trans_dh_service", "trans_dh_service"] {
            stage.tells(&code(name), "ROOT\n");
        }
        stage.tells(&code("mine"), "USER\n");
    }
}

/// A module whose compiler has it executed when it is created.
#[test]
fn a_module_that_is_executed_when_it_is_created_is_there_by_then() {
    const SOURCE: &str = "\
#include <Python.h>
#include <unistd.h>
static struct PyModuleDef def = {PyModuleDef_HEAD_INIT, \"single\", NULL, -1, NULL};
PyMODINIT_FUNC PyInit_single(void) {
    char here[4096];
    PyObject *module = PyModule_Create(&def);
    if (module && getcwd(here, sizeof here)) PyModule_AddStringConstant(module, \"HERE\", here);
    return module;
}
";
    const LAZY: &str = "\
import importlib.util, os, sys
spec = importlib.util.find_spec('y_utils.where')
spec.loader = importlib.util.LazyLoader(spec.loader)
module = importlib.util.module_from_spec(spec)
sys.modules['y_utils.where'] = module
spec.loader.exec_module(module)
print(os.getcwd()); print(module.AT_IMPORT, os.getcwd())
";
    for stage in stages() {
        let source = stage.place.write("single.c", SOURCE);
        let module = stage.root.join(format!("h_utils/single{}", stage.python.ext_suffix));
        checked(
            Command::new("cc")
                .args(["-shared", "-fPIC", "-I"])
                .arg(&stage.python.include)
                .arg(source)
                .arg("-o")
                .arg(module),
        );
        stage.tells("import h_utils.single as m; print(m.HERE)", "ROOT\n");
        stage.tells(LAZY, "USER\nROOT ROOT\n");
    }
}

#[test]
fn relative_paths_still_mean_the_same() {
    const SCRIPT: &str = "\
import os, sys
sys.path.append('lib')
import near
import pack
import here_too
import h_utils.custom
from pack import deep
import nearer
print(os.getcwd(), sys.argv)
print(__file__, near.__file__, pack.__path__, deep.__file__, nearer.__file__)
print([entry for entry in sys.path if not entry.startswith('/')], os.path.abspath('x'))
if hasattr(sys, 'orig_argv'):
    print(sys.orig_argv[1:])
else:
    print(sys.argv)
";
    for stage in stages() {
        stage.write("start/app.py", SCRIPT).write("lib/near.py", "").write("lib/nearer.py", "");
        stage.write("lib/pack/__init__.py", "").write("lib/pack/deep.py", "").write("start/here_too.py", "");
        let expected = "ROOT ['USER/start/app.py', 'data/my.wav']\n\
            USER/start/app.py USER/lib/near.py ['USER/lib/pack'] USER/lib/pack/deep.py USER/lib/nearer.py\n\
            [] ROOT/x\n['USER/start/app.py', 'data/my.wav']\n";
        stage.python(&["start/app.py", "data/my.wav"]).prints(stage.named_places(expected));
    }
}

/// `os.execv(sys.executable, [sys.executable] + sys.argv)`, and a reloader's subprocess, start the same script where it started. Any
/// other program starts where the process is.
#[test]
fn a_server_that_starts_itself_again_starts_the_same_script_there() {
    const SCRIPT: &str = "\
import os, subprocess, sys
print('the app of the user', os.getcwd(), flush=True)
import service.trans_dh_service
words = getattr(sys, 'orig_argv', None)
if 'AGAIN' not in os.environ:
    os.environ['AGAIN'] = '1'
    subprocess.run([sys.executable] + (words[1:] if words else sys.argv), check=True)
    subprocess.run([sys.executable, 'other.py'] + sys.argv[1:], check=True)
    os.execv(sys.executable, [sys.executable] + sys.argv)
";
    for stage in stages() {
        stage.write("app.py", SCRIPT).write("HeyGem/app.py", "print('the app of the SDK')");
        stage.write("pack/__main__.py", SCRIPT).write("HeyGem/pack/__main__.py", "print('the SDK\\'s')");
        stage.write("HeyGem/other.py", "import os; print('another', os.getcwd(), flush=True)");
        let expected =
            "the app of the user USER\nthe app of the user USER\nanother ROOT\nthe app of the user USER\n";
        for words in
            [&["app.py", "x"][..], &["./app.py"], &["pack"], &["-m", "app", "x"], &["-u", "-m", "pack"]]
        {
            stage.python(words).prints(stage.named_places(expected));
        }
    }
}

/// By whatever relative path, which Python 3.9 and later resolve before the hook runs.
#[test]
fn a_script_that_starts_itself_by_a_name_of_its_own_starts_the_same_there() {
    const SCRIPT: &str = "\
import os, subprocess, sys
print('the app of the user', os.getcwd(), sys.argv, __file__.startswith('/'), flush=True)
import service.trans_dh_service
if 'AGAIN' not in os.environ:
    os.environ['AGAIN'] = '1'
    subprocess.run([sys.executable, '-u', 'app.py', 'x'], check=True)
    os.execv(sys.executable, ['python', './app.py', 'x'])
";
    for stage in stages() {
        stage.write("app.py", SCRIPT).write("HeyGem/app.py", "print('the app of the SDK')");
        let is_absolute = if stage.python.major_minor >= (3, 9) { "True" } else { "False" };
        for first in ["app.py", "./app.py"] {
            let lines = [first, "app.py", "./app.py"]
                .map(|word| format!("the app of the user USER ['{word}', 'x'] {is_absolute}\n"));
            stage.python(&[first, "x"]).prints(stage.named_places(&lines.concat()));
        }
    }
}

/// What came through a pipe is in no file that a spawn child could run again.
#[test]
fn a_program_that_came_through_a_pipe_has_children() {
    const PROGRAM: &str = "\
import multiprocessing, os
print('__file__' in globals())
import h_utils.custom
print('__file__' in globals(), os.getcwd())
for method in 'spawn', 'forkserver':
    child = multiprocessing.get_context(method).Process(target=print, args=(method,))
    child.start(); child.join(); print(child.exitcode)
";
    for stage in stages() {
        stage.write("program.py", PROGRAM);
        let python = stage.python.path.to_str().expect("text");
        for line in ["$1 - <program.py", "$1 <(cat program.py)"] {
            let expected = stage.named_places("True\nFalse ROOT\nspawn\n0\nforkserver\n0\n");
            let run =
                stage.other_python(Path::new("bash"), &stage.python_path(), &["-c", line, "bash", python]);
            run.env("PYTHONUNBUFFERED", "1").prints(expected);
        }
    }
}

/// A word of the program that happens to be relative is not the script.
#[test]
fn other_arguments_are_left_alone() {
    let code = "import sys; sys.argv[0] = 'app.py'; import h_utils.custom; print(sys.argv)";
    for stage in stages() {
        stage.write("app.py", "");
        stage.python(&["-c", code, "app.py"]).prints("['app.py', 'app.py']\n");
    }
}

#[test]
fn children_stand_where_their_parent_stood() {
    const SCRIPT: &str = "\
import multiprocessing, os, sys

def where(queue):
    before = os.getcwd()
    import y_utils.where
    queue.put((before, os.getcwd()))

def main():
    print(os.getcwd())
    for go in [None, 'sdk', '/']:
        if go == 'sdk':
            import h_utils.custom
        elif go:
            os.chdir(go)
        for method in ['fork', 'spawn', 'forkserver']:
            context = multiprocessing.get_context(method)
            queue = context.Queue()
            child = context.Process(target=where, args=(queue,))
            child.start()
            print(go, method, *queue.get(timeout=60))
            child.join()

if __name__ == '__main__':
    main()
";
    let expected = "USER\nNone fork USER ROOT\nNone spawn USER ROOT\nNone forkserver USER ROOT\n\
        sdk fork ROOT ROOT\nsdk spawn ROOT ROOT\nsdk forkserver ROOT ROOT\n\
        / fork / /\n/ spawn / ROOT\n/ forkserver / ROOT\n";
    for stage in stages() {
        stage.write("app.py", SCRIPT);
        stage.python(&["-W", "ignore", "app.py"]).prints(stage.named_places(expected));
    }
}

#[test]
fn a_directory_that_is_gone_is_one_warning() {
    const CODE: &str = "\
import os, shutil
os.mkdir('gone'); os.chdir('gone'); os.rmdir('../gone')
import h_utils.custom, service.trans_dh_service
print(os.getcwd())
";
    let warning = "heygem-run: warning: the working directory is gone: No such file or directory\n";
    for stage in stages() {
        stage.python(&["-c", CODE]).prints_and_warns(stage.named_places("ROOT\n"), warning);
    }
}

/// An SDK that is taken away after its bridge was built, and another that imports from a copy of it.
#[test]
fn a_root_that_cannot_be_entered_is_one_warning_and_the_import_goes_on() {
    const CODE: &str = "\
import os, posix
def chdir(path):
    raise PermissionError(13, 'Permission denied')
posix.chdir = chdir
import h_utils.custom, service.trans_dh_service
print(os.getcwd())
";
    let warning = "heygem-run: warning: can't change directory to ROOT: Permission denied\n";
    for stage in stages() {
        stage
            .python(&["-c", CODE])
            .prints_and_warns(stage.named_places("USER\n"), stage.named_places(warning));
    }
}

#[test]
fn no_chdir_bridge_keeps_the_directory() {
    for stage in stages() {
        let path = stage.python_path();
        let helper = stage.bridge().join("_heygem_run_bridge.py");
        let text = expect(fs::read_to_string(&helper), "read", &helper);
        let staying = text.replace("\"moves\": True", "\"moves\": False");
        assert_ne!(text, staying);
        stage.place.write(&helper, staying);
        let code = "import os, trans_dh_service, sys; sys.argv.append('-x'); import landmark2face_wy.options as o; print(os.getcwd(), o.parse())";
        let run = stage.bare_python(&["-c", code]).env("PYTHONPATH", path);
        run.prints(stage.named_places("USER Namespace(size=4)\n"));
    }
}

#[test]
fn a_root_that_was_moved_or_linked_or_has_odd_letters_is_gone_to() {
    let code = "import os, trans_dh_service; print(os.path.samefile('.', os.environ['ROOT']), os.path.exists('config/config.ini'))";
    let names: [&[u8]; 3] = [b"user/Hey Gem", "用户/数字人".as_bytes(), b"user/\xff-HeyGem"];
    for python in pythons() {
        for name in names {
            let stage = Stage::named(python, OsStr::from_bytes(name));
            // From 3.12 on, no compiled module can be imported from such a path under such a locale.
            stage.as_source(&["service/trans_dh_service"]);
            stage.place.write(stage.root.join("service/trans_dh_service.py"), "");
            let path = stage.python_path();
            let moved = stage.user.join("moved");
            let ascii = [("LC_ALL", "C"), ("PYTHONCOERCECLOCALE", "0"), ("PYTHONUTF8", "0")];
            let run = |root| {
                let run = stage.bare_python(&["-c", code]).env("ROOT", root);
                ascii.iter().fold(run, |run, (name, value)| run.env(name, value))
            };
            run(&stage.root).env("PYTHONPATH", &path).prints("True True\n");
            expect(fs::rename(&stage.root, &moved), "rename", &stage.root);
            let bridge = std::env::split_paths(&path).last().unwrap();
            let bridge = moved.join(bridge.strip_prefix(&stage.root).unwrap());
            let entries = std::env::join_paths([&moved, &stage.user, &bridge]).unwrap();
            run(&moved).env("PYTHONPATH", entries).prints("True True\n");
        }
    }
}

/// In a cache the bridge can't find the root from its own place.
#[test]
fn a_bridge_in_a_cache_goes_to_its_root() {
    let code = "import os, trans_dh_service; print(os.path.samefile('.', os.environ['ROOT']))";
    for python in pythons() {
        let stage = Stage::named(python, OsStr::from_bytes(b"us\"er\\\xe7/\xe6\x95\xb0\xff"));
        stage.place.write(stage.root.join(".heygem-run"), "in the way");
        stage.as_source(&["service/trans_dh_service"]);
        stage.place.write(stage.root.join("service/trans_dh_service.py"), "");
        let bridge = stage.bridge();
        assert!(bridge.starts_with(stage.place.path("home")), "{}", bridge.display());
        let run = stage.python(&["-c", code]).env("ROOT", &stage.root);
        run.env("LC_ALL", "C").env("PYTHONCOERCECLOCALE", "0").env("PYTHONUTF8", "0").prints("True\n");
    }
}
