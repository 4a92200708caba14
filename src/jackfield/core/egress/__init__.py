"""Requests to addresses that customers choose: webhooks, media links, engines' addresses.

Whoever may name a URL could otherwise make this server speak to its own network (SSRF). So a URL is checked when it
is saved (`check_url`) and again, by the address itself, at every dial (`Guard`): it connects only to
addresses that its own resolver returned and judged, and looks once more at each socket it opens. A name that
resolves to a public address for the check and to a private one for the request (DNS rebinding) gains nothing. No
proxy of the environment is used, and each hop of a redirect passes the same guard. What is not public may be called
where the operator lists it (`AllowList`, from JACKFIELD_EGRESS_ALLOW), and nowhere else.
"""

from ..ground.addresses import LOOPBACK, AllowList, forbidden
from .addresses import NOTHING, Blocked, GuardedResolver, Resolver, check_url, parse_url, pin_url
from .client import EgressError, Fetched, SafeClient, TooLarge
from .connector import GuardedConnector, blocked
from .post import Answer, Poster, PostError, header_lines

__all__ = [
    "LOOPBACK",
    "NOTHING",
    "AllowList",
    "Answer",
    "Blocked",
    "EgressError",
    "Fetched",
    "GuardedConnector",
    "GuardedResolver",
    "PostError",
    "Poster",
    "Resolver",
    "SafeClient",
    "TooLarge",
    "blocked",
    "check_url",
    "forbidden",
    "header_lines",
    "parse_url",
    "pin_url",
]
