//! Import hooks and tools of others: lazy loaders, rewriters, zips, whatever walks the path.

use std::process::Command;

use super::{Stage, stages};
use crate::support::build::checked;
use crate::support::pythons::pythons;
use crate::support::venv::venv;

#[test]
fn a_module_is_loaded_lazily() {
    const CODE: &str = "\
import importlib.util, os, sys

def lazy(name):
    spec = importlib.util.find_spec(name)
    spec.loader = importlib.util.LazyLoader(spec.loader)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module

bystander = lazy('json')
module = lazy(sys.argv[1])
print(type(bystander).__name__, os.getcwd())
print(module.AT_IMPORT, os.getcwd())
import y_utils.where, where  # a lazy loader sets no attribute of the package
print(module.AT_IMPORT is where.AT_IMPORT, sys.modules['y_utils.where'] is where)
print(type(bystander).__name__)
";
    for stage in stages() {
        let expected = "_LazyModule USER\nROOT ROOT\nTrue True\n_LazyModule\n";
        stage.python(&["-c", CODE, "y_utils.where"]).prints(stage.named_places(expected));
        // Under its bare name it is the module itself, so it is loaded when it is made.
        let outcome = stage.python(&["-c", CODE, "where"]).run();
        let expected = stage.named_places("_LazyModule ROOT\nROOT ROOT\nTrue True\n_LazyModule\n");
        outcome.is(0, expected, "");
    }
}

#[test]
fn walking_the_path_shows_no_bridge() {
    const CODE: &str = "\
import importlib, importlib.metadata, pkgutil, sys
importlib.invalidate_caches()
names = [module.name for module in pkgutil.iter_modules()]
print([m.name for m in pkgutil.iter_modules() if 'heygem-bridge' in getattr(m.module_finder, 'path', '')])
print([name for name in ['_heygem_run_bridge', 'custom'] if name in names])
print('service' in names, len(list(pkgutil.walk_packages([sys.path[1] + '/service'], 'service.'))) > 1)
print(importlib.metadata.version('thing'), [d for d in importlib.metadata.distributions() if 'heygem' in str(d)])
import custom, h_utils.custom
print(custom is h_utils.custom)
";
    for stage in stages() {
        stage.write("thing-1.2.dist-info/METADATA", "Metadata-Version: 2.1\nName: thing\nVersion: 1.2\n");
        stage.tells(CODE, "[]\n[]\nTrue True\n1.2 []\nTrue\n");
    }
}

/// Tools empty these caches, to put their own finders in: the alias files must not come back as modules.
#[test]
fn caches_may_be_emptied_at_any_time() {
    const CODE: &str = "\
import importlib, sys
sys.path_importer_cache.clear()
importlib.invalidate_caches()
import custom, h_utils.custom
sys.path_importer_cache.clear()
import y_utils.config, config, encoder
print(custom is h_utils.custom, config is y_utils.config, encoder.__spec__.name)
sys.path_importer_cache.clear()
try:
    import sitecustomize
    print('heygem' in sitecustomize.__file__)
except ImportError:
    print(False)
print([type(finder).__name__ for finder in sys.meta_path].count('HeygemRun'))
";
    for stage in stages() {
        stage.tells(CODE, "True True wenet.transformer.encoder\nFalse\n1\n");
    }
}

