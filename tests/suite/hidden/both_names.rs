//! A bare name and a qualified one stand for one module, in whatever order and from whatever thread they are imported.

use std::fs;
use std::path::Path;

use super::everywhere;
use crate::support::build::expect;

#[test]
fn threads_that_import_at_once_all_get_the_module() {
    const SCRIPT: &str = "\
import importlib, sys, threading

sys.setswitchinterval(1e-6)
names, attribute = sys.argv[1].split(','), sys.argv[2]

def load(name, barrier, found):
    barrier.wait(60)
    try:
        module = __import__(name, fromlist=[attribute])
        found.append(getattr(module, attribute).__module__)
    except Exception as error:
        found.append(repr(error))

for _ in range(40):
    found, barrier = [], threading.Barrier(4)
    threads = [threading.Thread(target=load, args=(names[i % len(names)], barrier, found)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(set(found)) != 1:
        sys.exit(repr(found))
    for name in names:
        sys.modules.pop(name, None)
print(found[0])
";
    everywhere(|sdk| {
        let slow = "import time\ntime.sleep(0.002)\nclass Thing: pass";
        let app = sdk.app("site", &[("SITE/custom.py", slow)]);
        app.is_unchanged(&["-c", SCRIPT, "custom", "Thing"], &["custom"]);
        let app = sdk.app("sdk-only", &[]);
        app.python(&[], &["-c", SCRIPT, "custom", "CustomError"]).prints("custom\n");
        app.python(&[], &["-c", SCRIPT, "custom,h_utils.custom", "CustomError"]).prints("custom\n");
    });
}

/// Imports its words in order, and expects them to be one object.
const ONE: &str = "\
import importlib, sys
first, second = [importlib.import_module(name) for name in sys.argv[1:]]
print(first is second, all(sys.modules[name] is first for name in sys.argv[1:]), first.__name__)
";

#[test]
fn bare_and_qualified_name_one_module_in_either_order() {
    everywhere(|sdk| {
        let app = sdk.app("app", &[]);
        let check = |bare, qualified| {
            for words in [[bare, qualified], [qualified, bare]] {
                let words = [&["-c", ONE], &words[..]].concat();
                app.python(&[], &words).prints(format!("True True {qualified}\n"));
            }
        };
        check("trans_dh_service", "service.trans_dh_service");
        check("custom", "h_utils.custom");
        check("encoder", "wenet.transformer.encoder");
        // The root's own directory `config` holds nothing that could be imported, and what looks like it is not.
        for data in ["LICENSE", "old.d/config.ini", "a/b.1.py", "__pycache__/old.cpython-38.pyc"] {
            sdk.place.write(Path::new("sdk/config").join(data), "");
        }
        check("config", "y_utils.config");

        let file = "service/trans_dh_service";
        let compiled = sdk.place.path(format!("sdk/{file}{}", sdk.python.ext_suffix));
        expect(fs::remove_file(&compiled), "remove", &compiled);
        let source = format!("{}/tests/fixtures/sdk/{file}.py", env!("CARGO_MANIFEST_DIR"));
        sdk.place.write(format!("sdk/{file}.py"), fs::read(source).unwrap());
        check("trans_dh_service", "service.trans_dh_service");
    });
}

#[test]
fn an_error_of_the_sdks_own_surfaces_as_itself() {
    const SCRIPT: &str = "\
import importlib, sys
for name in ['trans_dh_service', 'trans_dh_service', 'service.trans_dh_service']:
    try:
        importlib.import_module(name)
    except Exception as error:
        print(repr(error), error.name, name in sys.modules)
";
    let line = "ModuleNotFoundError(\"No module named 'y_utils.logger'\") y_utils.logger False\n";
    everywhere(|sdk| {
        let logger = sdk.place.path(format!("sdk/y_utils/logger{}", sdk.python.ext_suffix));
        expect(fs::remove_file(&logger), "remove", &logger);
        sdk.app("app", &[]).python(&[], &["-c", SCRIPT]).prints(line.repeat(3));
    });
}
