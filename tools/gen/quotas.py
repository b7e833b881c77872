"""facts/quotas.tsv -> facts/quotas.h: a constant k<name> for each row, and for those that an account may have its own number of
the enumeration Quota with the table kQuotas in its order.
"""
import _tsv


def outputs():
    return ["facts/quotas.h"]


def generate(facts):
    rows = _tsv.read(facts / "quotas.tsv")
    names = [row["name"] for row in rows]
    if names != sorted(set(names)):
        raise SystemExit("facts/quotas.tsv: names must be sorted and unique")
    for row in rows:
        if not row["limit"].isdecimal() or row["setting"] not in ("yes", "no"):
            raise SystemExit(f"facts/quotas.tsv: {row['name']}: bad limit or setting")
    own = [row for row in rows if row["setting"] == "yes"]
    lines = [
        "// Made by tools/gen/quotas.py from facts/quotas.tsv.", "#pragma once",
        "#include <array>", "#include <cstddef>", "#include <cstdint>", "#include <string_view>",
        "namespace signet::facts {", "",
        *[f"inline constexpr std::size_t k{row['name']} = {row['limit']};  // {row['unit']}" for row in rows], "",
        "// Numbers that an account's setting quota.<name> may change.",
        "enum class Quota : std::uint8_t {", *[f"  {row['name']}," for row in own], "};", "",
        "struct QuotaRow {", "  std::string_view name;", "  std::size_t limit;", "};", "",
        "// In the order of Quota.",
        f"inline constexpr std::array<QuotaRow, {len(own)}> kQuotas = {{{{",
        *[f"    {{{_tsv.c_string(row['name'])}, k{row['name']}}}," for row in own], "}};", "",
        "}  // namespace signet::facts", ""]
    return {"facts/quotas.h": "\n".join(lines)}