#[test]
fn zips_and_namespaces_are_found_as_ever() {
    const CODE: &str = "\
import sys
sys.path.append('all.zip')
import custom, encoder.part, main
print(custom.owner, encoder.part.owner, main.owner)
import os, h_utils.where as unused
";
    for stage in stages() {
        stage.write("zipped/custom.py", "owner = 'zip'").write("zipped/encoder/part.py", "owner = 'zip'");
        stage.write("zipped/main.py", "owner = 'zip'").write("HeyGem/main.py", "owner = 'root'");
        let zip = stage.user.join("all.zip");
        checked(
            Command::new(&stage.python.path)
                .args(["-I", "-m", "zipfile", "-c"])
                .arg(&zip)
                .args(["custom.py", "encoder/", "main.py"])
                .current_dir(stage.user.join("zipped")),
        );
        let code = CODE.replace("import os, h_utils.where as unused\n", "");
        stage.tells(&code, "zip zip zip\n");
        // A program in a zip, as a relative word: it is still itself after the change of directory.
        stage.write(
            "zipped/__main__.py",
            "import h_utils.custom, helper, sys; print(helper.owner, sys.argv[0])",
        );
        stage.write("zipped/helper.py", "owner = 'zip'");
        let words = ["-I", "-m", "zipfile", "-c"];
        let app = stage.user.join("app.zip");
        checked(
            Command::new(&stage.python.path)
                .args(words)
                .arg(&app)
                .args(["__main__.py", "helper.py"])
                .current_dir(stage.user.join("zipped")),
        );
        stage.python(&["app.zip"]).prints(stage.named_places("zip USER/app.zip\n"));
    }
}

#[test]
fn each_subinterpreter_has_its_own() {
    const CODE: &str = "\
import sys, os
if sys.version_info >= (3, 13):
    import _interpreters as interpreters
    run = lambda code: interpreters.run_string(interpreters.create('legacy'), code)
else:
    import _xxsubinterpreters as interpreters
    create = interpreters.create
    run = lambda code: interpreters.run_string(create(isolated=False) if sys.version_info >= (3, 10) else create(), code)
failed = run('''
import service.trans_dh_service as full, trans_dh_service as bare, os
print(full is bare, os.getcwd(), flush=True)
''')
print('back', failed, flush=True)
";
    for stage in stages() {
        // Compiled modules that a Cython made refuse a second interpreter, with or without the bridge.
        stage.as_source(&[
            "service/trans_dh_service",
            "h_utils/custom",
            "y_utils/config",
            "y_utils/logger",
            "service/server",
        ]);
        stage.tells(CODE, "True ROOT\nback None\n");
    }
}

fn environment(stage: &Stage) -> std::path::PathBuf {
    venv(&stage.python.path, "guests", &["beartype==0.19.0", "pytest==8.3.5", "typeguard==4.3.0"])
}

/// Each hooks itself into the import of the user's modules, and beartype empties the caches besides.
#[test]
fn beartype_typeguard_and_pytest_work_beside_it() {
    const BEARTYPE: &str = "\
from beartype.claw import beartype_package
beartype_package('checked')
import checked.part, os
import trans_dh_service, service.trans_dh_service, options
print(trans_dh_service is service.trans_dh_service, os.getcwd(), options.parse())
try:
    checked.part.double('x')
except Exception as error:
    print(type(error).__name__)
";
    const TYPEGUARD: &str = "\
from typeguard import install_import_hook
install_import_hook('checked')
import checked.part, os
import trans_dh_service, service.trans_dh_service, options
print(trans_dh_service is service.trans_dh_service, os.getcwd(), options.parse())
try:
    checked.part.double('x')
except Exception as error:
    print(type(error).__name__)
";
    const TEST: &str = "\
import os
import custom

def test_names():
    import h_utils.custom
    assert custom is h_utils.custom
    assert os.path.exists('config/config.ini')
    assert custom.CustomError('a').args == ('a',)
";
    for python in [pythons().first(), pythons().last()].into_iter().flatten() {
        let stage = Stage::new(python);
        let environment = environment(&stage).join("bin/python");
        stage
            .write("checked/__init__.py", "")
            .write("checked/part.py", "def double(x: int) -> int: return 2");
        stage.write("test_own.py", TEST);
        let path = stage.python_path();
        for (code, error) in [(BEARTYPE, "BeartypeCallHintParamViolation"), (TYPEGUARD, "TypeCheckError")] {
            let run = stage.other_python(&environment, &path, &["-c", code, "--port"]);
            run.prints(stage.named_places(&format!("True ROOT Namespace(size=4)\n{error}\n")));
        }
        let words = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "test_own.py"];
        let outcome = stage.other_python(&environment, &path, &words).run();
        assert!(outcome.succeeded().contains("1 passed"), "{outcome}");
    }
}
