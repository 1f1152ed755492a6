"""What a call costs in time: bare `reqwest`, this crate, OpenAI's Python SDK and LiteLLM's, in one run, one table.

    python3 benches/calls.py [ROUNDS]

All ask one server on loopback, a process of its own, and take turns: `cargo bench --bench speed`, then each SDK, ROUNDS
times (3). The figures are medians over the rounds. The two SDKs need the environments that benches/README.md names.
"""

import json
import pathlib
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
BENCH = ["cargo", "bench", "--quiet", "--locked", "--bench", "speed", "--"]
SDKS = {"openai": ROOT / "target/bench", "litellm": ROOT / "target/bench-litellm"}


def output(command):
    return json.loads(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)


def interpreter(home):
    for place in (home / "bin" / "python", home / "Scripts" / "python.exe"):
        if place.exists():
            return str(place)
    sys.exit(f"{home} is missing: make it as benches/README.md says")


def measured(rounds):
    """Every figure of every round, by name."""
    pythons = {name: interpreter(home) for name, home in SDKS.items()}
    # The first `measure` would else count its own compilation among the rounds.
    server = subprocess.Popen([*BENCH, "serve"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        url = server.stdout.readline().strip()
        rust, python = [], {name: [] for name in pythons}
        for _ in range(rounds):
            rust.append(output([*BENCH, "measure", url]))
            words = rust[0]["words"]
            for name, program in pythons.items():
                script = [program, str(HERE / "sdk.py"), name, url, str(words["paced"]), str(words["burst"])]
                python[name].append(output(script))
        return rust, python
    finally:
        server.stdin.close()
        server.wait()


def middle(rounds, *path):
    values = []
    for figures in rounds:
        for key in path:
            figures = figures[key]
        values.append(figures)
    return statistics.median(values)


def rows(rust, python):
    """Title, unit, how many of it a microsecond is, then bare, ours, what is added, and the SDKs."""
    words = rust[0]["words"]

    def sdk(name, key, scale):
        return middle(python[name], key) / scale

    def row(title, path, key, unit, scale, digits, added):
        ours = [middle(rust, *path, side) / scale for side in ("bare", "anymodel")]
        theirs = [sdk(name, key, scale) for name in SDKS]
        numbers = [f"{number:,.{digits}f} {unit}" for number in ours + theirs]
        return [title, *numbers[:2], added, *numbers[2:]]

    yield row("one call", ["call"], "call", "µs", 1, 0, f"{middle(rust, 'call', 'added'):.0f} µs")
    bytes_of = {side: middle(rust, "bytes", side) / 1000 for side in ("bare", "anymodel", "added")}
    yield [
        "memory allocated for it",
        f"{bytes_of['bare']:.1f} KB",
        f"{bytes_of['anymodel']:.1f} KB",
        f"{bytes_of['added']:.1f} KB",
        "–",
        "–",
    ]
    paced = (middle(rust, "paced", "ratio") - 1) * 100
    yield row(f"a stream of {words['paced']:,} words, one a ms", ["paced"], "paced", "ms", 1e3, 0, f"{paced:.2f} %")
    burst = middle(rust, "burst", "added") / words["burst"]
    yield row(f"a stream of {words['burst']:,} words, at once", ["burst"], "burst", "ms", 1e3, 1, f"{burst:.2f} µs a word")
    for title, key in (("connections kept", "kept"), ("new connections", "first")):
        ratio = middle(rust, "many", key, "ratio")
        yield row(f"1,000 calls at once, {title}", ["many", key], key, "ms", 1e3, 0, f"× {ratio:.2f}")


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    rust, python = measured(rounds)
    versions = {name: figures[0]["version"] for name, figures in python.items()}
    print("| | bare `reqwest` | anymodel | it adds |", *(f" {name} {versions[name]} |" for name in SDKS), sep="")
    print("|---|---:|---:|---:|---:|---:|")
    for row in rows(rust, python):
        print("|", " | ".join(row), "|")


if __name__ == "__main__":
    main()
