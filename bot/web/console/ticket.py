"""A ticket on the page: what is known, what was said and happened, and what can be done."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from nicegui import ui

from bot.desk.rules import PRIORITIES
from bot.messages import Ticket
from bot.ports import Case
from bot.web.console import views
from bot.web.console.composer import SMALL, Composer
from bot.web.console.listing import Listing
from bot.web.console.views import Answer, Brief, Head, LineView
from bot.web.console.words import Html, as_html, div

if TYPE_CHECKING:
    from bot.web.console.page import Page

MOST_SHOWN = 200
"""Lines on the page; making more takes so long that others would wait."""
SNOOZES = {"30m": ("minutes", 30), "2h": ("hours", 2), "1d": ("days", 1)}


class TicketView:
    """The right side of the page, for one ticket."""

    def __init__(self, page: Page, case: Case) -> None:
        self._page, self.texts = page, page.texts
        self.number = case.summary.ticket.number
        self._state: tuple[object, ...] = ()
        self._dismissed = 0.0
        with ui.element("header").classes("head"):
            head, self._actions = ui.element("div").classes("glance"), ui.element("div").classes("actions")
        # The inner box is as high as it likes, and the outer one starts at its end and stays there.
        with ui.element("div").classes("scroll"), ui.element("div").classes("record").props("role=log"):
            brief, self._cut = ui.element("div").classes("box"), ui.label().classes("cut")
            lines = ui.element("div").classes("lines")
        self._told = ui.element("div").classes("box")
        self._head: Listing[Head] = Listing(head, self._draw_head)
        self._brief: Listing[Brief] = Listing(brief, self._draw_brief)
        self._lines: Listing[LineView] = Listing(lines, self._draw_line)
        self._answers: Listing[Answer] = Listing(self._told, self._draw_answer)
        self._composer = Composer(self)
        self.show(case, frozenset())

    def show(self, case: Case, away: frozenset[str]) -> None:
        """Show the ticket as it is now."""
        reader, ticket = self._page.reader, case.summary.ticket
        self._head.show([views.head(case.summary, reader)])
        self._brief.show([views.brief(case, reader)])
        lines = views.lines(case, reader, self._link)
        self._cut.set_visibility(len(lines) > MOST_SHOWN)
        self._cut.set_text(self.texts("earlier_lines", n=len(lines) - MOST_SHOWN))
        self._lines.show(lines[-MOST_SHOWN:])
        answer = views.answer(case, reader.now)
        self._answers.show([answer] if answer and answer.at > self._dismissed else [])
        state = (ticket.status, ticket.owner, ticket.topic, ticket.priority, away)
        if state != self._state:
            self._state = state
            self._actions.clear()
            with self._actions:
                self._draw_actions(ticket, away)
            self._composer.show(ticket, self._page.agent.name)

    def _link(self, seq: int, place: int) -> str:
        return f"{self._page.root}/files/{self.number}/{seq}/{place}"

    async def act(self, *, text: str = "", choice: str = "") -> bool:
        """Type or press something in this ticket."""
        return await self._page.act(self.number, text=text, choice=choice)

    @property
    def draft(self) -> str:
        """What the agent has typed here and not sent yet; it is there again after a look at another ticket."""
        return self._page.console.drafts[self._page.agent.name, self.number]

    @draft.setter
    def draft(self, text: str) -> None:
        drafts = self._page.console.drafts
        drafts[self._page.agent.name, self.number] = text
        if not text:
            del drafts[self._page.agent.name, self.number]

    def press(self, choice: str) -> Callable[[], Awaitable[bool]]:
        """What happens when a button of this value is pressed."""
        return partial(self.act, choice=choice)

    def _draw_head(self, head: Head) -> None:
        back = ui.link(target="/").classes("back")
        back.props["aria-label"] = self.texts("back_to_list")
        with back:
            ui.icon("arrow_back")
        with ui.element("div").classes("who"):
            with ui.element("div").classes("line"):
                ui.label(f"#{head.number}").classes("number")
                ui.label(head.contact).classes("contact")
            with ui.element("div").classes("line facts"):
                for fact in head.facts:
                    ui.label(fact).classes("fact")
                ui.label(head.time).classes("fact")
        ui.label(head.priority_text).classes(f"chip {head.priority}")
        ui.label(head.state_text).classes(f"chip state {head.state}")

    def _draw_actions(self, ticket: Ticket, away: frozenset[str]) -> None:
        agent = self._page.agent
        transcript = f"{self._page.root}/transcripts/{self.number}.html"
        may_decide = not ticket.owner or ticket.owner == agent.name or agent.role == "lead"
        if ticket.status == "closed":
            self._button("reopen", primary=True)
            self._download("transcript", transcript)
            return
        if not ticket.owner:
            self._button("claim", primary=True)
        elif may_decide:
            self._button("release")
        if may_decide:
            with self._menu("transfer"):
                self._transfers(ticket, away)
        with self._menu("priority"):
            for one in PRIORITIES:
                self._item(self._page.reader.word(f"desk_priority_{one}"), f"priority:{one}")
        with self._menu("snooze"):
            for span, (unit, number) in SNOOZES.items():
                self._item(self.texts(unit, n=number), f"snooze:{span}")
        if may_decide:
            ui.button(self.word("close"), on_click=self._ask_to_close).props(f"flat {SMALL}")
        self._download("transcript", transcript)

    def _transfers(self, ticket: Ticket, away: frozenset[str]) -> None:
        rules = self._page.console.rules
        for agent in rules.agents:
            if agent.name != (ticket.owner or self._page.agent.name):
                gone = f" ({self.texts('away_short')})" if agent.name in away else ""
                self._item(agent.name + gone, f"transfer:{agent.name}")
        topics = {*rules.topic_hours, *(topic for agent in rules.agents for topic in agent.topics)} - {ticket.topic}
        for topic in sorted(topics):
            self._item(self.texts("to_topic", name=topic), f"transfer:{topic}")

    def word(self, name: str) -> str:
        """How a button is called."""
        return self._page.reader.word(f"desk_button_{name}")

    def _button(self, choice: str, *, primary: bool = False) -> None:
        look = "unelevated color=primary" if primary else "flat"
        ui.button(self.word(choice), on_click=self.press(choice)).props(f"{look} {SMALL}")

    def _download(self, name: str, href: str) -> None:
        ui.link(self.word(name), href, new_tab=True).classes("download").props("download")

    def _menu(self, name: str) -> ui.menu:
        with ui.button(self.word(name)).props(f"flat {SMALL} icon-right=expand_more"):
            return ui.menu()

    def _item(self, text: str, choice: str) -> None:
        ui.menu_item(text, on_click=self.press(choice))

    def _ask_to_close(self) -> None:
        with ui.dialog(value=True) as dialog, ui.card().classes("ask"):
            ui.label(self.texts("close_title", n=self.number)).classes("ask-title")
            reason = ui.input(self.texts("close_reason")).props("outlined autofocus maxlength=500").classes("wide")

            async def close() -> None:
                dialog.close()
                why = (reason.value or "").strip()
                await self.act(text=f"/close {why}" if why else "", choice="" if why else "close")

            reason.on("keydown.enter", close)
            with ui.element("div").classes("ask-buttons"):
                ui.button(self.texts("cancel"), on_click=dialog.close).props("flat no-caps")
                ui.button(self.word("close"), on_click=close).props("unelevated no-caps")
        dialog.on("hide", dialog.delete)

    def _draw_brief(self, brief: Brief) -> None:
        rows = ((div("brief-name", name), div("brief-values", "\n".join(values))) for name, values in brief.rows)
        ui.html(div("brief", *(cell for row in rows for cell in row)), sanitize=False)

    def _draw_line(self, line: LineView) -> None:
        time = div("time", line.time, title=line.exactly)
        if line.look == "event":
            ui.html(div("", div("text", line.text), time), sanitize=False).classes("said event")
            return
        remark = [div("remark", line.remark)] if line.remark and line.text else []
        said = div("line", div("author", line.who), time, *remark), self._text(line)
        with ui.element("article").classes(f"said {line.look}"):
            ui.html(div("", *said), sanitize=False)
            for href, name in line.files:
                ui.link(name, href, new_tab=True).classes("file").props("download")
            if line.state:
                self._draw_state(line)

    def _text(self, line: LineView) -> Html:
        if not line.text:
            return div("text remark", line.remark)
        return div("text rich", as_html(line.text)) if line.rich else div("text plain", line.text)

    def _draw_state(self, line: LineView) -> None:
        with ui.element("div").classes(f"delivery {line.state}"):
            ui.label(line.state_text)
            if line.retry:
                ui.button(self.word("retry"), on_click=self.press(line.retry)).props(f"outline {SMALL} size=sm")

    def _draw_answer(self, answer: Answer) -> None:
        with ui.element("div").classes("told"):
            with ui.element("div").classes("line"):
                ui.label(self.texts("said_by_desk")).classes("told-title grow")
                dismiss = ui.button(icon="close", on_click=partial(self._dismiss, answer), color=None)
                dismiss.props("flat dense round size=sm").props["aria-label"] = self.texts("dismiss")
            ui.html(as_html(answer.text), sanitize=False).classes("rich")
            with ui.element("div").classes("told-buttons"):
                self._draw_choices([(button.label, button.value) for button in answer.buttons])

    def _dismiss(self, answer: Answer) -> None:
        self._dismissed = answer.at
        self._answers.show([])

    def _draw_choices(self, choices: Sequence[tuple[str, str]]) -> None:
        for label, value in choices:
            ui.button(label, on_click=self.press(value)).props(f"outline {SMALL}")
