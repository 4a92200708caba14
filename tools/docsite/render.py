"""One page: from Markdown to HTML, with an anchor at every heading, links as the site has them, and texts for the search."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from html import escape
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

Link = Callable[[str], "str | None"]
"""Takes an address as the Markdown has it, gives it as the site has it; None where the site has no such page."""


@dataclass
class Heading:
    """A heading of a page, and the text under it up to the next."""

    level: int
    title: str
    anchor: str
    text: list[str] = field(default_factory=list)


@dataclass
class Rendered:
    """A page."""

    title: str
    html: str
    headings: list[Heading]
    """From the title on, in their order."""


def anchor_of(title: str, taken: dict[str, int]) -> str:
    """The anchor of a heading, as GitHub makes it: `taken` counts those of the page."""
    slug = re.sub(r"[^\w\- ]", "", title.strip().lower()).replace(" ", "-")
    number = taken.get(slug)
    taken[slug] = 0 if number is None else number + 1
    return slug if number is None else f"{slug}-{number + 1}"


def plain(tokens: Sequence[Token] | None) -> str:
    """The words of inline tokens."""
    found = []
    for token in tokens or ():
        if token.type in ("text", "code_inline"):
            found.append(token.content)
        elif token.type in ("softbreak", "hardbreak"):
            found.append(" ")
        elif token.type == "image":
            found.append(token.content)
    return "".join(found)


def coloured(code: str, language: str) -> str:
    """A code block with its words marked, or escaped only where the language is none."""
    lexer = lexer_of(language)
    return escape(code, quote=False) if lexer is None else str(highlight(code, lexer, FORMATTER))


@cache
def lexer_of(language: str) -> Lexer | None:
    """What reads a language; None for one that is none."""
    try:
        return get_lexer_by_name({"sh": "bash", "ts": "typescript"}.get(language, language), stripnl=False)
    except ClassNotFound:
        return None


FORMATTER = HtmlFormatter(nowrap=True)


class Renderer(RendererHTML):
    """Markdown-it's renderer, with code in colours and nothing that the site's policy forbids."""

    def fence(self, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
        """A code block. It can be scrolled, so it can be focused."""
        token = tokens[index]
        language = token.info.strip().split(" ")[0]
        return f'<div class="code"><pre tabindex="0"><code>{coloured(token.content, language)}</code></pre></div>\n'

    def code_block(self, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
        """An indented code block."""
        return self.fence(tokens, index, options, env)

    def html_block(self, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
        """Comments are for those who write; any other HTML is text, as in the sentences."""
        content = tokens[index].content
        return "" if content.lstrip().startswith("<!--") else f"<p>{escape(content)}</p>\n"

    def html_inline(self, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
        """As `html_block`."""
        content = tokens[index].content
        return "" if content.startswith("<!--") else escape(content)

    def table_open(self, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
        """A table, which scrolls by itself on a narrow screen."""
        return '<div class="table" tabindex="0"><table>\n'

    def table_close(self, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
        """Its end."""
        return "</table></div>\n"

    def heading_close(self, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
        """The link to a heading stands behind it."""
        anchor = tokens[index].meta.get("anchor", "")
        title = escape(tokens[index].meta.get("title", ""))
        return f'<a class="anchor" href="#{anchor}" aria-label="Link to “{title}”">#</a></{tokens[index].tag}>\n'


MARKDOWN = MarkdownIt("commonmark", {"html": True}, renderer_cls=Renderer).enable(["table", "strikethrough"])


def render(text: str, link: Link, *, code_is_searched: bool = True) -> Rendered:
    """A page of Markdown."""
    tokens = MARKDOWN.parse(text)
    taken: dict[str, int] = {}
    headings: list[Heading] = []
    for index, token in enumerate(tokens):
        if token.type == "heading_open":
            title = plain(tokens[index + 1].children)
            made = Heading(int(token.tag[1]), title, anchor_of(title, taken))
            headings.append(made)
            token.attrSet("id", made.anchor)
            tokens[index + 2].meta = {"anchor": made.anchor, "title": title}
        elif token.type == "inline":
            _relink(token.children or [], link)
            if headings and not (index and tokens[index - 1].type == "heading_open"):
                headings[-1].text.append(plain(token.children))
        elif token.type in ("fence", "code_block") and code_is_searched and headings:
            headings[-1].text.append(token.content)
        elif token.type in ("th_open", "td_open") and (style := token.attrs.pop("style", None)):
            # An attribute with a style is what the policy forbids.
            token.attrSet("class", str(style).rpartition(":")[2])
    title = headings[0].title if headings else ""
    return Rendered(title, MARKDOWN.renderer.render(tokens, MARKDOWN.options, {}), headings)


def _relink(tokens: list[Token], link: Link) -> None:
    """Point links and pictures at the site's files. What is in the repository alone becomes text that says so."""
    unlinked: list[bool] = []
    for token in tokens:
        if token.type == "link_open":
            wanted = str(token.attrGet("href") or "")
            found = link(wanted)
            unlinked.append(found is None)
            if found is None:
                token.tag = "span"
                token.attrs = {"class": "repository", "title": f"In the repository: {wanted.lstrip('./')}"}
            else:
                token.attrSet("href", found)
                if "://" in found:
                    token.attrSet("rel", "noopener noreferrer")
        elif token.type == "link_close" and unlinked.pop():
            token.tag = "span"
        elif token.type == "image":
            token.attrSet("src", link(str(token.attrGet("src") or "")) or "")
            token.attrSet("loading", "lazy")
