"""The knowledge in force, and the watch over its files: a change is taken up, a broken file is not."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

import structlog

from bot.errors import KnowledgeError
from bot.knowledge.calibration import calibrated_rules, told
from bot.knowledge.checks import read_checks
from bot.knowledge.loader import Loaded, knowledge_files, load
from bot.matching.calibration import Calibrated
from bot.mind import Mind, Rules
from bot.ports import Clock, Judgement, Problem, listing

log = structlog.get_logger("knowledge")

WATCH_EVERY = 1.0
"""Seconds between two looks at the files; a change must be in force within 2."""


class Library:
    """Holds the `Mind` in force. A reload swaps it whole, so a question is never answered from two."""

    def __init__(self, folder: Path, rules: Rules, judged: Sequence[Judgement] = ()) -> None:
        self.folder = folder
        self._rules = rules
        self._seen = fingerprint(folder)
        loaded = self._load()
        if loaded.knowledge is None:
            raise KnowledgeError(f"the knowledge can't be used:\n{listing(loaded.fatal)}")
        self._judged = judged
        self.calibration: Mapping[str, Calibrated] = {}
        """What the thresholds rest on, by topic; empty where the operator asked for none."""
        self.mind = self._calibrated(Mind(loaded.knowledge, rules))
        self.problems: list[Problem] = []
        """Why the files on disk are not in force; empty when they are."""
        self.warnings = loaded.problems

    def _calibrated(self, mind: Mind) -> Mind:
        """The mind under the thresholds that the operator's wishes lead to, if there are any."""
        if self._rules.wrong_share is None and not self._rules.topic_shares:
            return mind
        rules, self.calibration = calibrated_rules(mind, read_checks(self.folder)[0], self._judged)
        for topic, found in self.calibration.items():
            log.info("knowledge.calibrated", topic=topic or None, note=told(topic, found))
        return mind.under(rules)

    def _load(self) -> Loaded:
        manners = self._rules.manners
        return load(self.folder, manners.languages, manners.default_language)

    async def refresh(self) -> bool:
        """Take up what changed on disk: whether anything did. A mistake leaves the old knowledge in force."""
        seen = await asyncio.to_thread(fingerprint, self.folder)
        if seen == self._seen:
            return False
        self._seen = seen
        loaded = await asyncio.to_thread(self._load)
        if loaded.knowledge is None:
            self.problems = loaded.fatal
            places = [str(problem) for problem in loaded.fatal[:5]]
            log.error("knowledge.broken", problems=len(loaded.fatal), first=places, in_force="the old one")
            return True
        knowledge = loaded.knowledge
        self.mind = await asyncio.to_thread(lambda: self._calibrated(Mind(knowledge, self._rules)))
        self.problems, self.warnings = [], loaded.problems
        log.info("knowledge.loaded", entries=len(loaded.knowledge.entries), warnings=len(loaded.problems))
        return True

    def replace(self, old: Mind, new: Mind) -> None:
        """Put a mind in the place of the one that it was made from, unless that has gone meanwhile."""
        if self.mind is old:
            self.mind = new

    async def watch(self, clock: Clock) -> None:
        """Look at the files for ever."""
        while True:
            await clock.sleep(WATCH_EVERY)
            await self.refresh()


def fingerprint(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Names, times and sizes of all YAML files of a folder, checks apart."""
    found = []
    for path in knowledge_files(folder):
        try:
            status = path.stat()
        except OSError:
            continue  # renamed between the listing and the look, as editors do
        found.append((str(path), status.st_mtime_ns, status.st_size))
    return tuple(found)
