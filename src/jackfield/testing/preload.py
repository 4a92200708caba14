"""What a server has imported once it serves, for the process that servers of tests are forked from.

No thread may run here, and no library may be loaded that starts one (WhatsApp Web's is loaded by its first channel).
"""

from __future__ import annotations

import gc
from importlib import import_module

from jackfield.dialects import DIALECTS

MODULES = (
    "alembic.command",
    "jackfield.app",
    "jackfield.cli.serving",
    "jackfield.engines.simulator.engine",
    "jackfield.engines.simulator.server",
    "jackfield.engines.telegram_bot.api",
    "jackfield.migrations.first_schema",
    "uvicorn.lifespan.off",
    "uvloop",
    "websockets.server",
    "zxcvbn",
    *(f"{dialect.module}.app" for dialect in DIALECTS),
)

for name in MODULES:
    import_module(name)
# What is here stays, and is shared as long as no collection writes to it.
gc.collect()
gc.freeze()
