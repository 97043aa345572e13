"""What is installed is whole: the wheel, in an environment of its own and with no Node in sight, serves the app with every
file that its worker asks for.
"""

import hashlib
import json
import re
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import httpx
import pytest

from api.shell.assets import read_all
from tests.support.server import ROOT, Server

pytestmark = pytest.mark.journey
NOT_TAKEN = shutil.ignore_patterns("node_modules", "__pycache__", "*.pyc")


def pip(*words: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "-q", *words],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def tree(folder: Path) -> Path:
    """The sources alone, so that nothing is built within the project."""
    for name in ("api", "sync", "qr", "pwa"):
        shutil.copytree(ROOT / name, folder / name, ignore=NOT_TAKEN)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder / name)
    return folder


def test_the_installed_package_serves_the_whole_app(tmp_path: Path) -> None:
    sources = tmp_path / "sources"
    sources.mkdir()
    pip("wheel", "--no-deps", "--no-index", "--no-build-isolation", "-w", str(tmp_path), str(tree(sources)))
    wheel = next(tmp_path.glob("huodaona-*.whl"))
    with zipfile.ZipFile(wheel) as packed:
        inside = {name for name in packed.namelist() if name.startswith("pwa/")}
    assert {f"pwa/{path}" for path in read_all(sources / "pwa")} <= inside
    assert [name for name in inside if re.match(r"pwa/(?:node_modules|tools)/", name)] == []

    home = tmp_path / "env"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(home)], check=True, timeout=300)
    site = next((home / "lib").glob("python*/site-packages"))
    (site / "libraries.pth").write_text(
        sysconfig.get_paths()["purelib"] + "\n"
    )  # its .pth files are not read
    pip("--python", str(home / "bin" / "python"), "install", "--no-deps", "--no-index", str(wheel))

    class Installed(Server):
        place = tmp_path

    environ = {"PATH": str(home / "bin"), "PYTHONPATH": ""}
    assert shutil.which("node", path=environ["PATH"]) is None
    said = subprocess.run(
        [home / "bin" / "python", "-c", "import api, pwa; print(api.__path__[0], pwa.__path__[0])"],
        capture_output=True, text=True, cwd=tmp_path, check=True, timeout=300,
    ).stdout.split()  # fmt: skip
    assert said == [str(site / "api"), str(site / "pwa")]
    server = Installed(tmp_path / "data", program=(str(home / "bin" / "huodaona"),), lies=environ).ready()
    try:
        with httpx.Client(base_url=server.url, timeout=20) as client:
            worker = client.get("/sw.js").text
            build = re.findall(r'^const BUILD = "(\w+)";', worker, re.MULTILINE)[0]
            files = json.loads(re.findall(r"JSON\.parse\('(.*)'\)", worker)[0])
            assert set(files) == {"index.html", *read_all(sources / "pwa")}
            for path, sha256 in files.items():
                got = client.get(f"/pwa/{build}/{path}")
                assert hashlib.sha256(got.content).hexdigest() == sha256, path
            assert f'data-build="{build}"' in client.get("/").text
            assert client.get("/manifest.webmanifest").json()["start_url"] == "/"
            assert client.get("/qr/papers").status_code == 401
    finally:
        server.stop()
