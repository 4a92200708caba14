"""What a release publishes: the wheel has all it needs and nothing else, and runs without the repository."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import jackfield
from jackfield.migrations import chain
from tools import release, web

CHANGELOG = "# Changelog\n\n## 2.0.0 (unreleased)\n\n- New.\n\n## 1.0.0 (2026-01-31)\n\n- First.\n- Second.\n"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of what is here."""
    (made,) = release.build(tmp_path_factory.mktemp("dist"), "wheel")
    return made


def test_the_wheel_has_all_and_nothing_else(wheel: Path) -> None:
    release.check_wheel(wheel)
    with zipfile.ZipFile(wheel) as archive:
        listed = next(name for name in archive.namelist() if name.endswith(".cdx.json") and "dist-info" in name)
        parts = json.loads(archive.read(listed))
    names = {part["name"] for part in parts["components"]}
    assert "vue" in names
    assert "vitest" not in names, "only what is in the bundle"
    assert parts["metadata"]["component"]["version"] == jackfield.__version__
    assert "resolved" not in json.dumps(parts), "where it was downloaded from is nobody's business"


def test_a_wheel_that_lacks_something_or_has_too_much_is_noticed(wheel: Path, tmp_path: Path) -> None:
    for name, keep, more in (
        ("no-page.whl", lambda name: not name.endswith("assets/index.html"), []),
        ("no-docs.whl", lambda name: not name.endswith("site/index.html"), []),
        ("no-parts.whl", lambda name: ".cdx.json" not in name, []),
        ("foreign.whl", lambda name: True, ["node_modules/vue/index.js"]),
    ):
        wrong = tmp_path / name
        with zipfile.ZipFile(wheel) as good, zipfile.ZipFile(wrong, "w") as bad:
            for one in good.namelist():
                if keep(one):
                    bad.writestr(one, b"")
            for one in more:
                bad.writestr(one, b"")
        with pytest.raises(release.ReleaseError):
            release.check_wheel(wrong)


def test_the_wheel_runs_without_the_repository(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    code = (
        "import jackfield, pathlib; home = pathlib.Path(jackfield.__file__).parent; "
        "assert (home / 'web' / 'assets' / 'index.html').exists(); print(home)"
    )
    env = {**os.environ, "PYTHONPATH": str(tmp_path / "site"), "JACKFIELD_DATA_DIR": str(tmp_path / "data")}
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=env, capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == str(tmp_path / "site" / "jackfield"), "not the repository's"
    command = [sys.executable, "-m", "jackfield", "init", "--simulator"]
    made = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    assert (tmp_path / "data" / "jackfield.db").exists(), "the migrations are in the wheel"


def test_the_notes_are_the_versions_section() -> None:
    assert release.notes(CHANGELOG, "1.0.0") == "- First.\n- Second.\n"
    assert release.notes(CHANGELOG, "2.0.0", rehearsal=True) == "- New.\n"
    with pytest.raises(release.ReleaseError, match="unreleased"):
        release.notes(CHANGELOG, "2.0.0")
    with pytest.raises(release.ReleaseError, match=r"no section for 3\.0\.0"):
        release.notes(CHANGELOG, "3.0.0")


def test_the_changelog_has_this_version() -> None:
    text = (web.ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert release.notes(text, jackfield.__version__, rehearsal=True)


def test_the_dashboard_has_the_same_version() -> None:
    assert json.loads((web.SOURCE / "package.json").read_text())["version"] == jackfield.__version__


def test_a_release_notes_where_it_leaves_the_schema(tmp_path: Path) -> None:
    file = tmp_path / "chain.py"
    file.write_text(Path(chain.__file__).read_text())
    release.note_schema(file, "7777")
    assert file.read_text() == Path(chain.__file__).read_text().replace(f'Final = "{chain.RELEASED}"', 'Final = "7777"')
    file.write_text("nothing")
    with pytest.raises(release.ReleaseError, match="RELEASED"):
        release.note_schema(file, "7777")
