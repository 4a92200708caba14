"""Texts cut into passages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jackfield.core.ai.passages import MAX_LENGTH, Passage, cut, plain


def test_headings_give_titles_and_begin_passages() -> None:
    text = "Welcome.\n\n# Shop\n\n## Hours\nWe open at nine.\n\nOn Sundays never.\n\n## Prices\n- Mug: 5\n# Contact\nWrite."
    assert cut(plain(text, "markdown")) == [
        Passage("", "Welcome."),
        Passage("Shop › Hours", "We open at nine.\nOn Sundays never."),
        Passage("Shop › Prices", "- Mug: 5"),
        Passage("Contact", "Write."),
    ]
    assert cut("# not a heading here", headings=False) == [Passage("", "# not a heading here")]


def test_html_loses_tags_scripts_and_menus_of_choice() -> None:
    page = (
        "<html><head><title>T</title><style>x</style></head><body><h1>Shop</h1><p>We&nbsp;ship <b>daily</b>.</p>"
        "<script>alert('1')</script><ul><li>One</li><li>Two</li></ul>"
        "<table><tr><th>Item</th><th>Price</th></tr><tr><td>Mug</td><td>5</td></tr></table></body></html>"
    )
    assert cut(plain(page, "html")) == [
        Passage("Shop", "We ship daily.\n- One\n- Two\nItem | Price\nMug | 5"),
    ]


def test_rows_of_a_table_say_what_they_hold() -> None:
    assert plain("\ufeffItem;Price;\nBlue mug;5;new\n\nCup;;", "csv") == "Item: Blue mug; Price: 5; new\n\nItem: Cup"
    assert plain("", "csv") == ""
    assert plain("Item,Price", "csv") == "Item; Price"


def test_long_paragraphs_break_at_sentences_and_long_sentences_at_blanks() -> None:
    found = cut("This is a sentence. " * 200)
    assert len(found) > 3
    assert all(one.text.endswith(".") for one in found)
    assert " ".join(one.text for one in found).count("sentence") == 200
    assert max(len(one.text) for one in cut("word " * 2000)) <= MAX_LENGTH


@pytest.mark.parametrize("format", ["text", "markdown", "html", "csv"])
@given(st.text(max_size=3000))
def test_whatever_comes_is_bounded_and_not_lost(format: str, text: str) -> None:
    try:
        kept = plain(text, format)
    except ValueError:
        assert format == "csv"
        return
    found = cut(kept, headings=False)
    assert all(0 < len(one.text) <= MAX_LENGTH + 200 for one in found)
    assert "".join("".join(one.text for one in found).split()) == "".join(kept.split())
