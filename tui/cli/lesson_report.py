"""`dltui lesson-report`: what was tried in a lesson, with questions, answers, outcomes and pictures, in one file."""

from __future__ import annotations

import argparse
import base64
import html
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from dltui.core.errors import ConfigError
from dltui.core.text import safe_text

from .parser import Parser, add_plugin_argument
from .streams import out, say

if TYPE_CHECKING:
    from dltui.core.config import Config
    from dltui.core.session.retold import Attempt

SUFFIXES = (".html", ".md")
WIDTH, HEIGHT = 640.0, 260.0
"""Size of a picture."""
TRAIN, VAL, BEFORE = "#1368c0", "#c25e00", "#8d96a5"
VERDICTS = {"held": "As foretold.", "failed": "Not as foretold this time.", "left": "Not seen to its end."}
STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:42em;margin:2em auto;padding:0 1em;color:#1b2430}"
    "h2{margin-top:2em}.what{color:#5f6875}blockquote{margin:0;padding-left:1em;border-left:3px solid #c3c9d2}"
    "svg,img{max-width:100%;height:auto}"
)


def add_arguments(parser: Parser) -> None:
    """What `dltui lesson-report` takes."""
    parser.add_argument("run", nargs="?", metavar="RUN", help="id of the run; by default the last one with a try")
    parser.add_argument("-o", "--out", default="", metavar="FILE", help="a file that ends with .html or .md")
    parser.add_argument("--force", action="store_true", help="write over a file that is there")
    add_plugin_argument(parser)


def run(args: argparse.Namespace) -> int:
    """`dltui lesson-report`: the exit code; 1 where nothing was tried.

    Raises:
        ConfigError: There is no such run, it cannot be replayed, or the file cannot be written.
    """
    from dltui.core.config import Config
    from dltui.core.conformance.plugin import load_plugins
    from dltui.core.disk.files import failures_named, write_atomic
    from dltui.core.disk.home import find_home
    from dltui.core.session.retold import attempts_of, last_run_with_tries
    from dltui.core.store.folder import RunDir
    from dltui.core.store.runs import by_age, run_path

    load_plugins(args.plugin)
    runs = find_home().runs
    known = [(name, lambda name=name: RunDir(run_path(runs, name), write=False)) for name in by_age(runs)]
    name = args.run or last_run_with_tries(known)
    folder = RunDir(run_path(runs, name), write=False)
    target = _target(args.out or f"lesson-{os.path.basename(folder.path)}.html", args.force)
    config = Config.from_dict(folder.meta.config)
    attempts = attempts_of(folder)
    text = (html_report if target.endswith(".html") else markdown_report)(config, folder.id, attempts)
    with failures_named(target):
        write_atomic(target, text.encode())
    out(target)
    if not attempts:
        say("nothing was tried in this run (F2 to F4 in the dashboard)")
    return 0 if attempts else 1


def _target(path: str, force: bool) -> str:
    """Where to write.

    Raises:
        ConfigError: The file is of another kind, or is there already.
    """
    if not path.endswith(SUFFIXES):
        raise ConfigError("is of another kind", field="--out", value=path, allowed=" or ".join(SUFFIXES))
    if os.path.exists(path) and not force:
        raise ConfigError("is there already; --force writes over it", field="--out", value=path)
    return path


def html_report(config: Config, run: str, attempts: Sequence[Attempt]) -> str:
    """The report as one page, its pictures in it."""
    title = html.escape(safe_text(config.preset.title, 200) or "A run")
    parts = [f'<!DOCTYPE html>\n<html lang="en"><meta charset="utf-8"><title>{title}</title><style>{STYLE}</style>']
    parts.append(f"<h1>{title}</h1>\n<p class=what>run {html.escape(run)} · {_counted(attempts)}</p>")
    parts += [f"<p>{html.escape(line)}</p>" for line in _lesson(config)]
    for place, attempt in enumerate(attempts, 1):
        words = {key: html.escape(text) for key, text in _words(attempt).items()}
        parts.append(
            f"<h2>{place}. {words['say']}</h2>\n<p><b>{words['question']}</b></p>\n"
            f"<p class=what>{words['when']}</p>\n{picture(attempt)}\n"
            f"<p>{words['outcome']}</p>\n<blockquote>{words['answer']}</blockquote>"
        )
    return "\n".join([*parts, "</html>"]) + "\n"


def markdown_report(config: Config, run: str, attempts: Sequence[Attempt]) -> str:
    """The report as Markdown, its pictures in it."""
    parts = [f"# {_plain(config.preset.title) or 'A run'}", f"run {run} · {_counted(attempts)}"]
    parts += [_plain(line) for line in _lesson(config)]
    for place, attempt in enumerate(attempts, 1):
        words = {key: _plain(text) for key, text in _words(attempt).items()}
        data = base64.b64encode(picture(attempt).encode()).decode()
        parts += [f"## {place}. {words['say']}", f"**{words['question']}**", words["when"]]
        parts += [f"![loss](data:image/svg+xml;base64,{data})", words["outcome"], f"> {words['answer']}"]
    return "\n\n".join(parts) + "\n"


def _plain(text: str) -> str:
    """A text that Markdown shows as it is."""
    return "".join(f"\\{letter}" if letter in r"\`*_[]<>#|" else letter for letter in safe_text(text, 2000))


def _lesson(config: Config) -> list[str]:
    return [safe_text(line, 2000) for line in config.preset.lesson.strip().splitlines()]


def _counted(attempts: Sequence[Attempt]) -> str:
    held = sum(attempt.outcome == "held" for attempt in attempts)
    return f"{len(attempts)} tried, {held} as foretold"


def _words(attempt: Attempt) -> dict[str, str]:
    """What is said of a try."""
    one, numbers = attempt.one, ""
    if attempt.after:
        numbers = one.outcome(attempt.before, attempt.after)
    verdict = VERDICTS[attempt.outcome]
    when = f"Made at step {attempt.start[1]:,}" + (", with a new start" if one.restart else "")
    said = {
        "say": one.say,
        "question": one.question,
        "when": f"{when}; looked at {one.after:,} steps later.",
        "outcome": f"{numbers[:1].upper()}{numbers[1:]}. {verdict}" if numbers else verdict,
        "answer": one.answer if attempt.after else "The answer is shown once it was tried.",
    }
    return {key: safe_text(text, 2000) for key, text in said.items()}


def picture(attempt: Attempt) -> str:
    """The loss before and after a try, as SVG."""
    from dltui.core.pictures.chart import ChartBox, PlottedCurve, chart_shapes
    from dltui.core.pictures.shapes import Picture
    from dltui.core.pictures.svg import svg_of

    curves = []
    later = attempt.curves_after or attempt.curves_before
    for name, color in (("train_loss", TRAIN), ("val_loss", VAL)):
        if name in later:
            steps, values = later[name]
            curves.append(PlottedCurve(name.partition("_")[0], steps, values, values, values, color))
    if attempt.one.restart and attempt.curves_after and "val_loss" in attempt.curves_before:
        steps, values = attempt.curves_before["val_loss"]
        curves.append(PlottedCurve("val before", steps, values, values, values, BEFORE))
    last = max((int(curve.steps[-1]) for curve in curves if len(curve.steps)), default=1)
    box = ChartBox(0.0, 0.0, WIDTH, HEIGHT, 0, max(last, 1))
    marks = () if attempt.one.restart else (attempt.step,)
    shapes = chart_shapes(box, "loss", curves, marks)
    return svg_of(Picture(WIDTH, HEIGHT, shapes), "loss")
