#!/usr/bin/env python3
"""Decisions of moto's evaluator (moto.iam.access_control), with the policies read beforehand: moto_engine.py FOLDER...

moto combines the identity policies as below and, by its own account, knows neither conditions outside trust policies,
variables, "?", boundaries, session policies, SCPs nor resource policies.
"""
import json
import pathlib
import sys
import time

from moto.iam.access_control import IAMPolicy, PermissionResult

BUDGET_NS = 12e9
ROUNDS = 5


def decide(policies, action, resource):
    """As moto's check_action_permitted() does it."""
    permitted = False
    for policy in policies:
        result = policy.is_action_permitted(action, resource)
        if result == PermissionResult.DENIED:
            return "explicitDeny"
        permitted = permitted or result == PermissionResult.PERMITTED
    return "allowed" if permitted else "implicitDeny"


def measure(policies, questions):
    begin = time.process_time_ns()
    answers = [decide(policies, *question) for question in questions]
    per_answer = (time.process_time_ns() - begin) / len(questions)
    step = max(1, round(len(questions) * ROUNDS * per_answer / BUDGET_NS + 0.5))
    medians = []
    for question in questions[::step]:
        samples = []
        for _ in range(ROUNDS):
            start = time.process_time_ns()
            decide(policies, *question)
            samples.append(time.process_time_ns() - start)
        medians.append(sorted(samples)[ROUNDS // 2])
    medians.sort()
    return {
        "answers": answers,
        "measured": len(medians),
        "median_ns": medians[len(medians) // 2],
        "p99_ns": medians[len(medians) * 99 // 100],
        "mean_ns": sum(medians) / len(medians),
    }


def main():
    for folder in sys.argv[1:]:
        path = pathlib.Path(folder)
        documents = json.loads((path / "policies.json").read_text(encoding="utf-8"))
        policies = [IAMPolicy(json.dumps(one["document"])) for one in documents]
        requests = json.loads((path / "requests.json").read_text(encoding="utf-8"))
        result = measure(policies, [(one["action"], one["resource"]) for one in requests])
        print(json.dumps({"engine": "moto", "folder": folder, **result}), flush=True)


if __name__ == "__main__":
    main()
