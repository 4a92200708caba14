"""The automations that are on, compiled and kept until they change."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from ..models import Automation
from .matching import Rule, Rules
from .rulebook import Rulebook


class ActiveRules:
    """The compiled rules of every workspace. Another process may change them: a count and the latest change are asked for
    before each use, by one small query."""

    def __init__(self, rulebook: Rulebook) -> None:
        self._rulebook = rulebook
        self._stamp: tuple[int, int] = (-1, -1)
        self._rules: dict[int, Rules] = {}

    async def load(self, reads: Any) -> dict[int, Rules]:
        """By workspace; those without any are left out."""
        on = (Automation.enabled.is_(True), Automation.rest_reason.is_(None))
        row = (await reads.execute(select(func.count(), func.max(Automation.updated_at)).where(*on))).one()
        stamp = (int(row[0]), int(row[1] or 0))
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
            self._rules = {workspace_id: Rules(rules) for workspace_id, rules in found.items()}
            self._stamp = stamp
        return self._rules
