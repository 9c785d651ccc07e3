"""Vectors from an endpoint: what is asked, what is taken, and what is told when it is none of that."""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator

import numpy as np
import pytest

from bot.errors import ConfigError, VectorsUnavailable
from bot.vectors.openai import OpenAiEmbedder
from tests.cli.program import free_port
from tests.stands.embeddings import Embeddings, vector


@pytest.fixture
async def embedder(server: Embeddings) -> AsyncIterator[OpenAiEmbedder]:
    embedder = OpenAiEmbedder(server.url, "bge-m3", "sk-very-secret")
    yield embedder
    await embedder.close()


def unit(text: str) -> np.ndarray:
    values = np.array(vector(text), dtype=np.float32)
    return values / np.linalg.norm(values)


async def test_texts_go_in_one_request_and_come_back_in_their_order_with_length_one(
    embedder: OpenAiEmbedder, server: Embeddings
) -> None:
    found = await embedder.embed(["one", "two three", "四"])
    assert server.requests == [{"model": "bge-m3", "input": ["one", "two three", "四"]}]
    for text, got in zip(["one", "two three", "四"], found, strict=True):
        np.testing.assert_allclose(got, unit(text), atol=1e-5)


async def test_the_key_is_sent_and_never_told(embedder: OpenAiEmbedder, server: Embeddings) -> None:
    server.fail(401, b"wrong key")
    with pytest.raises(VectorsUnavailable) as refused:
        await embedder.embed(["x"])
    assert server.keys == ["Bearer sk-very-secret"]
    assert "secret" not in str(refused.value) + repr(embedder) + embedder.name


async def test_without_a_key_none_is_sent(server: Embeddings) -> None:
    embedder = OpenAiEmbedder(server.url + "/", "m")
    await embedder.embed(["x"])
    assert server.keys == [""]
    await embedder.close()


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_passing_failure_is_tried_once_more(embedder: OpenAiEmbedder, server: Embeddings, status: int) -> None:
    server.fail(status)
    assert len(await embedder.embed(["x"])) == 1
    assert len(server.requests) == 2


async def test_two_failures_are_told(embedder: OpenAiEmbedder, server: Embeddings) -> None:
    server.fail(500, b"out of memory", times=2)
    with pytest.raises(VectorsUnavailable, match=r"/v1/embeddings answered 500: 'out of memory'"):
        await embedder.embed(["x"])
    assert len(server.requests) == 2
    assert len(await embedder.embed(["x"])) == 1


async def test_a_refusal_is_not_tried_again(embedder: OpenAiEmbedder, server: Embeddings) -> None:
    server.fail(404, b"no such model")
    with pytest.raises(VectorsUnavailable, match="answered 404: 'no such model'"):
        await embedder.embed(["x"])
    assert len(server.requests) == 1


def body(*embeddings: object, index: int = 0) -> bytes:
    return json.dumps(
        {"data": [{"index": index + n, "embedding": value} for n, value in enumerate(embeddings)]}
    ).encode()


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"<html>It works!</html>",
        b"[]",
        b"null",
        b'{"data": null}',
        b'{"data": [1, 2]}',
        b'{"data": [{"index": 0}, {"index": 1}]}',
        b'{"error": {"message": "no"}}',
        body([1.0]),
        body([1.0], [1.0], [1.0]),
        body([1.0], [1.0], index=1),
        body([1.0, 2.0], [1.0]),
        body([], []),
        body([0.0], [0.0]),
        body(1.0, 2.0),
        body("a", "b"),
        body(["a"], ["b"]),
        body([[1.0]], [[1.0]]),
        body([float("nan")], [1.0]),
        b'{"data": [{"index": 0, "embedding": [1e999]}, {"index": 1, "embedding": [1]}]}',
        b'{"data": [{"index": "a", "embedding": [1]}, {"index": 1, "embedding": [1]}]}',
    ],
)
async def test_an_answer_of_another_shape_is_told_as_such(
    embedder: OpenAiEmbedder, server: Embeddings, answer: bytes
) -> None:
    server.fail(200, answer)
    with pytest.raises(VectorsUnavailable, match="answered something else than embeddings"):
        await embedder.embed(["x", "y"])


async def test_nobody_there_is_told() -> None:
    embedder = OpenAiEmbedder(f"http://127.0.0.1:{free_port()}/v1", "m")
    with pytest.raises(VectorsUnavailable, match="can't be reached"):
        await embedder.embed(["x"])
    await embedder.close()


def test_without_the_library_the_cure_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "httpx", None)
    with pytest.raises(ConfigError, match="run: pip install httpx"):
        OpenAiEmbedder("http://127.0.0.1/v1", "m")
