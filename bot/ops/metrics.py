"""Metrics in Prometheus' text format."""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

COUNTERS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "received": ("Messages made durable", ("channel",)),
    "refused": ("Messages not taken because a person wrote too fast", ("channel",)),
    "handled": ("Decisions stored", ("channel",)),
    "broken": ("Messages handed to a human because handling them failed", ("channel",)),
    "sent": ("Messages a platform took", ("channel",)),
    "not_sent": ("Attempts that failed, by what became of the message", ("channel", "fate")),
    "restarts": ("Parts that fell over and were started again", ("part",)),
}
HISTOGRAMS: Mapping[str, str] = {
    "handle_seconds": "From taking up a conversation to its decision being durable",
    "answer_seconds": "From a message to its decision being durable, merge window included",
    "send_seconds": "From claiming a message to the platform's receipt",
}
BUCKETS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 2.0, 5.0, 15.0, 60.0)


class PrometheusMeter:
    """Implements Meter over a registry of its own, so that two services in one process do not mix."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._counters = {
            name: Counter(f"frontdesk_{name}", help_, labels, registry=self.registry)
            for name, (help_, labels) in COUNTERS.items()
        }
        self._histograms = {
            name: Histogram(f"frontdesk_{name}", help_, buckets=BUCKETS, registry=self.registry)
            for name, help_ in HISTOGRAMS.items()
        }
        self._rows = Gauge("frontdesk_rows", "Rows in the store by kind", ("kind",), registry=self.registry)

    def count(self, name: str, amount: float = 1, **labels: str) -> None:
        counter = self._counters[name]
        (counter.labels(**labels) if labels else counter).inc(amount)

    def observe(self, name: str, seconds: float) -> None:
        self._histograms[name].observe(seconds)

    def text(self, rows: Mapping[str, int]) -> tuple[bytes, str]:
        """Everything measured, and its content type. `rows` is what the store holds now."""
        for kind, number in rows.items():
            self._rows.labels(kind=kind).set(number)
        return generate_latest(self.registry), CONTENT_TYPE_LATEST
