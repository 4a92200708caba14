"""The AI step: the endpoint that a workspace asks, what it may be told, and what that came to."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ...db.base import Base, Id, Ms, SealedStr


class AiSetting(Base):
    """The endpoint of a workspace; no row, no calls. Prices are millionths of `currency` for a million tokens."""

    __tablename__ = "ai_settings"

    workspace_id: Mapped[int] = mapped_column(
        ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    base_url: Mapped[str]
    api_key: Mapped[SealedStr | None]
    model: Mapped[str]
    timeout_seconds: Mapped[int]
    max_tokens: Mapped[int]
    json_mode: Mapped[bool]
    price_in: Mapped[Ms]
    price_out: Mapped[Ms]
    currency: Mapped[str]
    per_chat_day: Mapped[int]
    per_day: Mapped[int]
    updated_at: Mapped[Ms]


class KnowledgeSource(Base):
    """A file or a page that answers are made of: its plain `text`. `folded` is its name as compared."""

    __tablename__ = "knowledge_sources"
    __table_args__ = (UniqueConstraint("workspace_id", "folded"),)

    id: Mapped[Id]
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    name: Mapped[str]
    folded: Mapped[str]
    format: Mapped[str]
    filename: Mapped[str | None]
    text: Mapped[str]
    characters: Mapped[int]
    passages: Mapped[int]
    created_at: Mapped[Ms]
    updated_at: Mapped[Ms]


class KnowledgePassage(Base):
    """A piece of a source, as it is found and given to the model. `words` are compared; the database's full-text index
    stands on them (`search_knowledge`), as on those of messages. A row changes only when
    somebody who is named in it is erased."""

    __tablename__ = "knowledge_passages"
    __table_args__ = (
        Index("ix_knowledge_passages_source_id", "source_id", "place"),
        Index("ix_knowledge_passages_workspace_id", "workspace_id", "id"),
    )

    id: Mapped[Id]
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    source_id: Mapped[int] = mapped_column(ForeignKey("knowledge_sources.id", ondelete="CASCADE"))
    place: Mapped[int]
    title: Mapped[str]
    text: Mapped[str]
    words: Mapped[str]


class AiUse(Base):
    """What an automation asked of the endpoint on one day (`day`: its first ms, UTC). `cost` in millionths of the currency.
    It stays when the automation goes."""

    __tablename__ = "ai_uses"

    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[Ms] = mapped_column(primary_key=True)
    automation_id: Mapped[int] = mapped_column(primary_key=True)
    calls: Mapped[int] = mapped_column(default=0)
    answers: Mapped[int] = mapped_column(default=0)
    suggestions: Mapped[int] = mapped_column(default=0)
    hand_overs: Mapped[int] = mapped_column(default=0)
    tokens_in: Mapped[Ms] = mapped_column(default=0)
    tokens_out: Mapped[Ms] = mapped_column(default=0)
    cost: Mapped[Ms] = mapped_column(default=0)


class AiChatUse(Base):
    """How often the endpoint was asked for a chat on the last such day."""

    __tablename__ = "ai_chat_uses"

    chat_id: Mapped[int] = mapped_column(
        ForeignKey("chats.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    day: Mapped[Ms]
    calls: Mapped[int]
