"""The AI step's endpoint, knowledge and figures, as this API shows them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from ._base import Time

Format = Annotated[str, Field(json_schema_extra={"enum": ["text", "markdown", "html", "csv"]})]


class AiSettings(TypedDict):
    """The endpoint that AI steps ask. `configured` false: none is set, and nothing is sent anywhere. The key is never shown;
    `hasKey` says whether there is one. Prices are for a million tokens, in `currency`."""

    configured: bool
    baseUrl: str
    hasKey: bool
    model: str
    timeoutSeconds: int
    maxTokens: int
    jsonMode: bool
    priceIn: float
    priceOut: float
    currency: str
    perChatDay: int
    perDay: int
    updatedAt: Time | None


class AiTest(TypedDict):
    """What came of asking the endpoint once. `error`: `blocked` (the address may not be called), `connect`, `timeout`, `broken`,
    `key` (it was refused), `not_found` (no such model or address), `busy`, `server_error`, `refused`, `no_json` or `cut_off`."""

    ok: bool
    error: str | None
    message: str
    milliseconds: int
    tokensIn: int
    tokensOut: int


class AiUseRow(TypedDict):
    """What an automation asked on one day (UTC). `automationName` is null where it is deleted."""

    day: str
    automationId: str
    automationName: str | None
    calls: int
    answers: int
    suggestions: int
    handOvers: int
    tokensIn: int
    tokensOut: int
    cost: float


class AiUseSums(TypedDict):
    """All days and automations together."""

    calls: int
    answers: int
    suggestions: int
    handOvers: int
    tokensIn: int
    tokensOut: int
    cost: float


class AiUsage(TypedDict):
    """What AI steps asked and what it cost, in `currency`, by the prices at the time of each call."""

    currency: str
    rows: list[AiUseRow]
    total: AiUseSums


class Knowledge(TypedDict):
    """A page or a file that answers are made of."""

    id: str
    name: str
    format: Format
    filename: str | None
    characters: int
    passages: int
    createdAt: Time | None
    updatedAt: Time | None


class KnowledgeText(Knowledge):
    """With what it says, as plain text; of HTML without its tags, of a table a line for each row."""

    text: str


class KnowledgePassage(TypedDict):
    """A passage that a model would be given for a question."""

    knowledgeId: str
    title: str
    text: str
