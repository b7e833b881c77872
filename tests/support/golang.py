"""Programs in Go, built with what the modules' own files pin, into build/go."""
import os
import subprocess

from support.server import ROOT

FOLDER = ROOT / "build" / "go"


def _go(*arguments, cwd=None):
    FOLDER.mkdir(parents=True, exist_ok=True)
    env = os.environ | {"GOPATH": str(FOLDER / "path"), "GOCACHE": str(FOLDER / "cache"), "GOFLAGS": "-modcacherw"}
    done = subprocess.run(["go", *map(str, arguments)], cwd=cwd, env=env, check=False, capture_output=True, text=True, timeout=1200)
    assert done.returncode == 0, done.stderr


def install(module, name):
    """A program of a published module, "path@version", built once."""
    program = FOLDER / "path" / "bin" / name
    if not program.exists():
        _go("install", module)
    return program


def build(folder, package):
    """A program of our own, of a folder with a go.mod."""
    program = FOLDER / package
    _go("build", "-o", program, f"./{package}", cwd=folder)
    return program
