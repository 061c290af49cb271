#!/usr/bin/env python3
"""Shows that composed policies cost nothing: each X_composed has the instructions of X_written, in whatever order the
compiler has put their blocks, and calls through no pointer.

usage: check_assembly.py COMPILER SOURCE INCLUDE_DIR...
"""
import re
import subprocess
import sys


def bodies(assembly):
    """name -> its instructions in their order, with every label called L."""
    found, name, lines = {}, None, []
    for line in assembly.splitlines():
        line = re.sub(r"\s*(#|//|@).*$", "", line).rstrip()
        label = re.match(r"^(\w+):", line)
        if label:
            name, lines = label[1], []
        elif name and ".cfi_endproc" in line:
            found[name], name = lines, None
        elif name and re.match(r"\s+[a-z]", line):  # a directive begins with a point
            lines.append(re.sub(r"\.L\w+", "L", " ".join(line.split())))
    return found


def main(compiler, source, *includes):
    command = [compiler, "-std=c++20", "-O2", "-DNDEBUG", "-S", "-o", "-", source, *(f"-I{i}" for i in includes)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}\n{done.stderr}")
    found = bodies(done.stdout)
    composed = sorted(name for name in found if name.endswith("_composed"))
    if len(composed) < 2:
        sys.exit(f"check_assembly: found {composed}, expected two pairs")
    for name in composed:
        other = name.replace("_composed", "_written")
        ours, theirs = found[name], found.get(other)
        is_same = theirs is not None and (sorted(ours) == sorted(theirs) or theirs in ([f"jmp {name}"], [f"b {name}"]))
        print(f"{name}: {len(ours)} instructions")
        if not is_same:
            print("\n".join(ours), "\n-- written:\n" + "\n".join(theirs or ["(not there)"]))
            sys.exit(f"check_assembly: {name} is not {other}")
        if any(re.search(r"\b(call|jmp|blr|br)\s+\*", line) for line in ours):
            sys.exit(f"check_assembly: {name} calls through a pointer")


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
