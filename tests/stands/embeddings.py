"""A server with OpenAI's embeddings API, whose model knows a few words that mean the same; it fails on demand."""

from __future__ import annotations

import json
import threading
import zlib
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np

WIDTH = 64
SAME = {"cash": "money", "funds": "money", "vanished": "lost", "gone": "lost", "disappeared": "lost", "puppy": "dog"}
"""Words that mean what another one means."""

Answer = tuple[int, bytes]


def vector(text: str) -> list[float]:
    """A made-up vector: texts with words of the same meaning in common are alike."""
    found = np.full(WIDTH, 0.05)
    for word in text.lower().replace("?", " ").replace(".", " ").split():
        meant = SAME.get(word, word)
        found += np.random.default_rng(zlib.crc32(meant.encode())).normal(size=WIDTH)
    return [float(value) for value in found]


def embeddings(texts: list[str]) -> Answer:
    """The answer of a server in good health; the order in it is not the order of the texts."""
    data = [{"object": "embedding", "index": place, "embedding": vector(text)} for place, text in enumerate(texts)]
    return 200, json.dumps({"object": "list", "data": data[::-1], "model": "m"}).encode()


class Embeddings:
    """The server. `failures` are answered first, one a request; while `hang` is set, none is answered."""

    def __init__(self) -> None:
        self.url = ""
        self.requests: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.failures: deque[Callable[[list[str]], Answer]] = deque()
        self.hang = False
        self.released = threading.Event()

    def fail(self, status: int, body: bytes = b"no", times: int = 1) -> None:
        """Answer the next requests with this."""
        self.failures.extend([lambda _: (status, body)] * times)

    def texts(self) -> list[str]:
        """All texts that were asked for."""
        return [text for request in self.requests for text in request["input"]]

    def answer(self, body: dict[str, Any], key: str) -> Answer:
        self.requests.append(body)
        self.keys.append(key)
        if self.hang:
            self.released.wait()
        return (self.failures.popleft() if self.failures else embeddings)(body["input"])


@contextmanager
def running() -> Iterator[Embeddings]:
    """Run the server on a port of its own."""
    stand = Embeddings()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            status, answer = stand.answer(body, self.headers.get("authorization", ""))
            if self.path != "/v1/embeddings":
                status, answer = 404, b"nothing here"
            try:
                self.send_response(status)
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)
            except OSError:
                return  # whoever asked waits no longer

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    stand.url = f"http://127.0.0.1:{server.server_port}/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield stand
    finally:
        stand.released.set()
        server.shutdown()
        thread.join()
        server.server_close()
