"""API campaigns, which programs trigger for one person at a time: from how a campaign is shown to how it is made."""

from __future__ import annotations

from typing import Any, Final

from .records import Triggered
from .source import text

LIVE: Final = ("running", "paused", "draft")
"""States of campaigns that may be triggered now or again."""


def triggered_of(row: dict[str, Any]) -> Triggered | None:
    """An API campaign as a Jackfield shows it; None for one that is over."""
    content = row.get("content")
    if row.get("status") not in LIVE or not isinstance(content, dict) or not text(row.get("name")):
        return None
    made, problem = _content(content)
    return Triggered(
        id=str(row.get("id")),
        name=str(row["name"]),
        number=str(row.get("profileId")),
        live=row["status"] == "running",
        type=str(content.get("type")),
        content=made,
        category=text(row.get("category")),
        tag=text(row.get("tag")),
        problem=problem,
    )


def _content(shown: dict[str, Any]) -> tuple[dict[str, Any], str | None]:
    """What `POST /campaigns` takes for what `GET /campaigns` shows, or why it cannot be made."""
    if _has_file(shown):
        return {}, "Its file is at the source alone; make it anew here."
    rest = {name: value for name, value in shown.items() if name != "type" and value not in (None, [], {})}
    if rest.get("url"):
        return {name: rest[name] for name in ("url", "caption", "filename") if name in rest}, None
    if shown.get("type") != "template":
        return rest, None
    if rest.get("cards") or rest.get("offer_expires_at"):
        return {}, "It is a carousel or a limited-time offer; make it anew here."
    made: dict[str, Any] = {"name": rest.get("name"), "language": rest.get("language")}
    header = rest.get("header") or {}
    for place, params in (("header", header.get("text")), ("body", rest.get("body"))):
        if params:
            made[place] = _values(params)
    if any(one.get("fold") for one in [*(header.get("text") or ()), *(rest.get("body") or ())]):
        made["fold"] = True
    link = (header.get("media") or {}).get("url")
    if link:
        made["link"] = link
    if header.get("location"):
        made["location"] = {name: value for name, value in header["location"].items() if name != "type"}
    for button in rest.get("buttons") or ():
        kind, said = button.get("kind"), button.get("text")
        if kind == "url":
            made.setdefault("urls", []).append(said)
        elif kind in ("copy_code", "otp"):
            made["code"] = said
        else:
            return {}, f"It fills a button of kind {kind}; make it anew here."
    return made, None


def _values(params: list[dict[str, Any]]) -> list[str] | dict[str, str]:
    """Values by name where they have names, else by place."""
    if all(one.get("name") for one in params):
        return {str(one["name"]): str(one.get("text", "")) for one in params}
    return [str(one.get("text", "")) for one in params]


def _has_file(shown: Any) -> bool:
    """Whether a file that was uploaded there stands anywhere in it."""
    if isinstance(shown, dict):
        return any(
            (name in ("media_id", "mediaId") and value is not None)
            or (name == "url" and isinstance(value, str) and value.startswith("media:"))
            or _has_file(value)
            for name, value in shown.items()
        )
    return isinstance(shown, list) and any(map(_has_file, shown))
