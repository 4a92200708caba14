"""PostgreSQL's address as managed services and libpq write it, read into what the driver takes.

The parameters are those of libpq (PostgreSQL manual, 34.1.2) as far as asyncpg can keep their promise. What it cannot keep
is refused rather than passed over: a parameter that asks for safety and is ignored is worse than none.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

import msgspec
from sqlalchemy.engine import URL

NAME: Final = "JACKFIELD_DATABASE_URL"
CONNECT_S: Final = 10.0
"""How long a connection may take to be made, where the address does not say."""
SSL_MODES: Final = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
TARGETS: Final = ("any", "primary", "standby", "read-write", "read-only", "prefer-standby")
_SCHEMES: Final = ("postgresql", "postgres")
_TLS_VERSIONS: Final = {"TLSv1.2": ssl.TLSVersion.TLSv1_2, "TLSv1.3": ssl.TLSVersion.TLSv1_3}
_CA_OF_LIBPQ: Final = Path("~/.postgresql/root.crt")


class Address(msgspec.Struct, frozen=True, repr_omit_defaults=True):
    """Where a PostgreSQL is and how to connect. The password is in `url` alone, which shows it in no text."""

    url: URL
    arguments: dict[str, Any] = {}
    """What `asyncpg.connect` takes beside."""
    application: str = ""
    """The name that the operator gave the connections."""
    options: str = ""
    """Server options of the session (`-c name=value`), or what a proxy reads from them (`endpoint=...`)."""
    is_pooled: bool | None = None
    """Whether a pooler stands between that gives each transaction any of its connections; None: nobody said."""


class Limits(msgspec.Struct, frozen=True):
    """How long PostgreSQL lets a statement run, wait for a row or table, and a transaction do nothing. Seconds; 0: for ever."""

    statement: float = 60.0
    lock: float = 10.0
    idle: float = 60.0

    def parameters(self) -> dict[str, str]:
        """As settings of a session, in milliseconds."""
        return {
            "statement_timeout": str(round(self.statement * 1000)),
            "lock_timeout": str(round(self.lock * 1000)),
            "idle_in_transaction_session_timeout": str(round(self.idle * 1000)),
        }


DEFAULT_LIMITS: Final = Limits()
UNLIMITED: Final = ", ".join(f"set_config('{name}', '0', true)" for name in Limits().parameters())
"""Selected, lifts the limits until the transaction ends: for work that may take long."""


def parse_address(text: str, *, name: str = NAME) -> Address:
    """Read an address `postgresql://[user[:password]@][host[:port],...][/database][?parameters]`.

    Raises ValueError that begins with the setting's `name` and names what is wrong; no value of the address is in it.
    """

    def refuse(what: str) -> ValueError:
        return ValueError(f"{name}: {what}")

    scheme, _, rest = text.partition("://")
    if scheme.partition("+")[0] not in _SCHEMES:
        raise refuse("write it as postgresql://user:password@host/database")
    cut = min((found for one in "/?#" if (found := rest.find(one)) >= 0), default=len(rest))
    authority, rest = rest[:cut], rest[cut:]
    if "#" in rest or "@" in rest.partition("?")[0]:
        raise refuse("write / ? # @ and % inside a user's name or password as %2F %3F %23 %40 and %25")
    path, _, query = rest.partition("?")
    given = _parameters(query, refuse)
    user_info, _, places = authority.rpartition("@")
    user, _, password = user_info.partition(":")
    hosts = _hosts(places, given.pop("host", ""), given.pop("port", ""), refuse)
    made: dict[str, Any] = {"timeout": _seconds(given.pop("connect_timeout", ""), refuse)}
    if len(hosts) > 1:
        made["host"], made["port"] = [host for host, _ in hosts], [port or 5432 for _, port in hosts]
    url = URL.create(
        "postgresql+asyncpg",
        username=given.pop("user", "") or unquote(user) or None,
        password=given.pop("password", "") or unquote(password) or None,
        host=hosts[0][0] if len(hosts) == 1 and not hosts[0][0].startswith("/") else None,
        port=hosts[0][1] if len(hosts) == 1 and not hosts[0][0].startswith("/") else None,
        database=given.pop("dbname", "") or unquote(path.removeprefix("/")) or None,
    )
    if len(hosts) == 1 and hosts[0][0].startswith("/"):
        made["host"] = hosts[0][0]
        made |= {"port": hosts[0][1]} if hosts[0][1] else {}
    made |= _tls(given, refuse)
    if "target_session_attrs" in given:
        made["target_session_attrs"] = _one_of(
            "target_session_attrs", given.pop("target_session_attrs"), TARGETS, refuse
        )
    if "passfile" in given:
        made["passfile"] = given.pop("passfile")
    address = Address(
        url=url,
        arguments=made,
        application=given.pop("application_name", "") or given.pop("fallback_application_name", ""),
        options=given.pop("options", ""),
        is_pooled=_one_of("pgbouncer", given.pop("pgbouncer"), ("true", "false"), refuse) == "true"
        if "pgbouncer" in given
        else None,
    )
    given.pop("fallback_application_name", None)
    for key, harmless in _HARMLESS.items():
        if key in given and given.pop(key).lower() not in harmless:
            raise refuse(_CANNOT[key])
    if given:
        raise refuse("; ".join(map(_unknown, sorted(given))))
    return address


_HARMLESS: Final[Mapping[str, tuple[str, ...]]] = {
    "channel_binding": ("disable", "prefer"),
    "gssencmode": ("disable", "prefer"),
    "client_encoding": ("utf8", "utf-8", "unicode", "auto"),
    "sslcompression": ("0",),
    "sslsni": ("1",),
}
"""Parameters whose values, as far as they ask for nothing, change nothing."""
_CANNOT: Final = {
    "channel_binding": "channel_binding=require is not possible with this driver. Take it out; sslmode=verify-full proves"
    " to us that the server is the right one",
    "gssencmode": "gssencmode=require is not possible with this driver: take it out, and use sslmode=verify-full",
    "client_encoding": "client_encoding must be utf8, or left out",
    "sslcompression": "sslcompression must be 0, or left out",
    "sslsni": "sslsni must be 1, or left out",
}
_KNOWN: Final = (
    *("host", "port", "user", "password", "dbname", "connect_timeout", "application_name", "options", "pgbouncer"),
    *("sslmode", "sslrootcert", "sslcert", "sslkey", "sslpassword", "sslnegotiation", "ssl_min_protocol_version"),
    *("target_session_attrs", "passfile", "fallback_application_name"),
    *_HARMLESS,
)


def _unknown(key: str) -> str:
    near = get_close_matches(key, _KNOWN, 1)
    # Whatever follows a ? in a password that was not escaped ends here too.
    shown = key if key.replace("_", "").isalnum() and len(key) <= 40 else "a parameter"
    return f"{shown} is not known" + (f" (did you mean {near[0]}?)" if near else "")


def _parameters(query: str, refuse: Callable[[str], ValueError]) -> dict[str, str]:
    query = query.strip("&")
    try:
        # A plus sign is a plus sign, as in libpq; file names hold them.
        pairs = parse_qsl(query.replace("+", "%2B"), keep_blank_values=True, strict_parsing=bool(query))
    except ValueError:
        raise refuse("the parameters after ? are written as name=value, with & between them") from None
    found: dict[str, str] = {}
    for key, value in pairs:
        if key in found:
            raise refuse(f"{_unknown(key).partition(' ')[0]} is given twice")
        found[key] = value
    return found


def _hosts(places: str, named: str, ports: str, refuse: Callable[[str], ValueError]) -> list[tuple[str, int | None]]:
    """Hosts with their ports; a host that begins with / is the folder of a Unix socket."""
    found: list[tuple[str, int | None]] = []
    for place in places.split(",") if places else []:
        try:
            parts = urlsplit(f"//{place}")
            found.append((unquote(parts.hostname or ""), parts.port))
        except ValueError:
            raise refuse(
                "a host or its port cannot be read; write host:5432, [::1]:5432, or several with commas"
            ) from None
    if named:
        if any(host for host, _ in found):
            raise refuse("the host is given twice, before the path and as host=")
        found = [(host, None) for host in named.split(",")]
    if ports:
        each = ports.split(",")
        if any(port for _, port in found) or not all(one.isdigit() for one in each) or len(each) not in (1, len(found)):
            raise refuse("port= must be one number, or one for each host")
        found = [(host, int(each[min(at, len(each) - 1)])) for at, (host, _) in enumerate(found or [("", None)])]
    if len(found) > 1 and not all(host for host, _ in found):
        raise refuse("one of the hosts is empty")
    return found or [("", None)]


def _seconds(value: str, refuse: Callable[[str], ValueError]) -> float | None:
    if not value:
        return CONNECT_S
    if not value.isdigit():
        raise refuse("connect_timeout must be a whole number of seconds; 0 waits for ever")
    return float(value) or None


def _one_of(key: str, value: str, allowed: tuple[str, ...], refuse: Callable[[str], ValueError]) -> str:
    if value not in allowed:
        raise refuse(f"{key} must be one of {', '.join(allowed)}")
    return value


def _tls(given: dict[str, str], refuse: Callable[[str], ValueError]) -> dict[str, Any]:
    """What the driver takes for the parameters of TLS, which are taken out of `given`."""
    root, cert, key = (given.pop(one, "") for one in ("sslrootcert", "sslcert", "sslkey"))
    password = given.pop("sslpassword", None)
    least = given.pop("ssl_min_protocol_version", "")
    mode = _one_of("sslmode", given.pop("sslmode"), SSL_MODES, refuse) if "sslmode" in given else ""
    direct = (
        _one_of("sslnegotiation", given.pop("sslnegotiation", "postgres"), ("postgres", "direct"), refuse) == "direct"
    )
    if root == "system" and mode not in ("", "verify-full"):
        raise refuse(
            "sslrootcert=system goes with sslmode=verify-full: anybody may have a certificate of a public authority"
        )
    if root == "system":
        mode = "verify-full"
    if mode in ("", "allow", "prefer", "disable"):
        if root or cert or key or least or direct:
            raise refuse("certificates and versions of TLS need sslmode=require, verify-ca or verify-full")
        # Without a word the driver asks the environment (PGSSLMODE), and else prefers TLS.
        return {"ssl": mode} if mode else {}
    context = ssl.create_default_context() if _trusts_system(root, mode) else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = _TLS_VERSIONS[
        _one_of("ssl_min_protocol_version", least or "TLSv1.2", tuple(_TLS_VERSIONS), refuse)
    ]
    context.check_hostname = mode == "verify-full"
    # As in libpq: with an authority at hand, `require` goes by it.
    context.verify_mode = ssl.CERT_REQUIRED if mode != "require" or root else ssl.CERT_NONE
    authority = Path(root).expanduser() if root and root != "system" else _CA_OF_LIBPQ.expanduser()
    if context.verify_mode == ssl.CERT_REQUIRED and not _trusts_system(root, mode):
        _load(lambda: context.load_verify_locations(authority), "sslrootcert", refuse)
    if cert or key:
        if not cert:
            raise refuse("sslkey needs sslcert")
        _load(lambda: context.load_cert_chain(cert, key or None, password or ""), "sslcert or sslkey", refuse)
    return {"ssl": context} | ({"direct_tls": True} if direct else {})


def _trusts_system(root: str, mode: str) -> bool:
    """Whether certificates are checked against the system's authorities: where it is asked for, and where none is named and
    libpq's own file is not there (libpq itself would refuse then)."""
    return root == "system" or (not root and mode != "require" and not _CA_OF_LIBPQ.expanduser().is_file())


def _load(read: Callable[[], None], what: str, refuse: Callable[[str], ValueError]) -> None:
    try:
        read()
    except FileNotFoundError:
        raise refuse(f"the file of {what} is not there") from None
    except (OSError, ValueError) as error:
        why = (
            error.strerror
            if isinstance(error, OSError) and not isinstance(error, ssl.SSLError)
            else "no PEM, or they do not belong together"
        )
        raise refuse(f"the file of {what} cannot be used ({why})") from None
