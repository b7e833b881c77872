"""facts/service_credentials.tsv -> facts/service_credentials_table.inc (one row a service)."""
import _tsv


def outputs():
    return ["facts/service_credentials_table.inc"]


def generate(facts):
    rows = _tsv.read(facts / "service_credentials.tsv")
    names = [row["service"] for row in rows]
    if names != sorted(set(names)) or names != [name.lower() for name in names]:
        raise SystemExit("facts/service_credentials.tsv: services must be sorted, unique and in lower case")
    for row in rows:
        if row["kind"] not in ("key", "password") or (row["kind"] == "key") != (row["prefix"] != "-"):
            raise SystemExit(f"facts/service_credentials.tsv: {row['service']}: keys have a prefix, passwords have none")
    table = [f'{{{_tsv.c_string(row["service"])}, {_tsv.c_string(row["prefix"].strip("-"))}}},' for row in rows]
    return {"facts/service_credentials_table.inc": "\n".join(table) + "\n"}
