"""facts/signing_names.tsv -> facts/signing_names_table.inc (one row a service)."""
import _tsv

PROTOCOLS = {"ec2", "json", "query", "rest-json", "rest-xml", "smithy-rpc-v2-cbor"}


def outputs():
    return ["facts/signing_names_table.inc"]


def generate(facts):
    rows = _tsv.read(facts / "signing_names.tsv")
    names = [row["name"] for row in rows]
    if names != sorted(names) or len(set(names)) != len(names):
        raise SystemExit("facts/signing_names.tsv: names must be sorted and unique")
    for row in rows:
        if not set(row["protocols"].split(" ")) <= PROTOCOLS:
            raise SystemExit(f'facts/signing_names.tsv: {row["name"]}: protocols must be of {sorted(PROTOCOLS)}')
    table = [f'{{{_tsv.c_string(row["name"])}, {_tsv.c_string(row["protocols"])}}},' for row in rows]
    return {"facts/signing_names_table.inc": "\n".join(table) + "\n"}
