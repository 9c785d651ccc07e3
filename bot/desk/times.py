"""stub"""

from __future__ import annotations

from datetime import datetime, tzinfo


def moment(at: float, now: float, zone: tzinfo, lang: str) -> str:
    return datetime.fromtimestamp(at, zone).isoformat()


def duration(seconds: float, lang: str) -> str:
    return f"{int(seconds // 60)} min"
