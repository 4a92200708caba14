"""What the provider says of the account, and what we do not understand."""

from __future__ import annotations

from ...ground.events import AccountNotice as AccountNoticeEvent
from ...ground.events import ProviderReport
from ...ground.unit import Unit
from ...models import Channel
from ...port import AccountNotice, UnknownReport
from ..inbound.problems import Problem, of_report
from ..source import Source


async def account_notice(unit: Unit, source: Source, report: AccountNotice) -> None:
    """Keep what the provider says of the account, for pacing and for people."""
    channel = await unit.session.get(Channel, source.channel_id)
    if channel is not None:
        account = dict(channel.account or {})
        if report.throughput is not None:
            account["throughput"] = report.throughput
        if report.messaging_limit is not None:
            account["messaging_limit"] = report.messaging_limit
        if report.quality is not None:
            account["quality"] = report.quality
        account["notice"] = {"kind": report.kind, "message": report.message, "at": unit.now}
        channel.account = account
        unit.notify(f"channel:{source.channel_id}", "changed")
    unit.emit(source.workspace_id, AccountNoticeEvent(kind=report.kind, message=report.message), source.channel_id)


async def unknown_report(unit: Unit, source: Source, report: UnknownReport) -> Problem:
    """Tell subscribers of it, as it came; it is kept as a problem."""
    unit.emit(source.workspace_id, ProviderReport(kind=report.kind, raw=report.raw), source.channel_id)
    return of_report(source, report, "not_understood")
