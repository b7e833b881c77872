"""facts/settings.tsv -> facts/settings.h: what each flag of `signet serve` is called elsewhere, its bounds and what help says of it."""
import _tsv

FORMS = {"switch": "Switch", "value": "Value", "list": "List"}


def outputs():
    return ["facts/settings.h"]


def check(row):
    name, least, most = row["setting"], row["least"], row["most"]
    if row["form"] not in FORMS:
        raise SystemExit(f"facts/settings.tsv: {name}: form is one of {', '.join(FORMS)}")
    if (least == "-") != (most == "-") or not all(bound == "-" or bound.isdecimal() for bound in (least, most)):
        raise SystemExit(f"facts/settings.tsv: {name}: both bounds are numbers, or both are -")
    if row["variable"] != "-" and not row["variable"].startswith("SIGNET_"):
        raise SystemExit(f"facts/settings.tsv: {name}: variables begin with SIGNET_")


def generate(facts):
    rows = _tsv.read(facts / "settings.tsv")
    names = [row["setting"] for row in rows]
    if names != sorted(set(names)):
        raise SystemExit("facts/settings.tsv: settings must be sorted and unique")
    lines = [
        "// Made by tools/gen/settings.py from facts/settings.tsv.", "#pragma once",
        "#include <array>", "#include <cstdint>", "#include <string_view>",
        "namespace signet::facts {", "",
        "enum class SettingForm : std::uint8_t { Switch, Value, List };", "",
        "struct SettingRow {", "  std::string_view name;      // of the flag, without its dashes", "  std::string_view variable;  // empty: none",
        "  SettingForm form;", "  bool has_bounds;", "  std::int64_t least;", "  std::int64_t most;", "  std::string_view text;", "};", "",
        "// Sorted by name.",
        f"inline constexpr std::array<SettingRow, {len(rows)}> kSettings = {{{{"]
    for row in rows:
        check(row)
        has_bounds = row["least"] != "-"
        lines.append(f"    {{{_tsv.c_string(row['setting'])}, {_tsv.c_string(row['variable'].strip('-'))}, SettingForm::{FORMS[row['form']]}, "
                     f"{str(has_bounds).lower()}, {row['least'] if has_bounds else 0}, {row['most'] if has_bounds else 0}, "
                     f"{_tsv.c_string(row['text'])}}},")
    lines += ["}};", "", "}  // namespace signet::facts", ""]
    return {"facts/settings.h": "\n".join(lines)}
