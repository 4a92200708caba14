"""What a linked device asks of the network, by verb: the same for the embedded session and over HTTP.

Each verb takes the account and a JSON body, and gives something JSON can hold. Raises `SendError`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from jackfield.core.ground.errors import LoginRequired, OutcomeUnknown, Rejected, SendError, Throttled, Unavailable
from jackfield.core.port import AccountInfo
from jackfield.core.port import content as c

from .account import Account
from .gate import Refusal, Taken, refusal_for
from .groups import GroupProblem
from .network import NETWORK
from .outbox import Parcel
from .templates import TemplateProblem, check

Body = dict[str, Any]
_template_decoder = msgspec.json.Decoder(c.Template)


def error_of(refusal: Refusal) -> SendError:
    """The refusal as the engine port's error."""
    if refusal.refused == "throttled":
        return Throttled(refusal.code, refusal.message, refusal.retry_after, refusal.scope)
    kinds: dict[str, type[SendError]] = {"unavailable": Unavailable, "login": LoginRequired}
    return kinds.get(refusal.refused, Rejected)(refusal.code, refusal.message)


def refusal_of(error: SendError) -> Refusal:
    """The engine port's error as a refusal, for the wire."""
    if isinstance(error, Throttled):
        return Refusal(
            code=error.code,
            message=error.message,
            refused="throttled",
            retry_after=error.retry_after,
            scope="recipient" if error.scope == "recipient" else "channel",
        )
    if isinstance(error, Unavailable):
        return Refusal(code=error.code, message=error.message, refused="unavailable")
    if isinstance(error, LoginRequired):
        return Refusal(code=error.code, message=error.message, refused="login")
    return Refusal(code=error.code, message=error.message)


def outcome_of(answer: Taken | Refusal) -> str | SendError:
    """The provider's id of a message taken, or the error."""
    if isinstance(answer, Refusal):
        return error_of(answer)
    if answer.lost:
        return OutcomeUnknown("lost", "The connection was cut before the network answered.")
    return answer.provider_id


def take(account: Account, parcels: Sequence[Parcel]) -> list[Taken | Refusal]:
    """`Account.take` for payloads in our own content's shape: templates are checked against the account's."""
    refused: dict[int, Refusal] = {}
    for n, parcel in enumerate(parcels):
        if parcel.template is not None:
            refusal = _check_template(account, parcel)
        elif parcel.kind not in NETWORK.kinds:
            refusal = refusal_for("131051")
        else:
            # A paired phone may write to itself; the Cloud API of the simulator refuses that on its own.
            continue
        if refusal is not None:
            refused[n] = refusal
    if not refused:
        return account.take(parcels)
    answers = iter(account.take([parcel for n, parcel in enumerate(parcels) if n not in refused]))
    return [refused[n] if n in refused else next(answers) for n in range(len(parcels))]


def _check_template(account: Account, parcel: Parcel) -> Refusal | None:
    content = _template_decoder.decode(parcel.payload)
    try:
        template = account.templates.sendable(content.name, content.language, account.faults.paused_templates)
        check(template, content)
    except TemplateProblem as problem:
        return msgspec.structs.replace(refusal_for(problem.code), message=problem.message)
    return None


def operate(account: Account, verb: str, body: Body) -> Any:
    """Do what the verb says. Raises SendError; Rejected with the code "unsupported" for an unknown verb."""
    act = _VERBS.get(verb)
    if act is None:
        raise Rejected("unsupported", f"The network knows no {verb!r}; it knows {', '.join(sorted(_VERBS))}.")
    if account.faults.offline:
        raise Unavailable("offline", "The network cannot be reached.")
    if not account.paired and verb not in _WITHOUT_LOGIN:
        raise LoginRequired("logged_out", account.pairing.logged_out or "Scan the QR code first.")
    try:
        return act(account, body)
    except (GroupProblem, TemplateProblem) as problem:
        raise Rejected(problem.code, problem.message) from problem
    except (KeyError, TypeError, ValueError, msgspec.ValidationError) as problem:
        raise Rejected("100", f"{verb}: {problem}") from problem


def _connect(account: Account, body: Body) -> Body:
    if not account.paired and account.pairing.logged_out is None:
        if body.get("device"):
            account.pairing.restore()
        elif body.get("scan"):
            account.pairing.restore()
            account.tell(*account.contacts())
    return _state(account)


def _state(account: Account) -> Body:
    return {
        "paired": account.paired,
        "loggedOut": account.pairing.logged_out,
        "device": account.pairing.devices,
        "address": account.phone,
        "name": account.name,
    }


def _start_login(account: Account, body: Body) -> None:
    account.pairing.start(body.get("phone"))
    if body.get("scan") and not account.paired:
        account.scan()


