"""The pages of documentation: written from the code, complete, and every example of theirs carried out."""

from __future__ import annotations

import ast
import itertools
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

import jackfield
from jackfield.client import ApiError, Client
from jackfield.core.port import INCOMING_ONLY
from jackfield.dialects.native.errors import CODES, FILES, not_found_code
from jackfield.testing.docs import PAGES
from jackfield.testing.server import JackfieldServer, running_server

ROOT = Path(__file__).parents[3]
SOURCE = Path(jackfield.__file__).parent
REFERENCE = ROOT / "docs" / "reference" / "native.md"
_people = itertools.count(1)
MAY_FAIL = (404, 409, 422, 503)
"""An example may name what is not there (any more) or what the state does not allow; never may it be wrong in itself."""

FOR_PEOPLE = re.compile(r"/auth/(logout|password|sessions|second-factor)|/team/1\b")
"""What a key is refused (403) and a person who is logged in may do: one's own sessions, and what concerns an owner."""


def may_fail(example: str, status: int) -> bool:
    return status in MAY_FAIL or (status == 403 and FOR_PEOPLE.search(example) is not None)


@pytest.mark.parametrize("name", PAGES)
def test_generated_pages_are_what_the_code_says(name: str) -> None:
    assert (ROOT / "docs" / name).read_text() == PAGES[name](), "run make docs"


ERRORS = {
    "JackfieldError", "Invalid", "Unauthenticated", "Forbidden", "NotFound", "Conflict", "LimitReached", "Unsupported",
    "UnreadableFile", "Repeated", "TooSlow", "Failure",
}  # fmt: skip
PASSED_ON = {"code", "error.code", "why.code", "failure.code"}
"""Codes that a raiser was given itself."""
MADE_UP = {"self._code('EXISTS')": {"LIST_EXISTS", "TAG_EXISTS", "ATTRIBUTE_EXISTS", "SEGMENT_EXISTS"}}
"""Codes that are put together from a noun."""
CODE = re.compile(r"[A-Z]+(_[A-Z]+)+|UNAUTHORIZED|FORBIDDEN|CONFLICT|UNSUPPORTED|OVERLOADED|ERROR|SKIPPED|THROTTLED")


def codes_in(path: Path) -> Iterator[str]:
    """The codes with which a file raises the core's errors, or answers."""
    tree = ast.parse(path.read_text())
    named = {
        target.id: one.value.value
        for one in tree.body
        if isinstance(one, ast.Assign | ast.AnnAssign) and isinstance(one.value, ast.Constant)
        for target in (one.targets if isinstance(one, ast.Assign) else [one.target])
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            for one in node.body:
                if isinstance(one, ast.Assign) and ast.unparse(one.targets[0]) == "code":
                    assert isinstance(one.value, ast.Constant)
                    yield str(one.value.value)
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func).rpartition(".")[2]
        for keyword in node.keywords:
            if keyword.arg != "code" or called not in ERRORS:
                continue
            said = ast.unparse(keyword.value)
            if isinstance(keyword.value, ast.Constant):
                yield str(keyword.value.value)
            elif said in named:
                yield str(named[said])
            else:
                assert said in PASSED_ON or said in MADE_UP, f"{path}:{node.lineno}: what codes can {said} be?"
                yield from MADE_UP.get(said, ())
        # Helpers take the code by its place: parse_id(id, "contact", "CONTACT_NOT_FOUND").
        for argument in node.args:
            if isinstance(argument, ast.Constant) and str(argument.value).endswith(("_NOT_FOUND", "_EXISTS")):
                yield str(argument.value)


def test_every_error_code_is_listed() -> None:
    kit, app = SOURCE / "dialects" / "_kit.py", SOURCE / "dialects" / "native" / "app.py"
    places = [
        # Backups are made on the command line alone.
        *(path for path in (SOURCE / "core").rglob("*.py") if path.parent.name != "backups"),
        *(SOURCE / "engines").rglob("*.py"),
        *(SOURCE / "dialects" / "native").rglob("*.py"),
        kit,
    ]
    found = {code for path in places for code in codes_in(path)}
    # These two translate other errors into codes: whatever looks like one in them is one.
    for path in (kit, app):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value):
                found.add(node.value)
    # Codes of messages' failures are the error book's.
    assert sorted(found - set(CODES) - set(FILES)) == []
    assert len(found) > 70
    for code in ("GROUP_FORBIDDEN", "GROUP_REFUSED", "NETWORK_UNAVAILABLE", "OUTCOME_UNKNOWN", "CALL_OVER"):
        assert f"| `{code}` |" in REFERENCE.read_text()
    files = set(re.findall(r'UnreadableFile\(\s*"([a-z_]+)"', "".join(one.read_text() for one in places)))
    assert sorted(files - set(FILES)) == []


def test_no_listed_code_is_made_up() -> None:
    """What the reference lists, something in the source can say."""
    said = "".join(path.read_text() for path in SOURCE.rglob("*.py") if path.name != "errors.py")
    said += (SOURCE / "core" / "ground" / "errors.py").read_text()
    put_together = {code for codes in MADE_UP.values() for code in codes}
    unknown = [code for code in CODES if code not in put_together and f'"{code}"' not in said]
    nouns = [code for code in unknown if not code.endswith("_NOT_FOUND")]
    assert nouns == []


