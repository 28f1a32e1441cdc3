//! Compiled modules, libraries, packages and the GPU's.

use super::staged::{Mends, PLAIN, Staged, all};

#[test]
fn modules_that_can_not_be_loaded() {
    all(&[
        Staged {
            name: "empty",
            stage: ": > $ROOT/h_utils/custom$SUFFIX",
            says: &["h_utils/custom$SUFFIX", "file too short"],
            remedy: Mends::Words("copy it again"),
            ..PLAIN
        },
        Staged {
            name: "of_32_bits",
            stage: "printf '\\001' | dd of=$ROOT/h_utils/custom$SUFFIX bs=1 seek=4 conv=notrunc 2>/dev/null",
            says: &["h_utils/custom$SUFFIX", "another machine"],
            remedy: Mends::Words("built for this machine"),
            ..PLAIN
        },
        Staged {
            name: "kills",
            stage: "printf 'void die(void){*(volatile int*)0=1;}\\nint PyInit_custom(void){die();return 0;}' > $APP/../c.c; cc -shared -fPIC -w $APP/../c.c -o $ROOT/h_utils/custom$SUFFIX",
            says: &["signal 11", "h_utils/custom$SUFFIX"],
            remedy: Mends::Words("copy"),
            ..PLAIN
        },
        Staged {
            name: "glibcxx",
            stage: "echo 'int f(void){return 0;}' > ../l.c; echo 'GLIBCXX_3.4.99 { global: f; };' > ../m; mkdir ../new ../old; \
                cc -shared -fPIC -Wl,-soname,libstdc++.so.6 -Wl,--version-script=../m ../l.c -o ../new/libstdc++.so.6; \
                echo 'int f(void); int PyInit_custom(void){return f();}' > ../u.c; \
                cc -shared -fPIC -w ../u.c ../new/libstdc++.so.6 -o $ROOT/h_utils/custom$SUFFIX; \
                echo 'GLIBCXX_3.4 { global: f; };' > ../m; \
                cc -shared -fPIC -Wl,-soname,libstdc++.so.6 -Wl,--version-script=../m ../l.c -o ../old/libstdc++.so.6; \
                cp -r ../new ../sys; printf 'int f(void);\\n#include <Python.h>\\nstatic struct PyModuleDef d={PyModuleDef_HEAD_INIT,\"custom\"};PyMODINIT_FUNC PyInit_custom(void){f();PyObject*m=PyModule_Create(&d);PyObject*e=PyErr_NewException(\"custom.CustomError\",0,0);PyModule_AddObject(m,\"CustomError\",e);return m;}' > ../u.c; \
                cc -shared -fPIC -w -I$($PYTHON -c 'import sysconfig;print(sysconfig.get_path(\"include\"))') ../u.c -Wl,-rpath,$(realpath ../new) ../new/libstdc++.so.6 -o $ROOT/h_utils/custom$SUFFIX",
            set: &[("LD_LIBRARY_PATH", "$APP/../old")],
            says: &["old/libstdc++.so.6", "GLIBCXX_3.4.99", "LD_LIBRARY_PATH hides"],
            remedy: Mends::Line("unset LD_LIBRARY_PATH"),
            ..PLAIN
        },
        Staged {
            name: "untagged",
            stage: "cd $ROOT; find . -name \"*$SUFFIX\" | while read f; do mv $f ${f%$SUFFIX}.so; done",
            words: "$NEWEST $APP/app.py",
            says: &["another Python"],
            remedy: Mends::Typed,
            ..PLAIN
        },
    ]);
}

