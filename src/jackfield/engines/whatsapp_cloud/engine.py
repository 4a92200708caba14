"""WhatsApp through Meta's Cloud API."""

from __future__ import annotations

import hmac
from typing import Any, ClassVar

import structlog

from jackfield.core.egress import NOTHING, AllowList
from jackfield.core.ground.errors import LoginRequired, Rejected, SendError, Unavailable
from jackfield.core.port import (
    AccountNotice,
    CallbackAnswer,
    CallbackPart,
    CallbackRequest,
    CanBusinessProfile,
    CanCall,
    CanCatalog,
    CanDescribeAccount,
    CanDownload,
    CanMarkRead,
    CanReact,
    CanRegister,
    CanTemplate,
    CanType,
    ChannelInfo,
    Done,
    Engine,
    EngineConfig,
    HasCallbacks,
    Limits,
    LoginChanged,
    Network,
    Report,
    Session,
    SharesCallbacks,
    Sink,
    UnknownReport,
    decode_lenient,
)

from .account import Account
from .config import WhatsAppCloudConfig
from .incoming import parse
from .network import NETWORK
from .parts import Part, parts_of
from .session import WhatsAppCloudSession
from .transport import POOL, Transport

log = structlog.get_logger(__name__)


class WhatsAppCloudEngine:
    """Meta's WhatsApp Cloud API. Incoming messages and receipts come by webhook to `/hooks/{profile}`, or to
    `/hooks/whatsapp` for all numbers of an app."""

    name: ClassVar[str] = NETWORK.engine
    title: ClassVar[str] = "WhatsApp Cloud API"
    config_model: ClassVar[type[EngineConfig]] = WhatsAppCloudConfig
    # 80 messages a second in and out together, about one per 6 s to one person, where a burst borrows from the
    # future (Meta's throughput page; pair rate from solution providers). The account's own tier goes before.
    # Pair rate (field.md): about one message per 6 s to one user; Meta lets a burst of 45 borrow from the future, of
    # which we use a part, so that a conversation's few quick answers do not wait.
    limits: ClassVar[Limits] = Limits(rate=80, burst=20, concurrency=POOL, per_recipient_s=6, per_recipient_burst=10)
    network: ClassVar[Network] = NETWORK
    session_type: ClassVar[type] = WhatsAppCloudSession

    async def open(self, channel: ChannelInfo, sink: Sink) -> WhatsAppCloudSession:
        """Check token and number with Meta, and report what it says of them.

        With a public address, app secret and verify token the number's webhooks are directed to it, if they are not.
        Raises LoginRequired when token, number id or number are not in order, Unavailable when Meta is out of reach.
        """
        config = _own(channel.config)
        transport = Transport(config, egress_allow=channel.egress_allow)
        try:
            account = Account(config, transport)
            info = await account.verify()
            reports: list[Report] = [
                LoginChanged(step=Done(address=info.address, name=info.name)),
                AccountNotice(
                    kind="account",
                    message=f"Connected as {info.name or info.address}",
                    throughput=info.throughput,
                    messaging_limit=info.messaging_limit,
                    quality=info.quality,
                    raw=info.raw,
                ),
                *await _webhook_troubles(config, account),
            ]
            await sink(reports)
        except Rejected as error:
            await transport.close()
            raise LoginRequired(error.code, error.message) from error
        except SendError as error:
            await transport.close()
            if isinstance(error, LoginRequired):
                raise
            raise Unavailable(error.code, error.message) from error
        except BaseException:
            await transport.close()
            raise
        session = WhatsAppCloudSession(config, channel, transport)
        if channel.public_url and config.app_secret is not None and config.verify_token is not None:
            session.keep_callback(channel.public_url, sink)
        return session

    async def register_number(self, config: EngineConfig, pin: str, *, egress_allow: AllowList = NOTHING) -> None:
        """Register the number on the Cloud API with its two-step PIN (cures 133010). Raises SendError.

        No session is needed: a number that is not registered has none, because sends close it.
        """
        own = _own(config)
        transport = Transport(own, pool=1, egress_allow=egress_allow)
        try:
            await Account(own, transport).register(pin)
        finally:
            await transport.close()

    def parse_callback(self, config: EngineConfig, request: CallbackRequest) -> CallbackAnswer:
        """Answer Meta's verification (GET), or check the signature of a webhook and parse it (POST).

        The signature covers the raw body and is mandatory: without an app secret no webhook is accepted.
        """
        own = _own(config)
        if request.method in ("GET", "HEAD"):
            return _verify(own, request)
        if request.method != "POST":
            return CallbackAnswer(status=405, body=b"Use GET or POST")
        if own.app_secret is None:
            return CallbackAnswer(status=403, body=b"The channel has no app secret: webhooks cannot be verified")
        if not signature_fits(own.app_secret.get_secret_value(), request.body, request.headers):
            return CallbackAnswer(status=401, body=b"The signature does not fit the body")
        return _read(own, request.body, spread=True)

    def reread(self, config: EngineConfig, body: bytes) -> CallbackAnswer:
        """A webhook, or a part of one, that was verified when it came."""
        return _read(_own(config), body, spread=False)

    def account_of(self, config: EngineConfig) -> tuple[str, str]:
        """The number's id, and the business account's."""
        own = _own(config)
        return own.phone_number_id, own.waba_id or ""

    def split_callback(self, body: bytes) -> list[CallbackPart] | None:
        """The changes of a webhook, each with the number or the business account that it concerns."""
        data = decode_webhook(body)
        return None if data is None else [_callback_part(part) for part in parts_of(data)]

    def callback_secret(self, config: EngineConfig) -> str | None:
        """The app's secret."""
        secret = _own(config).app_secret
        return None if secret is None else secret.get_secret_value()

    def is_signed(self, secret: str, request: CallbackRequest) -> bool:
        """Whether the signature is that of the app with this secret."""
        return signature_fits(secret, request.body, request.headers)


