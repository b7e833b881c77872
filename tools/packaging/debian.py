"""A Debian package with a service, made by dpkg-deb."""
import email.utils
import shutil
import subprocess

from packaging import files
from testing import build

OVERRIDES = """# Not uploaded to Debian.
signet: initial-upload-closes-no-bugs [usr/share/doc/signet/changelog.Debian.gz:1]
# The program carries its libraries, so that it runs where their versions are others; it is linked anew for their updates.
signet: embedded-library libpng [usr/bin/signet]
signet: embedded-library libxml2 [usr/bin/signet]
signet: embedded-library zlib [usr/bin/signet]
signet: shared-library-lacks-prerequisites [usr/bin/signet]
"""

CHANGES = """signet ({version}-1) stable; urgency=medium

  * Changes: /usr/share/doc/signet/changelog.gz

 -- Signet maintainers <maintainers@signet.invalid>  {date}
"""

CONTROL = """Package: signet
Version: {version}-1
Architecture: amd64
Section: net
Priority: optional
Maintainer: Signet maintainers <maintainers@signet.invalid>
Installed-Size: {kib}
Recommends: ca-certificates
Suggests: awscli
Description: identity plane that speaks AWS's STS, IAM, S3 and sign-in protocols
 One server with which AWS SDKs and the AWS command line work unmodified:
 temporary credentials, roles, policies, console sign-in and S3 buckets
 guarded by the policies. Listens on loopback until told otherwise.
"""

# A first installation waits for `systemctl enable --now signet`; an upgrade goes on with the new program.
POSTINST = """#!/bin/sh
set -e
if [ "$1" = configure ]; then
  if command -v systemd-sysusers >/dev/null; then
    systemd-sysusers signet.conf
  elif ! getent passwd signet >/dev/null; then
    useradd --system --home-dir /var/lib/signet --no-create-home --shell /usr/sbin/nologin signet
  fi
  if [ -d /run/systemd/system ]; then
    systemctl --system daemon-reload >/dev/null || true
    deb-systemd-invoke try-restart signet.service || true
  fi
fi
"""

PRERM = """#!/bin/sh
set -e
if [ "$1" = remove ] && [ -d /run/systemd/system ]; then
  deb-systemd-invoke stop signet.service || true
fi
"""

# The data folder stays: it holds accounts that nothing could bring back. `purge` says so instead of deleting it.
POSTRM = """#!/bin/sh
set -e
if [ -d /run/systemd/system ]; then
  systemctl --system daemon-reload >/dev/null || true
fi
if [ "$1" = purge ] && [ -d /var/lib/signet ]; then
  echo "signet: /var/lib/signet is kept; delete it yourself when its accounts are not needed any more"
fi
"""


def make_package(program, version, licences, target):
    """Writes the package to `target`, a pathlib.Path. `program` is bytes, `licences` name -> bytes."""
    tree = contents(program, version, licences)
    folder = build.BUILD / "dist" / "debian"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    tree.write_to(folder)
    subprocess.run(["dpkg-deb", "--root-owner-group", "--uniform-compression", "-Zxz", "--build", str(folder), str(target)], check=True,
                   stdout=subprocess.DEVNULL, env={"PATH": "/usr/bin:/bin", "SOURCE_DATE_EPOCH": str(files.source_date())})
    shutil.rmtree(folder)


def contents(program, version, licences):
    source = build.ROOT / "packaging"
    tree = files.Tree()
    tree.file("usr/bin/signet", program, 0o755)
    tree.file("lib/systemd/system/signet.service", (source / "signet.service").read_bytes())
    tree.file("usr/lib/sysusers.d/signet.conf", (source / "signet.sysusers").read_bytes())
    tree.file("etc/default/signet", (source / "signet.default").read_bytes())
    tree.file("usr/share/doc/signet/README.md", (build.ROOT / "README.md").read_bytes())
    tree.file("usr/share/doc/signet/changelog.gz", files.gzipped((build.ROOT / "CHANGELOG.md").read_bytes()))
    date = email.utils.formatdate(files.source_date())
    tree.file("usr/share/doc/signet/changelog.Debian.gz", files.gzipped(CHANGES.format(version=version, date=date).encode()))
    tree.file("usr/share/man/man1/signet.1.gz", files.gzipped((source / "signet.1").read_bytes()))
    tree.file("usr/share/lintian/overrides/signet", OVERRIDES.encode())
    tree.file("usr/share/doc/signet/copyright", copyright_file(licences))
    tree.file("DEBIAN/conffiles", b"/etc/default/signet\n")
    for name, text in (("postinst", POSTINST), ("prerm", PRERM), ("postrm", POSTRM)):
        tree.file(f"DEBIAN/{name}", text.encode(), 0o755)
    tree.file("DEBIAN/control", CONTROL.format(version=version, kib=tree.size() // 1024).encode())
    return tree


def copyright_file(licences):
    parts = [b"Signet is under the Apache License 2.0 (/usr/share/common-licenses/Apache-2.0).\n\n"
             b"The program holds code of these libraries. Its own sources, with which it can be linked anew to other versions of them,\n"
             b"are published with each release.\n"]
    for name, text in licences.items():
        if name == "signet":
            continue  # in /usr/share/common-licenses
        parts.append(b"\n---- " + name.encode() + b" ----\n\n" + text)
    return b"".join(parts)
