"""Formatted texts: the marks of a `parse_mode` to entities, and what Telegram finds in a plain text by itself.

Rules and words of errors: https://core.telegram.org/bots/api#formatting-options. Offsets of entities count UTF-16 code
units, those of errors bytes.
"""

from __future__ import annotations

import html
import re
from typing import Any

from .wire import BotProblem, Json, bad


def utf16(text: str) -> int:
    """The length of a text as entities count it."""
    return len(text) + sum(char > "\uffff" for char in text)


def parse_marks(text: str, mode: str) -> tuple[str, list[Json]]:
    """The text without its marks, and their entities. Raises BotProblem for marks that are wrong, or an unknown mode."""
    reader = {"html": _html, "markdownv2": _markdown_v2, "markdown": _markdown}.get(mode.lower())
    if reader is None:
        raise bad("unsupported parse_mode")
    return reader(text)


class _Built:
    """A text as it grows, with the entities that are open."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.length = 0
        self.open: list[tuple[str, int, Json]] = []
        self.entities: list[Json] = []

    def add(self, text: str) -> None:
        self.parts.append(text)
        self.length += utf16(text)

    def begin(self, mark: str, entity: Json) -> None:
        self.open.append((mark, self.length, entity))

    def end(self) -> None:
        _, offset, entity = self.open.pop()
        if entity and self.length > offset:
            self.entities.append({**entity, "offset": offset, "length": self.length - offset})

    def result(self) -> tuple[str, list[Json]]:
        return "".join(self.parts), sorted(self.entities, key=lambda one: (one["offset"], -one["length"]))


def _wrong(what: str) -> BotProblem:
    return bad(f"can't parse entities: {what}")


def _at(text: str, place: int) -> str:
    return f"byte offset {len(text[:place].encode('utf-8', 'replace'))}"


# -- HTML --------------------------------------------------------------------------------------------

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9-]*)((?:\s+[a-zA-Z-]+(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s>]+))?)*)\s*/?>")
_ATTRIBUTE = re.compile(r"([a-zA-Z-]+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+)))?")
_TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "code": "code",
    "pre": "pre",
}


def _html(text: str) -> tuple[str, list[Json]]:
    built, place = _Built(), 0
    while place < len(text):
        if text[place] != "<":
            upto = text.find("<", place)
            upto = len(text) if upto < 0 else upto
            built.add(html.unescape(text[place:upto]))
            place = upto
            continue
        found = _TAG.match(text, place)
        if found is None:
            raise _wrong(f'Unsupported start tag "{text[place + 1 : place + 2]}" at {_at(text, place)}')
        closing, name = bool(found[1]), found[2].lower()
        if closing:
            _close(built, text, place, name)
        else:
            built.begin(name, _html_entity(name, found[3] or "", text, place, built))
        place = found.end()
    if built.open:
        raise _wrong(f'Can\'t find end tag corresponding to start tag "{built.open[-1][0]}"')
    return built.result()


def _close(built: _Built, text: str, place: int, name: str) -> None:
    if not built.open:
        raise _wrong(f"Unexpected end tag at {_at(text, place)}")
    if built.open[-1][0] != name:
        raise _wrong(f'Unmatched end tag at {_at(text, place)}, expected "</{built.open[-1][0]}>", found "</{name}>"')
    built.end()


def _html_entity(name: str, attributes: str, text: str, place: int, built: _Built) -> Json:
    given = {one[1].lower(): html.unescape(one[2] or one[3] or one[4] or "") for one in _ATTRIBUTE.finditer(attributes)}
    if name == "code" and built.open and built.open[-1][0] == "pre" and given.get("class", "").startswith("language-"):
        built.open[-1][2]["language"] = given["class"].removeprefix("language-")
        return {}
    if name in _TAGS:
        return {"type": _TAGS[name]}
    if name == "blockquote":
        return {"type": "expandable_blockquote" if "expandable" in given else "blockquote"}
    if name == "span" and given.get("class") == "tg-spoiler":
        return {"type": "spoiler"}
    if name == "tg-emoji" and given.get("emoji-id"):
        return {"type": "custom_emoji", "custom_emoji_id": given["emoji-id"]}
    if name == "a":
        return _link(given.get("href", ""))
    if name == "span":
        raise _wrong(f'Tag "span" must have class "tg-spoiler" at {_at(text, place)}')
    raise _wrong(f'Unsupported start tag "{name}" at {_at(text, place)}')


def _link(url: str) -> Json:
    user = re.fullmatch(r"tg://user\?id=(\d+)", url)
    if user is not None:
        return {
            "type": "text_mention",
            "user": {"id": int(user[1]), "is_bot": False, "first_name": f"Person {user[1]}"},
        }
    return {"type": "text_link", "url": url} if "." in url or url.startswith("tg://") else {}


# -- Markdown ----------------------------------------------------------------------------------------

_RESERVED = "_*[]()~`>#+-=|{}.!"
_V2 = {"*": "bold", "_": "italic", "__": "underline", "~": "strikethrough", "||": "spoiler"}


def _markdown_v2(text: str) -> tuple[str, list[Json]]:
    built, place = _Built(), 0
    while place < len(text):
        char = text[place]
        if char == "\\" and place + 1 < len(text) and 0 < ord(text[place + 1]) < 127:
            built.add(text[place + 1])
            place += 2
        elif char == "`":
            place = _code(built, text, place)
        elif text.startswith("![", place) or char == "[":
            built.begin("[", {})
            place += 2 if char == "!" else 1
        elif char == "]" and any(mark == "[" for mark, _, _ in built.open):
            place = _end_link(built, text, place)
        elif char == ">" and (place == 0 or text[place - 1] == "\n"):
            built.begin(">", {"type": "blockquote"})
            place += 1
        elif char == "\n" and built.open and built.open[-1][0] == ">":
            if not text.startswith("\n>", place):
                built.end()
                built.add("\n")
                place += 1
            else:
                built.add("\n")
                place += 2
        else:
            place = _mark_or_char(built, text, place)
    while built.open and built.open[-1][0] == ">":
        built.end()
    if built.open:
        names = {"[": "link", **_V2}
        raise _wrong(f"Can't find end of {names[built.open[-1][0]].capitalize()} entity")
    return built.result()


def _mark_or_char(built: _Built, text: str, place: int) -> int:
    mark = next((one for one in ("__", "||", "*", "_", "~") if text.startswith(one, place)), None)
    if mark is not None:
        if built.open and built.open[-1][0] == mark:
            built.end()
        else:
            built.begin(mark, {"type": _V2[mark]})
        return place + len(mark)
    if text[place] in _RESERVED:
        raise _wrong(f"Character '{text[place]}' is reserved and must be escaped with the preceding '\\'")
    built.add(text[place])
    return place + 1


def _code(built: _Built, text: str, place: int) -> int:
    fence = "```" if text.startswith("```", place) else "`"
    end = text.find(fence, place + len(fence))
    if end < 0:
        raise _wrong(f"Can't find end of {'Pre' if fence == '```' else 'Code'} entity at {_at(text, place)}")
    inside = text[place + len(fence) : end]
    entity: Json = {"type": "pre" if fence == "```" else "code"}
    if fence == "```":
        language = re.match(r"([\w+-]+)\n", inside)
        if language is not None:
            entity["language"] = language[1]
            inside = inside[language.end() :]
        inside = inside.removeprefix("\n")
    built.begin(fence, entity)
    built.add(re.sub(r"\\([`\\])", r"\1", inside))
    built.end()
    return end + len(fence)


def _end_link(built: _Built, text: str, place: int) -> int:
    if built.open[-1][0] != "[":
        raise _wrong(f"Can't find end of the entity at {_at(text, place)}")
    found = re.compile(r"\]\(((?:\\.|[^)\\])*)\)").match(text, place)
    if found is None:
        raise _wrong(f"Can't find end of a URL at {_at(text, place)}")
    url = re.sub(r"\\(.)", r"\1", found[1])
    mark, offset, _ = built.open.pop()
    emoji = re.fullmatch(r"tg://emoji\?id=(\d+)", url)
    entity = {"type": "custom_emoji", "custom_emoji_id": emoji[1]} if emoji is not None else _link(url)
    built.open.append((mark, offset, entity))
    built.end()
    return found.end()


def _markdown(text: str) -> tuple[str, list[Json]]:
    """The older Markdown, without nesting and without reserved characters."""
    built, place = _Built(), 0
    while place < len(text):
        char = text[place]
        if char == "\\" and text[place + 1 : place + 2] in tuple("_*`["):
            built.add(text[place + 1])
            place += 2
        elif char == "`":
            place = _code(built, text, place)
        elif char in "*_":
            end = text.find(char, place + 1)
            if end < 0:
                raise _wrong(f"Can't find end of the entity starting at {_at(text, place)}")
            built.begin(char, {"type": _V2[char]})
            built.add(text[place + 1 : end])
            built.end()
            place = end + 1
        elif (link := re.compile(r"\[([^\]]+)\]\(([^)]*)\)").match(text, place)) is not None:
            built.begin("[", _link(link[2]))
            built.add(link[1])
            built.end()
            place = link.end()
        else:
            built.add(char)
            place += 1
    return built.result()


# -- plain texts -------------------------------------------------------------------------------------

_FOUND = (
    ("bot_command", re.compile(r"(?<![\w/])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z][A-Za-z0-9_]{3,31})?(?![\w@])")),
    ("email", re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}")),
    ("url", re.compile(r"(?<![\w@./])(?:https?://[^\s<>\"]*[^\s<>\".,;:!?)'\]]|(?:[\w-]+\.)+(?:com|org|net|io|de|me|app)\b(?:/[^\s<>\"]*[^\s<>\".,;:!?)'\]])?)")),
    ("mention", re.compile(r"(?<![\w@./])@[A-Za-z][A-Za-z0-9_]{3,31}(?!\w)")),
    ("hashtag", re.compile(r"(?<![\w#&])#\w*[^\W\d]\w*")),
    ("cashtag", re.compile(r"(?<![\w$])\$[A-Z]{1,8}(?![\w$])")),
    ("phone_number", re.compile(r"(?<![\w+])\+\d(?:[\d ()-]{6,18})\d(?!\w)")),
)  # fmt: skip


def find_entities(text: str) -> list[Json]:
    """What Telegram marks in a text that people write: commands, links, addresses, mentions, tags, numbers."""
    taken: list[tuple[int, int, str]] = []
    for kind, pattern in _FOUND:
        for match in pattern.finditer(text):
            if all(match.end() <= start or match.start() >= end for start, end, _ in taken):
                taken.append((match.start(), match.end(), kind))
    return [
        {"type": kind, "offset": utf16(text[:start]), "length": utf16(text[start:end])}
        for start, end, kind in sorted(taken)
    ]


def formatted(text: str, mode: str, entities: Any) -> tuple[str, list[Json]]:
    """A text of a call, by its `parse_mode` where there is one, else with the entities given. Raises BotProblem."""
    if mode and not isinstance(entities, list):
        return parse_marks(text, mode)
    size, kept = utf16(text), []
    for one in entities if isinstance(entities, list) else ():
        if not isinstance(one, dict) or not isinstance(one.get("type"), str):
            raise bad("can't parse MessageEntity: type is wrong")
        offset, length = one.get("offset"), one.get("length")
        if not isinstance(offset, int) or not isinstance(length, int) or offset < 0 or length < 0:
            raise bad("can't parse MessageEntity: offset or length is wrong")
        if offset + length > size:
            raise bad(f"entity beginning at UTF-16 offset {offset} ends after the end of the text")
        kept.append(one)
    return text, kept
