#!/usr/bin/env python3
"""What other requests notice of a storm of logins: the p99 of GetCallerIdentity while passwords are hashed, to that without, in one run.

    bench/load/login_storm.py [--rounds 10] [--seconds 3] [--clients 16]

Needs a built server (cmake --build --preset release) and boto3. Loopback only. Each client sends the sign-in form with a wrong
password again and again (argon2id, as long as for a right one), each time of another person and from another address of loopback, so that nobody
is slowed down for having guessed before, with a pause after each that was refused for lack of room. Quiet and
loaded stretches take turns, so that what else the machine does meets both; the ratio is the median over pairs of neighbours. Goal:
at most 1.2.
"""
import argparse
import multiprocessing
import os
import random
import statistics
import threading
import time
import types

from latency import Sampling, caller_identity
from starve import percentile, serving
from support import bootstrap
from support.browser import Browser

PAUSE = 0.2


def log_in(port, until, hashed, refused):
    """One client of the storm."""
    while not until.is_set():
        place = random.randrange(1 << 22)
        browser = Browser(types.SimpleNamespace(port=port), timeout=120, source=f"127.{1 + (place >> 16)}.{place >> 8 & 255}.{1 + place % 254}")
        step = browser.step(browser.request("GET", "/_console/signin"))
        form = {"step": step, "account": bootstrap.ACCOUNT, "user": f"person-{place}", "password": "wrong-Password-1"}
        answer = browser.request("POST", "/_console/signin", form)
        if answer.status in (429, 503):
            with refused.get_lock():
                refused.value += 1
            time.sleep(PAUSE)
        else:
            assert answer.status in (200, 401, 403), (answer.status, answer.text[:300])
            with hashed.get_lock():
                hashed.value += 1


def storm(port, clients, until, hashed, refused):
    os.nice(19)  # they would be on machines of their own
    threads = [threading.Thread(target=log_in, args=(port, until, hashed, refused)) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def stretch(port, seconds):
    sampling = Sampling(port, caller_identity)
    time.sleep(seconds)
    return sorted(sampling.stop())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--clients", type=int, default=16)
    options = parser.parse_args()
    hashed, refused = multiprocessing.Value("i", 0), multiprocessing.Value("i", 0)
    quiet, loaded, ratios, stormy = [], [], [], 0.0
    with serving() as server:
        for _ in range(options.rounds):
            without = stretch(server.port, options.seconds)
            until = multiprocessing.Event()
            sender = multiprocessing.Process(target=storm, args=(server.port, options.clients, until, hashed, refused))
            sender.start()
            time.sleep(0.5)
            start = time.perf_counter()
            within = stretch(server.port, options.seconds)
            stormy += time.perf_counter() - start + 0.5
            until.set()
            sender.join()
            ratios.append(percentile(within, 0.99) / percentile(without, 0.99))
            quiet += without
            loaded += within
    quiet.sort()
    loaded.sort()
    assert hashed.value > 0, "no password was hashed"
    print("| GetCallerIdentity | samples | p50 ms | p99 ms |\n|---|---|---|---|")
    for name, values in (("quiet", quiet), (f"{options.clients} clients log in", loaded)):
        print(f"| {name} | {len(values):,} | {percentile(values, 0.5):.2f} | {percentile(values, 0.99):.2f} |")
    print(f"\np99 to quiet, median of {options.rounds} pairs: {statistics.median(ratios):.2f} (all: {', '.join(f'{r:.2f}' for r in ratios)}). "
          f"{hashed.value / stormy:.0f} passwords hashed and {refused.value / stormy:.0f} refused a second. "
          f"Load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} CPUs.")


if __name__ == "__main__":
    main()
