"""The daily work at the command line: a template campaign from first to last, conversations, webhooks, the team."""

from __future__ import annotations

import csv
import io
import json
import re
import shlex
from pathlib import Path

from jackfield.testing.server import JackfieldServer, until

from .cli_shell import Shell
from .conftest import ProfileMaker


def test_the_version(empty: Shell) -> None:
    assert empty("--version").out.startswith("Jackfield ")


def test_templates(shell: Shell, tmp_path: Path) -> None:
    assert "template sync" in shell("template", "list").out
    assert shell("template", "sync", "--json").json["templates"] > 5
    listed = shell("template", "list", "--status", "approved", "--json").json
    assert {"welcome_template", "demo_text"} <= {one["name"] for one in listed}
    assert "welcome_template" in shell("template", "list", "--search", "welcome").out
    assert "No template matches" in shell("template", "list", "--search", "nothing like it").out
    shown = shell("template", "show", "welcome_template").out
    assert "APPROVED" in shown
    assert "header" in shown, "where its value goes"
    seen = shell("template", "preview", "welcome_template", "--var", "header.1=Asha").out
    assert seen.startswith("Hello Asha")
    refused = shell.refused("template", "preview", "welcome_template", "--var", "1=Asha")
    assert "the header's {{1}} has no value" in refused
    assert "nothing_there" in shell.refused("template", "show", "nothing_there")
    assert "NAME=TEXT" in shell.refused("template", "preview", "welcome_template", "--var", "Asha")

    made = shell(
        *("template", "create", "pickup_ready", "--language", "en_US", "--json"),
        *("--body", "Hi {{first_name}}, it is ready.", "--example", "first_name=Asha", "--footer", "Your shop"),
    ).json
    assert (made["status"], made["parameterFormat"]) == ("PENDING", "NAMED")
    assert [one["type"] for one in made["components"]] == ["BODY", "FOOTER"]
    file = tmp_path / "template.json"
    file.write_text(json.dumps({"components": [{"type": "BODY", "text": "It is ready."}]}))
    plain = shell("template", "create", "it_is_ready", "--language", "en_US", "--file", str(file), "--json").json
    assert plain["parameterFormat"] == "POSITIONAL"
    assert "small letters" in shell.refused("template", "create", "BadName", "--language", "en_US", "--body", "Hi")
    shell.refused("template", "create", "two_ways", "--language", "en_US", "--body", "Hi", "--file", str(file))
    shell.refused("template", "create", "no_way", "--language", "en_US")
    file.write_text("[1")
    assert "JSON" in shell.refused("template", "create", "bad_file", "--language", "en_US", "--file", str(file))


def test_a_template_campaign_from_first_to_last(people: Shell, tmp_path: Path) -> None:
    people("template", "sync")
    campaign = ("broadcast", "--template", "demo_text", "--list", "Friends")
    assert "{{1}} has no value" in people.refused(*campaign, "--dry-run")
    dry = people(*campaign, "--var", "1={last_name}", "--fallback", "last_name=friend", "--dry-run", "--json").json
    assert (dry["contacts"], dry["placeholders"]) == (2, [{"name": "last_name", "lacking": 2}])
    tested = people(*campaign, "--var", "1={name}", "--test-to", "628111222333", "--json").json
    assert tested["status"] == "draft"
    assert tested["test"]["status"] in ("sent", "delivered", "read")
    again = people("campaign", "test", tested["id"], "628111222334")
    assert again.out.startswith("The test to 628111222334 is ")
    over = people("campaign", "start", tested["id"], "--watch", "--json").json
    assert over["status"] == "finished"
    assert over["counts"]["sent"] == 0, "the receipts are in"
    assert over["counts"]["delivered"] + over["counts"]["read"] == 2
    got = people("campaign", "recipients", tested["id"], "--json").json
    assert {one["to"] for one in got} == {"919876543210", "6281234567890"}
    assert "919876543210" in people("campaign", "recipients", tested["id"], "--silent").out
    assert "No recipients" in people("campaign", "recipients", tested["id"], "--status", "failed").out
    file = tmp_path / "recipients.csv"
    assert "Written to" in people("campaign", "export", tested["id"], "-o", str(file)).out
    assert file.stat().st_mode & 0o077 == 0, "nobody else reads the numbers"
    rows = list(csv.DictReader(io.StringIO(file.read_text("utf-8-sig"))))
    assert {row["phone"] for row in rows} == {"+919876543210", "+6281234567890"}, "other tables can be joined by it"
    for wrong in (
        ("broadcast", "Hi", "--template", "demo_text", "--all"),
        ("broadcast", "Hi", "--var", "1=x", "--all"),
        ("broadcast", "--all"),
        ("broadcast", "--template", "demo_text", "--var", "2=x", "--all"),
        ("broadcast", "--template", "demo_text", "--var", "button.x=1", "--all"),
        ("broadcast", "--template", "nothing_there", "--all"),
    ):
        people.refused(*wrong)


def test_a_campaign_that_nobody_got_ends_with_an_error(
    beside: Shell, shared_server: JackfieldServer, new_profile: ProfileMaker, tmp_path: Path
) -> None:
    profile = new_profile()
    file = tmp_path / "people.csv"
    file.write_text("Name,Phone\nUnreachable,+628777111222\n")
    beside("import", str(file), "--list", "Unreachable")
    profile.faults(code="131026", kind="reject")
    ended = beside("broadcast", "Hi", "--list", "Unreachable", "--channel", profile.id, "--watch")
    assert ended.status == 1
    assert "What to do" in ended.out
    tested = beside("broadcast", "Hi", "--list", "Unreachable", "--channel", profile.id, "--test-to", "628777111222")
    assert tested.status == 1
    assert "failed" in tested.err


