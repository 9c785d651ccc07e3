"""How meaning and words are put together, with tiny made-up vectors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.matching import Matcher
from bot.matching.meaning import Meaning

WIDTH = 8


def entry(name: str, lang: str, *texts: str, keywords: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"id": name, "lang": lang, "question": texts[0], "variants": list(texts[1:]), "keywords": list(keywords)}


BASE = [
    entry("lost-money", "en", "My money is gone", "The funds disappeared from the account"),
    entry("lost-money", "zh", "钱不见了", "资金消失了"),
    entry("password", "en", "I forgot my password", "Reset the login secret", keywords=("credentials",)),
    entry("hours", "en", "When are you open?", "Opening hours on Sundays"),
    entry("gutscheine", "de", "Wie löse ich einen Gutschein ein?", "Rabattcode eingeben"),
]
LEXICAL = Matcher(BASE)


def axis(number: int, tilt: float = 0.0) -> np.ndarray:
    """A unit vector along one axis, tilted a little towards the next."""
    found = np.zeros(WIDTH, dtype=np.float32)
    found[number], found[(number + 1) % WIDTH] = 1.0, tilt
    return found / np.linalg.norm(found)


ENGLISH = {
    text: axis(number, 0.2 * place)
    for number, one in enumerate(BASE)
    if one["lang"] == "en"
    for place, text in enumerate([one["question"], *one["variants"]])
}
ANY = {text: axis(number) for number, one in enumerate(BASE) for text in [one["question"], *one["variants"]]}
MATCHER = LEXICAL.with_vectors(ENGLISH, ["en"])
QUESTIONS = st.sampled_from(["my cash vanished", "when open", "reset", "钱不见了", "Gutschein", "xyzzy plugh", "", "?"])


def test_only_phrasings_in_the_models_languages_are_to_be_embedded_and_no_keywords() -> None:
    assert LEXICAL.to_embed(["en"]) == list(ENGLISH)
    assert LEXICAL.to_embed(["en-GB", "zh"]) == [*list(ENGLISH)[:2], "钱不见了", "资金消失了", *list(ENGLISH)[2:]]
    assert set(LEXICAL.to_embed(None)) == set(ANY)


@given(QUESTIONS, st.sampled_from(["en", "zh", None]))
def test_a_question_without_a_vector_is_answered_as_if_there_were_none(text: str, lang: str | None) -> None:
    assert MATCHER.match(text, lang) == LEXICAL.match(text, lang)
    assert MATCHER.explain(text, lang) == LEXICAL.explain(text, lang)


@given(QUESTIONS, st.lists(st.floats(-1, 1), min_size=WIDTH, max_size=WIDTH))
def test_whatever_the_vector_confidences_stay_in_order_and_in_bounds(text: str, numbers: list[float]) -> None:
    vector = np.array(numbers, dtype=np.float32)
    found = MATCHER.match(text, "en", Meaning(vector))
    assert [confidence for _, confidence in found] == sorted((c for _, c in found), reverse=True)
    assert all(0 <= confidence <= 1 for _, confidence in found)
    assert len({name for name, _ in found}) == len(found)


def test_an_entry_is_found_by_its_meaning_alone_and_the_reason_is_told() -> None:
    said = "xyzzy plugh frobnicate"
    assert LEXICAL.match(said, "en") == [] or LEXICAL.match(said, "en")[0][1] < 0.2
    best = MATCHER.explain(said, "en", meaning=Meaning(axis(2)))[0]
    assert best.entry == "password"
    assert best.confidence > 0.4
    assert best.matched == "I forgot my password"
    assert best.reasons[0] == "means alike (1.00)"


def test_the_nearer_the_meaning_the_surer() -> None:
    said = "how about my secret"
    sure = [
        dict(MATCHER.match(said, "en", Meaning(axis(2) * np.float32(near))))["password"] for near in (0.2, 0.5, 0.8, 1)
    ]
    assert sure == sorted(sure)
    assert sure[0] < 0.2 < 0.5 < sure[-1]


@pytest.mark.parametrize("meaning", [axis(0), axis(3), -axis(3)])
def test_what_is_said_word_for_word_stays_certain(meaning: np.ndarray) -> None:
    for said in ("When are you open?", "when are you open"):
        name, confidence = MATCHER.match(said, "en", Meaning(meaning))[0]
        assert (name, confidence > 0.99) == ("hours", True)


def test_a_single_word_stays_doubtful() -> None:
    assert all(confidence <= 0.4 for _, confidence in MATCHER.match("sundays", "en", Meaning(axis(3))))


def test_entries_without_vectors_are_still_found_by_their_words() -> None:
    assert MATCHER.match("Gutschein einlösen", "de", Meaning(axis(6)))[0][0] == "gutscheine"


def test_a_vector_of_another_width_counts_for_nothing() -> None:
    assert MATCHER.match("my cash", "en", Meaning(np.ones(3, dtype=np.float32))) == LEXICAL.match("my cash", "en")
    odd = LEXICAL.with_vectors({**ENGLISH, "My money is gone": np.ones(3, dtype=np.float32)}, ["en"])
    assert odd.match("my cash", "en", Meaning(np.ones(3, dtype=np.float32)))


def test_phrasings_without_a_vector_are_done_without() -> None:
    some = LEXICAL.with_vectors({"I forgot my password": axis(2)}, ["en"])
    assert some.match("xyzzy plugh", "en", Meaning(axis(2)))[0][0] == "password"
    none = LEXICAL.with_vectors({}, ["en"])
    assert none.question_to_embed("xyzzy plugh") is None
    assert none.match("my cash", "en", Meaning(axis(0))) == LEXICAL.match("my cash", "en")


def test_only_questions_in_the_models_languages_are_to_be_embedded() -> None:
    assert MATCHER.question_to_embed("where is my cash") == "where is my cash"
    for said in ("钱去哪了", "где мои деньги", "", "?!", "😀"):
        assert MATCHER.question_to_embed(said) is None
    assert LEXICAL.question_to_embed("where is my cash") is None
    everything = LEXICAL.with_vectors(ANY, None)
    assert everything.question_to_embed("钱去哪了") == "钱去哪了"


def test_a_typo_is_mended_before_a_model_sees_it() -> None:
    assert MATCHER.question_to_embed("I frogot my Pasword, help!") == "I forgot my password, help!"


def test_a_very_long_question_is_embedded_in_part() -> None:
    assert len(MATCHER.question_to_embed("where is my cash " * 5000) or "") <= 1000


def test_a_base_without_entries_takes_no_harm() -> None:
    empty = Matcher([]).with_vectors({}, None)
    assert empty.to_embed(None) == []
    assert empty.match("anything", None, Meaning(axis(0))) == []
