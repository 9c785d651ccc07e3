"""The contact's side of an open ticket: what they say goes to every desk, and they can ask how far it is."""

from __future__ import annotations

from bot.casework.case import CONTACT, STALE, Case
from bot.casework.markdown import as_markdown
from bot.casework.opening import place_in_queue
from bot.casework.ownership import give_back
from bot.casework.promises import hours, wait, woke
from bot.desk import ladder
from bot.dialogue.commands import COMMANDS, parse_command
from bot.dialogue.events import Amend, Say
from bot.dialogue.fields import found, masked
from bot.messages import GENERATED, File, Item

NEVER_RELAYED = {"status", "human", "start", "end", "transcript", "rate", "reopen"}
"""The commands and buttons that the bot answers by itself even while a human has the conversation."""


def relay(case: Case, item: Item) -> None:
    """Show at the desks what the contact said, changed or took back."""
    if item.kind in {"edit", "deletion"}:
        _amended(case, item)
    elif item.kind in {"text", "choice"}:
        text = _text_of(case, item)
        if text or item.files:
            shown = case.word("said", name=_name(case)) + (f"\n{text}" if text else "")
            case.tell(shown, files=item.files, shows=item.seq, quotes=item.reply_to, calls=_caller(case))
            _learn(case, item.value if item.kind == "text" else "")
            if not _ends(item):
                _waits(case)


def _text_of(case: Case, item: Item) -> str:
    """What of it is for agents; of a command that the bot answers, the words behind it."""
    if item.kind == "choice":
        label = next((button.label for button in case.conversation.choices if button.value == item.value), "")
        return as_markdown(label) if item.value.partition(":")[0] not in NEVER_RELAYED else ""
    command = parse_command(item.value)
    if command is not None and command.name in NEVER_RELAYED and command.name in COMMANDS:
        return as_markdown(command.argument) if command.name != "start" else ""  # a link's, and nobody's words
    return item.markdown or as_markdown(item.value)


def _ends(item: Item) -> bool:
    """Whether with that the contact ends the ticket, and waits for nothing more."""
    command = parse_command(item.value) if item.kind == "text" else None
    return command is not None and command.name == "end"


def _name(case: Case) -> str:
    return as_markdown(case.conversation.name) or CONTACT


def _caller(case: Case) -> list[str]:
    """Whom a further message calls: the owner, if the contact was not waiting already."""
    return [case.open.owner] if case.open.owner and case.open.since is None else []


def _learn(case: Case, text: str) -> None:
    """Note what an agent needs to know and the contact has written now."""
    types, known = case.office.knowledge.fields, dict(case.open.fields)
    entry = case.office.knowledge.entries.get(case.open.entry)
    lacking = [name for name in (entry.ask if entry else ()) if not known.get(name)]
    for name, value in found(text, types, lacking).items() if text and lacking else ():
        case.change(fields=(*((one, some) for one, some in case.open.fields if one != name), (name, value)))
        called = case.office.knowledge.pick(types[name].names, case.rules.lang)[1]
        case.tell(case.word("field_found", name=called, value=as_markdown(masked(types[name], value))))


def _waits(case: Case) -> None:
    """The contact waits for an answer, from a person who is there."""
    case.change(stale_asked=False)
    case.timer(STALE, None)
    woke(case)
    if case.open.owner and case.open.owner in case.facts.away:
        give_back(case, case.open.owner)
    if case.open.since is None:
        wait(case)


def _amended(case: Case, item: Item) -> None:
    if not item.seq:
        return
    key = "deleted" if item.kind == "deletion" else "edited"
    text = f"{case.word(key, name=_name(case))}\n{item.markdown or as_markdown(item.value)}".rstrip()
    case.effects.append(Amend(item.seq, item.value, text, contact_has_it=True))


def status(case: Case) -> Say:
    """How far the ticket is: its place or who has it, and when the contact hears next."""
    ticket, voice, due = case.open, case.voice, _next(case)
    when = {} if due is None else {"when": case.when(due)}
    values = {"ticket": str(ticket.number), **when}
    if ticket.owner:
        key = "status_with_agent" if when else "status_with_agent_answered"
        return voice.say(key, **values, **{"agent.name": case.alias(ticket.owner)})
    minutes = str(max(0, int((case.now - ticket.opened_at) // 60)))
    key = "status_waiting" if when else "status_waiting_closed"
    return voice.say(key, **values, place=str(place_in_queue(case)), minutes=minutes)


def _next(case: Case) -> float | None:
    """When the contact hears next, if nobody answers before."""
    ticket = case.open
    if ticket.since is None or ticket.snoozed_until is not None:
        return None
    if ticket.promised is not None and ticket.promised > case.now:
        return ticket.promised
    return ladder.promise(case.rules.ladder, ticket.priority, ticket.since, case.now, hours(case))


def transcript(case: Case, *, staff: bool = False) -> tuple[File, ...]:
    """The record of the ticket as files, which are made when they are asked for."""
    ticket = case.open
    lang = case.rules.lang if staff else case.voice.lang
    whose = "staff" if staff else "contact"
    return tuple(
        File(f"{ticket.number}/{whose}/{lang}.{end}", "document", f"ticket-{ticket.number}.{end}", type_, 0, GENERATED)
        for end, type_ in (("txt", "text/plain"), ("html", "text/html"))
    )
