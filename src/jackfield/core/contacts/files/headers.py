"""Which words head which columns, compared as `normalise` leaves them: lower case, no accents, no punctuation."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from .. import header_words
from ..columns import COLUMNS, READ

_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


@lru_cache(maxsize=4096)
def normalise(header: str) -> str:
    """`Téléphone`, `phone_number`, `phoneNumber`, `E-mail 1 - Value` as plain lower-case words."""
    # The one brand with a capital inside that heads columns.
    header = _CAMEL.sub(" ", header.replace("WhatsApp", "Whatsapp"))
    text = unicodedata.normalize("NFKD", header).casefold()
    # Marks (category M) are accents, and the vowel signs of Hindi and Thai: both sides of a comparison lack them.
    kept = [char if char.isalnum() else " " for char in text if not unicodedata.category(char).startswith("M")]
    return " ".join("".join(kept).split())


def _words(text: str) -> frozenset[str]:
    return frozenset(normalise(part) for part in text.split(",") if part.strip())


@lru_cache(maxsize=64)
def of_column(name: str) -> frozenset[str]:
    """The headers under which files have a column of the table."""
    return _words(COLUMNS[name].words)


FULL_NAME = of_column("name")
# Alone, each means the whole name; beside a column for the other half it means one half.
HALF_NAME = _words("name, nom, nombre, nome, nama, שם")
FIRST_NAME = of_column("first_name")
MIDDLE_NAME = _words(
    "middle name, additional name, zweiter vorname, deuxième prénom, segundo nombre, nome do meio, secondo nome,"
    "nama tengah, שם אמצעי"
)
LAST_NAME = of_column("last_name")
NICKNAME = _words("nickname, file as, spitzname, surnom, apodo, soprannome, nama panggilan, כינוי")
ORGANISATION = _words(
    "organization name, organization 1 name, organisation, organization, company, company name,"
    "default address company, firma, unternehmen, société, entreprise, empresa, compañía, azienda, società,"
    "perusahaan, חברה"
)
EMAIL = of_column("email")
TAGS = _words(header_words.TAGS)
OPT_IN = of_column("optin")
OPT_OUT = _words(header_words.OPT_OUT)

# What an import adds to a file of refused rows; read past when the corrected file comes in again.
REFUSED_LINE, REFUSED_CODE, REFUSED_REASON = "import: line", "import: code", "import: reason"
IGNORED = _words(f"{REFUSED_LINE}, {REFUSED_CODE}, {REFUSED_REASON}")
SMS_WORDS = _words("sms, text")

# A header with one of these words is a phone column ...
PHONE = of_column("phone")
# ... or one that is exactly this ...
PHONE_EXACT = _words(
    "number, contact number, numbers, recipient, to, nummer, numéro, número, numero, nomor, nomer, מספר,"
    "phonenumber, mobilenumber, mobileno, phoneno, contactno, contact no, primary number, wa id, waid,"
    "numara, telefon numarası, cep telefonu, numer, numer telefonu, номер, номер телефона, номер телефону, الرقم, رقم,"
    "رقم الهاتف, رقم الجوال, رقم الموبايل, नंबर, फोन नंबर, मोबाइल नंबर, số, số điện thoại, điện thoại, số đt, di động"
)
# ... unless one of these says that it is about a phone, or is no phone that takes messages.
NOT_PHONE = _words(
    "label, type, typ, tipo, fax, telefax, pager, ext, extension, country, code, prefix, id, name, nama, nom, status,"
    "carrier, model, os, app, verified, valid, opt, optin, consent, marketing, subscribed, count, calls, date, time,"
    "provider, timezone, land, vorwahl, durchwahl, isdn, telex, radio, tty, ttd, callback, owner, notes, url, link,"
    "einwilligung, zustimmung, group, groups, tags, email, mail, extensions, opted, unsubscribed, subscriber,"
    "subscription, permission, allowed, blocked, agreed, согласие, موافقة, страна, код, código, codigo, código, país"
)
# Which of several phones to write to first: the one that is surely a person's mobile.
WHATSAPP_WORDS = _words(
    "whatsapp, wa, nowa, ווטסאפ, וואטסאפ, واتساب, الواتساب, ватсап, вотсап, вацап, व्हाट्सएप, व्हाट्सऐप"
)
MOBILE_WORDS = _words(
    "mobile, cell, cellphone, handy, handynummer, handynr, mobil, mobilnummer, mobiltelefon, mobilfunk,"
    "mobilfunknummer, mobilnr, portable, móvil, celular, telemóvel, cellulare, hp, nohp, handphone, ponsel,"
    "נייד, פלאפון, סלולרי, main, mobile phone, smartphone, gsm, mobiel, cep, komórka, мобильный, сотовый, мобільний,"
    "الجوال, جوال, الموبايل, موبايل, मोबाइल"
)
LESSER_PHONE_WORDS = _words(
    "work, business, home, other, company, office, car, assistant, assistants, default, shipping, billing, secondary,"
    "2, 3, 4, 5, geschäftlich, privat, zentrale, büro, festnetz, festnetznummer, bureau, domicile, travail, trabajo,"
    "casa, trabalho, lavoro, ufficio, kantor, rumah, בית, עבודה, alt, alternate, alternative, emergency, landline,"
    "second, switchboard, reception, рабочий, домашний, дополнительный"
)


@lru_cache(maxsize=1)
def _all_words() -> frozenset[str]:
    columns = [of_column(name) for name in READ]
    return frozenset().union(PHONE_EXACT, TAGS, ORGANISATION, NICKNAME, MIDDLE_NAME, OPT_OUT, *columns)


def is_known(header: str) -> bool:
    """Whether some column of a contact is headed so."""
    return normalise(header) in _all_words()


_YES = _words(
    "1, yes, y, true, on, ok, x, t, ja, j, wahr, oui, o, vrai, si, sí, s, sim, verdadero, verdadeiro, vero, ya, benar,"
    "setuju, כן, subscribed, opted in, optin, opt in, single opt in, double opt in, granted, given, accepted, agreed,"
    "consented, confirmed, erteilt, zugestimmt, eingewilligt, abonniert, angemeldet, accepté, accordé, abonné,"
    "aceptado, acepta, suscrito, aceito, inscrito, accettato, iscritto, berlangganan, מאושר, אישר, evet, tak, да, так,"
    "согласен, согласна, подписан, نعم, موافق, हाँ, हां, 是, 同意, 已订阅, はい, 예, 네, 동의, có, đồng ý, ใช่, ยินยอม, active,"
    "allowed, enabled, aangemeld"
)
_NO = _words(
    "0, no, n, false, off, f, nein, falsch, non, faux, não, nao, falso, tidak, salah, לא, unsubscribed, not subscribed,"
    "never subscribed, opted out, optout, opt out, denied, refused, declined, revoked, withdrawn, rejected, none,"
    "never, verweigert, widerrufen, abgelehnt, abgemeldet, refusé, désabonné, rechazado, dado de baja, recusado,"
    "rifiutato, disiscritto, not opted in, not set, nee, nie, hayır, нет, не согласен, отказ, отписан, ні, لا, नहीं, 否,"
    "不同意, 已退订, 退订, いいえ, 拒否, 아니오, 아니요, 거부, không, từ chối, ไม่, ไม่ใช่, ไม่ยินยอม, disallowed, disabled, blocked,"
    "afgemeld, suppressed, cleaned"
)
_YES_MARKS = frozenset("✓✔☑✅")
_NO_MARKS = frozenset("✗✘❌☒")


@lru_cache(maxsize=1024)
def truth(cell: str) -> bool | None:
    """Whether a cell says yes, no, or nothing that is understood; in any of the languages above."""
    text = cell.strip()
    if text[:1] in _YES_MARKS and text:
        return True
    if text[:1] in _NO_MARKS and text:
        return False
    if text[-2:] in (".0", ",0"):  # a number by way of a spreadsheet
        text = text[:-2]
    plain = normalise(text)
    if plain in _YES:
        return True
    return False if plain in _NO else None
