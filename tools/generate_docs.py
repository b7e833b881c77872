#!/usr/bin/env python3
"""Writes the reference pages that are made from facts/. They are committed; --check fails when one is stale.

Usage: generate_docs.py [--check]
"""
import argparse
import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools" / "gen"))

sys.path.insert(1, str(ROOT / "tools"))

import _differences  # noqa: E402
import _models  # noqa: E402
import _tsv  # noqa: E402
import tidy  # noqa: E402

TITLES = {"iam": "IAM", "sts": "STS", "rolesanywhere": "IAM Roles Anywhere", "signin": "Sign-in", "insight": "Signet's own: insight",
          "accessanalyzer": "Access Analyzer", "ssooidc": "IAM Identity Center OIDC", "cloudtrail": "CloudTrail", "organizations": "Organizations"}


def service_section(service):
    done = sum(op.status != "planned" for op in service.operations)
    lines = [
        f"## {TITLES[service.name]} ({service.version}): {done} of {len(service.operations)}",
        "",
        "| operation | state | permission | resource |",
        "|---|---|---|---|",
    ]
    for op in service.operations:
        actions = ", ".join(f"`{a.rstrip('?')}`" + (" (if used)" if a.endswith("?") else "") for a in op.actions) or "none"
        is_known = op.status == "implemented" or service.name not in _models.PARTLY_SERVED
        resource = ", ".join(f"`{arn}`" for arn in op.resources if arn != "none" and is_known)
        lines.append(f"| {op.name} | {op.status} | {actions} | {resource} |")
    return lines + [""]


def s3_section(rows):
    done = [row for row in rows if row["implemented"] == "yes"]
    lines = [
        f"## S3 (2006-03-01): {len(done)} of {len(rows)}",
        "",
        "| operation | state | permission |",
        "|---|---|---|",
    ]
    for row in rows:
        state = "implemented" if row["implemented"] == "yes" else "planned"
        action = f"`{row['action']}`" if row["action"] else ""
        lines.append(f"| {row['name']} | {state} | {action} |")
    return lines + [""]


def operations_page():
    lines = [
        "# Operations",
        "",
        "Every operation of the AWS services that Signet speaks, and whether it is written. A planned one answers",
        "`NotImplemented` and changes nothing. *Permission* is what a policy must allow, *(if used)* only when the request",
        "uses the feature (tags, source identity); *resource* is the ARN that the first permission is checked on.",
        "",
        "Made by `tools/generate_docs.py` from `facts/`; edit there.",
        "",
    ]
    for service in _models.load(ROOT / "facts").values():
        lines += service_section(service)
    lines += s3_section(_tsv.read(ROOT / "facts" / "s3_operations.tsv"))
    return "\n".join(lines)


def readme_page():
    """README.md with its table of services renewed between two comments."""
    services = [(TITLES[s.name], sum(op.status != "planned" for op in s.operations), len(s.operations))
                for s in _models.load(ROOT / "facts").values()]
    services = [row for row in services if row[1] > 0]
    rows = _tsv.read(ROOT / "facts" / "s3_operations.tsv")
    services.append(("S3", sum(row["implemented"] == "yes" for row in rows), len(rows)))
    table = ["| service | operations written | of |", "|---|---|---|"]
    table += [f"| {name} | {done} | {total} |" for name, done, total in services]
    head, begin, rest = (ROOT / "README.md").read_text(encoding="utf-8").partition(README_BEGIN)
    _, end, tail = rest.partition(README_END)
    if not begin or not end:
        sys.exit("README.md: the comments around the table of operations are missing")
    return head + begin + "\n".join(table) + "\n" + end + tail


def first_samples():
    """Finding -> profile and policy of its first sample; a long one is left out."""
    samples = {}
    for path in sorted((ROOT / "testdata" / "policy" / "findings").glob("*.json")):
        for row in json.loads(path.read_text(encoding="utf-8")):
            samples.setdefault(row["finding"], row)
    return samples


