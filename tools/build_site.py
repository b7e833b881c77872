#!/usr/bin/env python3
"""Makes a searchable site of the repository's pages in build/site; `./run docs` calls it.

Usage: build_site.py [--serve]      --serve: on 127.0.0.1:9310 until Ctrl-C, renewed when a page changes

The pages are the files of the repository as they are, in their folders, so that a link that works there works here.
A link that leads to no page or heading stops it. Generator: MkDocs with Material (docs/requirements.txt), in a virtual
environment of its own under build/.
"""
import argparse
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import venv

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import check_citations  # noqa: E402

BUILD = ROOT / "build"
WORK = BUILD / "site-work"
PYTHON = BUILD / "site-venv" / "bin" / "python"

CONFIG = """\
site_name: Signet
docs_dir: pages
site_dir: {site}
use_directory_urls: false
theme:
  name: material
  font: false
plugins: [search]
markdown_extensions:
  - toc: {{permalink: true}}
  - tables
  - fenced_code
  - sane_lists
  - pymdownx.superfences
validation:
  nav: {{omitted_files: ignore}}
  links: {{not_found: warn, anchors: warn, unrecognized_links: ignore}}
nav:
  - Documentation: docs/README.md
  - About: README.md
  - Try: [examples/README.md, docs/reference/operations.md, docs/reference/differences.md]
  - Test against it: {test}
  - Guides: {guides}
  - Reference: {reference}
  - Extend: [CONTRIBUTING.md, ARCHITECTURE.md, docs/map.md, docs/decisions/README.md, docs/aws/README.md]
"""


def ensure_generator():
    wanted = hashlib.sha256((ROOT / "docs" / "requirements.txt").read_bytes()).hexdigest()
    stamp = PYTHON.parent.parent / "made-from"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return
    venv.EnvBuilder(with_pip=True, clear=True).create(PYTHON.parent.parent)
    subprocess.run([PYTHON, "-m", "pip", "install", "-q", "--disable-pip-version-check", "-r", ROOT / "docs" / "requirements.txt"],
                   check=True)
    stamp.write_text(wanted, encoding="utf-8")


def copy_pages(target):
    """Every page, and every file that a page links to."""
    shutil.rmtree(target, ignore_errors=True)
    tree = check_citations.Tree(ROOT)
    pages = {path for path in tree.paths if path.endswith(".md") and not path.startswith(("fuzz/", "testdata/"))}
    linked = {found for page in pages for _, found, _ in check_citations.links_of(page, tree.read(page)) if found in tree.known}
    for path in pages | linked:
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / path, target / path)
    return pages


def listed(pages, folder):
    return str(sorted(page for page in pages if page.startswith(folder) and not page.endswith("/README.md")))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--serve", action="store_true", help="serve it on 127.0.0.1:9310")
    args = parser.parse_args()
    ensure_generator()
    WORK.mkdir(parents=True, exist_ok=True)
    pages = copy_pages(WORK / "pages")
    config = WORK / "mkdocs.yml"
    clients = sorted(page for page in pages if page.startswith("clients/"))
    config.write_text(CONFIG.format(site=BUILD / "site", guides=listed(pages, "docs/guide/"), reference=listed(pages, "docs/reference/"),
                                    test=str(["docs/guide/testing-against-signet.md", *clients])), encoding="utf-8")
    command = ["serve", "-a", "127.0.0.1:9310"] if args.serve else ["build", "--strict", "--quiet"]
    env = dict(os.environ, NO_MKDOCS_2_WARNING="1")
    code = subprocess.run([PYTHON, "-m", "mkdocs", *command, "-f", config], cwd=WORK, env=env, check=False).returncode
    if code == 0 and not args.serve:
        print(f"site: {BUILD / 'site' / 'docs' / 'index.html'}")
    return code


if __name__ == "__main__":
    sys.exit(main())
