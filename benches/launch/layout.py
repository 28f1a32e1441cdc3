#!/usr/bin/env python3
"""Writes launch.ld, which lays the code that a launch runs side by side: `benches/launch/layout.py`.

The kernel maps a program by pieces of 64 KiB, each at a fault. The code of a launch is a seventh of ours, and as the linker lays
it, most pieces have some. valgrind (Debian has it) says what a few usual launches ran, and the linker's map in which input
section that is. The patterns leave out hashes, which are another compiler's. A function that goes by a new name stays where the
linker puts it: nothing breaks, and a launch takes a little longer.
"""

import bisect
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent.parent
SCRIPT = PROJECT / "launch.ld"
# As a usual launch is written: words, and variables.
LAUNCHES = [
    (["--root", "@ROOT", "--", "/bin/true"], {}),
    (["true"], {}),
    (["--", "python3", "-c", "pass"], {"HEYGEM_DIR": "@ROOT", "PYTHONPATH": "/opt/a:/opt/b"}),
    (["-q", "-p", "python3", "app.py", "--port", "1"], {}),
    (["-L", "/opt/cuda", "-p", "python3 -u", "-m", "json.tool", "--help"], {}),
]

# What valgrind does not show: the first instruction and the last, and how libc looks for the kernel's clock.
UNSEEN = [
    f"*{name}.o(.text .text.*)"
    for name in ["crt*", "libc.a:execve", "libc.a:dl-lookup*", "libc.a:dl-vdso*", "libc.a:strcmp*-evex*"]
]


def main():
    valgrind = shutil.which("valgrind")
    if not valgrind:
        sys.exit("layout.py: valgrind is missing: apt-get install valgrind")
    with tempfile.TemporaryDirectory(prefix="heygem-layout-") as directory:
        work = Path(directory)
        program, sections = build(work)
        ran = [{section_of(address, sections) for address in addresses} - {None} for addresses in launches(valgrind, program, work)]
    if not all(ran):
        sys.exit("layout.py: no code in the linker's map was run: only Rust's own linker writes the map that is read here")
    some, always = set.union(*ran), set.intersection(*ran)
    first, rest = ({pattern(name) for name in part} - {None} for part in (always, some - always))
    patterns = UNSEEN + sorted(first) + sorted(rest - first)
    SCRIPT.write_text(script(patterns))
    size = sum(end - start for start, end, name in sections if name in some)
    whole = sum(end - start for start, end, _ in sections)
    print(f"{len(patterns)} patterns; {size // 1024} KiB of the {whole // 1024} of code")


def build(work):
    """The program with its symbols, and its input sections: start, end and name."""
    map_file = work / "map"
    words = ["cargo", "rustc", "--quiet", "--release", "--bin", "heygem-run", "--message-format=json"]
    words += ["--", "-C", f"link-arg=-Wl,--Map={map_file}"]
    variables = {**os.environ, "CARGO_PROFILE_RELEASE_STRIP": "none"}
    said = subprocess.run(words, cwd=PROJECT, env=variables, check=True, stdout=subprocess.PIPE, text=True).stdout
    program = next(filter(None, (json.loads(line).get("executable") for line in said.splitlines())))
    sections = []
    # VMA, LMA, size, alignment, then a file and its section, which symbols have not.
    line = re.compile(r"\s*([0-9a-f]+)\s+[0-9a-f]+\s+([0-9a-f]+)\s+\d+ {9}(\S.*:\(\.text.*\))$")
    for found in filter(None, map(line.match, map_file.read_text().splitlines())):
        start = int(found[1], 16)
        sections.append((start, start + int(found[2], 16), found[3]))
    return program, sorted(sections)


def launches(valgrind, program, work):
    """The addresses of the instructions that each launch ran."""
    root = work / "sdk"
    compiled = "service/trans_dh_service.cpython-38-x86_64-linux-gnu.so"
    for name in ["service/__init__.py", compiled, "landmark2face_wy/__init__.py", "app.py"]:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("")

    def run(number, words, variables):
        said = work / str(number)
        tool = [valgrind, "--tool=callgrind", "--dump-instr=yes", "--compress-pos=no", "--dump-before=execve"]
        subprocess.run(
            [*tool, f"--callgrind-out-file={said}", program, *(word.replace("@ROOT", str(root)) for word in words)],
            cwd=root,
            env={"PATH": "/usr/bin:/bin", "HOME": str(work), "LANG": "C.UTF-8"}
            | {name: value.replace("@ROOT", str(root)) for name, value in variables.items()},
            check=True,
            capture_output=True,
        )
        text = "\n".join(dump.read_text() for dump in work.glob(f"{number}.*"))
        return {int(address, 16) for address in re.findall(r"^0x([0-9a-f]+)", text, re.MULTILINE)}

    # The first launch builds the bridge, and the next lists the names again, since that was only just now.
    for _ in range(2):
        run("before", *LAUNCHES[0])
        time.sleep(0.1)
    return [run(number, *launch) for number, launch in enumerate(LAUNCHES)]


def section_of(address, sections):
    index = bisect.bisect_right(sections, (address + 1,)) - 1
    if index < 0:
        return None
    start, end, name = sections[index]
    return name if start <= address < end else None


def pattern(name):
    """The linker's pattern for an input section, as it is written in any build."""
    file, section = re.fullmatch(r"(.*):\((.*)\)", name).groups()
    archive = re.search(r"(lib\w+\.a)\((.*)\)$", file)
    if archive:
        # valgrind's processor is not this one: the same function for another one is run in its place.
        member = re.sub(r"-(avx|evex).*\.o$", "-*[ae]v*.o", archive[2])
        return f"*{archive[1]}:{member}(.text .text.*)"
    if not section.startswith(".text."):
        return None  # of crt1.o and its like
    symbol = re.sub(r"\.llvm\.\d+$", "*", section)
    symbol = re.sub(r"17h[0-9a-f]{16}E", "17h*", symbol)
    symbol = re.sub(r"Cs[0-9A-Za-z]+_", "Cs*_", symbol)
    return f"*({re.sub(r'[*]+', '*', symbol)})"


def script(patterns):
    lines = "".join(f"    {pattern}\n" for pattern in patterns)
    return f"""/* The code that a launch runs, side by side. Written by benches/launch/layout.py, which says why; given to the linker by build.rs. */
SECTIONS
{{
  .text.launch :
  {{
{lines}  }}
}}
INSERT BEFORE .text;

/* The variables of libc that each start sets, without those of two of its parts, which fill five pages between the others. */
SECTIONS
{{
  .bss.launch (NOLOAD) :
  {{
    *libc.a:*.o(EXCLUDE_FILE(*libc.a:pthread_keys.o *libc.a:register-atfork.o) .bss)
    *libgcc_eh.a:*.o(.bss)
  }}
}}
INSERT BEFORE .bss;
"""


if __name__ == "__main__":
    main()
