"""What Discord refuses in a message or a modal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.stands.discord.errors import Invalid, Refusal

BUTTON, SELECTS, LINK = 2, (3, 5, 6, 7, 8), 5
COMPONENTS_V2 = 1 << 15


def _at_most(field: str, text: str | None, limit: int) -> None:
    if text and len(text) > limit:
        raise Invalid(field, "BASE_TYPE_MAX_LENGTH", f"Must be {limit} or fewer in length.")


def check_message(body: dict[str, Any], files: int, *, kept: int = 0) -> None:
    """Refuse a message that is too long (in code points, as Discord counts), empty or badly built."""
    _at_most("content", body.get("content"), 2000)
    _at_most("nonce", body.get("nonce"), 25)
    _check_embeds(body.get("embeds") or [])
    check_components(body.get("components") or [], v2=bool(body.get("flags", 0) & COMPONENTS_V2))
    if files + kept > 10:
        raise Invalid("attachments", "BASE_TYPE_MAX_LENGTH", "Must be 10 or fewer in length.")
    filled = (body.get("content") or "").strip() or body.get("embeds") or body.get("components") or body.get("poll")
    if not filled and not files and not kept:
        raise Refusal(400, 50006, "Cannot send an empty message")


def _check_embeds(embeds: list[dict[str, Any]]) -> None:
    if len(embeds) > 10:
        raise Invalid("embeds", "BASE_TYPE_MAX_LENGTH", "Must be 10 or fewer in length.")
    total = 0
    for place, embed in enumerate(embeds):
        at, fields = f"embeds.{place}", embed.get("fields") or []
        if len(fields) > 25:
            raise Invalid(f"{at}.fields", "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer in length.")
        texts = [("title", embed.get("title"), 256), ("description", embed.get("description"), 4096)]
        texts.append(("footer.text", (embed.get("footer") or {}).get("text"), 2048))
        texts.append(("author.name", (embed.get("author") or {}).get("name"), 256))
        for number, each in enumerate(fields):
            for part, limit in (("name", 256), ("value", 1024)):
                if not each.get(part):
                    raise Invalid(f"{at}.fields.{number}.{part}", "BASE_TYPE_REQUIRED", "This field is required")
                texts.append((f"fields.{number}.{part}", each[part], limit))
        for part, text, limit in texts:
            _at_most(f"{at}.{part}", text, limit)
            total += len(text or "")
    if total > 6000:
        raise Invalid("embeds", "MAX_EMBED_SIZE_EXCEEDED", "Embed size exceeds maximum size of 6000")


def check_components(components: list[dict[str, Any]], *, v2: bool = False) -> None:
    """Refuse rows and menus that do not fit together."""
    if not v2 and len(components) > 5:
        raise Invalid("components", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length.")
    seen: set[str] = set()
    for at, found in _walk(components, "components"):
        custom_id = found.get("custom_id")
        if custom_id is not None:
            if not 1 <= len(custom_id) <= 100:
                raise Invalid(f"{at}.custom_id", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 100 in length.")
            if custom_id in seen:
                message = "Component custom id cannot be duplicated"
                raise Invalid(f"{at}.custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED", message)
            seen.add(custom_id)
        _check_component(at, found)


def _check_component(at: str, found: dict[str, Any]) -> None:
    kind, inside = found["type"], found.get("components") or []
    if kind == 1 and (not 1 <= len(inside) <= 5 or (len(inside) > 1 and any(x["type"] in SELECTS for x in inside))):
        raise Invalid(
            f"{at}.components", "COMPONENT_LAYOUT_WIDTH_EXCEEDED", "The specified component exceeds the maximum width"
        )
    if kind == BUTTON:
        _at_most(f"{at}.label", found.get("label"), 80)
        if not found.get("label") and not found.get("emoji"):
            raise Invalid(at, "BUTTON_COMPONENT_INVALID_LABEL", "A button must have a label or an emoji")
        if (found["style"] == LINK) != bool(found.get("url")) or (
            found["style"] != LINK and not found.get("custom_id")
        ):
            raise Invalid(at, "BUTTON_COMPONENT_CUSTOM_ID_REQUIRED", "A custom id is required")
    if kind == 3:
        options = found.get("options") or []
        if not 1 <= len(options) <= 25:
            raise Invalid(f"{at}.options", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 25 in length.")
        if len({option["value"] for option in options}) < len(options):
            raise Invalid(f"{at}.options", "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", "The option value is duplicated")
        for place, option in enumerate(options):
            for part in ("label", "value", "description"):
                _at_most(f"{at}.options.{place}.{part}", option.get(part), 100)
    if kind in SELECTS:
        _at_most(f"{at}.placeholder", found.get("placeholder"), 150)


def check_modal(data: dict[str, Any]) -> None:
    """Refuse a modal that does not fit."""
    _at_most("data.title", data["title"], 45)
    _at_most("data.custom_id", data["custom_id"], 100)
    if not 1 <= len(data["components"]) <= 5:
        raise Invalid("data.components", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length.")
    for at, found in _walk(data["components"], "data.components"):
        _at_most(f"{at}.label", found.get("label"), 45)
        _at_most(f"{at}.placeholder", found.get("placeholder"), 100 if found["type"] == 4 else 150)


def _walk(components: list[dict[str, Any]], at: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for place, found in enumerate(components):
        here = f"{at}.{place}"
        yield here, found
        yield from _walk(found.get("components") or [], f"{here}.components")
        for part in ("component", "accessory"):
            if found.get(part):
                yield from _walk([found[part]], f"{here}.{part}")
