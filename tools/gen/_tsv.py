"""Reading the tab-separated facts: '#' starts a comment line, the first other line names the columns."""


def read(path):
    """Rows of a TSV file as dicts of column name to text."""
    rows, columns = [], None
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        cells = line.split("\t")
        if columns is None:
            columns = cells
            continue
        if len(cells) != len(columns):
            raise SystemExit(f"{path}:{number}: {len(cells)} cells, expected {len(columns)}")
        rows.append(dict(zip(columns, cells)))
    return rows


def c_string(text):
    """A C++ string literal of the text."""
    out = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{out}"'
