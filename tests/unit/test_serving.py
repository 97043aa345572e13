"""Before a server begins: is the port free, or free in a moment?"""

import socket
import threading

import click
import pytest

from api import serving


@pytest.fixture
def holder():
    """Somebody who listens at a port."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        one.listen()
        yield one


def test_a_port_that_is_let_go_of_late_is_waited_for(holder, monkeypatch):
    refused = threading.Event()
    listening = serving._listening

    def noting(*words):
        try:
            return listening(*words)
        except click.ClickException:
            refused.set()
            raise

    monkeypatch.setattr(serving, "_listening", noting)
    port = holder.getsockname()[1]
    letting_go = threading.Thread(target=lambda: (refused.wait(), holder.close()))
    letting_go.start()
    serving.until_free("127.0.0.1", port)
    letting_go.join()
    assert refused.is_set()


def test_a_taken_port_is_told(holder, monkeypatch):
    monkeypatch.setattr(serving, "LATE_S", 0.0)
    with pytest.raises(click.ClickException, match="in use"):
        serving.until_free("127.0.0.1", holder.getsockname()[1])
