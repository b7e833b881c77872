"""facts/role_templates/*.json -> facts/role_templates_table.inc: the text of each file, as the server reads it at its start."""
import json

OUTPUT = "facts/role_templates_table.inc"
# Compilers limit one string literal; neighbours are joined by the language.
LITERAL_PIECE = 8000


def outputs():
    return [OUTPUT]


def generate(facts):
    rows = [_row(path) for path in sorted((facts / "role_templates").glob("*.json"))]
    return {OUTPUT: "".join(rows)}


def _row(path):
    template = json.loads(path.read_text(encoding="utf-8"))
    template.pop("source")
    text = json.dumps(template, separators=(",", ":"))
    literal = "\n  ".join(f'R"~({text[i:i + LITERAL_PIECE]})~"' for i in range(0, len(text), LITERAL_PIECE))
    return f'{{.name = "{path.name}",\n .text = {literal}}},\n'
