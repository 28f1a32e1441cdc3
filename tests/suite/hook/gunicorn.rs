//! gunicorn's master works where it was started, its workers in the root. `tests/commands/table/gunicorn.rs` has the real one; here a
//! stand-in has the names that the hook knows.

use super::{Stage, stages};

const CONFIG: &str = "\
class Setting:
    def __init__(self, value):
        self.value = value
    def get(self):
        return self.value
class OnStarting(Setting):
    name = 'on_starting'
class PreFork(Setting):
    name = 'pre_fork'
class PostFork(Setting):
    name = 'post_fork'
class PreRequest(Setting):
    name = 'pre_request'
class CertFile(Setting):
    name = 'certfile'
KNOWN_SETTINGS = [OnStarting, PreFork, PostFork, PreRequest, CertFile]
class Config:
    chdir = '.'
";

const BASE: &str = "\
from gunicorn.config import Config
class Application:
    def get_config_from_filename(self, load):
        return load()
    get_config_from_module_name = get_config_from_filename
class Arbiter:
    cfg = Config()
    def setup(self, load):
        return load()
";

/// A master that calls something, does something, forks and ends: all tell where they are.
const MASTER: &str = "\
import os, sys
from gunicorn.app.base import Application, Arbiter
from gunicorn.config import OnStarting, PreFork, PostFork, PreRequest

def tell(*_):
    print(os.getcwd(), end=' ', flush=True)

def load(*_):
    import h_utils.custom
    tell()

def leave(*_):
    load()
    os.chdir('/')

arbiter = Arbiter()
exec(sys.argv[1])
tell()
if not os.fork():
    PostFork(tell).get()(arbiter, None)
    import service.trans_dh_service
    PreRequest(tell).get()(None, None)
    tell()
    os._exit(0)
os.wait()
tell()
";

fn check(table: &[(&str, &str)]) {
    for stage in stages() {
        with_gunicorn(&stage);
        for (code, expected) in table {
            stage.python(&["-c", MASTER, code]).prints(stage.named_places(expected));
        }
    }
}

fn with_gunicorn(stage: &Stage) {
    stage.write("gunicorn/__init__.py", "").write("gunicorn/app/__init__.py", "").write("api/main.py", "");
    stage.write("gunicorn/config.py", CONFIG).write("gunicorn/app/base.py", BASE);
}

#[test]
fn the_master_returns_and_its_workers_follow() {
    check(&[
        // Told in what is called; in the master; in its worker's hook, then twice when the SDK is there; in the master.
        ("Application().get_config_from_filename(load)", "ROOT USER ROOT ROOT ROOT USER "),
        ("Application().get_config_from_module_name(load)", "ROOT USER ROOT ROOT ROOT USER "),
        ("arbiter.setup(load)", "ROOT USER ROOT ROOT ROOT USER "),
        ("OnStarting(load).get()(arbiter)", "ROOT USER ROOT ROOT ROOT USER "),
        ("arbiter.setup(load); PreFork(load).get()(arbiter, None)", "ROOT USER USER ROOT ROOT ROOT USER "),
        // Without the SDK, they are nowhere else.
        ("arbiter.setup(tell)", "USER USER USER ROOT ROOT USER "),
        // A configuration that names a directory.
        (
            "Application().get_config_from_filename(load); arbiter.cfg.chdir = os.path.abspath('api'); os.chdir('api')",
            "ROOT USER/api ROOT ROOT ROOT USER/api ",
        ),
        // What fails is seen, and leaves nobody elsewhere.
        (
            "try: arbiter.setup(lambda: (load(), 1 / 0))\nexcept ZeroDivisionError: tell()",
            "ROOT USER USER ROOT ROOT ROOT USER ",
        ),
    ]);
}

#[test]
fn a_master_that_changed_directory_stays_there() {
    check(&[
        ("arbiter.setup(leave)", "ROOT / / / / / "),
        ("Application().get_config_from_filename(leave)", "ROOT / / / / / "),
        ("os.chdir('api'); arbiter.setup(load)", "ROOT USER/api ROOT ROOT ROOT USER/api "),
        // Where it was in the root all along, and where the configuration leads there.
        ("os.chdir('HeyGem'); arbiter.setup(load)", "ROOT ROOT ROOT ROOT ROOT ROOT "),
        (
            "Application().get_config_from_filename(load); os.chdir('HeyGem'); arbiter.setup(load)",
            "ROOT ROOT ROOT ROOT ROOT ROOT ROOT ",
        ),
    ]);
}

/// gunicorn's workers read them at each connection.
#[test]
fn certificates_mean_what_they_meant() {
    const CODE: &str = "\
import gunicorn.app.base
from gunicorn.config import CertFile
tell = lambda: print([CertFile(value).get() for value in ('a/b.pem', '/b.pem', '', None)])
tell()
import h_utils.custom
tell()
";
    for stage in stages() {
        with_gunicorn(&stage);
        let line = "['USER/a/b.pem', '/b.pem', '', None]\n";
        stage.python(&["-c", CODE]).prints(stage.named_places(&line.repeat(2)));
    }
}
