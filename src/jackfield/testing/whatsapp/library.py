"""A temporary copy of neonize that trusts a server of ours."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from .keys import KeyPair

ROOT = KeyPair(bytes.fromhex("08" + "11" * 30 + "51"))
"""The root key of every server here; fixed, so that one patched copy serves all tests of a run."""

_PINNED = bytes.fromhex("142375574d0a587166aae71ebe516437c4a28b73e3695c6ce1f7f9545da8ee6b")
"""The public key that clients accept handshakes from (whatsmeow, WACertPubKey)."""


def patched(folder: Path) -> Path:
    """Make `folder`/neonize, to be put first on a process's Python path; gives `folder`.

    All files are links to the installed package except the shared library. Raises RuntimeError when the library does
    not contain the pinned key once.
    """
    spec = importlib.util.find_spec("neonize")
    if spec is None or spec.origin is None:
        raise RuntimeError("neonize is not installed")
    package = folder / "neonize"
    package.mkdir(parents=True)
    for path in Path(spec.origin).parent.iterdir():
        if not path.name.startswith("neonize-"):
            (package / path.name).symlink_to(path)
            continue
        library = path.read_bytes()
        if library.count(_PINNED) != 1:
            raise RuntimeError(f"{path.name} has the pinned key {library.count(_PINNED)} times")
        (package / path.name).write_bytes(library.replace(_PINNED, ROOT.public))
    return folder
