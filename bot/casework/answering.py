"""An agent's words on their way to the contact and to the other desks."""

from __future__ import annotations

from bot.casework.case import STALE, Case
from bot.casework.markdown import as_markdown
from bot.casework.ownership import claim
from bot.casework.promises import answered
from bot.desk.commands import parse
from bot.desk.routing import Agent
from bot.dialogue.events import LAST_SAID, Amend, Say
from bot.messages import Act, File


def may_answer(case: Case, agent: Agent, act: Act) -> bool:
    """Whether the agent may speak to the contact; if not, they are told why. Who speaks first has the ticket."""
    ticket = case.open
    if ticket.status == "closed":
        case.reply(act, case.word("ticket_closed"), case.button("reopen", "reopen"))
        return False
    if ticket.owner and ticket.owner != agent.name:
        case.reply(act, case.word("not_yours", agent=ticket.owner))
        return False
    if not ticket.owner:
        claim(case, agent)
    return True


def answer(case: Case, agent: Agent, act: Act, text: str, files: tuple[File, ...] = (), *, typed: bool) -> None:
    """Send something to the contact. What was `typed` is at its own desk already; anything else shows there, too."""
    alias = agent.alias or agent.name
    source, ref = (act.place, act.ref) if typed else (None, "")
    quotes = act.reply_to if typed else 0
    case.effects.append(Say(text, files=files, author="agent", name=alias, source=source, ref=ref, quotes=quotes))
    shown = case.word("said_agent", name=agent.name) + (f"\n{text}" if text else "")
    case.tell(shown, but=act.place if typed else None, files=files, shows=LAST_SAID, quotes=quotes)
    case.log("answered", agent.name)
    answered(case)
    case.timer(STALE, case.now + case.rules.stale_after)
    case.change(stale_asked=False)


def amend(case: Case, agent: Agent, act: Act) -> None:
    """An agent changed or deleted what they had said; so everywhere else."""
    if not act.seq:
        return  # a note, a command, or staff talk: it never left
    if parse(act.text) is not None:  # what agents say among themselves takes the place of nothing that was sent
        case.reply(act, case.word("not_changed"))
        return
    text = act.markdown or as_markdown(act.text)
    deleted = act.kind == "deletion"
    shown = f"{case.word('deleted' if deleted else 'edited', name=agent.name)}\n{text}".rstrip()
    case.effects.append(Amend(act.seq, text, shown, deleted, act.place))
    case.log("deleted" if deleted else "edited", agent.name)
