"""A session that another process holds, with the methods of one capability, and what that process does with the calls.

Arguments and results cross as JSON by the annotations of the capability's protocol (`port.capabilities`): a capability that is
added there can be asked for from everywhere, without a line here.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Final, get_args, get_origin, get_type_hints

import msgspec
import structlog

from ..ground import errors
from ..port import CAPABILITIES

log = structlog.get_logger(__name__)

LARGEST: Final = 32 * 1024 * 1024
"""Bytes of an answer; a file takes four thirds of its size."""
_ERRORS: Final[dict[str, type[errors.JackfieldError] | type[errors.SendError]]] = {
    kind.__name__: kind
    for kind in (
        errors.Invalid,
        errors.Forbidden,
        errors.NotFound,
        errors.Conflict,
        errors.LimitReached,
        errors.Unsupported,
        errors.Rejected,
        errors.Throttled,
        errors.Unavailable,
        errors.LoginRequired,
        errors.OutcomeUnknown,
    )
}
"""What may cross; anything else is an OutcomeUnknown at the other side."""
_BY_NAME: Final = {protocol.__name__: protocol for protocol in CAPABILITIES.values()}


class _Failure(msgspec.Struct, omit_defaults=True):
    kind: str
    code: str
    message: str
    details: Any = None
    retry_after: float | None = None
    scope: str = ""


class _Answer(msgspec.Struct, omit_defaults=True):
    value: msgspec.Raw = msgspec.Raw(b"null")
    failure: _Failure | None = None


class _Method(msgspec.Struct, frozen=True):
    """How a method's arguments and result are written."""

    signature: inspect.Signature
    arguments: type[msgspec.Struct]
    result: Any
    streams: bool
    """Whether it gives an async iterator; then `result` is a list of what that gives."""


@functools.cache
def _method(capability: str, name: str) -> _Method:
    """Raises KeyError for a method that no capability has."""
    protocol = _BY_NAME[capability]
    function = vars(protocol).get(name)
    if name.startswith("_") or not inspect.isfunction(function):
        raise KeyError(name)
    hints = get_type_hints(function)
    result = hints.pop("return")
    streams = get_origin(result) is AsyncIterator
    if streams:
        result = list[get_args(result)[0]]  # type: ignore[misc]
    return _Method(
        inspect.signature(function), msgspec.defstruct("Arguments", list(hints.items()), kw_only=True), result, streams
    )


class RemoteSession:
    """Has the methods of `capability` (a protocol of `port.capabilities`); `ask(method, arguments)` carries them over.

    They raise what the session's own would, and Unavailable or OutcomeUnknown when the owner does not answer.
    """

    def __init__(self, capability: type, ask: Callable[[str, bytes], Awaitable[bytes]]) -> None:
        self._capability = capability.__name__
        self._ask = ask

    def __getattr__(self, name: str) -> Callable[..., Any]:
        try:
            method = _method(self._capability, name)
        except KeyError:
            raise AttributeError(name) from None

        async def call(*args: Any, **kwargs: Any) -> Any:
            answer = await self._ask(f"{self._capability}.{name}", encode_call(self._capability, name, *args, **kwargs))
            return _opened(answer, method.result)

        async def stream(*args: Any, **kwargs: Any) -> AsyncIterator[Any]:
            for one in await call(*args, **kwargs):
                yield one

        return stream if method.streams else call


def encode_call(capability: str, name: str, /, *args: Any, **kwargs: Any) -> bytes:
    """The arguments of a call, to be left for the owner."""
    bound = _method(capability, name).signature.bind(None, *args, **kwargs)
    bound.apply_defaults()
    return msgspec.json.encode({key: value for key, value in bound.arguments.items() if key != "self"})


def _opened(answer: bytes, result: Any) -> Any:
    opened = msgspec.json.decode(answer, type=_Answer)
    if opened.failure is not None:
        raise _error_of(opened.failure)
    return msgspec.json.decode(opened.value, type=result)


async def carry_out(session: object | None, method: str, arguments: bytes) -> bytes:
    """Call a session's method as another process asked; gives the answer to send back. Never raises."""
    try:
        value = await _call(session, method, arguments)
        answer = msgspec.json.encode(_Answer(value=msgspec.Raw(msgspec.json.encode(value))))
    except Exception as error:
        if not isinstance(error, errors.JackfieldError | errors.SendError):
            # Not its text, which may hold what was to be done.
            log.error("a request of another process failed", method=method, error=type(error).__name__)
        return msgspec.json.encode(_Answer(failure=_failure_of(error)))
    if len(answer) > LARGEST:
        failure = _Failure("Rejected", "too_large", "The answer is too large to be passed to another process.")
        return msgspec.json.encode(_Answer(failure=failure))
    return answer


async def _call(session: object | None, method: str, arguments: bytes) -> Any:
    if session is None:
        raise errors.Conflict("The profile is not connected.", code="PROFILE_NOT_CONNECTED")
    capability, _, name = method.partition(".")
    try:
        known = _method(capability, name)
        given = msgspec.json.decode(arguments, type=known.arguments)
    except (KeyError, msgspec.ValidationError):
        # During an upgrade: who asks has another version than we.
        raise errors.Unavailable("other_version", "The process that holds the session has another version.") from None
    if not isinstance(session, _BY_NAME[capability]):
        raise errors.Unsupported("The profile's engine cannot do this.", details={"capability": capability})
    args, kwargs = [], {}
    for parameter in list(known.signature.parameters.values())[1:]:
        value = getattr(given, parameter.name)
        if parameter.kind is parameter.KEYWORD_ONLY:
            kwargs[parameter.name] = value
        else:
            args.append(value)
    result = getattr(session, name)(*args, **kwargs)
    return [one async for one in result] if known.streams else await result


def _failure_of(error: Exception) -> _Failure:
    kind = next((one.__name__ for one in type(error).__mro__ if one.__name__ in _ERRORS), None)
    if kind is None:
        return _Failure("OutcomeUnknown", "engine_failed", f"The engine failed: {type(error).__name__}.")
    return _Failure(
        kind=kind,
        code=getattr(error, "code", ""),
        message=getattr(error, "message", ""),
        details=getattr(error, "details", None),
        retry_after=getattr(error, "retry_after", None),
        scope=getattr(error, "scope", ""),
    )


def _error_of(failure: _Failure) -> Exception:
    kind = _ERRORS.get(failure.kind, errors.OutcomeUnknown)
    if issubclass(kind, errors.Throttled):
        return kind(failure.code, failure.message, failure.retry_after or 1.0, failure.scope or "channel")
    if issubclass(kind, errors.SendError):
        return kind(failure.code, failure.message)
    if issubclass(kind, errors.LimitReached):
        return kind(failure.message, code=failure.code, details=failure.details, retry_after=failure.retry_after)
    return kind(failure.message, code=failure.code, details=failure.details)
