#!/usr/bin/env python3
"""Counts the starting states that pass unchanged through heygem-run and through programs like it: `benches/peers.py [NAME=PATH]...`.

A probe says what it was started with, by itself and through each launcher, in every state of tests/fixtures/states.txt: the
table that tests/suite/invisible.rs asserts for heygem-run. Variables that heygem-run is there to set (PYTHONPATH, PWD, HEYGEM_DIR)
do not count for anyone. A name given with a path says where a launcher is, as in uv=/venv/bin/uv.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
FIXTURES = HERE / "tests/fixtures"
SET_BY_US = ("PYTHONPATH=", "PWD=", "HEYGEM_DIR=")
LAUNCHERS = {
    "heygem-run": ["-r", "@ROOT", "--"],
    "env": [],
    "sh": ["-c", 'exec "$@"', "sh"],
    "bash": ["-c", 'exec "$@"', "bash"],
    "uv": ["run", "--no-project", "--offline", "--"],
    "tini": ["-s", "--"],
    "dumb-init": ["--"],
}
SHOWN = {"sh": "`sh -c 'exec \"$@\"'`", "bash": "`bash -c 'exec \"$@\"'`", "uv": "`uv run`"}


def main():
    paths = dict(word.split("=", 1) for word in sys.argv[1:])
    with tempfile.TemporaryDirectory(prefix="heygem-peers-") as directory:
        place = make_place(Path(directory))
        paths.setdefault("heygem-run", build())
        states = [line for line in (FIXTURES / "states.txt").read_text().splitlines() if line and line[0] != "#"]
        direct = {state: report(place, state, []) for state in states}
        reached = [state for state in states if not (state[0] == "?" and direct[state][1] == 97)]
        for state in reached:
            assert direct[state][1] == 0, (state, direct[state])
        print(f"| launcher | unchanged, of {len(reached)} states | what differs, and in how many |\n|---|---|---|")
        for name, words in LAUNCHERS.items():
            program = shutil.which(paths.get(name, name))
            shown = SHOWN.get(name, f"`{name}`")
            if program is None:
                print(f"| {shown} | not installed | |")
                continue
            shutil.copy(program, place / "launcher" / name)  # where an unprivileged state can read it
            words = [word.replace("@ROOT", str(place / "sdk")) for word in words]
            launcher = [str(place / "launcher" / name), name, *words]
            changes = [differences(direct[state], report(place, state, launcher)) for state in reached]
            causes = Counter(key for keys in changes for key in keys)
            told = ", ".join(f"{key} {count}" for key, count in causes.most_common(4))
            print(f"| {shown} | {sum(not keys for keys in changes)} | {told or 'nothing'} |", flush=True)


def build():
    subprocess.run(["cargo", "build", "--release", "--quiet"], cwd=HERE, check=True)
    return str(next((HERE / "target").glob("*/release/heygem-run")))


def make_place(place):
    place.chmod(0o755)
    for directory in "sdk/service", "launcher", "home":
        (place / directory).mkdir(parents=True)
    for name in "__init__.py", "trans_dh_service.py":
        (place / "sdk/service" / name).touch()
    for name in "probe", "start":
        compiler = ["cc", "-static", "-O1", "-o", str(place / name), str(FIXTURES / f"{name}.c")]
        subprocess.run(compiler, check=True, stderr=subprocess.DEVNULL)
    return place


def report(place, state, launcher):
    """What the probe said (a list of lines), how it ended, and what came on stderr."""
    steps = state.lstrip("?").split(" ")
    variables = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(place / "home"), "TMPDIR": str(place)}
    file = place / "report"
    if "report" in steps:
        steps.remove("report")
        variables["PROBE_REPORT"] = str(file)
    probe = place / next((step[8:] for step in steps if step.startswith("command=")), "probe")
    if not probe.exists():
        shutil.copy(place / "probe", probe)
    steps = [step for step in steps if not step.startswith("command=")]
    words = [*launcher, str(probe)] if launcher else [str(probe), str(probe)]
    process = subprocess.Popen(
        [str(place / "start"), *steps, "--", *words],
        cwd=place / "sdk", env=variables, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )
    try:
        out, err = process.communicate(timeout=60)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
    if file.exists():
        out += file.read_bytes()
        file.unlink()
    lines = out.decode("ascii", "replace").replace(f"pid={process.pid}\n", "pid=own\n", 1).splitlines()
    kept = [line for line in lines if not line.startswith(tuple("env=" + name for name in SET_BY_US))]
    return kept, process.returncode, err


def differences(direct, launched):
    if not launched[0] or not launched[0][0].startswith("pid="):
        return {"not started"}
    keys = {line.split("=", 1)[0] for line in set(direct[0]) ^ set(launched[0])}
    if not keys and direct[0] != launched[0]:
        keys.add("order")
    return keys | ({"exit code"} if direct[1] != launched[1] else set()) | ({"stderr"} if direct[2] != launched[2] else set())


main()
