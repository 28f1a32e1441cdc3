//! What pip, conda and compilers say when something can't be installed.

use super::cause::Condition::{AnyLevel, Is, Lacks, Says};
use super::cause::{Cause, Weight};

pub const CAUSES: &[Cause] = &[
    Cause {
        name: "managed-python",
        title: "this Python belongs to the system, and pip may not install into it",
        chinese: "系统自带的 Python 不允许用 pip 安装包",
        means: "Debian 12, Ubuntu 23.04 and later do not let pip change their own Python",
        remedy: "python3 -m venv .venv && .venv/bin/python -m pip install -r requirements.txt; heygem-run finds .venv in the SDK's directory",
        // PEP 668
        rules: &[("error: externally-managed-environment", &[])],
        tells: &["error: externally-managed-environment"],
        ..Cause::ROW
    },
    Cause {
        name: "index-unreachable",
        title: "pip does not reach the package index",
        chinese: "pip 连不上软件源",
        means: "the name is not resolved, a proxy variable names a proxy that does not answer, or the network blocks it; the package and this Python are not the cause",
        remedy: "curl -I https://pypi.org/simple/ says which; a mirror: python -m pip install -i https://pypi.tuna.tsinghua.edu.cn/simple …; a wrong proxy: unset all_proxy ALL_PROXY http_proxy HTTP_PROXY https_proxy HTTPS_PROXY",
        // pip: the last of its retries
        rules: &[("Retrying (Retry(total=0, ", &[AnyLevel, Says(&["/simple/"])])],
        tells: &[
            "WARNING: Retrying (Retry(total=0, connect=None, read=None, redirect=None, status=None)) after connection broken by 'NewConnectionError('<x>: Failed to establish a new connection: [Errno -3] Temporary failure in name resolution')': /simple/flask/",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "no-distribution",
        title: "pip finds no version of '{}' that can be installed here",
        chinese: "pip 找不到可安装的版本",
        means: "no version supports this Python and system, or the index or mirror lacks it or was not reached; the lines above say which",
        remedy: "python --version, and the project's page on pypi.org, tell whether it is for this Python; an older or newer Python may be needed",
        // pip
        follows: &["index-unreachable"],
        rules: &[("No matching distribution found for {word}", &[])],
        tells: &["ERROR: No matching distribution found for onnxruntime-gpu==1.9.0"],
        ..Cause::ROW
    },
    Cause {
        name: "no-compiler",
        title: "a package has to be compiled, and there is no compiler",
        chinese: "缺少编译器",
        means: "pip found no wheel of it for this Python, and builds it from source",
        remedy: "apt-get update && apt-get install -y build-essential python3-dev; in Windows: Microsoft's C++ Build Tools; or a Python for which it has a wheel",
        // setuptools
        rules: &[
            ("Microsoft Visual C++ 14.0 or greater is required", &[]),
            (
                "error: command '{word}' failed: No such file or directory",
                &[Is(&["gcc", "g++", "cc", "x86_64-linux-gnu-gcc"])],
            ),
            (
                "unable to execute '{word}': No such file or directory",
                &[Is(&["gcc", "g++", "cc", "x86_64-linux-gnu-gcc"])],
            ),
        ],
        tells: &[
            "error: Microsoft Visual C++ 14.0 or greater is required. Get it with \"Microsoft C++ Build Tools\"",
            "error: command 'gcc' failed: No such file or directory",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "no-python-headers",
        title: "a package has to be compiled, and Python's headers are not installed",
        chinese: "缺少 Python 头文件",
        means: "pip builds it from source, for which Python.h is needed",
        remedy: "apt-get update && apt-get install -y python3-dev (for another Python: python3.8-dev and the like)",
        // CPython
        rules: &[(
            "fatal error: Python.h: No such file or directory",
            &[Lacks(&["conftest.", "configtest."])],
        )],
        tells: &["src/a.c:1:10: fatal error: Python.h: No such file or directory"],
        silent: &["conftest.c:12:10: fatal error: Python.h: No such file or directory"],
        ..Cause::ROW
    },
    Cause {
        name: "old-build-tools",
        title: "setuptools or pip is too old for this Python",
        chinese: "setuptools/pip 版本过旧，不支持此 Python",
        means: "Python 3.12 removed pkgutil.ImpImporter, which older versions use; a package that requires an old setuptools or numpy needs them",
        remedy: "python -m ensurepip --upgrade && python -m pip install -U pip setuptools wheel; a package that still fails needs an older Python, or a newer version of itself",
        // CPython 3.12: removed
        rules: &[("module 'pkgutil' has no attribute 'ImpImporter'", &[])],
        tells: &[
            "AttributeError: module 'pkgutil' has no attribute 'ImpImporter'. Did you mean: 'zipimporter'?",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "conda-init",
        title: "this shell does not know 'conda activate'",
        chinese: "当前 shell 没有初始化 conda",
        means: "a script's shell reads no ~/.bashrc, where conda init writes",
        remedy: "before it, in the script: source \"$(conda info --base)/etc/profile.d/conda.sh\"; or without activating: heygem-run --python \"$(conda info --base)/envs/human/bin/python\" …",
        // conda: conda init
        rules: &[
            ("Your shell has not been properly configured to use 'conda activate'", &[]),
            ("Run 'conda init' before 'conda activate'", &[]),
        ],
        tells: &[
            "CommandNotFoundError: Your shell has not been properly configured to use 'conda activate'.",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "no-conda-environment",
        title: "there is no conda environment '{}'",
        chinese: "没有这个 conda 环境",
        means: "it has another name, or was made by another conda or user",
        remedy: "conda env list shows those that are there",
        // conda
        rules: &[
            ("Could not find conda environment: {word}", &[]),
            ("EnvironmentLocationNotFound: Not a conda environment: {word}", &[]),
        ],
        tells: &["EnvironmentNameNotFound: Could not find conda environment: human"],
        ..Cause::ROW
    },
    Cause {
        name: "weights-only",
        title: "torch 2.6 and later load only tensors from a file, and this one has more in it",
        chinese: "torch 2.6 起默认 weights_only=True，而文件里不只有张量",
        means: "the default of torch.load changed to weights_only=True; the file is not broken",
        remedy: "for a file that you trust, in the code: torch.load(…, weights_only=False); or a torch before 2.6: python -m pip install 'torch<2.6'",
        // torch 2.6: torch.load
        rules: &[(
            "Weights only load failed",
            &[Lacks(&["operand 118", "operand 60", "operand 10", "operand 13", "nvalid load key"])],
        )],
        tells: &[
            "_pickle.UnpicklingError: Weights only load failed. This file can still be loaded, to do so you have two options",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "no-wheel",
        weight: Weight::Follows,
        title: "a package could not be built",
        chinese: "包编译失败",
        means: "its build failed: the error is further up",
        remedy: "look at the first error above; a Python for which the package has a wheel needs no build",
        // pip
        rules: &[
            ("Failed building wheel for {word}", &[]),
            ("Could not build wheels for {word}", &[]),
            ("Failed to build installable wheels for", &[]),
        ],
        tells: &[
            "ERROR: Could not build wheels for pesq, which is required to install pyproject.toml-based projects",
        ],
        ..Cause::ROW
    },
];
