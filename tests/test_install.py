"""Setting up `.venv`: with uv, from where pip takes its packages; with pip where uv does not work."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from tools import install


class Commands:
    """Takes down what would be run; `fails` is the program whose install of a lock file goes wrong."""

    def __init__(self, fails: tuple[str, ...] = ()) -> None:
        self.seen: list[list[str]] = []
        self._fails = fails

    def __call__(self, command: list[str], environment: Mapping[str, str]) -> int:
        self.seen.append(command)
        return 1 if Path(command[0]).name in self._fails and "-e" not in command else 0


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A `.venv` whose Python answers nothing of pip's settings."""
    program = tmp_path / "bin" / "python"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    return tmp_path


def locks(seen: list[list[str]]) -> list[tuple[str, str]]:
    """Which program installed which file."""
    return [(Path(one[0]).name, one[one.index("-r") + 1]) for one in seen if "-r" in one]


@pytest.mark.parametrize(
    ("kind", "lock", "stamps"),
    [("run", "requirements.lock", {".run"}), ("dev", "requirements-dev.lock", {".run", ".dev"})],
)
def test_uv_installs_one_lock_file_and_the_package(folder: Path, kind: str, lock: str, stamps: set[str]) -> None:
    ran = Commands()
    assert install.main([kind], ran, folder) == 0
    assert locks(ran.seen) == [("python", "requirements-uv.lock"), ("uv", lock)]
    assert ran.seen[-1][-2:] == ["-e", "."]
    assert all("--require-hashes" in one for one in ran.seen if "-r" in one)
    assert {path.name for path in folder.iterdir() if path.is_file()} == stamps


def test_pip_installs_the_same_where_uv_does_not_work(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ran = Commands(fails=("uv",))
    assert install.main(["run"], ran, folder) == 0
    assert locks(ran.seen)[-1] == ("python", "requirements.lock")
    assert "Now with pip" in capsys.readouterr().out


def test_pip_is_taken_from_the_start_when_asked(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JACKFIELD_INSTALLER", "pip")
    ran = Commands()
    assert install.main(["run"], ran, folder) == 0
    assert locks(ran.seen) == [("python", "requirements.lock")]


def test_nothing_is_said_to_be_installed_when_both_fail(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert install.main(["run"], Commands(fails=("uv", "python")), folder) == 1
    assert "could not be installed" in capsys.readouterr().err
    assert not [path for path in folder.iterdir() if path.is_file()]


def test_an_unknown_kind_is_answered_with_the_ones_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert install.main(["everything"], Commands()) == 2
    assert "make run" in capsys.readouterr().err


def test_uv_is_told_where_pip_takes_packages_from() -> None:
    listed = "\n".join(
        [
            "global.index-url='https://packages.example/simple'",
            "global.extra-index-url='https://one.example/simple https://two.example/simple'",
            "global.cert='/etc/one.pem'",
            "global.timeout='60'",
            "freeze.timeout='10'",
            ":env:.find-links='/wheels /more'",
            ":env:.cert='/etc/two.pem'",
        ]
    )
    options, environment = install.sources(install.settings_of_pip(listed))
    assert options == [
        "--default-index", "https://packages.example/simple",
        "--index", "https://one.example/simple", "--index", "https://two.example/simple",
        "--find-links", "/wheels", "--find-links", "/more",
        "--index-strategy", "unsafe-best-match",
    ]  # fmt: skip
    assert environment == {"SSL_CERT_FILE": "/etc/two.pem"}, "the environment wins over the files"


def test_an_installation_without_any_index_stays_one() -> None:
    assert install.sources(install.settings_of_pip("global.no-index='true'")) == (["--no-index"], {})
    assert install.sources(install.settings_of_pip("global.no-index='false'")) == ([], {})


def test_a_program_that_is_not_there_is_a_failure_and_no_exception() -> None:
    assert install.run([os.devnull + "/nothing"], {}) == 127
