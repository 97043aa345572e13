"""Text made ready for reading: one spelling, clauses, words that turn a meaning round, told-of clauses.

`Page.text` has the same length as the original, so every span is a span of what was written. A clause is what stands
between two marks (or before a turn such as 这次, 改); marks become line ends, so that a rule's `.` never
leaves its clause. These word lists are ours and fixed; a person's rules are RE2 (rules.py).
"""

import re
from itertools import pairwise
from typing import NamedTuple

import msgspec

MAX_READ = 2000  # characters; a longer text is read up to here

_TRADITIONAL = (
    "週周禮礼開开發发貨货順顺豐丰達达電电話话驗验報报檢检證证單单價价顯显額额運运費费東东專专點点時时間间"
    "請请務务還还聯联繫系絡络緊紧儘尽盡尽氣气樣样裝装條条濕湿師师個个來来會会沒没無无別别僅仅訂订釘钉寫写"
    "帶带隨随給给讓让與与後后過过倉仓庫库門门說说為为兩两稅税號号註注須须這这裡里從从轉转賬账帳账錢钱結结"
    "匯汇內内應应該该訊讯試试測测質质減减護护墊垫膠胶車车廠厂樓楼備备標标籤签簽签終终戶户對对買买賣卖換换"
    "燈灯鏡镜輕轻邊边優优選选遲迟極极補补體体離离難难齊齐關关業业營营盤盘閉闭雙双約约預预員员問问題题復复"
    "書书張张實实將将傳传圍围並并歡欢萬万級级誤误確确認认麼么趕赶處处於于沒没裏里隻只線线壞坏廳厅嘜唛"
)
_FOLD: dict[int, str] = {
    **{c: chr(c - 0xFEE0) for c in range(0xFF01, 0xFF5F)},
    0x3000: " ",
    0xA0: " ",
    **{ord(a): b for a, b in zip(_TRADITIONAL[::2], _TRADITIONAL[1::2], strict=True)},
}
_FOLD |= {c: chr(c + 32) for c in range(65, 91)} | {c: chr(c - 0xFEE0 + 32) for c in range(0xFF21, 0xFF3B)}
_FOLD |= dict.fromkeys(range(0xD800, 0xE000), " ")  # lone surrogates: RE2 takes valid text only
_FOLD |= {0: " ", ord("’"): "'", ord("\t"): " "}

