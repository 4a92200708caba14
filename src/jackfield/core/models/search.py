"""The words of messages, so that these are found by what was said."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from ...db.base import Base, BigId, Id, Ms


class MessageText(Base):
    """The words of a message of a chat, as they are compared, with blanks between them.

    The database's full-text index stands on it (`search_messages`): FTS5 on SQLite, a GIN index over a tsvector on
    PostgreSQL. A row goes with its message, and when the message's content changes: triggers see to both, so that no path
    that deletes or blanks a message can forget it. A row is never changed; who adds one on SQLite adds it to the index too.
    """

    __tablename__ = "message_texts"
    __table_args__ = (Index("ix_message_texts_workspace_id", "workspace_id", "message_id"),)

    message_id: Mapped[int] = mapped_column(
        ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    channel_id: Mapped[int]
    words: Mapped[str]


class SearchPosition(Base):
    """Up to which message the words are kept; one row."""

    __tablename__ = "search_positions"

    name: Mapped[str] = mapped_column(primary_key=True)
    message_id: Mapped[Ms]


class NameText(Base):
    """A contact or a chat by what it is called: its name, number and address, folded, a line each; and the trigrams of them.

    `key` is twice the id, and one more for a chat. As with `MessageText` an index of the database stands on `words`
    (`search_names`), and triggers delete the row when the contact or chat goes or is called something else.
    """

    __tablename__ = "name_texts"
    __table_args__ = (Index("ix_name_texts_workspace_id", "workspace_id", "key"),)

    key: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    workspace_id: Mapped[int] = mapped_column(BigId)
    text: Mapped[str]
    words: Mapped[str]


class NameChange(Base):
    """A contact or chat that was written and is not in the index as it is now; several rows may tell of the same. Triggers
    add them."""

    __tablename__ = "name_changes"

    id: Mapped[Id]
    key: Mapped[Ms]
