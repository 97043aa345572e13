"""Keywords: boundaries, width, case, negation directly before."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.channels.keywords import Hits, Keyword, KeywordTag, keyword_hits

URGENT = Keyword(words=["ASAP", "urgent", "加急", "急"], tag="加急", priority="urgent")


@pytest.mark.parametrize(
    "text",
    [
        *(
            "asap",
            "ship ASAP!",
            "请asap发",
            "ＡＳＡＰ",
            "这单加急",
            "特别加急",
            "要不加急吧",
            "急！",
            "asapx, asap",
        ),
        *(
            "不得不加急",
            "别的不要紧，加急",
            "Urgent.",
            "not now, but urgent",
            "没货就等，加急",
            "不加急…改成加急",
        ),
    ],
)
def test_hits(text: str) -> None:
    assert keyword_hits([URGENT], [text]).priority == "urgent"


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "asapx",
            "xasap",
            "as ap",
            "asap_2",
            "不加急",
            "不急",
            "不用加急",
            "无需加急",
            "不是很急",
            "不着急",
            "别急",
            "不是特别急",
            "isn’t urgent",
        ),
        *("not urgent", "Not so urgent", "non-urgent", "isn't urgent", "insurgents", "这单不 加急"),
    ],
)
def test_no_hits(text: str) -> None:
    assert keyword_hits([URGENT], [text]) == Hits((), None)


def test_tags_once_with_the_word_as_written_and_the_highest_priority() -> None:
    low = Keyword(words=["不急件"], tag="慢", priority="low")
    other = Keyword(words=["加急"], tag="加急", priority="high")
    plain = Keyword(words=["木架", ""], tag="打木架")
    hits = keyword_hits([low, other, URGENT, plain], ["打木架", "Ａsap 加急"])
    assert hits.tags == (KeywordTag("加急", "加急"), KeywordTag("打木架", "木架"))
    assert hits.priority == "urgent"
    assert keyword_hits([URGENT], ["Ａsap"]).tags[0].why == "Ａsap"
    assert keyword_hits([], ["加急"]) == Hits((), None)


@settings(max_examples=100, derandomize=True)
@given(st.text(max_size=12), st.text(max_size=60))
def test_no_text_makes_it_raise_and_a_hit_is_really_there(word: str, text: str) -> None:
    hits = keyword_hits([Keyword(words=[word], tag="t")], [text])
    assert all(tag.why in text and tag.why for tag in hits.tags)
