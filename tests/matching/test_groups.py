"""Texts grouped by likeness."""

from __future__ import annotations

from bot.matching.groups import grouped, neighbours


def test_wordings_of_one_question_come_together_and_others_do_not() -> None:
    texts = ["do you take apple pay", "who won the match", "apple pay, do you take it?", "开户要多久", "多久可以开户"]
    groups = grouped(list(neighbours(texts)), [1] * len(texts))
    assert sorted(sorted(group) for group in groups) == [[0, 2], [1], [3, 4]]


def test_every_text_is_in_one_group_and_the_heaviest_comes_first() -> None:
    near = [{0, 1}, {1, 2}, {2}, {3}]
    groups = grouped(near, [1, 1, 1, 9])
    assert groups == [[3], [1, 0, 2]]
    assert sorted(number for group in groups for number in group) == [0, 1, 2, 3]


def test_no_texts_and_texts_without_words_do_no_harm() -> None:
    assert grouped(list(neighbours([])), []) == []
    assert grouped(list(neighbours(["", "???"])), [1, 1]) == [[0], [1]]


def test_many_texts_are_grouped_in_time() -> None:
    near = [{number, (number + 1) % 5000, (number * 7) % 5000} for number in range(5000)]
    assert sum(map(len, grouped(near, [1] * 5000))) == 5000
