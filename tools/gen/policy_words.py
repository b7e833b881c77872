"""facts/policy_words.json -> facts/policy_word_ids.h (Words), facts/policy_words_table.inc (texts) and facts/finding_words_table.inc."""
import json
import re

import _tsv


def outputs():
    return ["facts/policy_word_ids.h", "facts/policy_words_table.inc", "facts/finding_words_table.inc"]


PLACE = re.compile(r"\{[a-z]+\}")


def name_of(key):
    return "".join(part.capitalize() for part in key.split("_"))


def check_findings(rows):
    """The English text is the key of a row; its places are in every language, and have text between them."""
    keys = [texts[0] for texts in rows]
    if keys != sorted(set(keys)):
        raise SystemExit("facts/policy_words.json: the findings are not sorted, or one is there twice")
    for texts in rows:
        places = [sorted(set(PLACE.findall(text))) for text in texts]
        if len(texts) != 4 or any(found != places[0] for found in places):
            raise SystemExit(f"facts/policy_words.json: {texts[0]} has not the same places in four languages")
        if re.search(r"\}\{[a-z]", texts[0]):
            raise SystemExit(f"facts/policy_words.json: {texts[0]} has places without text between them")


def generate(facts):
    words = json.loads((facts / "policy_words.json").read_text(encoding="utf-8"))
    table = words["words"]
    check_findings(words["findings"])
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
    def rows(lines):
        return "\n".join(f"{{{', '.join(_tsv.c_string(text) for text in texts)}}}," for texts in lines) + "\n"

    return {
        "facts/policy_word_ids.h": "\n".join(head),
        "facts/policy_words_table.inc": rows(table.values()),
        "facts/finding_words_table.inc": rows(words["findings"]),
    }