def _log_out(account: Account, body: Body) -> None:
    account.log_out(str(body.get("reason") or "Logged out here."), tell=False)


def _edit(account: Account, body: Body) -> None:
    if not account.edit(body["id"], body["content"]):
        raise Rejected("404", f"There is no message {body['id']} to edit.")


def _delete(account: Account, body: Body) -> None:
    if not account.delete(body["id"]):
        raise Rejected("404", f"There is no message {body['id']} to delete.")


def _typing(account: Account, body: Body) -> None:
    account.typing_to = body["to"] if body["on"] else None


def _mark_read(account: Account, body: Body) -> None:
    account.read_marks.update(body["ids"])


def _reject_call(account: Account, body: Body) -> None:
    if not account.reject_call(body["call_id"]):
        raise Rejected("404", "This call does not ring any more.")


def _describe(account: Account, body: Body) -> AccountInfo:
    return AccountInfo(
        address=account.phone, name=account.name, quality="GREEN", throughput=1000, messaging_limit=-1, raw=None
    )


def _update_profile(account: Account, body: Body) -> None:
    fields = dict(body["fields"])
    picture = fields.pop("profile_picture", None)
    unknown = sorted(set(fields) - set(account.profile))
    if unknown:
        raise Rejected("100", f"The profile has no {', '.join(unknown)}.")
    account.profile |= fields
    if picture is not None:
        account.profile["profile_picture_url"] = f"https://example.com/{str(picture).replace(':', '-')}.jpg"


def _products(account: Account, body: Body) -> Any:
    for info, products in account.catalogs:
        if info.provider_id == body["catalog"]:
            return products
    raise Rejected("100", f"There is no catalog {body['catalog']}.")


def _picture(account: Account, body: Body) -> str | None:
    """Whoever is on the network has a picture, and so has a group that one is in."""
    address = str(body["address"])
    known = account.check([address])[0].exists if address.isdigit() else account.groups.find(address) is not None
    return f"https://example.com/pictures/{address.partition('@')[0]}.jpg" if known else None


def _phone_of(account: Account, body: Body) -> str | None:
    """This network makes a LID by putting 99 before the number."""
    digits = str(body["lid"]).removesuffix("@lid")
    phone = digits.removeprefix("99")
    return phone if phone != digits and phone.isdigit() and account.check([phone])[0].exists else None


def _upload(account: Account, body: Body) -> str:
    data = msgspec.convert(body["data"], type=bytes)
    if not data:
        raise Rejected("100", "The file is empty.")
    return account.media.put(data, str(body["mime"]), body.get("filename"))


def _download(account: Account, body: Body) -> Any:
    found = account.media.get(body["id"])
    if found is None or not found[1]:
        raise Rejected("131052", f"There is no file {body['id']}, or it has expired.")
    return {"data": found[0], "mime": found[1]}


_VERBS: dict[str, Callable[[Account, Body], Any]] = {
    "connect": _connect,
    "start_login": _start_login,
    "log_out": _log_out,
    "look_up": lambda a, b: a.outbox.find_sent(b["refs"]),
    "edit": _edit,
    "delete": _delete,
    "typing": _typing,
    "mark_read": _mark_read,
    "reject_call": _reject_call,
    "groups": lambda a, b: a.groups.all(b.get("kind", "group")),
    "group": lambda a, b: a.groups.get(b["group"]),
    "create_group": lambda a, b: a.groups.create(
        b["name"], b.get("participants", []), b.get("description"), b.get("kind", "group")
    ),
    "update_group": lambda a, b: a.groups.update(b["group"], name=b.get("name"), description=b.get("description")),
    "participants": lambda a, b: a.groups.change(b["group"], b["participants"], b["action"]),
    "leave_group": lambda a, b: a.groups.leave(b["group"]),
    "invite_link": lambda a, b: a.groups.invite_link(b["group"], revoke=bool(b.get("revoke"))),
    "templates": lambda a, b: a.templates.all(),
    "create_template": lambda a, b: a.templates.create(
        b["name"], b["language"], b["category"], b["components"], b.get("parameter_format") or "POSITIONAL"
    ),
    "edit_template": lambda a, b: a.templates.edit(b["id"], b.get("components"), b.get("category")),
    "delete_template": lambda a, b: a.templates.delete(b["name"], b.get("id")),
    "catalogs": lambda a, b: [info for info, _ in a.catalogs],
    "products": _products,
    "check": lambda a, b: a.check(b["phones"]),
    "account": _describe,
    "profile": lambda a, b: dict(a.profile),
    "update_profile": _update_profile,
    "join_requests": lambda a, b: a.groups.asking(b["group"]),
    "picture": _picture,
    "phone_of": _phone_of,
    "upload": _upload,
    "download": _download,
}
_WITHOUT_LOGIN = frozenset({"connect", "start_login", "log_out", "look_up"})
