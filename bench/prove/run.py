#!/usr/bin/env python3
"""How long `signet policy prove no-new-access` takes: run.py SIGNET PROVE_BENCH [--rounds N] [--cvc5-limit SECONDS].

Generated policies (bench/policy/gen.py) of 10, 30, 100 and 3,000 statements, each compared with itself, with one statement less, with one condition
less, and with itself when each statement is taken apart into one for each of its actions. Where the module cvc5 can be imported, cvc5 gets the same question of up to 100 statements in the same run, as SMT-LIB text: actions and
resources as strings, each condition as one Boolean. Prints a table: the time of the whole command, start and files included; and the processor time of the answer in
a running process, from the text of the question: for Signet that of the policies (read, compiled, proved, the request replayed), for cvc5 that of SMT-LIB (read, and
check-sat), which somebody has to make of the policies first. Of both the least of all rounds. The ratio is between these two."""
import argparse
import importlib.util
import json
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "policy"))
import gen  # noqa: E402

SIZES = {10: (1, 10), 30: (3, 10), 100: (10, 10), 3000: (100, 30)}
SOLVER = r"""
import sys, time
import cvc5
text = sys.stdin.read()
for _ in range(int(sys.argv[1])):
    solver = cvc5.Solver()
    solver.setOption("strings-exp", "true")
    begin, check, answer = time.process_time(), 0, ""
    parser = cvc5.InputParser(solver)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, text, "q")
    symbols = parser.getSymbolManager()
    while True:
        command = parser.nextCommand()
        if command.isNull():
            break
        before = time.process_time()
        answer += command.invoke(solver, symbols)
        check += time.process_time() - before if command.getCommandName() == "check-sat" else 0
    print(answer.strip(), time.process_time() - begin, check, flush=True)
"""


def as_list(value):
    return value if isinstance(value, list) else [value]


def regex(pattern):
    parts = []
    for piece in re.findall(r"\*+|\?|[^*?]+", pattern):
        parts.append("re.all" if piece[0] == "*" else "re.allchar" if piece == "?" else '(str.to_re "%s")' % piece.replace('"', '""'))
    return parts[0] if len(parts) == 1 else "(re.++ %s)" % " ".join(parts)


def matches(name, pattern):
    if pattern == "*":
        return "true"
    return '(= %s "%s")' % (name, pattern) if not set("*?") & set(pattern) else "(str.in_re %s %s)" % (name, regex(pattern))


def either(terms):
    return terms[0] if len(terms) == 1 else "(or %s)" % " ".join(terms)


def applies(statement, conditions):
    terms = []
    for name, member, fold in (("a", "Action", str.lower), ("r", "Resource", str)):
        for prefix in ("", "Not"):
            if prefix + member in statement:
                term = either([matches(name, fold(pattern)) for pattern in as_list(statement[prefix + member])])
                terms.append(f"(not {term})" if prefix else term)
    for operator, keys in statement.get("Condition", {}).items():
        for key, values in keys.items():
            terms.append(conditions.setdefault(json.dumps([operator, key, values]), f"c{len(conditions)}"))
    return "(and %s)" % " ".join(terms) if len(terms) > 1 else terms[0]


def smt(now, before):
    conditions = {}

    def allows(statements):
        sides = {effect: [applies(s, conditions) for s in statements if s["Effect"] == effect] for effect in ("Allow", "Deny")}
        denied = "(not %s)" % either(sides["Deny"]) if sides["Deny"] else "true"
        return f"(and {either(sides['Allow'])} {denied})"

    body = f"(assert {allows(now)})\n(assert (not {allows(before)}))\n"
    return ("(set-logic ALL)\n(declare-const a String)\n(declare-const r String)\n" +
            "".join(f"(declare-const {name} Bool)\n" for name in conditions.values()) + body + "(check-sat)\n")


