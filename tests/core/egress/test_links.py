"""Links to files in messages: refused at an address inside when they are saved, wherever in the message they stand."""

from __future__ import annotations

import pytest

from jackfield.core import Invalid
from jackfield.core.egress.links import check_links
from jackfield.core.ground.addresses import AllowList
from jackfield.core.port import content as c

INSIDE = "http://127.0.0.1:9000/a.png"
NOTHING = AllowList()


@pytest.mark.parametrize(
    "content",
    [
        c.Image(url=INSIDE),
        c.Document(url="http://169.254.169.254/latest/meta-data"),
        c.Video(url="HTTP://[::ffff:10.0.0.1]/a.mp4"),
        c.Audio(url="https://localhost/a.ogg"),
        c.Sticker(url="http://2130706433/a.webp"),
        c.Image(url=" http://printer.lan/a.png"),
        c.Image(url="http://10.0.0.1/" + "a" * 5000),
        c.Album(items=[c.Image(url="https://example.com/a.png"), c.Image(url=INSIDE)]),
        c.Template(name="t", language="en", header=c.HeaderParam(media=c.Image(url=INSIDE))),
    ],
)
def test_a_file_at_an_address_inside_is_refused(content: c.Content) -> None:
    with pytest.raises(Invalid) as refused:
        check_links(content, NOTHING)
    assert set(refused.value.details) == {"url"}


@pytest.mark.parametrize(
    "content",
    [
        c.Text(text=INSIDE),
        c.Image(url="https://example.com/a.png"),
        c.Image(url="media:7"),
        c.Image(media_id="123"),
        c.Image(url="https://[broken"),
        c.Location(latitude=1, longitude=2, url=INSIDE),
        c.CtaUrl(body="See", title="Open", url=INSIDE),
    ],
)
def test_everything_else_is_left_to_the_network(content: c.Content) -> None:
    check_links(content, NOTHING)


def test_what_the_operator_lists_may_be_linked() -> None:
    check_links(c.Image(url=INSIDE), AllowList.parse("127.0.0.1:9000"))
    with pytest.raises(Invalid):
        check_links(c.Image(url=INSIDE), AllowList.parse("127.0.0.1:9001"))
