"""Automations: rules and sequences, each version of them, and the runs of people through their steps."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from ...db.base import Base, Id, Json, JsonDict, Ms, SealedStr

_LIVE = text("state IN ('waiting', 'running')")
_DUE = text("due_at IS NOT NULL")
_AWAITED = text("waits_for IS NOT NULL")
_EVENT = text("waits_for = 'event'")


class Automation(Base):
    """A rule or a sequence: `document` is its newest version (core/automations/document.py). `hook_hash` finds one by the
    secret of its address. `failures` in a row; `rest_reason` says why it rests, None while it does not. `enabled_at`:
    older events do not concern it."""

    __tablename__ = "automations"
    __table_args__ = (
        UniqueConstraint("workspace_id", "folded"),
        Index("ix_automations_workspace_id", "workspace_id", "id"),
        Index("uq_automations_hook_hash", "hook_hash", unique=True),
        Index(
            "ix_automations_next_at",
            "next_at",
            sqlite_where=text("next_at IS NOT NULL"),
            postgresql_where=text("next_at IS NOT NULL"),
        ),
    )

    id: Mapped[Id]
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    name: Mapped[str]
    folded: Mapped[str]
    kind: Mapped[str]
    enabled: Mapped[bool] = mapped_column(default=False)
    enabled_at: Mapped[Ms] = mapped_column(default=0)
    version: Mapped[int]
    document: Mapped[JsonDict]
    hook_hash: Mapped[str | None]
    hook_token: Mapped[SealedStr | None]
    failures: Mapped[int] = mapped_column(default=0)
    rest_reason: Mapped[str | None]
    next_at: Mapped[Ms | None]
    created_at: Mapped[Ms]
    updated_at: Mapped[Ms]


class AutomationVersion(Base):
    """A version of an automation: runs go on by the one that they began with."""

    __tablename__ = "automation_versions"
    __table_args__ = (UniqueConstraint("automation_id", "version"),)

    id: Mapped[Id]
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    automation_id: Mapped[int] = mapped_column(ForeignKey("automations.id", ondelete="CASCADE"))
    version: Mapped[int]
    document: Mapped[JsonDict]
    created_at: Mapped[Ms]


class AutomationRun(Base):
    """A person's way through an automation: one at a time (`uq_automation_runs_live`).

    `step` is the one that comes next, `visit` counts the steps taken. `state` is running (it goes on at
    once), waiting, done, stopped or failed, with the reason. A live run goes on at `due_at` (Unix ms; None: not by time) or
    when what it `waits_for` happens (`reply`: the person writes; `event`: what its step names). `peer` on `channel_id` is
    where it writes to.
    """

    __tablename__ = "automation_runs"
    __table_args__ = (
        Index(
            "uq_automation_runs_live",
            "automation_id",
            "contact_id",
            unique=True,
            sqlite_where=_LIVE,
            postgresql_where=_LIVE,
        ),
        Index("ix_automation_runs_due", "due_at", "id", sqlite_where=_DUE, postgresql_where=_DUE),
        Index("ix_automation_runs_awaited", "channel_id", "peer", sqlite_where=_AWAITED, postgresql_where=_AWAITED),
        Index("ix_automation_runs_event", "contact_id", sqlite_where=_EVENT, postgresql_where=_EVENT),
        Index("ix_automation_runs_automation_id", "automation_id", "id"),
        Index("ix_automation_runs_contact_id", "contact_id", "automation_id", "created_at"),
        Index("ix_automation_runs_workspace_id", "workspace_id", "id"),
    )

    id: Mapped[Id]
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    automation_id: Mapped[int] = mapped_column(ForeignKey("automations.id", ondelete="CASCADE"))
    version: Mapped[int]
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    channel_id: Mapped[int | None]
    peer: Mapped[str | None]
    state: Mapped[str]
    step: Mapped[str]
    visit: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[Ms | None]
    waits_for: Mapped[str | None]
    variables: Mapped[dict[str, Any]] = mapped_column(Json)
    reason: Mapped[str | None]
    created_at: Mapped[Ms]
    updated_at: Mapped[Ms]
    ended_at: Mapped[Ms | None]


class AutomationStep(Base):
    """A step that a run took: `outcome` is done, skipped or failed, with the reason; `message_id` what it sent. Written in
    the transaction of the step's effect, once for each visit."""

    __tablename__ = "automation_steps"
    __table_args__ = (
        UniqueConstraint("run_id", "visit"),
        Index("ix_automation_steps_automation_id", "automation_id", "step", "outcome"),
    )

    id: Mapped[Id]
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    automation_id: Mapped[int] = mapped_column(ForeignKey("automations.id", ondelete="CASCADE"))
    run_id: Mapped[int] = mapped_column(ForeignKey("automation_runs.id", ondelete="CASCADE"))
    visit: Mapped[int]
    step: Mapped[str]
    outcome: Mapped[str]
    reason: Mapped[str | None]
    message_id: Mapped[int | None]
    created_at: Mapped[Ms]


class AutomationMatch(Base):
    """That an event has met an automation: it does so once, however often the events are read."""

    __tablename__ = "automation_matches"
    __table_args__ = (Index("ix_automation_matches_automation_id", "automation_id"),)

    event_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    automation_id: Mapped[int] = mapped_column(
        ForeignKey("automations.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )


class AutomationPosition(Base):
    """Up to which event the automations have read; one row."""

    __tablename__ = "automation_positions"

    name: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[Ms]


class AutomationRest(Base):
    """A chat that a person has taken over: no automation writes there until then (Unix ms)."""

    __tablename__ = "automation_rests"

    chat_id: Mapped[int] = mapped_column(
        ForeignKey("chats.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    until: Mapped[Ms]
