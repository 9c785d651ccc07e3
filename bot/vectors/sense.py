"""Gives the mind in force its vectors, in the background, and questions theirs, in time or not at all.

Phrasings are embedded after the start and after every reload; until all are, answers are found by words alone. So they
are while the model is slow or down: the first question that meets this waits no longer than the timeout, and no other
waits at all until a trial in the background has shown that the model is back.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence

import structlog

from bot.errors import VectorsUnavailable
from bot.matching.meaning import Meaning, Vector
from bot.mind import Mind
from bot.ports import Clock, Embedder
from bot.vectors.cache import VectorCache
from bot.vectors.gauge import Gauge, yardsticks

log = structlog.get_logger("vectors")

BATCH = 64
"""Texts that are embedded in one go in the background."""
PATIENCE = 60.0
"""Seconds that such a batch may take: some servers load the model first."""
LOOK_EVERY = 1.0
"""Seconds between two looks at whether there is another mind in force."""
FIRST_WAIT, LONGEST_WAIT = 5.0, 300.0
"""Seconds from a failure to the next trial; twice as long after each one."""
TELL_EVERY = 10.0
"""Seconds between two words on how far it is."""
MOST_REMEMBERED = 2048
"""Questions whose vectors are remembered, in memory only."""
TRIAL = "Is anybody there?"


class Sense:
    """One model's service to the mind in force. `adopt` puts a mind in the place of the one it was made from."""

    def __init__(
        self,
        embedder: Embedder,
        cache: VectorCache | None,
        clock: Clock,
        mind: Callable[[], Mind],
        adopt: Callable[[Mind, Mind], None],
        timeout: float,
    ) -> None:
        self._embedder, self._cache, self._clock, self._timeout = embedder, cache, clock, timeout
        self._mind, self._adopt = mind, adopt
        self._done: Mind | None = None
        self._gauge: Gauge | None = None
        self._remembered: OrderedDict[str, Meaning] = OrderedDict()
        self._wait, self._trial_at = FIRST_WAIT, 0.0
        self.trouble: str | None = None
        """Why answers are found by words alone, while the model is at fault."""

    async def meanings(self, wanted: Mapping[str, str]) -> dict[str, Meaning]:
        """What questions mean; `wanted` has for each the text to embed. What can't be told in time is missing."""
        missing = [text for text in dict.fromkeys(wanted.values()) if text not in self._remembered]
        if missing and self.trouble is None:
            try:
                self._remember(missing, await self._embed(missing, self._timeout))
                self._wait = FIRST_WAIT
            except VectorsUnavailable as error:
                self._fail(error)
        known = {question: self._recalled(text) for question, text in wanted.items()}
        return {question: meaning for question, meaning in known.items() if meaning is not None}

    async def step(self) -> bool:
        """Do what is to be done in the background: whether there was anything."""
        if self.trouble is not None:
            if self._clock.now() < self._trial_at:
                return False
            await self._try_again()
            return True
        mind = self._mind()
        if mind is self._done:
            return False
        started = self._clock.now()
        try:
            found = await self.equipped(mind)
        except VectorsUnavailable as error:
            self._fail(error)
            return True
        if found is not None:
            self._adopt(mind, found)
            log.info("vectors.ready", model=self._embedder.name, seconds=round(self._clock.now() - started, 1))
        self._done = found or mind
        return True

    async def run(self) -> None:
        """Do it for ever."""
        while True:
            if not await self.step():
                await self._clock.sleep(LOOK_EVERY)

    async def equipped(self, mind: Mind, *, only_cached: bool = False) -> Mind | None:
        """The mind with the vectors of its phrasings; None if it has none to give one to, or one is not cached."""
        languages = self._embedder.languages
        texts = mind.to_embed(languages)
        if not texts:
            return None
        if self._gauge is None and self._embedder.needs_gauge:
            marks = yardsticks(languages)
            measured = await self._vectors(marks, only_cached)
            if len(measured) < len(marks):
                return None
            self._gauge = Gauge.measured([measured[text] for text in marks])
        vectors = await self._vectors(texts, only_cached)
        if len(vectors) < len(texts):
            return None
        gauge = self._gauge
        if gauge is not None:
            vectors = {text: gauge.phrasing(vector) for text, vector in vectors.items()}
        return await asyncio.to_thread(mind.with_vectors, vectors, languages)

    async def trial(self) -> None:
        """See whether the model answers in the time that a question would give it. Raises VectorsUnavailable."""
        await self._embed([TRIAL], self._timeout)

    async def close(self) -> None:
        """Let the model go."""
        await self._embedder.close()

    async def _vectors(self, texts: Sequence[str], only_cached: bool) -> dict[str, Vector]:
        """Vectors by text: cached ones, and new ones, which are cached at once so that a restart goes on from there."""
        now, model = self._clock.now(), self._embedder.name
        found = await asyncio.to_thread(self._cache.load, model, texts, now) if self._cache else {}
        missing = [text for text in texts if text not in found]
        if only_cached:
            return found
        told = now
        for start in range(0, len(missing), BATCH):
            some = missing[start : start + BATCH]
            new = dict(zip(some, await self._embed(some, PATIENCE), strict=True))
            found |= new
            now = self._clock.now()
            if self._cache:
                await asyncio.to_thread(self._cache.save, model, new, now)
            if now - told >= TELL_EVERY:
                told = now
                log.info("vectors.progress", done=len(found), of=len(texts))
        return found

    async def _embed(self, texts: Sequence[str], seconds: float) -> Sequence[Vector]:
        """One vector for each text, in time. Raises VectorsUnavailable."""
        try:
            async with asyncio.timeout(seconds):
                return await self._embedder.embed(texts)
        except TimeoutError:
            raise VectorsUnavailable(f"{self._embedder.name} took longer than {seconds:g} s") from None

    def _remember(self, texts: Sequence[str], vectors: Sequence[Vector]) -> None:
        for text, vector in zip(texts, vectors, strict=True):
            self._remembered[text] = Meaning(self._gauge.question(vector) if self._gauge else vector)
        while len(self._remembered) > MOST_REMEMBERED:
            self._remembered.popitem(last=False)

    def _recalled(self, text: str) -> Meaning | None:
        meaning = self._remembered.get(text)
        if meaning is not None:
            self._remembered.move_to_end(text)
        return meaning

    def _fail(self, error: VectorsUnavailable) -> None:
        """Find answers by words alone from now on. Of questions that fail together, the first is enough."""
        if self.trouble is None:
            log.warning("vectors.down", error=str(error), note="answers are found by words alone")
            self.trouble = f"answers are found by words alone: {error}"
            self._trial_at = self._clock.now() + self._wait
            self._wait = min(2 * self._wait, LONGEST_WAIT)

    async def _try_again(self) -> None:
        """End the trouble if the model answers again."""
        try:
            await self.trial()
        except VectorsUnavailable as error:
            self.trouble = f"answers are found by words alone: {error}"
            self._trial_at = self._clock.now() + self._wait
            self._wait = min(2 * self._wait, LONGEST_WAIT)
            return
        log.info("vectors.up")
        self.trouble = None
