"""The desk's part of storing a decision: tickets, their history, what agents see, and who is there."""

from __future__ import annotations

from collections.abc import Mapping

from bot.dialogue.events import (
    LAST_SAID,
    TICKET_MARK,
    Amend,
    CloseThread,
    Conversation,
    Effect,
    Log,
    OpenTicket,
    Retry,
    SetPresence,
    SetTicket,
    Tell,
)
from bot.messages import AWAY, CONSOLE, Address
from bot.storage.amending import amend
from bot.storage.query import Query, to_json
from bot.storage.queueing import Row, desk_place, enqueue, ref_at_desk
from bot.storage.tickets import add_history, open_ticket, set_ticket


class DeskSettling:
    """One decision's effects on the desk. `first_seq` is the last place in the record taken before it."""

    def __init__(
        self, q: Query, conversation: Conversation, first_seq: int, desks: Mapping[str, str], now: float
    ) -> None:
        self._q, self._conversation, self._desks, self._now = q, conversation, desks, now
        self._first_seq = first_seq
        self.last_said = 0
        self.sends: set[str] = set()
        self.woken: list[int] = []
        self._opened = 0

    def store(self, effect: Effect) -> None:
        """Store one effect."""
        match effect:
            case OpenTicket():
                self._opened = open_ticket(
                    self._q,
                    self._conversation.id,
                    self._first_seq,
                    effect,
                    self._conversation.lang,
                    self._desks,
                    self._now,
                )
            case SetTicket(ticket):
                set_ticket(self._q, ticket.number or self._opened, ticket, self._now)
            case Log(ticket, kind, actor, detail):
                add_history(self._q, ticket or self._opened, kind, actor, detail, self._now)
            case Tell():
                self._tell(effect)
            case Amend():
                self.sends |= amend(self._q, self._conversation.id, effect, self._now)
            case CloseThread(place, ticket):
                self._close_thread(place, ticket or self._opened)
            case SetPresence(agent, away):
                self._presence(agent, away)
            case Retry(row):
                self._retry(row)
            case _:
                raise AssertionError(f"nobody stores {type(effect).__name__}")

    def _enqueue(self, row: Row) -> None:
        self.sends.add(enqueue(self._q, row, self._now))

    def _tell(self, tell: Tell) -> None:
        ticket = tell.ticket or (self._opened if tell.place.thread else 0)
        number, text = str(ticket), tell.text
        if not tell.ticket:  # only what speaks of a ticket that had no number yet
            text = text.replace(TICKET_MARK, number)
        if tell.place.channel == CONSOLE:
            if tell.kind == "reply" and ticket:
                buttons = [[button.label, button.value] for button in tell.buttons]
                add_history(self._q, ticket, "told", "bot", to_json({"text": text, "buttons": buttons}), self._now)
            return
        place = desk_place(self._q, ticket, tell.place) if ticket else tell.place
        shows = self.last_said if tell.shows == LAST_SAID else tell.shows
        row = Row(
            place,
            self._conversation.id,
            shows,
            text,
            tell.buttons,
            tell.files,
            kind=tell.kind,
            reply_to=ref_at_desk(self._q, self._conversation.id, tell.quotes, place) if tell.quotes else "",
            desk=True,
            ticket=ticket,
            title=tell.title.replace(TICKET_MARK, number),
            mentions=tell.mentions,
        )
        self._enqueue(row)

    def _close_thread(self, place: Address, ticket: int) -> None:
        at = desk_place(self._q, ticket, place)
        self._enqueue(Row(at, self._conversation.id, desk=True, ticket=ticket, act="close"))

    def _presence(self, agent: str, away: bool) -> None:
        """Note who is there, and wake the conversations that wait for somebody who is not."""
        self._q(
            "insert into agent (name, away, changed_at) values (?, ?, ?)"
            " on conflict (name) do update set away = excluded.away, changed_at = excluded.changed_at",
            (agent, int(away), self._now),
        )
        if not away:
            return
        for (conversation,) in self._q(
            "select conversation from ticket where status <> 'closed' and since is not null"
            " and (owner = ? or (status = 'waiting' and offered = ?))",
            (agent, agent),
        ):
            self._q(
                "insert into inbox (channel, account, external_id, conversation, seq, kind, value, hidden, at, status)"
                " select channel, 'timer', ?, id, 0, 'timer', ?, 0, ?, 'new' from conversation where id = ?"
                " on conflict do nothing",
                (f"{conversation}:{AWAY}{agent}:{self._now!r}", f"{AWAY}{agent}", self._now, conversation),
            )
            self.woken.append(conversation)

    def _retry(self, row: int) -> None:
        """Send again what had failed; its line of messages goes on behind it."""
        rows = self._q(
            "update outbox set status = 'open', attempts = 0, due = ?, error = '' where id = ? and conversation = ?"
            " and status in ('dead', 'uncertain') returning channel",
            (self._now, row, self._conversation.id),
        )
        self.sends |= {str(channel) for (channel,) in rows}
