"""What an agent needs to know: found in what was written, read from answers, never guessed, and masked where shown."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dialogue.fields import LONGEST_VALUE, FieldType, flaw, folded, found, masked, missing, read
from bot.knowledge.loader import bundled_folder, load

HEX = "4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318"
SIGNATURE = "5VERv8NMvzbJMEkV8xnrLkEaWRtSz9CosKDYjCJjBRnbJLgp8uirBgmQpjKhoR4tjF3ZpRzrFmBV6UjKdiSZkQUW"[:88]
ETH = "0xdAC17F958D2ee523a2206206994597C13D831ec7"
TRON = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"
BTC = "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2"
SEGWIT = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"
SOLANA = "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v"
UUID = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"


def bundled() -> Mapping[str, FieldType]:
    knowledge = load(bundled_folder(), ("en", "zh"), "en").knowledge
    assert knowledge is not None
    return knowledge.fields


TYPES = bundled()


def plain(**about: str) -> FieldType:
    return FieldType("it", {"en": "it"}, {"en": "It?"}, **about)  # type: ignore[arg-type]


FOUND: list[tuple[str, dict[str, str]]] = [
    ("my uid is 88442211, deposit missing", {"uid": "88442211"}),
    ("UID:88442211", {"uid": "88442211"}),
    ("uid88442211", {"uid": "88442211"}),
    ("User ID = 88442211.", {"uid": "88442211"}),
    ("my account number is 88442211", {"uid": "88442211"}),
    ("my account 88442211 is locked", {"uid": "88442211"}),
    ("88442211 is my uid", {"uid": "88442211"}),
    ("我的UID是88442211，充值没到", {"uid": "88442211"}),
    ("ＵＩＤ：８８４４２２１１", {"uid": "88442211"}),
    ("账号 88442211 登录不了", {"uid": "88442211"}),
    ("账户id为88442211", {"uid": "88442211"}),
    ("88442211是我的uid", {"uid": "88442211"}),
    ("uid: 88442211, order 1234567890123", {"uid": "88442211", "order_id": "1234567890123"}),
    ("订单号：1234567890，账号：88442211", {"uid": "88442211", "order_id": "1234567890"}),
    ("order #1234567890 is stuck", {"order_id": "1234567890"}),
    ("my order id is A-20261120", {"order_id": "A-20261120"}),
    (f"order number: {UUID}", {"order_id": UUID}),
    ("订单1234567890一直没成交", {"order_id": "1234567890"}),
    ("訂單編號 99887766554433", {"order_id": "99887766554433"}),
    ("write to ann.b+x@example.co.uk.", {"email": "ann.b+x@example.co.uk"}),
    ("我的邮箱ann@example.com收不到邮件", {"email": "ann@example.com"}),
    ("账号 88442211@qq.com 登录不了", {"email": "88442211@qq.com"}),
    (f"txid {HEX}", {"txid": HEX}),
    (f"https://etherscan.io/tx/0x{HEX}", {"txid": "0x" + HEX}),
    (f"交易哈希：{HEX.upper()}，还没到", {"txid": HEX.upper()}),
    (f"solscan.io/tx/{SIGNATURE} please", {"txid": SIGNATURE}),
    (f"sent to {ETH}", {"address": ETH}),
    (f"to{chr(0x200B)} {ETH[:20]}{chr(0x200B)}{ETH[20:]}", {"address": ETH}),
    (f"地址{TRON}转错了", {"address": TRON}),
    (f"bitcoin:{SEGWIT}?amount=1", {"address": SEGWIT}),
    (f"address {BTC}", {"address": BTC}),
    (f"my solana wallet {SOLANA}", {"address": SOLANA}),
    (f"to {ETH}, hash 0x{HEX}", {"address": ETH, "txid": "0x" + HEX}),
    ("sent USDT on TRC20", {"network": "TRC20"}),
    ("used erc-20 by mistake", {"network": "erc-20"}),
    ("充了BEP20的USDT", {"network": "BEP20"}),
    ("via Arbitrum One", {"network": "Arbitrum One"}),
    ("over the lightning network", {"network": "lightning network"}),
    ("I sent it on Solana", {"network": "Solana"}),
    ("over the Bitcoin network", {"network": "Bitcoin network"}),
    ("network: BTC", {"network": "BTC"}),
    ("走的波场", {"network": "波场"}),
    ("选了币安智能链", {"network": "币安智能链"}),
    ("用以太坊网络转的", {"network": "以太坊网络"}),
    ("网络是以太坊", {"network": "以太坊"}),
    ("deposited 1,000.5 USDT", {"amount": "1,000.5 USDT"}),
    ("0.5 btc is missing", {"amount": "0.5 btc"}),
    ("lost $1,200", {"amount": "$1,200"}),
    ("about 10k usdt", {"amount": "10k usdt"}),
    ("250 dollars gone", {"amount": "250 dollars"}),
    ("充了100块没到", {"amount": "100块"}),
    ("转了一千U", {"amount": "一千U"}),
    ("提现1.5万U", {"amount": "1.5万U"}),
    ("五百块钱没了", {"amount": "五百块钱"}),
    ("我转了2个比特币", {"amount": "2个比特币"}),
    ("５００ ＵＳＤＴ", {"amount": "500 USDT"}),
    ("500 USDT via TRC20", {"amount": "500 USDT", "network": "TRC20"}),
    ("ERC-20 USDT", {"network": "ERC-20"}),
    ("TRC20，500 U", {"network": "TRC20", "amount": "500 U"}),
    ("TRC20,500 U", {"network": "TRC20"}),
    ("I get Error 10203", {"error_code": "10203"}),
    ("code: E-403", {"error_code": "E-403"}),
    ("error code is ERR_NO_FUNDS", {"error_code": "ERR_NO_FUNDS"}),
    ("it fails with error -1021", {"error_code": "-1021"}),
    ("错误码：10203", {"error_code": "10203"}),
    ("一直报错40014", {"error_code": "40014"}),
    ("a 502 error", {"error_code": "502"}),
    ("withdrew yesterday 14:30", {"datetime": "yesterday 14:30"}),
    ("withdrew yesterday at 3 pm and waited", {"datetime": "yesterday at 3 pm"}),
    ("on 2026-11-20 it was gone", {"datetime": "2026-11-20"}),
    ("2026-11-20 14:30:05 UTC+8", {"datetime": "2026-11-20 14:30:05 UTC+8"}),
    ("it was on Nov 20, 2026", {"datetime": "Nov 20, 2026"}),
    ("on 20th of November at 9:15", {"datetime": "20th of November at 9:15"}),
    ("I sent it 3 hours ago", {"datetime": "3 hours ago"}),
    ("last night somebody logged in", {"datetime": "last night"}),
    ("I came this morning, about my card", {"datetime": "this morning"}),
    ("I paid at 14:30", {"datetime": "14:30"}),
    ("昨天下午3点充的", {"datetime": "昨天下午3点"}),
    ("昨天下午３点充的", {"datetime": "昨天下午3点"}),
    ("11月20日14:30提现", {"datetime": "11月20日14:30"}),
    ("2026年11月20日 晚上8点半左右", {"datetime": "2026年11月20日 晚上8点半左右"}),
    ("3小时前转的", {"datetime": "3小时前"}),
    ("半个小时前", {"datetime": "半个小时前"}),
    ("上周五提的", {"datetime": "上周五"}),
    ("今天早上", {"datetime": "今天早上"}),
    ("crashes on my iPhone 15 Pro, iOS 17.2", {"device": "iPhone 15 Pro, iOS 17.2"}),
    ("Samsung Galaxy S23 with Android 14", {"device": "Samsung Galaxy S23 with Android 14"}),
    ("Chrome 120 shows nothing", {"device": "Chrome 120"}),
    ("小米13手机闪退", {"device": "小米13"}),
    ("华为Mate60打不开", {"device": "华为Mate60"}),
    ("app version 3.4.1", {"device": "app version 3.4.1"}),
    (
        f"uid 88442211, I sent 250 USDT over TRC20 to {TRON} yesterday at 14:30, txid {HEX}",
        {
            "uid": "88442211",
            "amount": "250 USDT",
            "network": "TRC20",
            "address": TRON,
            "datetime": "yesterday at 14:30",
            "txid": HEX,
        },
    ),
    (
        f"UID 88442211，昨天下午3点用TRC20提了一千U到{TRON}，哈希{HEX}，邮箱ann@example.com",
        {
            "uid": "88442211",
            "datetime": "昨天下午3点",
            "network": "TRC20",
            "amount": "一千U",
            "address": TRON,
            "txid": HEX,
            "email": "ann@example.com",
        },
    ),
]

NOTHING = [
    "",
    "12345678",
    "my phone is 13800138000",
    "账号 13800138000 登录不了",
    "bank account number 12345678",
    "fluid 1234567",
    "my account has 100000 followers and I waited",
    "my order is 5 minutes late",
    "in order to withdraw",
    "how do I buy BTC with ETH",
    "what is the fee for bitcoin and solana",
    "BTC链接打不开",
    "is 2FA needed, 24/7, leverage 1:20, page 5/30, 0.1%",
    "I waited 3 days and asked 2 times",
    "can I withdraw today",
    "is support open on Monday",
    "今天能提现吗",
    "我有一个问题，等了三天",
    "我们一块去",
    "my referral code: 884422",
    "promo code: SAVE20",
    "error 3 times",
    "ann@example",
    "a@b",
    HEX[:50],
    HEX + "0",
    ETH[:-1],
    ETH + "0",
    "how high are your fees?",
    "手续费是多少",
    "[password hidden]",
    "12345678901234567890123456789012345",
    "supercalifragilisticexpialidocious",
]


@pytest.mark.parametrize(("text", "expected"), FOUND)
def test_what_was_written_already_is_found_and_nothing_else(text: str, expected: dict[str, str]) -> None:
    assert found(text, TYPES, tuple(TYPES)) == expected


@pytest.mark.parametrize("text", NOTHING)
def test_nothing_is_guessed(text: str) -> None:
    assert found(text, TYPES, tuple(TYPES)) == {}


def test_only_what_is_asked_for_is_given_in_the_order_asked() -> None:
    text = f"uid 88442211, 250 USDT, {HEX}"
    assert list(found(text, TYPES, ["txid", "network", "uid"]).items()) == [("txid", HEX), ("uid", "88442211")]


def test_of_several_messages_the_later_one_wins_and_within_one_the_first() -> None:
    said = ["uid 11111111, sent 5 USDT, fee 1 USDT", "hello", "sorry, uid 22222222"]
    assert found(said, TYPES, ["uid", "amount"]) == {"uid": "22222222", "amount": "5 USDT"}


def test_what_one_field_takes_no_other_takes_even_if_it_was_not_asked_for() -> None:
    long = FieldType("long", {}, {}, pattern="[0-9]{4} [0-9]{4}", find="{pattern}")
    types = {"long": long, "it": plain(pattern="[0-9]{4}", find="{pattern}")}
    assert found("1234 5678 and 9999", types, ["it"]) == {"it": "9999"}


def test_without_find_running_text_is_not_searched() -> None:
    assert found("I waited 45 minutes", {"it": plain(pattern="[0-9]{2}")}, ["it"]) == {}


READ: list[tuple[str, str, str | None]] = [
    ("uid", "my uid is 12345 thanks", "12345"),
    ("uid", "88442211", "88442211"),
    ("uid", " ８８４４２２１１。", "88442211"),
    ("uid", "order 9999999999, uid 88442211", "88442211"),
    ("uid", "是88442211吧", "88442211"),
    ("uid", "it's 1234", None),
    ("uid", "1234567890123", None),
    ("uid", "I don't know", None),
    ("uid", "不知道", None),
    ("uid", "", None),
    ("uid", "ann@example.com", None),
    ("email", "Ann@Example.com, thanks", "Ann@Example.com"),
    ("email", "ann at example", None),
    ("email", "邮箱：ａｎｎ＠ｅｘａｍｐｌｅ．ｃｏｍ", "ann@example.com"),
    ("txid", f"here: 0x{HEX}", "0x" + HEX),
    ("txid", SIGNATURE, SIGNATURE),
    ("txid", ETH, None),
    ("txid", f"0x{HEX[:10]}…{HEX[-4:]}", None),
    ("address", ETH, ETH),
    ("address", f"it is {TRON}!", TRON),
    ("address", SEGWIT.upper(), SEGWIT.upper()),
    ("address", "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy", "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy"),
    ("address", SOLANA, SOLANA),
    ("address", HEX, None),
    ("address", "0x" + HEX, None),
    ("address", SIGNATURE, None),
    ("address", "my wallet", None),
    ("network", "trc20", "trc20"),
    ("network", "TRC 20 I think", "TRC 20"),
    ("network", "eth", "eth"),
    ("network", "Bitcoin", "Bitcoin"),
    ("network", "lightning", "lightning"),
    ("network", "以太坊", "以太坊"),
    ("network", "好像是币安智能链", "币安智能链"),
    ("network", "BNB Smart Chain", "BNB Smart Chain"),
    ("network", "the usual one", None),
    ("amount", "1000", "1000"),
    ("amount", "1,000.5 USDT", "1,000.5 USDT"),
    ("amount", "3 days ago, 500 usdt", "500 usdt"),
    ("amount", "大概一千U", "一千U"),
    ("amount", "100块", "100块"),
    ("amount", "a lot", None),
    ("order_id", "1234567890", "1234567890"),
    ("order_id", f"it's {UUID}", UUID),
    ("order_id", "no idea", None),
    ("order_id", "2026", None),
    ("datetime", "yesterday 14:30", "yesterday 14:30"),
    ("datetime", "14:30", "14:30"),
    ("datetime", "at 3pm yesterday", "3pm yesterday"),
    ("datetime", "today", "today"),
    ("datetime", "just now", "just now"),
    ("datetime", "20.11.2026 14:30", "20.11.2026 14:30"),
    ("datetime", "11/20", "11/20"),
    ("datetime", "Monday", "Monday"),
    ("datetime", "about 2 hours ago", "about 2 hours ago"),
    ("datetime", "昨天下午3点", "昨天下午3点"),
    ("datetime", "刚刚", "刚刚"),
    ("datetime", "前天晚上八点半", "前天晚上八点半"),
    ("datetime", "两个小时之前", "两个小时之前"),
    ("datetime", "dunno", None),
    ("error_code", "  Network error\n", "Network error"),
    ("error_code", "网络异常，请重试", "网络异常，请重试"),
    ("error_code", "10203", "10203"),
    ("device", "an old Nokia", "an old Nokia"),
    ("device", "…", None),
]


@pytest.mark.parametrize(("name", "text", "value"), READ)
def test_an_answer_is_read_and_refused_if_it_does_not_look_right(name: str, text: str, value: str | None) -> None:
    assert read(TYPES[name], text) == value


def test_free_text_is_kept_as_written_but_for_its_ends_and_what_is_too_long() -> None:
    assert read(plain(), "\u200b  it broke，twice \n") == "it broke，twice"
    assert read(plain(), " \n") is None
    long = read(plain(), "a b" * 1000)
    assert long is not None and len(long) <= LONGEST_VALUE and long.endswith("…")


def test_a_value_that_is_too_long_is_none() -> None:
    assert read(FieldType("it", {}, {}, pattern="[0-9]{1,9}", longest=5), "123456") is None


@pytest.mark.parametrize(
    ("ask", "known", "expected"),
    [
        (("uid", "txid", "uid"), {}, ["uid", "txid"]),
        (("uid", "txid"), {"uid": "1"}, ["txid"]),
        (("uid", "txid"), {"uid": "", "txid": ""}, []),  # skipped
        ((), {}, []),
    ],
)
def test_only_what_is_not_known_is_missing(ask: tuple[str, ...], known: dict[str, str], expected: list[str]) -> None:
    assert missing(ask, known) == expected


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("john@example.com", "j***@example.com"),
        ("j@example.com", "***@example.com"),
        ("0x12345678901234569abc", "0x12…9abc"),
        (ETH, "0xdA…1ec7"),
        ("88442211", "88…11"),
        ("1234", "***"),
        ("中文", "***"),
        ("", ""),
    ],
)
def test_a_sensitive_value_is_shown_masked_and_another_as_it_is(value: str, shown: str) -> None:
    assert masked(FieldType("it", {}, {}, sensitive=True), value) == shown
    assert masked(FieldType("it", {}, {}), value) == value


@given(st.text(min_size=1).filter(lambda value: not set(value) & set("*…")))
def test_a_mask_never_shows_the_value_nor_half_of_it(value: str) -> None:
    shown = masked(FieldType("it", {}, {}, sensitive=True), value)
    assert value not in shown
    if "@" not in value:
        assert len(shown.replace("…", "").replace("*", "")) <= len(value) / 2


@pytest.mark.parametrize(
    ("regex", "part"),
    [
        ("[0-9", "is no regular expression: unterminated character set"),
        ("[0-9]+", "goes on without end"),
        ("a*b", "goes on without end"),
        ("a{2,}", "goes on without end"),
        ("a++", "goes on without end"),
        ("(?:a{1,9}){1,9}", "too many ways"),
        ("(?:a?){2,30}b", "too many ways"),
        ("(?:ab|[ab]b){1,30}", "too many ways"),
        ("(?:aa|AA){1,50}", "too many ways"),
        ("a{0,99}a{0,99}b", "too many ways"),
        ("(?=a{1,60}a{1,60})a", "too many ways"),
        (r"(a)\1", "refers back"),
        ("[0-9]{0,5}", "fits an empty text"),
        ("x|", "fits an empty text"),
    ],
)
def test_a_regular_expression_that_could_take_long_or_means_nothing_is_refused(regex: str, part: str) -> None:
    assert part in flaw(regex)


@pytest.mark.parametrize(
    "regex",
    [
        "FX[0-9]{8}",
        "[0-9]{5,12}",
        "(?:[ -]?[0-9]{4}){4}",
        "(?:apple|pear|plum){1,20}",
        "[a-z]{1,90}+@[a-z]{1,90}+",
        "(?:no|number)? ?(x)",
    ],
)
def test_an_ordinary_regular_expression_is_fine(regex: str) -> None:
    assert flaw(regex) == ""


def test_a_group_that_is_kept_is_refused_where_there_may_be_none() -> None:
    assert "write (?:...)" in flaw("(a)b", groups=False)
    assert flaw("(?:a)b", groups=False) == ""


WORDS = """uid 订单号 order 账户 error code : ： 是 12345678 13800138000 @ . - 0x T 1 bc1 14:30 昨天 下午3点 500 USDT
块 一千 U TRC20 波场 iPhone 15 iOS 17 yesterday ago 3 小时前 [password hidden] ann@example.com"""
PIECES = st.sampled_from([*WORDS.split(), " ", "\n", "\0", HEX, ETH, TRON, SIGNATURE, "😀", "\u200b", "ﷺ"])
TEXTS = st.one_of(st.text(), st.lists(PIECES, max_size=30).map("".join), st.lists(PIECES, max_size=30).map(" ".join))


@given(TEXTS)
def test_any_text_can_be_read_and_what_is_found_fits_its_field_and_stands_in_the_text(text: str) -> None:
    values = found(text, TYPES, tuple(TYPES))
    answers = {name: value for name, type_ in TYPES.items() if (value := read(type_, text)) is not None}
    for name, value in [*values.items(), *answers.items()]:
        type_ = TYPES[name]
        assert 0 < len(value) <= type_.longest
        assert not type_.pattern or re.fullmatch(type_.pattern, value, re.IGNORECASE)
        assert value in folded(text) or not type_.pattern
        masked(type_, value)


@given(TEXTS)
def test_a_value_is_read_again_from_itself(text: str) -> None:
    for name, value in found(text, TYPES, tuple(TYPES)).items():
        assert read(TYPES[name], value) is not None, (name, value)


LONG = [
    *(
        "a",
        "1",
        " ",
        "0",
        "x1 ",
        "1 ",
        "a.",
        "a@",
        "1,",
        "ﷺ",
        "一",
        "一千",
        "U 1",
        "uid ",
        "uid: ",
        "12345678 ",
        "order ",
    ),
    *(
        "5 USDT ",
        "error code ",
        "0x",
        "昨天 ",
        "14:30 ",
        "1-",
        "2026-11-20 ",
        "iphone 15 ",
        "via ",
        "eth ",
        "TRC20",
        "bc1",
    ),
    *(
        "T" + "a" * 20,
        HEX + " ",
        HEX[:40] + " ",
        "A1",
        "a-",
        "\n",
        "account number ",
        "上午3点",
        "app 3.4.1, ",
        "about ",
    ),
]


def is_no_burden(work: Callable[[], object]) -> bool:
    """Milliseconds, mostly; a pattern that backtracks without end takes minutes."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin < 2


@pytest.mark.parametrize("piece", LONG)
def test_a_very_long_message_is_no_burden(piece: str) -> None:
    text = (piece * 20_000)[:20_000]
    assert is_no_burden(lambda: found(text, TYPES, tuple(TYPES)))


@pytest.mark.parametrize("name", TYPES)
def test_a_very_long_answer_is_no_burden(name: str) -> None:
    for text in ((piece * 20_000)[:20_000] for piece in LONG):
        assert is_no_burden(lambda text=text: read(TYPES[name], text)), text[:20]  # type: ignore[misc]
