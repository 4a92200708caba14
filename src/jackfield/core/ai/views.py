"""What the AI step's services hand out. Times in Unix ms, money in millionths of the currency."""

from __future__ import annotations

import msgspec


class AiSettingsView(msgspec.Struct, frozen=True, kw_only=True):
    """The endpoint of a workspace, without its key. `updated_at` None: nobody has set any, and nothing is asked."""

    base_url: str = ""
    has_key: bool = False
    model: str = ""
    timeout_seconds: int = 30
    max_tokens: int = 800
    json_mode: bool = True
    price_in: int = 0
    price_out: int = 0
    currency: str = "USD"
    per_chat_day: int = 20
    per_day: int = 500
    updated_at: int | None = None


class KnowledgeView(msgspec.Struct, frozen=True, kw_only=True):
    """A file or a page that answers are made of. `text` is None in lists."""

    id: int
    workspace_id: int
    name: str
    format: str
    filename: str | None
    characters: int
    passages: int
    created_at: int
    updated_at: int
    text: str | None = None

    def __repr__(self) -> str:
        """Without what it says."""
        return f"KnowledgeView(id={self.id}, passages={self.passages})"


class FoundPassage(msgspec.Struct, frozen=True, kw_only=True):
    """A passage that fits a question. `title`: the name of its source, and under which headings it stands there."""

    id: int
    source_id: int
    title: str
    text: str


class AiTest(msgspec.Struct, frozen=True, kw_only=True):
    """What came of asking the endpoint once: `error` is a word for what failed, `message` says it."""

    ok: bool
    error: str | None
    message: str
    milliseconds: int
    tokens_in: int = 0
    tokens_out: int = 0


class AiUseRow(msgspec.Struct, frozen=True, kw_only=True):
    """What an automation asked on one day. `automation_name` is None where it is deleted."""

    day: int
    automation_id: int
    automation_name: str | None
    calls: int
    answers: int
    suggestions: int
    hand_overs: int
    tokens_in: int
    tokens_out: int
    cost: int
