#!/usr/bin/env python3
"""Makes the web console part of the program: writes OUT/console_bundle.cc, which holds every file of it.

Usage: embed_console.py --out OUT [--source console | --built FOLDER]. --source builds it first, with npm and Vite, into
OUT/dist; --built takes what was built so; neither: there is no console. Called by cmake/SignetConsole.cmake.
"""
import argparse
import fcntl
import hashlib
import json
import pathlib
import subprocess
import sys

TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".woff2": "font/woff2", ".svg": "image/svg+xml",
         ".png": "image/png"}
NO_NPM = "npm is not there. Install Node.js 18 or newer with npm, or build without the web console: cmake -DCONSOLE=OFF"


def ensure_modules(source):
    """The packages of the lock file in SOURCE/node_modules; nothing is done when they are there already."""
    modules = source / "node_modules"
    with open(source / ".npmrc", "rb") as lock:  # builds of several folders share them
        fcntl.flock(lock, fcntl.LOCK_EX)
        digest = hashlib.sha256((source / "package-lock.json").read_bytes()).hexdigest()
        stamp = modules / ".made-from"
        if stamp.exists() and stamp.read_text() == digest:
            return
        run(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"], source)
        stamp.write_text(digest)


def run(command, folder):
    try:
        done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    except FileNotFoundError:
        sys.exit(f"error: {NO_NPM}")
    if done.returncode != 0:
        sys.exit(f"{done.stdout.decode(errors='replace')}\nerror: {' '.join(command)} failed in {folder}; -DCONSOLE=OFF builds without "
                 "the web console")


def build(source, dist):
    ensure_modules(source)
    run(["node", "node_modules/vite/bin/vite.js", "build", "--outDir", str(dist), "--emptyOutDir", "--logLevel", "warn"], source)


def entry(dist):
    """What the page begins with: the module, those that it imports, the stylesheets."""
    manifest = json.loads((dist / "manifest.json").read_text(encoding="utf-8"))
    first = next(chunk for chunk in manifest.values() if chunk.get("isEntry"))
    imported, styles, waiting = [], [], [first]
    while waiting:
        chunk = waiting.pop(0)
        styles += [style for style in chunk.get("css", []) if style not in styles]
        for name in chunk.get("imports", []):
            if manifest[name]["file"] not in imported:
                imported.append(manifest[name]["file"])
                waiting.append(manifest[name])
    return first["file"], imported, styles


def text(value):
    return json.dumps(value)  # of ASCII: a literal of C++ as well


def bundle(dist):
    """The source text of a program's part that holds these files."""
    files = sorted(path for path in dist.iterdir() if path.suffix in TYPES)
    blobs, rows = [], []
    for number, path in enumerate(files):
        etag = hashlib.sha256(path.read_bytes()).hexdigest()[:32]
        compressed = path.with_name(path.name + ".br")
        blobs += [(f"signet_console_{number}", path), (f"signet_console_{number}_br", compressed)]
        views = ", ".join(f"{{{name}, {blob.stat().st_size}}}" for name, blob in blobs[-2:])
        rows.append(f"    {{{text(path.name)}, {text(TYPES[path.suffix])}, {text(chr(34) + etag + chr(34))}, {views}}},")
    script, imported, styles = entry(dist)
    lines = ['#include "console_bundle.h"', "", 'asm(".pushsection .rodata\\n"']
    lines += [f'    "{name}: .incbin \\"{blob}\\"\\n"' for name, blob in blobs]
    lines += ['    ".popsection");', 'extern "C" {']
    lines += [f'extern const char {name}[] __attribute__((visibility("hidden")));' for name, _ in blobs]
    lines += ["}", "namespace signet {", "namespace {", "constexpr http::StaticFile kFiles[] = {", *rows, "};"]
    for name, names in (("kPreload", imported), ("kStyles", styles)):
        # An array has an element at least.
        lines.append(f"constexpr std::string_view {name}[] = {{{', '.join(text(one) for one in names) or text('')}}};")
    lines += ["}  // namespace",
              f"http::WebBundle console_bundle() {{ return {{kFiles, {text(script)}, std::span(kPreload).first({len(imported)}), "
              f"std::span(kStyles).first({len(styles)})}}; }}",
              "}  // namespace signet", ""]
    return "\n".join(lines)


NONE = """#include "console_bundle.h"
namespace signet {
http::WebBundle console_bundle() { return {}; }
}  // namespace signet
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--source", type=pathlib.Path)
    parser.add_argument("--built", type=pathlib.Path)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    dist = args.built
    if args.source:
        dist = args.out.resolve() / "dist"
        build(args.source, dist)
    (args.out / "console_bundle.cc").write_text(bundle(dist.resolve()) if dist else NONE, encoding="ascii")


if __name__ == "__main__":
    main()
