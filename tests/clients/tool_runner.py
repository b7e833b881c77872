"""Runs the tools of test_tools_*.py: each with its own commands, its own folder as home, and the keys of whom the test says."""
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

import pytest

from known_clients import WORK, python_packages
from support.bootstrap import ADMIN
from support.server import BINARY


class Tool:
    """A command that does not end as it should is told with what it said. `keys`: whose credentials it finds in its environment."""

    def __init__(self, world, folder, record):
        self.world, self.folder, self.record = world, folder, record
        self.path = os.environ["PATH"]

    def environment(self, keys):
        env = self.world.aws.environment(keys, HOME=str(self.folder))
        for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
            env[name] = str(self.folder / name.lower())
        return env | {"PATH": self.path}

    def use(self, folder):
        """Programs of this folder come first."""
        self.path = f"{folder}{os.pathsep}{self.path}"

    def run(self, *command, keys=ADMIN, codes=(0,), told="", **more):
        done = subprocess.run([str(word) for word in command], env=self.environment(keys) | more, capture_output=True, text=True,
                              timeout=300, check=False, cwd=self.folder, input=told)
        said = done.stdout + done.stderr
        assert done.returncode in codes, f"{command} ended with {done.returncode}:\n{said[-6000:]}"
        return said

    def refused(self, *command, keys, says="AccessDenied", codes=range(1, 256), **more):
        """It fails and gives the server's reason."""
        said = self.run(*command, keys=keys, codes=codes, **more)
        assert says in said, f"{command} does not say {says}:\n{said[-6000:]}"
        return said

    def intercepted(self, *command):
        """The command with the hosts of AWS answered by the server of the matrix."""
        return [BINARY, "run", "--endpoint", self.world.aws.url, "--intercept", "--", *command]

    def need(self, program):
        if not shutil.which(program, path=self.path):
            pytest.skip(f"there is no {program} (packages.txt, section clients)")

    def version(self, pattern, *command):
        self.need(command[0])
        self.record("version", re.search(pattern, self.run(*command, codes=(0, 1, 2)))[1])

    def profile(self, name, keys, **more):
        """A profile in the folder's AWS files; `more` goes into its part of the config file."""
        with open(self.folder / "aws_shared_credentials_file", "a", encoding="utf-8") as file:
            if keys:
                file.write(f"[{name}]\naws_access_key_id = {keys.access_key}\naws_secret_access_key = {keys.secret_key}\n")
        with open(self.folder / "aws_config_file", "a", encoding="utf-8") as file:
            file.write(f"[profile {name}]\nregion = us-east-1\n" + "".join(f"{key} = {value}\n" for key, value in more.items()))


# It was written for Python before 3.10, where collections had the abstract classes.
PMAPPER = ["python", "-c",
           "import collections, collections.abc, sys; "
           "[setattr(collections, name, getattr(collections.abc, name)) for name in ('Mapping', 'MutableMapping', 'Sequence')]; "
           "sys.argv[0] = 'pmapper'; import principalmapper.__main__ as m; sys.exit(m.main())"]


def use_pmapper(tool):
    tool.use(python_packages("pmapper", "principalmapper==1.1.5"))
    tool.version(r"Version: (\S+)", "pip", "show", "principalmapper")


def go_module(module, version, package=""):
    """A program of a public module, built by a module made for it: `go install` first asks for the list of all versions, which not every
    proxy has. `package`: its path inside the module."""
    if not shutil.which("go"):
        pytest.skip("there is no go")
    path = f"{module}/{package}".rstrip("/")
    program = WORK / "go" / version / re.sub(r"/v[0-9]+$", "", path).rpartition("/")[2]
    if not program.exists():
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "go.mod").write_text(f"module built\n\ngo 1.24\n\nrequire {module} {version}\n")
            done = subprocess.run(["go", "build", "-mod=mod", "-p=1", "-o", str(program), path], cwd=folder, capture_output=True, text=True,
                                  timeout=1800, check=False)
        assert done.returncode == 0, done.stderr[-3000:]
    return program


def go_program(name, folder):
    """Built from the module in `folder`, which pins it."""
    if not shutil.which("go"):
        pytest.skip("there is no go")
    program = WORK / name
    done = subprocess.run(["go", "build", "-o", str(program), "."], cwd=pathlib.Path(__file__).parent / folder, capture_output=True,
                          text=True, timeout=1800, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return program


def some_files(folder):
    source = folder / "source"
    (source / "inner").mkdir(parents=True)
    (source / "a b+c.txt").write_text("hello")
    (source / "inner" / "big").write_bytes(os.urandom(3_000_000))
    return source


def same(one, other):
    files = sorted(path.relative_to(one) for path in pathlib.Path(one).rglob("*") if path.is_file())
    return files and all((pathlib.Path(one) / path).read_bytes() == (pathlib.Path(other) / path).read_bytes() for path in files)
