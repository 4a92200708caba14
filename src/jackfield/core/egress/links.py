"""Links to files in messages, checked when a message or campaign is saved. Looks nothing up: a message must not wait for
a name server, and each dial is checked by the address itself."""

from __future__ import annotations

from functools import lru_cache

from yarl import URL

from ..ground.addresses import AllowList
from ..port.content import Content, linked_files
from .addresses import MAX_URL, _host_problem, _refuse, port_of


def check_links(content: Content, allow: AllowList) -> None:
    """Raises Invalid about `url` where a file of the message is linked at an address inside.

    Nothing else of a link is judged: which links a network takes is its own affair.
    """
    for url in linked_files(content):
        # The cache is for campaigns, whose messages share their links; it is not to hold whatever somebody sends.
        problem = (_problem if len(url) <= MAX_URL else _problem.__wrapped__)(url, allow)
        if problem is not None:
            raise _refuse(problem, "url")


@lru_cache(maxsize=1024)
def _problem(url: str, allow: AllowList) -> str | None:
    try:
        parsed = URL(url.strip())
        host, port = parsed.raw_host, port_of(parsed)
    except ValueError:
        return None
    return _host_problem(host, port, allow) if host else None
