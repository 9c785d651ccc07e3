"""Where an agent types: a reply to the contact, or a note that only agents see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui import events, ui

from bot.messages import Ticket

if TYPE_CHECKING:
    from bot.web.console.ticket import TicketView

SMALL = "dense no-caps padding='2px 10px'"
"""How buttons look that stand in a row."""
LONGEST = 8000
"""Characters of a message."""
# Only the browser knows whether Enter chooses a Chinese word that is just being composed, or is meant to send.
_ENTER = """(event) => {
    if (event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    emit(event.target.value);
}"""


class Composer:
    """The box below a ticket."""

    def __init__(self, view: TicketView) -> None:
        self._view, self._texts = view, view.texts
        self._notes, self._under_way, self._hint = False, False, ""
        with ui.element("footer").classes("composer") as self._box:
            self._area = ui.textarea(value=view.draft, on_change=self._typed).classes("area")
            self._area.props(f"outlined autogrow dense maxlength={LONGEST}").on(
                "keydown.enter", self._enter, js_handler=_ENTER
            )
            with ui.element("div").classes("tools"):
                self._note = ui.button(view.word("note"), icon="sticky_note_2", on_click=self._toggle)
                self._note.props(f"flat {SMALL}")
                for name, icon in (("suggest", "lightbulb"), ("canned", "bolt")):
                    button = ui.button(view.word(name), icon=icon, on_click=view.press(name))
                    button.props(f"flat {SMALL}").classes("extra")
                ui.element("span").classes("grow")
                self._send = ui.button(view.texts("send"), icon="send", on_click=self._press_send)
                self._send.props(f"unelevated {SMALL}").classes("send")

    def show(self, ticket: Ticket, agent: str) -> None:
        """Offer what can be written now."""
        self._box.set_visibility(ticket.status != "closed")
        key = "reply" if ticket.owner == agent else "not_yours" if ticket.owner else "reply_claims"
        self._hint = self._texts(key, name=ticket.owner)
        self._show_mode()

    def _show_mode(self) -> None:
        self._area.props["placeholder"] = self._area.props["aria-label"] = (
            self._texts("write_note") if self._notes else self._hint
        )
        self._send.set_text(self._texts("save_note" if self._notes else "send"))
        self._box.classes(add="noting" if self._notes else "", remove="" if self._notes else "noting")

    def _toggle(self) -> None:
        self._notes = not self._notes
        self._show_mode()

    def _typed(self, event: events.ValueChangeEventArguments[str | None]) -> None:
        self._view.draft = event.value or ""

    async def _enter(self, event: events.GenericEventArguments) -> None:
        await self._write(str(event.args))

    async def _press_send(self) -> None:
        await self._write(self._area.value or "")

    async def _write(self, typed: str) -> None:
        """Send it, or keep it as a note. What was not taken stays in the box, and so does what is typed meanwhile."""
        text, as_note = typed.strip()[:LONGEST], self._notes
        if not text or self._under_way:
            return
        self._under_way = True
        try:
            taken = await self._view.act(text=f"/note {text}" if as_note else text)
        finally:
            self._under_way = False
        if taken:
            value = self._area.value or ""
            self._area.set_value(value.removeprefix(typed) if value.startswith(typed) else "")
            if as_note:
                self._toggle()
