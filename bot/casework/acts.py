"""What agents do: every command and button, and what they may not. Others are ignored, and that is recorded."""

from __future__ import annotations

from collections.abc import Callable

from bot.casework import closing
from bot.casework.answering import amend, answer, may_answer
from bot.casework.brief import suggested
from bot.casework.case import Case
from bot.casework.contact import transcript
from bot.casework.markdown import as_markdown
from bot.casework.ownership import claim, give_back, transfer, transfer_to_topic
from bot.casework.promises import snooze, wait
from bot.desk.commands import ANYWHERE, DeskCommand, from_choice, parse, span
from bot.desk.routing import Agent, agent_of
from bot.desk.rules import PRIORITIES
from bot.dialogue.events import Retry, SetPresence
from bot.dialogue.replies import fill
from bot.messages import Act, Button

MOST_CANNED = 12
"""Canned replies offered as buttons; all have their names."""
LONGEST_NOTE = 2000


def act(case: Case, done: Act, *, hidden: bool) -> None:
    """Take what somebody did at a desk: only agents can do anything."""
    agent = agent_of(case.rules.agents, done.place.channel.partition("/")[0], done.sender.id)
    if done.kind == "deletion" and done.seq:
        agent = agent or Agent(case.open.owner)  # Discord does not say who deleted it; it was an agent's message
    if agent is None:
        _ignored(case, done)
        return
    command = from_choice(done.choice) if done.choice else parse(done.text)
    if done.kind != "message":
        if case.ticket is not None:
            amend(case, agent, done)
    elif command is not None and command.name in ANYWHERE:
        _anywhere(case, agent, done, command)
    elif case.ticket is None:
        if command is not None and command.name in COMMANDS:
            case.reply(done, case.word("needs_ticket", command=command.name))
        # Otherwise the people of the desk talk among themselves.
    elif command is None:
        _typed(case, agent, done, hidden=hidden)
    elif command.name in COMMANDS:
        COMMANDS[command.name](case, agent, done, command.argument)
    else:
        case.reply(done, case.word("unknown_command", command=as_markdown(command.name)))


def _ignored(case: Case, done: Act) -> None:
    """Nobody who is no agent can act; the attempt is kept, what was said is not."""
    if case.ticket is not None:
        what = f"pressed {done.choice}" if done.choice else done.kind
        case.log("ignored", f"{done.place.channel}:{done.sender.id}", f"{what} ({done.sender.name})")


def _typed(case: Case, agent: Agent, done: Act, *, hidden: bool) -> None:
    """A message to the contact."""
    if not (done.text or done.files):
        return
    if may_answer(case, agent, done):
        answer(case, agent, done, done.markdown or as_markdown(done.text), done.files, typed=True)
        if hidden:
            case.reply(done, case.word("hidden"))


def _claim(case: Case, agent: Agent, done: Act, _: str) -> None:
    owner = case.open.owner
    if _is_closed(case, done):
        return
    if owner == agent.name:
        case.reply(done, case.word("yours_already"))
    elif owner:
        case.reply(done, case.word("taken", agent=owner))
    else:
        claim(case, agent)


def _is_closed(case: Case, done: Act) -> bool:
    """Whether the ticket is closed, and nothing can be done with it but open it again; if so, it is said."""
    if case.open.status == "closed":
        case.reply(done, case.word("closed_already"), case.button("reopen", "reopen"))
        return True
    return False


def _is_anothers(case: Case, agent: Agent, done: Act) -> bool:
    """Whether only another agent, or a lead, may do that; if so, it is said."""
    owner = case.open.owner
    if owner and owner != agent.name and agent.role != "lead":
        case.reply(done, case.word("taken", agent=owner))
        return True
    return False


def _release(case: Case, agent: Agent, done: Act, _: str) -> None:
    if _is_closed(case, done) or _is_anothers(case, agent, done):
        return
    if case.open.owner:
        give_back(case, case.open.owner, by=agent.name)
    else:
        case.reply(done, case.word("not_claimed"))


