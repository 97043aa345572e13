"""Work beside servers, for one company or all of them, until somebody stops it."""

import signal
from collections.abc import Callable

import click

from api.setup.commanding import told
from api.setup.opening import Where

AGAIN_S = 30  # until a company whose database was away is tried once more


def until_stopped(everyone: list[Where], begin: Callable[[Where], Callable[[], None]]) -> None:
    """`begin` says how a company's work ends again. The only company's fault is the command's, one of many's is told."""
    # Held back from every thread made below, so that they are waited for and a stop is a clean one.
    stops = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, stops)
    running: dict[Where, Callable[[], None]] = {}
    is_stopped = False
    while not is_stopped:
        for one in everyone:
            if one in running:
                continue
            try:
                with told({"where": one}):
                    running[one] = begin(one)
            except click.ClickException as error:
                if len(everyone) == 1:
                    raise
                click.echo(f"{one.company}: {error.message}", err=True)
        if len(running) == len(everyone):
            is_stopped = bool(signal.sigwait(stops))
        else:
            is_stopped = signal.sigtimedwait(stops, AGAIN_S) is not None
    for end in running.values():
        end()
