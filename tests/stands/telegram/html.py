"""Telegram's HTML, read as strictly as Telegram reads it, with its error texts and byte offsets."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .entities import units
from .errors import bad
from .people import Json

TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "tg-emoji": "custom_emoji",
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
}
_NAMED = {b"lt": "<", b"gt": ">", b"amp": "&", b"quot": '"'}
_SPACE = b" \t\r\n\0\v"
_REFERENCE = re.compile(rb"&(?:#x([0-9a-fA-F]{1,6})|#([0-9]{1,7})|([a-zA-Z]+));?")
_PLAIN = re.compile(rb"[^<&]+")
_TAG_NAME = re.compile(rb"[^ \t\r\n\0\v>]*")
_ATTRIBUTE = re.compile(rb"[^ \t\r\n\0\v=>/\"']*")
_TOKEN = re.compile(rb"[A-Za-z0-9.-]*")
_USER = re.compile(r"tg://user\?id=(\d+)")
"""A link that calls somebody."""
_LINK = re.compile(r"(?:https?://|tg://|mailto:|tel:)\S+$|[\w-]+(?:\.[\w-]+)+(?:[/?#:]\S*)?$", re.IGNORECASE)


@dataclass
class _Open:
    """A tag that waits for its end."""

    name: str
    argument: str
    offset: int


class _Reader:
    """Reads the bytes once, from left to right; a zero byte marks the end."""

    def __init__(self, source: str) -> None:
        self.raw = source.replace("\0", "").encode("utf-8", "surrogatepass")
        self.at = 0
        self.parts: list[str] = []
        self.length = 0
        self.open: list[_Open] = []
        self.found: list[Json] = []

    def here(self) -> bytes:
        return self.raw[self.at : self.at + 1] or b"\0"

    def fail(self, text: str) -> Exception:
        return bad(f"can't parse entities: {text}")

    def skip(self) -> None:
        while self.at < len(self.raw) and self.here() in _SPACE:
            self.at += 1

    def take(self, pattern: re.Pattern[bytes]) -> str:
        match = pattern.match(self.raw, self.at)
        assert match is not None
        self.at = match.end()
        return match.group().decode("utf-8", "replace")

    def put(self, text: str) -> None:
        self.parts.append(text)
        self.length += units(text)

    def reference(self) -> str:
        """The character behind & at this place; an unknown name is no error, the & then stands for itself."""
        match = _REFERENCE.match(self.raw, self.at)
        if match is None:
            return ""
        hexadecimal, decimal, name = match.groups()
        code = int(hexadecimal, 16) if hexadecimal else int(decimal) if decimal else 0
        char = _NAMED.get(name, "") if name else chr(code) if 0 < code < 0x10FFFF else ""
        if char:
            self.at = match.end()
        return char

    def read(self) -> None:
        while self.at < len(self.raw):
            plain = _PLAIN.match(self.raw, self.at)
            if plain:
                self.at = plain.end()
                self.put(plain.group().decode("utf-8", "surrogatepass"))
            elif self.here() == b"&":
                char = self.reference()
                if not char:
                    self.at += 1
                self.put(char or "&")
            elif self.raw[self.at + 1 : self.at + 2] == b"/":
                self.end()
            else:
                self.start()
        if self.open:
            raise self.fail(f'Can\'t find end tag corresponding to start tag "{self.open[-1].name}"')

    def start(self) -> None:
        begin = self.at
        self.at += 1
        name = self.take(_TAG_NAME).lower()
        if self.here() == b"\0":
            raise self.fail(f"Unclosed start tag at byte offset {begin}")
        if name not in TAGS:
            raise self.fail(f'Unsupported start tag "{name}" at byte offset {begin}')
        argument = ""
        while True:
            self.skip()
            if self.here() == b">":
                break
            attribute, value = self.attribute(name, begin)
            argument = _argument(name, attribute, value) or argument
        if name == "span" and argument != "spoiler":
            raise self.fail(f'Tag "span" must have class "tg-spoiler" at byte offset {begin}')
        self.at += 1
        self.open.append(_Open(name, argument, self.length))

    def attribute(self, tag: str, begin: int) -> tuple[str, str]:
        name = self.take(_ATTRIBUTE)
        if not name:
            if self.here() == b"\0":
                raise self.fail(f"Unclosed start tag at byte offset {begin}")
            raise self.fail(f'Empty attribute name in the tag "{tag}" at byte offset {begin}')
        self.skip()
        value = ""
        if self.here() == b"=":
            self.at += 1
            self.skip()
            value = self.quoted() if self.here() in b"\"'" else self.token()
        if self.here() == b"\0":
            raise self.fail(f"Unclosed start tag at byte offset {begin}")
        return name, value

    def quoted(self) -> str:
        mark, value = self.here(), bytearray()
        self.at += 1
        while self.at < len(self.raw) and self.here() != mark:
            char = self.reference() if self.here() == b"&" else ""
            if char:
                value += char.encode("utf-8", "surrogatepass")
            else:
                value += self.here()
                self.at += 1
        self.at += 1
        return value.decode("utf-8", "replace")

    def token(self) -> str:
        begin = self.at
        value = self.take(_TOKEN).lower()
        if self.here() not in _SPACE + b">":
            raise self.fail(f"Unexpected end of name token at byte offset {begin}")
        return value

    def end(self) -> None:
        begin = self.at
        if not self.open:
            raise self.fail(f"Unexpected end tag at byte offset {begin}")
        self.at += 2
        name = self.take(_TAG_NAME)
        self.skip()
        if self.here() != b">":
            raise self.fail(f"Unclosed end tag at byte offset {begin}")
        opened = self.open[-1]
        if name and name != opened.name:
            raise self.fail(f'Unmatched end tag at byte offset {begin}, expected "</{opened.name}>", found "</{name}>"')
        self.at += 1
        self.open.pop()
        if self.length > opened.offset:
            self.close(opened)

    def close(self, tag: _Open) -> None:
        entity: Json = {"type": TAGS[tag.name], "offset": tag.offset, "length": self.length - tag.offset}
        match tag.name:
            case "a":
                url = tag.argument or "".join(self.parts)[-entity["length"] :]
                if not _LINK.match(url):
                    return  # Telegram shows the text and drops a link that leads nowhere
                if (user := _USER.fullmatch(url)) is not None:
                    entity |= {"type": "text_mention", "user": {"id": int(user[1]), "is_bot": False, "first_name": ""}}
                else:
                    entity["url"] = url
            case "tg-emoji":
                entity["custom_emoji_id"] = tag.argument
            case "blockquote" if tag.argument:
                entity["type"] = "expandable_blockquote"
            case "code" if tag.argument:
                entity["language"] = tag.argument
            case "pre":
                self.join_code(entity)
        self.found.append(entity)

    def join_code(self, pre: Json) -> None:
        """<pre><code class="language-x"> is one block with a language."""
        for code in self.found:
            if code["type"] == "code" and (code["offset"], code["length"]) == (pre["offset"], pre["length"]):
                self.found.remove(code)
                if "language" in code:
                    pre["language"] = code["language"]
                return


def _argument(tag: str, attribute: str, value: str) -> str:
    match tag, attribute:
        case ("a", "href") | ("tg-emoji", "emoji-id"):
            return value
        case ("code", "class") if value.startswith("language-"):
            return value.removeprefix("language-")
        case ("span", "class") if value.startswith("tg-"):
            return value.removeprefix("tg-")
        case ("blockquote", "expandable"):
            return "1"
    return ""


def parse(source: str) -> tuple[str, list[Json]]:
    """The visible text and its entities."""
    reader = _Reader(source)
    reader.read()
    for entity in reader.found:
        if entity["type"] == "code":
            entity.pop("language", None)
    return "".join(reader.parts), sorted(reader.found, key=lambda one: (one["offset"], -one["length"]))
