"""Frontdesk's matcher against what people would pick instead: the same questions in the same run.

    python -m tests.benchmarks rivals [FOLDER]

FOLDER (or the environment variable FRONTDESK_QUESTIONS) holds data sets, one folder each: every kb*.jsonl there
({"id", "lang", "question", "variants"} a line) is asked every queries*.jsonl ({"text", "lang", "expected": id or null});
queries_noisy.jsonl gives the noisy column. Without it the bundled knowledge is asked its own labelled questions.

Each rival runs in a fresh process, on one thread, with the settings that did best on the development questions. Its
confidence may have any scale: AUROC and OOS@95 depend on its order alone, and acc_t is taken at the threshold that is
best for this rival, one for all data sets.
"""

from __future__ import annotations

import gc
import importlib.metadata
import importlib.util
import json
import math
import os
import random
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
import unicodedata
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
VARIABLE = "FRONTDESK_QUESTIONS"
CLEAN, NOISY = "queries", "queries_noisy"

PHRASINGS, PHRASINGS_PER_ENTRY = 5000, 10
"""Size of the base on which time and memory are measured."""
TIMED, WARMED = 300, 20
"""Questions whose time is measured, and questions asked before that."""
TIMED_IF_SLOW, ASKED_IF_SLOW = 20, 40
"""The same for a rival that takes seconds: questions timed, and questions asked of each file."""
PATIENCE = 900
"""Seconds until a rival is given up."""

THREADS = {name: "1" for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")}

Entry = dict[str, Any]
Question = dict[str, Any]
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

    stemmed.stemmer = getattr(stemmed, "stemmer", None) or Stemmer.Stemmer("english")  # type: ignore[attr-defined]
    return words(text, stemmed.stemmer.stemWord)  # type: ignore[attr-defined]


def phrasings(entries: Iterable[Entry]) -> list[tuple[str, str]]:
    """Each phrasing with its entry's id."""
    return [(text, entry["id"]) for entry in entries for text in dict.fromkeys((entry["question"], *entry["variants"]))]


def documents(entries: Iterable[Entry]) -> list[tuple[str, str]]:
    """Each entry's phrasings as one text, with its id."""
    return [("\n".join(dict.fromkeys((entry["question"], *entry["variants"]))), entry["id"]) for entry in entries]


def best_of(pairs: Iterable[tuple[str, float]]) -> Ranked:
    """Each id once, with the first score it has."""
    found: dict[str, float] = {}
    for entry, score in pairs:
        found.setdefault(entry, score)
    return list(found.items())


def descending(ids: Sequence[str], scores: Any) -> Ranked:
    order = (-scores).argsort(kind="stable")
    return best_of((ids[at], float(scores[at])) for at in order.tolist())


# The rivals: each makes two functions, one that ranks entries and one that is timed


def frontdesk(entries: list[Entry]) -> tuple[Ask, Ask]:
    from bot.matching import make_matcher

    match = make_matcher(entries).match
    return match, match


def fuzzy(scorer_name: str, spaced: bool) -> Callable[[list[Entry]], tuple[Ask, Ask]]:
    def make(entries: list[Entry]) -> tuple[Ask, Ask]:
        from rapidfuzz import fuzz, process, utils

        scorer = getattr(fuzz, scorer_name)

        def shape(text: str) -> str:
            text = re.sub(rf"([{UNSPACED}])", r" \1 ", normal(text)) if spaced else normal(text)
            return " ".join(utils.default_process(text).split())

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
            query = " or ".join('"' + token.replace('"', '""') + '"' for token in asked).replace(" or ", " OR ")
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
        fuzzy("WRatio", spaced=False),
        {"rapidfuzz": "rapidfuzz"},
        "phrasing by phrasing; NFKC, casefold, `default_process`; confidence = score / 100",
    ),
    "token-set": Rival(
        "rapidfuzz `extractOne`, `token_set_ratio`",
        fuzzy("token_set_ratio", spaced=True),
        {"rapidfuzz": "rapidfuzz"},
        "the same, with spaces around Han and kana so that they are tokens",
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
        "`BestMatch` with `LevenshteinDistance`, SQLite in memory, `LowercaseTagger`, as the default tagger needs a spaCy "
        "model per language that no package registry has; confidence = its own; it names one entry, so MRR = hit1; as it "
        f"is slow it is asked an even sample of {ASKED_IF_SLOW} questions of each file and timed on {TIMED_IF_SLOW}",
        slow=True,
    ),
}


# What is asked


