#!/usr/bin/env python3
"""Writes launch.ld, which lays the code that a launch runs side by side: `benches/launch/layout.py`.

The kernel maps a program by pieces of 64 KiB, each at a fault. The code of a launch is a seventh of ours, and as the linker lays
it, most pieces have some. valgrind (Debian has it) says what a few usual launches ran, and the linker's map in which input
section that is. The patterns leave out hashes, which are another compiler's. A function that goes by a new name stays where the
linker puts it: nothing breaks, and a launch takes a little longer.
"""

import bisect
import os
import re
import subprocess
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
    with tempfile.TemporaryDirectory(prefix="heygem-layout-") as directory:
        work = Path(directory)
        program, sections = build(work)
        ran = [{section_of(address, sections) for address in addresses} - {None} for addresses in launches(program, work)]
    ran = ran[2:]  # the first two build the bridge, and see that it is settled
    always = set.intersection(*ran)
    parts = [sorted(filter(None, {pattern(name) for name in part})) for part in (always, set.union(*ran) - always)]
    SCRIPT.write_text(script(UNSEEN + parts[0] + [pattern for pattern in parts[1] if pattern not in parts[0]]))
    size = sum(end - start for start, end, name in sections if name in set.union(*ran))
    print(f"{sum(map(len, parts))} patterns; {size // 1024} KiB of the {sum(end - start for start, end, _ in sections) // 1024} of code")


def build(work):
    """The program with its symbols, as the linker lays it by itself, and its input sections: start, end and name."""
    map_file = work / "map"
    SCRIPT.write_text(script([]))
    words = ["cargo", "rustc", "--quiet", "--release", "--bin", "heygem-run", "--", "-C", f"link-arg=-Wl,--Map={map_file}"]
    subprocess.run(words, cwd=PROJECT, env={**os.environ, "CARGO_PROFILE_RELEASE_STRIP": "none"}, check=True)
    sections = []
    # VMA, LMA, size, alignment, then a file and its section, which symbols have not.
    line = re.compile(r"\s*([0-9a-f]+)\s+[0-9a-f]+\s+([0-9a-f]+)\s+\d+ {9}(\S.*:\(\.text.*\))$")
    for found in filter(None, map(line.match, map_file.read_text().splitlines())):
        start = int(found[1], 16)
        sections.append((start, start + int(found[2], 16), found[3]))
    program = work / "heygem-run"
    program.write_bytes(next((PROJECT / "target").glob("*/release/heygem-run")).read_bytes())
    program.chmod(0o755)
    return program, sorted(sections)


def launches(program, work):
    """The addresses of the instructions that each launch ran."""
    root = work / "sdk"
    for name in ["service/__init__.py", "service/trans_dh_service.cpython-38-x86_64-linux-gnu.so", "landmark2face_wy/__init__.py", "app.py"]:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("")
    for number, (words, variables) in enumerate(LAUNCHES[:1] * 2 + LAUNCHES):
        said = work / str(number)
        tool = ["valgrind", "--tool=callgrind", "--dump-instr=yes", "--compress-pos=no", "--dump-before=execve"]
        subprocess.run(
            [*tool, f"--callgrind-out-file={said}", program, *(word.replace("@ROOT", str(root)) for word in words)],
            cwd=root,
            env={"PATH": "/usr/bin:/bin", "HOME": str(work), "LANG": "C.UTF-8"}
            | {name: value.replace("@ROOT", str(root)) for name, value in variables.items()},
            check=True,
            capture_output=True,
        )
        text = "\n".join(dump.read_text() for dump in work.glob(f"{number}.*"))
        time.sleep(0.1)  # a bridge that was built only just now is listed once more
        yield {int(address, 16) for address in re.findall(r"^0x([0-9a-f]+)", text, re.MULTILINE)}


def section_of(address, sections):
    index = bisect.bisect_right(sections, (address + 1,)) - 1
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

/* Between variables of libc that each start sets lie five pages that it leaves alone. */
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
