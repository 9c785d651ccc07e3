"""What a person types into a command, a menu or a modal, in the form in which the bot gets it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.stands.discord import commands
from tests.stands.discord.channels import Channel
from tests.stands.discord.messages import Message
from tests.stands.discord.people import Bot, Person, Role
from tests.stands.discord.threads import Thread

if TYPE_CHECKING:
    from tests.stands.discord.platform import Discord

SELECT, TEXT_INPUT, SELECTS = 3, 4, (3, 5, 6, 7, 8)
REFERRING = (commands.USER, commands.CHANNEL, commands.ROLE, commands.MENTIONABLE, commands.ATTACHMENT)


class Resolver:
    """Collects the objects that ids stand for."""

    def __init__(self, platform: Discord, channel: Channel) -> None:
        self._platform, self._channel = platform, channel
        self.found: dict[str, dict[str, Any]] = {}

    def add(self, thing: Any, bot: Bot | None = None) -> str:
        """Keep what the thing is; its id is what stands for it."""
        if isinstance(thing, str | tuple):
            thing = self._channel.attachment(thing)
            self._put("attachments", thing.id, thing.payload(self._channel))
        elif isinstance(thing, Person):
            self._person(thing)
        elif isinstance(thing, Role):
            self._put("roles", thing.id, thing.payload())
        elif isinstance(thing, Channel):
            self._channel_found(thing)
        elif isinstance(thing, Message):
            assert bot
            self._put("messages", thing.id, thing.payload(bot))
        else:
            raise AssertionError(f"{thing!r} is nothing that an option can refer to")
        return str(thing.id)

    def _person(self, person: Person) -> None:
        guild = self._channel.guild
        self._put("users", person.id, self._platform.users[person.id].payload())
        if guild and person.id in guild.members:
            member = guild.members[person.id]
            data = member.payload(user=False) | {"permissions": str(member.permissions_in(self._channel))}
            self._put("members", person.id, data)

    def _channel_found(self, channel: Channel) -> None:
        data = channel.payload() | {"permissions": "0"}
        if isinstance(channel, Thread):
            data["parent_id"] = str(channel.parent.id)
        self._put("channels", channel.id, data)

    def _put(self, kind: str, thing_id: int, data: dict[str, Any]) -> None:
        self.found.setdefault(kind, {})[str(thing_id)] = data


def slash(
    command: commands.Command, path: list[str], given: dict[str, Any], resolver: Resolver, focused: str = ""
) -> dict[str, Any]:
    """The data of a slash command; `path` names the subcommand."""
    data = {key: command[key] for key in ("id", "name", "type", "guild_id") if key in command}
    owner: dict[str, Any] = command
    levels = []
    for name in path:
        inside = {option["name"]: option for option in owner.get("options") or [] if option["type"] <= commands.GROUP}
        assert name in inside, f"{command['name']} has no subcommand {name!r}, only {list(inside)}"
        owner = inside[name]
        levels.append({"name": name, "type": owner["type"]})
    needs_more = any(option["type"] <= commands.GROUP for option in owner.get("options") or [])
    assert not needs_more, f"{owner['name']} must be followed by a subcommand"
    values = _values(owner, given, resolver, focused)
    for level in reversed(levels):
        values = [level | {"options": values}]
    return data | {"options": values, "resolved": resolver.found}


def _values(owner: dict[str, Any], given: dict[str, Any], resolver: Resolver, focused: str) -> list[dict[str, Any]]:
    known = {option["name"]: option for option in owner.get("options") or []}
    surplus = given.keys() - known.keys()
    assert not surplus, f"{owner['name']} has no option {surplus}, only {list(known)}"
    missing = [name for name, option in known.items() if option.get("required") and name not in given]
    assert focused or not missing, f"{owner['name']} can't be sent without {missing}"
    found = []
    for name, option in known.items():
        if name not in given:
            continue
        entry = {"name": name, "type": option["type"], "value": given[name]}
        if name == focused:
            assert option.get("autocomplete"), f"{name!r} does not autocomplete"
            entry["focused"] = True
        elif option["type"] in REFERRING:
            entry["value"] = resolver.add(given[name])
        else:
            entry["value"] = _checked(option, given[name])
        found.append(entry)
    return found


def _checked(option: dict[str, Any], value: Any) -> Any:
    """Discord's own app lets nobody send anything else."""
    name, choices = option["name"], option.get("choices") or []
    if choices:
        by_name = {choice["name"]: choice["value"] for choice in choices}
        value = by_name.get(value, value)
        assert value in by_name.values(), f"{name} offers {by_name}, not {value!r}"
    if option["type"] == commands.STRING:
        assert option.get("min_length", 0) <= len(value) <= option.get("max_length", 6000), f"{name}: {len(value)} long"
    if option["type"] in (commands.INTEGER, commands.NUMBER):
        assert option.get("min_value", value) <= value <= option.get("max_value", value), f"{name}: {value}"
    return value


def chosen(menu: dict[str, Any], values: list[Any], resolver: Resolver) -> list[str]:
    """What was picked from a menu, by value or by label."""
    low, high = menu.get("min_values", 1), menu.get("max_values", 1)
    assert low <= len(values) <= high, f"{menu['custom_id']} takes {low} to {high} values"
    if menu["type"] != SELECT:
        return [resolver.add(value) for value in values]
    by_label = {option["label"]: option["value"] for option in menu["options"]}
    picked = [by_label.get(value, value) for value in values]
    assert set(picked) <= set(by_label.values()), f"{menu['custom_id']} offers {by_label}, not {values}"
    return picked


def filled(components: list[dict[str, Any]], values: dict[str, Any], resolver: Resolver) -> list[dict[str, Any]]:
    """A modal's fields as they come back, each by its custom id or its label."""
    left = dict(values)
    found = [_field(component, left, resolver) for component in components]
    assert not left, f"the modal has no {list(left)}"
    return found


def _field(component: dict[str, Any], left: dict[str, Any], resolver: Resolver, label: str = "") -> dict[str, Any]:
    kind = component["type"]
    if kind == 1:
        inside = [_field(each, left, resolver) for each in component["components"]]
        return {"type": 1, "id": 1, "components": inside}
    if kind == 18:
        return {"type": 18, "id": 1, "component": _field(component["component"], left, resolver, component["label"])}
    if kind not in (TEXT_INPUT, *SELECTS):
        return {"type": kind, "id": 1}
    custom_id = component["custom_id"]
    name = next((key for key in (custom_id, component.get("label"), label) if key in left), None)
    answer = {"type": kind, "id": 1, "custom_id": custom_id}
    if kind != TEXT_INPUT:
        return answer | {"values": chosen(component, left.pop(name) if name else [], resolver)}
    text = left.pop(name) if name else component.get("value") or ""
    assert text or not component.get("required", True), f"{custom_id} must be filled in"
    low, high = component.get("min_length") or 0, component.get("max_length") or 4000
    assert not text or low <= len(text) <= high, f"{custom_id} takes {low} to {high} characters"
    return answer | {"value": text}
