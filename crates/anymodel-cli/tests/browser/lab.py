"""JupyterLab as a server of its own: nothing of the user's settings, and nothing left behind."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

# In the environment of the server and of all that it starts, so that what is left over is found.
TAG = "ANYMODEL_BROWSER_TEST"


@contextlib.contextmanager
def jupyterlab(folder: Path) -> Iterator[str]:
    """Serves `folder`; gives the address of a notebook with `NAME` where its name belongs."""
    own = folder / ".jupyter"
    tag = uuid.uuid4().hex
    places = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
    }
    environment = os.environ | {name: str(own / place) for name, place in places.items()} | {TAG: tag}
    ask_for_no_news(own / "settings")
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--ServerApp.ip=127.0.0.1", "--ServerApp.port=0",
        f"--ServerApp.root_dir={folder}", "--LabApp.extension_manager=readonly",
    ]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    log = (own / "server.log").open("w")
    server = subprocess.Popen(
        command, env=environment, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
        start_new_session=True,
    )
    try:
        info = announced(own / "runtime", server, own / "server.log")
        yield f"{info['url']}lab/tree/NAME?token={info['token']}&reset"
    finally:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()
        log.close()
    assert_nothing_is_left(tag)


def ask_for_no_news(settings: Path) -> None:
    """Without this a first visit shows a question on top of the notebook."""
    file = settings / "@jupyterlab/apputils-extension/notification.jupyterlab-settings"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"fetchNews": "false", "checkForUpdates": False}))


def announced(runtime: Path, server: subprocess.Popen, log: Path) -> dict:
    """What the server writes about itself once it listens."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        for file in runtime.glob("jpserver-*.json"):
            with contextlib.suppress(json.JSONDecodeError):  # it is being written
                return json.loads(file.read_text())
        time.sleep(0.1)
    raise AssertionError(f"JupyterLab did not start:\n{log.read_text()}")


def assert_nothing_is_left(tag: str) -> None:
    """No process that the server started, and none that those started, is alive (Linux)."""
    deadline = time.monotonic() + 10
    while left := processes_with(tag):
        if time.monotonic() > deadline:
            raise AssertionError(f"JupyterLab has ended, but these processes still run: {left}")
        time.sleep(0.1)


def processes_with(tag: str) -> list[str]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has just ended, or is somebody else's
            if tag.encode() in (process / "environ").read_bytes():
                found.append((process / "cmdline").read_text().replace("\0", " "))
    return found
