"""facts/s3_condition_keys.tsv -> facts/s3_condition_keys_table.inc (keys) and facts/s3_condition_actions.inc (their actions)."""
import _tsv


def outputs():
    return ["facts/s3_condition_keys_table.inc", "facts/s3_condition_actions.inc"]


def generate(facts):
    keys, actions = [], []
    for row in _tsv.read(facts / "s3_condition_keys.tsv"):
        listed = [] if row["actions"] == "*" else row["actions"].split(" ")
        keys.append(f'{{{_tsv.c_string(row["name"])}, {len(actions)}, {len(listed)}}},\n')
        actions += listed
    return {
        "facts/s3_condition_keys_table.inc": "".join(keys),
        "facts/s3_condition_actions.inc": "".join(f"{_tsv.c_string(action)},\n" for action in actions),
    }
