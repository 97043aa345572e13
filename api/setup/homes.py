"""Where a company lives, by hand: `move` to another database, `restored` after one was taken back to an earlier moment."""

from pathlib import Path

import click

from api.setup import opening
from api.setup.commanding import about
from api.setup.opening import Where


@click.command()
@about
@click.option(
    "--to",
    default="",
    help="postgresql://…, a folder for SQLite, or @FILE that holds either (an address has a password)",
)
@click.option(
    "--owner", default="", help="the same address for the role that owns the tables; it too may be @FILE"
)
@click.option(
    "--stay", is_flag=True, help="serve from the source again: ends a move there, or takes one back"
)
@click.option("--urgent", is_flag=True, help="also where the journal is not whole (verify tells where)")
def move(data: Where, to: str, owner: str, stay: bool, urgent: bool) -> None:
    """A company to PostgreSQL, or back into a folder; killed, the same command goes on."""
    from api.setup import moving

    found, db = opening.opened(data)
    try:
        if stay:
            click.echo(
                f"at home here again; what went to {moving.stay(found, db, opening.person()).to} stays there, and must serve nobody"
            )
            return
        home = moving.home(_said(to), _said(owner))
        moving.Move(found, db, home, opening.person(), click.echo, is_urgent=urgent).run()
    except (ValueError, RuntimeError) as error:
        raise click.ClickException(str(error)) from None
    finally:
        db.stop()


def _said(word: str) -> str:
    return Path(word[1:]).read_text("utf-8").strip() if word.startswith("@") else word


@click.command()
@about
@click.option("--urgent", is_flag=True, help="also where the journal is not whole (verify tells where)")
def restored(data: Where, urgent: bool) -> None:
    """After pg_restore, a replayed log or a lost tail: verify, then begin another life that devices notice."""
    from api.setup import another_life

    found, db = opening.opened(data)
    try:
        cut = another_life.begin(db, found.secret, found.checkpoints, opening.person(), is_urgent=urgent)
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    finally:
        db.stop()
    click.echo(f"verified, another life begun, cut after entry {cut}")
