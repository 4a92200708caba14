"""Requests to addresses that customers choose: webhooks and media links.

Whoever may name a URL could otherwise make this server speak to its own network (SSRF). So a URL is checked when it
is saved (`check_url`) and again, by the address itself, at every dial: the connector connects only to addresses that
its own resolver returned and judged, and looks once more at each socket it opens. A name that resolves to a
public address for the check and to a private one for the request (DNS rebinding) gains nothing. No proxy of the
environment is used, no redirect is followed unless asked for, and then each hop passes the same gate.
"""

from .addresses import Blocked, GuardedResolver, Resolver, check_url, forbidden, parse_url
from .client import Answer, EgressError, Fetched, SafeClient, TooLarge

__all__ = [
    "Answer",
    "Blocked",
    "EgressError",
    "Fetched",
    "GuardedResolver",
    "Resolver",
    "SafeClient",
    "TooLarge",
    "check_url",
    "forbidden",
    "parse_url",
]
