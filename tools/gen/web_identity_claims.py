"""facts/web_identity_claims.tsv -> facts/web_identity_claims_table.inc (one row a claim)."""
import _tsv


def outputs():
    return ["facts/web_identity_claims_table.inc"]


def generate(facts):
    rows = _tsv.read(facts / "web_identity_claims.tsv")
    for row in rows:
        if row["issuer"].count("*") > 1:
            raise SystemExit(f'facts/web_identity_claims.tsv: {row["issuer"]}: one "*" at most')
    table = [f'{{{_tsv.c_string(row["issuer"])}, {_tsv.c_string(row["claim"])}}},' for row in rows]
    return {"facts/web_identity_claims_table.inc": "\n".join(table) + "\n"}
