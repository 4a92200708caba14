"""Templates whose status, quality or category changed at the provider."""

from __future__ import annotations

from sqlalchemy import update

from ...ground.events import TemplateChanged as TemplateChangedEvent
from ...ground.unit import Unit
from ...models import Template
from ...port import TemplateChanged
from ..source import Source


async def template_changed(unit: Unit, source: Source, report: TemplateChanged) -> None:
    """Keep what changed of a template."""
    values = {
        key: value
        for key, value in (
            ("status", report.status),
            ("quality", report.quality),
            ("category", report.category),
            ("rejected_reason", report.reason),
        )
        if value is not None
    }
    if values:
        await unit.conn.execute(
            update(Template)
            .where(
                Template.channel_id == source.channel_id,
                Template.name == report.name,
                Template.language == report.language,
            )
            .values(updated_at=unit.now, **values)
        )
    unit.emit(
        source.workspace_id,
        TemplateChangedEvent(
            name=report.name,
            language=report.language,
            status=report.status,
            quality=report.quality,
            category=report.category,
            reason=report.reason,
        ),
        source.channel_id,
    )
