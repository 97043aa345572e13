"""The README's order by curl, block by block as it is written, against a server with the demo company.

Nothing is replaced but the port, through the variable that the first block reads.
"""

import json
import os
import re
import shutil
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journey.conftest import Demo

pytestmark = pytest.mark.journey
README = Path(__file__).parents[2] / "README.md"
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # whatever proxy the machine has
SIGNED = "已签收"
TOOLS = ("bash", "curl", "openssl", "python3", "od")


def blocks(text: str) -> list[str]:
    """The bash blocks; `sh` blocks are for reading."""
    return re.findall(r"^```bash\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


@pytest.fixture
def hub(demo: Demo) -> Iterator[str]:
    """A company of its own: what the order is counted by must not move."""
    with demo("readme") as server:
        yield server.url


def _get(url: str, token: str = "") -> str:
    asked = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"} if token else {})
    with DIRECT.open(asked, timeout=10) as answer:
        body: bytes = answer.read()
        return body.decode()


def test_the_order_of_the_readme_is_delivered_and_its_page_tells_it(hub: str, tmp_path: Path) -> None:
    lacking = [tool for tool in TOOLS if shutil.which(tool) is None]
    if lacking:
        pytest.skip(f"not run: this machine has no {', '.join(lacking)}")
    steps = blocks(README.read_text("utf-8"))
    assert len(steps) == 9
    told = 'printf "%s\\n" "$ORDER" "$URL" "$TOKEN" "$WAREHOUSE" "$BIN" > "$TOLD"'
    script = "set -euo pipefail\n" + "\n".join([*steps, told])
    environ = {**os.environ, "HUB": hub, "TOLD": str(tmp_path / "told"), "no_proxy": "127.0.0.1"}
    done = subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, env=environ, cwd=tmp_path, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    order_no, url, token, warehouse, bin_code = (tmp_path / "told").read_text().split()
    said = done.stdout.splitlines()
    assert "to_pick" in said
    assert [word for word in said if word in ("packed", "shipped", "delivered")] == [
        "packed",
        "shipped",
        "delivered",
    ]
    assert "True" in said  # the second push: again
    assert any("防震泡沫" in line and "避周一" in line for line in said)
    order = json.loads(_get(f"{hub}/api/orders/{order_no}", token))
    assert order["state"] == "delivered"
    assert [(line["picked"], line["qty"]) for line in order["lines"]] == [(4, 4)]
    assert order["shipments"][0]["waybill"] == "SF1380000000001"
    page = _get(url)
    assert SIGNED in page
    assert SIGNED in said
    assert "SF1380000000001" in page
    kinds = [line.split()[1] for line in said if line.count(" ") == 2 and line[:2] == "20"]
    assert kinds[0] == "order.placed"
    assert "order.delivered" in kinds
    assert warehouse == "SH"
    assert bin_code


def test_blocks_are_found_and_sh_is_left_alone() -> None:
    assert blocks("a\n```bash\none\n```\n```sh\ntwo\n```\n```bash\nthree\n\nfour\n```\n") == [
        "one\n",
        "three\n\nfour\n",
    ]
