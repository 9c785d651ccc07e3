"""Brings the vectors of any model onto the scale of the one that confidences were fitted with. Pure.

Models differ in how alike they call two texts that have nothing in common (0.0 here, 0.8 there) and two that say the
same. Both are measured on sentences of our own: what all texts have in common is taken out of every vector, and
questions are stretched until sentences that say the same are as alike as they should be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bot.matching.language import detect
from bot.matching.meaning import Vector

USUAL = 0.66
"""How alike MiniLM calls the pairs below."""
LEAST_STRETCH, MOST_STRETCH = 0.6, 1.6

PAIRS = (
    ("Where is my parcel?", "My delivery has not arrived yet"),
    ("How do I change my password?", "I want to set a new password"),
    ("What time do you open on Sundays?", "What are your opening hours at the weekend?"),
    ("Can I bring my dog to the hotel?", "Are pets allowed in the rooms?"),
    ("My screen stays black after the update", "Since I updated, the display does not turn on"),
    ("How many calories are in a banana?", "What is the energy content of a banana?"),
    ("I would like to cancel my membership", "Please end my subscription"),
    ("Which bus goes to the airport?", "How do I get to the airport by bus?"),
    ("The invoice shows the wrong amount", "There is a mistake in the sum on my bill"),
    ("Is the course suitable for beginners?", "Can I join the class without experience?"),
    ("Who won the election?", "What was the result of the vote?"),
    ("It hurts when I swallow", "I have a sore throat"),
    ("我的包裹到哪里了", "快递一直没有收到"),
    ("周末几点开门", "星期天的营业时间是什么"),
    ("怎么修改密码", "我想换一个新密码"),
    ("哪路公交车去机场", "坐公交怎么到机场"),
)


def yardsticks(languages: Sequence[str] | None) -> list[str]:
    """The sentences to be embedded, those that say the same side by side; only in languages that the model knows."""
    pairs = [pair for pair in PAIRS if languages is None or detect(pair[0], languages) is not None]
    return [text for pair in pairs or PAIRS for text in pair]


@dataclass(frozen=True, slots=True)
class Gauge:
    """What is common to all vectors of a model, and how far its questions are stretched."""

    common: Vector
    stretch: float

    @classmethod
    def measured(cls, vectors: Sequence[Vector]) -> Gauge:
        """The gauge of the model that made these vectors of `yardsticks`."""
        matrix = np.asarray(vectors, dtype=np.float32)
        unrelated = matrix[0::2] @ matrix[1::2].T
        others = unrelated[~np.eye(len(unrelated), dtype=np.bool_)]
        shared = max(0.0, float(others.mean())) if len(others) else 0.0
        mean = matrix.mean(axis=0)
        # So long that two texts with nothing but this in common are as alike as unrelated ones are on average.
        common = mean * np.float32(shared**0.5 / max(float(np.linalg.norm(mean)), 1e-6))
        gauge = cls(common, 1.0)
        first, second = (np.array([gauge.phrasing(vector) for vector in matrix[start::2]]) for start in (0, 1))
        alike = float((first * second).sum(axis=1).mean())
        return cls(common, min(max(USUAL / max(alike, 1e-3), LEAST_STRETCH), MOST_STRETCH))

    def phrasing(self, vector: Vector) -> Vector:
        """A phrasing's vector without what is common, of length one."""
        if len(vector) != len(self.common):
            return vector
        rest = vector - self.common
        length = float(np.linalg.norm(rest))
        return (rest / np.float32(length)).astype(np.float32) if length else vector

    def question(self, vector: Vector) -> Vector:
        """A question's vector without what is common, stretched."""
        return (self.phrasing(vector) * np.float32(self.stretch)).astype(np.float32)
