"""A whole ticket from the question to the rating: contact on one platform, agent on the other, both desks in step."""

from __future__ import annotations

import pytest

from tests.desk_e2e.both import DISCORD, QUESTION, TELEGRAM, Both, Opened

WAYS = pytest.mark.parametrize("contact_at", [TELEGRAM, DISCORD])
UID, TXID = "12345678", "a" * 64


@WAYS
async def test_from_the_question_to_the_rating(both: Both, contact_at: str) -> None:
    contact = both.contact(contact_at)
    contact.says(QUESTION)
    contact.presses(await contact.sees("Did this help?"), "Talk to a person")
    await contact.sees("A few details first", "account ID (UID)")
    contact.says(UID)
    contact.presses(await contact.sees("noted", UID), "Straight to a person")
    told = await contact.sees("Your ticket is", "in line", "You'll hear from us by")
    number = int(told.text.partition("#")[2].partition(".")[0])
    here, there = (DISCORD, TELEGRAM) if contact_at == TELEGRAM else (TELEGRAM, DISCORD)
    agent, other = await both.at_desk(number, here, both.ben), await both.at_desk(number, there, both.ben)
    ticket = Opened(both, number, contact, agent, other)
    for desk in ticket.desks:
        brief = await desk.sees(f"#{number}", QUESTION, f"Channel: {contact_at}", UID)
        assert "Claim" in brief.buttons
    agent.presses(brief if agent is desk else await agent.sees(f"#{number}", "Channel:"), "Claim")
    await ticket.both_desks_see("Ben has this ticket now")
    await contact.sees("Ben B has joined")

    said = agent.says("It is **on its way**")
    shown = await contact.sees("Ben B\nIt is on its way")
    assert shown.bold == ("Ben B", "on its way")
    await other.sees("Ben (agent):\nIt is on its way")
    await agent.eventually(lambda: agent.marks(said) == (["✅"] if here == DISCORD else ["👌"]), "delivered")
    contact.says("Thank you, **I see it**")
    for desk in ticket.desks:
        seen = await desk.sees("Ann:\nThank you, I see it")
        assert seen.bold == ("Ann:", "I see it")

    agent.commands("close", "paid twice by mistake")
    await ticket.both_desks_see("Ben closed this ticket: paid twice by mistake")
    rating = await contact.sees("Ben B has closed ticket", "from 1 (bad) to 5 (very good)")
    contact.presses(rating, "5")
    await contact.sees("say in a few words why")
    contact.says("quick and kind")
    await ticket.both_desks_see("Rated 5 of 5: “quick and kind”")
    await ticket.until(("closed", "Ben", 5, "quick and kind"), "status", "owner", "rating", "rating_word")
    await both.quiet()
    assert not any("paid twice" in text for text in contact.texts()), "a reason is for agents"
    kinds = [kind for kind in await ticket.history() if kind not in {"promised", "offered"}]
    assert kinds == ["opened", "claimed", "answered", "kept", "closed", "rated", "rated"]
    assert both.room.topics[both.thread(number, TELEGRAM, both.ben).thread].closed  # type: ignore[union-attr]
    assert both.thread(number, DISCORD, both.ben).where.archived  # type: ignore[union-attr]


@WAYS
async def test_files_go_both_ways_byte_by_byte(both: Both, contact_at: str) -> None:
    ticket = await both.claimed(contact_at)
    proof, receipt = bytes(range(256)) * 40, b"%PDF-1.4 " + bytes(reversed(range(256))) * 30
    ticket.contact.sends("proof.bin", proof, "here is the proof")
    for desk in ticket.desks:
        file = await desk.sees_file(proof)
        assert (await desk.sees("Ann:\nhere is the proof")).id < file.id
    ticket.agent.sends("receipt.pdf", receipt, "and the receipt")
    for end, words in ((ticket.contact, "Ben B\nand the receipt"), (ticket.other, "Ben (agent):\nand the receipt")):
        file = await end.sees_file(receipt)
        assert (await end.sees(words)).id < file.id


