#!/usr/bin/env python3
"""Whether the time of a refused sign-in tells what was wrong: an account that is not there, a user that is not there, a user without a password, a wrong password.

    bench/load/failure_times.py [--rounds 400]

Needs a built server (cmake --build --preset release). Loopback only. On a data folder: --dev hashes at the lowest cost, and is no measure.
The kinds take turns in random order, each attempt from another address and, of wrong passwords, for another user, so that nobody waits for
having guessed before. Of each pair of kinds: the difference of the medians, and how often a guess by the time alone would be right (the area
under the curve of the Mann-Whitney test; 0.5 is a coin), with the two standard errors that chance alone makes. A number of rounds that shows
nothing shows only that: the difference is below what it can see.
"""
import argparse
import itertools
import json
import math
import pathlib
import random
import statistics
import sys
import tempfile
import time
import types

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tests"))

from support import bootstrap  # noqa: E402
from support.browser import Browser  # noqa: E402
from support.server import Server  # noqa: E402

KINDS = ("no such account", "no such user", "no password", "wrong password")
SAME = "Account, user name or password is not right."


def document(users):
    value = bootstrap.document()
    value["accounts"][0]["users"] += [{"name": f"with-{n}", "password": "Correct-horse-1"} for n in range(users)]
    value["accounts"][0]["users"] += [{"name": f"without-{n}"} for n in range(users)]
    return value


def form_of(kind, n, step, users):
    account = "999999999999" if kind == "no such account" else bootstrap.ACCOUNT
    user = {"wrong password": f"with-{n % users}", "no password": f"without-{n % users}"}.get(kind, f"nobody-{n}")
    return {"step": step, "account": account, "user": user, "password": "wrong-Password-1"}


def attempt(port, kind, n, users):
    """Milliseconds of one refused sign-in."""
    place = random.randrange(1 << 22)
    browser = Browser(types.SimpleNamespace(port=port), source=f"127.{1 + (place >> 16)}.{place >> 8 & 255}.{1 + place % 254}")
    form = form_of(kind, n, browser.step(browser.request("GET", "/_console/signin")), users)
    start = time.perf_counter()
    answer = browser.request("POST", "/_console/signin", form)
    taken = (time.perf_counter() - start) * 1e3
    assert answer.status == 401 and SAME in answer.text, (kind, answer.status)
    return taken


def chance_of_guess(one, other):
    """The part of pairs in which the second took longer."""
    ranks = {}
    for rank, value in enumerate(sorted(one + other), 1):
        ranks.setdefault(value, []).append(rank)
    total = sum(statistics.mean(ranks[value]) for value in other)
    return (total - len(other) * (len(other) + 1) / 2) / (len(one) * len(other))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=400)
    rounds = parser.parse_args().rounds
    users = rounds // 3 + 1  # at most three wrong passwords each: the sixth would wait
    times = {kind: [] for kind in KINDS}
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "bootstrap.json"
        file.write_text(json.dumps(document(users)), encoding="utf-8")
        server = Server(["--data", pathlib.Path(folder) / "data", "--quiet", "--listen", "127.0.0.1:0", "--bootstrap", file], folder)
        server.start()
        try:
            for n in range(rounds):
                for kind in random.sample(KINDS, len(KINDS)):
                    times[kind].append(attempt(server.port, kind, n, users))
        finally:
            server.stop()
    print(f"{rounds} refused sign-ins of each kind, ms")
    for kind in KINDS:
        quarter, half, rest = statistics.quantiles(times[kind], n=4)
        print(f"{kind:16} median {half:7.2f}   quartiles {quarter:7.2f} {rest:7.2f}")
    chance = 2 * math.sqrt((2 * rounds + 1) / (12 * rounds * rounds))
    for one, other in itertools.combinations(KINDS, 2):
        difference = statistics.median(times[other]) - statistics.median(times[one])
        print(f"{one:16} / {other:16} medians differ by {difference:+6.2f} ms; told apart by time {chance_of_guess(times[one], times[other]):.3f} (chance alone: 0.5 +- {chance:.3f})")


if __name__ == "__main__":
    main()
