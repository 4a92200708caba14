"""Moving in: what another installation, or a vendor, shows through its documented API is brought into this Jackfield.

`source` is how such an API is asked, one file per dialect reads it and gives `records`, `mover` and `things`
write them through the native API, and `state` remembers how far it came.
"""

from .chatly import Chatly
from .chattu import Chattu
from .chatwoot import Chatwoot
from .evolution import Evolution
from .mover import Mover, Target
from .multiwa import MultiWA
from .pabbly import Pabbly
from .records import Batch, Person, Report
from .source import Login, Source, SourceError, Web
from .state import State, name_of
from .things import Invitation
from .waha import Waha

SOURCES: dict[str, type[Source]] = {
    one.dialect: one for one in (Chatly, Chattu, Pabbly, MultiWA, Waha, Evolution, Chatwoot)
}
"""What can be moved from, by name."""

__all__ = [
    "SOURCES", "Batch", "Invitation", "Login", "Mover", "Person", "Report", "Source", "SourceError", "State", "Target", "Web",
    "name_of",
]  # fmt: skip
