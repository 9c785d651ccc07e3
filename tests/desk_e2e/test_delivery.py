"""What became of an agent's message is shown on it: sent, late, or failed with the reason and a way to try again."""

from __future__ import annotations

from tests.desk_e2e.both import DISCORD, TELEGRAM, Both
from tests.stands.telegram import Status

ON_DISCORD = {"sent": ["✅"], "delayed": ["⏳"], "failed": ["❌"]}
ON_TELEGRAM = {"sent": ["👌"], "delayed": ["😴"], "failed": ["💔"]}


async def test_a_contact_who_blocked_the_bot_on_telegram_is_written_to_again(both: Both) -> None:
    ticket = await both.claimed(TELEGRAM)
    both.api.block(ticket.contact.who.id)
    said = ticket.agent.says("are you there?")
    await ticket.agent.eventually(lambda: ticket.agent.marks(said) == ON_DISCORD["failed"], "the mark")
    await ticket.other.sees("Not delivered to the contact")
    both.api.unblock(ticket.contact.who.id)
    ticket.agent.presses(await ticket.agent.sees("Not delivered to the contact"), "Send again")
    await ticket.contact.sees("are you there?")
    await ticket.agent.eventually(lambda: ticket.agent.marks(said) == ON_DISCORD["sent"], "the mark")


async def test_a_contact_who_takes_no_direct_messages_on_discord_is_written_to_again(both: Both) -> None:
    ticket = await both.claimed(DISCORD)
    both.platform.close_dms(ticket.contact.who)
    said = ticket.agent.says("are you there?")
    await ticket.agent.eventually(lambda: ticket.agent.marks(said) == ON_TELEGRAM["failed"], "the mark")
    await ticket.other.sees("Not delivered to the contact")
    both.platform.close_dms(ticket.contact.who, closed=False)
    ticket.agent.presses(await ticket.agent.sees("Not delivered to the contact"), "Send again")
    await ticket.contact.sees("are you there?")
    await ticket.agent.eventually(lambda: ticket.agent.marks(said) == ON_TELEGRAM["sent"], "the mark")


async def test_what_is_late_says_so_and_keeps_its_order(both: Both) -> None:
    ticket = await both.claimed(TELEGRAM)
    both.api.fail("sendMessage", Status(502), chat=ticket.contact.who.id)
    first, second = [ticket.agent.says(text) for text in ("first", "second")]
    await ticket.agent.eventually(lambda: ticket.agent.marks(first) == ON_DISCORD["delayed"], "the mark")
    await ticket.contact.sees("second")
    assert ticket.contact.texts()[-2:] == ["Ben B\nfirst", "Ben B\nsecond"]
    for said in (first, second):
        await ticket.agent.eventually(lambda said=said: ticket.agent.marks(said) == ON_DISCORD["sent"], "the mark")
