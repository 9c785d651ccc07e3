"""What goes wrong between Frontdesk and Telegram: every Telegram line of the fault table, over real HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from adapters.web import Options as WebOptions
from bot.app import App, World
from bot.config import KnowledgeBlock
from bot.errors import StoreUnavailable
from bot.messages import Accepted, Inbound
from bot.storage.store import Store
from tests.adapters.driver import module
from tests.benchmarks.telegram_limits import measure, table
from tests.cli.conftest import furnish
from tests.stands.telegram import BotAccount, BotApi, Call, Drop, Garbage, Group, Hang, Lost, Person, Status
from tests.telegram import running
from tests.telegram.running import ANN, LI, TOKEN, options, rows

BEN = Person(7, "Ben", lang="en")
GROUP = Group(-1001, "Traders")
OBEYED = 0.2
"""Seconds within which a wait that Telegram asks for must be over."""
FATES = "select status, attempts, repeated from outbox where channel = 'telegram' order by id"
SECOND_POLLER = "another program reads this bot's messages (409)"
REFUSED = "Telegram refuses the token of this bot"
UNREACHABLE = "Telegram can't be reached"


@pytest.fixture
async def api(anyio_backend: str) -> AsyncIterator[BotApi]:
    module("telegram")
    async with BotApi() as running:
        for person in (ANN, LI, BEN):
            running.meet(person)
        yield running


@pytest.fixture
def bot(api: BotApi) -> BotAccount:
    return api.add_bot(TOKEN)


@contextlib.asynccontextmanager
async def frontdesk(
    folder: Path, channels: dict[str, Any], world: World | None = None, **settings: Any
) -> AsyncIterator[App]:
    """The whole service, with a knowledge so small that it starts at once; only commands are asked here."""
    if not (folder / "faq").exists():
        furnish(folder)
    knowledge = KnowledgeBlock(path=str(folder / "faq"))
    async with running.frontdesk(folder, channels, world, knowledge=knowledge, **settings) as app:
        yield app


async def until(check: Callable[[], Awaitable[Any]], what: str, seconds: float = 10) -> Any:
    """Wait for what happens inside the service, where the stand-in can't see it."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not (found := await check()):
        assert asyncio.get_running_loop().time() < deadline, f"{what}: not within {seconds} s"
        await asyncio.sleep(0.01)
    return found


async def holds(app: App, sql: str, *wanted: tuple[Any, ...]) -> None:
    """Wait until the database holds this."""

    async def check() -> bool:
        return list(await rows(app, sql)) == list(wanted)

    try:
        await until(check, sql)
    except AssertionError:
        assert list(await rows(app, sql)) == list(wanted)


async def trouble(app: App) -> str:
    """What /readyz says of the channels; empty if it is ready."""
    assert app.server is not None
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{app.server.port}", trust_env=False) as client:
        answer = await client.get("/readyz")
    return "" if answer.status_code == 200 else str(answer.json()["parts"]["channels"])


async def web_answers(app: App) -> None:
    """The web chat goes on as if nothing were."""
    assert app.server is not None
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{app.server.port}", trust_env=False) as client:
        headers = {"Authorization": f"Bearer {(await client.post('/api/chat')).json()['token']}"}
        await client.post("/api/chat/messages", json={"id": "1", "text": "/help"}, headers=headers)

        async def answered() -> bool:
            record = (await client.get("/api/chat/messages", headers=headers)).json()["messages"]
            return [message["from"] for message in record] == ["contact", "bot"]

        await until(answered, "an answer in the web chat")


def sends(bot: BotAccount, chat: Person | Group | None = None) -> list[Call]:
    """The sends that were tried, to one chat or to all."""
    found = [call for call in bot.calls if call.method == "sendMessage"]
    return [call for call in found if chat is None or call.params["chat_id"] == str(chat.id)]


async def sent_and_stored(app: App, bot: BotAccount, count: int) -> None:
    """So many messages are shown, and all that is under way is over."""
    await bot.eventually(lambda: len(bot.sent) >= count, f"{count} messages")
    await app.outboxes["telegram"].finish()
    assert len(bot.sent) == count, [sent.text for sent in bot.sent]


# Sending


