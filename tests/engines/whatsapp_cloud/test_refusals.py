"""What breaks one of Meta's limits is refused before it is sent, and the text says what."""

from __future__ import annotations

from typing import Any

import pytest

from jackfield.core.ground.errors import Rejected
from jackfield.core.port import Outgoing
from jackfield.core.port import content as c
from jackfield.engines.whatsapp_cloud.convert import payload


def outgoing(content: c.Content, **fields: Any) -> Outgoing:
    return Outgoing(**{"id": 1, "ref": "r1", "to": "6281234567890", "content": content, **fields})


REFUSED: list[tuple[c.Content, str, str]] = [
    (c.Text(text=""), "131008", "text.body"),
    (c.Text(text="x" * 4097), "131009", "text.body"),
    (c.Image(), "131008", "image.url"),
    (c.Image(url="ftp://example.com/a"), "131009", "image.url"),
    (c.Image(url="media:8"), "MEDIA_NOT_FOUND", "media:8"),
    (c.Image(media_id="1", caption="x" * 1025), "131009", "image.caption"),
    (c.Location(latitude=91, longitude=0), "131009", "location"),
    (c.Contacts(contacts=[]), "131008", "contacts"),
    (c.Reaction(target="", emoji="x"), "131008", "reaction.message_id"),
    (c.Buttons(body="", buttons=[c.ReplyButton(id="1", title="a")]), "131008", "body.text"),
    (c.Buttons(body="b", buttons=[]), "131008", "action.buttons"),
    (c.Buttons(body="b", buttons=[c.ReplyButton(id=str(n), title=str(n)) for n in range(4)]), "131009", "at most 3"),
    (c.Buttons(body="b", buttons=[c.ReplyButton(id="1", title="x" * 21)]), "131009", "buttons[0].title"),
    (
        c.Buttons(body="b", buttons=[c.ReplyButton(id="1", title="a"), c.ReplyButton(id="1", title="b")]),
        "131009",
        "twice",
    ),
    (c.ListMenu(body="b", button="o", sections=[]), "131008", "sections"),
    (
        c.ListMenu(
            body="b",
            button="o",
            sections=[c.Section(title="s", rows=[c.Row(id=str(n), title="t") for n in range(11)])],
        ),
        "131009",
        "rows",
    ),
    (
        c.ListMenu(body="b", button="o", sections=[c.Section(title="s", rows=[c.Row(id="1", title="x" * 25)])]),
        "131009",
        "rows[0].title",
    ),
    (c.CtaUrl(body="b", title="t", url="example.com"), "131009", "parameters.url"),
    (c.Product(catalog_id="", product_id="a"), "131008", "catalog_id"),
    (c.ProductList(body="b", catalog_id="1", sections=[]), "131008", "sections"),
    (
        c.ProductList(body="b", catalog_id="1", sections=[c.ProductSection(title="s", product_ids=["a"])]),
        "131008",
        "header",
    ),
    (c.CatalogMessage(body="b", header=c.InteractiveHeader(text="x")), "131009", "header"),
    (c.FlowMessage(body="b", flow_id="1", button="go", mode="beta"), "131009", "mode"),
    (c.FlowMessage(body="b", flow_id="1", button="go", action="jump"), "131009", "flow_action"),
    (c.FlowMessage(body="b", flow_id="1", button="go", action="data_exchange", screen="S"), "131009", "endpoint"),
    (c.Template(name="", language="en"), "131008", "template.name"),
    (c.Template(name="x", language="en", body=[c.Param(text="a"), c.Param(text=" ")]), "131008", "parameter 2"),
    (
        c.Template(name="x", language="en", buttons=[c.ButtonParam(index=1, kind="copy_code", text="x" * 16)]),
        "131009",
        "buttons[1] code",
    ),
    (c.Template(name="x", language="en", buttons=[c.ButtonParam(index=0, kind="phone")]), "131009", "phone"),
]


@pytest.mark.parametrize(("content", "code", "words"), REFUSED, ids=[f"{row[1]}-{row[2]}" for row in REFUSED])
def test_what_breaks_a_limit_is_refused_before_it_is_sent(content: c.Content, code: str, words: str) -> None:
    with pytest.raises(Rejected) as refused:
        payload(outgoing(content))
    assert refused.value.code == code
    assert words in refused.value.message
