"""Chromium, driven by the scripts of this folder."""
import json
import pathlib
import shutil
import subprocess

import pytest

from support.server import ROOT

SCRIPTS = pathlib.Path(__file__).parent
MODULES = ROOT / "build" / "js" / "node_modules"


@pytest.fixture
def node(tmp_path):
    """Runs a script; the JSON that it prints."""
    for script in SCRIPTS.glob("*.mjs"):
        shutil.copy(script, tmp_path)
    (tmp_path / "node_modules").symlink_to(MODULES)

    def run(script, *arguments):
        done = subprocess.run(["node", script, *arguments], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run
