"""Business-scoped user ids: who a person is to the business, beside the phone number.

"CC." and digits, where CC is the country of the number (Meta's page on business-scoped user ids, 2026-05). The id is
a function of the number, so every process agrees on it; the way back is remembered.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

_phones: dict[str, str] = {}


@lru_cache(maxsize=1000)
def _region(prefix: str) -> str:
    for digits in (1, 2, 3):
        regions = COUNTRY_CODE_TO_REGION_CODE.get(int(prefix[:digits] or 0))
        if regions and regions[0] != "001":
            return str(regions[0])
    return "ZZ"


def user_id(phone: str) -> str:
    """The business-scoped user id of a phone number; an id stays as it is."""
    if not phone.isdigit():
        return phone
    number = int.from_bytes(blake2b(phone.encode(), digest_size=7).digest())
    made = f"{_region(phone[:3])}.{number:017d}"
    if made not in _phones:
        _phones[made] = phone
    return made


def phone_of(bsuid: str) -> str | None:
    """The phone number behind an id that the network has shown; None when it has shown none."""
    return _phones.get(bsuid)
