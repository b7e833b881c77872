"""facts/catalogue/*.tsv -> facts/catalogue_tables.inc: one text per service, and lists that many actions share.

An action is a line "Name<tab>level<tab>resources<tab>number of its list of keys"; a resource type "name<tab>arn<tab>
number"; a key "name<tab>type<tab>caller or nothing". Text instead of rows: 26,000 rows would make the compiler slow and cost relocations, and
only `policy check` reads them. Lines are sorted with ASCII case ignored.
"""
import _tsv


def outputs():
    return ["facts/catalogue_tables.inc"]


def grouped(rows, column):
    groups = {}
    for row in rows:
        groups.setdefault(row[column].partition(":")[0].lower(), []).append(row)
    return groups


class KeyLists:
    """Distinct lists of condition keys, numbered in order of first use."""

    def __init__(self):
        self.numbers = {}

    def number(self, service, keys):
        whole = ",".join(service + key if key.startswith(":") else key for key in keys.split(",")) if keys else ""
        return self.numbers.setdefault(whole, len(self.numbers))


def literal(lines):
    """A string_view of the lines. With the suffix its length is known: clang gives up counting a million characters."""
    return ("".join(f"\n    {_tsv.c_string(line + chr(10))}" for line in lines) or ' ""') + "sv"


def ends(lines):
    """Where each line ends within all of them, new lines counted."""
    at = 0
    for line in lines:
        at += len(line) + 1
        yield str(at)


def generate(facts):
    folder = facts / "catalogue"
    lists = KeyLists()
    lists.number("", "")
    actions = grouped(_tsv.read(folder / "actions.tsv"), "action")
    resources = grouped(_tsv.read(folder / "resources.tsv"), "resource")
    caller_keys = _tsv.read(folder / "caller_keys.tsv")
    caller = {row["key"].lower() for row in caller_keys}
    keys = [row for row in _tsv.read(folder / "keys.tsv") if row["key"].lower() not in caller]
    keys = sorted(keys + caller_keys, key=lambda row: row["key"].lower())
    services = sorted(_tsv.read(folder / "services.tsv"), key=lambda row: row["prefix"].lower())
    retired = _tsv.read(folder / "retired_services.tsv")
    if both := {row["prefix"] for row in retired} & {row["prefix"].lower() for row in services}:
        raise SystemExit(f"facts/catalogue: retired, and yet in services.tsv: {', '.join(sorted(both))}")
    out = ["constexpr CatalogueService kServices[] = {"]
    for service in services:
        prefix = service["prefix"].lower()
        action_lines = [
            "\t".join([row["action"].partition(":")[2], row["level"], row["resources"],
                       str(lists.number(prefix, row["keys"]))])
            for row in actions.get(prefix, [])
        ]
        resource_lines = [
            "\t".join([row["resource"].partition(":")[2], row["arn"], str(lists.number(prefix, row["keys"]))])
            for row in resources.get(prefix, [])
        ]
        out.append(f'{{.prefix = "{prefix}", .title = {_tsv.c_string(service["name"])},\n .actions = {literal(action_lines)},\n'
                   f" .resources = {literal(resource_lines)}}},")
    out.append("};")
    out.append(f"constexpr std::string_view kKeyLists = {literal(lists.numbers)};")
    out.append(f"constexpr std::uint32_t kKeyListEnds[] = {{{', '.join(ends(lists.numbers))}}};")
    out.append("constexpr std::string_view kKeys = " + literal(
        "\t".join([row["key"], row["type"], "caller" if row["key"].lower() in caller else ""]) for row in keys) + ";")
    out.append("constexpr RetiredService kRetiredServices[] = {")
    out += [f'    {{.prefix = "{row["prefix"]}", .name = "{row["name"]}"}},'
            for row in retired]
    out.append("};")
    out.append("constexpr Region kRegions[] = {")
    out += [f'    {{.name = "{row["region"]}", .partition = "{row["partition"]}"}},'
            for row in _tsv.read(folder / "regions.tsv")]
    out.append("};")
    return {"facts/catalogue_tables.inc": "\n".join(out) + "\n"}
