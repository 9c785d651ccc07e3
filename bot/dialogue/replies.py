"""What the bot says: phrases of the knowledge, filled in and given their buttons."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.dialogue.events import TICKET_MARK, Conversation, Say
from bot.dialogue.fields import masked
from bot.dialogue.knowledge import Entry, Knowledge
from bot.dialogue.phrases import PHRASES
from bot.messages import FORM, LONGEST_TOKEN, PRIVATE, Button, File, Match, Ticket

MOST_CHOICES = 3
"""How many entries "did you mean" offers; more are not read."""
MOST_RELATED = 2
MOST_IN_TOPIC = 12
RATINGS = range(1, 6)
GOOD_RATING = 3
"""A lower one is a low one: leads look at it, and the contact is told so."""

LANGUAGE_NAMES: Mapping[str, str] = {
    "ar": "العربية",
    "de": "Deutsch",
    "en": "English",
    "es": "Español",
    "fr": "Français",
    "id": "Bahasa Indonesia",
    "it": "Italiano",
    "ja": "日本語",
    "ko": "한국어",
    "pt": "Português",
    "ru": "Русский",
    "th": "ไทย",
    "tr": "Türkçe",
    "uk": "Українська",
    "vi": "Tiếng Việt",
    "zh": "中文",
}
"""Languages by the name that their own speakers use; others are shown by their code."""

_PLACEHOLDER = re.compile(r"\{([a-z_.]+)\}")
_MARKS = re.compile(r"[\\`*_\[\]#+-]")


def language_name(lang: str) -> str:
    """A language's own name, or its code where we don't know it."""
    return LANGUAGE_NAMES.get(lang, lang)


def fill(text: str, values: Mapping[str, str]) -> str:
    """Replace `{name}` by its value; a name without a value stays, so that the ticket's number can be filled in later.

    Not str.format: a text may hold braces of its own, and a value is never looked into.
    """
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), text)


def literal(name: str) -> str:
    """A name as Markdown that shows it as it is: whoever calls themselves [this](https://...) gets no link."""
    return _MARKS.sub(r"\\\g<0>", " ".join(name.split()))


def placeholders(text: str) -> set[str]:
    """The names that a text asks to be filled in."""
    return set(_PLACEHOLDER.findall(text))


@dataclass(frozen=True, slots=True)
class Voice:
    """Speaks to one contact: in their language, on their channel, under the brand's name."""

    knowledge: Knowledge
    brand: str
    languages: tuple[str, ...]
    lang: str
    conversation: Conversation

    @property
    def _names(self) -> dict[str, str]:
        return {"brand.name": self.brand, "contact.name": literal(self.conversation.name)}

    def phrase(self, key: str, **values: str) -> str:
        """One phrase, filled in."""
        _, text = self.knowledge.pick(self.knowledge.phrases.texts[key], self.lang)
        return fill(text, self._names | values)

    def say(self, key: str, *buttons: Button, **values: str) -> Say:
        """A message of one phrase."""
        return Say(self.phrase(key, **values), buttons)

    def _button(self, key: str, value: str) -> Button:
        return Button(self.phrase(f"button_{key}"), value)

    def _entry_button(self, entry: str) -> Button:
        return Button(self.knowledge.title(self.knowledge.entries[entry], self.lang), f"entry:{entry}")

    def _topic_buttons(self) -> tuple[Button, ...]:
        pick = self.knowledge.pick
        return tuple(
            Button(pick(topic.titles, self.lang)[1], f"topic:{topic.id}") for topic in self.knowledge.topics.values()
        )

    def greeting(self) -> Say:
        """Hello, and where to begin."""
        return self.say("greeting", self._button("topics", "topics"), self._to_human("human"))

    def _to_human(self, key: str) -> Button:
        """The button that gets a person; in public it leads to where nobody reads along."""
        return self._button(key, self._privately if self.conversation.public else "human")

    @property
    def _privately(self) -> str:
        return f"{PRIVATE}from-{self.conversation.id}"

    def privately(self) -> Say:
        """That belongs where nobody reads along: this way."""
        return replace(self.say("private", self._button("private", self._privately)), kind="handed_over")

    def files(self, key: str, files: tuple[File, ...]) -> str:
        """What was sent, in words: "photo, document"."""
        kinds = dict.fromkeys(self.phrase(f"file_{file.kind}") for file in files)
        return self.phrase(key, files=self.phrase("list_separator").join(kinds))

    def files_received(self, files: tuple[File, ...]) -> Say:
        """Files without a word: they are kept, and words are needed."""
        return Say(self.files("files_received", files), (self._to_human("human"),))

    def answer(self, entry: Entry) -> Say:
        """An entry's answer, whether it helped, and what is related."""
        text = self.answer_text(entry) + "\n\n" + self.phrase("helpful_question")
        buttons = [
            self._button("helped", f"helped:yes:{entry.id}"),
            self._button("not_helped", f"helped:no:{entry.id}"),
        ]
        related = [other for other in entry.see_also if other in self.knowledge.entries][:MOST_RELATED]
        buttons += [self._entry_button(other) for other in related]
        if entry.handover == "offer":
            buttons.append(self._to_human("human"))
        return Say(text, tuple(buttons), kind="answer")

    def answer_text(self, entry: Entry) -> str:
        """An entry's answer in the contact's language, or in another one with a word about that."""
        lang, text = self.knowledge.answer(entry, self.lang, self.conversation.address.channel)
        text = fill(text, self._names)
        if lang != self.lang:
            text = self.phrase("other_language", language=language_name(lang)) + "\n\n" + text
        return text

    def answers(self, entries: list[Entry]) -> Say:
        """The answers to several questions of one message, each under its title."""
        parts = [f"**{self.knowledge.title(entry, self.lang)}**\n\n{self.answer_text(entry)}" for entry in entries]
        parts.append(self.phrase("helpful_question"))
        first = entries[0]
        return Say(
            "\n\n".join(parts),
            (
                self._button("helped", f"helped:yes:{first.id}"),
                self._button("not_helped", f"helped:no:{first.id}"),
                self._to_human("human"),
            ),
            kind="answer",
        )

    def did_you_mean(self, ranked: tuple[Match, ...]) -> Say:
        """Up to three entries to choose from."""
        some = [self._entry_button(match.entry) for match in ranked[:MOST_CHOICES]]
        return self.say("did_you_mean", *some, self._button("none", "none"))

    def unknown(self) -> Say:
        """I don't know; shall I get a person?"""
        found = self.say("unknown", self._to_human("accept"), self._button("decline", "nevermind"))
        return replace(found, kind="unknown")

    def handed_over(self, phrase: str, lacking: Sequence[str], *before: str) -> Say:
        """The hand-over, with the ticket's number, and what it helps to write now."""
        parts = [*before, self.phrase(phrase)]
        if lacking:
            parts.append(self.phrase("handed_over_ask", fields=self._listed(map(self._field, lacking))))
        return Say("\n\n".join(parts), self.form(lacking), numbered=True, kind="handed_over")

    def form(self, names: Sequence[str]) -> tuple[Button, ...]:
        """The button that opens a form for what an agent needs to know: as many fields as its value has room for."""
        value = FORM
        for name in names:
            longer = f"{value}{name}" if value == FORM else f"{value},{name}"
            if len(longer.encode()) > LONGEST_TOKEN:
                break
            value = longer
        return (self._button("form", value),) if value != FORM else ()

    def field_question(self, lacking: Sequence[str], *before: str, with_form: bool = False) -> Say:
        """The question for the first of these fields, and how to go on without answering it."""
        field, pick = self.knowledge.fields[lacking[0]], self.knowledge.pick
        parts = [*before, self.phrase("intake_question", question=pick(field.questions, self.lang)[1])]
        parts += [pick(field.hints, self.lang)[1]] if field.hints else []
        ways = (self._button("skip", "skip"), self._button("skip_all", "skip:all"))
        buttons = (*ways, *(self.form(lacking) if with_form else ()))
        return Say(
            "\n\n".join(parts), buttons, kind="handed_over"
        )  # the first of it: it is said where nobody reads along

    def noted(self, values: Mapping[str, str]) -> tuple[str, ...]:
        """What was understood of what agents need to know, masked where it is sensitive; none if that is nothing."""
        fields = self.knowledge.fields
        shown = [
            self.phrase("intake_field", name=self._field(name), value=literal(masked(fields[name], value)))
            for name, value in values.items()
            if value
        ]
        return (self.phrase("intake_noted", fields=self._listed(shown)),) if shown else ()

    def _field(self, name: str) -> str:
        field = self.knowledge.fields.get(name)
        return self.knowledge.pick(field.names, self.lang)[1] if field else name

    def _listed(self, some: Iterable[str]) -> str:
        return self.phrase("list_separator").join(some)

    def rating_word(self, rating: int) -> Say:
        """A word about it?"""
        return self.say("rating_low_word" if rating < GOOD_RATING else "rating_word", self._button("skip", "skip"))

    def rating_thanks(self, rating: int) -> Say:
        """Thanks for the rating."""
        return self.say("rating_low_thanks" if rating < GOOD_RATING else "rating_thanks")

    def of_ticket(self, key: str) -> Say:
        """A message about the conversation's ticket, whose number the store fills in."""
        return Say(self.phrase(key), numbered=True)

    def status(self, ticket: Ticket, now: float) -> Say:
        """Where the contact's ticket stands."""
        minutes = max(0, int((now - ticket.opened_at) // 60))
        return self.say("status_open", ticket=str(ticket.number), minutes=str(minutes))

    def topics(self) -> Say:
        """The menu of topics."""
        return self.say("topics", *self._topic_buttons())

    def topic(self, topic: str, now: float) -> Say:
        """The questions of one topic."""
        found = self.knowledge.topics[topic]
        entries = [entry for entry in found.entries if self.knowledge.entries[entry].is_valid(now)][:MOST_IN_TOPIC]
        title = self.knowledge.pick(found.titles, self.lang)[1]
        return self.say("topic", *map(self._entry_button, entries), self._button("topics", "topics"), topic=title)

    def language_question(self) -> Say:
        """Which language?"""
        return self.say(
            "language_question", *(Button(language_name(code), f"language:{code}") for code in self.languages)
        )

    def language_unknown(self) -> Say:
        """That language isn't spoken here; these are."""
        names = self.phrase("list_separator").join(map(language_name, self.languages))
        return self.say("language_unknown", languages=names)


assert TICKET_MARK in {f"{{{name}}}" for name in PHRASES["waiting"]}, "the store fills in a mark of the phrases' own"