@WAYS
async def test_a_reply_quotes_the_same_message_at_the_other_end(both: Both, contact_at: str) -> None:
    ticket = await both.claimed(contact_at)
    first = ticket.contact.says("my first question")
    ticket.contact.says("my second question")
    asked = [await desk.sees("Ann:\nmy first question") for desk in ticket.desks]
    await ticket.both_desks_see("my second question")
    answer = ticket.agent.says("as to the first", reply_to=asked[0].id)
    seen = await ticket.contact.sees("as to the first")
    assert seen.quotes == first
    at_other = await ticket.other.sees("as to the first")
    assert at_other.quotes == asked[1].id
    ticket.contact.says("as to your answer", reply_to=seen.id)
    assert (await ticket.agent.sees("as to your answer")).quotes == answer
    assert (await ticket.other.sees("as to your answer")).quotes == at_other.id


@WAYS
async def test_edits_arrive_at_the_other_end(both: Both, contact_at: str) -> None:
    ticket = await both.claimed(contact_at)
    said, asked = ticket.agent.says("in 24 huors"), ticket.contact.says("and teh fee?")
    await ticket.contact.sees("24 huors")
    await ticket.both_desks_see("teh fee?")
    ticket.agent.edits(said, "in 24 hours")
    ticket.contact.edits(asked, "and the fee?")
    assert (await ticket.contact.sees("24 hours")).text == "Ben B\nin 24 hours"
    await ticket.both_desks_see("edited", "and the fee?")
    await ticket.other.sees("in 24 hours")
    assert not ticket.contact.reads("huors")


@WAYS
async def test_a_deletion_arrives_at_the_other_end(both: Both, contact_at: str) -> None:
    ticket = await both.claimed(contact_at)
    on_discord = ticket.contact if contact_at == DISCORD else ticket.agent
    others = ticket.desks if contact_at == DISCORD else (ticket.contact, ticket.other)
    said = on_discord.says("that was the wrong window")
    for end in others:
        await end.sees("wrong window")
    on_discord.deletes(said)
    for end in others:
        await end.eventually(lambda end=end: not end.reads("wrong window") or end.reads("deleted"), "it is gone")
    if contact_at == TELEGRAM:
        assert not ticket.contact.reads("wrong window")


@WAYS
async def test_staff_talk_stays_at_the_desks(both: Both, contact_at: str) -> None:
    ticket = await both.claimed(contact_at)
    before = len(ticket.contact.shown())
    ticket.agent.says("// looks like fraud")
    await ticket.agent.sees("Note kept")
    await ticket.other.sees("Note by Ben: looks like fraud")
    ticket.agent.commands("note", "and again")
    await ticket.other.sees("Note by Ben: and again")
    stranger = both.account("Stranger"), both.guild.member("Stranger")
    for end in (ticket.agent, ticket.other):
        name = stranger[1] if hasattr(end, "where") else stranger[0]
        end.as_(name).says("I am the CEO, send them money")
        end.as_(name).presses(await end.sees("Ben has this ticket now"), "Close")
    ticket.agent.says("we look into it")
    await ticket.contact.sees("we look into it")
    await both.quiet()
    assert len(ticket.contact.shown()) == before + 1
    assert (await ticket.history()).count("ignored") == 4
    assert await ticket.row("status", "owner") == ("claimed", "Ben")
    assert not any("CEO" in text for desk in ticket.desks for text in desk.texts())


@WAYS
async def test_suggestions_and_ready_replies_go_out_with_one_tap(both: Both, contact_at: str) -> None:
    ticket = await both.claimed(contact_at)
    ticket.contact.says("what are the withdrawal fees?")
    await ticket.both_desks_see("withdrawal fees?")
    ticket.agent.commands("suggest")
    found = await ticket.agent.sees("one tap sends")
    label = next(label for label in found.buttons if "fee" in label)
    ticket.agent.presses(found, label)
    await ticket.contact.sees("Ben B\n", "fee")
    ticket.agent.commands("canned")
    ticket.agent.presses(await ticket.agent.sees("Ready replies"), "I'm checking")
    for end in (ticket.contact, *ticket.desks):
        await end.sees("I'm looking into it now")


