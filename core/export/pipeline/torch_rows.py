"""How a PyTorch script makes numbers of the cells of a row: plain Python, and the columns as data.

It does what `tables/encode.py` does for a row, without NumPy, so that whoever reads the script sees what becomes of a
cell. Numbers and dates are taken as such; a date may also be text in the form of ISO 8601.
"""

from __future__ import annotations

import json
from typing import Any

from ...tables.cells.missing import among_words, signs_of
from ...tables.columns import CATEGORY, DATE, YES_NO
from ...tables.encode import ColumnPlan, Encoder
from .dates import SCALED_PARTS
from .whole import column_names

ENCODING = '''
HOLES = {holes}  # texts of a cell without a value, in small letters
SCALED = {scaled}  # parts of a date that are scaled like numbers


def seconds_of(text):
    """A date as seconds since 1970, a time of day as seconds since midnight; also what is given as a number."""
    try:
        return float(text)
    except ValueError:
        pass
    for read in (datetime.fromisoformat, lambda text: datetime.combine(date(1970, 1, 1), time.fromisoformat(text))):
        try:
            return (read(text).replace(tzinfo=None) - datetime(1970, 1, 1)).total_seconds()
        except ValueError:
            continue
    return math.nan


def circle(share):
    """A share of a round as two numbers, so that December lies beside January."""
    return [math.sin(2 * math.pi * share), math.cos(2 * math.pi * share)]


def parts_of(seconds, column):
    """(part, its inputs) of a date."""
    day = math.floor(seconds / 86400)
    for part in column["parts"]:
        if part == "days":
            yield part, [(seconds - column["start"]) / 86400]
        elif part == "year":
            yield part, [(datetime(1970, 1, 1) + timedelta(days=day)).year]
        elif part == "month":
            yield part, circle(((datetime(1970, 1, 1) + timedelta(days=day)).month - 1) / 12)
        elif part == "weekday":
            yield part, circle((day + 3) % 7 / 7)
        else:
            yield part, circle(seconds % 86400 / 86400)


def encode(row):
    """The numbers of one row that are scaled, and its other inputs."""
    numbers, others = [], []
    for column in COLUMNS:
        cell = row.get(column["name"])
        text = "" if cell is None else str(cell).strip()
        hole = text.lower() in column.get("holes", HOLES)
        if column["kind"] == "category":
            words = column["words"]
            known, is_missing = text in words and not hole, hole and column["missing"]
            others += [float(known and word == text) for word in words]
            others += [float(not known and not is_missing)] * column["other"] + [float(is_missing)] * column["missing"]
            continue
        if column["kind"] == "yes/no":
            yes, no = column["yes"]
            value = 1.0 if text.lower() == yes.lower() else 0.0 if text.lower() == no.lower() else math.nan
        elif column["kind"] == "date":
            value = math.nan if hole else seconds_of(text)
        else:
            value = math.nan if hole else float(text)
        hole = hole or not math.isfinite(value)
        value = column["fill"] if hole else value
        if column["kind"] == "date":
            for part, inputs in parts_of(value, column):
                (numbers if part in SCALED else others).extend(inputs)
        else:
            (others if column["kind"] == "yes/no" else numbers).append(value)
        if column["flag"]:
            others.append(float(hole))
    return numbers, others

'''


def columns_text(encoder: Encoder) -> str:
    """The columns as data, and the functions that read them."""
    pairs = zip(column_names(encoder), encoder.plans, strict=True)
    signs = signs_of(encoder.missing)
    lines = "".join(f"    {_literal(_about(name, plan, signs))},\n" for name, plan in pairs)
    functions = ENCODING.format(holes=_literal(sorted(signs)), scaled=_literal(list(SCALED_PARTS)))
    return f"COLUMNS = [\n{lines}]{functions}"


def _about(name: str, plan: ColumnPlan, signs: frozenset[str]) -> dict[str, Any]:
    about: dict[str, Any] = {"name": name, "kind": plan.kind}
    if plan.kind == CATEGORY:
        own = among_words(signs, plan.words)
        about |= {"words": list(plan.words), "other": int(plan.other), "missing": int(plan.missing)}
        return about | ({"holes": sorted(own)} if own != signs else {})
    about |= {"fill": plan.fill, "flag": int(plan.flag)}
    if plan.kind == YES_NO:
        about["yes"] = list(plan.yes)
    if plan.kind == DATE:
        about |= {"parts": list(plan.parts), "start": plan.start}
    return about


def _literal(value: object) -> str:
    return json.dumps(value)
