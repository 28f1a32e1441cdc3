//! One module under two names: in whichever order, from any threads, in cycles, when it fails, and gone through by others.

use super::stages;

#[test]
fn modules_that_know_each_other_by_bare_names_are_imported_from_two_threads() {
    const CODE: &str = "\
import importlib, sys, threading

names = sys.argv[1:]
barrier, failures = threading.Barrier(len(names)), []

def load(name):
    barrier.wait(60)
    try:
        __import__(name)
    except BaseException as error:
        failures.append((name, repr(error)))

threads = [threading.Thread(target=load, args=(name,)) for name in names]
[thread.start() for thread in threads]
[thread.join(60) for thread in threads]
print(failures, [thread.is_alive() for thread in threads].count(True))
first, second = sys.modules['h_utils.first'], sys.modules['y_utils.second']
print(first is sys.modules['first'], second is sys.modules['second'])
print(first.partner() is second, second.partner() is first, first.__spec__.name, second.__spec__.name)
";
    let rows: [&[&str]; 6] = [
        &["first"],
        &["y_utils.second"],
        &["first", "second"],
        &["h_utils.first", "y_utils.second"],
        &["h_utils.first", "second", "first", "y_utils.second"],
        &["first", "h_utils.first", "first", "h_utils.first", "second"],
    ];
    for stage in stages() {
        for names in rows {
            let words = [&["-c", CODE][..], names].concat();
            stage.python(&words).prints("[] 0\nTrue True\nTrue True h_utils.first y_utils.second\n");
        }
    }
}

#[test]
fn a_module_that_fails_has_its_bare_name_while_it_runs_and_not_after() {
    const CODE: &str = "\
import importlib, sys
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
    except ValueError as error:
        print(error, 'broken' in sys.modules, 'h_utils.broken' in sys.modules)
";
    let lines = "broken is there: True\nbroken by itself False False\n";
    for stage in stages() {
        for names in [["broken", "h_utils.broken"], ["h_utils.broken", "broken"]] {
            stage.python(&["-c", CODE, names[0], names[1]]).prints(lines.repeat(2));
        }
    }
}

#[test]
fn what_was_pickled_before_the_sdk_was_imported_is_the_sdks() {
    const CODE: &str = "\
import pickle, sys
function = pickle.loads(b'ctrans_dh_service\\ndouble\\n.')
error = pickle.loads(b'ccustom\\nCustomError\\n(S\"no face\"\\ntR.')
import service.trans_dh_service, h_utils.custom
print(function is service.trans_dh_service.double, type(error) is h_utils.custom.CustomError, error)
print(pickle.loads(pickle.dumps(error)), pickle.dumps(function).count(b'trans_dh_service'))
";
    for stage in stages() {
        stage.tells(CODE, "True True no face\nno face 1\n");
    }
}

#[test]
fn looking_for_a_module_finds_it_and_executes_nothing() {
    const CODE: &str = "\
import importlib.util, sys
for name in ['custom', 'h_utils.custom', 'where', 'preprocess']:
    spec = importlib.util.find_spec(name)
    print(spec.name, spec.origin.rpartition('/')[2].partition('.cpython')[0], name in sys.modules)
print(importlib.util.find_spec('scrfd'), importlib.util.find_spec('nothing'))
";
    let expected = "custom h_utils.custom False\nh_utils.custom custom False\nwhere y_utils.where False\n\
                    preprocess preprocess False\nNone None\n";
    for stage in stages() {
        stage.tells(CODE, expected);
    }
}

#[test]
fn reload_means_the_module_under_both_names() {
    const CODE: &str = "\
import importlib, sys
import trans_dh_service
for _ in range(3):
    again = importlib.reload(trans_dh_service)
    import service.trans_dh_service as full
    print(again is trans_dh_service, full is again, sys.modules['trans_dh_service'] is again, again.__spec__.name)
";
    let line = "True True True service.trans_dh_service\n";
    for stage in stages() {
        stage.as_source(&["service/trans_dh_service"]);
        stage.tells(CODE, &line.repeat(3));
    }
}

