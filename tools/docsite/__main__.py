"""The command line: `python -m tools.docsite`."""

from __future__ import annotations

import sys

from . import SITE, SiteError, build

if __name__ == "__main__":
    try:
        build()
    except SiteError as error:
        print(error, file=sys.stderr)
        sys.exit(1)
    print(f"The documentation is in {SITE}; the server shows it at /docs/.")
