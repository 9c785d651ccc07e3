"""What is said and done at desks: received like everything else, and found a ticket for."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from bot.desk.commands import parse
from bot.dialogue.states import State
from bot.messages import CONSOLE, NEW_THREAD, Accepted, Act, Address, File, Inbound, Sender
from bot.storage.query import Query, marks, to_json

ROOM = "desk"
"""The sender in whose name a desk chat has its own conversation, for what belongs to no ticket."""
EARLY = "early"
"""The status of what was said in a thread that may be one which we are just opening: people see it before we know."""
MOST_EARLY = 10_000
"""Rows of the inbox among which that is looked for, the latest."""
LATEST = 1000
"""Rows of the inbox among which the parts of an album are looked for: they come one right after the other."""
_NOT_OURS = Accepted(0, 0, repeat=True, silent=True)


def receive(q: Query, inbound: Inbound, now: float) -> Accepted:
    """Store what was done at a desk, agent or not: who may do what is decided when it is handled."""
    address = inbound.address
    ticket, conversation = _ticket_at(q, address)
    is_early = not ticket and bool(address.thread) and _opens_one(q, address)
    if not ticket and address.thread and not is_early:
        return _NOT_OURS  # a thread that the people there opened for themselves
    act = Act(
        address,
        inbound.sender,
        ticket,
        inbound.text,
        inbound.choice,
        inbound.kind,
        inbound.files,
        inbound.ref,
        markdown=inbound.markdown,
    )
    conversation = conversation or _room(q, address, now)
    made = asdict(act) | {"reply_to": inbound.reply_to}
    album = inbound.album if inbound.kind == "message" else ""
    joined = bool(album) and _join(q, conversation, made, album, hidden=inbound.hidden)
    q(
        "insert into inbox (channel, account, external_id, conversation, seq, kind, value, hidden, at, status, ref,"
        " album) values (?, ?, ?, ?, 0, 'act', ?, ?, ?, ?, ?, ?)",
        (
            address.channel,
            inbound.account,
            inbound.external_id,
            conversation,
            to_json(made),
            int(inbound.hidden),
            inbound.at or now,
            "done" if joined else EARLY if is_early else "new",
            inbound.ref,
            album,
        ),
    )
    return Accepted(conversation, 0, silent=True)


def _opens_one(q: Query, address: Address) -> bool:
    """Whether a thread is being opened in this chat."""
    rows = q(
        "select 1 from outbox where status = 'open' and channel = ? and chat = ? and thread like ? and desk = 1"
        " limit 1",
        (address.channel, address.chat, f"{NEW_THREAD}%"),
    )
    return bool(rows)


def adopt(q: Query, ticket: int, there: Address) -> tuple[int, ...]:
    """A ticket's thread is known now: what was said in it before is handled. The conversation, if there is any.

    What was said elsewhere meanwhile is forgotten as soon as no other thread is being opened: it was not for us.
    """
    conversation: int = q("select conversation from ticket where number = ?", (ticket,))[0][0]
    rows = q(
        "select id, value from inbox where status = ? and channel = ? and id > (select max(id) from inbox) - ?",
        (EARLY, there.channel, MOST_EARLY),
    )
    ours = {id_: made for id_, value in rows if (made := json.loads(value))["place"] == asdict(there)}
    for id_, made in ours.items():
        q(
            "update inbox set status = 'new', conversation = ?, value = ? where id = ?",
            (conversation, to_json(made | {"ticket": ticket}), id_),
        )
    others = [id_ for id_, _ in rows if id_ not in ours]
    if others and not _opens_one(q, there):
        q(f"delete from inbox where id in ({marks(others)})", others)
    return (conversation,) if ours else ()


def _join(q: Query, conversation: int, part: dict[str, Any], album: str, *, hidden: bool) -> bool:
    """Add what was done to the rest of its album if that waits: an album is one message, with its text on any part.

    If the rest was a command and is done, the part is made a note: it is not for the contact either.
    """
    rows = q(
        "select id, status, value from inbox where conversation = ? and album = ? and kind = 'act'"
        " and id > (select max(id) from inbox) - ? order by id",
        (conversation, album, LATEST),
    )
    for id_, status, value in rows:
        before = json.loads(value)
        if status == "new":
            whole = _together(before, part)
            q(
                "update inbox set value = ?, ref = ?, hidden = case when hidden = 1 then 1 else ? end where id = ?",
                (to_json(whole), whole["ref"], int(hidden), id_),
            )
            # Somebody may be deciding on the album without this part: that decision must not be stored.
            q("update conversation set version = version + 1 where id = ?", (conversation,))
            return True
        command = parse(before["text"])
        if command is not None:
            part |= {"text": f"// {_lines(command.argument, part['text'])}", "markdown": ""}
            break
    return False


def _together(before: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    """Two parts of an album as one message, which is known by the part with the text; a command goes first."""
    turned = parse(part["text"]) is not None or (part["text"] and not before["text"])
    first, second = (part, before) if turned else (before, part)
    return before | {
        "text": _lines(first["text"], second["text"]),
        "markdown": "" if second["text"] else first["markdown"],
        "ref": first["ref"],
        "files": [*before["files"], *part["files"]],
        "reply_to": before["reply_to"] or part["reply_to"],
    }


def _lines(*texts: str) -> str:
    return "\n".join(filter(None, texts))


def _ticket_at(q: Query, address: Address) -> tuple[int, int]:
    """The ticket whose thread that is, and its conversation; zeros for none."""
    if address.channel == CONSOLE:
        number = int(address.thread) if address.thread.isdecimal() and len(address.thread) < 18 else 0
        rows = q("select number, conversation from ticket where number = ?", (number,))
    else:
        rows = q(
            "select ticket, conversation from place join ticket on ticket.number = place.ticket"
            " where channel = ? and chat = ? and thread = ? and thread <> ''",
            (address.channel, address.chat, address.thread),
        )
    return (int(rows[0][0]), int(rows[0][1])) if rows else (0, 0)


def _room(q: Query, address: Address, now: float) -> int:
    """The conversation that stands for a whole desk chat, begun if there is none."""
    contact = q(
        "insert into contact (channel, sender, name, lang, created_at) values (?, ?, '', '', ?)"
        " on conflict (channel, sender) do update set name = '' returning id",
        (address.channel, ROOM, now),
    )[0][0]
    return int(
        q(
            "insert into conversation (channel, chat, thread, contact, state, lang, memory, last_seq, version,"
            " created_at, updated_at) values (?, ?, '', ?, ?, '', '{}', 0, 0, ?, ?)"
            " on conflict (channel, chat, thread, contact) do update set updated_at = excluded.updated_at returning id",
            (address.channel, address.chat, contact, State.NEW.value, now, now),
        )[0][0]
    )


def to_act(q: Query, conversation: int, value: str) -> Act:
    """An act of its inbox row, with the places in the record of what it is about as they are known now."""
    found = json.loads(value)
    quoted = found.pop("reply_to")
    act = Act(
        **{
            **found,
            "place": Address(**found["place"]),
            "sender": Sender(**found["sender"]),
            "files": tuple(File(**file) for file in found["files"]),
        }
    )
    changed = act.ref if act.kind in {"edit", "deletion"} else ""
    return replace(
        act,
        seq=_seq_at(q, conversation, act.place, changed, own=True),
        reply_to=_seq_at(q, conversation, act.place, quoted),
    )


def _seq_at(q: Query, conversation: int, place: Address, ref: str, *, own: bool = False) -> int:
    """The place in the record of what a desk calls `ref`: written there by an agent, or, unless `own`, shown there."""
    if not ref:
        return 0
    rows = q(
        "select seq from message where conversation = ? and ref = ? and source_channel = ? and source_chat = ?",
        (conversation, ref, place.channel, place.chat),
    )
    if not rows and not own:
        rows = q(
            "select seq from outbox where conversation = ? and channel = ? and chat = ? and receipt = ? and desk = 1",
            (conversation, place.channel, place.chat, ref),
        )
    return int(rows[0][0]) if rows else 0


def before_changes(kinds: Sequence[tuple[str, str]]) -> int:
    """How many of these inbox rows (kind, ref), oldest first, can be handled in one go.

    Who changes a message which is itself among them must wait until that one has its place in the record.
    """
    seen: set[str] = set()
    for number, (kind, ref) in enumerate(kinds):
        if kind == "act" and ref and ref in seen:
            return number
        seen.add(ref if kind == "act" else "")
    return len(kinds)
