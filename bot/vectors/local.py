"""MiniLM behind the port: one thread of its own, loaded when it is first needed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bot.errors import VectorsUnavailable
from bot.matching.meaning import Vector
from bot.vectors.minilm import LANGUAGES, MiniLm, model_folder


class LocalEmbedder:
    """Implements Embedder in this process. Raises ConfigError when made where the model is not installed."""

    name = "all-MiniLM-L6-v2"
    languages: Sequence[str] | None = LANGUAGES
    needs_gauge = False

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or model_folder()
        self._model: MiniLm | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="vectors")

    async def embed(self, texts: Sequence[str]) -> Sequence[Vector]:
        """One vector a text."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, self._embed, texts)
        except (OSError, ValueError, LookupError) as error:
            raise VectorsUnavailable(f"the model in {self._folder} can't be read: {error}") from error

    async def close(self) -> None:
        """Let the thread go."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _embed(self, texts: Sequence[str]) -> list[Vector]:
        if self._model is None:
            self._model = MiniLm(self._folder)
        return list(self._model(texts))