def _callback_part(part: Part) -> CallbackPart:
    return CallbackPart(account=part.number_id, phone=part.phone, group=part.account, body=part.body())


def _read(config: WhatsAppCloudConfig, body: bytes, *, spread: bool) -> CallbackAnswer:
    """The reports for a number, and what concerns others. With `spread`, what concerns the whole business account is
    for its other numbers too, and what names a phone number is for whoever has it."""
    data = decode_webhook(body)
    if data is None:
        # It is Meta's (the signature fits), so asking for it again would not mend it.
        report = UnknownReport(kind="webhook", raw={}, callback=body, unreadable=True)
        return CallbackAnswer(body=b"The body is not JSON", reports=[report])
    reports: list[Report] = []
    elsewhere: list[CallbackPart] = []
    for part in parts_of(data):
        if part.number_id not in ("", config.phone_number_id) or (spread and part.phone):
            elsewhere.append(_callback_part(part))
            continue
        try:
            reports += parse(part.payload, config.phone_number_id)
        except Exception as error:
            log.error("a webhook could not be read", error=type(error).__name__)
            reports.append(UnknownReport(kind="webhook", raw={}, callback=part.body()))
        if spread and part.account:
            elsewhere.append(_callback_part(part))
    return CallbackAnswer(body=b"ok", reports=reports, elsewhere=elsewhere)


def decode_webhook(body: bytes) -> Any:
    """A webhook's JSON (see `decode_lenient`); None when it is none."""
    try:
        return decode_lenient(body)
    except ValueError:
        return None


def signature_fits(secret: str, body: bytes, headers: object) -> bool:
    """Whether `X-Hub-Signature-256` is the HMAC-SHA256 of the raw body, compared in constant time."""
    given = headers.get("x-hub-signature-256", "") if hasattr(headers, "get") else ""
    expected = hmac.digest(secret.encode(), body, "sha256").hex()
    return hmac.compare_digest(f"sha256={expected}".encode(), str(given).strip().encode())


def _verify(config: WhatsAppCloudConfig, request: CallbackRequest) -> CallbackAnswer:
    query = request.query
    if config.verify_token is None:
        return CallbackAnswer(status=403, body=b"The channel has no verify token")
    token = config.verify_token.get_secret_value()
    fits = hmac.compare_digest(query.get("hub.verify_token", "").encode(), token.encode())
    if query.get("hub.mode") != "subscribe" or not fits:
        return CallbackAnswer(status=403, body=b"The verify token does not fit")
    return CallbackAnswer(body=query.get("hub.challenge", "").encode())


async def _webhook_troubles(config: WhatsAppCloudConfig, account: Account) -> list[AccountNotice]:
    """What would keep webhooks from being accepted, told now rather than found out by their absence."""
    if config.app_secret is None:
        words = "No app secret is set, so that no incoming message or receipt will be accepted."
    elif not await account.app_secret_fits():
        words = "Meta does not accept the app secret (was it reset?): incoming messages and receipts will be refused."
    else:
        return []
    return [AccountNotice(kind="app_secret", message=f"{words} Enter the secret of the token's app.")]


def _own(config: EngineConfig) -> WhatsAppCloudConfig:
    assert isinstance(config, WhatsAppCloudConfig)
    return config


# What this engine claims, proven by the type checker.
def _claims(engine: WhatsAppCloudEngine, session: WhatsAppCloudSession) -> None:
    _engine: Engine = engine
    _callbacks: HasCallbacks = engine
    _shares: SharesCallbacks = engine
    _session: Session = session
    _templates: CanTemplate = session
    _reacts: CanReact = session
    _types: CanType = session
    _reads: CanMarkRead = session
    _calls: CanCall = session
    _catalogs: CanCatalog = session
    _downloads: CanDownload = session
    _account: CanDescribeAccount = session
    _profile: CanBusinessProfile = session
    _registers: CanRegister = engine


ENGINE: type[Engine] = WhatsAppCloudEngine
