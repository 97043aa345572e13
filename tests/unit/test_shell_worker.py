"""What the worker is told, how it is switched off, and what a phone needs to keep the app on its home screen."""

import hashlib
import importlib.util
import io
import json
import re
from typing import Any

import pytest
from litestar.testing import TestClient
from PIL import Image, ImageChops

from api.app import create_app
from api.settings import BadSetting, load
from api.shell.assets import ROOT, read_all, read_build
from tests.support.company import settings

NEVER = re.compile(r"indexedDB|IDBFactory|deleteDatabase|localStorage|clients\.openWindow|\.navigate\(")


def listed(worker: str) -> dict[str, str]:
    found: dict[str, str] = json.loads(
        re.findall(r"^const FILES = JSON\.parse\('(.*)'\);$", worker, re.MULTILINE)[0]
    )
    return found


def test_the_worker_knows_every_file_by_its_hash(company: Any) -> None:
    got = company.client.get("/sw.js")
    assert (got.status_code, got.headers["content-type"]) == (200, "text/javascript; charset=utf-8")
    assert got.headers["cache-control"] == "no-cache"
    files = listed(got.text)
    assert set(files) == {"index.html", *read_all()}
    assert len(files) > 40
    build = re.findall(r'^const BUILD = "(\w+)";$', got.text, re.MULTILINE)[0]
    for path, sha256 in files.items():
        body = company.client.get(f"/pwa/{build}/{path}")
        assert hashlib.sha256(body.content).hexdigest() == sha256, path
    assert files["index.html"] == hashlib.sha256(company.client.get("/").content).hexdigest()
    again = company.client.get("/sw.js", headers={"if-none-match": got.headers["etag"]})
    assert again.status_code == 304


def test_the_worker_is_small_and_leaves_the_queue_alone() -> None:
    text = (ROOT / "sw.js").read_text("utf-8")
    assert len(text.splitlines()) <= 120
    for script in (text, (ROOT / "sw_off.js").read_text("utf-8")):
        assert not NEVER.search(script.replace("It knows nothing of IndexedDB", ""))
    # Only a page's word moves it, never its own installing.
    assert re.findall(r"^.*skipWaiting.*$", text, re.MULTILINE) == [
        '  if (event.data === "take over") event.waitUntil(worker.skipWaiting());'
    ]


def test_switched_off_the_worker_removes_itself(tmp_path: Any) -> None:
    app = create_app(settings(tmp_path / "data", shell_offline=False), with_worker=False)
    with TestClient(app) as client:
        got = client.get("/sw.js")
        assert got.text == (ROOT / "sw_off.js").read_text("utf-8")
        assert got.headers["cache-control"] == "no-cache"
        assert "unregister" in got.text
        assert 'data-offline="off"' in client.get("/").text
        assert client.get(f"{read_build().base}/src/main.js").status_code == 200


def test_the_switch_is_on_or_off(tmp_path: Any) -> None:
    given = {"HUODAONA_SECRET": "x" * 32}
    assert load(given, tmp_path).shell_offline
    assert not load({**given, "HUODAONA_SHELL_OFFLINE": "off"}, tmp_path).shell_offline
    for odd in ("no", "", "OFF", "0"):
        with pytest.raises(BadSetting, match="HUODAONA_SHELL_OFFLINE: on or off"):
            load({**given, "HUODAONA_SHELL_OFFLINE": odd}, tmp_path)


def test_a_home_screen_finds_all_it_needs(company: Any) -> None:
    page = company.client.get("/").text
    at = re.findall(r'<link rel="manifest" href="([^"]+)">', page)
    assert at == ["/manifest.webmanifest"]
    got = company.client.get(at[0])
    assert got.headers["content-type"] == "application/manifest+json"
    assert got.headers["cache-control"] == "no-cache"
    manifest = got.json()
    for name in ("id", "start_url", "scope"):
        assert manifest[name] == "/"
    assert (manifest["name"], manifest["short_name"], manifest["display"]) == (
        "货到哪",
        "货到哪",
        "standalone",
    )
    tokens = (ROOT / "styles" / "tokens.css").read_text("utf-8").lower()
    for name in ("theme_color", "background_color"):
        assert manifest[name].lower() in tokens
    assert [one["url"] for one in manifest["shortcuts"]] == ["/app/pick"]
    assert company.client.get("/app/pick").status_code == 200
    seen = set()
    for icon in [*manifest["icons"], *manifest["shortcuts"][0]["icons"]]:
        image = company.client.get(icon["src"])
        assert (image.status_code, image.headers["content-type"]) == (200, icon["type"])
        width, height = Image.open(io.BytesIO(image.content)).size
        assert f"{width}x{height}" == icon["sizes"]
        seen.add((width, icon.get("purpose", "any")))
    assert seen == {(192, "any"), (512, "any"), (192, "maskable"), (512, "maskable")}
    for icon in re.findall(r'<link rel="(?:icon|apple-touch-icon)" href="([^"]+)"', page):
        assert company.client.get(icon).status_code == 200, icon
    assert company.client.get("/favicon.ico").headers["content-type"] == "image/png"


def icons() -> Any:
    spec = importlib.util.spec_from_file_location("icons", ROOT / "tools" / "icons.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_icons_are_what_their_script_draws() -> None:
    script = icons()
    assert {f"{name}.png" for name in script.DRAWN} == {file.name for file in (ROOT / "icons").glob("*.png")}
    for name, (side, radius, scale) in script.DRAWN.items():
        drawn = script.draw(side, radius, scale)
        kept = Image.open(ROOT / "icons" / f"{name}.png").convert("RGBA")
        assert kept.size == drawn.size == (side, side)
        worst = max(high for _, high in ImageChops.difference(kept, drawn).getextrema())
        assert worst <= 16, name  # another Pillow may round an edge otherwise
        assert (drawn.getpixel((0, 0))[3] == 0) == (radius > 0)


def test_a_maskable_icon_keeps_the_logo_where_nobody_cuts() -> None:
    script = icons()
    side, radius, scale = script.DRAWN["maskable-512"]
    white = script.draw(side, radius, scale).convert("L").point(lambda v: 255 if v > 128 else 0)
    middle, far = side / 2, 0.0
    left, top, right, bottom = white.getbbox()
    for x in range(left, right):
        for y in (top, bottom - 1, *range(top, bottom, 8)):
            if white.getpixel((x, y)):
                far = max(far, ((x - middle) ** 2 + (y - middle) ** 2) ** 0.5)
    assert 0.3 * side < far <= 0.4 * side
