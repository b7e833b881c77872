"""facts/managed_policies.jsonl and managed_policy_ids.tsv -> facts/managed_policies_table.inc: one row per AWS-managed policy,
sorted by ARN."""
import base64
import datetime
import hashlib
import json
import re

import _tsv

# Compilers limit one string literal; neighbours are joined by the language. The length is given, for it need not be counted by
# constant evaluation then, which is limited too.
LITERAL_PIECE = 8000


def outputs():
    return ["facts/managed_policies_table.inc"]


def generate(facts):
    path = facts / "managed_policies.jsonl"
    policies = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    ids = {row["arn"]: row for row in _tsv.read(facts / "managed_policy_ids.tsv")}
    if unknown := set(ids) - {policy["arn"] for policy in policies}:
        raise SystemExit(f"facts/managed_policy_ids.tsv: no such policies: {sorted(unknown)}")
    for policy in policies:
        _complete(policy, ids.get(policy["arn"]))
    for key in ("arn", "name", "policy_id"):
        values = [policy[key] for policy in policies]
        if len(set(values)) != len(values):
            raise SystemExit(f"{path}: two policies share one {key}")
    return {"facts/managed_policies_table.inc": "".join(_row(policy) for policy in policies)}


def _complete(policy, recorded):
    arn = policy["arn"]
    match = re.fullmatch(r"arn:aws:iam::aws:policy(/(?:[\w.-]+/)*)([\w+=,.@-]+)", arn)
    if not match or not re.fullmatch(r"v[1-9][0-9]*", policy["default_version_id"]):
        raise SystemExit(f"facts/managed_policies.jsonl: {arn}: no ARN, or no version")
    policy["path"], policy["name"] = match.groups()
    policy["policy_id"] = recorded["policy_id"] if recorded and recorded["policy_id"] else _derived_id(arn)
    policy["description"] = recorded["description"] if recorded else ""
    if not re.fullmatch(r"ANPA[A-Z2-7]{17}", policy["policy_id"]):
        raise SystemExit(f"facts/managed_policy_ids.tsv: {arn}: policy_id has not AWS's form")


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
        f" .description = {_tsv.c_string(policy['description'])},\n"
        f" .default_version_id = {_tsv.c_string(policy['default_version_id'])},\n"
        f" .create_date = {_instant(policy['create_date'])},\n"
        f" .update_date = {_instant(policy['update_date'])},\n"
        f" .document = {_literal(document)}}},\n"
    )


def _instant(text):
    seconds = int(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp())
    return f"Instant{{.unix_ms = {seconds * 1000}}}"


def _literal(text):
    pieces = "\n  ".join(f'R"~({text[i:i + LITERAL_PIECE]})~"' for i in range(0, len(text), LITERAL_PIECE))
    return f"{{{pieces}, {len(text.encode())}}}"
