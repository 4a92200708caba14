"""PostgreSQL's address as managed services write it, and TLS."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from jackfield.core import StorageUnavailable
from jackfield.db.database import Database
from jackfield.db.postgres import CONNECT_S, parse_address

from .gateways import Certificates, certificates, tls_gateway

SECRET = "s3cret-word"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """A certificate for localhost."""
    return certificates(tmp_path_factory.mktemp("tls"), "localhost")


@pytest.fixture(autouse=True)
def _no_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What lies in the tester's own ~/.postgresql does not count."""
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.mark.parametrize(
    ("text_", "url", "arguments"),
    [
        ("postgres://u@h/d", "postgresql+asyncpg://u@h/d", {}),
        ("postgresql://u:p%40%2Fw@h:6543/d%20e", "postgresql+asyncpg://u:p%40%2Fw@h:6543/d e", {}),
        ("postgresql://u@[::1]:5433/d", "postgresql+asyncpg://u@[::1]:5433/d", {}),
        ("postgresql:///d?host=/run/pg&port=5433", "postgresql+asyncpg:///d", {"host": "/run/pg", "port": 5433}),
        ("postgresql://%2Frun%2Fpg/d", "postgresql+asyncpg:///d", {"host": "/run/pg"}),
        ("postgresql://?host=h&user=u&password=p&dbname=d", "postgresql+asyncpg://u:p@h/d", {}),
        (
            "postgresql://u@a:1,b,c:3/d?target_session_attrs=read-write",
            "postgresql+asyncpg://u@/d",
            {"host": ["a", "b", "c"], "port": [1, 5432, 3], "target_session_attrs": "read-write"},
        ),
        ("postgresql://h/d?connect_timeout=3", "postgresql+asyncpg://h/d", {"timeout": 3.0}),
        (
            "postgresql://h/d?connect_timeout=0&sslmode=disable",
            "postgresql+asyncpg://h/d",
            {"timeout": None, "ssl": "disable"},
        ),
        ("postgresql://h/d?channel_binding=prefer&gssencmode=disable", "postgresql+asyncpg://h/d", {}),
    ],
)
def test_an_address_is_read(text_: str, url: str, arguments: dict[str, Any]) -> None:
    found = parse_address(text_)
    assert found.url.render_as_string(hide_password=False) == url
    assert found.arguments == {"timeout": CONNECT_S, **arguments}


def test_names_and_options_of_a_session() -> None:
    neon = "postgresql://u@h/d?sslmode=require&options=endpoint%3Dcool-sun-1&application_name=shop&pgbouncer=true"
    found = parse_address(neon)
    assert (found.options, found.application, found.is_pooled) == ("endpoint=cool-sun-1", "shop", True)
    assert found.arguments["ssl"].verify_mode == ssl.CERT_NONE


@pytest.mark.parametrize(
    ("rest", "said"),
    [
        ("?sslmodes=require", "sslmodes is not known (did you mean sslmode?)"),
        ("?sslmode=full&pool_size=3", "sslmode must be one of disable, allow, prefer, require, verify-ca, verify-full"),
        ("?pool_size=3&schema=x", "pool_size is not known; schema is not known"),
        ("?channel_binding=require", "channel_binding=require is not possible with this driver"),
        ("?gssencmode=require", "gssencmode=require is not possible"),
        ("?sslmode=verify-ca&sslrootcert=system", "sslrootcert=system goes with sslmode=verify-full"),
        ("?sslmode=prefer&sslrootcert=/ca.pem", "need sslmode=require, verify-ca or verify-full"),
        ("?sslmode=verify-full&sslrootcert=/none/ca.pem", "the file of sslrootcert is not there"),
        ("?sslmode=require&sslkey=/k", "sslkey needs sslcert"),
        ("?sslmode=require&ssl_min_protocol_version=TLSv1", "ssl_min_protocol_version must be one of TLSv1.2, TLSv1.3"),
        ("?connect_timeout=soon", "connect_timeout must be a whole number of seconds"),
        ("?target_session_attrs=master", "target_session_attrs must be one of any, primary"),
        ("?sslmode=require&sslmode=disable", "sslmode is given twice"),
        ("?sslmode", "written as name=value"),
        ("?host=other", "the host is given twice"),
        ("?port=1,2,3", "port= must be one number, or one for each host"),
        ("?client_encoding=latin1", "client_encoding must be utf8"),
    ],
)
def test_what_cannot_be_kept_is_refused_by_name(rest: str, said: str) -> None:
    with pytest.raises(ValueError, match=r"^JACKFIELD_DATABASE_URL: ") as caught:
        Database(f"postgresql://user:{SECRET}@host/data{rest}")
    assert said in str(caught.value)
    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    "address",
    [
        f"postgresql://user:{SECRET}/more@host/data",
        f"postgresql://user:{SECRET}?more@host/data",
        f"postgresql://user:{SECRET}#more@host/data",
        f"postgresql://user:x@host:{SECRET}/data",
        f"postgresql://host/data?{SECRET}%20=1",
        f"mysql://user:{SECRET}@host/data",
        f"postgressql:{SECRET}",
        f"sqlite://user:{SECRET}@[host/data",
    ],
)
def test_no_error_shows_a_part_of_the_address(address: str) -> None:
    with pytest.raises(ValueError, match=r"^JACKFIELD_DATABASE_URL: ") as caught:
        Database(address)
    assert SECRET not in str(caught.value)


