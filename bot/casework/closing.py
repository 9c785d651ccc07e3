"""The end of a ticket: closing, rating, and the way back."""

from __future__ import annotations

from dataclasses import replace

from bot.casework.brief import first_buttons
from bot.casework.case import BOT, CONTACT, STALE, TIMERS, Case
from bot.casework.markdown import as_markdown
from bot.casework.opening import prospects
from bot.casework.promises import promise, settle_promise, wait
from bot.desk.routing import leads
from bot.dialogue.events import CloseThread, Rated, Say
from bot.dialogue.handover import without_pending
from bot.dialogue.states import HUMAN_STATES, Signal
from bot.messages import Button

LOW = 2
"""A rating of this or less is shown to leads."""


def close(case: Case, actor: str, told: str, reason: str = "") -> None:
    """Close the ticket: nobody waits any more, desks see why, and its threads are closed. `told` is the desks' line."""
    ticket = case.open
    settle_promise(case, answered=False)  # to close is no answer
    case.change(
        status="closed", closed_at=case.now, closed_because=reason or actor, since=None, steps=0, snoozed_until=None
    )
    for kind in TIMERS:
        case.timer(kind, None)
    case.log("closed", actor, reason)
    case.tell(told, case.button("reopen", "reopen"), case.button("transcript", "transcript"))
    case.effects += [CloseThread(place, ticket.number) for place in ticket.places]


def closed_by_contact(case: Case, reason: str) -> None:
    """The contact needs no help any more (`reason` "contact" or "solved"); whom a human had helped is asked how it
    was, in the message that tells of it."""
    close(case, CONTACT, case.word(f"closed_{reason}"), reason)
    said = next((effect for effect in reversed(case.effects) if isinstance(effect, Say)), None)
    if said is not None and case.open.answered_at is not None:
        case.effects.remove(said)
        ask_rating(case, said)


def over(case: Case) -> None:
    """The conversation is the bot's again, and begins anew."""
    case.move(Signal.RESOLVED)
    bare = without_pending(case.conversation)
    case.conversation = replace(bare, question="", entry="", choices=(), mood=(), misses=0)


def ask_rating(case: Case, said: Say) -> None:
    """Say that the ticket is closed, and ask how it was if a human had answered."""
    voice, number = case.voice, case.open.number
    buttons: tuple[Button, ...] = ()
    text = said.text
    if case.rules.ask_rating and case.open.answered_at is not None:
        text += "\n\n" + voice.phrase("rating_question", ticket=str(number))
        buttons = tuple(Button(str(stars), f"rate:{number}:{stars}") for stars in range(1, 6))
    buttons += (Button(voice.phrase("button_reopen"), f"reopen:{number}"),)
    case.say(replace(said, text=text, buttons=buttons))


def rated(case: Case, rating: Rated) -> None:
    """The contact judged the help on a ticket; leads see a low rating."""
    if rating.rating:
        case.change(rating=rating.rating)
        case.log("rated", CONTACT, str(rating.rating))
    if rating.word:
        case.change(rating_word=rating.word)
        case.log("rated", CONTACT, rating.word)
    stars = case.open.rating or 0
    low = 0 < stars <= LOW
    names = [agent.name for agent in leads(case.rules.agents)] if low else []
    key = ("rated_low" if low else "rated") + ("" if rating.word else "_plain")
    case.tell(case.word(key, rating=str(stars), word=as_markdown(rating.word)), calls=names)
    if case.open.status == "closed":  # to be told there, its threads were opened again
        case.effects += [CloseThread(place, case.open.number) for place in case.open.places]


def reopen(case: Case, actor: str) -> None:
    """The ticket is open again: the one who had it is offered it first."""
    ticket = case.open
    offered = ticket.owner if ticket.owner and ticket.owner not in case.facts.away else ""
    case.change(
        status="waiting", owner="", offered=offered, closed_at=None, closed_because="", since=case.now, steps=0,
        stale_asked=False,
    )  # fmt: skip
    case.log("reopened", actor)
    if not offered:
        case.give()
    wait(case)
    promise(case)
    if case.conversation.state not in HUMAN_STATES:  # unless it was the contact who opened it
        case.move(Signal.HANDED_OVER)
    key = "reopened_contact" if actor == CONTACT else "reopened"
    case.tell(case.word(key, agent=actor), *first_buttons(case), calls=case.called("owner"))
    text = case.voice.phrase("reopened", ticket=str(ticket.number))
    case.say(Say("\n\n".join((text, *prospects(case))), kind="handed_over"))


def stale(case: Case) -> None:
    """The contact has not answered for long: ask whether it is solved, and later close with a way back."""
    ticket, voice = case.open, case.voice
    if ticket.since is not None or ticket.snoozed_until is not None:
        return
    if not ticket.stale_asked:
        case.change(stale_asked=True)
        case.log("stale_asked", BOT)
        case.tell(case.word("stale_asked"))
        buttons = tuple(Button(voice.phrase(f"button_{key}"), key) for key in ("solved", "still"))
        case.say(voice.say("stale_question", *buttons, ticket=str(ticket.number)))
        case.timer(STALE, case.now + case.rules.close_after)
        return
    close(case, BOT, case.word("closed_stale"), STALE)
    ask_rating(case, voice.say("stale_closed", ticket=str(ticket.number)))
    over_keeping_choices(case)


def over_keeping_choices(case: Case) -> None:
    """Like `over`, but what was just offered can still be chosen."""
    choices = case.conversation.choices
    over(case)
    case.conversation = replace(case.conversation, choices=choices)
