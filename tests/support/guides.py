"""Runs the shell blocks of a guide, one after the other in one shell, with the built program."""
import os
import pathlib
import re
import socket
import subprocess
import sys

from support.server import BINARY, ROOT

BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# A server that a block has begun is there before the next line.
AWAIT = 'for _ in $(seq 100); do curl -sf "$SIGNET_ENDPOINT/_signet/health" >/dev/null && break; sleep 0.1; done\n'


def run(page, folder, replacements=()):
    """What the blocks print; a command that fails, fails the test."""
    text = (ROOT / page).read_text(encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    script = "".join(block + (AWAIT if "serve " in block else "") for block in BLOCK.findall(text))
    for old, new in (*replacements, ("127.0.0.1:9311", f"127.0.0.1:{port}")):
        script = script.replace(old, new)
    path = f"{BINARY.parent}{os.pathsep}{pathlib.Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    env = {"PATH": path, "HOME": str(folder), "SIGNET_LISTEN": f"127.0.0.1:{port}", "SIGNET_ENDPOINT": f"http://127.0.0.1:{port}",
           "SIGNET_DATA": str(folder / "data"), "AWS_EC2_METADATA_DISABLED": "true", "AWS_PAGER": ""}
    done = subprocess.run(["bash", "-eu", "-o", "pipefail"], input=script, cwd=folder, env=env, check=False, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout
