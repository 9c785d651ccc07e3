"""A person in a direct message with the bot, on the stand-in of Discord."""

from __future__ import annotations

from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.messages import Address, Outbound, Receipt
from bot.ports import Adapter
from tests.adapters.driver import PATIENCE, Driver, module, tools
from tests.stands.discord import Discord

TOKEN = "a-token-that-must-never-show"


class DiscordDriver(Driver):
    """Ann writes to the bot, which is connected to the gateway."""

    name = "discord"

    async def make(self) -> Adapter:
        self._before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
        self._platform = await Discord().__aenter__()
        self._bot = self._platform.add_bot(TOKEN, intents={"message_content"})
        self._ann = self._platform.add_guild("Traders").member("Ann", lang="en-US")
        self._dm = self._platform.dm(self._ann)
        self._taken = 0
        accept = self._accept

        async def counted(inbound: object) -> object:
            found = await accept(inbound)  # type: ignore[arg-type]
            self._taken += 1
            return found

        self._accept = counted  # type: ignore[assignment]
        options = module("discord").Options(token=TOKEN, api_url=self._platform.url)
        made: Adapter = module("discord").Adapter(options, tools("discord"))
        return made

    async def ready(self) -> None:
        await self._platform.eventually(lambda: self._platform.gateway.connected(self._bot), "connected", PATIENCE)

    async def tidy(self) -> None:
        await self.adapter.close()
        await self._platform.__aexit__(None, None, None)
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = self._before

    async def say(self, text: str) -> bool:
        """True once it was taken; False if the bot said that it was not."""
        told, taken = len(self._refusals()), self._taken
        self._dm.says(self._ann, text)
        await self._platform.eventually(
            lambda: len(self._refusals()) > told or self._taken > taken, "neither taken nor refused", PATIENCE
        )
        return self._taken > taken

    def _refusals(self) -> list[str]:
        return [text for text in self._dm.texts if text.startswith(("[too_fast", "[unreadable"))]

    async def send(self, outbound: Outbound) -> Receipt:
        return await self.adapter.send(outbound)

    async def seen(self) -> str:
        shown = [message for message in self._dm.messages if message.author.id == self._bot.id]
        return "\n".join("\n".join([message.content, *message.buttons]) for message in shown)

    def address(self) -> Address:
        return Address("discord", f"u{self._ann.id}")
