"""Markdown of agents and of the bot as harmless HTML: no tags of theirs, no pictures, only links that lead out."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict


def as_html(text: str) -> str:
    """HTML of a Markdown text; what looks like HTML in it is text, and a link that is none stays as it was written."""
    return str(_markdown().render(text))


@cache
def _markdown() -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": False, "breaks": True}).disable("image")
    made.add_render_rule("link_open", _outwards)
    return made


def _outwards(self: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, _: EnvType) -> str:
    tokens[at].attrs.update(target="_blank", rel="noopener noreferrer nofollow")
    return self.renderToken(tokens, at, options, _)