async def test_a_wait_that_telegram_asks_for_is_obeyed_and_holds_nobody_else_up(
    tmp_path: Path, api: BotApi, bot: BotAccount
) -> None:
    api.fail("sendMessage", Status(429, retry_after=1), chat=ANN.id)
    async with frontdesk(tmp_path, {"telegram": options(api)}) as app:
        bot.says(ANN, "/help")
        await bot.eventually(lambda: sends(bot, ANN), "a send that is refused")
        bot.says(LI, "/help")
        await sent_and_stored(app, bot, 2)
        refused, again = sends(bot, ANN)
        assert 1 <= again.at - refused.at <= 1 + OBEYED
        assert sends(bot, LI)[0].at < again.at - 0.5
        assert await rows(app, FATES) == [("sent", 1, 0), ("sent", 1, 0)]


async def test_waits_never_make_a_message_dead(tmp_path: Path, api: BotApi, bot: BotAccount) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("adapters.telegram.failures.wait_of", lambda _: 0.01)
        patch.setattr("adapters.telegram.adapter.wait_of", lambda _: 0.01)
        patch.setattr("adapters.telegram.pace.PER_CHAT_SECOND", 1000)
        api.fail("sendMessage", Status(429, retry_after=1), times=12)
        async with frontdesk(tmp_path, {"telegram": options(api)}) as app:
            bot.says(ANN, "/help")
            await sent_and_stored(app, bot, 1)
            assert len(sends(bot)) == 13
            assert await rows(app, FATES) == [("sent", 1, 0)]


