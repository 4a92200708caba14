"""The ledger: one row per message, in or out."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, SmallInteger, and_, text
from sqlalchemy.orm import Mapped, mapped_column

from ...db.base import Base, BigId, Id, Json, Ms


class LedgerRow:
    """The columns that a message has, wherever it is kept.

    `content` is stored JSON (port.content); null when the campaign's content with `variables` is meant. `slot` is
    unique inside a campaign: the peer for an audience, the place in the list for explicit messages: no recipient gets two
    rows however often an expansion is repeated. `claim` is the fencing token under which it was last claimed. `member_id`
    is the member who wrote it, logged in. `uncertain_at` stays set once the outcome of a send was unknown, however it was
    settled.
    Times: `due_at` is when it may go out; `sent_at`, `delivered_at`, `read_at`, `failed_at` as they happened.
    """

    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id", ondelete="CASCADE"))
    direction: Mapped[str] = mapped_column(default="out")
    state: Mapped[str]
    lane: Mapped[int] = mapped_column(SmallInteger, default=0)
    campaign_id: Mapped[int] = mapped_column(default=0)
    slot: Mapped[str | None]
    due_at: Mapped[Ms] = mapped_column(default=0)
    peer: Mapped[str]
    contact_id: Mapped[int | None]
    member_id: Mapped[int | None]
    sender: Mapped[str | None]
    kind: Mapped[str] = mapped_column(default="text")
    content: Mapped[str | None]
    variables: Mapped[dict[str, object] | None] = mapped_column(Json)
    category: Mapped[str] = mapped_column(default="service")
    tag: Mapped[str | None]
    template: Mapped[str | None]
    source: Mapped[str | None]
    reply_to: Mapped[str | None]
    provider_id: Mapped[str | None]
    claim: Mapped[int | None]
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    error_code: Mapped[str | None]
    error: Mapped[str | None]
    extra: Mapped[dict[str, object] | None] = mapped_column(Json)
    created_at: Mapped[Ms]
    sent_at: Mapped[Ms | None]
    delivered_at: Mapped[Ms | None]
    read_at: Mapped[Ms | None]
    failed_at: Mapped[Ms | None]
    uncertain_at: Mapped[Ms | None]


class Message(LedgerRow, Base):
    """One message. An outgoing one in state `queued` is the queue (design, decision 1).

    The queue's order is (channel, lane, campaign, due_at, id): a runner reads lane by lane, and inside a lane campaign
    by campaign, so that a paused campaign of a million rows costs nothing and several campaigns share fairly.
    `campaign_id` is 0 for single messages for that reason.
    """

    __tablename__ = "messages"
    __table_args__ = (
        Index(
            "ix_messages_queue",
            "channel_id",
            "lane",
            "campaign_id",
            "due_at",
            "id",
            sqlite_where=text("state = 'queued'"),
            postgresql_where=text("state = 'queued'"),
        ),
        Index(
            "ix_messages_unsettled",
            "channel_id",
            "state",
            "id",
            sqlite_where=text("state IN ('sending', 'uncertain')"),
            postgresql_where=text("state IN ('sending', 'uncertain')"),
        ),
        Index(
            "ix_messages_scheduled",
            "due_at",
            sqlite_where=text("state = 'scheduled'"),
            postgresql_where=text("state = 'scheduled'"),
        ),
        Index(
            "uq_messages_provider",
            "channel_id",
            "provider_id",
            unique=True,
            sqlite_where=text("provider_id IS NOT NULL"),
            postgresql_where=text("provider_id IS NOT NULL"),
        ),
        Index(
            "uq_messages_slot",
            "campaign_id",
            "slot",
            unique=True,
            sqlite_where=text("campaign_id > 0"),
            postgresql_where=text("campaign_id > 0"),
        ),
        Index(
            "ix_messages_campaign_state",
            "campaign_id",
            "state",
            sqlite_where=text("campaign_id > 0"),
            postgresql_where=text("campaign_id > 0"),
        ),
        Index("ix_messages_chat", "channel_id", "peer", "id"),
        # For lists by filter, newest first, at any size (bench/lists.py).
        Index("ix_messages_workspace_state", "workspace_id", "state", "id"),
        Index(
            "ix_messages_campaign",
            "campaign_id",
            "id",
            sqlite_where=text("campaign_id > 0"),
            postgresql_where=text("campaign_id > 0"),
        ),
        Index(
            "ix_messages_tag",
            "workspace_id",
            "tag",
            "id",
            sqlite_where=text("tag IS NOT NULL"),
            postgresql_where=text("tag IS NOT NULL"),
        ),
        Index(
            "ix_messages_template",
            "workspace_id",
            "template",
            "id",
            sqlite_where=text("template IS NOT NULL"),
            postgresql_where=text("template IS NOT NULL"),
        ),
        Index("ix_messages_workspace_id_id", "workspace_id", "id"),
        Index(
            "ix_messages_planned",
            "workspace_id",
            "id",
            sqlite_where=text("source = 'schedule'"),
            postgresql_where=text("source = 'schedule'"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Id]


_OF_CAMPAIGN = text("campaign_id > 0")
_KNOWN = text("provider_id IS NOT NULL")


class ArchivedMessage(LedgerRow, Base):
    """A settled message that was moved out of the ledger's table, with its id (core/ledger/archive.py).

    It has the indexes by which an archive is asked, and none of the queue's.
    """

    __tablename__ = "archived_messages"
    __table_args__ = (
        Index("ix_archived_messages_workspace_id_id", "workspace_id", "id"),
        Index("ix_archived_messages_chat", "channel_id", "peer", "id"),
        Index("ix_archived_messages_contact", "contact_id", "id"),
        Index(
            "uq_archived_messages_provider",
            "channel_id",
            "provider_id",
            unique=True,
            sqlite_where=_KNOWN,
            postgresql_where=_KNOWN,
        ),
        *(
            Index(name, *columns, sqlite_where=_OF_CAMPAIGN, postgresql_where=_OF_CAMPAIGN)
            for name, columns in (
                ("ix_archived_messages_campaign", ("campaign_id", "id")),
                ("ix_archived_messages_campaign_state", ("campaign_id", "state")),
                ("ix_archived_messages_slot", ("campaign_id", "slot")),
            )
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False, sort_order=-1)
    archived_at: Mapped[Ms]


AnyMessage = type[Message] | type[ArchivedMessage]
LEDGER: tuple[AnyMessage, ...] = (Message, ArchivedMessage)
"""Where messages are: what is counted over all time is counted in both."""


def of_campaign(campaign_id: Any, model: AnyMessage = Message) -> ColumnElement[bool]:
    """Rows of a campaign: an id, or a column of ids.

    The second half says what the first implies, in the words of the partial indexes: without them SQLite does not use
    those, and reads the whole ledger (measured at a million rows: 130 ms for each question about a campaign).
    """
    return and_(model.campaign_id == campaign_id, text(f"{model.__tablename__}.campaign_id > 0"))


def unsettled(state: str) -> ColumnElement[bool]:
    """Rows in state `sending` or `uncertain`, so that the partial index of both serves; see `of_campaign`."""
    return and_(Message.state == state, text("messages.state IN ('sending', 'uncertain')"))
