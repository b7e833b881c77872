"""facts/service_principals.tsv -> facts/service_principals_table.inc (names)."""
import _tsv


def outputs():
    return ["facts/service_principals_table.inc"]


def generate(facts):
    names = [row["name"] for row in _tsv.read(facts / "service_principals.tsv")]
    return {"facts/service_principals_table.inc": "".join(f"{_tsv.c_string(name)},\n" for name in names)}
