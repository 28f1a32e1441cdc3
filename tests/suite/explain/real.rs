//! What real interpreters and shells say when it goes wrong, and what is made of it.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::causes;
use crate::support::build::expect;
use crate::support::methods::METHODS;
use crate::support::place::Place;
use crate::support::pythons::{Python, pythons};
use crate::support::sdk::install_sdk;

/// Row, code for Python, causes. What a parent says of its dead child is a cause, too.
const CODE: &[(u8, &str, &[&str])] = &[
    (3, "import queue; queue.Queue().get(timeout=0.01)", &["child-died"]),
    (5, "import h_hidden.trans_dh_service", &["shadowed"]),
    (6, "import service", &["sdk-not-on-path"]),
    (8, "from typeguard import check_argument_types", &["typeguard"]),
    (9, "import cv2", &["missing-package"]),
    (10, "import ctypes; ctypes.CDLL('libcudnn.so.9')", &["cuda-library"]),
    (10, "import ctypes; ctypes.CDLL('libnone-such.so.9')", &["system-library"]),
    (16, "import subprocess; subprocess.run(['ffprobe'], env={'PATH': '/nowhere'})", &["no-ffmpeg"]),
    (18, "open('config/config.ini')", &["wrong-directory"]),
    (18, "import configparser; configparser.ConfigParser().get('log', 'a')", &["wrong-directory"]),
    (19, "import logging; logging.FileHandler('./log/dh.log')", &["not-writable"]),
    (20, "import pickle; pickle.loads(b'<html>')", &["broken-model"]),
    (22, "import argparse; argparse.ArgumentParser().parse_args(['--port', '1'])", &["child-arguments"]),
    (
        25,
        "import socket\na = socket.create_server(('127.0.0.1', 0))\nsocket.create_server(a.getsockname())",
        &["port-in-use"],
    ),
    (
        29,
        "import multiprocessing as m; m.set_start_method('spawn'); m.set_start_method('fork')",
        &["start-method"],
    ),
];

/// Row, script for a file, causes.
const SCRIPTS: &[(u8, &str, &[&str])] = &[
    (21, "import os\nos.chdir('/data/HeyGem')\n", &["container-path"]),
    (
        30,
        "import multiprocessing as m\nm.get_context('spawn').Process(target=print).start()\n",
        &["main-guard"],
    ),
];

/// Row, script for a shell, causes.
const SHELL: &[(u8, &str, &[&str])] = &[
    (16, "ffmpeg-none || ffmpeg", &["no-command", "no-ffmpeg"]),
    (24, "gunicorn app:app", &["no-command"]),
    (26, "./run.sh", &["not-executable"]),
    (27, "sh -c 'kill -BUS $$'; true", &["shm-full"]),
    (33, "sh -c 'kill -KILL $$'; true", &["out-of-memory"]),
];

/// Oldest and newest: what they say changes.
fn ends() -> impl Iterator<Item = &'static Python> {
    let all = pythons();
    [all.first(), all.last().filter(|_| all.len() > 1)].into_iter().flatten()
}

/// All it says.
fn log(mut command: Command) -> Vec<u8> {
    let output = command.stdin(Stdio::null()).output().expect("run it");
    [output.stdout, output.stderr].concat()
}

#[track_caller]
fn is_explained(place: &Place, row: u8, command: Command, expected: &[&str]) {
    let told = format!("{command:?}");
    let log = log(command);
    assert_eq!(causes(place, &log), expected, "row {row}: {told}:\n{}", String::from_utf8_lossy(&log));
}

#[test]
fn messages_of_python_are_explained() {
    let place = Place::new();
    place.write("typeguard.py", "");
    place.write("h_hidden.py", "");
    for python in ends() {
        // Since 3.13 Python paints its tracebacks.
        for colour in ["0", "1"] {
            for (row, code, expected) in CODE {
                let mut command = place.command(&python.path);
                command.env("PYTHON_COLORS", colour).args(["-c", code]);
                is_explained(&place, *row, command, expected);
            }
        }
        for (row, script, expected) in SCRIPTS {
            let mut command = place.command(&python.path);
            command.arg(place.write("script.py", script));
            is_explained(&place, *row, command, expected);
        }
    }
}

#[test]
fn messages_of_shells_are_explained() {
    let place = Place::new();
    place.write("run.sh", "");
    // No tool of the machine's, which may have ffmpeg.
    let bin = place.make_dir("bin");
    expect(symlink("/bin/sh", bin.join("sh")), "make a link in", &bin);
    for shell in ["/bin/bash", "/bin/sh"] {
        for (row, script, expected) in SHELL {
            let mut command = place.command(shell);
            command.env("PATH", &bin).args(["-c", script]);
            is_explained(&place, *row, command, expected);
        }
    }
}

