"""From "at most so many wrong answers in 100" to thresholds: out of the knowledge itself, its checks and its readers.

Three kinds of questions whose outcome is known:
- labelled questions (`checks/`), those for a human among them;
- the knowledge's own phrasings, asked of a matcher that lacks them; and once more of one that lacks their whole entry,
  where every answer is a wrong one: a question about what nobody has written down yet;
- real questions whose answer people said helped or did not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.dialogue.knowledge import Knowledge
from bot.knowledge.checks import Labelled
from bot.matching.calibration import VERBATIM, Calibrated, Sample, calibrate
from bot.matching.matcher import Matcher
from bot.mind import Mind, Rules, phrased
from bot.ports import Judgement

ROUNDS = 4
"""Matchers built; each lacks every fourth phrasing of its entries, and every fourth entry."""
MOST_PHRASINGS = 400
"""Phrasings asked of each of the two kinds, spread evenly: more take longer and tell little more."""
ALL = ""
"""The place of the threshold for all topics without one of their own."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A sample, and the topic of the entry that was found."""

    topic: str
    sample: Sample


def calibrated_rules(
    mind: Mind, labelled: Sequence[Labelled], judged: Sequence[Judgement]
) -> tuple[Rules, Mapping[str, Calibrated]]:
    """The rules with the thresholds that the operator's wishes lead to, and what they rest on, by topic."""
    rules = mind.rules
    outcomes = list(_outcomes(mind, labelled, judged))
    found = {
        topic: calibrate((one.sample for one in outcomes if one.topic == topic), share)
        for topic, share in rules.topic_shares.items()
    }
    thresholds = rules.thresholds
    if rules.wrong_share is not None:
        found[ALL] = calibrate((one.sample for one in outcomes if one.topic not in found), rules.wrong_share)
        thresholds = replace(thresholds, answer=found[ALL].threshold)
    topic_answers = {topic: one.threshold for topic, one in found.items() if topic != ALL}
    return replace(rules, thresholds=thresholds, topic_answers=topic_answers), found


def told(topic: str, found: Calibrated) -> str:
    """A calibration in words."""
    where = f"topic {topic}" if topic else "answers"
    if not found.is_enough:
        return (
            f"{where}: too little to go by, so only phrasings of the knowledge are answered and the rest is asked back"
        )
    return (
        f"{where}: from confidence {found.threshold:.2f} on; of {found.answered} known questions answered so"
        f" {found.wrong} were wrong, so at most {100 * found.at_most:.1f} in 100 are, with nine chances in ten"
    )


def _outcomes(mind: Mind, labelled: Sequence[Labelled], judged: Sequence[Judgement]) -> Iterator[Outcome]:
    entries = mind.knowledge.entries
    for one in labelled:
        ranked = mind.ranking(one.check.say, one.check.lang)
        if ranked:
            right = ranked[0].entry == one.check.expect
            yield Outcome(entries[ranked[0].entry].topic, Sample(ranked[0].confidence, right))
    for judgement in judged:
        if judgement.entry in entries:
            topic = entries[judgement.entry].topic
            yield Outcome(topic, Sample(min(judgement.confidence, VERBATIM), judgement.helpful))
    yield from _left_out(mind.knowledge)


def _left_out(knowledge: Knowledge) -> Iterator[Outcome]:
    """Each entry's phrasings, asked of matchers that lack them or their entry."""
    items = list(phrased(knowledge))
    places = {entry: place for place, entry in enumerate(knowledge.entries)}
    total = sum(len(item["variants"]) + 1 for item in items)
    stride = max(1, total // MOST_PHRASINGS)
    for turn in range(ROUNDS):
        kept, asked, count = [], [], 0
        for item in items:
            phrasings = [item["question"], *item["variants"]]
            lacks_entry = places[item["id"]] % ROUNDS == turn
            stay = [] if lacks_entry else [text for n, text in enumerate(phrasings) if n % ROUNDS != turn]
            for text in phrasings:
                count += 1
                if text not in stay and count % stride == 0:
                    asked.append((item["id"], item["lang"], text))
            if stay:
                kept.append({**item, "question": stay[0], "variants": stay[1:]})
        yield from _asked(Matcher(kept), asked, knowledge)


def _asked(matcher: Matcher, asked: Iterable[tuple[str, str, str]], knowledge: Knowledge) -> Iterator[Outcome]:
    for entry, lang, text in asked:
        ranked = matcher.match(text, lang)
        if ranked:
            best, confidence = ranked[0]
            yield Outcome(knowledge.entries[best].topic, Sample(confidence, best == entry))
