"""Passages that fit a question: candidates by the full-text index, the best of them by how rare their words are."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from typing import Any, Final

from sqlalchemy import select, text

from ..models import KnowledgePassage, KnowledgeSource
from ..names.words import PREFIX_FROM, is_pair, words_of, workspace_word
from .views import FoundPassage

MAX_QUESTION: Final = 24
"""Different words of a question that are looked for."""
MAX_CANDIDATES: Final = 600
"""Passages that are compared."""
_STEM_FROM: Final = 5
_STEM: Final = 4
_ENDING: Final = 3


def source_word(source_id: int) -> str:
    """A word that all passages of a source have and nobody can type."""
    return f"\ue002{source_id}"


def kept_words(workspace_id: int, source_id: int, title: str, body: str) -> str:
    """The words of a passage as they are kept."""
    return " ".join((workspace_word(workspace_id), source_word(source_id), *words_of(f"{title}\n{body}")))


def stem(word: str) -> str:
    """The beginning by which a word is looked for, so that `deliveries` finds `delivery` and `opening` finds `open`."""
    return word if len(word) < _STEM_FROM or is_pair(word) else word[: max(_STEM, len(word) - _ENDING)]


async def find_passages(
    session: Any, workspace_id: int, question: str, *, sources: Collection[int] = (), limit: int = 5
) -> list[FoundPassage]:
    """The passages that fit a question best, the best first; of these `sources`, or of all. Where there are no more than
    `limit` in all these are they, in their order."""
    mine = [KnowledgePassage.workspace_id == workspace_id]
    if sources:
        mine.append(KnowledgePassage.source_id.in_(sources))
    first = list(
        (
            await session.execute(
                select(KnowledgePassage.id)
                .where(*mine)
                .order_by(KnowledgePassage.source_id, KnowledgePassage.place)
                .limit(limit + 1)
            )
        ).scalars()
    )
    ids = first if len(first) <= limit else await _best(session, workspace_id, question, sources, limit)
    return await _views(session, ids)


async def _best(session: Any, workspace_id: int, question: str, sources: Collection[int], limit: int) -> list[int]:
    stems = list(dict.fromkeys(stem(word) for word in words_of(question)))[:MAX_QUESTION]
    scope = _scope(session, workspace_id, sources)
    counted = []
    for one in stems:
        count = int(await session.scalar(*_statement(session, scope, [one], count=True)) or 0)
        if count:
            counted.append((count, one))
    if not counted:
        return []
    counted.sort()
    # The rarest words say most; those that stand nearly everywhere only weigh what these find.
    taken, sum_ = [counted[0][1]], counted[0][0]
    for count, one in counted[1:]:
        if sum_ + count > MAX_CANDIDATES:
            break
        taken.append(one)
        sum_ += count
    total = max(count for count, _ in counted) + 1
    weights = {one: math.log(1 + total / count) for count, one in counted}
    rows = await session.execute(*_statement(session, scope, taken, count=False))
    scored = [(-_score(row.words.split(" "), weights), row.id) for row in rows]
    return [id_ for _, id_ in sorted(scored)[:limit]]


def _score(words: Sequence[str], weights: dict[str, float]) -> float:
    """The sum of the weights of what is found; a passage with many other words says less about each."""
    said = set(words)
    found = 0.0
    for one, weight in weights.items():
        if one in said:
            found += weight
        elif len(one) >= PREFIX_FROM and any(word.startswith(one) for word in words):
            found += 0.8 * weight
    return found / (0.75 + 0.25 * len(words) / 100)


def _scope(session: Any, workspace_id: int, sources: Collection[int]) -> str:
    is_sqlite = session.bind.dialect.name == "sqlite"
    named = sorted(sources)
    if is_sqlite:
        of = " OR ".join(f'"{source_word(one)}"' for one in named)
        return f'"{workspace_word(workspace_id)}"' + (f" AND ({of})" if of else "")
    of = " | ".join(f"'{source_word(one)}'" for one in named)
    return f"'{workspace_word(workspace_id)}'" + (f" & ({of})" if of else "")


def _statement(session: Any, scope: str, stems: Sequence[str], *, count: bool) -> tuple[Any, dict[str, Any]]:
    """A query of the index for any of some beginnings of words. They hold letters and digits alone."""
    if session.bind.dialect.name == "sqlite":
        any_of = " OR ".join(f'"{one}"{" *" if len(one) >= PREFIX_FROM else ""}' for one in stems)
        asked = f"{scope} AND ({any_of})"
        source = "FROM search_knowledge JOIN knowledge_passages AS p ON p.id = search_knowledge.rowid"
        where = "WHERE search_knowledge MATCH :asked"
        if count:
            source = "FROM search_knowledge"
    else:
        any_of = " | ".join(f"'{one}'{':*' if len(one) >= PREFIX_FROM else ''}" for one in stems)
        asked = f"{scope} & ({any_of})"
        source = "FROM knowledge_passages AS p"
        where = "WHERE array_to_tsvector(string_to_array(p.words, ' ')) @@ CAST(CAST(:asked AS text) AS tsquery)"
    what = "count(*)" if count else "p.id, p.words"
    values: dict[str, Any] = {"asked": asked}
    rest = ""
    if not count:
        rest, values["most"] = " ORDER BY p.id LIMIT :most", MAX_CANDIDATES
    return text(f"SELECT {what} {source} {where}{rest}"), values


async def _views(session: Any, ids: Sequence[int]) -> list[FoundPassage]:
    if not ids:
        return []
    rows = await session.execute(
        select(
            KnowledgePassage.id,
            KnowledgePassage.source_id,
            KnowledgePassage.title,
            KnowledgePassage.text,
            KnowledgeSource.name,
        )
        .join(KnowledgeSource, KnowledgeSource.id == KnowledgePassage.source_id)
        .where(KnowledgePassage.id.in_(ids))
    )
    found = {
        row.id: FoundPassage(
            id=row.id,
            source_id=row.source_id,
            title=f"{row.name} › {row.title}" if row.title else row.name,
            text=row.text,
        )
        for row in rows
    }
    return [found[id_] for id_ in ids if id_ in found]
