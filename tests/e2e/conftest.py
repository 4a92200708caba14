"""Profiles of their own on a shared server: tests of one module cost one server start, and do not meet."""

from __future__ import annotations

import itertools
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest

from jackfield.testing.server import JackfieldServer, until

from .cli_shell import Shell, Zygote

TURNS_TO = "628999000999"
"""Who gets the messages of `Profile.turns`."""
_numbers = itertools.count(1)


class Profile:
    """A paired simulator profile with an outbox, faults and pacing of its own."""

    def __init__(self, server: JackfieldServer, profile_id: str) -> None:
        self.server = server
        self.id = profile_id

    def bulk(self, count: int, *, options: dict[str, Any] | None = None, **fields: Any) -> str:
        """A campaign to `count` recipients of this profile only; gives its id."""
        body = {
            "profileId": self.id,
            "messages": [
                {"chatId": self.number(i), "type": "text", "content": {"text": "Hi {n}"}, "variables": {"n": i}}
                for i in range(count)
            ],
            "options": options or {},
            **fields,
        }
        batch = self.server.api("POST", "/bulk/send", json=body).data
        assert batch["totalMessages"] == count
        return str(batch["batchId"])

    def number(self, index: int) -> str:
        """The number of the recipient at `index`."""
        return f"62{int(self.id) % 1000:03d}{index:08d}"

    def text(self, to: str, text: str = "Hello", **fields: Any) -> str:
        """Send one text; gives the message's id."""
        body = {"profileId": self.id, "to": to, "text": text, **fields}
        return str(self.server.api("POST", "/messages/text", json=body).data["id"])

    def pace(self, **pacing: Any) -> None:
        """Set the profile's pacing."""
        assert self.server.api("PATCH", f"/profiles/{self.id}", json={"pacing": pacing}).status == 200

    def faults(self, **faults: Any) -> None:
        """Make things go wrong on the network; without arguments, heal everything."""
        answer = self.server.request("POST", f"/simulator/{self.id}/faults", json=faults or {"reset": True})
        assert answer.status == 200, answer

    def outbox(self) -> list[dict[str, Any]]:
        """What the network took, oldest first."""
        return self.server.outbox(self.id)

    def taken(self) -> int:
        """How many messages the network took."""
        answer = self.server.request("GET", f"/simulator/{self.id}/outbox?limit=1").json
        return int(answer["total"])

    def turns(self, to: str = TURNS_TO, times: int = 3) -> int:
        """Have the channel claim what it may send, several times over, and give how many messages that took.

        Each turn is a message of its own that must go out before the next: what should have been held back and was not
        would have gone with it. This proves that something does not happen without waiting for it not to.
        """
        for turn in range(times):
            self.server.message(self.text(to, f"Turn {turn}"), "sent", "delivered", "read")
        return times

    def campaign(self, campaign_id: str) -> dict[str, Any]:
        """A campaign with its counts."""
        found: dict[str, Any] = self.server.api("GET", f"/campaigns/{campaign_id}").data
        return found

    def move(self, campaign_id: str, verb: str, **body: Any) -> dict[str, Any]:
        """Pause, resume, start or cancel a campaign."""
        moved: dict[str, Any] = self.server.api("POST", f"/campaigns/{campaign_id}/{verb}", json=body or None).data
        return moved

    def over(self, campaign_id: str, seconds: float = 120.0, *states: str) -> dict[str, Any]:
        """A campaign once it is in one of these states (finished unless said)."""
        wanted = states or ("finished",)

        def look() -> dict[str, Any] | None:
            found = self.campaign(campaign_id)
            return found if found["status"] in wanted else None

        found = until(look, seconds, f"campaign {campaign_id} is {wanted}")
        assert found is not None
        return found

    def rows(self, campaign_id: str) -> list[dict[str, Any]]:
        """All messages of a campaign, page by page."""
        rows: list[dict[str, Any]] = []
        cursor = ""
        while True:
            answer = self.server.api("GET", f"/campaigns/{campaign_id}/recipients?limit=200{cursor}")
            rows += answer.data
            following = answer.json["meta"]["cursor"]
            if following is None:
                return rows
            cursor = f"&cursor={following}"

    def check_counts(self, campaign_id: str) -> dict[str, int]:
        """The counts of a campaign equal its rows; gives the counts that are not zero."""

        # Receipts may come between the two readings: a stage later is no difference then.
        def agree() -> dict[str, int] | None:
            before = self.campaign(campaign_id)["counts"]
            rows = Counter(row["status"] for row in self.rows(campaign_id))
            counts = {state: number for state, number in before.items() if number}
            return counts if counts == dict(rows) else None

        counts = until(agree, 60, "the counts equal the rows")
        assert counts is not None
        return counts


class ProfileMaker(Protocol):
    """Makes paired simulator profiles. `config` goes over the engine's, `fields` into the request (pacing, settings)."""

    def __call__(self, config: dict[str, Any] | None = None, **fields: Any) -> Profile:
        """One more."""
        ...


@pytest.fixture
def new_profile(shared_server: JackfieldServer) -> ProfileMaker:
    """Makes profiles on the module's server."""

    def make(config: dict[str, Any] | None = None, **fields: Any) -> Profile:
        return make_profile(shared_server, config, **fields)

    return make


@pytest.fixture
def profile(new_profile: ProfileMaker) -> Profile:
    """A fresh profile on the module's server."""
    return new_profile()


def make_profile(server: JackfieldServer, config: dict[str, Any] | None = None, **fields: Any) -> Profile:
    """A paired simulator profile."""
    body = {"name": f"Line {next(_numbers)}", "engine": "simulator", "config": {"autoScan": True, **(config or {})}}
    made = Profile(server, server.api("POST", "/profiles", json={**body, **fields}).data["id"])
    server.api("POST", f"/profiles/{made.id}/connect")
    until(lambda: server.api("GET", f"/profiles/{made.id}/status").data["connected"], what="the profile is connected")
    return made


# -- the command line ----------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def zygote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Zygote]:
    """One for all tests of a process."""
    running = Zygote(tmp_path_factory.mktemp("zygote"))
    yield running
    running.close()


@pytest.fixture
def empty(zygote: Zygote, tmp_path: Path) -> Shell:
    """A folder that does not exist yet."""
    return Shell(zygote, tmp_path / "data")


@pytest.fixture
def shell(empty: Shell, sqlite_template: Path) -> Shell:
    """An installation with a simulated phone."""
    empty.data_dir.mkdir()
    shutil.copy(sqlite_template, empty.data_dir / "jackfield.db")
    # The template's secrets were sealed with the tests' own key; there are none in it yet.
    assert empty("init", "--simulator").status == 0
    return empty


@pytest.fixture
def people(shell: Shell, tmp_path: Path) -> Shell:
    """Two contacts in the list "Friends"."""
    file = tmp_path / "people.csv"
    file.write_text("Name,Phone\nAsha,+919876543210\nBudi,+6281234567890\n")
    assert shell("import", str(file), "--list", "Friends", "--json").json["created"] == 2
    return shell


@pytest.fixture
def beside(zygote: Zygote, shared_server: JackfieldServer) -> Shell:
    """Commands on the data folder of a server that runs."""
    return Shell(zygote, shared_server.data_dir)


@pytest.fixture
def afar(zygote: Zygote, shared_server: JackfieldServer, tmp_path: Path) -> Shell:
    """Commands for a server that is reached by its address and a key only."""
    return Shell(zygote, tmp_path / "none", JACKFIELD_URL=shared_server.url, JACKFIELD_API_KEY=shared_server.key)
