//! Whatever order names are imported in, there is one module object for each module.

use super::stages;

/// Runs many short programs made of the same few steps, each from a seed, in children of a fork.
const CODE: &str = r#"
import importlib, os, pickle, random, sys, threading, traceback

PAIRS = [('custom', 'h_utils.custom'), ('trans_dh_service', 'service.trans_dh_service'), ('config', 'y_utils.config'),
         ('encoder', 'wenet.transformer.encoder'), ('server', 'service.server'), ('logger', 'y_utils.logger'),
         ('where', 'y_utils.where'), ('options', 'landmark2face_wy.options'), ('first', 'h_utils.first'),
         ('second', 'y_utils.second')]
NAMES = [name for pair in PAIRS for name in pair]
ROOT = sys.argv[1]
sys.setswitchinterval(1e-5)
seen = {}

def check(name, module):
    qualified = dict(PAIRS).get(name, name)
    assert seen.setdefault(qualified, module) is module, name
    assert os.getcwd() == ROOT

def take(name):
    check(name, importlib.import_module(name))

def take_by_import(name):
    check(name, __import__(name, fromlist=['anything']))

def look(name):
    importlib.util.find_spec(name)

def again(name):
    if name in sys.modules and name.partition('.')[2] and sys.modules[name].__file__.endswith('.py'):
        check(name, importlib.reload(sys.modules[name]))

def forget_bare(name):
    qualified = dict(PAIRS).get(name)
    if qualified in sys.modules:
        sys.modules.pop(name, None)

def empty_caches(name):
    sys.path_importer_cache.clear()
    importlib.invalidate_caches()

def together(choice):
    names = [choice.choice(NAMES) for _ in range(4)]
    barrier, failures = threading.Barrier(4), []
    def load(name):
        barrier.wait(30)
        try:
            take_by_import(name)
        except BaseException:
            failures.append((name, traceback.format_exc()))
    threads = [threading.Thread(target=load, args=(name,)) for name in names]
    [thread.start() for thread in threads]
    [thread.join(30) for thread in threads]
    assert not failures, failures
    assert not any(thread.is_alive() for thread in threads), 'hangs'

def program(seed):
    choice = random.Random(seed)
    for _ in range(choice.randrange(2, 9)):
        step = choice.choice([take, take, take_by_import, look, again, forget_bare, empty_caches, together])
        step(choice if step is together else choice.choice(NAMES))
    for bare, qualified in PAIRS:
        if qualified in sys.modules:
            check(bare, importlib.import_module(bare))
            assert sys.modules[qualified] is sys.modules[bare]
            assert sys.modules[qualified].__spec__.name == qualified


for seed in range(int(sys.argv[2])):
    child = os.fork()
    if not child:
        import faulthandler
        faulthandler.dump_traceback_later(60, exit=True)
        try:
            program(seed)
        except BaseException:
            traceback.print_exc()
            print('seed', seed, flush=True)
            os._exit(1)
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        sys.exit(1)
print('ok')
"#;

#[test]
fn there_is_one_object_for_each_module_always() {
    let code = CODE.replacen("import importlib, os", "import importlib.util, os", 1);
    for (index, stage) in stages().enumerate() {
        if index % 2 == 0 {
            stage.as_source(&["service/trans_dh_service"]);
        }
        stage.python(&["-c", &code, stage.root.to_str().unwrap(), "60"]).prints("ok\n");
    }
}
