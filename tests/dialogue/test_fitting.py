"""What is too much for one message is said in several, each of which can be sent in one go."""

from __future__ import annotations

from bot.dialogue.events import Conversation, Decision, Say
from bot.dialogue.fitting import fit, together
from bot.messages import Address, Button, File, FileKind

CONVERSATION = Conversation(1, Address("web", "a"))
BUTTONS = (Button("Yes", "yes"),)


def files(*kinds: FileKind) -> tuple[File, ...]:
    return tuple(File(str(number), kind) for number, kind in enumerate(kinds))


def fitted(say: Say, longest: int = 20) -> list[Say]:
    return [effect for effect in fit(Decision(CONVERSATION, (say,)), longest).effects if isinstance(effect, Say)]


def test_a_message_that_fits_stays_as_it_is() -> None:
    assert fitted(Say("short", BUTTONS)) == [Say("short", BUTTONS)]


def test_a_long_text_is_said_in_parts_with_the_buttons_below_the_last() -> None:
    said = fitted(Say("one two three.\n\nfour five six.", BUTTONS))
    assert [say.text for say in said] == ["one two three.", "four five six."]
    assert [say.buttons for say in said] == [(), BUTTONS]


def test_files_follow_their_text_in_messages_of_their_own() -> None:
    said = fitted(Say("look", BUTTONS, files=files("photo", "photo", "voice")))
    assert [(say.text, len(say.files), say.buttons) for say in said] == [("look", 0, BUTTONS), ("", 2, ()), ("", 1, ())]


def test_files_without_a_text_bring_none() -> None:
    assert fitted(Say("", files=files("document"))) == [Say("", files=files("document"))]


def test_only_what_a_platform_shows_together_is_together() -> None:
    kinds: tuple[FileKind, ...] = ("photo", "video", "document", "document", "voice", "voice", "photo")
    assert [[file.kind for file in group] for group in together(files(*kinds))] == [
        ["photo", "video"],
        ["document", "document"],
        ["voice"],
        ["voice"],
        ["photo"],
    ]


def test_an_album_has_ten_at_most_and_none_is_lost() -> None:
    many = files(*["photo"] * 23)
    groups = together(many)
    assert [len(group) for group in groups] == [10, 10, 3]
    assert [file for group in groups for file in group] == list(many)


def test_a_button_that_opens_a_form_stays_only_where_there_are_forms() -> None:
    say = Say("ticket", (Button("Fill in", "form:uid"), *BUTTONS))
    assert fitted(say)[0].buttons == BUTTONS
    (kept,) = fit(Decision(CONVERSATION, (say,)), 20, forms=True).effects
    assert kept == say
