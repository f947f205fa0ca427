"""The table: ranked, with the spread over seeds, the same byte for byte in whatever order rows arrive."""

from __future__ import annotations

import csv
import json
import math
import random

from sweeps import plan_of, row

from dltui.core.sweep.table import best_of, csv_of, json_of, ranked_points

PLAN = plan_of("optimizer.learning_rate=1,2,3,4")
ROWS = [row(0, 0.5), row(1, 0.25), row(2, math.nan, stopped="diverged", step=7), row(3, 0.1, stopped="pruned")]


def test_the_best_is_first_and_what_fell_out_last() -> None:
    points = ranked_points(PLAN, ROWS)
    assert [point.number for point in points] == [1, 0, 3, 2] and [point.rank for point in points] == [1, 2, 3, 4]
    assert points[-1].remark == "diverged at step 7" and points[0].remark == ""
    best = best_of(PLAN, ROWS)
    assert best is not None and best.number == 1 and best_of(PLAN, []) is None


def test_an_accuracy_is_better_when_higher() -> None:
    plan = plan_of("optimizer.learning_rate=1,2", metric="val_accuracy")
    rows = [row(k, 0.0) for k in range(2)]
    rows = [type(one)(**{**one.__dict__, "metrics": {"val_accuracy": 0.5 + 0.1 * one.number}}) for one in rows]
    assert [point.number for point in ranked_points(plan, rows)] == [1, 0]


def test_seeds_have_a_mean_and_a_spread() -> None:
    rows = [row(0, 1.0, point=0), row(1, 2.0, point=0), row(2, 1.4, point=1), row(3, math.nan, point=1, stopped="x")]
    rows[3] = row(3, math.nan, point=1, stopped="diverged", step=3)
    whole, fallen = ranked_points(plan_of("optimizer.learning_rate=1,2", n_seeds=2), rows)
    assert (whole.mean, whole.spread) == (1.5, math.sqrt(0.5)) and math.isnan(fallen.spread) and fallen.mean == 1.4
    assert fallen.remark == "1 of 2 diverged at step 3"


def test_the_order_of_arrival_does_not_show() -> None:
    texts = set()
    for seed in range(8):
        rows = list(ROWS)
        random.Random(seed).shuffle(rows)
        texts.add(csv_of(PLAN, rows))
    (text,) = texts
    read = list(csv.DictReader(text.splitlines()))
    assert [line["trial"] for line in read] == ["1", "0", "3", "2"]
    assert float(read[0]["val_loss"]) == 0.25 and read[3]["val_loss"] == "" and "elapsed" not in text


def test_json_holds_every_trial() -> None:
    told = json.loads(json.dumps(json_of("sweep-1", PLAN, ROWS), allow_nan=False))
    assert [one["trial"] for one in told["rows"]] == [1, 0, 3, 2] and told["rows"][3]["metrics"]["val_loss"] is None
    assert [one["trials"] for one in told["points"]] == [[1], [0], [3], [2]]
