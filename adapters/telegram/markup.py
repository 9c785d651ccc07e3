"""Markdown as Telegram shows it: the HTML that its Bot API takes, and plain text for when it does not take that.

Telegram knows a dozen tags but no headings, lists, tables or images, so these are written with signs. It refuses a
message for one wrong tag; and it leaves out, without a word, a link that it does not like and what is formatted beyond
the hundredth time, so such links show their targets. What was read off TDLib, which the Bot API runs on, is marked so.
"""

from __future__ import annotations

import contextlib
import html
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_block.table import table
from markdown_it.token import Token

LONGEST = 4096
"""What Telegram takes in one message, in UTF-16 code units after the tags were taken out."""

_MOST_TAGS = 80
"""Tags after which links show their targets: Telegram drops what exceeds 100, and counts the ones it adds itself."""
_DEEPEST = 20
"""Quotes and lists in each other."""
_MOST_CELLS = 4000
"""The parser fills rows up to the width of their table: a small text may ask for 65,000 cells, and takes a second."""
_WIDEST_COLUMN = 24
"""Cells are padded up to this width, so that one long cell does not blow up a table."""

_CONTROLS = dict.fromkeys({*range(32), *range(0x7F, 0xA0)} - {ord("\t"), ord("\n")}, " ") | {0x2028: "\n", 0x2029: "\n"}
"""Telegram makes spaces of control characters itself, but takes Unicode's own line ends out altogether (TDLib)."""

_CLICKABLE = re.compile(
    r"https?://[\w-]+(\.[\w-]+)+\.?(:([1-5]\d{4}|[1-9]\d{0,3}))?([/?#]\S*)?|tg:(//)?[\w-]+([/?#]\S*)?", re.IGNORECASE
)
"""Targets that Telegram makes links of: no host without a dot, and no mailto:, which it takes for a user name (TDLib).

An address with a user name may look like another's, so it is shown as well.
"""
_MAIL = re.compile("mailto:", re.IGNORECASE)
_LANGUAGE = re.compile(r"[\w+#.-]{1,40}", re.ASCII)
_TAG = re.compile(r"<[^>]*>")
_TAG_NAMES = {"strong": "b", "em": "i", "s": "s"}


class _Markdown(MarkdownIt):
    """Leaves targets as they were written: they may be shown, and Telegram takes them in any script."""

    def normalizeLink(self, url: str) -> str:  # noqa: N802 - the parent's name
        return url

    def normalizeLinkText(self, link: str) -> str:  # noqa: N802 - the parent's name
        return link


def _small_table(state: StateBlock, first: int, end: int, silent: bool) -> bool:
    """The parser's rule for tables, but for small ones; others stay lines of text."""
    ruler = state.src[state.bMarks[first + 1] : state.eMarks[first + 1]] if first + 1 < end else ""
    return ruler.count("|") * (end - first) <= _MOST_CELLS and table(state, first, end, silent)


_MARKDOWN = _Markdown("commonmark", {"html": False, "maxNesting": _DEEPEST}).enable(["strikethrough", "table"])
# "&nbsp;" and "[1]: what I saw" are what somebody wrote; as Markdown they would vanish
_MARKDOWN.disable(["entity", "reference"])
_MARKDOWN.block.ruler.at("table", _small_table, {"alt": ["paragraph", "reference"]})


def to_html(text: str, taken: int = 0) -> str:
    """Markdown as Telegram's HTML: legal, whatever the text, and with every word of it.

    What is seen of it never has more UTF-16 units than `LONGEST` less those `taken` by something else or, if that is
    more, than the text; so a text of 3,800 always makes one message. Most of Markdown shrinks: marks go, and bullets
    take no more than before. Padded tables, indented or renumbered lists and rulers may grow; where they would break
    the bound, tables and lists lose their padding, and where that is not enough, the text is shown as it was written.
    So is a text of which nothing would be seen, like "```", and one that is nested deeper than anyone means.
    """
    return _rendered(text, taken, with_tags=True)


def to_plain(text: str, taken: int = 0) -> str:
    """What is seen of the HTML, without tags and with links as "text (target)". It keeps to the same bound."""
    return _rendered(text, taken, with_tags=False)


def units(text: str) -> int:
    """The length of a text in UTF-16 units, as Telegram counts."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _rendered(text: str, taken: int, *, with_tags: bool) -> str:
    text = _clean(text)
    for shown in _attempts(text, with_tags):
        seen = seen_text(shown) if with_tags else shown
        if seen.strip() and units(seen) <= max(LONGEST - taken, units(text)):
            return shown
    return html.escape(text, quote=False) if with_tags else text


def _attempts(text: str, with_tags: bool) -> Iterator[str]:
    """The text written in the ways there are, the best first; none if it is nested too deep."""
    with contextlib.suppress(RecursionError):  # images in images in images
        tokens = _MARKDOWN.parse(text)
        if any(token.level >= _DEEPEST - 1 for token in tokens):
            return  # the parser may have left out what is inside
        for roomy in (True, False):
            yield _Writer(text.split("\n"), with_tags, roomy).document(tokens)


def _clean(text: str) -> str:
    """The text without what can't be sent or shown: lone surrogates, control characters, and blanks at its end."""
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return whole.replace("\r\n", "\n").replace("\r", "\n").translate(_CONTROLS).rstrip()


