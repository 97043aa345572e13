"""Reading addresses: hand-labelled lines of the shapes that people write, and the whole file of real ones.

The lines are invented; expected codes come from the division names, not from the reader.
"""

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.places import place_of, read_address
from api.places.atlas import GENERIC, atlas, is_within, parent, rank, short_name
from api.places.wellknown import LANDMARKS, MEANT, NEVER_ALONE, NEWER, RENAMED
from bench import addresses

READ = {
    # whole chains
    "上海市浦东新区张江路1号": "310115",
    "江苏省苏州市昆山市玉山镇前进西路88号": "320583",
    "浙江省宁波市鄞州区南部商务区9号楼": "330212",
    "内蒙古自治区呼和浩特市赛罕区大学东路5号": "150105",
    "新疆维吾尔自治区乌鲁木齐市水磨沟区南湖北路3号": "650105",
    "广西壮族自治区南宁市青秀区民族大道10号": "450103",
    "湖南省湘西土家族苗族自治州吉首市人民北路2号": "433101",
    "云南省红河哈尼族彝族自治州蒙自市锦华路8号": "532503",
    "四川省凉山彝族自治州西昌市航天大道7号": "513401",
    "北京市朝阳区建国路99号院3号楼": "110105",
    "吉林省长春市朝阳区工农大路1号": "220104",
    "重庆市渝北区空港大道20号": "500112",
    "重庆市忠县忠州街道3号": "500233",
    "天津市滨海新区第二大街6号": "120116",
    # levels missing or short
    "浙江杭州萧山区市心北路66号": "330109",
    "江苏昆山花桥徐公桥路2号": "320583",
    "上海浦东川沙路300号": "310115",
    "上海松江区新桥镇9号": "310117",
    "内蒙古包头昆都仑区钢铁大街5号": "150203",
    "新疆喀什叶城县工业园12号": "653126",
    "广东佛山南海里水镇8号": "440605",
    "广东深圳光明新区公明街道6栋": "440311",
    "湖北潜江市园林路7号": "429005",
    "湖北省仙桃市沔阳大道9号": "429004",
    "海南省琼海市嘉积镇3号": "469002",
    "河南济源沁园路1号": "419001",
    "新疆石河子市北三路4号": "659001",
    "广东省东莞市南城区鸿福路77号": "441900",
    "中山市小榄镇工业大道5号": "442000",
    "江苏省徐州市邳州市开发区12号": "320382",
    "江苏省宜兴市环科园绿园路5号": "320282",
    "沧州黄骅中捷产业园8号": "130983",
    "凉山州西昌市长安中路3号": "513401",
    "大理州大理市下关镇5号": "532901",
    # a district alone that exists once
    "昆山市黑龙江北路12号": "320583",
    "徐汇区漕宝路500号": "310104",
    "番禺区市桥东环路9号": "440113",
    "义乌市稠州北路8号": "330782",
    "浦东新区金桥路12号": "310115",
    "浦东 金高路22号": "310115",
    "萧山经济技术开发区启迪路3号": "330109",
    "龙岗平湖街道平新路6号": "440307",
    "准格尔旗薛家湾镇2号": "150622",
    # a district of several that the text or common sense decides
    "朝阳区望京东路7号": "110105",
    "南山区蛇口工业八路2号": "440305",
    "普陀区祁连山南路77号": "310107",
    "西湖区文三路55号（杭州）": "330106",
    "鼓楼区湖东路9号（福州总部）": "350102",
    "河北省桥西区中山西路6号": "130000",
    "江苏省鼓楼区": "320000",
    # parts that no table knows are passed over
    "苏州工业园区星湖街20号": "320500",
    "杭州经济技术开发区6号大街3号": "330100",
    "天津经济技术开发区第四大街8号": "120000",
    "西安市高新区锦业路6号": "610100",
    "成都市高新区天府三街9号（武侯区）": "510107",
    "青岛市北区辽阳西路8号": "370203",
    "济南市市中区经七路86号": "370103",
    "攀枝花市东区机场路9号": "510402",
    "荆州市沙市区园林路2号": "421002",
    # old and new names
    "上海市闸北区广中路9号": "310106",
    "山东省章丘市刁镇2号": "370181",
    "济南市章丘区双山大街2号": "370181",
    "杭州市钱塘区金沙大道4号": "330114",
    "长沙市宁乡市玉潭街道5号": "430124",
    "北京市密云县鼓楼东大街1号": "110118",
    "沈阳市浑南新区世纪路5号": "210112",
    # roads and houses that bear place names
    "上海市黄浦区南京东路200号": "310101",
    "上海 北京西路15号": "310000",
    "银川市金凤区上海路与宁夏路口": "640106",
    "南京市鼓楼区北京西路7号": "320106",
    "太仓市上海东路86号": "320585",
    "青岛市市南区香港中路30号": "370202",
    "武汉市江岸区中山大道1号": "420102",
    "西安南大街3号": "610100",
    "上海路99号，江苏省南通市崇川区": "320602",
    "大连市中山区人民路9号": "210202",
    "南京新华路3号": "320100",
    "郑州市北京大厦5楼": "410100",
    # noise around it
    "  收货地址：中国 河北 石家庄市 裕华区 槐安路1号": "130108",
    "王师傅 13800000000 江苏省无锡市滨湖区蠡湖大道3号": "320211",
    "杭州市(滨江)江南大道8号": "330108",
    "广州市广州市越秀区沿江中路8号": "440104",
    "上海": "310000",
    "浙江": "330000",
    "松江九亭": "310117",
    "货送到昆山": "320583",
    "客户在无锡，先发一半": "320200",
}

