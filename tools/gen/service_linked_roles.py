"""facts/service_linked_roles.tsv -> facts/service_linked_roles_table.inc: one row per service, sorted by service."""
import _tsv

SUFFIXES = {"allowed": "true", "refused": "false"}


def outputs():
    return ["facts/service_linked_roles_table.inc"]


def generate(facts):
    rows = _tsv.read(facts / "service_linked_roles.tsv")
    return {"facts/service_linked_roles_table.inc": "".join(_row(row) for row in rows)}


def _row(row):
    if not row["role"].startswith("AWSServiceRoleFor") or row["suffix"] not in SUFFIXES:
        raise SystemExit(f"facts/service_linked_roles.tsv: {row['service']}: role or suffix has not the form")
    service, role, policy = (_tsv.c_string(row[name]) for name in ("service", "role", "policy"))
    description = "" if row["description"] == "-" else f", .description = {_tsv.c_string(row['description'])}"
    return (f"{{.service = {service}, .role = {role},\n"
            f" .policy = {policy}, .allows_suffix = {SUFFIXES[row['suffix']]}{description}}},\n")
