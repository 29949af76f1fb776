"""How does a page hear about progress while it happens?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

from fastapi.sse import ServerSentEvent

PAUSE = 0.4
"""Seconds between two looks."""


async def watch(look: Callable[[], Awaitable[tuple[str, bool]]]) -> AsyncIterator[ServerSentEvent]:
    """Send what `look` shows whenever it has changed, then "done" once it is over.

    What is shown is looked up each time, never remembered: a page that is loaded again, or whose server was started again,
    goes on where things are.
    """
    shown = ""
    while True:
        fragment, over = await look()
        if fragment != shown:
            shown = fragment
            yield ServerSentEvent(raw_data=fragment)
        if over:
            yield ServerSentEvent(event="done", raw_data="done")
            return
        await asyncio.sleep(PAUSE)
