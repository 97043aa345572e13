"""A stop is a clean one: what was accepted is finished and answered, nothing more is taken, streams hold nobody up."""

import signal
import socket
import time
from pathlib import Path

import pytest

from bench.crash import Plant
from bench.crashed import state, wrongs

BOUND = 90.0  # ten for connections that never end, the rest for a crowded machine


def stream(plant: Plant) -> socket.socket:
    """A board that listens and will not go by itself."""
    one = socket.create_connection(("127.0.0.1", plant.port), timeout=BOUND)
    head = f"GET /api/board/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {plant.clients.token}\r\n\r\n"
    one.sendall(head.encode())
    assert b" 200 " in one.recv(4096)
    return one


@pytest.mark.journey
@pytest.mark.parametrize(("workers", "first"), [(1, signal.SIGTERM), (2, signal.SIGINT)])
def test_a_stop_finishes_what_it_has_taken(tmp_path: Path, workers: int, first: signal.Signals):
    plant = Plant(tmp_path, 5, small=False)
    try:
        plant.serve(workers)
        plant.clients.start()
        board = stream(plant)
        plant.until(lambda: len(plant.clients.results) > 0, "no load")
        process = plant.process
        process.send_signal(first)
        time.sleep(0.02)
        process.send_signal(signal.SIGTERM)  # somebody who is impatient does no harm
        assert process.wait(BOUND) == 0, plant.log.read_text()[-2000:]
        plant.process = None
        board.close()
        found = state(plant.folder)

        def untold() -> list[str]:
            return wrongs(found, dict(plant.clients.orders), dict(plant.clients.results), is_over=True)

        # Whatever is stored was answered: nobody has to guess.
        plant.until(lambda: untold() == [], f"after the stop: {untold()[:5]}")
        assert not list(plant.folder.glob("*-wal")), "the log is folded in at a clean stop"
        assert "Traceback" not in plant.log.read_text()
        plant.serve(workers)
    finally:
        plant.clients.finish(is_hopeless=plant.process is None)
        plant.kill()
    assert plant.clients.faults == []
