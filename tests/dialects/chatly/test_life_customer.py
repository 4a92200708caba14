"""The life of a customer of Chatly, written from Chatly's page before a look at our code: the account and the people.

Sending, campaigns, the inbox and webhooks are in `test_life_sending`, Telegram is in `test_life`.
"""

from __future__ import annotations

import httpx

from jackfield.testing.server import JackfieldServer

from ..document import Document
from .customer import PHONE, Shop, form, member, ok, refused, staff_of

EVERY_CALL = [
    *(("GET", path) for path in (
        "/profile", "/country/list", "/whatsapp-contact", "/whatsapp-contact-list", "/whatsapp-campaign", "/telegram-group",
        "/telegram-contact", "/telegram-campaign", "/chat-rooms", "/message/1", "/contact-messages/1", "/contacts-by-client",
        "/chat/clear/1", "/ticket", "/team", "/notes", "/tags", "/tags/contact-tags",
    )),
    *(("POST", path) for path in (
        "/whatsapp-contact-store", "/whatsapp-contact-list-store", "/whatsapp-contact-list-update/1", "/send-message",
        "/whatsapp/send-template", "/whatsapp-campaign-store", "/whatsapp-campaign-update/1", "/telegram-campaign-store",
        "/assign-staff", "/ticket-store", "/ticket-reply", "/team-store", "/team-update/1", "/notes", "/tags",
        "/tags/store/contact-tag",
    )),
    ("DELETE", "/chat/delete/1"),
]  # fmt: skip


def test_sign_in(office: Shop) -> None:
    plain, key = office.plain, {"apikey": office.key}
    login = {"email": office.email, "password": office.password}
    # Step 2: Login To Get JWT Token.
    token = ok(plain.post("/login", headers=key, files=form(**login)))["token"]
    assert isinstance(token, str)
    assert token.count(".") == 2
    bearer = {**key, "Authorization": f"Bearer {token}"}
    # First API Test: "If it returns user account data, authentication is working."
    profile = plain.get("/profile", headers=bearer)
    assert profile.json()["message"] == "data_retrieved_successfully"
    assert ok(profile)["email"] == office.email
    # The base with a language prefix.
    assert ok(plain.get(f"{office.site}/auth/en/api/profile", headers=bearer))["email"] == office.email
    assert ok(plain.post(f"{office.site}/auth/en/api/login", headers=key, files=form(**login)))["token"]
    # 401: Missing API key or Bearer token.
    refused(plain.post("/login", files=form(**login)), 401)
    refused(plain.get("/profile", headers={**key, "Authorization": "Bearer nonsense"}), 401)
    # 403: Invalid API key.
    refused(plain.post("/login", headers={"apikey": "wrong"}, files=form(**login)), 403)
    # 422: Validation failed.
    refused(plain.post("/login", headers=key), 422, "email", "password")
    refused(plain.post("/login", headers=key, files=form(email=office.email)), 422, "password")
    wrong = office.login(office.email, "not it")
    assert wrong.status_code in (401, 403, 422)
    assert wrong.json()["success"] is False


def test_every_call_wants_the_key_and_the_token(office: Shop) -> None:
    bearer = {"Authorization": office.api.headers["Authorization"]}
    for method, path in EVERY_CALL:
        ask = lambda headers, method=method, path=path: office.plain.request(method, path, headers=headers)  # noqa: E731
        refused(ask({}), 401)
        refused(ask(bearer), 401)
        refused(ask({"apikey": office.key}), 401)
        refused(ask({"apikey": "wrong", **bearer}), 403)


def test_countries(office: Shop) -> None:
    countries = office.list("/country/list")
    assert [one["name"] for one in countries if one["id"] == 101] == ["India"]
    assert len(countries) > 190


def test_contacts(office: Shop) -> None:
    assert office.list("/whatsapp-contact") == []
    ok(office.post("/whatsapp-contact-store", name="John Customer", phone=PHONE, country_id=101))
    listed = office.api.get("/whatsapp-contact")
    assert listed.json()["message"] == "data_retrieved_successfully"
    (john,) = office.list("/whatsapp-contact")
    assert isinstance(john["id"], int)
    assert (john["name"], john["phone"], str(john["country_id"])) == ("John Customer", PHONE, "101")
    # Required fields from this installation: phone, country_id. (Not name.)
    ok(office.post("/whatsapp-contact-store", phone="918888888888", country_id=101))
    refused(office.post("/whatsapp-contact-store"), 422, "phone", "country_id")
    refused(office.post("/whatsapp-contact-store", name="X", country_id=101), 422, "phone")
    refused(office.post("/whatsapp-contact-store", name="X", phone="917777777777"), 422, "country_id")
    # Phone must be numeric and at least 11 digits.
    refused(office.post("/whatsapp-contact-store", phone="9177777777", country_id=101), 422, "phone")
    refused(office.post("/whatsapp-contact-store", phone="91777777777x", country_id=101), 422, "phone")
    ok(office.post("/whatsapp-contact-store", phone="91777777777", country_id=101))
    assert len(office.list("/whatsapp-contact")) == 3


