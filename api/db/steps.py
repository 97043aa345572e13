"""What a migration says of itself in its first line, and which programs may serve the data after it.

`-- expand`: programs that do not know of it go on beside it. `-- contract 7`: only those of schema 7 and newer do, for they
use nothing of what goes. So data may be ahead of a program, or a contracting step behind one; the row `oldest` of `numbers`
holds the lowest schema of a program that may serve. The files before that rule were made for one program alone.
"""

import re
from collections.abc import Iterable
from importlib.resources import files

RULE_FROM = 5
SAID = re.compile(r"-- (?:expand|contract (\d+))$")
OLDEST = "SELECT last FROM numbers WHERE day = 'oldest'"
NOTE = "INSERT INTO numbers (day, last) VALUES ('oldest', ?) ON CONFLICT (day) DO UPDATE SET last = excluded.last"
Step = tuple[int, str, str]


def read(package: str) -> list[Step]:
    """(number, name, SQL) of every migration, in order."""
    found = []
    for file in files(package).iterdir():
        if file.name.endswith(".sql"):
            number, _, name = file.name.removesuffix(".sql").partition("_")
            found.append((int(number), name, file.read_text("utf-8")))
    return sorted(found)


def only_from(step: Step) -> int:
    """The lowest schema of a program that may serve after this step; 0: whoever might before. ValueError: it does not say."""
    number, name, text = step
    if number < RULE_FROM:
        return number
    said = SAID.match(text.lstrip().partition("\n")[0].rstrip())
    if said is None or int(said[1] or 0) > number:
        raise ValueError(
            f"{number:04d}_{name}: its first line must be -- expand, or -- contract and a schema"
        )
    return int(said[1] or 0)


def needed(known: list[Step]) -> int:
    """The lowest schema that the program of these steps can serve: contracting ones may be still to come."""
    return max(step[0] for step in known if step[0] < RULE_FROM or not only_from(step))


def due(known: list[Step], at: int, lowest: float) -> list[Step]:
    """What lacks to data of schema `at`, up to a step that the connected programs, from `lowest` on, do not bear."""
    found = []
    for step in known:
        if step[0] > at:
            if at and only_from(step) > lowest:
                break
            found.append(step)
    return found


def oldest_after(done: Iterable[Step], before: int) -> int:
    return max([before, *map(only_from, done)])


def may_serve(at: int, oldest: int | None, known: list[Step]) -> bool:
    """May the program of these steps, on data of schema `at`? `oldest` None: only the program whose schema it is."""
    return needed(known) <= at if at <= known[-1][0] else (oldest or at) <= known[-1][0]


def must_serve(at: int, oldest: int | None, known: list[Step]) -> None:
    """RuntimeError where the data are of a newer program, which let no older one serve."""
    newest = known[-1][0]
    if at > newest and not may_serve(at, oldest, known):
        raise RuntimeError(f"the data is of schema {at}, this program knows {newest}: upgrade the program")
