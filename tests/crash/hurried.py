"""The real program, `python -m bot`, without the second that it waits for further servers after a connection."""

from __future__ import annotations

import adapters.discord.client
from bot.__main__ import main

if __name__ == "__main__":
    adapters.discord.client.READY_AFTER = 0.05
    main()