UNREAD = [
    "", "  ", "兴达路4号", "南京东路100号", "上海路107号", "北京大厦3楼", "中山大道16号", "人民路与龙胜路口",
    "高新区江睦路12号", "工业园区", "黄山大道中段5号", "清水亭", "凤山街道安山路7号", "瑞金一路9号",
    "鼓楼区", "国睿大厦", "共和新路30号", "http://www.example.com", "大桥新区一路", "待定", "8号", "市辖区",
]  # fmt: skip


@pytest.mark.parametrize(("text", "adcode"), READ.items())
def test_a_person_can_tell(text, adcode):
    place = read_address(text)
    assert place is not None
    assert (place.adcode, place.name) == (adcode, place_of(adcode).name)


@pytest.mark.parametrize("text", UNREAD)
def test_nobody_can_tell(text):
    assert read_address(text) is None


def test_a_place_is_whole():
    assert read_address("上海浦东") == place_of("310115")
    place = place_of("310115")
    assert (place.path, place.level, place.datum) == (("上海市", "浦东新区"), "district", "gcj02")
    assert (place.lng_e6, place.lat_e6) == (121_544_379, 31_221_517)
    assert place_of("320583").path == ("江苏省", "苏州市", "昆山市")
    assert [place_of(code).path[0] for code in ("110100", "500200", "429000")] == [
        "北京市",
        "重庆市",
        "湖北省",
    ]
    assert place_of("320100").adcode == "320100"
    assert place_of("330199") is None
    assert (place_of("320583").province, place_of("320583").city) == ("江苏省", "苏州市")
    assert (place_of("310000").level, place_of("310000").city) == ("city", "上海市")
    assert (place_of("429005").path, place_of("429005").city) == (("湖北省", "潜江市"), "潜江市")
    assert (place_of("320000").level, place_of("320000").city) == ("province", None)
    assert place_of("999999") is None


def test_every_division_is_read_back_from_its_own_full_name():
    book = atlas()
    read = 0
    for code in book.rows:
        place = place_of(code)
        got = read_address(place.name)
        assert got is not None, place.name
        assert is_within(place.adcode, got.adcode) or got.path == place.path, (place.name, got)
        read += got.path == place.path
    assert len(book.rows) > 3200
    assert read / len(book.rows) > 0.995


def test_every_division_is_read_back_from_short_names_above_it():
    book = atlas()
    counties = [c for c in book.rows if rank(c) == 2]
    right = 0
    for code in counties:
        path = place_of(code).path
        text = "".join(short_name(n) for n in path[:-1]) + path[-1] + "建设路8号"
        got = read_address(text)
        right += got is not None and got.path == path
    assert right / len(counties) > 0.985


def test_every_row_has_a_parent_and_a_position_in_china():
    for code, (name, lng_e6, lat_e6) in atlas().rows.items():
        assert name
        assert 73_000_000 < lng_e6 < 136_000_000, name
        assert 3_000_000 < lat_e6 < 54_000_000, name
        above = parent(code)
        assert above is None or above in atlas().rows, name


def bearers(name):
    """Divisions that bear a name, full or short."""
    return {c for n in atlas().names.get(name[:2], ()) if n.text == name for c in n.codes}


