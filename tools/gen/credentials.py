"""facts/operations/credentials.tsv -> facts/credentials_table.inc: a row for every operation, in the order of their ids."""
import _models


def outputs():
    return ["facts/credentials_table.inc"]


def row(op):
    sessions = "".join(word.capitalize() for word in op.sessions.split("-"))
    return f"{{Operation::{op.id}, Sessions::{sessions}, {str(op.needs_signature).lower()}}},"


def generate(facts):
    rows = [row(op) for service in _models.load(facts).values() for op in service.operations]
    return {"facts/credentials_table.inc": "\n".join(rows) + "\n"}
