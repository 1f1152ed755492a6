"""Measures how much memory notebooks take when several run at once (Linux).

    python3 docs/memory.py COUNT COMMAND...

starts the command COUNT times together, adds up the memory of everything it started five times a second, and prints
the most that was seen. What processes share, such as the libraries of lessons, is counted once ("PSS"); what one
user's share would be if the others were not there is printed beside it ("RSS", shared memory counted in full).
"""

import os
import re
import subprocess
import sys
import time


def children():
    below = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat") as file:
                    parent = int(file.read().rsplit(")", 1)[1].split()[1])
            except OSError:
                continue
            below.setdefault(parent, []).append(int(name))
    return below


def tree(top, below):
    found = [top]
    for process in found:
        found.extend(below.get(process, []))
    return found


def memory(process):
    try:
        with open(f"/proc/{process}/smaps_rollup") as file:
            text = file.read()
    except OSError:
        return 0, 0
    kib = {name: int(number) for name, number in re.findall(r"^(Pss|Rss):\s+(\d+)", text, re.M)}
    return kib.get("Pss", 0), kib.get("Rss", 0)


def name(process):
    try:
        with open(f"/proc/{process}/comm") as file:
            return file.read().strip()
    except OSError:
        return "gone"


def main(count, command):
    started = time.time()
    tops = [subprocess.Popen(command, stdout=subprocess.DEVNULL) for _ in range(count)]
    peak, one, parts = 0, 0, {}
    while any(top.poll() is None for top in tops):
        below = children()
        total = 0
        for top in tops:
            whole = 0
            for process in tree(top.pid, below):
                pss, rss = memory(process)
                total += pss
                whole += rss
                label = name(process)
                parts[label] = max(parts.get(label, 0), rss)
            one = max(one, whole)
        peak = max(peak, total)
        time.sleep(0.2)
    failed = sum(top.returncode != 0 for top in tops)
    print(f"{count} at once, {failed} failed, {time.time() - started:.0f} s")
    print(f"all together, at most: {peak / 1024:.0f} MB ({peak / 1024 / count:.0f} MB each)")
    print(f"the largest one alone, at most: {one / 1024:.0f} MB")
    for label, rss in sorted(parts.items(), key=lambda part: -part[1]):
        print(f"  {label}: {rss / 1024:.0f} MB")
    return failed


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2:]))
