"""Every setting: a name, a type, a default and one sentence. Each is an environment variable JACKFIELD_<NAME>."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from jackfield.core import AddressRanges

LEAST_SECRET: Final = 32
"""Characters of a secret key: the key of the encryption is derived from it as it is, so it must not be guessable."""
PREFIX: Final = "JACKFIELD_"
ROLES: Final = ("api", "worker", "dashboard")
LOG_LEVELS: Final = ("debug", "info", "warning", "error")
FROM_FILES: Final = ("secret_key", "secret_key_old", "owner_password", "api_key", "database_url", "nats_url")
"""Settings that may hold a secret: JACKFIELD_<NAME>_FILE names a file with the value."""
OTHER_NAMES: Final = (
    *(
        "URL",
        "SOURCE_KEY",
        "SOURCE_PASSWORD",
        "BACKUP_PASSPHRASE",
        "MOVE_TO",
        "DEMO_EXIT",
        "LOAD",
        "CHROMIUM",
        "FAKE_WHATSAPP",
    ),
    *("CHAOS", "CHAOS_SEED", "CHAOS_FAULTS", "CHAOS_KINDS", "CHAOS_MINUTES", "CHAOS_STAGES"),
)
"""Variables with our prefix that are no settings of a server."""


def _nearest(given: str, known: tuple[str, ...]) -> str:
    found = get_close_matches(given.lower(), known, 1)
    return f" (did you mean {found[0]}?)" if found else ""


class Settings(BaseSettings):
    """What the operator chooses. Nothing here is ever shown with its secrets."""

    model_config = SettingsConfigDict(env_prefix="JACKFIELD_", extra="ignore")

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(3001, ge=0, le=65535, description="Port to listen on; 0 picks a free one.")
    data_dir: Path = Field(Path("data"), description="Folder of the database, media, keys and locks.")
    database_url: str = Field("", description="Database; empty means SQLite in the data folder.")
    database_statement_seconds: float = Field(
        60.0,
        ge=0,
        description="How long PostgreSQL lets a statement run; 0: for ever. Migrations and backups are exempt.",
    )
    database_lock_seconds: float = Field(
        10.0, ge=0, description="How long a statement waits in PostgreSQL for a row or table in use; 0: for ever."
    )
    database_idle_seconds: float = Field(
        60.0, ge=0, description="How long PostgreSQL keeps a transaction in which nothing happens; 0: for ever."
    )
    migrate: Literal["all", "pre", "none"] = Field(
        "all",
        description="Migrations at start: all (while older servers are connected, those alone that they bear), pre (those"
        " alone that older servers bear), none.",
    )
    nats_url: SecretStr = Field(
        SecretStr(""),
        description="NATS servers of a cluster, comma-separated: nats://[user:password@]host:4222, or tls://. Empty means none.",
    )
    nats_prefix: str = Field(
        "jackfield", description="Begins every NATS subject: several installations may share a NATS server."
    )
    nats_stream: str = Field(
        "events", description="JetStream stream that every event is copied to, where there is NATS; empty copies none."
    )
    secret_key: SecretStr = Field(
        SecretStr(""),
        description="Encrypts stored secrets, 32 characters or more; made and kept in the data folder when unset.",
    )
    secret_key_old: SecretStr = Field(
        SecretStr(""), description="The secret key before, while it is changed (`jackfield secrets rotate`)."
    )
    owner_email: str = Field(
        "",
        description="E-mail of the first owner, used on an empty database. Without this and a password somebody becomes "
        "the owner in the browser, by a link that the server prints.",
    )
    owner_password: SecretStr = Field(SecretStr(""), description="Password of the first owner.")
    api_key: SecretStr = Field(SecretStr(""), description="API key of the first workspace.")
    egress_allow: str = Field(
        "",
        description="Hosts that may be called though their addresses are not public (webhooks, media links, engines):"
        " host, host:port, address or range (10.1.0.0/16), comma-separated.",
    )
    allow_private_webhooks: bool = Field(
        False, description="Deprecated: allows every address, as JACKFIELD_EGRESS_ALLOW=0.0.0.0/0,::/0 does."
    )
    simulator: bool = Field(
        False,
        description="Serve the simulator's controls under /simulator; an empty installation begins with a simulated phone.",
    )
    simulator_url: str = Field("", description="A stand-alone simulator that holds the world; empty means in-process.")
    simulator_people: Literal["plain", "lively"] = Field("plain", description="How simulated people behave.")
    simulator_seed: int = Field(0, description="Seed of the simulated world.")
    public_url: str = Field("", description="Address by which providers reach us, for their callbacks.")
    roles: str = Field("api,worker,dashboard", description="What this process does, comma-separated.")
    processes: int = Field(
        1, ge=1, le=64, description="Server processes of this machine behind one port; more than one needs PostgreSQL."
    )
    trusted_proxies: str = Field(
        "",
        description="Proxies whose X-Forwarded-For is believed: addresses and ranges (10.0.0.0/8), comma-separated.",
    )
    cors_origins: str = Field(
        "",
        description="Origins whose scripts may call the APIs, comma-separated; * means all. Empty: our own pages only.",
    )
    dialect_hosts: str = Field("", description="Host names that serve a dialect at their root: host=dialect,...")
    media_url: str = Field("", description="Object store for media; empty means a folder in the data folder.")
    max_body_mb: int = Field(2, ge=1, description="Largest JSON body accepted, in MiB.")
    max_upload_mb: int = Field(100, ge=1, description="Largest uploaded file accepted, in MiB.")
    max_connections: int = Field(
        2000, ge=10, description="HTTP connections at once; beyond them idle ones are closed, then new ones refused."
    )
    max_requests: int = Field(
        1000,
        ge=4,
        description="Requests worked on at once; more are answered 503, and 429 above half of it for one key.",
    )
    slow_client_seconds: float = Field(
        10.0,
        gt=0,
        description="How long a client may take for its headers, or make no progress with a body or an answer.",
    )
    keep_alive_seconds: int = Field(75, ge=1, description="How long an idle connection is kept open.")
    lease_seconds: float = Field(6.0, gt=0, description="How long a channel stays with its owner without renewal.")
    poll_seconds: float = Field(1.0, gt=0, description="How often work is looked for when nobody wakes us.")
    uncertain_wait_seconds: float = Field(
        600.0, ge=0, description="How long an uncertain send waits for the provider's word before the policy decides."
    )
    outcome_wait_seconds: float = Field(
        20.0, ge=0, description="How long an API that promises the provider's id waits for it."
    )
    event_retention_days: int = Field(30, ge=1, description="How long events and finished deliveries are kept.")
    message_retention_days: int = Field(
        0, ge=0, le=36_500, description="How long messages are kept, and the files that came with them; 0: for ever."
    )
    archive_after_days: int = Field(
        0,
        ge=0,
        le=36_500,
        description="Settled messages go into the archive after so many days, at least 30; 0: none does.",
    )
    media_retention_days: int = Field(
        0, ge=0, le=36_500, description="How long files that came in are kept; 0: as long as their messages."
    )
    audit_retention_days: int = Field(730, ge=0, le=36_500, description="How long the audit log is kept; 0: for ever.")
    automation_retention_days: int = Field(
        365, ge=0, le=36_500, description="How long ended runs of automations are kept, with their steps; 0: for ever."
    )
    raw_retention_days: int = Field(
        7, ge=0, description="How long incoming messages are kept as the network sent them; 0 keeps none."
    )
    log_level: str = Field("info", description="Least level that is logged: debug, info, warning, error.")
    log_format: str = Field("text", description="Log lines as text or json.")
    log_requests: float = Field(
        0.0,
        ge=0,
        le=1,
        description="Share of the requests that is logged: 0.01 is one in a hundred; failed ones always are.",
    )
    slow_request_seconds: float = Field(
        1.0,
        ge=0,
        description="Requests that take so long are logged, but for those that wait on purpose; 0 logs none for it.",
    )

    @field_validator("secret_key")
    @classmethod
    def _long_enough(cls, value: SecretStr) -> SecretStr:
        length = len(value.get_secret_value())
        if 0 < length < LEAST_SECRET:
            raise ValueError(
                f"has {length} characters; use {LEAST_SECRET} or more, such as `openssl rand -base64 32` gives. To replace"
                " a shorter one that is in use, set it as JACKFIELD_SECRET_KEY_OLD and run `jackfield secrets rotate`"
            )
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _ranges(cls, value: str) -> str:
        AddressRanges.parse(value)
        return value

    @field_validator("roles")
    @classmethod
    def _known_roles(cls, value: str) -> str:
        given = [one.strip() for one in value.split(",") if one.strip()]
        for one in given:
            if one not in ROLES:
                raise ValueError(f"{one!r} is no role{_nearest(one, ROLES)}; the roles are {', '.join(ROLES)}")
        if not given:
            raise ValueError(f"name at least one role: {', '.join(ROLES)}")
        return value

    @field_validator("log_level")
    @classmethod
    def _known_level(cls, value: str) -> str:
        level = value.strip().lower()
        if level not in LOG_LEVELS:
            near = _nearest(level, LOG_LEVELS)
            raise ValueError(f"{value!r} is no level{near}; the levels are {', '.join(LOG_LEVELS)}")
        return level

    @field_validator("log_format")
    @classmethod
    def _known_format(cls, value: str) -> str:
        if value not in ("text", "json"):
            raise ValueError(f"{value!r} is no format; write text or json")
        return value

    @field_validator("nats_url")
    @classmethod
    def _nats_servers(cls, value: SecretStr) -> SecretStr:
        given = value.get_secret_value()
        for one in given.split(",") if given else ():
            try:
                parts = urlsplit(one.strip())
                right = parts.scheme in ("nats", "tls") and bool(parts.hostname) and parts.port != 0
            except ValueError:
                right = False
            if not right:
                # Not the value: it may hold a password.
                raise ValueError("is not a NATS address; write it as nats://host:4222 or tls://user:password@host:4222")
        return value

    @field_validator("nats_prefix")
    @classmethod
    def _subject(cls, value: str) -> str:
        if not re.fullmatch(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*", value):
            raise ValueError(f"{value[:100]!r} cannot begin a NATS subject; use letters, digits, - and _")
        return value

    @field_validator("nats_stream")
    @classmethod
    def _stream(cls, value: str) -> str:
        if not re.fullmatch(r"[A-Za-z0-9_-]*", value):
            raise ValueError(f"{value[:100]!r} cannot be a stream's name; use letters, digits, - and _")
        return value

    @field_validator("public_url", "simulator_url")
    @classmethod
    def _address(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError(f"{value[:100]!r} is no address; write it as https://messages.example.com")
        return value

    @property
    def proxies(self) -> AddressRanges:
        """The proxies whose word on the caller's address is believed."""
        return AddressRanges.parse(self.trusted_proxies)

    @property
    def cors_origin_set(self) -> frozenset[str]:
        """Origins whose scripts may call the APIs."""
        return frozenset(one.strip().rstrip("/") for one in self.cors_origins.split(",") if one.strip())

    @property
    def role_set(self) -> frozenset[str]:
        """What this process does."""
        return frozenset(one.strip() for one in self.roles.split(",") if one.strip())


def unknown_names(environ: Mapping[str, str]) -> list[str]:
    """What to say of variables with our prefix that mean nothing, each with the nearest right one."""
    known = [name.upper() for name in Settings.model_fields]
    known += [f"{name.upper()}_FILE" for name in FROM_FILES]
    said = []
    for name in sorted(environ):
        rest = name.removeprefix(PREFIX)
        if rest == name or rest in known or rest in OTHER_NAMES or rest.startswith("TEST_"):
            continue
        near = get_close_matches(rest, known, 1)
        said.append(f"{name} is no setting" + (f"; did you mean {PREFIX}{near[0]}?" if near else "."))
    return said


def from_files(environ: Mapping[str, str]) -> dict[str, str]:
    """The settings whose values are in files. Raises ValueError that names the variable."""
    found = {}
    for name in FROM_FILES:
        variable = f"{PREFIX}{name.upper()}_FILE"
        path = environ.get(variable)
        if not path:
            continue
        if environ.get(f"{PREFIX}{name.upper()}"):
            raise ValueError(f"{variable} and {PREFIX}{name.upper()} are both set; keep one.")
        try:
            found[name] = Path(path).read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "not a text"
            raise ValueError(f"{variable}: {path} cannot be read ({why}).") from None
    return found
