"""HTML that can do no harm: texts of people are only ever text in it, and Markdown has no tags of its own, no pictures,
and only links that lead out. One element with such HTML costs a page a tenth of what one for every text does."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from html import escape

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict


class Html(str):
    """A text that is HTML already; nothing makes one but the functions here."""

    __slots__ = ()


def div(look: str, *inside: str, title: str = "") -> Html:
    """An element with this class; what is in it is escaped unless it is `Html`."""
    shown = "".join(one if isinstance(one, Html) else escape(one) for one in inside)
    hint = f' title="{escape(title)}"' if title else ""
    return Html(f'<div class="{escape(look)}"{hint}>{shown}</div>')


def as_html(text: str) -> Html:
    """HTML of a Markdown text; what looks like HTML in it is text, and a link that is none stays as it was written."""
    return Html(_markdown().render(text))


@cache
def _markdown() -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": False, "breaks": True}).disable("image")
    made.add_render_rule("link_open", _outwards)
    return made


def _outwards(self: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, _: EnvType) -> str:
    tokens[at].attrs.update(target="_blank", rel="noopener noreferrer nofollow")
    return self.renderToken(tokens, at, options, _)
