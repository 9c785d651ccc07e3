"""What does not work yet, each with its cause; whoever mends one moves its test to the others."""

from __future__ import annotations

import pytest

from tests.desk_e2e.both import DISCORD, Both


@pytest.mark.xfail(strict=True, reason='COMMANDS in adapters/discord/commands.py lacks "transcript"')
async def test_contacts_on_discord_find_the_command_that_help_tells_them(both: Both) -> None:
    ticket = await both.claimed(DISCORD)
    ticket.contact.who.uses("/transcript", {}, ticket.contact.where)
    await ticket.contact.sees("Here is all that was said")
