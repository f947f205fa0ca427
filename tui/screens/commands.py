"""What the command palette finds: every action of the key table, and every setting by its name."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from dltui.core.text import safe_text

from ..keys import KEYS, PANEL_GROUPS, Key
from ..messages import AboutAsked
from ..widgets.controls_list import ControlsList
from ..widgets.controls_rows import HIDDEN, section_of
from ..widgets.field import shown


class ActionsProvider(Provider):
    """The actions that have keys."""

    def _rows(self) -> Iterator[Key]:
        return (row for row in KEYS if row.palette)

    async def _run(self, row: Key) -> None:
        if row.where in PANEL_GROUPS:
            await self.screen.run_action(f"relay({row.where!r}, {row.action!r})")
            return
        await self.app.run_action(row.action, self.app if row.where == "app" else self.screen)

    async def discover(self) -> Hits:
        """Everything, before anything is typed."""
        for row in self._rows():
            text = f"{row.label}  ({row.text})"
            yield DiscoveryHit(Content(text), partial(self._run, row), text=text, help=row.help)

    async def search(self, query: str) -> Hits:
        """What fits the typed text."""
        matcher = self.matcher(query)
        for row in self._rows():
            text = f"{row.label}  ({row.text})"
            score = max(matcher.match(text), 0.8 * matcher.match(row.help))
            if score > 0:
                yield Hit(score, matcher.highlight(text), partial(self._run, row), help=row.help)


class SettingsProvider(Provider):
    """Every setting of the run."""

    def _fields(self) -> tuple[Any, ...]:
        found = self.screen.query(ControlsList)
        config = found.first().config if found else None
        return tuple(info for info in config.fields() if info.section not in HIDDEN) if config is not None else ()

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
            score = max(matcher.match(text), matcher.match(info.path), 0.7 * matcher.match(info.summary))
            if score > 0:
                yield Hit(score, Content(text), partial(self._open, info.path), text=text, help=info.summary or None)