def test_what_was_not_found_is_named() -> None:
    for message, code in (
        ("No such contact.", "CONTACT_NOT_FOUND"),
        ("No such API key.", "KEY_NOT_FOUND"),
        ("No such channel.", "PROFILE_NOT_FOUND"),
        ("There is no such webhook.", "WEBHOOK_NOT_FOUND"),
        ("There is no message 5.", "MESSAGE_NOT_FOUND"),
        ("There is no ticket '5'.", "TICKET_NOT_FOUND"),
        ("There is no such URL.", "NOT_FOUND"),
        ("This invitation is not valid (any more).", "NOT_FOUND"),
    ):
        assert not_found_code(message) == code


def test_what_engines_can_send_is_what_their_converters_know() -> None:
    from jackfield.core.port import content
    from jackfield.engines import load_engines
    from jackfield.engines.telegram_bot import outgoing as telegram
    from jackfield.engines.whatsapp_cloud import convert as cloud

    kinds = {kind.__struct_config__.tag for kind in content.Content.__args__}  # type: ignore[attr-defined]
    assert load_engines().network("whatsapp_cloud").kinds == {kind.__struct_config__.tag for kind in cloud._CONVERTERS}
    assert load_engines().network("simulator").kinds == kinds - INCOMING_ONLY - {"album"}
    text = Path(telegram.__file__).read_text()
    for name, kind in ((one.__name__, one.__struct_config__.tag) for one in content.Content.__args__):  # type: ignore[attr-defined]
        assert (re.search(rf"\bc\.{name}\b", text) is not None) == (
            kind in load_engines().network("telegram_bot").kinds
        ), kind


@pytest.fixture
def own(tmp_path: Path) -> Iterator[JackfieldServer]:
    """A server of an example's own: some of them delete what others need."""
    with running_server(tmp_path / "docs", {"JACKFIELD_LOG_LEVEL": "error"}) as running:
        api = running.api
        api("POST", "/messages/text?wait=10", json={"to": "628123456789", "text": "x"}).data  # noqa: B018
        running.request("POST", "/simulator/1/inbound", json={"from": "628123456789", "text": "hello"})
        running.request("POST", "/simulator/1/call", json={"from": "628123456789"})
        yield running


def blocks(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", REFERENCE.read_text(), re.DOTALL)


def is_deadly(example: str) -> tuple[bool, bool]:
    """Examples that end what the others need are carried out last, and those that end the key itself after them."""
    ends = re.search(r"DELETE|\.delete\(|/rotate|/password|/disconnect|/leave", example) is not None
    return ends and "/keys/1" in example, ends


def ended(example: str, status: int) -> bool:
    """The key was rotated by the example before this one; or the member is the owner, whom no key deals with."""
    return (status == 401 and "/keys/1" in example) or (status == 403 and "/team/1" in example)


def logged_in(server: JackfieldServer) -> str:
    """A token of somebody new: the examples end sessions and change passwords."""
    body = {"email": f"person{next(_people)}@example.com", "password": "correct horse battery"}
    server.api("POST", "/team", json=body).data  # noqa: B018
    token: str = server.request("POST", "/api/auth/login", json=body).data["token"]
    return token


def test_every_curl_example_works(own: JackfieldServer, tmp_path: Path) -> None:
    file = tmp_path / "contacts.csv"
    file.write_text("Name,Phone\nA,+6281234567890\n")
    examples = sorted(blocks("sh"), key=is_deadly)
    assert len(examples) > 200
    good, wrong = 0, []
    for example in examples:
        words = shlex.split(example.replace("\\\n", " "))
        assert words[0] == "curl"
        method, url, headers, body = "GET", "", {}, None
        rest = iter(words[1:])
        for word in rest:
            if word == "-X":
                method = next(rest)
            elif word == "-H":
                name, _, value = next(rest).partition(": ")
                headers[name] = value.replace("$KEY", own.key)
                if "$TOKEN" in value:
                    headers[name] = value.replace("$TOKEN", logged_in(own))
            elif word == "-d":
                body = next(rest).encode()
            elif word == "-F":
                assert next(rest) == "file=@contacts.csv"
                body = b'--b\r\nContent-Disposition: form-data; name="file"; filename="contacts.csv"\r\n\r\n'
                body += file.read_bytes() + b"\r\n--b--\r\n"
                headers["Content-Type"] = "multipart/form-data; boundary=b"
            else:
                url = word
        if url.endswith("/events"):
            continue
        path = url.removeprefix("http://localhost:3001")
        answer = own.request(method, path, body=body, headers=headers)
        if answer.status >= 400 and not may_fail(example, answer.status) and not ended(example, answer.status):
            wrong.append(f"{example}\n{answer}")
        good += answer.status < 400
    assert wrong == []
    assert good > 0.6 * len(examples)


def test_every_python_example_works(own: JackfieldServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "contacts.csv").write_text("Name,Phone\nA,+6281234567890\n")
    with Client(own.url, own.key, attempts=1) as client:
        wrong = [
            told for example in sorted(blocks("python"), key=is_deadly) if (told := _problem(own, client, example))
        ]
    assert wrong == []


def _problem(own: JackfieldServer, client: Client, example: str) -> str | None:
    names = {"client": client}
    if "person." in example:
        names["person"] = Client(own.url, logged_in(own), attempts=1)
    try:
        exec(compile(example, "docs/reference/native.md", "exec"), names)
    except ApiError as error:
        return None if may_fail(example, error.status) or ended(example, error.status) else f"{example}\n{error}"
    return None
