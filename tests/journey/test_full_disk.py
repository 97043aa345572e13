"""A disk that is really full under a real server: told as such everywhere, read from all the while, and over by itself
once there is room: a memory disk mounted by root, and one whose files may not grow for everybody.
"""

import asyncio
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import httpx
import pytest

from bench import crash, server
from bench.stubborn import draft
from tests.support.live import Stream, listen


@pytest.mark.journey
@pytest.mark.parametrize("way", ["full", "limited"])
def test_a_full_disk_is_told_everywhere_and_over_by_itself(way: str, tmp_path: Path):
    with crash.disk("") if way == "full" else nullcontext((tmp_path, False)) as (place, is_small):
        if way == "full" and not is_small:
            pytest.skip("not run: no right to mount a disk")
        plant = crash.Plant(place, 1, is_small)
        try:
            plant.serve()
            head = {"Authorization": f"Bearer {plant.clients.token}", "Accept-Language": "en"}
            url = f"http://127.0.0.1:{plant.port}"
            with httpx.Client(base_url=url, headers=head, timeout=60) as client:
                asyncio.run(story(plant, client, is_small))
        finally:
            plant.kill()


async def story(plant: crash.Plant, client: httpx.Client, is_small: bool) -> None:
    board = await listen(plant.port, plant.clients.token)
    assert isinstance(board, Stream)
    made = [client.post("/api/orders", json=draft("A", "A")).json()["order_no"]]
    with crash.full(plant):
        while (answer := client.post("/api/orders", json=draft(f"B{len(made)}"))).status_code == 201:
            made.append(answer.json()["order_no"])
            assert len(made) < 3_000
        assert (answer.status_code, answer.json()["code"]) == (507, "storage")
        assert answer.json()["kind"] == ("full" if is_small else answer.json()["kind"])
        assert "nothing was recorded" in answer.json()["detail"]
        # One order's room may be left after a large one was refused; what asks next says how it is.
        beat = await board.next("beat", within=60)
        assert beat.data["storage"]["kind"] == answer.json()["kind"]
        for path in ("/api/orders", "/api/board", f"/api/orders/{made[0]}", "/healthz"):
            assert client.get(path).status_code == 200, path
        ready = client.get("/readyz")
        assert ready.status_code in (200, 507)
        if is_small:
            words = [sys.executable, "-m", "api", "backup", str(plant.backup), "--data", str(plant.folder)]
            told = subprocess.run(words, cwd=server.ROOT, capture_output=True, text=True)
            assert told.returncode == 1
            assert "磁盘满了" in told.stderr
            assert "MB are needed there" in told.stderr
    again = client.post("/api/orders", json=draft("Z", "Z"))
    assert again.status_code == 201, again.text
    assert client.get("/readyz").status_code == 200
    while "storage" in (await board.next("beat", within=60)).data:
        pass
    await board.close()
    listed = client.get("/api/orders?limit=200").json()["items"]
    assert [one["order_no"] for one in listed] == [again.json()["order_no"], *made[::-1]][:200]
