"""Cuts the two shipped font files out of Noto Sans SC: `python qr/fonts/make.py REGULAR.ttf BOLD.ttf`.

The sources are `400Regular/NotoSansSC_400Regular.ttf` and `700Bold/NotoSansSC_700Bold.ttf` of the npm package
`@expo-google-fonts/noto-sans-sc` (0.4.3; static TrueType outlines, which reportlab can embed and Debian's CFF files are
not); its `LICENSE_FONT` is kept beside as OFL.txt. Needs fonttools (dev group). Layout tables, hints and glyph names are
dropped, so that both drawing engines set text by plain advance widths. Bold has fewer characters to stay small:
`qr.font` falls back to Regular, drawn with a stroke.
"""

import sys
from pathlib import Path

from fontTools import subset  # type: ignore[import-untyped]

HERE = Path(__file__).parent
# Beyond GB 2312: letters that stand in today's personal names, and in names of towns, villages and roads.
NAMES = (
    "喆堃甯祎玥珺燊犇垚镕珅玟旻暐頔翀翃闫昇曌琇玚玙玭玹珣珩珮珽琎琤琬瑀瑄瑢璟璠瓅皞睿淼焱垠晞昉昳晙晢晟暄暻炘炜烜焜焯煊煜熠熳燚"
    "赟贇堉塬婧婳媞嫄嫚嬿孖孥宓宬寔屹峣峤嵘嵩嶓巖彧徕忞怡恺惇愔慜懋扆抃挺斓斐旸昕昺晗晔晖晳暾曈杺枟栩桄梓棪楠楒槿檬殳毓沄沅沚沣泓洺洢"
    "浛浠涵淏淦渟渼湉湜湲溁溦滢漪漾潆潼澍澔澹濡瀚灏炅炆烔煦熙熹燏爔玎玘玠玢珂珈珉珏珑珞珪琀琅琏琚琛琦琨琪琮琯琰琲琳琴琼瑗瑛瑜瑞瑭瑱瑶瑷"
    "璁璇璈璐璘璞璨瓒甫畅畬皑皓皙盼眭睆砚硕碧祉祐祚祺禔禛禧穆穗竑竣筠筱箬篁粲糅绎绮缇缦缨罡羿翊翎翙翚翮翯耘聿胤脩舸芃芊芫芮芷苒苡苪茜茹荃"
    "荔荟荥莀莙莛莞莹菀菁菡萁萱葭蒨蓁蓥蔚蔺蕙薇薏薰藜蘅虓蝶衎裎褀襄觅訚訢諴謇谞豪豫贲赉赪轩轶辂迦逄逸遒邃邈邗邢邬郗郜郦郇鄢酆醴釉釜鑫鋆"
    "鋐錡鎏钊钐钒钖钜钘铄铉铖铠铱锳锴锽镔镠镡镱镳闳闿阗隽雯霁霂霈霏霖露靖靓静韫韬韶頲颀颋颐颢颙飏飒飚馗馥駪騄骁骅骋骐骞骧鲲鳐鳯鸫鸯鹍鹓鹮麒"
    "麟黎黛龑龢仝仡佀佘侃侔侗俣俶俸倧偲偓傒僖儆儇冼冮凃刈勍勔匡卜厍叒吉吔呙呣咏咭哌唢啟啸喩喬喻嗪嘏嘉噙囡囧圢堨墀夆妘妤妧妫姁姈姞姝姣娅娉娫娱"
    "婍婕婠婵媛媱嫒嬗宥宸寀寗尕屾岚岺峥崟崧崚嵇嵚帡幂庄庠廙弈弢弨彣彤徵悆悦惢愫慆憬戗戬扬拏捃揆揚搢旎旖旃晁昴"
)
PLACES = (
    "埇埗塱氿浉滘瀍猇硚碶圳垟塆墈坜坉坨埕堽塝峃崁崀嵖岈洣涢溇溠漷潏澥濛瀼甪畈硇磡礐筻篢筼簕羑荙莨葜蓢鄌鄚鄠酂酃邽陉隰靬颍颛鲘涌冚凼圲坮垇"
    "垌垡垭垱垸埂埌埔埚埝埠埭埼堌堎堍堡堤塅塍塘塥墉墚壋屮屿岙岜岽岿峁峇峒峪峫崆崐崮崾嵝嵫嶴巯廛弶徛旯晏朳杩枞枧枨柘栟桕桤梽棃棠椑楂榃榔樠檞"
    "橹欗歙毬氹汈汊汕汨沕沘沨沭沱沲泃泖泗泜泾洈洑洧洨洮洺洄洱浍浐浒浔浞浯浰涔涞涪涟涧涫淄淅淇淝淠淯渌渑渭湔湟湫湴湾湨溆溧溱滁滆滇滏滦滹漯漳漈潢潭"
    "潴潵潖澂澄澧澴濉濠濮瀛瀹灈灌灣炔焉牂牤牮狉狝獐珥珲畎畲疃盱眙睢瞿矼砬砻砼砲硁硗硪碓碛碡磉磴禹秭稷稻窑窎窨竺笕笪筶箐箕簋籴粜绛缑罘罟翟耒"
    "耷聂肴脒舄舢舥艾芒芗芝芦茌茳茛荆荣荏荡莒莘菏萃葵蒗蒙蓟蓼蔡蕲薛藤藕虎虢蚬蛇蝙螺蟠袁袂裕襄覃角谷谯豳赣辋迓迤郏郓郧郫鄂鄞鄱酉醴铧镆镇閤阆阊阕"
    "阜隆雒雩霍韩鞍鞨顺馆骆骊髳鲅鲇鳌鸠鹊鹤鹿麂麓黄黟黾鼋龙𪨶䢺䢼䴙䴘㵲㙍㘵㳇㟃"
)
SIGNS = "·¥£€×÷°±²³µØø–—…•‘’“”‰※№℃℉Ω⌀≈≠≤≥←↑→↓↔↕■□●○◆◇▲△▼▽★☆✓✗㎡㎏㎜㎝㎞ⅠⅡⅢ\u00a0\u3000"