# words that look like a refusal and are none; "don't forget X" asks for X
_HARMLESS = re.compile(
    r"(?:千万)?(?:不要|请勿|不能|不可以?|切勿|别|勿)再?(?:给?忘记?了?|漏了?|落下?了?|遗漏|缺少?了?|少了?|弄丢)"
    r"|(?:不能|不行|没有|不到|没货)(?:的话)?就|不(?:能|可以?)(?:没有?|不)|(?:don't|do not|never) forget|少不了|不可或缺|必不可少"
    r"|不好意思|不过|要?不然|不仅仅?|不但|不管|不论|无论|差不多|对不起|不客气|不错|不得不|来不及|不够|不见不散|不知道?"
    r"|(?:是不是|能不能|要不要|可不可以|可否|行不行|好不好|有没有|会不会)|不一样|不同|不久|不少|不锈钢|不干胶|不停|不断"
    r"|不胜感激|无误|没问题|没事儿?|没关系|没错|特别|别克|级别|分别|区别|别家|别的|别处|别人|别墅|个别|识别|类别"
    r"|无锡|无线|无尘|无缝|无损|非常|除湿|除锈|除尘|除霜|清除|拆除|免费|免检|免税|避震|拒载|no\.\s?\d|莫名"
    r"|(?:和|跟|同|照|按|像|与)(?:上次|上回|之前|以前|上一单|上批)(?:的|那样|一样|一致)*"
)
_MARK = re.compile(r"[，,。；;!?\n\r:（）()【】\[\]「」“”\"…~～|]")
_TURN = re.compile(
    r"(?<=.)(?:这次|这回|本次|此次|这批|这单|但是?|(?<![不别勿要])改(?=[^装过]|$)|另外|还有|同时|(?<![不别勿要])换成?(?=[^货件]))"
)
NEGATION = re.compile(
    r"不(?:用|需要?|必|想|能|可以?|会|得|准|许|愿意?|打算|再|建议|是|要)?|没(?:有必要|必要|有)?|别再?|勿|无需|无须|毋须|毋需|无"
    r"|非|甭|莫|拒(?:绝|收|发|签)?|禁止?|谢绝|避开|避免|除了?|以外|之外|取消|去掉|免(?:了|去)?|算了|省了|缺少?(?!货)"
    r"|\b(?:except|no need|no|not|don't|dont|without|never|skip|avoid|cancel)\b",
    re.ASCII,
)
# what may stand between a refusal and the thing refused, and after it to the end of the clause
_SMALL = (
    r"(?:[要用需再给我们您你发走开打加附带送放寄选做垫包贴装写出付接受必想很太那么特别算得能可以有任何的了过到让叫去来收下使提供随货上"
    r"一起并另外都也就是·、 着急这次单还帮钉订搞弄搭额外全部外按]|处理|方便|快递|物流|快运|单独|专门"
    r"|this|the|any|send|use|by|via|need|it|so|that|too|make|for|to|an?|as|be|in|ship|with|add|include|is|necessary|needed|required)*"
)
SMALL = re.compile(_SMALL)
SMALL_END = re.compile(
    _SMALL
    + r"(?:吧|哈|啊|呢|哦|呀|浪费|没用|太?麻烦|费事|please|thanks|谢谢|感谢|别家|别的|其他|其它|行|可以|都行)*\s*\.?"
)
# a clause that tells what was, not what is asked
TOLD = re.compile(
    r"上次|上回|上一?单|上批|上个?月|前几次|前几天|昨天|前天|刚才|曾经|^(?:之前|以前|原来|原先)|(?:开|发|寄|收到?|附|打|带|给)过"
    r"|已经?(?:收到|开|附|带|打|发|寄|给|联系|通知|自提|加|做|电话|包)|收到了|(?:开|附|寄|发)好了"
    r"|(?:等|打|送|取|问|订|定|买|点|配)了|竟然|居然|结果|态度|才(?:送到|送来|收到|拿到|到的)"
    r"|(?:给|帮|为|替)(?:您|亲)|我们会|这边会|小店|客官"
)
LACKED = re.compile(r"不|没|忘|漏|少|缺|无")
AGAIN = re.compile(r"^(?:这次|这回|本次|此次|以后|今后|这批|这单|下次|务必|一定|记得|请|麻烦|必须|千万|\s)")
DOES = re.compile(r"附|带|放|加|包|垫|打|补|发|走|开|要|用|上|·")
# "合格证不用单独寄": the manner is refused, not the thing
MANNER = re.compile(r"单独|分开|另行")
# a clause that only refuses what the clause before named ("检验报告，不用了")
DROPS = re.compile(
    r"^(?:这次|这回|本次|就|都|也|先|还是)*(?:不(?:用|要|需要?|必)|免|算|无需|别|勿)(?:再|带|附|加|打|开|放|包|做|垫|要|用|了|吧|啊|哈|也|都)*$"
)
ELSE = re.compile(r"换|别家|别的|其他|其它|改|不|别|勿")
_CJK = re.compile(r"[一-鿿·][ ]+(?=[一-鿿])")


class Clause(NamedTuple):
    start: int
    end: int
    text: str


class Page(msgspec.Struct, frozen=True):
    """A text ready to be read: `text` in one spelling, with line ends for marks and · for harmless words."""

    text: str
    clauses: tuple[Clause, ...]


def plain(text: str) -> str:
    """Half-width, lower-case, simplified; the same number of characters."""
    return text[:MAX_READ].translate(_FOLD)


def _blank(found: re.Match[str]) -> str:
    return "·" * len(found[0])


def _mark(found: re.Match[str]) -> str:
    """A colon or comma between digits (9:30, 1,000) ends nothing."""
    text, at = found.string, found.start()
    inside = found[0] in ",:" and 0 < at < len(text) - 1 and text[at - 1].isdigit() and text[at + 1].isdigit()
    return found[0] if inside else "\n"


def lined(text: str) -> str:
    """Plain text, its clauses on lines of their own, harmless words blanked; the same length."""
    text = _HARMLESS.sub(_blank, plain(text))
    text = _MARK.sub(_mark, text)
    return _CJK.sub(lambda m: m[0].rstrip() + "\n" * (len(m[0]) - len(m[0].rstrip())), text)


def page(text: str) -> Page:
    whole = lined(text)
    clauses, at = [], 0
    for line in whole.split("\n"):
        cuts = [0, *(m.start() for m in _TURN.finditer(line)), len(line)]
        for a, b in pairwise(cuts):
            if piece := line[a:b].strip():
                start = at + a + (len(line[a:b]) - len(line[a:b].lstrip()))
                clauses.append(Clause(start, start + len(piece), piece))
        at += len(line) + 1
    return Page(whole, tuple(clauses))
