"""The words by which people and programs head the columns of a contact table, in eight languages.

All are written as `normalise` leaves them: lower case, no accents, no punctuation.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


@lru_cache(maxsize=4096)
def normalise(header: str) -> str:
    """`Téléphone`, `phone_number`, `phoneNumber`, `E-mail 1 - Value` as plain lower-case words."""
    # The one brand with a capital inside that heads columns.
    header = _CAMEL.sub(" ", header.replace("WhatsApp", "Whatsapp"))
    text = unicodedata.normalize("NFKD", header).casefold()
    kept = [char if char.isalnum() else " " for char in text if not unicodedata.combining(char)]
    return " ".join("".join(kept).split())


def _words(text: str) -> frozenset[str]:
    return frozenset(normalise(part) for part in text.split(",") if part.strip())


FULL_NAME = _words(
    "name, full name, display name, contact name, contact, customer name, customer, recipient name, client name,"
    "whatsapp name, profile name, lead name,"
    "vollständiger name, anzeigename, kontakt, kontaktname, kunde, kundenname, ansprechpartner,"
    "nom, nom complet, nom et prénom, nom du client, client, contact,"
    "nombre, nombre completo, nombre y apellidos, nombre del cliente, cliente, contacto,"
    "nome, nome completo, nome do cliente, contato, nome e cognome, nominativo, contatto,"
    "nama, nama lengkap, nama pelanggan, nama kontak, pelanggan,"
    "שם, שם מלא, שם הלקוח, לקוח, איש קשר"
)
# Alone, each means the whole name; beside a column for the other half it means one half.
HALF_NAME = _words("name, nom, nombre, nome, nama, שם")
FIRST_NAME = _words(
    "first name, firstname, first, given name, forename, fname, default address first name,"
    "vorname, rufname, prénom, prenom, nombre de pila, primer nombre, nombres,"
    "primeiro nome, nome próprio, nome di battesimo, nama depan, שם פרטי"
)
MIDDLE_NAME = _words(
    "middle name, additional name, zweiter vorname, deuxième prénom, segundo nombre, nome do meio, secondo nome,"
    "nama tengah, שם אמצעי"
)
LAST_NAME = _words(
    "last name, lastname, last, surname, family name, lname, nachname, familienname, zuname,"
    "nom de famille, apellido, apellidos, primer apellido, sobrenome, apelido, último nome, cognome,"
    "nama belakang, nama keluarga, שם משפחה"
)
NICKNAME = _words("nickname, file as, spitzname, surnom, apodo, soprannome, nama panggilan, כינוי")
ORGANISATION = _words(
    "organization name, organization 1 name, organisation, organization, company, company name,"
    "default address company, firma, unternehmen, société, entreprise, empresa, compañía, azienda, società,"
    "perusahaan, חברה"
)
EMAIL = _words(
    "email, e-mail, email address, e-mail address, mail, e-mail 1 - value, email 1 value, email 1, primary email,"
    "e-mail-adresse, emailadresse, mailadresse, courriel, adresse e-mail, adresse email, adresse électronique,"
    "correo, correo electrónico, dirección de correo, endereço de e-mail, indirizzo e-mail, indirizzo email,"
    'posta elettronica, surel, alamat email, אימייל, דוא"ל, דואר אלקטרוני, מייל'
)
TAGS = _words(
    "tags, tag, labels, label, groups, group, group membership, categories, category,"
    "etiketten, etikett, schlagworte, schlagwörter, gruppen, gruppe, kategorien, kategorie,"
    "étiquettes, étiquette, libellés, libellé, groupes, groupe, catégories, catégorie,"
    "etiquetas, etiqueta, grupos, grupo, categorías, categoría, marcadores, categorias, categoria,"
    "etichette, etichetta, gruppi, gruppo, categorie, kategori, grup, תגיות, תגית, תוויות, קבוצות, קבוצה"
)
OPT_IN = _words(
    "optin, opt in, opted in, opt-in status, opt in status, whatsapp opt in, whatsapp optin, wa opt in, sms opt in,"
    "subscribed, subscription status, consent, marketing consent, whatsapp consent, marketing opt in, allow marketing,"
    "accepts sms marketing, accepts whatsapp marketing, accepts marketing, sms marketing status,"
    "einwilligung, zustimmung, werbeeinwilligung, newsletter einwilligung, einverständnis, einwilligung whatsapp,"
    "consentement, abonné, accord, accepte le marketing, consentimiento, suscrito, acepta marketing, acepta publicidad,"
    "consentimento, inscrito, aceita marketing, consenso, iscritto, consenso marketing, accetta marketing,"
    "persetujuan, berlangganan, setuju, הסכמה, אישור דיוור, הסכמה לדיוור, מאשר דיוור"
)
OPT_OUT = _words(
    "optout, opt out, opted out, unsubscribed, do not contact, do not message, blocked, blacklist,"
    "abgemeldet, widerspruch, désabonné, dado de baja, descadastrado, disiscritto, berhenti berlangganan, הסרה, הוסר"
)

# A header with one of these words is a phone column ...
PHONE = _words(
    "phone, phones, mobile, cell, cellphone, tel, telephone, telephones, msisdn, whatsapp, wa, gsm, smartphone,"
    "telefon, telefonnummer, telefonnr, handy, handynummer, handynr, mobil, mobilnummer, mobiltelefon, mobilfunk,"
    "mobilfunknummer, mobilnr, rufnummer, festnetz, festnetznummer,"
    "téléphone, portable, telefono, teléfono, telefonos, móvil, movil, celular, celulares,"
    "telefone, telefones, telemóvel, fone, cellulare, cellulari, telefoni,"
    "telepon, telp, tlp, hp, handphone, ponsel, nohp, notelp, nowa, טלפון, נייד, פלאפון, סלולרי, ווטסאפ, וואטסאפ"
)
# ... or one that is exactly this ...
PHONE_EXACT = _words(
    "number, contact number, numbers, recipient, to, nummer, numéro, número, numero, nomor, nomer, מספר,"
    "phonenumber, mobilenumber, mobileno, phoneno, contactno, contact no, primary number, wa id, waid"
)
# ... unless one of these says that it is about a phone, or is no phone that takes messages.
NOT_PHONE = _words(
    "label, type, typ, tipo, fax, telefax, pager, ext, extension, country, code, prefix, id, name, nama, nom, status,"
    "carrier, model, os, app, verified, valid, opt, optin, consent, marketing, subscribed, count, calls, date, time,"
    "provider, timezone, land, vorwahl, durchwahl, isdn, telex, radio, tty, ttd, callback, owner, notes, url, link,"
    "einwilligung, zustimmung, group, groups, tags, email, mail, extensions"
)
# Which of several phones to write to first: the one that is surely a person's mobile.
WHATSAPP_WORDS = _words("whatsapp, wa, nowa, ווטסאפ, וואטסאפ")
MOBILE_WORDS = _words(
    "mobile, cell, cellphone, handy, handynummer, handynr, mobil, mobilnummer, mobiltelefon, mobilfunk,"
    "mobilfunknummer, mobilnr, portable, móvil, celular, telemóvel, cellulare, hp, nohp, handphone, ponsel,"
    "נייד, פלאפון, סלולרי, main, mobile phone, smartphone, gsm"
)
LESSER_PHONE_WORDS = _words(
    "work, business, home, other, company, office, car, assistant, assistants, default, shipping, billing, secondary,"
    "2, 3, 4, 5, geschäftlich, privat, zentrale, büro, festnetz, festnetznummer, bureau, domicile, travail, trabajo,"
    "casa, trabalho, lavoro, ufficio, kantor, rumah, בית, עבודה"
)

_YES = _words(
    "1, yes, y, true, on, ok, x, t, ja, j, wahr, oui, o, vrai, si, sí, s, sim, verdadero, verdadeiro, vero, ya, benar,"
    "setuju, כן, subscribed, opted in, optin, opt in, single opt in, double opt in, granted, given, accepted, agreed,"
    "consented, confirmed, erteilt, zugestimmt, eingewilligt, abonniert, angemeldet, accepté, accordé, abonné,"
    "aceptado, acepta, suscrito, aceito, inscrito, accettato, iscritto, berlangganan, מאושר, אישר"
)
_NO = _words(
    "0, no, n, false, off, f, nein, falsch, non, faux, não, nao, falso, tidak, salah, לא, unsubscribed, not subscribed,"
    "never subscribed, opted out, optout, opt out, denied, refused, declined, revoked, withdrawn, rejected, none,"
    "never, verweigert, widerrufen, abgelehnt, abgemeldet, refusé, désabonné, rechazado, dado de baja, recusado,"
    "rifiutato, disiscritto, not opted in, not set"
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
