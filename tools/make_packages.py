#!/usr/bin/env python3
"""Makes the files that are handed out, in build/dist/. Called by ./package, which has installed the packages.

  signet-VERSION-linux-amd64.tar.gz   the program, its licences and guides
  signet_VERSION-1_amd64.deb          for Debian and Ubuntu, with a service
  signet-VERSION-oci-amd64.tar        container image (OCI image layout)
  SHA256SUMS

The program holds all its libraries and runs on any Linux of the architecture. The same sources give the same bytes.
"""
import argparse
import hashlib
import pathlib
import platform
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from packaging import debian, files, oci, static  # noqa: E402
from testing import build  # noqa: E402

DIST = build.BUILD / "dist"
GUIDES = ["README.md", "CHANGELOG.md", "LICENSE", "SECURITY.md", "THREAT_MODEL.md"]


def make_archive(program, version, licences):
    """The bytes of the .tar.gz."""
    tree = files.Tree()
    tree.file("bin/signet", program, 0o755)
    for name in GUIDES:
        tree.file(name, (build.ROOT / name).read_bytes())
    for path in sorted((build.ROOT / "docs").rglob("*.md")) + sorted((build.ROOT / "packaging").glob("signet.*")):
        tree.file(str(path.relative_to(build.ROOT)), path.read_bytes())
    for name, text in licences.items():
        tree.file(f"licences/{name}", text)
    return files.gzipped(tree.tar(f"signet-{version}/"))


def main():
    parser = argparse.ArgumentParser(prog="./package", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter,
                                     epilog="examples:\n  ./package                                            all of them\n"
                                     "  docker load < build/dist/signet-0.1.0-oci-amd64.tar  (Docker 25 or newer; podman load too)")
    parser.parse_args()
    if platform.machine() != "x86_64":
        print(f"error: packages are made on x86_64 only, this is {platform.machine()}", file=sys.stderr)
        return 1
    try:
        path = static.make_program()
    except build.StepFailed:
        return 1
    version, program, licences = static.version(path), path.read_bytes(), static.licences()
    licences = {"signet": (build.ROOT / "LICENSE").read_bytes(), **licences}
    DIST.mkdir(parents=True, exist_ok=True)
    made = [DIST / f"signet-{version}-linux-amd64.tar.gz", DIST / f"signet_{version}-1_amd64.deb",
            DIST / f"signet-{version}-oci-amd64.tar"]
    made[0].write_bytes(make_archive(program, version, licences))
    debian.make_package(program, version, licences, made[1])
    made[2].write_bytes(oci.make_image(program, version, licences, pathlib.Path(oci.CA_CERTIFICATES).read_bytes()))
    sums = "".join(f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in made)
    (DIST / "SHA256SUMS").write_text(sums, encoding="utf-8")
    for file in made:
        print(f"   {file.relative_to(build.ROOT)} ({file.stat().st_size / 2**20:.1f} MiB)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