def test_a_password_is_in_no_repr() -> None:
    assert SECRET not in repr(parse_address(f"postgresql://user:{SECRET}@host/data?sslmode=require"))


async def _reads(url: str) -> dict[str, Any]:
    db = Database(url, name="jackfield/7")
    try:
        async with db.read() as session:
            rows = await session.execute(
                text("SELECT name, setting FROM pg_settings WHERE name IN ('application_name', 'work_mem', 'jit')")
            )
            return dict(list(rows.tuples()))
    finally:
        await db.close()


async def test_names_and_options_reach_the_server(postgres_url: str) -> None:
    told = await _reads(f"{postgres_url}&application_name=shop&options=-c%20work_mem%3D77kB")
    assert told == {"application_name": "jackfield/7 shop", "work_mem": "77", "jit": "off"}


@pytest.mark.parametrize(
    ("host", "parameters", "works"),
    [
        ("localhost", "sslmode=require", True),
        ("127.0.0.1", "sslmode=require", True),
        ("127.0.0.1", "sslmode=verify-ca&sslrootcert={ca}", True),
        ("localhost", "sslmode=verify-full&sslrootcert={ca}&ssl_min_protocol_version=TLSv1.3", True),
        ("localhost", "sslmode=require&sslrootcert={ca}", True),
        # The certificate is for localhost, and another authority knows nothing of it.
        ("127.0.0.1", "sslmode=verify-full&sslrootcert={ca}", False),
        ("localhost", "sslmode=verify-ca&sslrootcert={other}", False),
        ("localhost", "sslmode=require&sslrootcert={other}", False),
        ("localhost", "sslmode=verify-full", False),
        ("localhost", "sslmode=verify-full&sslrootcert=system", False),
        ("localhost", "sslmode=disable", False),
    ],
)
async def test_tls_is_as_strict_as_it_says(
    host: str, parameters: str, works: bool, files: Certificates, postgres_url: str, tmp_path: Path
) -> None:
    other = certificates(tmp_path / "other", "localhost")
    given = parameters.format(ca=files.authority, other=other.authority)
    name = parse_address(postgres_url).url.database
    async with tls_gateway(postgres_url, files.server) as port:
        url = f"postgres://postgres:{SECRET}@{host}:{port}/{name}?{given}"
        if works:
            assert (await _reads(url))["application_name"] == "jackfield/7"
            return
        with pytest.raises(StorageUnavailable) as caught:
            await _reads(url)
        assert SECRET not in str(caught.value)


async def test_of_several_hosts_the_one_that_answers_is_taken(files: Certificates, postgres_url: str) -> None:
    name = parse_address(postgres_url).url.database
    async with tls_gateway(postgres_url, files.server) as port:
        hosts = f"localhost:1,localhost:{port}"
        url = f"postgresql://postgres@{hosts}/{name}?target_session_attrs=read-write&sslmode=require"
        assert (await _reads(url))["jit"] == "off"
        with pytest.raises(StorageUnavailable):
            await _reads(url.replace("read-write", "standby"))
