"""A matcher with MiniLM's vectors for evaluation tools: what the service has once it is ready, in one object."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.matching.matcher import Matcher
from bot.matching.meaning import Meaning
from bot.vectors.minilm import LANGUAGES, MiniLm, model_folder


class SemanticMatcher:
    """Embeds phrasings when made and every question when asked."""

    def __init__(self, entries: Sequence[Mapping[str, Any]]) -> None:
        self._model = MiniLm(model_folder())
        lexical = Matcher(entries)
        texts = lexical.to_embed(LANGUAGES)
        vectors = dict(zip(texts, self._model(texts), strict=True))
        self._matcher = lexical.with_vectors(vectors, LANGUAGES)

    def match(self, text: str, lang: str | None) -> list[tuple[str, float]]:
        """Entry ids with their confidences 0..1, best first."""
        asked = self._matcher.question_to_embed(text)
        return self._matcher.match(text, lang, Meaning(self._model([asked])[0]) if asked else None)


make_matcher = SemanticMatcher
"""The name under which evaluation tools look for it."""
