"""Programs in Go, built with what the modules' own files pin, into build/go."""
import os
import subprocess

from support.server import ROOT

FOLDER = ROOT / "build" / "go"


def _go(*arguments, cwd=None, **more):
    FOLDER.mkdir(parents=True, exist_ok=True)
    env = os.environ | {"GOPATH": str(FOLDER / "path"), "GOCACHE": str(FOLDER / "cache"), "GOFLAGS": "-modcacherw"} | more
    done = subprocess.run(["go", *map(str, arguments)], cwd=cwd, env=env, check=False, capture_output=True, text=True, timeout=1200)
    assert done.returncode == 0, done.stderr


def installed(module, name):
    """Where the program of a published module, "path@version", lies once it is built."""
    return FOLDER / "installed" / module.rpartition("@")[2] / name


def install(module, name):
    """That program, built once."""
    program = installed(module, name)
    if not program.exists():
        _go("install", module, GOBIN=str(program.parent))
    return program


def build(folder, package):
    """A program of our own, of a folder with a go.mod."""
    program = FOLDER / package
    _go("build", "-o", program, f"./{package}", cwd=folder)
    return program
