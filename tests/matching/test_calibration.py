"""Thresholds from "at most so many wrong answers in 100"."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.matching.calibration import VERBATIM, Calibrated, Sample, calibrate, wilson_upper

samples = st.lists(
    st.builds(Sample, st.floats(0, 1), st.booleans()),
    max_size=200,
)


def test_a_base_with_many_right_answers_gets_a_low_threshold() -> None:
    found = calibrate([Sample(0.3 + n / 500, True) for n in range(300)], 0.05)
    assert found.threshold == 0.3
    assert (found.answered, found.wrong) == (300, 0)


def test_wrong_answers_below_a_confidence_keep_the_threshold_above_it() -> None:
    known = [Sample(0.6 + n / 1000, True) for n in range(200)] + [Sample(0.3, False) for _ in range(50)]
    assert calibrate(known, 0.05).threshold >= 0.6


def test_too_little_data_means_that_only_verbatim_phrasings_are_answered() -> None:
    found = calibrate([Sample(0.9, True) for _ in range(10)], 0.05)
    assert (found.threshold, found.is_enough) == (VERBATIM, False)
    assert calibrate([], 0.05).threshold == VERBATIM


def test_asking_for_fewer_wrong_answers_never_lowers_the_threshold() -> None:
    known = [Sample(n / 400, n % 7 != 0 or n > 350) for n in range(400)]
    thresholds = [calibrate(known, share).threshold for share in (0.2, 0.1, 0.05, 0.02, 0.01)]
    assert thresholds == sorted(thresholds)


@given(samples, st.floats(0.01, 0.5))
def test_above_the_threshold_no_more_are_wrong_than_was_asked_for(known: list[Sample], share: float) -> None:
    found = calibrate(known, share)
    if found.is_enough:
        answered = [sample for sample in known if sample.confidence >= found.threshold]
        wrong = sum(not sample.right for sample in answered)
        assert (len(answered), wrong) == (found.answered, found.wrong)
        assert wrong / len(answered) <= found.at_most <= share
    else:
        assert found == Calibrated(VERBATIM, 0, 0, 1.0)


def test_the_bound_is_wilsons() -> None:
    assert wilson_upper(0, 31) > 0.05 > wilson_upper(0, 32)
    assert abs(wilson_upper(10, 100) - 0.1455) < 0.001