@pytest.mark.parametrize("fault", [Status(500), Status(502, html=True), Status(403, html=True)], ids=str)
async def test_what_telegram_s_servers_or_a_proxy_before_them_break_is_tried_again_with_growing_waits(
    tmp_path: Path, api: BotApi, bot: BotAccount, fault: Status
) -> None:
    """Also a 403 that is no answer of Telegram's: it says nothing of the chat, which must not count as gone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("adapters.telegram.pace.PER_CHAT_SECOND", 1000)
        api.fail("sendMessage", fault, times=2)
        async with frontdesk(tmp_path, {"telegram": options(api)}, World(jitter=lambda: 0.0)) as app:
            bot.says(ANN, "/help")
            await sent_and_stored(app, bot, 1)
            first, second = ((b.at - a.at) for a, b in itertools.pairwise(sends(bot)))
            assert 0.25 <= first < 0.5 <= second < 0.75
            assert await rows(app, FATES) == [("sent", 3, 0)]


@pytest.mark.parametrize("fault", [Lost(), Garbage(execute=True), Hang(30, execute=True)], ids=str)
@pytest.mark.parametrize("times", [1, 2])
async def test_a_lost_answer_makes_one_repeat_at_most_and_then_an_uncertain_message_that_shows(
    tmp_path: Path, api: BotApi, bot: BotAccount, fault: Any, times: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("adapters.telegram.adapter.ANSWER_WITHIN", 0.3)
        patch.setattr("adapters.telegram.polling.LONGEST_POLL", 5)
        patch.setattr("adapters.telegram.pace.PER_CHAT_SECOND", 1000)
        api.fail("sendMessage", fault, times=times)
        async with frontdesk(tmp_path, {"telegram": options(api)}, World(jitter=lambda: 0.0)) as app:
            bot.says(ANN, "/help")
            await sent_and_stored(app, bot, 2)
            assert await rows(app, FATES) == [("sent" if times == 1 else "uncertain", 2, 1)]
            assert (await app.store.counts())["uncertain"] == times - 1
            assert f'frontdesk_rows{{kind="uncertain"}} {times - 1}.0' in (await app.metrics())[0].decode()
            bot.says(ANN, "/status")  # and the chat goes on
            await sent_and_stored(app, bot, 3)


async def test_a_connection_that_breaks_before_telegram_hears_us_costs_no_message(
    tmp_path: Path, api: BotApi, bot: BotAccount
) -> None:
    api.fail("sendMessage", Drop())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("adapters.telegram.pace.PER_CHAT_SECOND", 1000)
        async with frontdesk(tmp_path, {"telegram": options(api)}) as app:
            bot.says(ANN, "/help")
            await sent_and_stored(app, bot, 1)
            assert await rows(app, FATES) == [("sent", 2, 1)]


def blocked(api: BotApi, bot: BotAccount) -> None:
    api.block(ANN.id)


def deactivated(api: BotApi, bot: BotAccount) -> None:
    api.deactivate(ANN.id)


def not_found(api: BotApi, bot: BotAccount) -> None:
    api.fail("sendMessage", Status(400, description="Bad Request: chat not found"), times=None, chat=ANN.id)


def kicked(api: BotApi, bot: BotAccount) -> None:
    api.kick(bot, GROUP)


@pytest.mark.parametrize("gone", [blocked, deactivated, not_found, kicked], ids=lambda gone: gone.__name__)
async def test_a_chat_that_is_gone_is_dead_at_once_and_the_others_go_on(
    tmp_path: Path, api: BotApi, bot: BotAccount, gone: Callable[[BotApi, BotAccount], None]
) -> None:
    where = GROUP if gone is kicked else ANN
    for text in ("/help", "/status"):
        bot.says(ANN, text, chat=GROUP if gone is kicked else None)
    gone(api, bot)
    bot.says(LI, "/help")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("adapters.telegram.pace.PER_CHAT_SECOND", 1000)
        async with frontdesk(tmp_path, {"telegram": options(api)}) as app:
            by_chat = "select status, count(*), max(attempts) from outbox group by status order by status"
            await holds(app, by_chat, ("dead", 2, 1), ("sent", 1, 1))
            bot.says(BEN, "/help")
            await sent_and_stored(app, bot, 2)
            assert len(sends(bot, where)) == 2, "each once, and never again"
            assert (await app.store.counts())["dead"] == 2
            assert not await trouble(app)


async def test_a_send_that_hangs_holds_no_other_chat_up(tmp_path: Path, api: BotApi, bot: BotAccount) -> None:
    api.fail("sendMessage", Hang(0.8), chat=ANN.id)
    async with frontdesk(tmp_path, {"telegram": options(api)}) as app:
        bot.says(ANN, "/help")
        await bot.eventually(lambda: sends(bot, ANN), "a send that hangs")
        for person in (LI, BEN):
            bot.says(person, "/help")
        await bot.eventually(lambda: len(bot.sent) == 2, "the others' answers", 0.7)
        assert not bot.shown(ANN.id)
        await sent_and_stored(app, bot, 3)


async def test_messages_that_wait_while_telegram_does_not_even_say_who_we_are_are_kept(
    tmp_path: Path, api: BotApi, bot: BotAccount
) -> None:
    """All wait for one answer: were they to ask one after the other, most would time out and count as perhaps sent."""
    people = [Person(100 + number, "P", lang="en") for number in range(10)]
    api.fail("sendMessage", Status(429, retry_after=1), times=None)
    async with frontdesk(tmp_path, {"telegram": options(api)}) as app:
        for person in people:
            bot.says(person, "/help")
        await holds(app, "select count(*) from outbox where due > created_at", (10,))
    api.heal()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("adapters.telegram.adapter.ANSWER_WITHIN", 0.3)
        patch.setattr("adapters.telegram.polling.LONGEST_POLL", 5)
        patch.setattr("adapters.telegram.failures.AFTER_UNREACHABLE", 0.2)
        patch.setattr("bot.delivery.outbox.LONGEST_SEND", 0.9)
        api.fail("getMe", Hang(30), times=4)
        async with frontdesk(tmp_path, {"telegram": options(api)}) as app:
            await sent_and_stored(app, bot, 10)
            assert await rows(app, FATES) == [("sent", 1, 0)] * 10


# The limits


async def test_the_limits_are_kept_and_used(tmp_path: Path) -> None:
    """The long version, with groups over their limit of a minute, is `python -m tests.benchmarks telegram_limits`."""
    found = await measure(tmp_path, chats=40, groups=2, answers=200, in_a_group=4, latency=0.0)
    assert (found.arrived, found.twice, found.not_sent) == (200, 0, 0), table(found)
    assert found.refusals < 0.01, table(found)
    assert found.share > 0.8, table(found)


# The channel


async def test_a_second_poller_is_told_of_and_when_it_is_gone_all_is_well_again(
    tmp_path: Path, api: BotApi, bot: BotAccount
) -> None:
    bot.conflict_pause = 0.1

    async def rival() -> None:
        async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
            while True:
                await client.get(f"{api.url}/bot{TOKEN}/getUpdates", params={"timeout": 20})

    with capture_logs() as log:
        async with frontdesk(tmp_path, {"telegram": options(api), "web": WebOptions()}) as app:
            await bot.eventually(lambda: bot.polled, "a poll")
            other = asyncio.create_task(rival())
            told = await until(lambda: trouble(app), "a word in /readyz")
            assert told.startswith(f"channel:telegram: {SECOND_POLLER}")
            await web_answers(app)
            other.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await other
            bot.says(ANN, "/help")
            await sent_and_stored(app, bot, 1)
            await until(lambda: well(app), "/readyz is well again")
    assert any(SECOND_POLLER in line.get("error", "") for line in log if line["event"] == "part.down")


async def well(app: App) -> bool:
    return not await trouble(app)


@pytest.mark.parametrize("already", [True, False], ids=["from the start", "while it runs"])
async def test_a_token_that_is_refused_is_told_of_and_when_it_is_good_again_all_is_well(
    tmp_path: Path, api: BotApi, bot: BotAccount, already: bool
) -> None:
    if already:
        bot.revoke()
    with capture_logs() as log:
        async with frontdesk(tmp_path, {"telegram": options(api), "web": WebOptions()}) as app:
            if not already:
                await bot.eventually(lambda: bot.polled, "a poll")
                bot.revoke()
            told = await until(lambda: trouble(app), "a word in /readyz")
            assert told.startswith(f"channel:telegram: {REFUSED}")
            await web_answers(app)
            bot.restore()
            bot.says(ANN, "/help")
            await sent_and_stored(app, bot, 1)
    down = [line for line in log if line["event"] == "part.down"]
    assert REFUSED in down[0]["error"]
    assert len(down) <= 2, "it is not asked again and again"
    assert TOKEN not in str(log)


async def test_a_message_waits_while_the_token_is_refused(tmp_path: Path, api: BotApi, bot: BotAccount) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("adapters.telegram.failures.AFTER_REFUSED_TOKEN", 0.05)
        patch.setattr("adapters.telegram.pace.PER_CHAT_SECOND", 1000)
        api.fail("sendMessage", Status(401), times=10)
        async with frontdesk(tmp_path, {"telegram": options(api)}) as app:
            bot.says(ANN, "/help")
            await sent_and_stored(app, bot, 1)
            assert await rows(app, FATES) == [("sent", 1, 0)]


class Line:
    """The line to Telegram. While it is cut, connections are refused."""

    def __init__(self, api: BotApi) -> None:
        self._port = int(api.url.rpartition(":")[2])
        self._server: asyncio.Server | None = None
        self._pipes: set[asyncio.Task[None]] = set()
        self._ends: set[asyncio.StreamWriter] = set()
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def join(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        assert self._server is not None
        self._server.close()
        for end in self._ends:
            end.transport.abort()
        await asyncio.gather(*self._pipes, return_exceptions=True)
        self._ends.clear()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, here = await asyncio.open_connection("127.0.0.1", self._port)
        self._ends |= {writer, here}
        for source, sink in ((reader, here), (there, writer)):
            task = asyncio.create_task(pipe(source, sink))
            self._pipes.add(task)
            task.add_done_callback(self._pipes.discard)


async def pipe(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    """Hand on what comes until one side ends."""
    with contextlib.suppress(ConnectionError):
        while data := await source.read(65536):
            sink.write(data)
            await sink.drain()
    sink.close()


async def test_while_telegram_can_not_be_reached_messages_are_kept_and_then_sent(
    tmp_path: Path, api: BotApi, bot: BotAccount
) -> None:
    line = Line(api)
    await line.join()
    with pytest.MonkeyPatch.context() as patch, capture_logs() as log:
        patch.setattr("adapters.telegram.failures.AFTER_UNREACHABLE", 0.05)
        patch.setattr("adapters.telegram.pace.PER_CHAT_SECOND", 1000)
        api.fail("sendMessage", Status(429, retry_after=1))
        channels = {"telegram": options(api).model_copy(update={"api_url": line.url}), "web": WebOptions()}
        async with frontdesk(tmp_path, channels) as app:
            bot.says(ANN, "/help")
            await holds(app, "select attempts, leased_until from outbox where error <> ''", (0, 0))
            await line.cut()

            async def failed_often() -> bool:
                return len([entry for entry in log if entry["event"] == "message.not_sent"]) > 10

            await until(failed_often, "more failures than attempts")
            assert await rows(app, "select status from outbox") == [("open",)]
            assert (await rows(app, "select error from outbox"))[0][0].startswith(f"RetryLater: {UNREACHABLE}")
            await web_answers(app)
            await line.join()
            await sent_and_stored(app, bot, 1)
            assert await rows(app, FATES) == [("sent", 1, 0)]
        await line.cut()


async def test_telegram_can_not_be_reached_at_start_and_what_came_meanwhile_is_answered_in_its_order(
    tmp_path: Path, api: BotApi, bot: BotAccount
) -> None:
    line = Line(api)
    await line.join()
    await line.cut()
    for text in ("/help", "/status"):
        bot.says(ANN, text)
    channels = {"telegram": options(api).model_copy(update={"api_url": line.url}), "web": WebOptions()}
    with capture_logs() as log:
        async with frontdesk(tmp_path, channels) as app:
            assert UNREACHABLE in await until(lambda: trouble(app), "a word in /readyz")
            await web_answers(app)
            await line.join()
            await sent_and_stored(app, bot, 2)
            assert ["/human" in bot.sent[0].text, "no open ticket" in bot.sent[1].text] == [True, True]
        await line.cut()
    assert next(UNREACHABLE in entry["error"] for entry in log if entry["event"] == "part.down")


@pytest.mark.parametrize("fault", [Drop(), Status(502, html=True), Status(429, retry_after=1), Garbage()], ids=str)
async def test_a_poll_that_fails_loses_nothing(tmp_path: Path, api: BotApi, bot: BotAccount, fault: Any) -> None:
    api.fail("getUpdates", fault)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("adapters.telegram.polling.FIRST_WAIT", 0.05)
        patch.setattr("adapters.telegram.pace.PER_CHAT_SECOND", 1000)
        patch.setattr("bot.delivery.supervisor.FIRST_WAIT", 0.1)
        async with frontdesk(tmp_path, {"telegram": options(api)}) as app:
            await bot.eventually(lambda: any(call.method == "getUpdates" for call in bot.calls), "a poll")
            for text in ("/help", "/status"):
                bot.says(ANN, text)
            await sent_and_stored(app, bot, 2)


async def test_updates_are_not_confirmed_when_the_answer_with_them_is_lost(
    tmp_path: Path, api: BotApi, bot: BotAccount
) -> None:
    bot.says(ANN, "/help")
    api.fail("getUpdates", Lost())
    async with frontdesk(tmp_path, {"telegram": options(api)}) as app:
        await sent_and_stored(app, bot, 1)


# What comes in

UNREADABLE = (
    {"message": {"message_id": 1, "date": "yesterday", "chat": {"id": ANN.id, "type": "private"}, "from": ANN.user()}},
    {"message": "not an object"},
    {"edited_message": {"chat": None}},
    {"callback_query": {"id": "1", "from": ANN.user(), "message": []}},
    {"my_chat_member": {}},
)


async def test_an_update_that_can_not_be_read_is_left_out_and_those_behind_it_are_taken(
    tmp_path: Path, api: BotApi, bot: BotAccount, caplog: pytest.LogCaptureFixture
) -> None:
    for update in UNREADABLE:
        bot.push(dict(update))
    bot.push({"something_new": {"chat": {"id": 1}}})
    bot.says(ANN, "/help")
    with caplog.at_level(logging.ERROR, "adapters.telegram"), capture_logs() as log:
        async with frontdesk(tmp_path, {"telegram": options(api)}) as app:
            await sent_and_stored(app, bot, 1)
            await bot.eventually(lambda: not bot.pending, "all confirmed")
    assert not [line for line in log if line["event"] == "part.down"]
    left_out = [record for record in caplog.records if "left out" in record.getMessage()]
    assert len(left_out) == len(UNREADABLE)


class StumblingStore(Store):
    """Can't be written to a few times; then it can."""

    left = 2

    async def receive(self, message: Inbound, now: float) -> Accepted:
        if self.left:
            self.left -= 1
            raise StoreUnavailable("the disk is full")
        return await super().receive(message, now)