def seen_units(shown: str) -> int:
    """How long what is seen of HTML written here is, as Telegram counts."""
    return units(seen_text(shown))


def seen_text(shown: str) -> str:
    """What is seen of HTML written here, where `<` stands for nothing but tags."""
    return html.unescape(_TAG.sub("", shown))


@dataclass(slots=True)
class _Writer:
    """Writes one text of some lines, with tags or without; if not `roomy`, then without any padding."""

    lines: list[str]
    with_tags: bool
    roomy: bool
    tags: int = 0
    is_quoting: bool = False

    def document(self, tokens: list[Token]) -> str:
        """The whole text."""
        blocks, _ = self._blocks(iter(tokens), 0)
        return "\n\n".join(blocks).rstrip()

    def _escaped(self, text: str) -> str:
        return html.escape(text, quote=False) if self.with_tags else text

    def _tagged(self, tag: str, inner: str, **attributes: str) -> str:
        """What is escaped already, in a tag."""
        if not self.with_tags or not inner.strip():
            return inner
        self.tags += 1
        named = "".join(f' {name}="{html.escape(value)}"' for name, value in attributes.items())
        return f"<{tag}{named}>{inner}</{tag}>"

    # Blocks

    def _blocks(self, tokens: Iterator[Token], depth: int) -> tuple[list[str], bool]:
        """The blocks up to the end of what they are in, and whether blank lines part them. `depth` counts lists."""
        blocks: list[str] = []
        is_loose = False
        for token in tokens:
            match token.type:
                case _ if token.nesting < 0:
                    break
                case "paragraph_open":
                    blocks.append(self._inline(_line(tokens)))
                    is_loose = is_loose or not token.hidden
                case "heading_open":
                    blocks.append(self._tagged("b", self._inline(_line(tokens), is_bold=True)))
                case "bullet_list_open" | "ordered_list_open":
                    blocks.append(self._list(token, tokens, depth))
                case "blockquote_open":
                    blocks.append(self._quote(tokens))
                case "table_open":
                    blocks.append(self._table(token, tokens))
                case "fence" | "code_block":
                    blocks.append(self._code(token))
                case "hr":
                    blocks.append("———")
        return [block for block in blocks if block.strip()], is_loose

    def _list(self, opened: Token, tokens: Iterator[Token], depth: int) -> str:
        """A list, each item with its sign. Only signs are indented: Telegram wraps long lines, and to the edge."""
        number = int(opened.attrs.get("start", 1))
        indent = "  " * depth if self.roomy else ""
        items: list[str] = []
        gap = "\n"
        for token in tokens:
            if token.nesting < 0:
                break
            blocks, is_loose = self._blocks(tokens, depth + 1)
            sign = "•" if opened.type == "bullet_list_open" else f"{number + len(items)}{token.markup}"
            body = ("\n\n" if is_loose else "\n").join(blocks).lstrip(" ")  # a list may begin in the line of another
            items.append(f"{indent}{sign} {body}".rstrip())
            gap = "\n\n" if is_loose else gap
        return gap.join(items)

    def _quote(self, tokens: Iterator[Token]) -> str:
        """A quote; one in another has no tag of its own, as Telegram allows none."""
        outer, self.is_quoting = self.is_quoting, True
        blocks, _ = self._blocks(tokens, 0)
        self.is_quoting = outer
        inner = "\n\n".join(blocks)
        return inner if outer else self._tagged("blockquote", inner)

    def _code(self, token: Token) -> str:
        """Code. Telegram shows its language; anything else beside the fence becomes its first line."""
        info, content = token.info.strip(), token.content.rstrip("\n")
        if not info or (content.strip() and _LANGUAGE.fullmatch(info)):
            code = self._escaped(content)
            return self._tagged("pre", self._tagged("code", code, **{"class": f"language-{info}"}) if info else code)
        return self._tagged("pre", self._escaped(f"{info}\n{content}".rstrip("\n")))

    def _table(self, opened: Token, tokens: Iterator[Token]) -> str:
        """A table in letters of one width."""
        rows: list[_Row] = []
        aligns: list[str] = []
        for token in tokens:
            match token.type:
                case "table_close":
                    break
                case "tr_open":
                    rows.append(_Row(self.lines[token.map[0]] if token.map else ""))
                case "th_open":
                    aligns.append(str(token.attrs.get("style", "")).rpartition(":")[2])
                case "inline":
                    rows[-1].source += token.content
                    rows[-1].cells.append(_plain(token.children))
        if not all(row.is_whole() for row in rows[1:]):  # the header can't have too many cells
            first, last = opened.map or (0, 0)
            return self._tagged("pre", self._escaped("\n".join(self.lines[first:last])))
        cells = [row.cells for row in rows if any(row.cells)]
        lines = _aligned(cells, aligns) if self.roomy else _tight(cells)
        if self.roomy and rows and not any(rows[0].cells):
            del lines[1:2]  # no header, no ruler
        return self._tagged("pre", self._escaped("\n".join(lines)))

    # What is inside of a line

    def _inline(self, tokens: list[Token], *, is_bold: bool = False) -> str:
        """The text of a paragraph, a heading or a cell."""
        out: list[str] = []
        opened = Counter({"strong": int(is_bold)})
        links: list[tuple[Token, int]] = []  # one, or two where a bare address is the text of a link
        for token in tokens:
            match token.type:
                case "softbreak" | "hardbreak":
                    out.append("\n")
                case "code_inline":  # Telegram would drop either the link or the code in it
                    code = self._escaped(token.content)
                    out.append(code if links else self._tagged("code", code))
                case "link_open":
                    links.append((token, len(out)))
                case "link_close":
                    link, start = links.pop()
                    out[start:] = [self._link(link, "".join(out[start:]), is_inside=bool(links))]
                case "image":
                    out.append(self._link(token, self._escaped(_plain(token.children)), is_inside=bool(links)))
                case _ if token.nesting:
                    out.append(self._mark(token, opened))
                case _:
                    out.append(self._escaped(token.content))
        return "".join(out)

    def _mark(self, token: Token, opened: Counter[str]) -> str:
        """The begin or the end of bold and the like. What is bold already gets no second tag, however often marked."""
        kind = token.type.rpartition("_")[0]
        opened[kind] += token.nesting
        if not self.with_tags or opened[kind] != (token.nesting > 0):
            return ""
        self.tags += token.nesting > 0
        return f"<{'/' if token.nesting < 0 else ''}{_TAG_NAMES[kind]}>"

    def _link(self, token: Token, inner: str, *, is_inside: bool = False) -> str:
        """A link or an image, whose text is written already. `is_inside`: of another link, so that it can't be one."""
        whole = str(token.attrs.get("href") or token.attrs.get("src") or "").translate(_CONTROLS)
        title = str(token.attrs.get("title") or "").translate(_CONTROLS)
        target = _MAIL.sub("", whole, count=1) if _MAIL.match(whole) else whole
        seen = (seen_text(inner) if self.with_tags else inner).strip()
        is_clickable = _CLICKABLE.fullmatch(whole) is not None
        if token.info == "auto" and not is_clickable and target == whole:
            return self._escaped(f"<{seen}>")  # <this:one> too only looks like an address
        if not seen:
            inner, seen = self._escaped(target), target
        beside = [title] if title else []
        if is_clickable and self.with_tags and not is_inside and self.tags < _MOST_TAGS:
            inner = self._tagged("a", inner, href=whole)
        elif target and target != seen:
            beside.insert(0, target)
        return inner + self._escaped(f" ({', '.join(beside)})") if beside else inner


