"""The callback itself: signatures, its verification, and the configuration that it is checked with."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

import msgspec
import pytest

from jackfield.core.port import (
    CallbackRequest,
)
from jackfield.engines.whatsapp_cloud.config import WhatsAppCloudConfig
from jackfield.engines.whatsapp_cloud.engine import WhatsAppCloudEngine

from .webhooks import NUMBER, messages, row, webhook

ENGINE = WhatsAppCloudEngine()
CONFIG = WhatsAppCloudConfig.model_validate(
    {"phoneNumberId": NUMBER, "accessToken": "EAAJ", "appSecret": "s3cret", "verifyToken": "verify me"}
)
BODY = msgspec.json.encode(webhook("messages", messages(row("text", {"body": "héllo"}))))


def sign(body: bytes, secret: str = "s3cret") -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def post(body: bytes, signature: str | None, config: WhatsAppCloudConfig = CONFIG) -> Any:
    headers = {} if signature is None else {"x-hub-signature-256": signature}
    return ENGINE.parse_callback(config, CallbackRequest(method="POST", headers=headers, query={}, body=body))


def test_a_signed_webhook_is_taken() -> None:
    answer = post(BODY, sign(BODY))
    assert answer.status == 200
    assert len(answer.reports) == 1


@pytest.mark.parametrize(
    "signature",
    [
        None,
        "",
        "sha256=",
        sign(BODY, "another"),
        sign(BODY + b" "),
        sign(BODY).removeprefix("sha256="),
        sign(BODY).replace("sha256", "sha1"),
        sign(BODY)[:-1],
        "sha256=ÿÿ",
    ],
)
def test_a_wrong_signature_is_refused(signature: str | None) -> None:
    answer = post(BODY, signature)
    assert answer.status == 401
    assert answer.reports == []


def test_the_signature_is_over_the_raw_body() -> None:
    spaced = BODY.replace(b":", b": ")
    assert post(spaced, sign(BODY)).status == 401
    assert post(spaced, sign(spaced)).status == 200


def test_without_an_app_secret_nothing_is_taken() -> None:
    config = WhatsAppCloudConfig.model_validate({"phoneNumberId": NUMBER, "accessToken": "EAAJ", "appSecret": ""})
    answer = post(BODY, sign(BODY, ""), config)
    assert answer.status == 403
    assert answer.reports == []


def test_signed_nonsense_is_answered_200_so_that_meta_does_not_repeat_it() -> None:
    assert post(b"{", sign(b"{")).status == 200


def get(**query: str) -> Any:
    named = {key.replace("_", ".", 1): value for key, value in query.items()}
    return ENGINE.parse_callback(CONFIG, CallbackRequest(method="GET", headers={}, query=named, body=b""))


def test_verification_gives_the_challenge_back() -> None:
    answer = get(hub_mode="subscribe", hub_challenge="1158201444", hub_verify_token="verify me")
    assert (answer.status, answer.body) == (200, b"1158201444")
    assert get(hub_mode="subscribe", hub_challenge="1", hub_verify_token="wrong").status == 403
    assert get(hub_mode="unsubscribe", hub_challenge="1", hub_verify_token="verify me").status == 403
    assert get(hub_challenge="1").status == 403


def test_secrets_do_not_show() -> None:
    assert "s3cret" not in repr(CONFIG)
    assert "EAAJ" not in repr(CONFIG)
    assert "s3cret" not in str(CONFIG.model_dump())


@pytest.mark.parametrize(
    "wrong",
    [
        {"phoneNumberId": ""},
        {"phoneNumberId": "1/../2"},
        {"accessToken": ""},
        {"accessToken": "a b"},
        {"accessToken": "a\r\nX: y"},
        {"baseUrl": "graph.facebook.com"},
        {"apiVersion": "latest"},
        {"unknown": 1},
    ],
)
def test_a_wrong_configuration_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        WhatsAppCloudConfig.model_validate({"phoneNumberId": NUMBER, "accessToken": "EAAJ", **wrong})


def test_the_configuration_is_lenient_where_it_can_be() -> None:
    config = WhatsAppCloudConfig.model_validate(
        {
            "phoneNumberId": " 123 ",
            "accessToken": " EAAJ ",
            "baseUrl": "https://x.example/ ",
            "apiVersion": "24.0",
            "wabaId": "",
        }
    )
    assert config.number_url == "https://x.example/v24.0/123"
    assert config.waba_id is None
