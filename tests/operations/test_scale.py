"""The simulator of cells (docs/scale.md): what it counts is what it says."""
import importlib.util
import random

from support.server import ROOT

SPEC = importlib.util.spec_from_file_location("simulate", ROOT / "bench" / "scale" / "simulate.py")
simulate = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(simulate)


def test_an_account_has_one_cell_and_leaves_it_for_the_new_one_only():
    accounts = [simulate.account_id(number) for number in range(5000)]
    before = {account: simulate.place(account, 10) for account in accounts}
    after = {account: simulate.place(account, 11) for account in accounts}
    moved = [account for account in accounts if before[account] != after[account]]
    assert set(before.values()) == set(range(10))
    assert {after[account] for account in moved} == {10}
    assert 0.06 < len(moved) / len(accounts) < 0.12


def test_sizes_add_up():
    sizes = list(simulate.sizes(1_000_000, random.Random(1)))
    assert sum(sizes) == 1_000_000 and max(sizes) <= simulate.LARGEST_ACCOUNT


def test_writes_are_out_while_two_zones_are_and_reads_while_three_are():
    cell = {"write": 0.0, "read": 0.0, "times": 0}
    simulate.count_outage(cell, [(0, 10, 0), (4, 8, 1), (5, 6, 2), (20, 30, 1), (20, 25, 1)])
    assert (cell["write"], cell["read"], cell["times"]) == (4, 1, 1)


def test_the_page_tells_what_the_simulator_finds():
    found = simulate.report(10**9, 3, 1)
    page = (ROOT / "docs" / "scale.md").read_text()
    assert f"**{found['cells']} cells**" in page
    assert f"{found['spread']['fullest_to_mean']:.2f}, {found['spread']['emptiest_to_mean']:.2f}" in page
    assert f"{found['spread']['moved_by_one_more_cell']:.1%}".replace("%", " %") in page
    assert f"{found['outages']['cell_outages_a_year']:.2f} a year" in page
    assert found["outages"]["read_availability"] == 1
