"""Texts grouped by likeness: different wordings of one question come together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from heapq import heapify, heappop, heappush

import numpy as np

from bot.matching.features import features
from bot.matching.index import Index
from bot.matching.text import fold, tokens

ALIKE = 0.4
"""Similarity (0..1) from which two texts are taken for wordings of one question: about four of five are (measured)."""


def neighbours(texts: Sequence[str], alike: float = ALIKE) -> Iterator[set[int]]:
    """For each text the numbers of those like it, and its own; one value a text, so that progress can be told."""
    found = [features(tokens(fold(text))) for text in texts]
    index = Index(found, range(len(texts)), len(texts))
    for number, one in enumerate(found):
        near = index.similarities(index.vector(one))
        yield {number, *np.flatnonzero(near >= alike).tolist()}


def grouped(near: Sequence[set[int]], weights: Sequence[int]) -> list[list[int]]:
    """Groups of texts, the heaviest first; each begins with the text that has the most weight around it.

    `near` are the neighbours of each text and `weights` how often each was asked. A text is in one group: that of the
    heaviest centre near it.
    """
    around: list[set[int]] = [set() for _ in near]
    for number, some in enumerate(near):
        for other in some:
            around[number].add(other)
            around[other].add(number)
    weight = [sum(weights[other] for other in some) for some in around]
    heap = [(-weight[number], -weights[number], number) for number in range(len(near))]
    heapify(heap)
    left = set(range(len(near)))
    groups: list[list[int]] = []
    while left:
        negative, own, centre = heappop(heap)
        if centre not in left:
            continue
        if -negative != weight[centre]:  # some around it are in a group meanwhile
            heappush(heap, (-weight[centre], own, centre))
            continue
        members = sorted(around[centre] & left, key=lambda number: (number != centre, -weights[number], number))
        groups.append(members)
        left.difference_update(members)
        for member in members:
            for other in around[member]:
                weight[other] -= weights[member]
    return sorted(groups, key=lambda members: (-sum(weights[number] for number in members), members[0]))
