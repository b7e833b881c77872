"""The program with every library linked in, so that it runs on any Linux of its architecture."""
import os
import pathlib
import re
import shutil
import subprocess
import tarfile

from testing import build

# Debian ships no static library of simdjson: its one file is compiled from the source of the very package installed.
SIMDJSON = "simdjson"

# The Debian packages whose code is inside the program; their licences go along with it.
LINKED = ["libargon2-dev", "libpng-dev", "libpugixml-dev", "libqrcodegencpp-dev", "libsimdjson-dev", "libsqlite3-dev", "libssl-dev",
          "libxml2-dev", "libxmlsec1-dev", "libxxhash-dev", "zlib1g-dev", "libstdc++-12-dev", "libc6-dev", "libcli11-dev", "libtomlplusplus-dev"]


def make_program():
    """Builds the program and returns the path of a stripped copy."""
    source = _simdjson_source()
    folder = build.BUILD / "static"
    build.run(["cmake", "--preset", "static", f"-DSIGNET_SIMDJSON={source}"], build.BUILD / "static-configure.log",
              "configure static")
    build.build("static", "signet")
    stripped = folder / "stripped" / "signet"
    stripped.parent.mkdir(exist_ok=True)
    shutil.copy2(folder / "signet", stripped)
    subprocess.run(["strip", str(stripped)], check=True)
    return stripped


def version(program):
    done = subprocess.run([str(program), "--version"], check=True, stdout=subprocess.PIPE, encoding="utf-8")
    return done.stdout.split()[-1]


def licences():
    """Name of the Debian package -> the text of its copyright file, for what is linked in; and those of the web console's packages."""
    found = {"web-console": (build.BUILD / "static" / "console" / "dist" / "LICENSES.txt").read_bytes()}
    for package in LINKED:
        path = pathlib.Path("/usr/share/doc") / package / "copyright"
        if path.exists():
            found[package] = path.read_bytes()
    return found


def _simdjson_source():
    """The path of simdjson.cpp, fetched once as Debian's source package of the installed version."""
    wanted = _installed_version("libsimdjson-dev")
    folder = build.BUILD / "simdjson" / wanted
    found = folder / "simdjson.cpp"
    if found.exists():
        return found
    folder.mkdir(parents=True, exist_ok=True)
    _fetch_source(folder, f"{SIMDJSON}={wanted}")
    archive = next(folder.glob(f"{SIMDJSON}_*.orig.tar.*"))
    with tarfile.open(archive) as tar:
        for name in ("simdjson.h", "simdjson.cpp"):  # the .cpp last: its presence says that both are there
            member = next(m for m in tar.getmembers() if m.name.endswith(f"/singleheader/{name}"))
            (folder / name).write_bytes(tar.extractfile(member).read())
    return found


def _installed_version(package):
    done = subprocess.run(["dpkg-query", "-W", "-f", "${source:Version}", package], check=True, stdout=subprocess.PIPE,
                          encoding="utf-8")
    return done.stdout


def _fetch_source(folder, package):
    """apt-get source with this machine's own sources turned to source packages; nothing of the machine is changed."""
    parts = folder / "sources.list.d"
    parts.mkdir(exist_ok=True)
    (folder / "lists" / "partial").mkdir(parents=True, exist_ok=True)
    for path in [pathlib.Path("/etc/apt/sources.list"), *pathlib.Path("/etc/apt/sources.list.d").glob("*")]:
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            text = re.sub(r"(?m)^Types:\s*deb$", "Types: deb-src", re.sub(r"(?m)^deb\s", "deb-src ", text))
            (parts / path.name).write_text(text, encoding="utf-8")
    apt = ["apt-get", "-q", "-o", "Dir::Etc::sourcelist=/dev/null", "-o", f"Dir::Etc::sourceparts={parts}",
           "-o", f"Dir::State::lists={folder / 'lists'}", "-o", "APT::Sandbox::User=root" if os.geteuid() == 0 else "Debug::NoLocking=1"]
    build.run([*apt, "update"], build.BUILD / "apt-source.log", "lists of source packages", timeout=300, cwd=folder)
    build.run([*apt, "source", "--download-only", package], build.BUILD / "apt-source.log", f"source of {package}", timeout=300,
              cwd=folder)
