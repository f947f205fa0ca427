"""A row of inputs tells its cells again."""

from pathlib import Path

import numpy as np

from dltui.core.tables.decode import cells_of_inputs
from dltui.core.tables.encode import fit
from dltui.core.tables.table import Choices, open_table


def test_cells_come_back_from_their_inputs(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    rows = [
        f"{i % 7 + 0.5},{'' if i % 5 == 4 else i % 3},{['red', 'blue', 'green'][i % 3]},{['yes', 'no'][i % 2]},"
        f"2020-0{i % 9 + 1}-15,{['up', 'down'][i % 2]},{i * 1.5}"
        for i in range(60)
    ]
    path.write_text("a,hole,color,flag,day,way,y\n" + "\n".join(rows) + "\n", encoding="utf-8")
    table = open_table(path, Choices(kinds="hole=number,a=number"))
    encoder = fit([table.columns[place] for place in table.inputs], table.rows)
    x = encoder.encode([table.columns[place] for place in table.inputs])
    wanted = [row.split(",") for row in rows]
    for i in (0, 1, 4, 30, 59):
        found = cells_of_inputs(encoder, x[i])
        assert list(found) == ["a", "hole", "color", "flag", "day", "way"]
        cells = wanted[i][:6]
        told = [one.replace("not up", "down").replace("not down", "up") for one in found.values()]
        assert told == cells
    rare = np.zeros(x.shape[1])
    assert cells_of_inputs(encoder, rare)["color"] == ""