#[test]
fn packages_that_are_damaged() {
    all(&[
        Staged {
            name: "listed_and_gone",
            stage: "venv; mkdir $SITE/numpy-1.21.6.dist-info; echo numpy > $SITE/numpy-1.21.6.dist-info/top_level.txt; sed -i '1i import numpy' app.py",
            words: ".venv/bin/python app.py",
            says: &["app.py, line 1 imports numpy", "which pip lists as installed"],
            remedy: Mends::Words("-m pip install --force-reinstall --no-deps 'numpy==1.21.6'"),
            ..PLAIN
        },
        Staged {
            name: "part_of_another_version",
            stage: "venv; mkdir $SITE/moviepy; echo > $SITE/moviepy/__init__.py; sed -i '1i import moviepy.editor' app.py",
            words: ".venv/bin/python app.py",
            says: &["imports moviepy.editor, which", "site-packages/moviepy does not have"],
            remedy: Mends::Words("$APP/.venv/bin/python -m pip install moviepy==1.0.3"),
            ..PLAIN
        },
        Staged {
            name: "part_that_is_pinned",
            stage: "venv; mkdir $SITE/flask_x; echo > $SITE/flask_x/__init__.py; sed -i '1i import flask_x.ext' app.py; echo 'flask_x==1.2' > requirements.txt",
            words: ".venv/bin/python app.py",
            says: &["imports flask_x.ext, which", "site-packages/flask_x does not have"],
            remedy: Mends::Words("-m pip install 'flask_x==1.2'"),
            ..PLAIN
        },
        Staged {
            name: "of_another_system",
            stage: "venv; mkdir $SITE/numpy $SITE/numpy-1.21.6.dist-info; head -c 4096 /dev/zero | tr '\\0' x > $SITE/numpy/_core$SUFFIX; echo 'from . import _core' > $SITE/numpy/__init__.py; sed -i '1i import numpy' app.py",
            words: ".venv/bin/python app.py",
            says: &["numpy/_core$SUFFIX can't be loaded: invalid ELF header"],
            remedy: Mends::Words("-m pip install --force-reinstall --no-deps 'numpy==1.21.6'"),
            ..PLAIN
        },
        Staged {
            name: "of_another_python",
            stage: "mkdir -p ../conda/lib/python3.7/site-packages/numpy; : > ../conda/lib/python3.7/site-packages/numpy/_core.cpython-37m-x86_64-linux-gnu.so; echo 'from . import _core' > ../conda/lib/python3.7/site-packages/numpy/__init__.py; sed -i '1i import numpy' app.py",
            set: &[("PYTHONPATH", "$APP/../conda/lib/python3.7/site-packages")],
            says: &["packages of Python 3.7"],
            remedy: Mends::Words("unset PYTHONPATH"),
            ..PLAIN
        },
        Staged {
            name: "beside_its_capi",
            stage: "venv; mkdir -p $SITE/onnxruntime/capi onnxruntime; echo > $SITE/onnxruntime/capi/__init__.py; echo > $SITE/onnxruntime/__init__.py; echo 'from onnxruntime.capi import _pybind_state' > onnxruntime/__init__.py; sed -i '1i import onnxruntime' app.py",
            words: ".venv/bin/python app.py",
            says: &["$APP/onnxruntime hides the installed package onnxruntime"],
            ..PLAIN
        },
        Staged {
            name: "a_desktops_library",
            stage: "venv; mkdir $SITE/cv2; echo 'int f(void){return 0;}' > ../l.c; cc -shared -fPIC -Wl,-soname,libGL_x.so.1 ../l.c -o ../libGL_x.so.1; echo 'int f(void); int PyInit_cv2(void){return f();}' > ../u.c; cc -shared -fPIC -w ../u.c ../libGL_x.so.1 -o $SITE/cv2/cv2$SUFFIX; echo 'from .cv2 import *' > $SITE/cv2/__init__.py; sed -i '1i import cv2' app.py",
            words: ".venv/bin/python app.py",
            says: &["libGL_x.so.1", "cv2/cv2$SUFFIX needs"],
            remedy: Mends::Words("opencv-python-headless"),
            ..PLAIN
        },
        Staged {
            name: "of_the_driver",
            stage: "venv; mkdir $SITE/cupy_x; echo 'int f(void){return 0;}' > ../l.c; cc -shared -fPIC -Wl,-soname,libnvidia-x.so.1 ../l.c -o ../libnvidia-x.so.1; echo 'int f(void); int PyInit_core(void){return f();}' > ../u.c; cc -shared -fPIC -w ../u.c ../libnvidia-x.so.1 -o $SITE/cupy_x/core$SUFFIX; echo 'from . import core' > $SITE/cupy_x/__init__.py; sed -i '1i import cupy_x' app.py",
            words: ".venv/bin/python app.py",
            says: &["libnvidia-x.so.1"],
            remedy: Mends::Words("docker run --gpus all"),
            ..PLAIN
        },
        Staged {
            name: "without_site",
            stage: "venv; echo > $SITE/flask_x.py; sed -i '1i import flask_x' app.py",
            words: ".venv/bin/python -S $APP/app.py",
            says: &["imports flask_x, and -S keeps every installed package off the path"],
            remedy: Mends::Line("heygem-run -- $APP/.venv/bin/python $APP/app.py"),
            ..PLAIN
        },
        Staged {
            name: "in_the_environment_that_is_named",
            stage: "venv; mv .venv ../env; echo > ../env/lib/$PY/site-packages/flask_x.py; sed -i '1i import flask_x' app.py",
            set: &[("CONDA_PREFIX", "$APP/../env")],
            words: "$PY $APP/app.py",
            says: &["imports flask_x", "(CONDA_PREFIX) has"],
            ..PLAIN
        },
        Staged {
            name: "a_symbol_hidden",
            stage: "venv; mkdir ../old; echo 'int f(void){return 0;}' > ../l.c; cc -shared -fPIC -Wl,-soname,libused.so.1 ../l.c -o ../old/libused.so.1; mkdir ../new; echo 'int used(void){return 0;}' > ../l.c; cc -shared -fPIC -Wl,-soname,libused.so.1 ../l.c -o ../new/libused.so.1; printf '#include <Python.h>\\nint used(void);static struct PyModuleDef d={PyModuleDef_HEAD_INIT,\"user_x\"};PyMODINIT_FUNC PyInit_user_x(void){used();return PyModule_Create(&d);}' > ../u.c; cc -shared -fPIC -w -I$($PYTHON -c 'import sysconfig;print(sysconfig.get_path(\"include\"))') ../u.c -Wl,--enable-new-dtags,-rpath,$(realpath ../new) ../new/libused.so.1 -o $SITE/user_x$SUFFIX; sed -i '1i import user_x' app.py",
            words: ".venv/bin/python app.py",
            set: &[("LD_LIBRARY_PATH", "$APP/../old")],
            says: &["used, which no loaded library defines", "LD_LIBRARY_PATH hides"],
            remedy: Mends::Line("unset LD_LIBRARY_PATH"),
            ..PLAIN
        },
        Staged {
            name: "package_of_the_sdk_gone",
            stage: "rm -r $ROOT/y_utils",
            says: &["is not whole: it has no y_utils"],
            remedy: Mends::Words("copy the SDK again"),
            ..PLAIN
        },
    ]);
}

