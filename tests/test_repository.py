"""What must not stand in the repository: other people's hosts, this machine's paths, foreign code."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CODE = {".py", ".js", ".mjs", ".css", ".html", ".ts", ".sh"}
# Put together here, so that this file does not hold what it looks for.
REGISTRIES = [
    "pypi" + ".org",
    "python" + "hosted.org",
    "registry." + "npmjs",
    "unpkg" + ".com",
    "jsdelivr" + ".net",
    "cdnjs" + ".cloudflare",
    "proxy." + "golang.org",
    "crates" + ".io",
    "ghcr" + ".io",
    "docker" + ".io",
    "quay" + ".io",
]
PATHS = re.compile(r"(?<![\w.~-])/(?:work|root|home|Users|mnt)/[\w.-]+|[A-Z]:\\\\?Users")
MINIFIED = 2000
"""Nobody writes a line of code as long as this."""
LONGEST = {".py": 500, ".ts": 500, ".vue": 300}
"""Lines of a source file at most: a longer one holds more than one idea."""


def files() -> list[Path]:
    """What is in the repository; of an unpacked archive, what is in the folder."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode == 0 and listed.stdout:
        found = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    else:
        hidden = {".venv", "__pycache__", "data", "dist"}
        found = [one for one in ROOT.rglob("*") if not hidden & set(one.relative_to(ROOT).parts)]
        found = [one for one in found if not any(part.startswith(".") for part in one.relative_to(ROOT).parts[:-1])]
    return [one for one in found if one.is_file()]


@pytest.fixture(scope="module")
def texts() -> dict[Path, str]:
    """Every file that is text."""
    read = {}
    for path in files():
        data = path.read_bytes()
        if b"\0" not in data[:8000]:
            read[path.relative_to(ROOT)] = data.decode("utf-8", errors="replace")
    assert len(read) > 100
    return read


def test_no_registry_is_named(texts: dict[Path, str]) -> None:
    named = [(str(path), host) for path, text in texts.items() for host in REGISTRIES if host in text]
    assert not named


def test_no_path_of_a_machine(texts: dict[Path, str]) -> None:
    found = [(str(path), match[0]) for path, text in texts.items() for match in PATHS.finditer(text)]
    assert not found


def test_no_foreign_or_minified_code(texts: dict[Path, str]) -> None:
    for path, text in texts.items():
        assert ".min." not in path.name, path
        assert not {"vendor", "node_modules", "third_party"} & set(path.parts), path
        if path.suffix in CODE:
            assert max(map(len, text.splitlines()), default=0) < MINIFIED, path
            assert "sourceMappingURL" not in text or path.name == Path(__file__).name, path


def test_no_source_file_is_too_long(texts: dict[Path, str]) -> None:
    lengths = {
        path: text.count("\n") for path, text in texts.items() if path.parts[0] in ("src", "bench", "tools", "web")
    }
    assert lengths
    assert not {path: lines for path, lines in lengths.items() if lines > LONGEST.get(path.suffix, lines)}


def test_nothing_is_a_build_product() -> None:
    kinds = {".so", ".pyc", ".whl", ".exe", ".dll", ".jar", ".db", ".sqlite"}
    assert not [path for path in files() if path.suffix in kinds]


LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-uv.lock")


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_file_pins_with_hashes_and_names_no_host(name: str) -> None:
    lines = (ROOT / name).read_text().splitlines()
    assert lines
    wanted = re.compile(r"[\w.-]+(\[[\w,.-]+\])?==[^\s;]+( ; .+)? \\")
    for line in lines:
        if line and not line.startswith((" ", "#")):
            assert wanted.fullmatch(line), line
        elif line.startswith("    --"):
            assert re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}( \\)?", line), line
        assert "://" not in line, line
        assert not line.lstrip().startswith(("-i ", "--index-url", "--extra-index-url", "--find-links", "-f ")), line


def pins(name: str) -> dict[str, str]:
    """The version that a lock file pins of each package."""
    lines = (ROOT / name).read_text().splitlines()
    return dict(
        line.removesuffix(" \\").split(" ; ")[0].split("==") for line in lines if re.match(r"[\w.-]+(\[.+\])?==", line)
    )


def test_what_runs_is_what_is_tested() -> None:
    running, tested = pins("requirements.lock"), pins("requirements-dev.lock")
    assert len(running) > 80
    assert running.items() <= tested.items()
    assert not {"pytest", "mypy", "playwright", "moto"} & set(running)


def test_secrets_do_not_stand_in_the_open(texts: dict[Path, str]) -> None:
    shapes = re.compile(
        r"-----BEGIN (?:RSA |EC |OPENSSH )?PRIVATE KEY-----|\bAKIA[0-9A-Z]{16}\b|\bghp_[A-Za-z0-9]{36}\b|\bEAA[A-Za-z0-9]{60,}\b"
    )
    found = [(str(path), match[0][:20]) for path, text in texts.items() for match in shapes.finditer(text)]
    assert not [one for one in found if one[0] != str(Path(__file__).relative_to(ROOT))]
