"""facts/json_errors.tsv -> facts/json_errors_table.inc (its rows)."""
import _models
import _tsv


def outputs():
    return ["facts/json_errors_table.inc"]


def generate(facts):
    path = facts / "json_errors.tsv"
    rows = _tsv.read(path)
    keys = [(row["name"], row["service"]) for row in rows]
    known = {row["name"] for row in _tsv.read(facts / "errors.tsv")}
    if keys != sorted(set(keys)) or any(row["service"] not in ("*", *_models.JSON_SERVICES) for row in rows):
        raise SystemExit(f"{path}: rows must be sorted by name and service, each once, of a service that speaks JSON or of *")
    if unknown := sorted({row["name"] for row in rows} - known):
        raise SystemExit(f"{path}: facts/errors.tsv does not have {unknown}")
    table = []
    for row in rows:
        is_of_all = row["service"] == "*"
        service = _models.JSON_SERVICES[0] if is_of_all else row["service"]
        error = "" if row["error"] == "-" else row["error"]
        table.append(f"{{ErrorCode::{row['name']}, {str(is_of_all).lower()}, Service::{service.capitalize()}, "
                     f"{{{_tsv.c_string(row['type'])}, {row['status']}, {_tsv.c_string(error)}}}}},")
    return {"facts/json_errors_table.inc": "\n".join(table) + "\n"}
