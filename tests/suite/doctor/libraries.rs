//! What the loader is asked for, and what it finds.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use super::Subject;
use crate::support::build::{checked, expect};
use crate::support::venv::bare_venv;

/// A compiler of shared objects, and an object that has what its users ask for.
fn cc() -> Command {
    let mut cc = Command::new("cc");
    cc.args(["-shared", "-fPIC", "-O0", "-w"]);
    cc
}

fn make_library(site: &Subject, path: &str) -> PathBuf {
    let source = site.place.write("tmp/library.c", "int used(void) { return 0; }\n");
    let path = site.place.path(path);
    site.place.make_dir(path.parent().expect("a directory"));
    let name = path.file_name().and_then(|name| name.to_str()).expect("a name");
    checked(cc().arg(format!("-Wl,-soname,{name}")).arg(source).arg("-o").arg(&path));
    path
}

/// A compiled module of the SDK that is linked with libcudnn, which is there.
fn needs_cudnn(site: &Subject, library: &str) {
    let module = "\
#include <Python.h>
int used(void);
static struct PyModuleDef definition = { PyModuleDef_HEAD_INIT, \"user\" };
PyMODINIT_FUNC PyInit_user(void) { used(); return PyModule_Create(&definition); }
";
    let module = site.place.write("tmp/user.c", module);
    let library = make_library(site, library);
    let name = format!("y_utils/user{}", site.python.ext_suffix);
    checked(
        cc().arg("-I")
            .arg(&site.python.include)
            .arg(module)
            .arg(&library)
            .arg("-o")
            .arg(site.root.join(name)),
    );
    site.place.write("app/sdk/service/__init__.py", "import y_utils.user\n");
}

#[test]
fn a_gpu_provider_that_falls_back_to_the_cpu() {
    let site = Subject::new();
    checked(Command::new("cp").arg("-a").arg(bare_venv(site.python)).arg(site.place.path("app/.venv")));
    let packages = format!("app/.venv/lib/{}/site-packages", site.versioned());
    let library = make_library(&site, &format!("{packages}/nvidia/cublas/lib/libcublasLt.so.11"));
    let user = site.place.write("tmp/provider.c", "int used(void);\nint provider(void) { return used(); }\n");
    // What nobody asks for may lack what it likes.
    for name in ["libonnxruntime_providers_cuda.so", "libonnxruntime_providers_tensorrt.so"] {
        let object = site.place.path(format!("{packages}/onnxruntime/capi/{name}"));
        site.place.make_dir(object.parent().expect("a directory"));
        checked(cc().arg(&user).arg(&library).arg("-o").arg(object));
    }
    site.has_and_mends("warn", "libraries", "the loader does not find libcublasLt.so.11, which ");
}

#[test]
fn a_library_that_the_loader_does_not_find() {
    let mut site = Subject::new();
    needs_cudnn(&site, "conda/lib/libcudnn.so.8");
    site.place.link(site.python.path.clone(), format!("conda/bin/{}", site.versioned()));
    site.place.link(site.versioned(), "conda/bin/python");
    let conda = site.at("conda");
    site.set("CONDA_PREFIX", conda);
    site.has_and_mends("fail", "libraries", "the loader does not find libcudnn.so.8");
}

#[test]
fn a_module_that_is_cut_short() {
    let mut site = Subject::new();
    let file = site.root.join(format!("service/server{}", site.python.ext_suffix));
    let whole = expect(fs::read(&file), "read", &file);
    site.place.write(&file, &whole[..whole.len() / 2]);
    site.is_mended_after("fail", "libraries", "it is cut short", |site, _| {
        site.place.write(&file, &whole);
    });
}

#[test]
fn a_module_from_a_newer_system() {
    let mut site = Subject::new();
    let module = site.root.join(format!("service/server{}", site.python.ext_suffix));
    let whole = expect(fs::read(&module), "read", &module);
    let library = site.place.write("tmp/library.c", "int future(void) { return 0; }\n");
    let map = site.place.write("tmp/map", "GLIBC_2.99 { global: future; };\n");
    let newer = site.place.path("tmp/libc.so.6");
    checked(
        cc().args(["-nostdlib", "-Wl,-soname,libc.so.6"])
            .arg(format!("-Wl,--version-script={}", map.display()))
            .arg(&library)
            .arg("-o")
            .arg(&newer),
    );
    let user =
        site.place.write("tmp/user.c", "int future(void);\nint PyInit_server(void) { return future(); }\n");
    checked(cc().arg("-nostdlib").arg(&user).arg(&newer).arg("-o").arg(&module));
    site.is_mended_after("fail", "abi", "needs glibc 2.99, and here is 2.", |site, remedy| {
        assert_eq!(remedy, "take an image that has glibc 2.99 or later");
        site.place.write(&module, &whole);
    });
}

#[test]
fn a_script_that_sets_the_loaders_path_for_itself() {
    let mut site = Subject::new();
    site.place.write("app/app.py", "import os\nos.environ['LD_LIBRARY_PATH'] = '/usr/local/cuda/lib64'\n");
    site.words(["app.py"]);
    site.is_mended_after("warn", "libraries", "line 2, sets LD_LIBRARY_PATH: too late", |site, _| {
        site.place.write("app/app.py", "import os\n");
    });
}