def _transfer(case: Case, agent: Agent, done: Act, wanted: str) -> None:
    names = [one.name for one in case.rules.agents if one.name != case.open.owner]
    topics = case.office.knowledge.topics
    to = case.agent(wanted)
    if _is_closed(case, done) or _is_anothers(case, agent, done):
        return
    if not wanted:
        buttons = [Button(name, value) for name in names if len((value := f"transfer:{name}").encode()) <= 60]
        case.reply(done, case.word("usage_transfer"), *buttons)
    elif to is not None:
        _transfer_to(case, agent, done, to)
    elif wanted in topics:
        transfer_to_topic(case, agent, wanted)
    else:
        case.reply(done, case.word("unknown_agent", name=as_markdown(wanted), names=", ".join((*names, *topics))))


def _transfer_to(case: Case, agent: Agent, done: Act, to: Agent) -> None:
    """Give the ticket to an agent who does not have it, and is there if the contact waits."""
    if to.name == case.open.owner:
        case.reply(done, case.word("yours_already") if to.name == agent.name else case.word("taken", agent=to.name))
    elif to.name in case.facts.away and case.open.since is not None:
        case.reply(done, case.word("agent_away", agent=to.name))
    else:
        transfer(case, agent, to)


def _priority(case: Case, agent: Agent, done: Act, wanted: str) -> None:
    found = next(
        (one for one in PRIORITIES if wanted.casefold() in {one, case.word(f"priority_{one}").casefold()}), None
    )
    if found is None:
        buttons = (Button(case.word(f"priority_{one}"), f"priority:{one}") for one in PRIORITIES)
        case.reply(done, case.word("unknown_priority"), *buttons)
        return
    case.change(priority=found)
    case.log("priority", agent.name, found)
    case.tell(case.word("priority", priority=case.word(f"priority_{found}"), agent=agent.name))
    if case.open.since is not None and case.open.status != "closed":
        wait(case)


def _note(case: Case, agent: Agent, done: Act, text: str) -> None:
    if not (text or done.files):
        case.reply(done, case.word("usage_note"))
        return
    names = ", ".join(file.name or file.kind for file in done.files)
    case.log("note", agent.name, " ".join(filter(None, (text[:LONGEST_NOTE], f"({names})" if names else ""))))
    # What was typed can be read where it was typed; a platform's own command shows to nobody else.
    typed = done.ref != ""
    shown = case.word("note", agent=agent.name, text=as_markdown(text))
    case.tell(shown, but=done.place if typed else None, files=done.files)
    if typed:
        case.reply(done, case.word("note_saved"))


def _suggest(case: Case, _: Agent, done: Act, text: str) -> None:
    asked = text or case.facts.last_said or case.open.question
    if not asked:
        case.reply(done, case.word("nothing_said"))
        return
    found = suggested(case, asked)
    entries = case.office.knowledge.entries
    buttons = [
        Button(case.office.knowledge.title(entries[match.entry], case.rules.lang), value)
        for match in found
        if len((value := f"send:{match.entry}").encode()) <= 60
    ]
    case.reply(done, case.word("suggestions" if buttons else "no_suggestions"), *buttons)


def _send(case: Case, agent: Agent, done: Act, wanted: str) -> None:
    """Send an entry's answer to the contact, in their language."""
    entry = case.office.knowledge.entries.get(wanted)
    if entry is None:
        case.reply(done, case.word("no_suggestions"))
    elif may_answer(case, agent, done):
        answer(case, agent, done, case.voice.answer_text(entry), typed=False)


