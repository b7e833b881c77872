#!/usr/bin/env python3
"""Cells of Signet, simulated: how accounts spread over them, how many move when cells are added, and what fails when parts fail.

    bench/scale/simulate.py [--principals 1000000000] [--years 3] [--seed 1]

A cell is three members of etcd, each in a zone of its own, and three nodes that hold all of the cell's accounts in memory. What a cell
holds, costs and does comes from measurements (bench/RESULTS.md); how often machines fail is assumed, and said. docs/scale.md reads the results.
"""
import argparse
import hashlib
import heapq
import json
import random

# Measured on the machine of bench/RESULTS.md.
BYTES_A_PRINCIPAL = 382          # resident, a role with tags and policies
LOAD_SECONDS_A_MILLION = 2.5
WRITES_A_SECOND = 2433           # three nodes that all write, three members, all on two cores
# Assumed.
RECORD_BYTES_IN_ETCD = 900       # a role's record, its key, and etcd's own
ETCD_BYTES = 4 << 30             # its own advice: at most 8 GiB
MEAN_PRINCIPALS_AN_ACCOUNT = 200
LARGEST_ACCOUNT = 50_000
MEMBER_FAILS_EACH_DAYS = 90      # crash, upgrade of the system, lost disk
MEMBER_BACK_MINUTES = 10
MEMBER_REPLACED_SHARE = 0.1      # of failures, where a person replaces the machine
MEMBER_REPLACED_MINUTES = 240
ZONE_FAILS_EACH_DAYS = 365
ZONE_BACK_MINUTES = 120
FILL = 0.7                       # of a cell's room, so that accounts can grow


def sizes(principals, chance):
    """Principals of accounts until there are so many: few large ones, many small ones (Pareto)."""
    shape = 1.25
    smallest = MEAN_PRINCIPALS_AN_ACCOUNT * (shape - 1) / shape
    left = principals
    while left > 0:
        size = min(int(chance.paretovariate(shape) * smallest) + 1, LARGEST_ACCOUNT, left)
        left -= size
        yield size


def account_id(number):
    return f"{int.from_bytes(hashlib.blake2b(str(number).encode(), digest_size=8).digest(), 'big') % 10**12:012}"


def place(account, cells):
    """Jump consistent hash (Lamping and Veach, 2014): a cell for an account id, the same everywhere, with no table."""
    key = int.from_bytes(hashlib.blake2b(account.encode(), digest_size=8).digest(), "big")
    chosen, jump = -1, 0
    while jump < cells:
        chosen = jump
        key = (key * 2862933555777941757 + 1) & 0xFFFFFFFFFFFFFFFF
        jump = int((chosen + 1) * (1 << 31) / ((key >> 33) + 1))
    return chosen


def cell_capacity():
    return int(ETCD_BYTES / RECORD_BYTES_IN_ETCD)


def spread(principals, chance, most_accounts=200_000):
    """How full cells are by the hash alone. Large numbers are sampled: cells and accounts in the same proportion."""
    scale = max(1, principals / MEAN_PRINCIPALS_AN_ACCOUNT / most_accounts)
    sampled = int(principals / scale)
    # A cell of the sample holds as many accounts as a real one, so that the spread is the same.
    cells = max(2, round(sampled / (cell_capacity() * FILL)))
    held, accounts, moved, moved_principals = [0] * cells, 0, 0, 0
    for number, size in enumerate(sizes(sampled, chance)):
        account = account_id(number)
        cell = place(account, cells)
        held[cell] += size
        accounts += 1
        if place(account, cells + 1) != cell:
            moved += 1
            moved_principals += size
    mean = sum(held) / cells
    return {"sampled_cells": cells, "sampled_accounts": accounts, "fullest_to_mean": max(held) / mean, "emptiest_to_mean": min(held) / mean,
            "fullest_of_room": max(held) / cell_capacity(), "moved_by_one_more_cell": moved / accounts, "expected_moved": 1 / (cells + 1),
            "moved_principals": moved_principals}


def outages(cells, years, chance):
    """Minutes in which each cell has no majority of members, and in which no node of it is there, over so many years."""
    minutes = years * 365 * 24 * 60
    down = [{"write": 0.0, "read": 0.0, "times": 0} for _ in range(cells)]
    # Zones fail for all cells at once.
    zones = []
    for zone in range(3):
        at = chance.expovariate(1 / (ZONE_FAILS_EACH_DAYS * 1440))
        while at < minutes:
            zones.append((at, at + ZONE_BACK_MINUTES, zone))
            at += chance.expovariate(1 / (ZONE_FAILS_EACH_DAYS * 1440))
    for cell in down:
        events = []
        for zone in range(3):
            at = chance.expovariate(1 / (MEMBER_FAILS_EACH_DAYS * 1440))
            while at < minutes:
                is_replaced = chance.random() < MEMBER_REPLACED_SHARE
                events.append((at, at + (MEMBER_REPLACED_MINUTES if is_replaced else MEMBER_BACK_MINUTES), zone))
                at += chance.expovariate(1 / (MEMBER_FAILS_EACH_DAYS * 1440))
        count_outage(cell, events + zones)
    return down


def count_outage(cell, intervals):
    """Adds what the intervals (begin, end, zone) of machines that are away mean."""
    edges = []
    for begin, end, zone in intervals:
        heapq.heappush(edges, (begin, 1, zone))
        heapq.heappush(edges, (end, -1, zone))
    away, last = [0, 0, 0], 0.0
    was_out = False
    while edges:
        at, change, zone = heapq.heappop(edges)
        missing = sum(count > 0 for count in away)
        if missing >= 2:
            cell["write"] += at - last
        if missing == 3:
            cell["read"] += at - last
        away[zone] += change
        is_out = sum(count > 0 for count in away) >= 2
        cell["times"] += is_out and not was_out
        was_out, last = is_out, at


def report(principals, years, seed):
    chance = random.Random(seed)
    capacity = cell_capacity()
    cells = max(1, -(-principals // int(capacity * FILL)))
    spreading = spread(principals, chance)
    down = outages(min(cells, 2000), years, chance)
    minutes = years * 365 * 24 * 60
    write = [cell["write"] for cell in down]
    return {
        "principals": principals, "accounts": principals // MEAN_PRINCIPALS_AN_ACCOUNT, "cells": cells, "principals_a_cell": int(capacity * FILL),
        "memory_a_node_gib": capacity * FILL * BYTES_A_PRINCIPAL / 2**30, "start_of_a_node_seconds": capacity * FILL / 1e6 * LOAD_SECONDS_A_MILLION,
        "writes_a_second_all_cells": cells * WRITES_A_SECOND,
        "writes_a_second_an_account_if_all_write": WRITES_A_SECOND / (capacity * FILL / MEAN_PRINCIPALS_AN_ACCOUNT),
        "spread": spreading,
        "outages": {"simulated_cells": len(down), "years": years, "cell_outages_a_year": sum(cell["times"] for cell in down) / years / len(down),
                    "accounts_of_one_cell_share": 1 / cells, "write_availability": 1 - sum(write) / minutes / len(down),
                    "worst_cell_write_availability": 1 - max(write) / minutes,
                    "read_availability": 1 - sum(cell["read"] for cell in down) / minutes / len(down),
                    "share_of_time_when_some_cell_is_out": min(1.0, sum(write) / minutes * cells / len(down))},
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--principals", type=int, default=10**9)
    parser.add_argument("--years", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    print(json.dumps(report(args.principals, args.years, args.seed), indent=1))


if __name__ == "__main__":
    main()