def _line(tokens: Iterator[Token]) -> list[Token]:
    """What is in the paragraph or heading that has just begun; its end is taken too."""
    line = next(tokens).children or []
    next(tokens)
    return line


def _plain(tokens: list[Token] | None) -> str:
    """What is seen of a line, where no tags are allowed."""
    return _Writer([], with_tags=False, roomy=True)._inline(tokens or [])


# Tables


@dataclass(slots=True)
class _Row:
    """A row: the line it stands in, the Markdown of the cells that the parser found there, and what they show."""

    line: str
    source: str = ""
    cells: list[str] = field(default_factory=list)

    def is_whole(self) -> bool:
        """Whether the cells are all there is in the line: the parser drops those that have no column."""
        return _squeezed(self.line) == _squeezed(self.source)


def _squeezed(line: str) -> str:
    """A row without what stands around its cells, which may be the marks of a quote too."""
    return re.sub(r"[\s|\\>]", "", line)


def _aligned(rows: list[list[str]], aligns: list[str]) -> list[str]:
    """The lines of a table with padded columns, and a ruler below its header."""
    widths = [min(_WIDEST_COLUMN, max(map(_width, column))) for column in zip(*rows, strict=True)]
    lines = [" | ".join(map(_padded, row, widths, aligns)).rstrip() for row in rows]
    return [*lines[:1], "-+-".join("-" * width for width in widths), *lines[1:]]


def _tight(rows: list[list[str]]) -> list[str]:
    """The same with no padding, and no cells where a row has ended."""
    return ["|".join(row[: 1 + max(place for place, cell in enumerate(row) if cell)]) for row in rows]


def _padded(cell: str, width: int, align: str) -> str:
    room = max(0, width - _width(cell))
    before = {"right": room, "center": room // 2}.get(align, 0)
    return " " * before + cell + " " * (room - before)


def _width(text: str) -> int:
    """How many letters of one width a text takes: Chinese and emoji two each, accents none."""
    return sum(
        0 if unicodedata.combining(character) else 1 + (unicodedata.east_asian_width(character) in {"W", "F"})
        for character in text
    )
