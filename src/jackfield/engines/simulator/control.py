"""What whoever plays the network may do: scan, write, call, break things, and look at what was taken.

`control` serves the stand-alone server's `/world/{account}/{action}` and Jackfield's own
`/simulator/{profile}/{action}` alike, for an account in this process or in another.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

import aiohttp
import msgspec

from jackfield.core.egress import NOTHING, AllowList, GuardedConnector, blocked

from .account import Account
from .config import SimulatorConfig
from .engine import account_for, account_key
from .faults import Faults
from .groups import GroupProblem
from .inbound import content_from
from .templates import TemplateProblem

Body = Mapping[str, Any]
Answer = tuple[int, dict[str, Any]]


class RemoteAccount:
    """An account of a stand-alone simulator, to be controlled."""

    def __init__(self, url: str, key: str) -> None:
        self.url = url.rstrip("/")
        self.key = key

    def __repr__(self) -> str:
        return f"RemoteAccount({self.url!r}, {self.key!r})"


def target_for(channel_id: int, config: SimulatorConfig) -> Account | RemoteAccount:
    """The account that a channel's controls reach: the same that its session talks to."""
    url = config.network()[0]
    if url:
        return RemoteAccount(url, account_key(channel_id, config))
    return account_for(channel_id, config)


async def control(
    target: Account | RemoteAccount, action: str, body: Body | None = None, *, egress_allow: AllowList = NOTHING
) -> Answer:
    """HTTP status and JSON for one control. `body` holds the request's JSON fields or query parameters; `egress_allow` are
    the hosts at which another simulator may be, beside public ones."""
    body = body or {}
    if isinstance(target, RemoteAccount):
        return await _remote(target, action, body, egress_allow)
    act = _ACTIONS.get(action)
    if act is None:
        return _error(404, "NOT_FOUND", f"There is no control {action!r}; there are {', '.join(sorted(_ACTIONS))}.")
    if not isinstance(body, Mapping):
        return _error(400, "VALIDATION_ERROR", "The body must be a JSON object.")
    try:
        data = act(target, body)
    except (ValueError, TypeError, KeyError, msgspec.ValidationError) as problem:
        words = f"{problem.args[0]} is missing" if isinstance(problem, KeyError) else str(problem)
        return _error(400, "VALIDATION_ERROR", words)
    except (GroupProblem, TemplateProblem) as problem:
        return _error(404 if problem.code in ("404", "132001") else 400, "REFUSED", problem.message)
    # Statuses that are due at once go out before the caller sees the answer's effect.
    await asyncio.sleep(0)
    if action == "outbox":
        return 200, {"success": True, **data}
    return 200, {"success": True, "data": msgspec.to_builtins(data)}


def _error(status: int, code: str, message: str) -> Answer:
    return status, {"success": False, "error": {"code": code, "message": message}}


async def _remote(target: RemoteAccount, action: str, body: Body, egress_allow: AllowList) -> Answer:
    url = f"{target.url}/world/{quote(target.key, safe='')}/{quote(action, safe='')}"
    try:
        async with aiohttp.ClientSession(
            connector=GuardedConnector(egress_allow), timeout=aiohttp.ClientTimeout(total=60, sock_connect=5)
        ) as session:
            async with session.post(url, data=msgspec.json.encode(body), allow_redirects=False) as response:
                return response.status, msgspec.json.decode(await response.read())
    except (aiohttp.ClientError, TimeoutError, OSError, msgspec.DecodeError) as problem:
        why = blocked(problem)
        said = f"may not be called: {why}" if why else f"did not answer: {problem}"
        return _error(502, "SIMULATOR_UNREACHABLE", f"The simulator at {target.url} {said}")


def _scan(account: Account, body: Body) -> dict[str, Any]:
    account.scan()
    return {"paired": True, "phone": account.phone, "name": account.name}


def _sender(body: Body) -> str:
    value = body.get("from", body.get("from_", body.get("phone")))
    if isinstance(value, bool) or not isinstance(value, str | int) or not str(value).strip("+ "):
        raise ValueError("from is missing: the person's number")
    digits = str(value).split("@")[0].replace(" ", "").lstrip("+")
    if not digits.replace("-", "").isalnum():
        raise ValueError(f"from must be a phone number, not {value!r}")
    return digits


def _inbound(account: Account, body: Body) -> dict[str, Any]:
    kind = body.get("type") or ("image" if body.get("url") and not body.get("text") else "text")
    fields = {**body, "type": kind}
    sender = _sender(body)
    name = body.get("name")
    content = content_from(fields, account.media)
    message = account.receive(
        content,
        sender,
        name=None if name is None else str(name),
        chat=str(body["chat"]) if body.get("chat") else None,
        reply_to=body.get("replyTo") or body.get("reply_to"),
        from_me=bool(body.get("fromMe", False)),
        provider_id=None if body.get("providerId") is None else str(body["providerId"]),
    )
    return {"id": message.provider_id, "chat": message.chat, "from": message.sender, "timestamp": message.timestamp}