def _canned(case: Case, agent: Agent, done: Act, wanted: str) -> None:
    canned, pick = case.office.knowledge.canned, case.office.knowledge.pick
    if not canned:
        case.reply(done, case.word("no_canned"))
    elif wanted and wanted not in canned:
        case.reply(done, case.word("unknown_canned", name=as_markdown(wanted)))
    elif not wanted:
        buttons = [
            Button(pick(one.titles, case.rules.lang)[1], value)
            for one in canned.values()
            if len((value := f"canned:{one.id}").encode()) <= 60
        ]
        case.reply(done, case.word("canned_list"), *buttons[:MOST_CANNED])
    elif may_answer(case, agent, done):
        values = {
            "brand.name": case.office.manners.brand,
            "contact.name": as_markdown(case.conversation.name),
            "agent.name": agent.alias or agent.name,
            "ticket": str(case.open.number),
        }
        answer(case, agent, done, fill(pick(canned[wanted].texts, case.voice.lang)[1], values), typed=False)


def _close(case: Case, agent: Agent, done: Act, reason: str) -> None:
    ticket = case.open
    if _is_closed(case, done) or _is_anothers(case, agent, done):
        return
    told = case.word("closed_plain", agent=agent.name)
    if reason:
        told = case.word("closed", agent=agent.name, reason=as_markdown(reason))
    closing.close(case, agent.name, told, reason)
    said = case.voice.say("closed_by_agent", ticket=str(ticket.number), **{"agent.name": agent.alias or agent.name})
    closing.ask_rating(case, said)
    closing.over_keeping_choices(case)


def _reopen(case: Case, agent: Agent, done: Act, _: str) -> None:
    other = next((one for one in case.facts.tickets.values() if one.status != "closed"), None)
    if case.open.status != "closed":
        case.reply(done, case.word("open_already"))
    elif other is not None:
        case.reply(done, case.word("other_open", ticket=str(other.number)))
    else:
        closing.reopen(case, agent.name)


def _snooze(case: Case, agent: Agent, done: Act, text: str) -> None:
    seconds = span(text)
    if _is_closed(case, done):
        return
    if not seconds:
        case.reply(done, case.word("usage_snooze"))
    else:
        snooze(case, agent.name, case.now + seconds)


def _transcript(case: Case, _: Agent, done: Act, __: str) -> None:
    said = case.word("transcript_here", ticket=str(case.open.number))
    case.reply(done, said, files=transcript(case, staff=True))


def _retry(case: Case, agent: Agent, done: Act, wanted: str) -> None:
    if wanted.isdecimal() and len(wanted) < 18:
        case.effects.append(Retry(int(wanted)))
        case.log("retried", agent.name, wanted)
        case.reply(done, case.word("retrying"))


Doing = Callable[[Case, Agent, Act, str], None]

COMMANDS: dict[str, Doing] = {
    "claim": _claim,
    "release": _release,
    "transfer": _transfer,
    "priority": _priority,
    "note": _note,
    "suggest": _suggest,
    "send": _send,
    "canned": _canned,
    "close": _close,
    "reopen": _reopen,
    "snooze": _snooze,
    "transcript": _transcript,
    "retry": _retry,
}


def _anywhere(case: Case, agent: Agent, done: Act, command: DeskCommand) -> None:
    """What is about the agent or the desk, not about a ticket."""
    if command.name == "away":
        case.effects.append(SetPresence(agent.name, away=True))
        case.reply(done, case.word("away", agent=agent.name))
    elif command.name == "back":
        case.effects.append(SetPresence(agent.name, away=False))
        case.reply(done, case.word("back", agent=agent.name))
    elif command.name == "tickets":
        case.reply(done, _list(case))
    else:
        case.reply(done, case.word("help" if case.ticket is not None else "help_general"))


def _list(case: Case) -> str:
    """The open tickets, those first that are to be answered first."""
    lines = [
        case.word(
            "list_line",
            ticket=str(one.number),
            priority=case.word(f"priority_{one.priority}"),
            owner=one.owner or case.word("unclaimed"),
            minutes=case.minutes(case.now - one.opened_at),
            question=as_markdown(" ".join(one.question.split())[:60]),
        )
        for one in case.facts.open
    ]
    return "\n".join((case.word("list_head"), *lines)) if lines else case.word("list_empty")