def test_what_is_well_known_is_about_divisions_that_exist():
    rows = atlas().rows
    for table in (LANDMARKS, MEANT, RENAMED):
        assert {code for code in table.values() if code not in rows} == set()
    assert [c for c in NEWER if parent(c) not in rows] == []
    assert [name for name in MEANT if MEANT[name] not in bearers(name) or len(bearers(name)) < 2] == []
    assert [name for name in (*NEVER_ALONE, *GENERIC) if not bearers(name)] == []
    assert [name for name in RENAMED if rows[RENAMED[name]][0] == name] == []
    for mark, code in LANDMARKS.items():
        assert read_address(f"{mark}8号") == place_of(code), mark


DISTRICTS = sorted(c for c in atlas().rows if rank(c) == 2)
CITIES = sorted(short_name(row[0]) for code, row in atlas().rows.items() if rank(code) < 2)


@settings(max_examples=300, derandomize=True)
@given(
    st.sampled_from(DISTRICTS),
    st.sampled_from(CITIES),
    st.sampled_from(["路", "东路", "南大街", "大厦", "银行"]),
)
def test_a_road_or_house_named_after_another_city_changes_nothing(code, city, kind):
    place = place_of(code)
    plain = read_address(f"{place.name}建设路8号")
    assert read_address(f"{place.name}{city}{kind}8号") == plain
    assert read_address(f"{place.name}建设路与{city}{kind}口8号") == plain


@pytest.mark.parametrize("kind", ["路", "中路", "大道", "大厦", "路12号"])
def test_a_road_or_house_alone_names_no_place(kind):
    assert len(CITIES) > 300
    named = [city for city in CITIES if read_address(f"{city}{kind}") is not None]
    assert [city for city in named if f"{city}{kind}" not in LANDMARKS] == []


@settings(max_examples=300, derandomize=True)
@given(
    st.text(max_size=60)
    | st.text(alphabet="上海市浦东新区南京路号苏州昆山 ,，（）0123456789到在", max_size=40)
)
def test_any_text_is_read_or_not_and_never_breaks(text):
    place = read_address(text)
    assert place is None or place == place_of(place.adcode)


def test_a_long_or_repeating_text_comes_to_an_end():
    for text in ("鼓楼区" * 400, "南京" * 600, "市" * 2_000, "建设路" * 500, "上海路" * 500):
        place = read_address(text)
        assert place is None or place == place_of(place.adcode)


def test_short_names():
    names = {
        "浦东新区": "浦东", "内蒙古自治区": "内蒙古", "巴音郭楞蒙古自治州": "巴音郭楞", "忠县": "忠县",
        "香港特别行政区": "香港", "黔东南苗族侗族自治州": "黔东南", "神农架林区": "神农架", "大兴安岭地区": "大兴安岭",
    }  # fmt: skip
    assert {name: short_name(name) for name in names} == names


@pytest.fixture
def real_lines():
    file = Path(os.environ.get("TEST_DATA", "")) / "china" / "addresses.txt"
    if not os.environ.get("TEST_DATA") or not file.exists():
        pytest.skip("not run: no data")
    return [line.strip() for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]


def test_what_a_person_can_tell_is_counted_as_the_bench_says():
    lines = ["上海市浦东新区张江路1号", "浦东大道1号", "海南省洋浦经济开发区", "前程居", "苏州园区华池街"]
    found = addresses.judged(lines)
    assert (found.province, found.city) == (3 / 4, 3 / 4)
    assert (found.misses, found.others, found.named) == (["浦东大道1号"], ["前程居"], 2)


def test_of_real_lines_that_a_person_can_tell_nearly_all_are_read(real_lines):
    found = addresses.judged(real_lines)
    assert found.province >= 0.99
    assert found.city >= 0.97
    assert len(found.others) < 0.12 * len(real_lines)


def test_real_lines_that_name_their_city_are_read_in_it(real_lines):
    """An oracle of another kind: a line that begins with the full name of a province or city lies in it."""
    book = atlas()
    tops = {name: code for code, (name, _, _) in book.rows.items() if rank(code) < 2}
    checked = read = 0
    for line in real_lines:
        read += read_address(line) is not None
        named = next((tops[line[:n]] for n in range(12, 2, -1) if line[:n] in tops), None)
        if named is None:
            continue
        checked += 1
        place = read_address(line)
        assert place is not None, line
        assert is_within(place.adcode, named), (line, place)
    assert checked > 900
    assert read / len(real_lines) > 0.87
