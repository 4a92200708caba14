"""Backups: the whole installation in one encrypted file, and back; what a restored copy holds until a person lets it go."""

from .archive import Manifest
from .hold import HeldCampaign, HeldMessage, Holding, Holds
from .make import make_backup
from .restore import check_place, read_manifest, restore_backup, settle_file
from .sealed import BackupError

__all__ = [
    "BackupError",
    "HeldCampaign",
    "HeldMessage",
    "Holding",
    "Holds",
    "Manifest",
    "check_place",
    "make_backup",
    "read_manifest",
    "restore_backup",
    "settle_file",
]
