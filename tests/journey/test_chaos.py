"""Platforms as they are, in short: the chaos of bench/chaos.py against a real server that is killed twice, and what its judge
must be able to call wrong."""

import random
from collections import Counter

import pytest

from bench import chaos
from bench.chaos import PAYER, PLATFORMS, Stands, shaken, told


@pytest.mark.journey
def test_two_hundred_messages_through_two_kills_equal_a_quiet_run(tmp_path):
    said = []
    assert chaos.chaos(tmp_path, 200, 2, 11, 8, say=said.append) == []
    assert "2 kills" in said[0]


def test_the_storm_has_everything_in_it():
    draw = random.Random(5)
    said = told(5_000, draw)
    arriving = shaken(said, draw)
    assert {one.scheme for one in said} == set(PLATFORMS)
    assert {one.event.kind for one in said if one.scheme == PAYER} == {"pay", "refund"}
    hows = Counter(one.how for one in arriving)
    assert 150 < hows["cut"] < 350
    assert 50 < hows["tampered"] < 150
    # Nothing is only cut off or only forged: what was said arrives at last.
    assert {one.event.id for one in said} == {one.event.id for one in arriving if one.how == "plain"}
    assert len(arriving) - len(said) - hows["tampered"] > 500
    order = [one.event.id for one in arriving if one.how != "tampered"]
    assert (
        sum(
            a > b for a, b in zip(map([o.event.id for o in said].index, order[:300]), range(300), strict=True)
        )
        > 20
    )


KEY = ("none", "C-1")
GOOD = Stands({KEY: ("to_pick", 100, "BP-00001", 1, 1)}, 0, Counter(done=1), Counter())


@pytest.mark.parametrize(
    ("after", "answers", "said"),
    [
        (GOOD._replace(orders={}), {("plain", 200): 1}, "1 orders lost"),
        (GOOD._replace(doubled=1), {("plain", 200): 1}, "1 orders doubled"),
        (
            GOOD._replace(orders={KEY: ("cancelled", 0, "BP-00001", 1, 0)}),
            {("plain", 200): 1},
            "another state",
        ),
        (GOOD._replace(inbox=Counter(waiting=2)), {("plain", 200): 1}, "2 messages wait"),
        (GOOD, {("tampered", 200): 1}, "1 tampered messages answered 200"),
        (GOOD, {("plain", 400): 1}, "1 plain messages answered 400"),
        (GOOD, {("tampered", 401): 1}, "1 tampered, listed as dead"),
        (GOOD._replace(dead=Counter(fault=1)), {("plain", 200): 1}, "listed as dead"),
    ],
)
def test_the_judge_can_be_against(after, answers, said):
    one = chaos.Said("none", chaos.Event("pay", {"order_id": "C-1"}, "m1"))
    sender = chaos.Sender(0, [one])
    assert chaos.wrongs([one], sender, GOOD, GOOD) == []
    sender.answers.update(answers)
    assert any(said in wrong for wrong in chaos.wrongs([one], sender, after, GOOD))