def questions(size):
    policies = gen.Maker(7 + size, max(6, size // 10), SIZES[size][0]).policies(*SIZES[size], 0.15)
    statements = [s for policy in policies for s in policy["document"]["Statement"]]
    allowed = [i for i, s in enumerate(statements) if s["Effect"] == "Allow"]
    limited = [i for i in allowed if "Condition" in statements[i]]
    lost, freed = allowed[len(allowed) // 2], limited[len(limited) // 2]
    yield "the same", statements, statements
    yield "a statement more", statements, statements[:lost] + statements[lost + 1:]
    yield "a condition less", [{k: v for k, v in s.items() if k != "Condition"} if i == freed else s for i, s in enumerate(statements)], statements
    yield "taken apart", [{**s, "Action": action} for s in statements for action in s["Action"]], statements


def write(folder, name, statements):
    files = []
    for begin in range(0, len(statements), 900):
        files.append(str(folder / f"{name}{begin}.json"))
        pathlib.Path(files[-1]).write_text(json.dumps({"Version": "2012-10-17", "Statement": statements[begin:begin + 900]}), encoding="utf-8")
    return files


def ask_signet(program, now, before, rounds):
    """The answer and the median time of the command."""
    words = [program, "policy", "prove", "no-new-access", "--output", "json"]
    words += [word for file in before for word in ("--old", file)] + [word for file in now for word in ("--new", file)]
    times = []
    for _ in range(rounds):
        begin = time.monotonic()
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        times.append(time.monotonic() - begin)
    return json.loads(done.stdout)["result"], statistics.median(times)


def ask_bench(program, now, before, rounds):
    """The answer and its least processor time."""
    done = subprocess.run([program, str(rounds), *before, "--", *now], capture_output=True, text=True, check=True)
    answer, microseconds = done.stdout.split()
    return answer, float(microseconds) / 1e6


def ask_cvc5(now, before, rounds, limit):
    """The answer, and the least processor time of text and check-sat, and of check-sat alone."""
    try:
        done = subprocess.run([sys.executable, "-c", SOLVER, str(rounds)], input=smt(now, before), capture_output=True, text=True, timeout=rounds * limit,
                              check=True)
    except subprocess.TimeoutExpired:
        return "no answer", limit, limit
    rows = [line.split() for line in done.stdout.splitlines()]
    return {"sat": "FAIL", "unsat": "PASS"}.get(rows[0][0], rows[0][0]), min(float(row[1]) for row in rows), min(float(row[2]) for row in rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("signet")
    parser.add_argument("prove_bench")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--cvc5-limit", type=float, default=20)
    options = parser.parse_args()
    has_cvc5 = importlib.util.find_spec("cvc5") is not None
    print("| statements | new against old | result | command ms | answer CPU ms | cvc5 | cvc5 CPU ms | of it check-sat | ratio |\n|---|---|---|---|---|---|---|---|---|")
    ratios, of_checks = [], []
    with tempfile.TemporaryDirectory() as folder:
        for size in SIZES:
            for name, now, before in questions(size):
                files = [write(pathlib.Path(folder), side, statements) for side, statements in (("now", now), ("old", before))]
                result, seconds = ask_signet(options.signet, *files, options.rounds)
                same, used = ask_bench(options.prove_bench, *files, options.rounds)
                assert same == result, (size, name)
                answer, cells = "-", "- | - | -"
                if has_cvc5 and size <= 100:
                    answer, taken, check = ask_cvc5(now, before, options.rounds, options.cvc5_limit)
                    cells = f"{taken * 1000:,.1f} | {check * 1000:,.1f} | {taken / used:,.1f}"
                    ratios.append(taken / used)
                    of_checks.append(check / used)
                print(f"| {size:,} | {name} | {result} | {seconds * 1000:,.1f} | {used * 1000:,.2f} | {answer} | {cells} |", flush=True)
    if ratios:
        print(f"\nMedian ratio: {statistics.median(ratios):,.1f}; of check-sat alone to all of Signet's answer: {statistics.median(of_checks):,.1f}.")


if __name__ == "__main__":
    main()