def test_contact_lists(office: Shop) -> None:
    assert office.list("/whatsapp-contact-list") == []
    for name in ("Hot Leads", "Paid Customers", "May Campaign"):
        ok(office.post("/whatsapp-contact-list-store", name=name))
    lists = {row["name"]: row["id"] for row in office.list("/whatsapp-contact-list")}
    assert set(lists) == {"Hot Leads", "Paid Customers", "May Campaign"}
    hot = lists["Hot Leads"]
    ok(office.post(f"/whatsapp-contact-list-update/{hot}", name="Warm Leads"))
    names = {row["id"]: row["name"] for row in office.list("/whatsapp-contact-list")}
    assert (names[hot], len(names)) == ("Warm Leads", 3)
    refused(office.post("/whatsapp-contact-list-store"), 422, "name")
    refused(office.post(f"/whatsapp-contact-list-update/{hot}"), 422, "name")
    gone = office.post("/whatsapp-contact-list-update/999999", name="No one")
    assert gone.status_code >= 400
    assert gone.json()["success"] is False


def test_notes_and_tags(office: Shop) -> None:
    john, mary = office.contact("918888800001"), office.contact("918888800002", "Mary")
    assert refused(office.post("/notes"), 422)
    ok(office.post("/notes", contact_id=john["id"], note="Wants the blue one"))
    assert ["Wants the blue one" in note.values() for note in office.list("/notes", contact_id=john["id"])] == [True]
    assert office.list("/notes", contact_id=mary["id"]) == []

    assert office.list("/tags") == []
    assert refused(office.post("/tags"), 422)
    for tag in ("Interested", "Follow Up", "VIP", "Issue Open"):
        ok(office.post("/tags", name=tag))
    tags = {tag["name"]: tag["id"] for tag in office.list("/tags")}
    assert set(tags) == {"Interested", "Follow Up", "VIP", "Issue Open"}
    ok(office.post("/tags/store/contact-tag", contact_id=john["id"], tag_id=tags["VIP"]))
    (on,) = office.list("/tags/contact-tags", contact_id=john["id"])
    assert "VIP" in on.values()
    assert office.list("/tags/contact-tags", contact_id=mary["id"]) == []


def test_team(office: Shop) -> None:
    fields = member(office)
    refused(office.post("/team-store"), 422, *fields)
    for missing in fields:
        less = {name: value for name, value in fields.items() if name != missing}
        refused(office.post("/team-store", **less), 422, missing)
    unlike = refused(office.post("/team-store", **{**fields, "password_confirmation": "another one entirely"}), 422)
    assert set(unlike) <= {"password", "password_confirmation"}
    before = len(office.list("/team"))
    asha = staff_of(office)
    assert (asha["first_name"], asha["last_name"]) == ("Asha", "Rao")
    assert fields["password"] not in str(asha)
    assert len(office.list("/team")) == before + 1
    refused(office.post("/team-store", **fields), 422, "email")
    refused(office.post(f"/team-update/{asha['id']}"), 422, "first_name", "last_name", "email")
    email = f"iyer-{office.email}"
    ok(office.post(f"/team-update/{asha['id']}", first_name="Asha", last_name="Iyer", email=email))
    (asha,) = [one for one in office.list("/team") if one["id"] == asha["id"]]
    assert (asha["last_name"], asha["email"]) == ("Iyer", email)
    # "Use user/client-staff email and password": staff log in, and see the same workspace.
    token = ok(office.login(email, fields["password"]))["token"]
    staff = office.client({"apikey": office.key, "Authorization": f"Bearer {token}"})
    assert ok(staff.get("/profile"))["email"] == email
    assert staff.get("/whatsapp-contact").text == office.api.get("/whatsapp-contact").text


def test_tickets(office: Shop) -> None:
    assert office.api.get("/ticket").status_code == 200
    assert ok(office.api.get("/ticket"))["tickets"] == []
    fields = {"department_id": department(office), "subject": "The printer is silent", "priority": "high"}
    refused(office.post("/ticket-store"), 422, *fields)
    for missing in fields:
        less = {name: value for name, value in fields.items() if name != missing}
        refused(office.post("/ticket-store", **less), 422, missing)
    ok(office.post("/ticket-store", **fields))
    (ticket,) = ok(office.api.get("/ticket"))["tickets"]
    assert (ticket["subject"], ticket["priority"]) == ("The printer is silent", "high")
    # Required: reply. (The page does not say how the ticket is named.)
    refused(office.post("/ticket-reply", ticket_id=ticket["id"]), 422, "reply")
    ok(office.post("/ticket-reply", ticket_id=ticket["id"], reply="It works again"))
    # With the one required field alone, where only one ticket can be meant.
    ok(office.post("/ticket-reply", reply="And again"))


def department(shop: Shop) -> int:
    """A department of the panel."""
    return int(shop.list("/department")[0]["id"])


def test_user_data_is_separated(office: Shop, chatly_server: JackfieldServer, chatly_document: Document) -> None:
    """The API is scoped by user API key and JWT user token."""
    other = Shop(chatly_server, chatly_document, number=False)
    john = office.contact("918888800003")
    assert other.list("/whatsapp-contact") == []
    for answer in (
        other.post("/send-message", receiver_id=john["id"], message="Hi"),
        other.api.get(f"/contact-messages/{john['id']}"),
        other.api.get(f"/chat/clear/{john['id']}"),
        other.post("/notes", contact_id=john["id"], note="Mine"),
    ):
        assert answer.status_code in (404, 422)
        assert answer.json()["success"] is False
    # One user's key with another user's token.
    mixed = {"apikey": office.key, "Authorization": other.api.headers["Authorization"]}
    answer: httpx.Response = office.plain.get("/whatsapp-contact", headers=mixed)
    assert answer.status_code in (401, 403)
    assert answer.json()["success"] is False


def test_no_whatsapp_connection(office: Shop) -> None:
    """500: check user module settings, WhatsApp connection."""
    john = office.contact("918888800004")
    refused(office.post("/send-message", receiver_id=john["id"], message="Hello"), 500)
