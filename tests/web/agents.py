"""An agent in the record of a web chat: what the core writes there, written by hand, and then delivered."""

from __future__ import annotations

from bot.messages import Address, File, Outbound, OutboundAct
from bot.ports import Upload
from bot.storage.inbound import record_files
from bot.storage.query import Query
from tests.web.service import Chat

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d494844520000000100000001080600000"
    "01f15c4890000000d49444154789c626060f80f0001040100b31c6b120000000049454e44ae426082"
)
"""The smallest picture: one dot."""


async def begin(chat: Chat) -> None:
    """A chat in which something was said and answered, so that an agent's next message has the seq 3."""
    await chat.say("thanks")
    await chat.record(2)


async def agent_says(chat: Chat, text: str, *files: File, name: str = "Ann") -> int:
    """An agent's message: its seq."""
    now = chat.service.clock.now()

    def write(q: Query) -> int:
        conversation, seq = q(
            "update conversation set last_seq = last_seq + 1, state = 'with agent' where chat = ?"
            " returning id, last_seq",
            (chat.conversation,),
        )[0]
        q(
            "insert into message (conversation, seq, author, name, text, buttons, at)"
            " values (?, ?, 'agent', ?, ?, '[]', ?)",
            (conversation, seq, name, text, now),
        )
        record_files(q, conversation, seq, files)
        return int(seq)

    seq = await chat.service.app.database.write(write)
    await _deliver(chat, seq, "send")
    return seq


async def agent_edits(chat: Chat, seq: int, text: str) -> None:
    await _change(chat, "text = ?, edited_at = ?", seq, text, chat.service.clock.now())
    await _deliver(chat, seq, "edit")


async def agent_deletes(chat: Chat, seq: int) -> None:
    await _change(chat, "deleted_at = ?", seq, chat.service.clock.now())
    await _deliver(chat, seq, "delete")


async def _change(chat: Chat, what: str, seq: int, *values: object) -> None:
    own = "conversation in (select id from conversation where chat = ?) and seq = ?"
    await chat.service.app.database.write(
        lambda q: q(f"update message set {what} where {own}", (*values, chat.conversation, seq))
    )


async def _deliver(chat: Chat, seq: int, act: OutboundAct) -> None:
    """As the outbox does it once the change is in the record."""
    address = Address("web", chat.conversation)
    target = "" if act == "send" else str(seq)
    outbound = Outbound(f"test-{seq}", address, "", seq=seq, author="agent", act=act, target=target)
    receipt = await chat.service.app.adapters["web"].send(outbound)
    assert receipt.external_id == str(seq)


async def of_an_agent(chat: Chat, name: str, type_: str, body: bytes) -> File:
    """A file that an agent has sent, kept where the web channel finds it."""
    id_ = f"agents-{name}"
    await chat.service.store.keep(Upload(id_, "", name, type_, body))
    return File(id_, "document", name, type_, len(body), "web")
