"""The rivals: each makes two functions from a base's entries, one that ranks entries and one that is timed."""

from __future__ import annotations

import math
import re
import sqlite3
import unicodedata
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from tests.benchmarks._questions import ASKED_IF_SLOW, TIMED_IF_SLOW, Entry, documents, phrasings

Ranked = list[tuple[str, float]]
Ask = Callable[[str, str | None], Ranked]


# What rivals see of a text


def normal(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().replace("\0", " ")


UNSPACED = r"\u3040-\u30ff\u3400-\u9fff"
"""Kana and Han, which have no spaces between words."""
WORD = re.compile(rf"[{UNSPACED}]+|[^\W_{UNSPACED}]+")


def words(text: str, stem: Callable[[str], str] = str) -> list[str]:
    """Words; for Chinese and Japanese the characters and their pairs."""
    found: list[str] = []
    for word in WORD.findall(normal(text)):
        if re.match(rf"[{UNSPACED}]", word):
            found += [*word, *(word[at : at + 2] for at in range(len(word) - 1))]
        else:
            found.append(stem(word))
    return found


def stemmed(text: str) -> list[str]:
    """As `words`, with Snowball's English stemmer."""
    import Stemmer

    stemmed.stemmer = getattr(stemmed, "stemmer", None) or Stemmer.Stemmer("english")  # type: ignore[attr-defined]  # a function that remembers its stemmer
    return words(text, stemmed.stemmer.stemWord)  # type: ignore[attr-defined]  # a function that remembers its stemmer


# What they answer


def best_of(pairs: Iterable[tuple[str, float]]) -> Ranked:
    """Each id once, with the first score it has."""
    found: dict[str, float] = {}
    for entry, score in pairs:
        found.setdefault(entry, score)
    return list(found.items())


def descending(ids: Sequence[str], scores: Any) -> Ranked:
    order = (-scores).argsort(kind="stable")
    return best_of((ids[at], float(scores[at])) for at in order.tolist())


# The rivals


def frontdesk(entries: list[Entry]) -> tuple[Ask, Ask]:
    from bot.matching import make_matcher

    match = make_matcher(entries).match
    return match, match


def fuzzy(scorer_name: str) -> Callable[[list[Entry]], tuple[Ask, Ask]]:
    def make(entries: list[Entry]) -> tuple[Ask, Ask]:
        from rapidfuzz import fuzz, process, utils

        scorer = getattr(fuzz, scorer_name)

        def shape(text: str) -> str:
            return utils.default_process(normal(text))

        pairs = phrasings(entries)
        texts, ids = [shape(text) for text, _ in pairs], [entry for _, entry in pairs]

        def rank(text: str, _: str | None) -> Ranked:
            found = process.extract(shape(text), texts, scorer=scorer, limit=None)
            return best_of((ids[at], score / 100) for _, score, at in found)

        def first(text: str, _: str | None) -> Ranked:
            found = process.extractOne(shape(text), texts, scorer=scorer)
            return [(ids[found[2]], found[1] / 100)] if found else []

        return rank, first

    return make


def bm25(entries: list[Entry]) -> tuple[Ask, Ask]:
    import bm25s

    pairs = documents(entries)
    ids = [entry for _, entry in pairs]
    tokens = [stemmed(text) for text, _ in pairs]
    index = bm25s.BM25()
    index.index(tokens, show_progress=False)
    count = Counter(token for document in tokens for token in set(document))

    def weight(token: str) -> float:
        return math.log1p((len(ids) - count[token] + 0.5) / (count[token] + 0.5))

    def rank(text: str, _: str | None) -> Ranked:
        asked = stemmed(text)
        if not asked:
            return []
        return descending(ids, index.get_scores(asked) / sum(map(weight, asked)))

    return rank, rank


def fts5(tokenizer: str) -> Callable[[list[Entry]], tuple[Ask, Ask]]:
    trigram = tokenizer.startswith("trigram")

    def make(entries: list[Entry]) -> tuple[Ask, Ask]:
        base = sqlite3.connect(":memory:")
        base.execute(f"create virtual table entry using fts5(text, id unindexed, tokenize = '{tokenizer}')")
        shape = normal if trigram else lambda text: " ".join(words(text))
        base.executemany(
            "insert into entry values (?, ?)", [(shape(text), entry) for text, entry in documents(entries)]
        )

        def rank(text: str, _: str | None) -> Ranked:
            asked = words(text)
            if trigram:
                text = normal(text)
                asked = [text[at : at + 3] for at in range(len(text) - 2)]
            asked = list(dict.fromkeys(asked))
            if not asked:
                return []
            query = " OR ".join('"' + token.replace('"', '""') + '"' for token in asked)
            rows = base.execute("select id, -rank from entry where entry match ? order by rank limit 50", (query,))
            return best_of((entry, score / len(asked)) for entry, score in rows)

        return rank, rank

    return make


def vectorizer(characters: int | None = None) -> Any:
    """tf-idf of characters (1-4-grams within words) and of stemmed words."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_union

    return make_union(
        TfidfVectorizer(
            analyzer="char_wb", ngram_range=(1, 4), sublinear_tf=True, preprocessor=normal, max_features=characters
        ),
        TfidfVectorizer(analyzer=stemmed, sublinear_tf=True),
    )


def nearest(texts: Callable[[Iterable[Entry]], list[tuple[str, str]]]) -> Callable[[list[Entry]], tuple[Ask, Ask]]:
    def make(entries: list[Entry]) -> tuple[Ask, Ask]:
        pairs = texts(entries)
        ids = [entry for _, entry in pairs]
        features = vectorizer()
        matrix = features.fit_transform([text for text, _ in pairs]).tocsr()

        def rank(text: str, _: str | None) -> Ranked:
            cosines = (matrix @ features.transform([text]).T).toarray().ravel() / 2
            return descending(ids, cosines)

        return rank, rank

    return make


def regression(entries: list[Entry]) -> tuple[Ask, Ask]:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    warnings.filterwarnings("ignore", message="The number of unique classes")
    pairs = phrasings(entries)
    model = make_pipeline(vectorizer(characters=20_000), LogisticRegression(C=10))
    model.fit([text for text, _ in pairs], [entry for _, entry in pairs])
    ids = [str(entry) for entry in model.classes_]

    def rank(text: str, _: str | None) -> Ranked:
        return descending(ids, model.predict_proba([text])[0])

    return rank, rank


def chatterbot(entries: list[Entry]) -> tuple[Ask, Ask]:
    from chatterbot import ChatBot
    from chatterbot.conversation import Statement
    from chatterbot.tagging import LowercaseTagger

    bot = ChatBot("rival", database_uri="sqlite:///:memory:", tagger=LowercaseTagger, read_only=True)
    indexed = bot.tagger.get_text_index_string
    bot.storage.create_many(
        [
            Statement(
                text=entry,
                search_text=indexed(entry),
                in_response_to=text,
                search_in_response_to=indexed(text),
                conversation="training",
            )
            for text, entry in phrasings(entries)
        ]
    )

    def first(text: str, _: str | None) -> Ranked:
        answer = bot.get_response(Statement(text=text, conversation="asked"))
        return [(answer.text, float(answer.confidence))]

    return first, first


@dataclass(frozen=True)
class Rival:
    title: str
    make: Callable[[list[Entry]], tuple[Ask, Ask]]
    libraries: dict[str, str]
    """Module: the name under which it is installed."""
    settings: str
    slow: bool = False


SKLEARN = {"sklearn": "scikit-learn", "Stemmer": "PyStemmer"}
RIVALS = {
    "frontdesk": Rival("**Frontdesk** `bot.matching:make_matcher`", frontdesk, {}, "as shipped; no sentence vectors"),
    "wratio": Rival(
        "rapidfuzz `extractOne`, `WRatio`",
        fuzzy("WRatio"),
        {"rapidfuzz": "rapidfuzz"},
        "phrasing by phrasing; NFKC, casefold, `default_process`; confidence = score / 100",
    ),
    "token-set": Rival(
        "rapidfuzz `extractOne`, `token_set_ratio`",
        fuzzy("token_set_ratio"),
        {"rapidfuzz": "rapidfuzz"},
        "the same; with spaces around Han and kana it finds fewer, but is surer (hit1 .610, acc_t .576)",
    ),
    "bm25": Rival(
        "BM25, `bm25s`",
        bm25,
        {"bm25s": "bm25s", "Stemmer": "PyStemmer"},
        "`lucene`, k1 1.5, b 0.75; an entry is one document; Snowball-stemmed words, Han characters and pairs; "
        "confidence = score / the sum of the question's idf, which is comparable between questions and bases",
    ),
    "fts5-trigram": Rival(
        "SQLite FTS5, `trigram`",
        fts5("trigram"),
        {},
        "an entry is one row; all trigrams of the question with OR; confidence = bm25() / number of trigrams",
    ),
    "fts5-words": Rival(
        "SQLite FTS5, `porter unicode61`",
        fts5("porter unicode61 remove_diacritics 2"),
        {},
        "an entry is one row; Han and kana written as characters and pairs, as unicode61 cannot divide them; all words "
        "with OR; confidence = bm25() / number of words",
    ),
    "tfidf-phrasing": Rival(
        "scikit-learn tf-idf, nearest phrasing",
        nearest(phrasings),
        SKLEARN,
        "`char_wb` 1-4-grams + stemmed words with Han characters and pairs, both sublinear; confidence = cosine",
    ),
    "tfidf-entry": Rival(
        "scikit-learn tf-idf, nearest entry",
        nearest(documents),
        SKLEARN,
        "the same, an entry's phrasings being one text",
    ),
    "regression": Rival(
        "scikit-learn `LogisticRegression`",
        regression,
        SKLEARN,
        "the same features (at most 20,000 of characters), C = 10; confidence = probability",
    ),
    "chatterbot": Rival(
        "ChatterBot",
        chatterbot,
        {"chatterbot": "ChatterBot"},
        "`BestMatch` with `LevenshteinDistance`, SQLite in memory, `LowercaseTagger`, as the default tagger needs a "
        "spaCy model per language, which pip does not bring along; confidence = its own; it names one entry, so "
        f"MRR = hit1; as it is slow it is asked an even sample of {ASKED_IF_SLOW} questions of each file and timed in "
        f"rounds of {TIMED_IF_SLOW}",
        slow=True,
    ),
}