#[test]
fn an_sdk_module_runs_as_a_program_as_without_it() {
    const PROGRAM: &str = "\
import multiprocessing, os, sys
def tell(queue):
    queue.put((__name__, os.getcwd()))
if __name__ == '__main__':
    context = multiprocessing.get_context('spawn')
    queue = context.Queue()
    child = context.Process(target=tell, args=(queue,))
    child.start()
    print(__name__, __spec__.name, os.getcwd(), sys.argv[1:], queue.get(timeout=60))
    child.join()
    from . import server
    import server as bare
    print(server is bare)
";
    for stage in stages() {
        stage.as_source(&["service/trans_dh_service"]).write("HeyGem/service/program.py", PROGRAM);
        let expected = "__main__ service.program ROOT ['word'] ('__mp_main__', 'ROOT')\nTrue\n";
        stage.python(&["-m", "service.program", "word"]).prints(stage.named_places(expected));
        let outcome = stage.python(&["-m", "custom"]).run();
        let without = stage.python_without(&["-m", "h_utils.custom"]).run();
        let line = without.stderr().lines().last().unwrap_or_default().replace("h_utils.custom", "custom");
        assert_eq!(
            (outcome.code(), outcome.stderr().lines().last()),
            (without.code(), Some(&*line)),
            "{outcome}"
        );
    }
}

#[test]
fn a_finder_that_comes_later_is_asked_before() {
    const CODE: &str = "\
import sys, types
from importlib.machinery import ModuleSpec

class Finder:
    def find_spec(self, name, path=None, target=None):
        return ModuleSpec(name, self) if name == 'custom' else None
    def create_module(self, spec):
        return None
    def exec_module(self, module):
        module.owner = 'the finder'

finder = Finder()
getattr(sys.meta_path, sys.argv[1])(*([0] if sys.argv[1] == 'insert' else []), finder)
if len(sys.argv) > 2:
    import h_utils.custom
    del sys.modules['custom']
import custom
print(custom.owner, custom.__spec__.loader is finder)
";
    for stage in stages() {
        for words in [&["append"][..], &["insert"], &["append", "after"]] {
            stage.python(&[&["-c", CODE][..], words].concat()).prints("the finder True\n");
        }
    }
}

/// Who forks while others import must get a child that can import, too.
#[test]
fn forks_and_threads_at_the_first_import_find_it_done_or_not_begun() {
    const CODE: &str = "\
import os, signal, sys, threading

signal.alarm(100)
root, start = sys.argv[1], threading.Barrier(17)
wrong = []

def load(number):
    start.wait(60)
    module = __import__(['y_utils.where', 'where'][number % 2], fromlist=['AT_IMPORT'])
    if module.AT_IMPORT != root or os.getcwd() != root:
        wrong.append((number, module.AT_IMPORT, os.getcwd()))

threads = [threading.Thread(target=load, args=(number,)) for number in range(16)]
[thread.start() for thread in threads]
start.wait(60)
for _ in range(12):
    child = os.fork()
    if not child:
        signal.alarm(100)
        # Another module: one that a thread was just executing can't be had in a child of a fork, with or without the bridge.
        import h_utils.custom
        os._exit(0 if os.getcwd() == root else 3)
    _, status = os.waitpid(child, 0)
    if status:
        wrong.append(('child', status))
[thread.join() for thread in threads]
print(wrong)
";
    for stage in stages() {
        let root = stage.root.to_str().unwrap();
        for _ in 0..3 {
            let run = stage.python(&["-W", "ignore", "-c", CODE, root]);
            run.prints("[]\n");
        }
    }
}

/// No compiler registers this one under its bare name: the hook does, before it runs, unless the name is somebody else's.
#[test]
fn source_has_its_bare_name_before_it_runs() {
    const SOURCE: &str = "\
import sys
import trans_dh_service
print(trans_dh_service is sys.modules[__name__], getattr(trans_dh_service, 'owner', None))
if 'fail' in sys.argv:
    raise ValueError
";
    const CODE: &str = "\
import sys
try:
    import service.trans_dh_service
except ValueError:
    print(sorted(name for name in sys.modules if 'trans_dh' in name))
";
    for stage in stages() {
        stage.as_source(&["service/trans_dh_service"]).write("HeyGem/service/trans_dh_service.py", SOURCE);
        stage.python(&["-c", CODE]).prints("True None\n");
        stage.python(&["-c", CODE, "fail"]).prints("True None\n[]\n");
        stage.write("trans_dh_service.py", "owner = 'user'");
        stage.python(&["-c", CODE]).prints("False user\n");
    }
}