/// A Python in the SDK's directory, with these entries of PYTHONPATH.
fn in_sdk(place: &Place, python: &Python, path: &[PathBuf], words: &[impl AsRef<OsStr>]) -> Command {
    let mut command = place.command(&python.path);
    let path = env::join_paths(path).expect("no colon in a path");
    command.current_dir(place.path("sdk")).env("PYTHONPATH", path).args(words);
    command
}

/// The SDK's objects, sent to children as real services do.
fn children_are_explained(place: &Place, python: &Python) {
    let root = place.path("sdk");
    let found_in = |path: &[PathBuf], way: &str| {
        let output = log(in_sdk(place, python, path, &[METHODS, way]));
        (causes(place, &output), String::from_utf8_lossy(&output).into_owned())
    };
    for way in ["spawn", "executor", "manager"] {
        let (found, output) = found_in(&[root.clone(), place.dir.clone()], way);
        assert_eq!(found.first().map(|name| &**name), Some("bare-name"), "{output}");
        assert!(found[1..].iter().all(|name| name == "child-died"), "{found:?}");
    }
    // A bare name that is known only by who asks for it.
    place.write(
        "bridge/trans_dh_service.py",
        "import sys, service.trans_dh_service as m\nsys.modules[__name__] = m\n",
    );
    let (found, _) = found_in(&[root.clone(), place.dir.clone(), place.path("bridge")], "exception");
    assert_eq!(found.first().map(|name| &**name), Some("bare-name"), "{found:?}");
    let (found, _) = found_in(&[root.clone(), root.join("service")], "spawn");
    assert_eq!(found.first().map(|name| &**name), Some("package-directory"), "{found:?}");
}

/// Imports that fail, each by another fault of the SDK's files. They stay as the last one left them.
fn imports_are_explained(place: &Place, python: &Python) {
    let root = place.path("sdk");
    let import = ["-c", "import service.trans_dh_service"];
    let run = |words: &[&str]| in_sdk(place, python, &[root.clone(), place.dir.clone()], words);
    let custom = root.join("h_utils").join(format!("custom{}", python.ext_suffix));
    let other = place.path(format!("other{}", python.ext_suffix));
    expect(fs::copy(&custom, &other), "copy", &custom);
    let renamed = in_sdk(place, python, std::slice::from_ref(&place.dir), &["-c", "import other"]);
    is_explained(place, 32, renamed, &["other-python"]);
    let module = root.join("service").join(format!("trans_dh_service{}", python.ext_suffix));
    expect(fs::write(&module, ""), "empty", &module);
    is_explained(place, 20, run(&import), &["broken-model"]);
    let tagged = module.with_file_name("trans_dh_service.cpython-36m-x86_64-linux-gnu.so");
    expect(fs::rename(&module, &tagged), "rename", &module);
    is_explained(place, 4, run(&import), &["sdk-module"]);
    is_explained(place, 6, run(&["-I", import[0], import[1]]), &["sdk-not-on-path"]);
}

#[test]
fn failures_of_the_sdk_are_explained() {
    for python in ends() {
        let place = Place::new();
        install_sdk(python, &place.path("sdk"));
        children_are_explained(&place, python);
        imports_are_explained(&place, python);
    }
}

/// All files of a tree that are Python's, one behind the other.
fn source(directory: &Path, all: &mut Vec<u8>) {
    for entry in expect(fs::read_dir(directory), "list", directory) {
        let path = expect(entry, "list", directory).path();
        if path.is_dir() && !path.is_symlink() && !path.ends_with("site-packages") {
            source(&path, all);
        } else if path.extension().is_some_and(|extension| extension == "py") {
            all.extend(expect(fs::read(&path), "read", &path));
        }
    }
}

#[test]
fn the_source_of_the_standard_library_names_no_cause() {
    let place = Place::new();
    for python in ends() {
        let mut command = place.command(&python.path);
        command.args(["-c", "import os; print(os.__file__)"]);
        let file = String::from_utf8(log(command)).expect("text");
        let mut text = Vec::new();
        source(Path::new(file.trim()).parent().expect("a directory"), &mut text);
        assert!(text.len() > 2_000_000, "only {} bytes of source in {file}", text.len());
        assert_eq!(causes(&place, &text), [""; 0], "{}", python.path.display());
    }
}
