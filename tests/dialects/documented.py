"""A generator of requests from the documents' own tables: every field alone and in pairs, with all kinds of values.

The tables are written from the vendors' documents, not from our models, so that a field which a model lacks is found.
Whatever is sent, the answer is a success, or a 4xx that names a changed field as the caller wrote it; never a 500. A value
that nobody can mean is refused, and a text that can be meant is seen in the answer or at the network. Query parameters
count as fields. `uncovered` tells the endpoints of a dialect that take something and have no table.
"""

from __future__ import annotations

import copy
import itertools
import json
import os
import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

from jackfield.testing.server import Answer

WHOLE = bool(os.environ.get("JACKFIELD_CHAOS"))
"""All pairs, as `make chaos` asks; else some of them, chosen by a fixed seed. All are 83,000 requests, counted by the tables
and no more, and end within half an hour on two cores (17 minutes on busy ones)."""
PAIRS = 6
"""Pairs per endpoint in the bounded form."""
LONG = "x" * 70_000
NUMBERS = itertools.count(919822000001)


class Table(NamedTuple):
    """An endpoint as its document has it. `request` is the printed example (of a GET, the query), `fields` the kind of
    each field: its name in dotted form to a key of `WRONG`. `free` are texts that come out as they went in, `to` is the
    recipient, `fresh` what must be another one in each request: its name to a pattern with {}. `at` fills the path.
    `filled` are texts whose placeholders are filled for each recipient. Successes of a `slow` endpoint take seconds: what may
    count as not given is then left to the whole form."""

    name: str
    method: str
    path: str
    request: Mapping[str, Any]
    fields: Mapping[str, str]
    free: tuple[str, ...] = ()
    to: str | None = None
    fresh: Mapping[str, str] = {}
    at: Mapping[str, str] = {}
    slow: bool = False
    filled: tuple[str, ...] = ()

    def address(self, request: Mapping[str, Any]) -> str:
        """The path of a request, with its query where it has no body."""
        path = self.path.format(**self.at)
        if self.method != "GET":
            return path
        pairs = {name: one if isinstance(one, str) else json.dumps(one) for name, one in request.items()}
        return f"{path}?{urlencode(pairs)}" if pairs else path


WRONG: dict[str, list[Any]] = {
    "text": [{"x": {"y": 1}}, True, [[["x"]]]],
    "number": ["no number", {"x": 1}, True],
    "flag": ["perhaps", {"x": 1}, 17],
    "list": [[[[{"x": [{"y": 1}]}]]]],
    "object": ["no object", [1]],
    "header": [[1]],
    "choice": ["no such choice", {"x": 1}, 17],
    "link": ["no link", "javascript:alert(1)", {"x": 1}],
    "id": ["no id", {"x": 1}, -5],
    "ids": ["no id", {"x": {"y": 1}}, [-5]],
    "word": [],
}
"""Values that nobody can mean, by kind. A word of a query can be anything."""
LEFT: list[Any] = [None, "", [], {}]
"""Values that may count as not given."""
NOBODYS = ("Hi {zz_nobodys}", "Hi {{ zz_nobodys }}")
"""Placeholders that nothing fills: the recipient would read the braces."""
LONG_QUERY = "x" * 8_000
"""As much as a request's first line holds."""


def put(request: Mapping[str, Any], name: str, value: Any) -> dict[str, Any]:
    """The request with another value of a field."""
    body: dict[str, Any] = copy.deepcopy(dict(request))
    *path, last = name.split(".")
    place: Any = body
    for step in path:
        place = place[int(step)] if step.isdigit() else place.setdefault(step, {})
    place[int(last) if last.isdigit() else last] = value
    return body


Send = Callable[[Table, Mapping[str, Any]], Answer]


def changing(table: Table) -> list[tuple[str, str]]:
    """The fields that are another one in each request, with their patterns."""
    return [*table.fresh.items(), *([(table.to, "{}")] if table.to is not None else [])]


def words(name: str) -> str:
    """What an error about a field must contain: its own name, without the numbers of lists."""
    return next(step for step in reversed(name.split(".")) if not step.isdigit())


