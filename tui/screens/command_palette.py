"""What the command palette finds: every action of the key table, every setting and every panel by its name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.fuzzy import Matcher

from dltui.core.config.fields import FieldInfo
from dltui.core.text import safe_text

from ..draw.format import count
from ..keys import KEYS, PANEL_GROUPS, Key
from ..messages import AboutAsked, Send
from ..widgets.controls_rows import section_of
from ..widgets.field import shown
from .dashboard.panels import PANELS, PanelInfo, fitting
from .train_more import amount

NAMED = 1000.0
"""Added to the score of what has exactly the name that was typed: more than any similarity scores."""


def score(matcher: Matcher, names: Iterable[str], text: str, *, lesser: float = 0.0) -> float:
    """How well the typed text fits: above all the whole name of a thing, then likeness to what is said of it.

    Args:
        matcher: Of the text typed.
        names: Names of the thing.
        text: The line shown.
        lesser: Score of an explanation.
    """
    wanted = matcher.query.strip().lower()
    likeness = max([matcher.match(text), lesser, *map(matcher.match, names)])
    return likeness + (NAMED if wanted in (name.lower() for name in names) else 0.0)


class ActionsProvider(Provider):
    """The actions that have keys."""

    def _rows(self) -> Iterator[Key]:
        return (row for row in KEYS if row.palette)

    async def _run(self, row: Key) -> None:
        if row.where in PANEL_GROUPS:
            await self.screen.run_action(f"relay({row.where!r}, {row.action!r})")
            return
        await self.app.run_action(row.action, self.app if row.where == "app" else self.screen)

    def _help(self, row: Key) -> str:
        """What an action does; of undo and redo what they would bring back now."""
        snapshot = getattr(self.screen, "snapshot", None)
        line = {"undo(False)": "undo", "redo": "redo"}.get(row.action)
        told = getattr(snapshot, line, ()) if line is not None else ()
        return f"{safe_text(told[0], 200)}." if told else row.help

    async def discover(self) -> Hits:
        """Everything, before anything is typed."""
        for row in self._rows():
            text = f"{row.label}  ({row.text})"
            yield DiscoveryHit(Content(text), partial(self._run, row), text=text, help=self._help(row))

    async def search(self, query: str) -> Hits:
        """What fits the typed text."""
        matcher = self.matcher(query)
        for row in self._rows():
            text = f"{row.label}  ({row.text})"
            fit = score(matcher, (row.label,), text, lesser=0.8 * matcher.match(row.help))
            if fit > 0:
                yield Hit(fit, matcher.highlight(text), partial(self._run, row), help=self._help(row))


class AmountProvider(Provider):
    """So many steps or epochs, then a pause: "train 500", "train 3 epochs"."""

    async def search(self, query: str) -> Hits:
        """The amount that is typed."""
        wanted = amount(query.strip().lower().removeprefix("train").strip())
        if wanted is not None:
            text = f"train {count(wanted.n)} {wanted.unit}{'' if wanted.n == 1 else 's'}, then pause"
            yield Hit(NAMED, Content(text), partial(self.screen.post_message, Send(wanted)), text=text)


class SettingsProvider(Provider):
    """Every setting of the run."""

    def _fields(self) -> tuple[FieldInfo, ...]:
        snapshot = getattr(self.screen, "snapshot", None)
        return snapshot.config.controls() if snapshot is not None else ()

    def _open(self, path: str) -> None:
        show = getattr(self.screen, "action_go_to", None)
        if show is not None:
            show(path)
        else:
            self.screen.post_message(AboutAsked(path))

    async def discover(self) -> Hits:
        """Settings are found by typing."""
        for _ in ():
            yield _

    async def search(self, query: str) -> Hits:
        """The settings whose name, words or summary fit."""
        matcher = self.matcher(query)
        for info in self._fields():
            text = f"{section_of(info.path)} · {info.label} = {safe_text(shown(info.value), 60)}"
            names = (info.label, info.path, info.path.rpartition(".")[2])
            fit = score(matcher, names, text, lesser=0.7 * matcher.match(info.summary))
            if fit > 0:
                yield Hit(fit, Content(text), partial(self._open, info.path), text=text, help=info.summary or None)


class PanelsProvider(Provider):
    """The panels that have anything to say about the run."""

    def _panels(self) -> Iterator[PanelInfo]:
        if hasattr(self.screen, "action_show_panel"):
            ids = fitting(getattr(self.screen, "snapshot", None))
            yield from (info for info in PANELS if info.id in ids)

    async def discover(self) -> Hits:
        """Every panel, before anything is typed."""
        for info in self._panels():
            text = f"panel · {info.title}"
            yield DiscoveryHit(Content(text), partial(self._show, info.id), text=text, help="Show this panel alone.")

    async def search(self, query: str) -> Hits:
        """The panels whose name or title fit."""
        matcher = self.matcher(query)
        for info in self._panels():
            text = f"panel · {info.title}"
            fit = score(matcher, (info.title, info.name), text)
            if fit > 0:
                yield Hit(fit, matcher.highlight(text), partial(self._show, info.id), help="Show this panel alone.")

    async def _show(self, panel: str) -> None:
        await self.screen.run_action(f"show_panel({panel!r})")
