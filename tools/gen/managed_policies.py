"""facts/managed_policies/*.json -> facts/managed_policies_table.inc: one row per AWS-managed policy, sorted by ARN."""
import base64
import datetime
import hashlib
import json
import re

import _tsv

# Compilers limit one string literal; neighbours are joined by the language.
LITERAL_PIECE = 8000
MEMBERS = {"name", "path", "arn", "policy_id", "description", "default_version_id", "create_date", "update_date",
           "source", "document"}


def outputs():
    return ["facts/managed_policies_table.inc"]


def generate(facts):
    policies = [_read(path) for path in sorted((facts / "managed_policies").glob("*.json"))]
    policies.sort(key=lambda policy: policy["arn"])
    for key in ("arn", "policy_id"):
        values = [policy[key] for policy in policies]
        if len(set(values)) != len(values):
            raise SystemExit(f"facts/managed_policies: two policies share one {key}")
    return {"facts/managed_policies_table.inc": "".join(_row(policy) for policy in policies)}


def _read(path):
    policy = json.loads(path.read_text(encoding="utf-8"))
    if set(policy) != MEMBERS:
        raise SystemExit(f"{path}: members differ: {sorted(set(policy) ^ MEMBERS)}")
    if policy["name"] != path.stem or policy["arn"] != f"arn:aws:iam::aws:policy{policy['path']}{policy['name']}":
        raise SystemExit(f"{path}: file name, name, path and arn must agree")
    if not re.fullmatch(r"v[1-9][0-9]*", policy["default_version_id"]):
        raise SystemExit(f"{path}: default_version_id is no version")
    if policy["policy_id"] is None:
        policy["policy_id"] = _derived_id(policy["arn"])
    if not re.fullmatch(r"ANPA[A-Z2-7]{17}", policy["policy_id"]):
        raise SystemExit(f"{path}: policy_id has not AWS's form")
    return policy


def _derived_id(arn):
    """A stable id in AWS's form where AWS's own is not recorded."""
    return "ANPA" + base64.b32encode(hashlib.sha256(arn.encode()).digest()).decode()[:17]


def _row(policy):
    document = json.dumps(policy["document"], separators=(",", ":"))
    return (
        f"{{.arn = {_tsv.c_string(policy['arn'])},\n"
        f" .name = {_tsv.c_string(policy['name'])},\n"
        f" .path = {_tsv.c_string(policy['path'])},\n"
        f" .policy_id = {_tsv.c_string(policy['policy_id'])},\n"
        f" .description = {_tsv.c_string(policy['description'] or '')},\n"
        f" .default_version_id = {_tsv.c_string(policy['default_version_id'])},\n"
        f" .create_date = {_instant(policy['create_date'])},\n"
        f" .update_date = {_instant(policy['update_date'])},\n"
        f" .document = {_literal(document)}}},\n"
    )


def _instant(text):
    seconds = int(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp())
    return f"Instant{{.unix_ms = {seconds * 1000}}}"


def _literal(text):
    return "\n  ".join(f'R"~({text[i:i + LITERAL_PIECE]})~"' for i in range(0, len(text), LITERAL_PIECE))
