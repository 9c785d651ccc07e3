"""Vectors from any endpoint that speaks OpenAI's embeddings API: OpenAI, Ollama, vLLM, llama.cpp and others."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from bot.errors import ConfigError, VectorsUnavailable
from bot.matching.meaning import Vector

if TYPE_CHECKING:
    import httpx

MOST_TOLD = 200
"""Characters of an endpoint's own complaint that are passed on."""
WORTH_ANOTHER_TRY = frozenset({408, 409, 425, 429, 500, 502, 503, 504})


class OpenAiEmbedder:
    """Implements Embedder over POST {url}/embeddings. Vectors come back with length one, whatever was sent."""

    needs_gauge = True

    def __init__(self, url: str, model: str, api_key: str = "", languages: Sequence[str] | None = None) -> None:
        try:
            library = importlib.import_module("httpx")  # late: it takes 0.1 s, and few need it
        except ImportError as error:
            raise ConfigError(
                'matching.vectors.kind is "openai", which needs a library that is not installed; run: pip install httpx'
            ) from error
        self.name, self.languages = f"{url} {model}", languages
        self._url, self._model, self._errors = f"{url.rstrip('/')}/embeddings", model, library.HTTPError
        headers = {"authorization": f"Bearer {api_key}"} if api_key else {}
        # Whoever waits sets the time that it may take; the library's own limits are out of the way.
        self._client: httpx.AsyncClient = library.AsyncClient(headers=headers, timeout=None)

    async def embed(self, texts: Sequence[str]) -> Sequence[Vector]:
        """One vector a text. Tried once more where that may help."""
        try:
            return await self._ask(texts)
        except _TryAgain:
            return await self._ask(texts)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _ask(self, texts: Sequence[str]) -> list[Vector]:
        try:
            answer = await self._client.post(self._url, json={"model": self._model, "input": list(texts)})
        except self._errors as error:
            raise _TryAgain(f"{self._url} can't be reached ({str(error) or type(error).__name__})") from error
        if answer.status_code != 200:
            kind = _TryAgain if answer.status_code in WORTH_ANOTHER_TRY else VectorsUnavailable
            raise kind(f"{self._url} answered {answer.status_code}: {answer.text[:MOST_TOLD]!r}")
        try:
            return _vectors(answer.json(), len(texts))
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise VectorsUnavailable(f"{self._url} answered something else than embeddings ({error!r:.200})") from error


class _TryAgain(VectorsUnavailable):
    """It may work the next time."""


def _vectors(body: Any, wanted: int) -> list[Vector]:
    """The vectors in an answer, in the order asked for. Raises one of several errors if it is no such answer."""
    data = sorted(body["data"], key=lambda item: item["index"])
    if [item["index"] for item in data] != list(range(wanted)):
        raise ValueError(f"{len(data)} vectors for {wanted} texts")
    matrix = np.array([item["embedding"] for item in data], dtype=np.float32)
    lengths = np.linalg.norm(matrix, axis=-1, keepdims=True)
    if matrix.ndim != 2 or not np.isfinite(matrix).all() or not (lengths > 0).all():
        raise ValueError("vectors of different widths, or numbers that are none")
    return list(matrix / lengths)
