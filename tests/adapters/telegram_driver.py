"""A person in a private chat with the bot, on the stand-in of the Bot API."""

from __future__ import annotations

from bot.messages import Address, Outbound, Receipt
from bot.ports import Adapter
from tests.adapters.driver import PATIENCE, Driver, module, tools
from tests.stands.telegram import BotApi, Person, Sent

TOKEN = "111111:a-token-that-must-never-show"


class TelegramDriver(Driver):
    """Ann writes to the bot; the bot polls."""

    name = "telegram"

    async def make(self) -> Adapter:
        self._api = await BotApi().__aenter__()
        self._bot = self._api.add_bot(TOKEN, "frontdesk_bot")
        self._ann = Person(5, "Ann", lang="en")
        self._api.meet(self._ann)
        options = module("telegram").Options(token=TOKEN, api_url=self._api.url)
        made: Adapter = module("telegram").Adapter(options, tools("telegram"))
        return made

    async def tidy(self) -> None:
        await self.adapter.close()
        await self._api.__aexit__(None, None, None)

    async def say(self, text: str) -> bool:
        """True once Telegram knows that it was taken; False if the bot said that it was not."""
        told = len(self._refusals())
        self._bot.says(self._ann, text)
        await self._bot.eventually(
            lambda: len(self._refusals()) > told or not self._bot.pending, "neither taken nor refused", PATIENCE
        )
        return len(self._refusals()) == told

    def _refusals(self) -> list[str]:
        return [sent.text for sent in self._bot.sent if sent.text.startswith(("[too_fast", "[unreadable"))]

    async def send(self, outbound: Outbound) -> Receipt:
        return await self.adapter.send(outbound)

    async def seen(self) -> str:
        """Texts with the targets of their links, as a tap shows them, and buttons."""
        shown = self._bot.shown(self._ann.id)
        return "\n".join("\n".join([sent.text, *_links(sent), *sent.labels]) for sent in shown)

    def address(self) -> Address:
        return Address("telegram", str(self._ann.id))


def _links(sent: Sent) -> list[str]:
    return [entity["url"] for entity in sent.entities if "url" in entity]
