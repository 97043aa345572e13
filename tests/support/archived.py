"""A server that archives its log, and another one that is brought back from a base backup and that archive."""

import shutil
import signal
import subprocess
import time

from tests.support.postgres import Cluster, Server


class Archived(Server):
    """As docs/scale.md sets it up."""

    def __init__(self) -> None:
        super().__init__()
        self.archive = self.folder / "archive"
        self.archive.mkdir()
        shutil.chown(self.archive, **{k: v for k, v in self._as.items() if k in ("user", "group")})
        keep = f"test ! -f {self.archive}/%f && cp %p {self.archive}/%f"
        self.admin.execute("ALTER SYSTEM SET archive_mode = on")
        self.admin.execute(f"ALTER SYSTEM SET archive_command = '{keep}'")
        self.admin.close()
        self.process.send_signal(signal.SIGINT)
        self.process.wait(30)
        self.begin()

    def base(self) -> None:
        words = ("--checkpoint=fast", "--no-sync", f"--dbname=host={self.folder} user=postgres")
        self._ask("pg_basebackup", f"--pgdata={self.folder / 'base'}", *words)

    def moment(self) -> str:
        [told] = self.admin.execute("SELECT clock_timestamp()::text").fetchone() or [""]
        return str(told)

    def laid_away(self) -> None:
        """All that was written so far is in the archive."""
        [last] = self.admin.execute("SELECT pg_walfile_name(pg_switch_wal())").fetchone() or [""]
        until = time.monotonic() + 30
        while not (self.archive / last).exists() and time.monotonic() < until:
            time.sleep(0.02)
        assert (self.archive / last).exists()


class Recovered(Cluster):
    """The base and the archive of `lost`, up to a moment; it takes writes."""

    def __init__(self, lost: Archived, moment: str) -> None:
        super().__init__()
        data = self.folder / "data"
        copy = ["cp", "-a", str(lost.folder / "base"), str(data)]
        subprocess.run(copy, check=True, cwd="/", **self._as)
        with (data / "postgresql.conf").open("a") as conf:
            conf.write(
                f"restore_command = 'cp {lost.archive}/%f %p'\nrecovery_target_time = '{moment}'\n"
                "recovery_target_action = 'promote'\n"
            )
        (data / "recovery.signal").touch()
        self.begin()
        until = time.monotonic() + 30
        while self.admin.execute("SELECT pg_is_in_recovery()").fetchone() != (False,):
            assert time.monotonic() < until, (self.folder / "log").read_text()
            time.sleep(0.02)
