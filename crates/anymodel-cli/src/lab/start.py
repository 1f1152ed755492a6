"""Starts JupyterLab, and ends it when whoever started it is gone."""

import os
import signal
import sys
import threading


def watch():
    # The other end of standard input never writes: the read ends when it is closed, however that came about.
    os.read(0, 1)
    os.kill(os.getpid(), signal.SIGTERM)


threading.Thread(target=watch, daemon=True).start()

from jupyterlab.labapp import main  # noqa: E402

sys.exit(main())