#[test]
fn packages_that_lack_something() {
    all(&[
        Staged {
            name: "entry_imports_absent",
            stage: "venv; sed -i '1i import einops' app.py",
            words: ".venv/bin/python app.py",
            says: &["app.py, line 1 imports einops", "No module named 'einops'"],
            remedy: Mends::Words("$APP/.venv/bin/python -m pip install einops"),
            ..PLAIN
        },
        Staged {
            name: "several_absent",
            stage: "venv; sed -i '1i import einops, tqdm\\nimport cv2' app.py",
            words: ".venv/bin/python app.py",
            says: &["einops, tqdm, cv2"],
            remedy: Mends::Words("-m pip install einops tqdm opencv-python-headless"),
            ..PLAIN
        },
        Staged {
            name: "sdk_late",
            stage: "echo 'import einops' > $ROOT/wenet/__init__.py; sed -i '1i import wenet' app.py",
            says: &["wenet/__init__.py", "einops"],
            remedy: Mends::Words("-m pip install einops"),
            ..PLAIN
        },
        Staged {
            name: "own_module_deep",
            stage: "mkdir api; echo > api/__init__.py; echo 'from . import deep' > api/views.py; echo 'import loguru' > api/deep.py; sed -i '1i import api.views' app.py",
            says: &["api/deep.py, line 1 imports loguru"],
            remedy: Mends::Words("-m pip install loguru"),
            ..PLAIN
        },
        Staged {
            name: "nobody_knows",
            stage: "sed -i '1i import our_company_things' app.py",
            says: &["our_company_things"],
            remedy: Mends::Words("beside the SDK"),
            ..PLAIN
        },
        Staged {
            name: "pinned_in_requirements",
            stage: "echo 'einops==0.4.1' > requirements.txt; sed -i '1i import einops' app.py",
            says: &["einops"],
            remedy: Mends::Words("-m pip install 'einops==0.4.1'"),
            ..PLAIN
        },
        Staged {
            name: "pin",
            stage: "venv; mkdir $SITE/numpy-1.24.4.dist-info; echo numpy > $SITE/numpy-1.24.4.dist-info/top_level.txt; echo numpy==1.21.6 > $ROOT/requirements.txt",
            words: ".venv/bin/python app.py",
            status: "warn",
            says: &["numpy 1.24.4", "numpy==1.21.6"],
            remedy: Mends::Words("-m pip install 'numpy==1.21.6'"),
            ..PLAIN
        },
        Staged {
            name: "pin_of_a_file_that_is_named",
            stage: "venv; mkdir $SITE/numpy-1.24.4.dist-info; echo numpy > $SITE/numpy-1.24.4.dist-info/top_level.txt; echo '-r base.txt' > $ROOT/requirements.txt; printf -- '-r requirements.txt\\nnumpy==1.21.6\\n' > $ROOT/base.txt",
            words: ".venv/bin/python app.py",
            status: "warn",
            says: &["numpy 1.24.4", "numpy==1.21.6"],
            remedy: Mends::Words("-m pip install 'numpy==1.21.6'"),
            ..PLAIN
        },
        Staged {
            name: "pin_explains",
            stage: "venv; mkdir -p $SITE/protobuf-5.29.0.dist-info $SITE/google/protobuf; echo protobuf==4.21.5 > $ROOT/requirements.txt; echo 'raise TypeError(\"Descriptors cannot be created directly.\")' > $SITE/google/protobuf/__init__.py; sed -i '1i import google.protobuf' app.py",
            words: ".venv/bin/python app.py",
            says: &["protobuf 5.29.0", "protobuf==4.21.5"],
            remedy: Mends::Words("protobuf==4.21.5"),
            ..PLAIN
        },
        Staged {
            name: "nested_library",
            stage: "venv; mkdir -p $SITE/torchaudio/lib; echo 'int f(void){return 0;}' > ../l.c; cc -shared -fPIC -Wl,-soname,libaudio_x.so.1 ../l.c -o ../libaudio_x.so.1; echo 'int f(void); int g(void){return f();}' > ../u.c; cc -shared -fPIC -w ../u.c ../libaudio_x.so.1 -o $SITE/torchaudio/lib/libtorchaudio.so; printf 'import ctypes, os\\nctypes.CDLL(os.path.join(os.path.dirname(__file__), \"lib/libtorchaudio.so\"))\\n' > $SITE/torchaudio/__init__.py; sed -i '1i import torchaudio' app.py",
            words: ".venv/bin/python app.py",
            says: &["libaudio_x.so.1"],
            remedy: Mends::Words("libaudio_x.so.1"),
            ..PLAIN
        },
    ]);
}