def gb2312(rows: range) -> set[str]:
    """The characters of these GB 2312 rows (1-9 signs, 16-55 common hanzi, 56-87 the rest)."""
    pairs = (bytes([0xA0 + row, 0xA0 + cell]) for row in rows for cell in range(1, 95))
    return set("".join(pair.decode("gb2312", "ignore") for pair in pairs))


def cut(source: str, target: Path, characters: set[str]) -> None:
    """Writes the part of a TrueType font that draws these characters; those it lacks are left out."""
    options = subset.Options(
        layout_features=[],
        hinting=False,
        glyph_names=False,
        notdef_outline=True,
        name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14],
    )
    options.drop_tables += [
        "GPOS",
        "GSUB",
        "GDEF",
        "BASE",
        "VORG",
        "vhea",
        "vmtx",
        "STAT",
        "DSIG",
        "gasp",
        "kern",
    ]
    font = subset.load_font(source, options)
    worker = subset.Subsetter(options)
    worker.populate(unicodes=[ord(c) for c in characters])
    worker.subset(font)
    subset.save_font(font, str(target), options)
    print(target.name, len(font.getBestCmap()), "characters", target.stat().st_size, "bytes")


def main(regular: str, bold: str) -> None:
    common = (
        {chr(c) for c in range(0x20, 0x7F)}
        | {chr(c) for c in range(0xA1, 0x100)}
        | set(SIGNS)
        | gb2312(range(1, 4))
        | gb2312(range(6, 7))
    )
    cut(regular, HERE / "HuodaonaSans-Regular.ttf", common | gb2312(range(16, 88)) | set(NAMES) | set(PLACES))
    cut(bold, HERE / "HuodaonaSans-Bold.ttf", common | gb2312(range(16, 56)))


if __name__ == "__main__":
    main(*sys.argv[1:3])
