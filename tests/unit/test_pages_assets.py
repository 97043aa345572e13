"""The app's files: what is served, how, and that the shell stays light; the words are complete in both languages."""

import gzip
import re
from pathlib import Path

from api.shell.assets import ROOT, TYPES, is_fresh, read_all

SHELL_LIMIT = 60_000


def plant(root: Path) -> None:
    for name in (
        "index.html", "src/main.js", "src/deep/a.js", "styles/a.css", "icons/i.svg", "src/.hidden.js",
        "src/.git/config.js", ".env.js", "package.json", "src/package.json", "src/a.test.js", "tools/vendor.js",
        "tests/x.js", "src/notes.md", "src/a.py", "src/main.js.map",
    ):  # fmt: skip
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name)


def test_only_what_the_app_needs_is_served(tmp_path):
    root = tmp_path / ".cache" / "pwa"  # a dot above the folder hides nothing
    root.mkdir(parents=True)
    plant(root)
    (tmp_path / "secret.js").write_text("secret")
    (root / "src" / "out.js").symlink_to(tmp_path / "secret.js")
    assert sorted(read_all(root)) == [
        "icons/i.svg",
        "index.html",
        "src/deep/a.js",
        "src/main.js",
        "styles/a.css",
    ]


def test_a_missing_folder_serves_nothing(tmp_path):
    assert read_all(tmp_path / "none") == {}


def test_each_file_has_its_type_and_unpacks_to_itself():
    files = read_all()
    assert len(files) > 20
    for path, asset in files.items():
        assert asset.media == TYPES["." + path.rpartition(".")[2]]
        assert asset.body == (ROOT / path).read_bytes()
        if asset.packed:
            assert gzip.decompress(asset.packed) == asset.body
    assert len({asset.etag for asset in files.values()}) == len({asset.body for asset in files.values()})
    assert read_all() == files


def test_a_copy_is_fresh_only_by_its_own_tag():
    asset = read_all()["index.html"]
    strong = asset.etag.removeprefix("W/")
    for given in (asset.etag, strong, f'"x", {asset.etag}', "*"):
        assert is_fresh(asset, given)
    for given in ("", '"x"', strong[:-2], strong.strip('"')):
        assert not is_fresh(asset, given)


def test_files_are_served_with_type_tag_and_304(company):
    got = company.client.get("/pwa/src/main.js")
    assert (got.status_code, got.headers["content-type"]) == (200, "text/javascript; charset=utf-8")
    assert got.headers["content-encoding"] == "gzip"
    assert got.headers["vary"] == "accept-encoding"
    assert got.content == (ROOT / "src" / "main.js").read_bytes()
    again = company.client.get("/pwa/src/main.js", headers={"if-none-match": got.headers["etag"]})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", got.headers["etag"])
    plain = company.client.get("/pwa/src/main.js", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == got.content
    assert company.client.get("/pwa/icons/icon.svg").headers["content-type"] == "image/svg+xml"
    assert company.client.get("/pwa/styles/app.css").headers["content-type"] == "text/css; charset=utf-8"


def test_nothing_outside_is_served(company):
    for path in (
        "/pwa/../pyproject.toml", "/pwa/%2e%2e/pyproject.toml", "/pwa/src/sync/package.json", "/pwa//etc/passwd",
        "/pwa/src/../../api/app.py", "/pwa/src", "/pwa/", "/pwa/src/%00main.js",
    ):  # fmt: skip
        got = company.client.get(path)
        assert got.status_code == 404, path
        assert got.json()["code"] == "no_such_path"


def test_everybody_gets_the_shell_wherever_the_app_begins(company):
    first = company.client.get("/")
    assert first.headers["content-type"] == "text/html; charset=utf-8"
    assert 'type="module" src="/pwa/src/main.js"' in first.text
    for path in ("/app", "/app/orders/HD260122-00017", "/s/LA0103V", "/S/LA0103V"):
        assert company.client.get(path).content == first.content


def test_the_docs_page_is_readable_and_plain(company):
    text = company.client.get("/docs").text
    assert "/api/orders/{order_no}/tracking-link" in text
    assert "the same link each time" in text
    assert "<script" not in text
    assert company.client.get(re.findall(r'href="(/pwa/styles/[^"]+)"', text)[0]).status_code == 200


def test_the_shell_is_whole_and_light():
    files = read_all()
    wanted = re.findall(r'(?:src|href)="/pwa/([^"]+)"', files["index.html"].body.decode())
    seen = {"index.html"}
    while wanted:
        path = wanted.pop()
        if path in seen:
            continue
        seen.add(path)
        assert path in files, path
        if path.endswith(".js"):
            for there in re.findall(r'from "(\.{1,2}/[^"]+)"', files[path].body.decode()):
                wanted.append((ROOT / path).parent.joinpath(there).resolve().relative_to(ROOT).as_posix())
    assert {"src/main.js", "src/views/order.js", "src/words.js", "styles/tokens.css"} <= seen
    assert sum(len(files[path].packed or files[path].body) for path in seen) <= SHELL_LIMIT


def test_every_word_of_the_shell_has_both_halves():
    text = (ROOT / "src" / "words.js").read_text("utf-8")
    table = text[text.index("WORDS = {") : text.index("\n};")]
    pairs = dict(re.findall(r'^  "?([\w.]+)"?: (\[.*?\]),$', table, flags=re.M | re.S))
    assert len(pairs) > 100
    for key, pair in pairs.items():
        halves = re.findall(r'"((?:[^"\\]|\\.)*)"', pair)
        assert len(halves) == 2, key
        assert all(halves), key
        facts = [sorted(re.findall(r"\{\w+\}", half)) for half in halves]
        assert facts[0] == facts[1], key
        assert key == "other_language" or not re.search(r"[一-鿿]", halves[1]), key
        assert "!" not in halves[0] + halves[1], key
    code = "".join(f.read_text("utf-8") for f in (ROOT / "src").rglob("*.js") if f.name != "words.js")
    asked = set(re.findall(r'\bt\("([\w.]+)"', code))
    assert len(asked) > 40
    assert asked - set(pairs) == set()
    named = set(re.findall(r'"([\w.]+)"|\b(\w+):', code))
    states = {one for pair in named for one in pair}
    spare = {key for key in pairs if key not in states and not key.startswith(("role_", "order.", "link."))}
    assert {key for key in spare if not key.endswith("_hint")} == set()


def test_every_entry_of_an_orders_journal_has_its_words():
    words = (ROOT / "src" / "words.js").read_text("utf-8")
    kinds = set()
    for file in (ROOT.parent / "api" / "orders").glob("*.py"):
        kinds |= set(re.findall(r'"(order\.[a-z_]+)"', file.read_text("utf-8")))
    assert len(kinds) > 15
    assert {kind for kind in kinds if f'"{kind}"' not in words} == set()