#[test]
fn packages_that_run_on_the_cpu_beside_a_gpu() {
    all(&[
        Staged {
            name: "torch_cpu",
            stage: "printf '#!/bin/sh\\necho RTX\\n' > $BIN/nvidia-smi; chmod +x $BIN/nvidia-smi; venv; mkdir $SITE/torch-1.11.0+cpu.dist-info",
            words: ".venv/bin/python app.py",
            status: "warn",
            says: &["torch 1.11.0+cpu"],
            remedy: Mends::Words("CUDA"),
            ..PLAIN
        },
        Staged {
            name: "ort_both",
            stage: "printf '#!/bin/sh\\necho RTX\\n' > $BIN/nvidia-smi; chmod +x $BIN/nvidia-smi; venv; mkdir $SITE/onnxruntime-1.15.0.dist-info $SITE/onnxruntime_gpu-1.15.0.dist-info",
            words: ".venv/bin/python app.py",
            status: "warn",
            says: &["onnxruntime and onnxruntime-gpu"],
            remedy: Mends::Words("uninstall -y onnxruntime onnxruntime-gpu"),
            ..PLAIN
        },
        Staged {
            name: "hidden_devices",
            stage: "printf '#!/bin/sh\\necho RTX\\n' > $BIN/nvidia-smi; chmod +x $BIN/nvidia-smi",
            set: &[("CUDA_VISIBLE_DEVICES", "-1")],
            status: "warn",
            says: &["CUDA_VISIBLE_DEVICES"],
            remedy: Mends::Line("unset CUDA_VISIBLE_DEVICES"),
            ..PLAIN
        },
    ]);
}
