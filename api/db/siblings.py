"""What the processes of one server tell each other beside the database: "something was committed", and a few numbers.

Made before they are forked, so that all of them hold the same memory and pipes. Everything of value goes by way of
the database: a word that is lost here (its sender was killed between its commit and the word) costs somebody half a
second, never an event. A process that is alone, or is none of the server's, has the same object for itself.
"""

import contextlib
import mmap
import os
from typing import Any

# A process's own numbers, each written by that process alone: 8 bytes are written whole.
PEOPLE, ENTRIES, READERS, LIVES, COMMITS, WAITING, DAMAGED, AFAR, MISSED, BEHIND = FIELDS = range(10)


# What a commit may have changed that others wait for; what concerns people concerns orders too.
ORDERS_WORD, PEOPLE_WORD = "orders", "people"
# What only programs on other machines are told: a newer one has changed the schema.
SCHEMA_WORD = "schema"


def word_of(messages: list[Any]) -> str:
    """Which of the two; neither: nobody waits for it."""
    if any(message[0] == "people" for message in messages):
        return PEOPLE_WORD
    is_order = any(message[0] == "entry" and message[2].startswith("order:") for message in messages)
    return ORDERS_WORD if is_order else ""


class Siblings:
    """`mine`: which of them this process is. Its pipe is readable when orders or people may have changed."""

    def __init__(self, count: int = 1) -> None:
        self.count, self.mine = count, 0
        self._cells = memoryview(mmap.mmap(-1, count * len(FIELDS) * 8)).cast("Q")
        self._pipes = [_pipe() for _ in range(count)]

    @property
    def is_alone(self) -> bool:
        return self.count == 1

    def total(self, field: int) -> int:
        return sum(self._cells[field :: len(FIELDS)])

    def of(self, n: int, field: int) -> int:
        return self._cells[n * len(FIELDS) + field]

    def put(self, field: int, value: int) -> None:
        self._cells[self.mine * len(FIELDS) + field] = value

    def add(self, field: int, by: int = 1) -> None:
        self.put(field, self.of(self.mine, field) + by)

    def are_up(self) -> bool:
        """Has each of them begun to serve?"""
        return all(self.of(n, LIVES) for n in range(self.count))

    # that something was committed ---------------------------------------------------------------------------

    def heard(self, messages: list[Any]) -> None:
        """Listens to the database, on the writer's thread: before anybody is acknowledged."""
        self.add(ENTRIES, sum(message[0] == "entry" for message in messages))
        self.rung(word_of(messages))

    def rung(self, word: str) -> None:
        """By this process's own commit, or by another node's."""
        if word == PEOPLE_WORD:
            self.add(PEOPLE)
        if word:
            self._call()

    def _call(self) -> None:
        """Every process that has readers, this one too."""
        for n, (_, call) in enumerate(self._pipes):
            if self.of(n, READERS):
                with contextlib.suppress(BlockingIOError):  # full: called often enough
                    os.write(call, b".")

    @property
    def calls(self) -> int:
        """The end of this process's pipe to wait at."""
        return self._pipes[self.mine][0]

    def answer(self) -> None:
        """The calls so far are taken."""
        with contextlib.suppress(BlockingIOError):
            while os.read(self.calls, 4_096):
                pass

    def close(self) -> None:
        for ends in self._pipes:
            for end in ends:
                os.close(end)
        self._pipes = []


def _pipe() -> tuple[int, int]:
    ends = os.pipe()
    for end in ends:
        os.set_blocking(end, False)
    return ends
