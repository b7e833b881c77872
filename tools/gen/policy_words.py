"""facts/policy_words.json -> facts/policy_word_ids.h (Words) and facts/policy_words_table.inc (texts)."""
import json
import re

import _tsv


def outputs():
    return ["facts/policy_word_ids.h", "facts/policy_words_table.inc"]


def name_of(key):
    return "".join(part.capitalize() for part in key.split("_"))


def generate(facts):
    table = json.loads((facts / "policy_words.json").read_text(encoding="utf-8"))["words"]
    if list(table) != sorted(table):
        raise SystemExit("facts/policy_words.json: the words are not sorted")
    for key, texts in table.items():
        places = [sorted(re.findall(r"\{\w+\}", text)) for text in texts]
        if len(texts) != 4 or any(found != places[0] for found in places):
            raise SystemExit(f"facts/policy_words.json: {key} has not the same places in four languages")
    head = [
        "// Made by tools/gen/policy_words.py from facts/policy_words.json.",
        "#pragma once",
        "#include <cstdint>",
        "namespace signet::facts {",
        "// A phrase of those that tell what policies say.",
        "enum class Words : std::uint8_t {",
        *[f"  {name_of(key)},  // {texts[0]}" for key, texts in table.items()],
        "};",
        "}  // namespace signet::facts",
        "",
    ]
    rows = [f"{{{', '.join(_tsv.c_string(text) for text in texts)}}}," for texts in table.values()]
    return {"facts/policy_word_ids.h": "\n".join(head), "facts/policy_words_table.inc": "\n".join(rows) + "\n"}
