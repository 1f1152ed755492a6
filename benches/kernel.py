"""What a learner waits for: the course's kernel beside stock evcxr and beside Python, measured in one run.

It builds and installs nothing. It needs the packages of benches/requirements.txt, the program `anymodel` with its
template built (`cargo run --release -p anymodel-cli -- kernel install`), and evcxr_jupyter 0.22 (without it that
column stays empty). All three kernels ask the same models of one `anymodel sandbox`.
"""

import argparse
import contextlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from queue import Empty

import psutil
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager

CRATE = Path(__file__).resolve().parents[1]
MODEL = "openai/gpt-4o-mini"
QUESTION = "Explain recursion in one sentence."
ANSWER = "Recursion is when a function"
KEY = "sk-or-v1-0123456789abcdef"  # any text of this shape is good for the sandbox
PATIENCE = 600
LATENCY = "took "

# One cell a line of the lessons' set-up, then the first question: what stands at the top of each notebook.
RUST_NOTEBOOK = [
    ':dep anymodel = { path = "../.." }\n:dep tokio = { version = "1", features = ["rt-multi-thread"] }\n'
    "extern crate anymodel;\nuse anymodel::course;\nuse anymodel::course::prelude::*;\nuse std::time::Duration;",
    f'const QUESTION: &str = "{QUESTION}";',
    "let client = Client::from_env_or_prompt()?;",
    f'let reply = client.ask("{MODEL}", QUESTION).await?;\nprintln!("{{reply}}");',
]
PYTHON_NOTEBOOK = [
    "import os, time\nfrom openai import AsyncOpenAI",
    f'QUESTION = "{QUESTION}"',
    'client = AsyncOpenAI(base_url=os.environ["OPENROUTER_BASE_URL"], api_key=os.environ["OPENROUTER_API_KEY"])',
    f'reply = await client.chat.completions.create(model="{MODEL}", '
    'messages=[{"role": "user", "content": QUESTION}])\nprint(reply.choices[0].message.content)',
]


def rust_call(count: int) -> str:
    return (
        f'let reply_{count} = client.ask("{MODEL}", QUESTION).await?;\n'
        f'println!("{{reply_{count}}}\\n{LATENCY}{{}}", reply_{count}.latency.as_secs_f64());'
    )


def python_call(count: int) -> str:
    return (
        "began = time.perf_counter()\n"
        f'reply_{count} = await client.chat.completions.create(model="{MODEL}", '
        'messages=[{"role": "user", "content": QUESTION}])\n'
        f'print(reply_{count}.choices[0].message.content, "\\n{LATENCY}", time.perf_counter() - began, sep="")'
    )


@dataclass
class Subject:
    """A kernel to measure: how it is started and what its cells say."""

    name: str
    argv: list[str]
    notebook: list[str]
    call: Callable[[int], str]
    trivial: Callable[[int], str]


@dataclass
class Figures:
    """Seconds, and megabytes for the last."""

    info: float
    first_answer: float
    call: float
    trivial: float
    memory: float


def measure(subject: Subject, environment: dict[str, str], cells: int) -> Figures:
    """One fresh kernel from its start to its end."""
    with tempfile.TemporaryDirectory() as folder:
        spec = {"argv": subject.argv, "display_name": subject.name, "language": "any", "interrupt_mode": "message"}
        home = Path(folder, "kernels", subject.name)
        home.mkdir(parents=True)
        (home / "kernel.json").write_text(json.dumps(spec))
        specs = KernelSpecManager(kernel_dirs=[str(home.parent)], ensure_native_kernel=False)
        manager = KernelManager(kernel_name=subject.name, kernel_spec_manager=specs)
        # The stock kernel builds here, so each of its sessions is a first one.
        environment = environment | {"EVCXR_TMPDIR": str(Path(folder, "evcxr"))}
        Path(environment["EVCXR_TMPDIR"]).mkdir()
        started = time.perf_counter()
        manager.start_kernel(env=environment, cwd=str(CRATE / "notebooks/en"))
        client = manager.client()
        try:
            client.start_channels()
            return measure_session(subject, manager, client, started, cells)
        finally:
            client.stop_channels()
            manager.shutdown_kernel()


def measure_session(
    subject: Subject, manager: KernelManager, client: BlockingKernelClient, started: float, cells: int
) -> Figures:
    client.kernel_info()
    client.get_shell_msg(timeout=PATIENCE)
    info = time.perf_counter() - started
    listen(client)
    # All cells at once, as Run All does; what came before counts too, since the learner waited for it.
    requests = [client.execute(code) for code in subject.notebook]
    first_answer = None
    for message in outputs(client, requests[-1], manager):
        if first_answer is None and ANSWER in json.dumps(message["content"]):
            first_answer = time.perf_counter() - started
    for _ in requests:
        succeeded(subject, client.get_shell_msg(timeout=PATIENCE))
    assert first_answer, f"{subject.name}: no answer was shown"

    calls = [timed(subject, manager, client, subject.call(count)) for count in range(cells + 1)]
    trivial = [timed(subject, manager, client, subject.trivial(count)) for count in range(cells + 1)]
    # The first of each kind teaches a kernel something that later ones need not learn.
    call = statistics.median(seconds - latency(text) for seconds, text in calls[1:])
    return Figures(
        info, first_answer, call, statistics.median(seconds for seconds, _ in trivial[1:]), memory(manager)
    )


def listen(client: BlockingKernelClient) -> None:
    """Returns once outputs arrive: a subscription takes a moment, and what comes before it is lost."""
    while True:
        request = client.kernel_info()
        client.get_shell_msg(timeout=PATIENCE)
        with contextlib.suppress(Empty):
            while message := client.get_iopub_msg(timeout=0.05):
                is_end = message["content"].get("execution_state") == "idle"
                if is_end and message["parent_header"].get("msg_id") == request:
                    return


