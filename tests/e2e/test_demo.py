"""The main job on one command, and what it prints to go on with."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

import jackfield
from jackfield.cli.curl import curl_lines
from jackfield.dialects import DIALECTS
from jackfield.testing.server import JackfieldServer, until


def environment(**more: str) -> dict[str, str]:
    """Nothing configured but what is named. The code under test is found from any folder."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("JACKFIELD_")}
    return {**kept, "PYTHONPATH": str(Path(jackfield.__file__).parents[1]), **more}


@pytest.mark.timeout(300)
def test_demo_shows_the_funnel(tmp_path: Path) -> None:
    """The second run of `make run`: within a minute, from import to replies, and nothing is left behind."""
    began = time.monotonic()
    ended = subprocess.run(
        [sys.executable, "-m", "jackfield", "demo"],
        env=environment(JACKFIELD_DEMO_EXIT="1", TMPDIR=str(tmp_path), COLUMNS="100"),
        capture_output=True,
        text=True,
        timeout=280,
        cwd=tmp_path,
    )
    took = time.monotonic() - began
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert took < 240
    assert "Traceback" not in ended.stdout + ended.stderr
    assert list(tmp_path.iterdir()) == [], "nothing is left behind"
    shown = dict(re.findall(r"^ (\w+) +│ +(\d+) │", ended.stdout, re.MULTILINE))
    funnel = {stage: int(number) for stage, number in shown.items()}
    assert funnel["Recipients"] > 500
    assert funnel["Waiting"] == 0
    assert funnel["Recipients"] == funnel["Sent"] + funnel["Failed"]
    assert funnel["Sent"] >= funnel["Delivered"] >= funnel["Read"] > funnel["Replied"] > 0
    assert funnel["Failed"] > 0
    assert "131026" in ended.stdout, "why some failed, by code"
    assert "Check the number" in ended.stdout, "and what to do about it"
    for step in ("1. Imported", "2. Synchronised", "3. Sending", "4. What came of it"):
        assert step in ended.stdout
    assert max(map(len, ended.stdout.splitlines())) <= 100, "no line is broken by the terminal"


@pytest.mark.timeout(300)
def test_demo_goes_on_serving(tmp_path: Path) -> None:
    """Without JACKFIELD_DEMO_EXIT it serves from the start; what it prints works, and SIGTERM ends it well."""
    log = tmp_path / "out"
    with open(log, "wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "jackfield", "demo"],
            env=environment(JACKFIELD_PORT="0", PYTHONUNBUFFERED="1"),
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd=tmp_path,
        )
        try:
            until(lambda: b"Dashboard:" in log.read_bytes() or process.poll() is not None, 60, "the address")
            found = re.search(r"Phone: +(\S+)/phone", log.read_text())
            assert found is not None, log.read_text()
            # Before the campaign has been sent: nobody waits for the show.
            with urllib.request.urlopen(f"{found[1]}/phone", timeout=30) as page:
                assert b"<div id=" in page.read()
            assert "4. What came of it" not in log.read_text()
            until(lambda: len(_curls(log)) == len(_printed()) or process.poll() is not None, 60, "the curl lines")
            lines = _curls(log)
            assert len(lines) == len(_printed()), log.read_text()
            for line in lines:
                status, body = curl(line)
                assert 200 <= status < 300, (line, status, body)
        finally:
            process.terminate()
            process.wait(20)
    assert process.returncode == 0, log.read_text()
    assert "Traceback" not in log.read_text()


def test_curl_lines_work_as_pasted(shared_server: JackfieldServer) -> None:
    """Each of the lines, on a plain server with a key and a login of the operator's choice."""
    server = shared_server
    until(lambda: server.api("GET", "/profiles/1").data["status"] == "connected", what="connected")
    lines = curl_lines(server.url, server.key, server.email, server.password)
    assert len(lines) == len(DIALECTS)
    for title, line in lines:
        status, body = curl(line)
        assert 200 <= status < 300, (title, line, status, body)
        assert json.loads(body)


@pytest.mark.parametrize("page", ["README.md", "docs/quickstart.md"])
def test_calls_of_the_documentation_work_as_pasted(page: str, shared_server: JackfieldServer, tmp_path: Path) -> None:
    """Every shell block with requests in it, in order, against a server of its own key."""
    server = shared_server
    text = (Path(__file__).parents[2] / page).read_text(encoding="utf-8")
    blocks = [block for block in re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL) if "curl " in block]
    assert blocks
    script = re.sub(r"\\\n\s*", "", "\n".join(blocks)).replace("http://127.0.0.1:3001", server.url)
    script = script.replace("$JACKFIELD", server.url).replace("$KEY", server.key).replace("/tmp/", f"{tmp_path}/")
    # A line that begins with a blank goes on with a quoted text.
    for statement in map(str.strip, re.split(r"\n(?=\S)", script)):
        if statement.startswith("curl "):
            status, body = curl(statement)
            assert 200 <= status < 300, (statement, status, body)
        elif statement and not statement.startswith("KEY="):
            assert subprocess.run(["sh", "-c", statement], check=False).returncode == 0, statement


def _printed() -> list[tuple[str, str]]:
    return curl_lines("http://x", "k", "e", "p")


def _curls(log: Path) -> list[str]:
    return [line for line in log.read_text(errors="replace").splitlines() if line.startswith("curl ")]


def curl(line: str) -> tuple[int, str]:
    """Run a line as pasted into a shell; gives status and body. Where there is no curl, do what it says."""
    if shutil.which("curl"):
        ended = subprocess.run(
            ["sh", "-c", f"{line} -sS -w '\\n%{{http_code}}'"], capture_output=True, text=True, timeout=40
        )
        assert ended.returncode == 0, ended.stderr
        body, _, status = ended.stdout.rpartition("\n")
        return int(status), body
    words = shlex.split(line)[1:]
    method, url, headers, data, form = "", "", {}, None, []
    while words:
        word = words.pop(0)
        if word == "-X":
            method = words.pop(0)
        elif word == "-H":
            name, _, value = words.pop(0).partition(": ")
            headers[name] = value
        elif word == "-d":
            data = words.pop(0).encode()
        elif word == "-F":
            name, _, value = words.pop(0).partition("=")
            form.append((name, Path(value[1:]).read_bytes() if value.startswith("@") else value.encode(), value))
        else:
            url = word
    if form:
        headers["Content-Type"] = "multipart/form-data; boundary=frontier"
        data = b""
        for name, content, value in form:
            file = f'; filename="{Path(value).name}"' if value.startswith("@") else ""
            head = f'--frontier\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'
            data += head.encode() + content + b"\r\n"
        data += b"--frontier--\r\n"
    method = method or ("GET" if data is None else "POST")
    request = urllib.request.Request(url, data=data, headers=headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=40) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_demo_ended_in_the_middle_of_the_show_ends_well(tmp_path: Path) -> None:
    log = tmp_path / "out"
    with open(log, "wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "jackfield", "demo"],
            env=environment(JACKFIELD_PORT="0", PYTHONUNBUFFERED="1", TMPDIR=str(tmp_path)),
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd=tmp_path,
        )
        try:
            until(lambda: b"3. Sending" in log.read_bytes() or process.poll() is not None, 60, "the campaign")
        finally:
            process.terminate()
            process.wait(20)
    assert process.returncode == 0, log.read_text()
    assert "Traceback" not in log.read_text()
    assert list(tmp_path.iterdir()) == [log], "nothing is left behind"