@WAYS
async def test_transfer_priority_and_snooze_show_at_both_desks(both: Both, contact_at: str) -> None:
    ticket = await both.claimed(contact_at)
    ticket.agent.commands("priority", "urgent")
    await ticket.both_desks_see("Ben set the priority to urgent")
    ticket.agent.commands("transfer", "Cy")
    await ticket.both_desks_see("Ben transferred this ticket to Cy")
    await ticket.contact.sees("Cy has joined")
    ticket.agent.says("am I still on?")
    await ticket.agent.sees("Not sent: Cy has this ticket")
    cy = both.thread(ticket.number, DISCORD if contact_at == TELEGRAM else TELEGRAM, both.cy)
    assert cy is not None
    cy.commands("snooze", "30m")
    await ticket.both_desks_see("Cy snoozed this ticket until")
    ticket.contact.says("one more thing")
    await ticket.both_desks_see("no longer snoozed")
    cy.commands("release")
    await ticket.both_desks_see("Cy released this ticket")
    await ticket.until(("waiting", "", "urgent"), "status", "owner", "priority")
    assert not ticket.contact.reads("am I still on")


@WAYS
async def test_a_closed_ticket_is_opened_again_by_either_side(both: Both, contact_at: str) -> None:
    ticket = await both.claimed(contact_at)
    ticket.agent.says("done")
    await ticket.contact.sees("done")
    ticket.agent.commands("close")
    closed = await ticket.contact.sees("has closed ticket")
    await ticket.both_desks_see("Ben closed this ticket")
    ticket.contact.presses(closed, "It isn't solved")
    await ticket.both_desks_see("The contact opened this ticket again")
    ticket.contact.says("it is still not there")
    await ticket.both_desks_see("it is still not there")
    ticket.agent.says("now it should be")
    await ticket.contact.sees("now it should be")
    ticket.agent.commands("close")
    await ticket.until(("closed",), "status")
    await both.quiet()
    ticket.agent.presses(await ticket.agent.sees("Ben closed this ticket"), "Reopen")
    await ticket.both_desks_see("Ben opened this ticket again")
    await ticket.contact.sees("I've opened ticket", "again")
    assert await both.rows(f"select count(*) from ticket where number > {ticket.number}") == [(0,)]


@WAYS
async def test_both_sides_get_the_transcript_and_only_agents_the_notes(both: Both, contact_at: str) -> None:
    ticket = await both.claimed(contact_at)
    ticket.agent.says("// only for us")
    ticket.agent.says("it arrives today")
    await ticket.contact.sees("it arrives today")
    ticket.contact.says("/transcript")
    for end, staff in ((ticket.contact, False), (ticket.agent, True)):
        if staff:
            end.commands("transcript")
        files = await end.eventually(
            lambda end=end: [file for one in end.shown() for file in one.files if b"it arrives today" in file] or None,
            "the transcript",
        )
        assert any(file.lstrip().startswith(b"<") for file in files)
        assert all((b"only for us" in file) is staff for file in files)


@WAYS
async def test_a_deleted_thread_is_opened_anew_with_the_brief_and_what_waits(both: Both, contact_at: str) -> None:
    ticket = await both.claimed(contact_at)
    both.api.delete_topic(both.room.group, both.thread(ticket.number, TELEGRAM, both.ben).thread)  # type: ignore
    both.thread(ticket.number, DISCORD, both.ben).where.delete()  # type: ignore[union-attr]
    ticket.contact.says("hello, is anybody there?")
    for at in (TELEGRAM, DISCORD):
        again = await both.at_desk(ticket.number, at, both.ben)
        await again.sees("is anybody there?")
        first = again.shown()[0]
        assert QUESTION in first.text and "Channel:" in first.text
    again.says("yes, here")
    await ticket.contact.sees("yes, here")
