#!/usr/bin/env python3
"""Writes the code that is made from facts/ into the build folder.

Every module tools/gen/<name>.py offers
    outputs() -> list of file names, relative to the output folder
    generate(facts) -> dict of the same names to their text
where `facts` is the path of the facts folder. Files are rewritten only when their text changes, so that nothing is
compiled twice for nothing.

Usage: generate.py --out DIR [--list]
"""
import argparse
import importlib.util
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent


def load_modules():
    sys.path.insert(0, str(ROOT / "tools" / "gen"))
    for path in sorted((ROOT / "tools" / "gen").glob("*.py")):
        if path.stem.startswith("_"):
            continue
        spec = importlib.util.spec_from_file_location(path.stem, path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        if hasattr(module, "generate"):
            yield module


def write_if_changed(path, text):
    """Leaves a file that is as it should be untouched: ninja looks again (restat) and builds only what the others are in."""
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", required=True, type=pathlib.Path, help="folder to write into")
    parser.add_argument("--list", action="store_true", help="print the files that would be written, one a line")
    args = parser.parse_args()
    for module in load_modules():
        if args.list:
            for name in module.outputs():
                print(args.out / name)
            continue
        files = module.generate(ROOT / "facts")
        if sorted(files) != sorted(module.outputs()):
            sys.exit(f"{module.__name__}: outputs() and generate() disagree: {sorted(set(files) ^ set(module.outputs()))}")
        for name, text in files.items():
            write_if_changed(args.out / name, text)


if __name__ == "__main__":
    main()
