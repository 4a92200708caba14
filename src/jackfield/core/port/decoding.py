"""JSON of providers, which is not always clean."""

from __future__ import annotations

import json
from typing import Any

import msgspec


def decode_lenient(body: bytes) -> Any:
    """The JSON of a provider's callback. Raises ValueError when it is none.

    Half a character, as an escape (a cut emoji: `\\ud83d`) or as bytes that are no UTF-8, is replaced by U+FFFD: one such
    message must not take the good ones of the same callback with it.
    """
    try:
        return msgspec.json.decode(body)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        try:
            lenient = json.loads(body.decode("utf-8", "replace"))
            text = json.dumps(lenient, ensure_ascii=False).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
            return json.loads(text)
        except RecursionError:
            raise ValueError("nested too deeply") from None
        except ValueError:
            raise ValueError("not JSON") from None
