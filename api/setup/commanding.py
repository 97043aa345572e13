"""What every command of the shell has: `--data` and `--company`, and refusals told as sentences.

Where many companies are served, a command is about one of them and says so where none is named; those that look after
companies go through all (`each`).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from api.db import storage
from api.kernel.errors import Refused
from api.setup import opening
from api.setup.opening import Where


def _chosen(ctx: click.Context, _: click.Parameter, value: str) -> None:
    ctx.meta["company"] = value


def _noted(ctx: click.Context, _: click.Parameter, value: Path | None) -> Where:
    """Also which company a fault of the storage speaks of."""
    where = ctx.meta["where"] = Where(value, ctx.meta["company"])
    return where


def about(command: Callable[..., None]) -> Callable[..., None]:
    """`--data` and `--company`, handed on as `data`."""
    folder = click.Path(path_type=Path)
    company = click.option(
        "--company",
        default="",
        is_eager=True,
        expose_value=False,
        callback=_chosen,
        help="which of COMPANIES",
    )
    data = click.option("--data", type=folder, default=None, help="the data folder", callback=_noted)
    return data(company(command))


class Told(click.Group):
    """Refusals and a disk's or folder's no are sentences, not tracebacks; faults of ours stay faults."""

    def invoke(self, ctx: click.Context) -> object:
        with told(ctx.meta):
            return super().invoke(ctx)


@contextmanager
def told(meta: dict[str, Any]) -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except opening.NotOpen as error:
        raise click.ClickException(str(error)) from None
    except Refused as error:
        place = f"{_place(meta)}: " if error.code in ("storage", "unreadable") else ""
        wrong = [f"{one.path}: {one.why.zh} {one.why.en}" for one in getattr(error, "wrong", ())]
        raise click.ClickException("\n".join(wrong) or f"{place}{error.why.zh} {error.why.en}") from None
    except storage.errors(OSError) as error:
        raise click.ClickException(storage.said(error, _place(meta))) from None


def _place(meta: dict[str, Any]) -> Path:
    return opening.folder(meta.get("where", Where()))


def each(command: Callable[..., None], data: Where, **given: object) -> None:
    """Without --company for every one of COMPANIES; what goes wrong at one keeps no other from its turn."""
    all_of_them = opening.each(data)
    if len(all_of_them) == 1:
        command(all_of_them[0], **given)
        return
    wrong = []
    for one in all_of_them:
        click.echo(f"{one.company}:")
        try:
            with told({"where": one}):
                command(one, **given)
        except click.ClickException as error:
            error.show()
            wrong.append(one.company)
        except SystemExit as end:
            wrong += [one.company] if end.code else []
    if wrong:
        raise click.ClickException(f"{len(wrong)} of {len(all_of_them)}: {', '.join(wrong)}")
