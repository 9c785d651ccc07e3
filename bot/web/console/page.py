"""The console's page: the inbox on the left, a ticket on the right. Only this package's modules below know NiceGUI."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

import structlog
from nicegui import Client, app, ui
from starlette.requests import Request

from bot.desk.routing import Agent
from bot.errors import FrontdeskError, Refused
from bot.ports import Case
from bot.web.console import views
from bot.web.console.gate import HERE
from bot.web.console.listing import Listing
from bot.web.console.live import Inbox
from bot.web.console.texts import Texts
from bot.web.console.ticket import TicketView
from bot.web.console.views import Reader, RowView
from bot.web.console.words import div

if TYPE_CHECKING:
    from bot.web.console.console import Console

log = structlog.get_logger("console")

MOST_ROWS = 100
"""Tickets of a section on the page; making more takes so long that others would wait."""
SECTIONS = ("waiting", "mine", "others", "closed")
_STYLE = (Path(__file__).parent / "style.css").read_text(encoding="utf-8")


@ui.page("/")
@ui.page("/tickets/{_}")
async def desk(request: Request, client: Client) -> None:
    """The page for whoever the gate let in."""
    console, session = request.scope[HERE]
    agent = await console.agent(session)
    root = request.headers.get("x-forwarded-prefix", "") + request.scope["root_path"]
    shown = Page(console, session, agent, console.entrance.texts(request), client, root)
    inbox = await console.board.inbox()
    with client:
        shown.build()
    shown.show_inbox(inbox)
    console.board.watch(shown)
    client.on_delete(lambda: console.board.forget(shown))


class _Section(NamedTuple):
    """A part of the inbox on the page."""

    box: ui.element
    title: ui.label
    rows: Listing[RowView]
    more: ui.label


class Page:
    """One open page; implements Watcher."""

    def __init__(self, console: Console, session: str, agent: Agent, texts: Texts, client: Client, root: str) -> None:
        self.console, self.agent, self.texts, self.root = console, agent, texts, root
        self.number = 0
        self._session, self._client = session, client
        self._ticket: TicketView | None = None
        self._away = False
        self._title = ""
        self._sections: dict[str, _Section] = {}
        self._frame: ui.element
        self._empty: ui.label
        self._presence: ui.button

    @property
    def reader(self) -> Reader:
        """How texts and times are read on this page now."""
        rules = self.console.rules
        return Reader(
            self.texts, self.console.phrase, self.console.field, rules.zone, self.console.clock.now(), self.agent.name
        )

    def build(self) -> None:
        """Make the elements."""
        ui.add_css(_STYLE)
        ui.colors(primary="#1f5fbf")
        with ui.element("div").classes("desk") as self._frame:
            self._build_top()
            with ui.element("nav").classes("inbox"):
                for key in SECTIONS:
                    self._build_section(key)
            with ui.element("main").classes("work"):
                ui.sub_pages({"/": self._no_ticket, "/tickets/{number}": self._open_ticket}, show_404=False)

    def _build_top(self) -> None:
        with ui.element("header").classes("top"):
            ui.label(self.texts("title")).classes("name")
            ui.element("span").classes("grow")
            self._presence = (
                ui.button(on_click=self._toggle_presence, color=None)
                .props("flat dense no-caps padding='xs sm'")
                .classes("presence")
            )
            ui.label(self.agent.name).classes("agent")
            with ui.element("form").props(f'method="post" action="{urlsplit(self.root).path}/leave"'):
                ui.button(icon="logout", color=None).props("flat dense round type=submit").props["aria-label"] = (
                    self.texts("leave")
                )

    def _build_section(self, key: str) -> None:
        with ui.element("section").classes(f"section {key}") as section:
            title = ui.label().classes("section-title")
            if key == "waiting":
                self._empty = ui.label(self.texts("nobody_waits")).classes("empty")
            listing = Listing(ui.element("div").classes("box"), self._draw_row)
            self._sections[key] = _Section(section, title, listing, ui.label().classes("empty"))

    def _draw_row(self, row: RowView) -> None:
        marks = " ".join(filter(None, ("here" if row.here else "", "late" if row.late else "", row.priority)))
        facts = [div("fact", fact) for fact in row.facts]
        if row.priority != "normal":
            facts.insert(0, div(f"chip {row.priority}", self.reader.word(f"desk_priority_{row.priority}")))
        if row.owner:
            facts.append(div("owner", row.owner))
        head = (div("number", f"#{row.number}"), div("contact", row.contact), div("time", row.time))
        with ui.link(target=f"/tickets/{row.number}").classes(f"row-link {marks}"):
            inside = div("", div("line", *head), div("preview", row.preview), div("line facts", *facts))
            ui.html(inside, sanitize=False)

    def _no_ticket(self) -> None:
        self.number, self._ticket = 0, None
        self._frame.classes(remove="open")
        ui.label(self.texts("pick")).classes("nothing")
        self.console.wake()

    async def _open_ticket(self, number: str) -> None:
        self.number, self._ticket = int(number) if number.isdecimal() and len(number) < 10 else -1, None
        self._frame.classes(add="open")
        here = self.number
        case = await self.console.board.case(here) if here > 0 else None
        if here != self.number:
            return  # somebody was quicker with the next one
        if case is None:
            ui.label(self.texts("no_ticket")).classes("nothing")
            ui.link(self.texts("back_to_list"), "/").classes("nothing-link")
            return
        self._ticket = TicketView(self, case)
        self.console.wake()

    async def show(self, inbox: Inbox, case: Case | None) -> None:
        """Show how it is now, if this is still the page of somebody who may see it."""
        if await self.console.entrance.agent(self._session) is None:
            self.sign_out()
            return
        with self._client:
            self.show_inbox(inbox)
            if self._ticket is not None and case is not None and case.summary.ticket.number == self.number:
                self._ticket.show(case, inbox.away)

    def show_inbox(self, inbox: Inbox) -> None:
        """Show the inbox as it is now."""
        reader = self.reader
        found = {part.key: part.rows for part in views.inbox(inbox.open, inbox.closed, reader, self.number)}
        for key, section in self._sections.items():
            rows = found.get(key, ())
            section.box.set_visibility(bool(rows) or key == "waiting")
            section.title.set_text(f"{self.texts(key)} · {len(rows)}" if rows else self.texts(key))
            section.rows.show(rows[:MOST_ROWS])
            section.more.set_visibility(len(rows) > MOST_ROWS)
            section.more.set_text(self.texts("more", n=len(rows) - MOST_ROWS))
        waiting = len(found["waiting"])
        self._empty.set_visibility(not waiting)
        self._show_title(f"({waiting}) {self.texts('title')}" if waiting else self.texts("title"))
        self._show_presence(self.agent.name in inbox.away)

    def _show_title(self, title: str) -> None:
        if title != self._title:
            self._title = title
            ui.page_title(title)

    def _show_presence(self, away: bool) -> None:
        self._away = away
        self._presence.set_text(self.texts("away" if away else "there"))
        self._presence.classes(add="is-away" if away else "", remove="" if away else "is-away")
        self._presence.props["title"] = self.texts("come_back" if away else "go_away")

    async def _toggle_presence(self) -> None:
        await self.act(0, text="/back" if self._away else "/away")

    async def act(self, number: int, *, text: str = "", choice: str = "") -> bool:
        """Do something as the agent of this page: whether it was taken; if not, the page says why."""
        from bot.web.console.console import SignedOut

        try:
            await self.console.act(self._session, number, text=text, choice=choice)
        except SignedOut:
            self.sign_out()
            return False
        except Refused as error:
            self._say(self.texts("not_taken", error=error))
            return False
        except FrontdeskError as error:
            log.warning("console.not_taken", error=str(error))
            self._say(self.texts("try_again"))
            return False
        return True

    def _say(self, text: str) -> None:
        with self._client:
            ui.notify(text, type="warning", position="top")

    def sign_out(self) -> None:
        """Nobody may use this page any more: the gate says how to get in again."""
        self.console.board.forget(self)
        with self._client:
            self._frame.clear()
            ui.label(self.texts("signed_out")).classes("nothing")
            ui.navigate.reload()


app.on_exception(lambda error: log.error("console.page_failed", error=repr(error)))