def test_contacts(people: Shell, tmp_path: Path) -> None:
    listed = people("contacts", "list", "--list", "Friends", "--json").json
    assert {one["name"] for one in listed} == {"Asha", "Budi"}
    assert "Budi" in people("contacts", "list", "--search", "6281234567890").out
    one = next(one["id"] for one in listed if one["name"] == "Asha")
    assert "919876543210" in people("contacts", "show", one).out
    file = tmp_path / "contacts.csv"
    people("contacts", "export", "--list", "Friends", "-o", str(file))
    again = people("import", str(file), "--json").json
    assert (again["created"], again["merged"], again["refusedTotal"]) == (0, 2, 0), "an import reads it again"
    people.refused("contacts", "show", "99999")


def test_chats(shell: Shell) -> None:
    assert "No chats" in shell("chat", "list").out
    shell("send", "6281234567890", "Hello")
    (chat,) = shell("chat", "list", "--json").json
    assert "6281234567890" in shell("chat", "list").out
    assert "us: Hello" in shell("chat", "read", chat["id"]).out
    replied = shell("chat", "reply", chat["id"], "How are you?").out
    assert "sent" in replied
    assert "nothing left for a real phone" in replied
    assert len(shell("chat", "read", chat["id"], "--mark-read", "--json").json) == 2
    shell.refused("chat", "reply", chat["id"], " ")
    shell.refused("chat", "read", "99999")


def test_channels_are_changed_and_removed(shell: Shell) -> None:
    made = shell("channel", "add", "Second", "--alias", "second", "--json").json["id"]
    assert "default channel" in shell("channel", "default", "second").out
    assert "changed" in shell("channel", "edit", "second", "--name", "Shop").out
    assert "Shop" in shell("channel", "list").out
    shell.refused("channel", "edit", "second")
    shell.refused("channel", "edit", "second", "--pacing", "[]")
    assert "removed" in shell("channel", "remove", made, "--yes").out
    assert [one["id"] for one in shell("channel", "list", "--json").json] == ["1"]
    shell.refused("channel", "remove", "second", "--yes")


def test_the_team(shell: Shell) -> None:
    assert "Nobody yet" in shell("member", "list").out
    made = shell("member", "invite", "ana@example.com", "--role", "agent", "--json").json
    assert made["token"]
    assert made["role"] == "agent"
    assert "ana@example.com" in shell.refused("member", "edit", "ana@example.com", "--disable"), "not a member yet"
    shell.refused("member", "invite", "nobody", status=1)
    shell.refused("member", "edit", "ana@example.com")


def test_the_archive(beside: Shell) -> None:
    assert "No messages are archived" in beside("archive", "status").out
    assert beside("archive", "status", "--json").json["afterDays"] == 0
    assert "0 messages archived" in beside("archive", "run").out
    assert "no such message" in beside("archive", "find", "--campaign", "1").out
    assert beside("archive", "find", "--id", "1", "--json").json == []


def test_webhooks(beside: Shell, shared_server: JackfieldServer) -> None:
    allowed = {"JACKFIELD_EGRESS_ALLOW": "127.0.0.0/8"}
    assert "EGRESS_ALLOW" in beside.refused("webhook", "add", f"{shared_server.url}/nowhere")
    made = beside(
        "webhook", "add", f"{shared_server.url}/nowhere", "--event", "message.failed", "--json", **allowed
    ).json
    assert made["secret"]
    listed = next(one for one in beside("webhook", "list", "--json").json if one["id"] == made["id"])
    assert "secret" not in listed
    tried = beside("webhook", "test", made["id"], **allowed)
    assert tried.status == 1
    assert "Not delivered" in tried.err
    until(lambda: beside("webhook", "deliveries", made["id"], "--json").json, 60, "the test is in the log")
    assert "off" in beside("webhook", "disable", made["id"]).out
    assert "off: " in beside("webhook", "list").out
    assert "on" in beside("webhook", "enable", made["id"]).out
    assert "go out again" in beside("webhook", "replay", made["id"]).out
    assert "removed" in beside("webhook", "remove", made["id"], "--yes").out
    beside.refused("webhook", "test", made["id"])


def test_the_page_about_a_template_campaign_works_as_written(shell: Shell, tmp_path: Path) -> None:
    """Every command of its `sh` blocks, in order, with a template that the simulated network has."""
    (tmp_path / "customers.csv").write_text("Name,Phone\nAsha,+919876543210\nBudi,0812-3456-7890\nNobody,none\n")
    page = (Path(__file__).parents[2] / "docs" / "template-campaign.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```sh\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    assert len(lines) > 10
    for line in lines:
        words = shlex.split(line.replace("summer_sale", "demo_text"))
        assert words[0] == "jackfield"
        places = [str(tmp_path / word) if word.endswith(".csv") else word for word in words[1:]]
        ended = shell(*places)
        assert ended.status == 0, (line, ended)
    assert len(list(csv.DictReader(io.StringIO((tmp_path / "recipients.csv").read_text("utf-8-sig"))))) == 2
    assert "Nobody" in (tmp_path / "refused.csv").read_text("utf-8-sig")
