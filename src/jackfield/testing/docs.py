"""Write the generated pages of docs/: `make docs`. Tests hold the pages and their sources together."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from jackfield.core import errorbook
from jackfield.core.core import Core, Options
from jackfield.db.database import Database
from jackfield.db.secrets import use_key
from jackfield.dialects import DialectOptions
from jackfield.dialects.native.app import build_native
from jackfield.dialects.native.reference import markdown
from jackfield.engines import load_engines


def native_reference() -> str:
    """docs/reference/native.md."""
    use_key("no secrets are written here")
    with TemporaryDirectory() as folder:
        place = Path(folder)
        core = Core(Database(f"sqlite:///{place / 'none.db'}"), engines=load_engines(), options=Options(data_dir=place))
        return markdown(build_native(core, DialectOptions()).openapi())


PAGES: dict[str, Callable[[], str]] = {
    "error-book.md": errorbook.as_markdown,
    "reference/native.md": native_reference,
}
"""Page to what writes it."""


def main(docs: Path = Path("docs")) -> None:
    """Write every page that differs."""
    for name, write in PAGES.items():
        page, text = docs / name, write()
        if not page.exists() or page.read_text() != text:
            page.parent.mkdir(parents=True, exist_ok=True)
            page.write_text(text)


if __name__ == "__main__":
    main()
