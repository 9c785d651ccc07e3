"""The real program, `python -m bot`, without the waits of its channels that only cost the tests' time."""

from __future__ import annotations

import adapters.discord.adapter
import adapters.discord.client
import adapters.telegram.pace
from bot.__main__ import main

if __name__ == "__main__":
    adapters.discord.client.READY_AFTER = 0.05
    adapters.discord.adapter.AFTER_NOT_CONNECTED = 0.1
    adapters.telegram.pace.PER_CHAT_SECOND = adapters.telegram.pace.PER_GROUP_MINUTE = 1000
    main()