def outputs(client: BlockingKernelClient, last: str, manager: KernelManager) -> Iterator[dict]:
    """What is shown, until the request `last` is done."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            message = client.get_iopub_msg(timeout=5)
        except Empty:
            assert manager.is_alive(), f"{manager.kernel_name}: the kernel has ended"
            assert time.monotonic() < deadline, f"{manager.kernel_name}: nothing was shown for too long"
            continue
        if message["msg_type"] in ("stream", "display_data", "update_display_data", "execute_result"):
            yield message
        is_end = message["msg_type"] == "status" and message["content"]["execution_state"] == "idle"
        if is_end and message["parent_header"].get("msg_id") == last:
            return


def timed(
    subject: Subject, manager: KernelManager, client: BlockingKernelClient, code: str
) -> tuple[float, str]:
    """The seconds from sending a cell until its reply and its end are there, and what it printed."""
    began = time.perf_counter()
    request = client.execute(code)
    shown = [message["content"] for message in outputs(client, request, manager) if message["msg_type"] == "stream"]
    reply = client.get_shell_msg(timeout=PATIENCE)
    seconds = time.perf_counter() - began
    succeeded(subject, reply)
    return seconds, "".join(content["text"] for content in shown)


def succeeded(subject: Subject, reply: dict) -> None:
    assert reply["content"]["status"] == "ok", f"{subject.name}: a cell failed: {reply['content']}"


def latency(printed: str) -> float:
    """The sandbox's part of a call, as the cell itself measured it."""
    return next(float(line.removeprefix(LATENCY)) for line in printed.splitlines() if line.startswith(LATENCY))


def memory(manager: KernelManager) -> float:
    """MB of the kernel and all below it; what processes share is counted once (PSS)."""
    kernel = psutil.Process(manager.provisioner.pid)
    total = 0
    for process in [kernel, *kernel.children(recursive=True)]:
        with contextlib.suppress(psutil.NoSuchProcess):
            total += process.memory_full_info().pss
    return total / 1e6


@contextlib.contextmanager
def sandbox(program: str) -> Iterator[str]:
    """The address of a sandbox that lives as long as the block."""
    server = subprocess.Popen([program, "sandbox"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        yield server.stdout.readline().strip()
    finally:
        server.terminate()
        server.wait()


def table(figures: dict[str, Figures | None]) -> str:
    rows = [
        ("kernel answers `kernel_info`", "info", "1 s", "0.3 s"),
        ("*Run All* on a fresh kernel → first model answer", "first_answer", "8 s", "3 s"),
        ("a later cell that awaits a call (sandbox time taken off), median", "call", "0.5 s", "0.25 s"),
        ("a trivial cell, median", "trivial", "0.35 s", "0.15 s"),
        ("memory of one kernel with the crate loaded", "memory", "700 MB", "400 MB"),
    ]
    lines = ["| | stock evcxr | first aim | the goal | anymodel | Python | anymodel : stock | anymodel : Python |"]
    lines.append("|---|" + "---:|" * 7)
    for title, name, aim, goal in rows:
        stock, own, python = (getattr(figures[key], name, None) for key in ("stock", "anymodel", "python"))
        cells = [shown(name, stock), aim, goal, shown(name, own), shown(name, python)]
        cells += [ratio(own, other) for other in (stock, python)]
        lines.append(f"| {title} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def shown(name: str, value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.0f} MB" if name == "memory" else f"{value:.1f} s" if value >= 10 else f"{value:.3g} s"


def ratio(own: float | None, other: float | None) -> str:
    return f"{own / other:.2g}" if own and other else "–"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--anymodel", default=str(CRATE / "target/release/anymodel"), metavar="PROGRAM")
    parser.add_argument("--stock", default=shutil.which("evcxr_jupyter"), metavar="PROGRAM", help="evcxr_jupyter 0.22")
    parser.add_argument("--rounds", type=int, default=3, help="fresh kernels of each kind; of stock evcxr one [3]")
    parser.add_argument("--cells", type=int, default=10, help="cells of each kind in a session [10]")
    return parser.parse_args()


def main() -> None:
    options = arguments()
    if not Path(options.anymodel).exists():
        sys.exit("the program anymodel is not found; build it, or name it with --anymodel PROGRAM")
    connection = "{connection_file}"
    own = [options.anymodel, "kernel", "start", "--crate-path", str(CRATE), "--control_file", connection]
    rust = (RUST_NOTEBOOK, rust_call, lambda count: f"{count} + 1")
    subjects = {
        "python": Subject("python", [sys.executable, "-m", "ipykernel_launcher", "-f", connection],
                          PYTHON_NOTEBOOK, python_call, lambda count: f"{count} + 1"),
        "anymodel": Subject("anymodel", own, *rust),
        "stock": Subject("stock", [options.stock, "--control_file", connection], *rust) if options.stock else None,
    }
    figures: dict[str, Figures | None] = {}
    with sandbox(options.anymodel) as url:
        environment = os.environ | {"OPENROUTER_BASE_URL": url, "OPENROUTER_API_KEY": KEY, "LLM": ""}
        for name, subject in subjects.items():
            if subject is None:
                print("stock evcxr is left out: --stock PROGRAM names it", file=sys.stderr)
                figures[name] = None
                continue
            runs = []
            for number in range(1 if name == "stock" else options.rounds):
                print(f"{name}, kernel {number + 1} …", file=sys.stderr)
                runs.append(measure(subject, environment, options.cells))
            middle = {field: statistics.median(vars(run)[field] for run in runs) for field in vars(runs[0])}
            figures[name] = Figures(**middle)
    print(table(figures))


main()