def _call(account: Account, body: Body) -> dict[str, Any]:
    call = account.call(_sender(body), bool(body.get("isVideo", body.get("is_video", False))))
    return {"callId": call.call_id, "from": call.caller, "isVideo": call.is_video}


def _faults(account: Account, body: Body) -> Any:
    reset = not body or bool(body.get("reset", False))
    before = account.no_faults() if reset else account.faults
    changes = {key: value for key, value in body.items() if key != "reset"}
    account.set_faults(Faults.from_json(changes, before) if changes else before)
    return account.faults


def _outbox(account: Account, body: Body) -> dict[str, Any]:
    after = _integer(body, "after", 0)
    limit = _integer(body, "limit", None)
    to, ref, status = body.get("to"), body.get("ref"), body.get("status")
    rows = []
    entries = account.outbox.page(after or 0, None if to or ref or status else limit)
    for entry in entries:
        if (to and entry.to != str(to).lstrip("+")) or (ref and entry.ref != ref) or (status and entry.state != status):
            continue
        rows.append(entry.as_json())
        if limit is not None and len(rows) >= limit:
            break
    return {
        "data": rows,
        "total": len(account.outbox),
        "next": rows[-1]["n"] + 1 if rows and limit is not None and len(rows) == limit else None,
    }


def _integer(body: Body, name: str, default: int | None) -> int | None:
    value = body.get(name, default)
    if value is None:
        return None
    try:
        number = int(value)
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be a whole number") from None
    if number < 0:
        raise ValueError(f"{name} must not be negative")
    return number


def _reset(account: Account, body: Body) -> dict[str, Any]:
    account.outbox.clear()
    account.inbox.clear()
    account.set_faults(account.no_faults())
    return {"reset": True}


def _log_out(account: Account, body: Body) -> dict[str, Any]:
    account.log_out(str(body.get("reason") or "The device was logged out from the phone."))
    return {"paired": False}


def _template(account: Account, body: Body) -> dict[str, Any]:
    name, language = str(body["name"]), body.get("language")
    for template in account.templates.all():
        if template.name == name and language in (None, template.language):
            answer = {"name": name, "language": template.language}
            grades = {key: str(body[key]).upper() for key in ("quality", "category") if body.get(key)}
            if grades:
                account.templates.regrade(name, template.language, **grades)
            if body.get("status") or not grades:
                grades["status"] = str(body.get("status") or "PAUSED").upper()
                account.pause_template(name, template.language, grades["status"])
            return answer | grades
    raise TemplateProblem("132001", f"There is no template {name}.")


def _group(account: Account, body: Body) -> Any:
    if body.get("group") and body.get("asking"):
        return {"asking": account.groups.asks(str(body["group"]), str(body["asking"]).lstrip("+"))}
    if body.get("group"):
        return account.groups.renamed(str(body["group"]), str(body["name"]))
    members = [str(member).lstrip("+") for member in body.get("participants", [])]
    return account.groups.joined(str(body["name"]), members, read_only=bool(body.get("readOnly", False)))


def _edited(account: Account, body: Body) -> dict[str, Any]:
    fields = {key: value for key, value in body.items() if key != "id"}
    account.edited(str(body["id"]), content_from(fields, account.media))
    return {"id": body["id"]}


def _deleted(account: Account, body: Body) -> dict[str, Any]:
    account.deleted(str(body["id"]))
    return {"id": body["id"]}


def _preference(account: Account, body: Body) -> dict[str, Any]:
    opted_in = bool(body.get("optedIn", False))
    account.prefers(_sender(body), opted_in)
    return {"from": _sender(body), "optedIn": opted_in}


def _describe(account: Account, body: Body) -> dict[str, Any]:
    return {
        "key": account.key,
        "phone": account.phone,
        "name": account.name,
        "paired": account.paired,
        "login": account.pairing.step,
        "outbox": len(account.outbox),
        "waiting": len(account.happenings),
        "faults": account.faults,
        "groups": [{"address": g.address, "name": g.name} for g in account.groups.all()],
        "newsletters": [{"address": g.address, "name": g.name} for g in account.groups.all("newsletter")],
        "templates": [{"name": t.name, "language": t.language, "status": t.status} for t in account.templates.all()],
        "ringing": list(account.calls.ringing),
        "typingTo": account.typing_to,
        "readMarks": sorted(account.read_marks)[-100:],
    }


_ACTIONS: dict[str, Callable[[Account, Body], Any]] = {
    "scan": _scan,
    "inbound": _inbound,
    "call": _call,
    "faults": _faults,
    "outbox": _outbox,
    "reset": _reset,
    "logout": _log_out,
    "template": _template,
    "group": _group,
    "edited": _edited,
    "deleted": _deleted,
    "preference": _preference,
    "account": _describe,
}
