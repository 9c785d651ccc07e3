"""What people say to each other is passed on at once: no burst is waited for."""

from __future__ import annotations

import pytest

from tests.office import ANN, NORTH, Office

pytestmark = pytest.mark.anyio


async def test_neither_side_waits_for_the_merge_window(office: Office) -> None:
    await office.say("/human")
    await office.act(ANN.accounts[NORTH], NORTH, 1, text="Hello", handle=False)
    await office.app.settle()
    assert office.said()[-1] == "Hello"
    await office.send("hello yourself")
    await office.app.settle()
    assert (await office.texts())[-1].endswith("hello yourself")