async def test_what_could_not_be_stored_is_not_confirmed_and_comes_again(
    tmp_path: Path, api: BotApi, bot: BotAccount
) -> None:
    for text in ("/help", "/status"):
        bot.says(ANN, text)
    with pytest.MonkeyPatch.context() as patch, capture_logs() as log:
        patch.setattr("bot.delivery.supervisor.FIRST_WAIT", 0.2)
        async with frontdesk(tmp_path, {"telegram": options(api)}, World(make_store=StumblingStore)) as app:

            async def down() -> bool:
                return any(line["event"] == "part.down" for line in log)

            await until(down, "a failure to store")
            assert len(bot.pending) == 2
            await sent_and_stored(app, bot, 2)
            await bot.eventually(lambda: not bot.pending, "all confirmed")
            said = await rows(app, "select text from message where author = 'contact' order by seq")
            assert said == [("/help",), ("/status",)]


async def test_what_was_sent_while_frontdesk_was_down_is_answered_at_start_oldest_first(
    tmp_path: Path, api: BotApi, bot: BotAccount
) -> None:
    for text in ("/help", "/topics", "/status"):
        bot.says(ANN, text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("adapters.telegram.pace.PER_CHAT_SECOND", 1000)
        async with frontdesk(tmp_path, {"telegram": options(api)}) as app:
            await sent_and_stored(app, bot, 3)
    parts = ("/human", "about", "no open ticket")
    assert [part in sent.text for part, sent in zip(parts, bot.sent, strict=True)] == [True, True, True]
