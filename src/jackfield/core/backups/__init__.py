"""Backups: the whole installation in one encrypted file, and back; what a restored copy holds until a person lets it go."""

from .archive import Manifest
from .hold import HeldCampaign, HeldMessage, Holding, Holds
from .make import make_backup
from .move import MovedTable, move_database
from .restore import check_place, read_manifest, restore_backup, settle_file
from .sealed import BackupError

__all__ = [
    "BackupError",
    "HeldCampaign",
    "HeldMessage",
    "Holding",
    "Holds",
    "Manifest",
    "MovedTable",
    "check_place",
    "make_backup",
    "move_database",
    "read_manifest",
    "restore_backup",
    "settle_file",
]
