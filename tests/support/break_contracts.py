"""Adds lines to a copy of the sources and says what the import linter then reports.

A program of its own: the linter reads packages where Python finds them, and a test has them loaded from the checkout.
Arguments: the folder that holds the copy as `dltui/`, and the pyproject.toml to judge it by. Reads a list of rounds
from its input, each a list of [file, line to add], and writes [whether all is well, report] for each; every round
begins with the copy as it was.
"""

import contextlib
import io
import json
import sys
from pathlib import Path

from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports


def add(path: Path, line: str) -> str | None:
    """The text the file had before, None where there was no file."""
    before = path.read_text(encoding="utf-8") if path.exists() else None
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"{before or ''}\n{line}\n", encoding="utf-8")
    return before


def main(folder: Path, configuration: str) -> None:
    reports = []
    for changes in json.load(sys.stdin):
        before: dict[Path, str | None] = {}
        for name, line in changes:
            path = folder / "dltui" / name
            before.setdefault(path, add(path, line))
        with contextlib.redirect_stdout(io.StringIO()) as report:
            status = lint_imports(config_filename=configuration, cache_dir=str(folder / "cache"), no_logo=True)
        reports.append([status == EXIT_STATUS_SUCCESS, report.getvalue()])
        for path, text in before.items():
            path.unlink() if text is None else path.write_text(text, encoding="utf-8")
    json.dump(reports, sys.stdout)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