def sample_cell(row):
    policy = row["policy"]
    shown = policy.get("Statement", policy) if isinstance(policy, dict) and "pad" not in row else None
    if shown is None or row["finding"] in ("MissingVersion", "InvalidVersion", "OldVersion", "MissingStatement"):
        return row["profile"]
    text = json.dumps(shown, ensure_ascii=False).replace("|", "\\|")
    return f'{row["profile"]}: `{text}`'


def findings_page():
    rows = _tsv.read(ROOT / "facts" / "policy_findings.tsv")
    samples = first_samples()
    decided = [row for row in rows if row["decided"] == "yes"]
    with_aws = sum(row["aws"] != "-" for row in decided)
    lines = [
        "# Findings of `signet policy check`",
        "",
        f"{len(decided)} kinds; {with_aws} of them are kinds of IAM Access Analyzer's policy validation, under its issue codes and with its",
        "types; the others are ours. `--ignore` takes either name. A note says where we differ. *Found in* is the first",
        "sample of `testdata/policy/findings/`, where each kind also has a policy like it that must not be found.",
        "",
        "How the list was measured: over the 1,594 AWS-managed policies of the package that `facts/catalogue/` names",
        "(`tests/conformance/test_managed_policies.py`): no finding of type error, since AWS takes them all.",
        "",
        "Made by `tools/generate_docs.py` from `facts/policy_findings.tsv`; edit there.",
        "",
        "| finding | issue code of AWS | type | found in | note |",
        "|---|---|---|---|---|",
    ]
    for row in rows:
        aws = "" if row["aws"] == "-" else f'`{row["aws"]}`'
        note = "" if row["note"] == "-" else row["note"]
        found = sample_cell(samples[row["finding"]]) if row["finding"] in samples else "not decided here"
        lines.append(f'| {row["finding"]} | {aws} | {row["type"]} | {found} | {note} |')
    return "\n".join(lines + [""])


def differences_page():
    found = _differences.read(ROOT, tidy.listed_files(ROOT))
    lines = [
        "# Known differences from AWS",
        "",
        "Where Signet answers otherwise than AWS and we know it. Operations that are not written are in",
        "[operations.md](operations.md); what AWS does is in [docs/aws/](../aws/README.md).",
        "",
        "Made by `tools/generate_docs.py` from the places that say `AWS-DIFF:`; edit there.",
        "",
        "| place | difference |",
        "|---|---|",
    ]
    lines += [f"| [{path.removeprefix('src/')}](../../{path}) | {text.replace('|', '/')} |" for path, text in found]
    return "\n".join(lines + [""])


def managed_policies_page():
    rows = [json.loads(line) for line in (ROOT / "facts" / "managed_policies.jsonl").read_text(encoding="utf-8").splitlines()]
    lines = [
        "# AWS-managed policies",
        "",
        f"{len(rows):,} come along, in the version that was in force on {max(row['update_date'] for row in rows)[:10]}: all that the public catalogue has. They can be attached, and a",
        "role or user may have them as its boundary; those below `/aws-service-role/` are for service-linked roles alone. More, and newer",
        "versions, can be added: `signet policy import FOLDER` takes those of a folder of JSON files. `aws iam list-policies --scope AWS`",
        "lists what a server has.",
        "",
        "Made by `tools/generate_docs.py` from `facts/managed_policies.jsonl`, which `tools/import_managed_policies.py` writes.",
        "",
        "| ARN | version |",
        "|---|---|",
    ]
    lines += [f'| `{row["arn"]}` | {row["default_version_id"]} |' for row in sorted(rows, key=lambda row: row["arn"].lower())]
    return "\n".join(lines + [""])


def decisions_page():
    """Every number up to the last, so that a gap is seen to be one."""
    titles = {}
    for path in sorted((ROOT / "docs" / "decisions").glob("[0-9][0-9][0-9][0-9]-*.md")):
        title = path.read_text(encoding="utf-8").splitlines()[0].partition(": ")[2]
        titles[int(path.name[:4])] = f"[{title}]({path.name})"
    lines = [
        "# Decisions",
        "",
        "Why Signet is built as it is: what was chosen, what instead, and what would change our mind. A number is taken before its",
        "page is written; one that is *not used* never had a page.",
        "",
        "Made by `tools/generate_docs.py` from the titles.",
        "",
        "| number | decision |",
        "|---|---|",
    ]
    lines += [f"| {number:04} | {titles.get(number, 'not used')} |" for number in range(1, max(titles) + 1)]
    return "\n".join(lines + [""])