def problem(answer: Answer, changed: tuple[str, ...], *, refused: bool) -> str | None:
    """What is wrong with an answer to a request whose fields `changed` have other values."""
    if answer.status >= 500 or answer.status in (401, 404, 405, 429):
        return f"{answer.status}"
    if answer.status == 413:
        return None  # Only the longest value does that, and then it is the whole body's fault.
    if answer.status < 300:
        return "a success" if refused else None
    said = answer.body.decode("utf-8", "replace")
    if not any(words(one) in said for one in changed):
        return f"{answer.status} without the field's name"
    return None


def found_by(table: Table, send: Send) -> Iterator[str]:
    """What is wrong with an endpoint, in words; nothing when all holds."""

    def fresh(body: Mapping[str, Any], own: tuple[str, ...] = ()) -> dict[str, Any]:
        # A recipient of its own, for whom nothing is remembered.
        found = dict(body)
        for name, pattern in changing(table):
            if not any(name == one or name.startswith(f"{one}.") for one in own):
                found = put(found, name, pattern.format(next(NUMBERS)))
        return found

    def ask(body: Mapping[str, Any], own: tuple[str, ...] = ()) -> Answer:
        return send(table, fresh(body, own))

    def tell(what: str, answer: Answer, why: str) -> str:
        return f"{table.name}: {what[:160]}: {why}: {answer.body[:240].decode('utf-8', 'replace')}"

    answer = ask(table.request)
    if answer.status >= 300:
        yield tell("the document's example", answer, str(answer.status))
        return
    unknown = "zz_unknown"
    answer = ask({**table.request, unknown: "x"})
    if (why := problem(answer, (unknown,), refused=True)) is not None:
        yield tell("an unknown field", answer, why)
    variants: list[tuple[str, Any, bool]] = []
    query = table.method == "GET"
    left = [] if table.slow and not WHOLE else LEFT[1:2] if query else LEFT
    for name, kind in table.fields.items():
        variants += [(name, value, True) for value in WRONG[kind]]
        if kind != "flag":
            variants.append((name, LONG_QUERY if query else LONG, True))
        variants += [(name, value, False) for value in left]
    variants += [(name, text, True) for name in table.filled for text in NOBODYS]
    for name, value, refused in variants:
        answer = ask(put(table.request, name, value), (name,))
        if (why := problem(answer, (name,), refused=refused)) is not None:
            yield tell(f"{name} = {json.dumps(value)[:60]}", answer, why)
    pairs = [one for one in itertools.combinations(variants, 2) if one[0][0] != one[1][0]]
    if not WHOLE:
        pairs = random.Random(table.name).sample(pairs, min(PAIRS, len(pairs)))
    for first, second in pairs:
        names = (first[0], second[0])
        if any(one.startswith(f"{other}.") for one, other in (names, names[::-1])):
            continue
        body = put(put(table.request, first[0], first[1]), second[0], second[1])
        answer = ask(body, names)
        if (why := problem(answer, names, refused=first[2] or second[2])) is not None:
            what = " and ".join(f"{name} = {json.dumps(value)[:40]}" for name, value, _ in (first, second))
            yield tell(what, answer, why)


def unseen(table: Table, send: Send, seen: Callable[[str], str]) -> Iterator[str]:
    """Texts of an endpoint that are taken and then seen nowhere; `seen` gives all that was sent to a recipient."""
    for name in table.free:
        marker = f"seen{next(NUMBERS)}"
        to = str(next(NUMBERS))
        body = put(table.request, name, marker)
        for changed, pattern in changing(table):
            if changed != name:
                body = put(body, changed, pattern.format(to))
        answer = send(table, body)
        if answer.status >= 300:
            yield f"{table.name}: {name} = a text: {answer}"
        elif marker not in answer.body.decode("utf-8", "replace") + seen(to):
            yield f"{table.name}: {name} has no effect"


def uncovered(document: Mapping[str, Any], base: str, tables: Iterable[Table], others: Mapping[str, str]) -> list[str]:
    """The operations of a dialect's document that take a body or query parameters and have neither a table nor a reason
    in `others`, and the entries of `others` that are none. `base` is what the tables' paths leave out."""
    takes = {
        f"{method.upper()} {path.removeprefix(base)}"
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if "requestBody" in operation or any(one["in"] == "query" for one in operation.get("parameters", ()))
    }
    have = {f"{one.method} {one.path}" for one in tables}
    assert all(others.values())
    return sorted(takes - have - others.keys()) + sorted(others.keys() & have) + sorted((have | others.keys()) - takes)