def read_lines(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def sets_of(folder: Path) -> Iterator[dict[str, Any]]:
    for place in sorted(path for path in folder.iterdir() if path.is_dir()):
        asked = {path.stem: read_lines(path) for path in sorted(place.glob("queries*.jsonl"))}
        for path in sorted(place.glob("kb*.jsonl")):
            yield {"name": f"{place.name}/{path.stem}", "entries": read_lines(path), "asked": asked}


def bundled() -> Iterator[dict[str, Any]]:
    from bot.app import open_library
    from bot.config import Config, Settings
    from bot.knowledge.checks import HANDOVER, read_checks
    from bot.knowledge.loader import bundled_folder

    entries = [
        {"id": entry.id, "lang": lang, "question": questions[0], "variants": list(questions[1:])}
        for entry in open_library(Config(Settings())).mind.knowledge.entries.values()
        for lang, questions in entry.questions.items()
    ]
    asked = [
        {"text": check.say, "lang": check.lang, "expected": None if check.expect == HANDOVER else check.expect}
        for check in (one.check for one in read_checks(bundled_folder())[0])
    ]
    yield {"name": "bundled knowledge", "entries": entries, "asked": {CLEAN: asked}}


def mixed(one: str, other: str) -> str:
    """The first half of one phrasing and the second half of another."""
    if " " in one and " " in other:
        first, second = one.split(), other.split()
        return " ".join((*first[: (len(first) + 1) // 2], *second[len(second) // 2 :]))
    return one[: (len(one) + 1) // 2] + other[len(other) // 2 :]


def big_base(sets: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """5,000 phrasings, all that there are and mixtures of them; and questions to ask, which are never among them."""
    chance = random.Random(0)
    real = sorted({text for one in sets for text, _ in phrasings(one["entries"])})
    asked = sorted({question["text"] for one in sets for question in one["asked"].get(CLEAN, ())} - set(real))
    texts = dict.fromkeys(chance.sample(real, min(len(real), PHRASINGS)))
    while len(texts) < PHRASINGS:
        texts[mixed(chance.choice(real), chance.choice(real + asked))] = None
    every = list(texts)
    entries = [
        {"id": f"e{at}", "lang": None, "question": every[at], "variants": every[at + 1 : at + PHRASINGS_PER_ENTRY]}
        for at in range(0, PHRASINGS, PHRASINGS_PER_ENTRY)
    ]
    return {"entries": entries, "questions": [chance.choice(asked) for _ in range(WARMED + TIMED)]}


# In the rival's own process


def resident_mib() -> float:
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return math.nan
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def costs(rival: Rival, base: dict[str, Any]) -> dict[str, float]:
    gc.collect()
    before = resident_mib()
    rival.make(base["entries"][:2])[1](
        "warm 热身", None
    )  # libraries are loaded; their memory counts, their time doesn't
    started = time.perf_counter()
    ask = rival.make(base["entries"])[1]
    build = time.perf_counter() - started
    warmed, timed = (1, TIMED_IF_SLOW) if rival.slow else (WARMED, TIMED)
    took = []
    for question in base["questions"][: warmed + timed]:
        started = time.perf_counter()
        ask(question, None)
        took.append((time.perf_counter() - started) * 1e3)
    took = sorted(took[warmed:])
    gc.collect()
    return {
        "p50": took[len(took) // 2],
        "p99": took[min(len(took) - 1, len(took) * 99 // 100)],
        "build": build,
        "memory": resident_mib() - before,
    }


def sample(questions: list[Question], rival: Rival) -> list[Question]:
    if not rival.slow or len(questions) <= ASKED_IF_SLOW:
        return questions
    return [questions[at * len(questions) // ASKED_IF_SLOW] for at in range(ASKED_IF_SLOW)]


def answers(rival: Rival, one: dict[str, Any]) -> Iterator[dict[str, Any]]:
    rank, _ = rival.make(one["entries"])
    for kind, questions in one["asked"].items():
        rows = []
        for question in sample(questions, rival):
            found = rank(question["text"], question["lang"])
            ids = [entry for entry, _ in found]
            expected = question["expected"]
            place = ids.index(expected) + 1 if expected in ids else 0
            rows.append((expected is not None, place, found[0][1] if found else 0.0))
        yield {"name": one["name"], "kind": kind, "rows": rows}


def run_one(name: str, work: Path, result: Path) -> None:
    rival, asked = RIVALS[name], json.loads(work.read_text())
    measured: dict[str, Any] = costs(rival, asked["big"])
    measured["files"] = [file for one in asked["sets"] for file in answers(rival, one)]
    result.write_text(json.dumps(measured))


# What came out


def auroc(inside: Any, outside: Any) -> float:
    """The chance that a question with an answer scores above one without; ties count half."""
    import numpy as np

    outside = np.sort(outside)
    below, not_above = (np.searchsorted(outside, inside, side=side) for side in ("left", "right"))
    return float((below + not_above).mean() / (2 * len(outside)))


def accuracy(files: Sequence[dict[str, Any]]) -> dict[str, float]:
    import numpy as np

    each: dict[str, list[float]] = {name: [] for name in ("hit1", "mrr", "auroc", "oos95", "noisy")}
    decided = []
    for file in files:
        known, place, sure = (np.array(column) for column in zip(*file["rows"], strict=True))
        hit1 = float((place[known] == 1).mean())
        if file["kind"] == NOISY:
            each["noisy"].append(hit1)
        elif file["kind"] == CLEAN:
            each["hit1"].append(hit1)
            each["mrr"].append(
                float(np.divide(1, place[known], where=place[known] > 0, out=np.zeros(known.sum())).mean())
            )
            if not known.all():
                each["auroc"].append(auroc(sure[known], sure[~known]))
                keep95 = np.sort(sure[known])[known.sum() * 5 // 100]
                each["oos95"].append(float((sure[~known] < keep95).mean()))
                decided.append((known, place == 1, sure))

    def balanced(threshold: float) -> float:
        return float(
            np.mean([((sure >= threshold) & hit)[known].mean() / 2 + (sure < threshold)[~known].mean() / 2
                     for known, hit, sure in decided])
        )  # fmt: skip

    found = {name: float(np.mean(values)) if values else math.nan for name, values in each.items()}
    if decided:
        thresholds = np.quantile(np.concatenate([sure for *_, sure in decided]), np.linspace(0, 1, 1001))
        found["acc_t"] = max(map(balanced, thresholds))
    return found


COLUMNS = {
    "hit1": ("hit1", 3),
    "mrr": ("MRR", 3),
    "auroc": ("AUROC", 3),
    "oos95": ("OOS@95", 3),
    "acc_t": ("acc_t", 3),
    "noisy": ("noisy hit1", 3),
    "p50": ("p50 ms", 2),
    "p99": ("p99 ms", 2),
    "build": ("build s", 2),
    "memory": ("memory MiB", 0),
}


def cell(value: float, digits: int) -> str:
    if math.isnan(value):
        return "–"
    text = f"{value:.{digits}f}"
    return text.removeprefix("0") if digits == 3 else text


def lacking(rival: Rival) -> list[str]:
    return [package for module, package in rival.libraries.items() if importlib.util.find_spec(module) is None]


def measured(name: str, folder: Path) -> dict[str, float] | str:
    """A rival's numbers, or why there are none."""
    if missing := lacking(RIVALS[name]):
        return f"skipped: {', '.join(missing)} not installed (`pip install -e '.[bench]'`)"
    result = folder / f"{name}.json"
    command = [sys.executable, "-m", __name__, "--one", name, str(folder / "work.json"), str(result)]
    try:
        done = subprocess.run(
            command, cwd=ROOT, env={**os.environ, **THREADS}, capture_output=True, text=True, timeout=PATIENCE
        )
    except subprocess.TimeoutExpired:
        return f"given up after {PATIENCE} s"
    if done.returncode:
        return "failed: " + (done.stderr.strip().splitlines() or ["no message"])[-1]
    numbers = json.loads(result.read_text())
    return {**accuracy(numbers.pop("files")), **numbers}


def measure(folder: Path | None) -> None:
    sets = list(sets_of(folder) if folder else bundled())
    if not sets:
        sys.exit(f"{folder} has no data sets: folders with kb*.jsonl and queries*.jsonl")
    if not folder:
        print(f"No folder of data sets was given (as an argument or {VARIABLE}): the bundled knowledge's phrasings are")
        print("the base and its own labelled questions are asked. They were written for it and count for little else.")
    for one in sets:
        asked = ", ".join(f"{len(questions)} {kind}" for kind, questions in one["asked"].items())
        print(f"{one['name']}: {len(one['entries'])} entries, {len(phrasings(one['entries']))} phrasings; {asked}")
    versions = ", ".join(f"{package} {version(package)}" for package in packages())
    print(f"Python {sys.version.split()[0]}, SQLite {sqlite3.sqlite_version}, {versions}; {os.cpu_count()} cores\n")
    print("| matcher |", " | ".join(title for title, _ in COLUMNS.values()), "|")
    print("|---" * (len(COLUMNS) + 1) + "|", flush=True)
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        (place / "work.json").write_text(json.dumps({"sets": sets, "big": big_base(sets)}))
        for key, rival in RIVALS.items():
            numbers = measured(key, place)
            if isinstance(numbers, str):
                print(f"| {rival.title} | {numbers}", "|" * len(COLUMNS), flush=True)
            else:
                cells = (cell(numbers.get(column, math.nan), digits) for column, (_, digits) in COLUMNS.items())
                print(f"| {rival.title} |", " | ".join(cells), "|", flush=True)
    print()
    for rival in RIVALS.values():
        print(f"- {rival.title}: {rival.settings}.")


def packages() -> list[str]:
    return list(
        dict.fromkeys(["numpy", *(package for rival in RIVALS.values() for package in rival.libraries.values())])
    )


def version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def main() -> None:
    given = sys.argv[sys.argv.index("rivals") + 1 :] if "rivals" in sys.argv else []
    if given and Path(given[0]).is_dir():
        measure(Path(given[0]))
        sys.exit()  # the folder is the last word of the command line, not another benchmark's name
    measure(Path(os.environ[VARIABLE]) if os.environ.get(VARIABLE) else None)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        run_one(sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]))
    else:
        measure(Path(sys.argv[1]) if sys.argv[1:] else None)