def quotas_page():
    rows = _tsv.read(ROOT / "facts" / "quotas.tsv")
    lines = [
        "# Limits that AWS sets",
        "",
        f"{len(rows)} numbers that requests are held to, as AWS has them. *Adjustable*: the account's setting `quota.NAME` may hold another",
        "number. What callers may cost this server is in [limits](../guide/limits.md).",
        "",
        "Made by `tools/generate_docs.py` from `facts/quotas.tsv`; edit there.",
        "",
        "| limit | value | unit | adjustable |",
        "|---|---|---|---|",
    ]
    lines += [f"| {row['name']} | {int(row['limit']):,} | {row['unit']} | {row['setting']} |" for row in rows]
    return "\n".join(lines + [""])


SETTING_TOPICS = {
    "serving": "Serving", "state": "The data folder", "store": "Several machines", "network": "The network", "audit": "The audit trail",
    "telemetry": "What is sent elsewhere", "limits": "Limits and metrics", "objects": "Objects elsewhere", "issuers": "Issuers of web identity tokens",
    "templates": "Templates and notifications"}


def settings_page():
    rows = _tsv.read(ROOT / "facts" / "settings.tsv")
    assert {row["topic"] for row in rows} == set(SETTING_TOPICS)
    lines = [
        "# Settings of `signet serve`",
        "",
        f"{len(rows)} settings. Each is a flag; where the flag is absent its environment variable counts, then the key of the same name in the",
        "[TOML](https://toml.io) file that `--config` or `SIGNET_CONFIG` names, then the default. Lists are repeated flags, variables with commas",
        "between, and lists in the file; switches are `true` or `false` there:",
        "",
        "```toml",
        'listen = "0.0.0.0:9311"',
        'tls-cert = "/etc/signet/chain.pem"',
        'tls-key = "/etc/signet/key.pem"',
        "audit-required = true",
        'limit = ["memory.bodies=64MiB", "quota.bucket.bytes=10GiB"]',
        "```",
        "",
        "A key that is no setting, and a value that the flag would not take, stop the start. What `--limit` takes: [limits](../guide/limits.md).",
        "`SIGHUP` reads certificates, `oidc-jwks`, audit files and the access log anew; everything else is read at the start. Secrets are in no",
        "setting but in files of their own, or in `SIGNET_MASTER_KEY`.",
        "",
        "Made by `tools/generate_docs.py` from `facts/settings.tsv`; edit there.",
    ]
    for topic, title in SETTING_TOPICS.items():
        lines += ["", f"## {title}", "", "| flag | variable | |", "|---|---|---|"]
        for row in rows:
            if row["topic"] == topic:
                bounds = "" if row["least"] == "-" else f"; {int(row['least']):,} to {int(row['most']):,}"
                form = {"switch": " (switch)", "list": " (list)", "value": ""}[row["form"]]
                variable = "" if row["variable"] == "-" else f"`{row['variable']}`"
                lines.append(f"| `--{row['setting']}`{form} | {variable} | {row['text']}{bounds} |")
    return "\n".join(lines + [""])


README_BEGIN = "<!-- operations: made by tools/generate_docs.py -->\n"
README_END = "<!-- /operations -->"
PAGES = {"docs/reference/operations.md": operations_page, "docs/reference/policy-findings.md": findings_page,
         "docs/reference/managed-policies.md": managed_policies_page, "docs/reference/differences.md": differences_page,
         "docs/reference/quotas.md": quotas_page, "docs/reference/settings.md": settings_page, "docs/decisions/README.md": decisions_page, "README.md": readme_page}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare, change nothing")
    args = parser.parse_args()
    stale = []
    for name, make in PAGES.items():
        path, text = ROOT / name, make()
        if args.check:
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                stale.append(name)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    if stale:
        sys.exit("stale, run tools/generate_docs.py: " + ", ".join(stale))


if __name__ == "__main__":
    main()
