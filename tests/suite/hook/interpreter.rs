//! Children's interpreter: in an embedder `sys.executable` is no Python. The embedder here is a real one, of a few lines of C.

use std::path::PathBuf;
use std::process::Command;

use super::{Stage, said_by, stages};
use crate::support::build::checked;
use crate::support::run::Run;

/// Starts Python in itself, as uWSGI does, and runs its first word.
const EMBEDDER: &str = "\
#include <Python.h>
int main(int argc, char **argv) {
    (void)argc;
    wchar_t *name = Py_DecodeLocale(getenv(\"PROGRAM_NAME\"), NULL);
    Py_SetProgramName(name);
    Py_Initialize();
    int code = PyRun_SimpleString(argv[1]);
    Py_Finalize();
    return code ? 1 : 0;
}
";

const CODE: &str = "\
import multiprocessing, os, sys

def main():
    context = multiprocessing.get_context('spawn')
    queue = context.Queue()
    import service.trans_dh_service as sdk
    inbox, outbox = context.Queue(), context.Queue()
    child = context.Process(target=sdk.write_video, args=(inbox, outbox))
    child.start()
    inbox.put(sdk.Chunk([1, 2]))
    print(sdk.receive(child, outbox).frames)
    from multiprocessing import spawn
    print(os.path.realpath(os.fsencode(spawn.get_executable())) == os.path.realpath(os.fsencode(os.environ['OWN'])) or spawn.get_executable())

main()
";

/// An embedder of that name, linked with the interpreter's own library; `None` where there is none.
fn embedder(stage: &Stage, name: &str) -> Option<PathBuf> {
    let python = &stage.python.path;
    let library = said_by(python, "import sysconfig; print(sysconfig.get_config_var('LIBDIR'))");
    let (major, minor) = stage.python.major_minor;
    if !PathBuf::from(&library).join(format!("libpython{major}.{minor}.so")).exists() {
        return None;
    }
    let source = stage.place.write("embedder.c", EMBEDDER);
    let program = stage.place.make_dir("bin").join(name);
    checked(
        Command::new("cc")
            .args(["-w", "-I"])
            .arg(&stage.python.include)
            .arg(source)
            .arg(format!("-L{library}"))
            .arg(format!("-Wl,-rpath,{library}"))
            .arg(format!("-lpython{major}.{minor}"))
            .arg("-o")
            .arg(&program),
    );
    Some(program)
}

fn run(stage: &Stage, program: &PathBuf, code: &str) -> Run {
    let prefix = said_by(&stage.python.path, "import sys; print(sys.prefix)");
    let mut command = stage.place.command(program);
    command.arg(code).env("PYTHONHOME", prefix).env("PYTHONPATH", stage.python_path());
    command.env("OWN", &stage.python.path).env("PROGRAM_NAME", program);
    Run::new(command).within(&stage.user)
}

#[test]
fn an_embedders_children_are_started_by_its_python() {
    let mut count = 0;
    for stage in stages() {
        for name in ["uwsgi", "uwsgi-core", "httpd"] {
            let Some(program) = embedder(&stage, name) else { continue };
            run(&stage, &program, CODE).prints("[2, 4]\nTrue\n");
            let code = format!("import sys; sys.executable = ''\n{CODE}");
            run(&stage, &program, &code).prints("[2, 4]\nTrue\n");
            // As under `uwsgi -H`: until it is initialized, it says that it is the Python beside it.
            let code = format!("import sys; sys.executable = {program:?}\n{CODE}");
            run(&stage, &program, &code).env("PROGRAM_NAME", &stage.python.path).prints("[2, 4]\nTrue\n");
            count += 1;
        }
    }
    assert!(count > 0, "no interpreter has a shared library (try: apt install libpython3-dev)");
}

#[test]
fn an_executable_that_the_app_chose_stays() {
    let chosen = "\
import multiprocessing, sys
multiprocessing.set_executable('/chosen')
import service.trans_dh_service
from multiprocessing import spawn, context
print(spawn.get_executable())
";
    for stage in stages() {
        let Some(program) = embedder(&stage, "uwsgi") else { continue };
        let outcome = run(&stage, &program, chosen).run();
        assert!(outcome.succeeded().contains("/chosen"), "{outcome}");
        // Another program that embeds Python may have its reasons.
        let Some(program) = embedder(&stage, "blender") else { continue };
        let code = "from multiprocessing import spawn; print(spawn.get_executable())";
        let outcome = run(&stage, &program, code).run();
        assert!(outcome.succeeded().contains("blender"), "{outcome}");
    }
}

#[test]
fn an_ordinary_python_keeps_its_own() {
    for stage in stages() {
        let code = "import sys; from multiprocessing import spawn; print(spawn.get_executable() in (sys.executable, sys.executable.encode()))";
        stage.tells(code, "True\n");
    }
}
