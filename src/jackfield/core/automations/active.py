"""The automations that are on, compiled and kept until they change."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from ..models import Automation, Tag
from . import tagging
from .matching import Rule, Rules
from .rulebook import Rulebook


class ActiveRules:
    """The compiled rules of every workspace, those of its tags too. Another process may change them: counts and the latest
    changes are asked for before each use, by two small queries."""

    def __init__(self, rulebook: Rulebook) -> None:
        self._rulebook = rulebook
        self._stamp: tuple[int, ...] = ()
        self._rules: dict[int, Rules] = {}

    async def load(self, reads: Any) -> dict[int, Rules]:
        """By workspace; those without any are left out."""
        on = (Automation.enabled.is_(True), Automation.rest_reason.is_(None))
        row = (await reads.execute(select(func.count(), func.max(Automation.updated_at)).where(*on))).one()
        ruled = Tag.ruled_at.is_not(None)
        tags = (await reads.execute(select(func.count(), func.max(Tag.ruled_at)).where(ruled))).one()
        stamp = tuple(int(one or 0) for one in (*row, *tags))
        if stamp != self._stamp:
            found: dict[int, list[Rule]] = {}
            columns = (
                Automation.id,
                Automation.workspace_id,
                Automation.kind,
                Automation.version,
                Automation.enabled_at,
                Automation.document,
            )
            for one in await reads.execute(select(*columns).where(*on).order_by(Automation.id)):
                found.setdefault(one.workspace_id, []).append(self._rulebook.rule(one))
            tagged: dict[int, list[Rule]] = {}
            for one in await reads.execute(select(*tagging.COLUMNS).where(ruled).order_by(Tag.id)):
                tagged.setdefault(one.workspace_id, []).extend(tagging.rules_of(one))
            self._rules = {one: Rules(found.get(one, ()), tagged.get(one, ())) for one in {*found, *tagged}}
            self._stamp = stamp
        return self._rules
