"""A WhatsApp server on loopback, for tests: enough of WhatsApp Web's side to drive the real neonize offline.

A device reaches it through the channel's `proxy` setting. It answers the CONNECT request, speaks TLS under a
certificate of its own, a websocket, the Noise handshake and WhatsApp's binary XML, and then plays the phone that
scans, the network that looks numbers up and takes messages, and the failures that the real one sends.

The real client trusts only WhatsApp's own root key, so tests run a temporary copy of neonize in which that key is
replaced by the server's (see `library`). Nothing here reaches the internet.
"""

from .connection import Connection
from .library import patched
from .server import WhatsAppServer
from .xml import Jid, Node

__all__ = ["Connection", "Jid", "Node", "WhatsAppServer", "patched"]
