"""The shell's commands as a person types them: in process where that is enough, as `huodaona` where it matters."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter
from click.testing import CliRunner, Result
from litestar.testing import TestClient

from api import settings as config
from api.app import create_app
from api.channels import store as channels
from api.channels.model import ChannelIn
from api.cli import main
from api.db.database import FILE, Database, OneServer
from api.inventory import service as inventory
from api.kernel.actor import SYSTEM
from api.kernel.time import wall_clock
from api.stock.model import SkuIn
from tests.support.company import build
from tests.support.hand import unguard
from tests.support.kept import SCHEMAS, laid

Run = Callable[..., Result]
SHEET = (
    "订单号,客户,电话,地址,货号,数量,单价(元)\n"
    "S-1,宝诚,13800000000,上海市浦东新区张江路1号,BP-1023,4,128\n"
    "S-1,宝诚,13800000000,上海市浦东新区张江路1号,WP-4001,1,39\n"
    "S-2,恒达,13900000001,苏州市吴中区东吴北路8号,BP-1023,2,128\n"
    "S-3,恒达,13900000001,苏州市吴中区东吴北路8号,BP-1023,两,128\n"
)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """`run("token", "owner", data=folder)`; only the settings given are set."""
    for name in list(os.environ):
        if name.startswith(config.PREFIX):
            monkeypatch.delenv(name)

    def call(*words: str, data: Path | None = None, **environ: str) -> Result:
        given = [*words, *(("--data", str(data)) if data else ())]
        env = {config.PREFIX + name: value for name, value in environ.items()}
        return CliRunner().invoke(main, given, env=env, catch_exceptions=False)

    return call


@pytest.fixture
def folder(tmp_path: Path, run: Run) -> Path:
    """A real company without a demo."""
    word = tmp_path / "password"
    word.write_text("long enough\n")
    made = run(
        "init", "--owner", "zhou", "--warehouse", "SH", "--password-file", str(word), data=tmp_path / "d"
    )
    assert made.exit_code == 0, made.output
    assert "long enough" not in made.output
    return tmp_path / "d"


@pytest.mark.parametrize("name", sorted(main.commands))
def test_every_command_has_help_and_takes_a_data_folder(name: str) -> None:
    command = main.commands[name]
    assert command.help
    assert command.help[0].isupper()
    told = CliRunner().invoke(main, [name, "--help"])
    assert told.exit_code == 0
    assert "--data" in told.output


def test_the_contracts_commands_are_all_there() -> None:
    wanted = "init serve worker migrate token verify backup restore import import-orders labels describe doctor forget"
    assert set(wanted.split()) <= set(main.commands)


def test_a_company_is_made_once(folder: Path, run: Run) -> None:
    again = run("init", "--owner", "li", "--warehouse", "SZ", data=folder)
    assert again.exit_code == 1
    assert "holds a company already" in again.output
    assert run("token", "li", data=folder).exit_code == 1


def test_a_password_is_made_up_and_shown_once_where_none_is_given(tmp_path: Path, run: Run) -> None:
    made = run("init", "--owner", "zhou", "--warehouse", "SH", data=tmp_path / "d")
    assert made.exit_code == 0
    password = made.output.split("password (shown once): ")[1].strip()
    app = create_app(config.load({}, data=tmp_path / "d"), with_worker=False)
    with TestClient(app) as client:
        assert client.post("/api/login", json={"user": "zhou", "password": password}).status_code == 200
        assert client.post("/api/login", json={"user": "zhou", "password": "demo"}).status_code == 401


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--owner", "周", "--warehouse", "SH"), "--owner"),
        (("--owner", "zhou", "--warehouse", "S/H"), "--warehouse"),
        (("--owner", "zhou", "--warehouse", ""), "--warehouse"),
        (("--warehouse", "SH"), "--owner"),
    ],
)
def test_a_company_is_not_made_from_ill_formed_names(
    tmp_path: Path, run: Run, words: tuple[str, ...], said: str
) -> None:
    made = run("init", *words, data=tmp_path / "d")
    assert made.exit_code != 0
    assert said in made.output
    assert not (tmp_path / "d" / "huodaona.db").exists()


def test_an_empty_password_file_makes_no_company(tmp_path: Path, run: Run) -> None:
    (tmp_path / "p").write_text("\n")
    words = ("--owner", "zhou", "--warehouse", "SH", "--password-file", str(tmp_path / "p"))
    made = run("init", *words, data=tmp_path / "d")
    assert made.exit_code == 1
    assert "8 characters" in made.output


def test_a_token_stands_alone_on_the_last_line_and_opens_the_api(folder: Path, run: Run) -> None:
    made = run("token", "zhou", "--days", "1", data=folder)
    token = made.output.splitlines()[-1]
    assert token == token.strip()
    app = create_app(config.load({}, data=folder), with_worker=False)
    with TestClient(app) as client:
        me = client.get("/api/me", headers={"Authorization": f"Bearer {token}"})
        assert me.status_code == 200
        assert me.json()["user"]["role"] == "owner"
        assert client.get("/api/me", headers={"Authorization": f"Bearer {token}x"}).status_code == 401


def test_nobodys_token_is_not_made(folder: Path, run: Run) -> None:
    made = run("token", "nobody", data=folder)
    assert made.exit_code == 1
    assert "nobody" in made.output


def test_migrate_is_said_once_and_then_up_to_date(tmp_path: Path, run: Run) -> None:
    assert "applied: core" in run("migrate", data=tmp_path / "d").output
    assert "up to date" in run("migrate", data=tmp_path / "d").output


@pytest.mark.parametrize(
    "words", [("token", "zhou"), ("verify",), ("doctor",), ("import-orders", "x", __file__)]
)
def test_a_mistyped_folder_is_told_and_not_made(tmp_path: Path, run: Run, words: tuple[str, ...]) -> None:
    told = run(*words, data=tmp_path / "nowhere")
    assert told.exit_code == 1
    assert "nowhere" in told.output
    assert not (tmp_path / "nowhere").exists()


def test_verify_names_the_entry_that_was_changed_by_hand(folder: Path, run: Run) -> None:
    assert run("verify", data=folder).exit_code == 0
    db = Database(folder)
    db.writer.now(lambda tx: unguard(tx.connection))
    db.writer.now(lambda tx: tx.connection.execute("UPDATE journal SET actor = 'li' WHERE pos = 2"))
    db.stop()
    told = run("verify", data=folder)
    assert told.exit_code == 1
    assert "pos 2" in told.output


def test_labels_are_written_without_a_browser(folder: Path, run: Run) -> None:
    db = Database(folder)
    db.writer.now(lambda tx: build(tx, wall_clock()))
    db.stop()
    out = folder / "bins.pdf"
    told = run("labels", "bins", "--paper", "a4-24", "--warehouse", "SH", "--out", str(out), data=folder)
    assert told.output.startswith("4 labels")
    assert out.read_bytes().startswith(b"%PDF")
    for words, said in (
        (("bins", "--ids", "Z-99-99"), "Z-99-99"),
        (("bins", "--paper", "a9"), "a9"),
        (("shelves",), "shelves"),
    ):
        told = run("labels", *words, "--out", str(folder / "x.pdf"), data=folder)
        assert told.exit_code == 1
        assert said in told.output
    assert not (folder / "x.pdf").exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TIMEZONE", "Mars/Olympus"),
        ("SECRET", "short"),
        ("TRUSTED_PROXIES", "10.0.0.0/99"),
        ("SLA_MINUTES", "two hours"),
        ("BODY_LIMIT", "0"),
        ("LINK_DAYS", "-1"),
        ("LINK_DAYS", "999999999"),
        ("SHELL_OFFLINE", "no"),
        ("DATABASE_URL", "mysql://here"),
        ("SECRET_FILE", "/nowhere/secret"),
    ],
)
def test_a_value_that_makes_no_sense_is_told_with_its_setting(
    folder: Path, run: Run, name: str, value: str
) -> None:
    told = run("token", "zhou", data=folder, **{name: value})
    assert told.exit_code == 1
    assert f"HUODAONA_{name}" in told.output


def _sheet_channel(folder: Path) -> None:
    db, settings = Database(folder), config.load({}, data=folder)
    given = ChannelIn("表格", "none")
    key, now = channels.sealing_key(settings.secret), wall_clock()
    db.writer.now(lambda tx: channels.save(tx, "sheet", given, key, SYSTEM, now))
    for code, price in (("BP-1023", 12800), ("WP-4001", 3900)):
        one = SkuIn(code, price_fen=price)
        db.writer.now(lambda tx, code=code, one=one: inventory.save_sku(tx, code, one, SYSTEM, now))
    db.stop()


def _workbook(path: Path) -> None:
    book = xlsxwriter.Workbook(str(path))
    page = book.add_worksheet("订单")
    for y, row in enumerate(SHEET.splitlines()):
        for x, cell in enumerate(row.split(",")):
            if cell.isdigit() and x > 4:
                page.write_number(y, x, int(cell))
            else:
                page.write_string(y, x, cell)
    book.close()


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_sheet_becomes_orders_once_and_its_bad_rows_a_sheet_to_mend(
    folder: Path, run: Run, kind: str
) -> None:
    _sheet_channel(folder)
    file, refused = folder / f"orders.{kind}", folder / "refused.csv"
    if kind == "csv":
        file.write_text(SHEET, "utf-8")
    else:
        _workbook(file)
    words = [sys.executable, "-m", "api", "import-orders", "sheet", str(file)]
    words += ["--refused", str(refused), "--data", str(folder)]
    environ = {k: v for k, v in os.environ.items() if not k.startswith(config.PREFIX)}
    done = subprocess.run(words, capture_output=True, text=True, env=environ)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == "orders 2, duplicates 0, refused rows 1"
    assert "row 5:" in done.stdout
    assert "4/4" in done.stderr  # the bar is on stderr and reaches its end
    assert "S-3" in refused.read_text("utf-8-sig")
    again = run("import-orders", "sheet", str(file), data=folder)
    assert again.output.splitlines()[-2].startswith("orders 0, duplicates 2, refused rows 1")
    app = create_app(config.load({}, data=folder), with_worker=False)
    token = run("token", "zhou", data=folder).output.splitlines()[-1]
    with TestClient(app) as client:
        found = client.get("/api/orders", headers={"Authorization": f"Bearer {token}"}).json()["items"]
    assert {one["external_no"]: len(one["lines"]) for one in found} == {"S-1": 2, "S-2": 1}
    assert sorted(one["amount_fen"] for one in found) == [25600, 4 * 12800 + 3900]


def test_a_channel_that_does_not_exist_is_named_with_those_that_do(folder: Path, run: Run) -> None:
    _sheet_channel(folder)
    (folder / "o.csv").write_text(SHEET, "utf-8")
    told = run("import-orders", "shet", str(folder / "o.csv"), data=folder)
    assert told.exit_code == 1
    assert "no channel shet" in told.output
    assert "there are: sheet" in told.output


def test_many_refused_rows_are_counted_and_skipped_totals_told(folder: Path, run: Run) -> None:
    _sheet_channel(folder)
    head = SHEET.splitlines()[0]
    rows = [f"B-{n},恒达,13900000001,苏州市,BP-1023,两,128" for n in range(30)]
    (folder / "o.csv").write_text("\n".join([head, *rows, "合计,,,,,60,"]), "utf-8")
    told = run("import-orders", "sheet", str(folder / "o.csv"), data=folder).output
    assert "orders 0, duplicates 0, refused rows 30" in told
    assert told.count("  row ") == 20
    assert "… and 10 more" in told
    assert "Row 32 is a total, skipped." in told


def test_a_file_that_is_no_sheet_is_refused(folder: Path, run: Run) -> None:
    _sheet_channel(folder)
    (folder / "o.xlsx").write_bytes(b"PK\x03\x04 not really")
    for file in ("o.xlsx", "."):
        told = run("import-orders", "sheet", str(folder / file), data=folder)
        assert told.exit_code != 0, told.output
        assert "Error: " in told.output
        assert "Traceback" not in told.output


def test_describe_prints_the_machine_and_every_registry(run: Run) -> None:
    told = run("describe")
    assert told.exit_code == 0
    assert told.output == run("describe", data=Path("/nowhere")).output
    for word in (
        "stateDiagram-v2",
        "`awaiting_payment`",
        "`still_minutes`",
        "`HUODAONA_DATA`",
        "`settle_all`",
    ):
        assert word in told.output


def test_the_installed_command_is_the_same(tmp_path: Path) -> None:
    command = Path(sys.executable).with_name("huodaona")
    done = subprocess.run([command, "--version"], capture_output=True, text=True)
    assert done.returncode == 0
    assert "0.1.0" in done.stdout
    failed = subprocess.run([command, "doctor", "--data", tmp_path / "no"], capture_output=True, text=True)
    assert failed.returncode == 1
    assert "Traceback" not in failed.stderr


def test_the_doctor_tells_what_is_wrong_in_both_languages_and_by_its_exit(folder: Path, run: Run) -> None:
    fresh = run("doctor", data=folder)
    assert "wrong" not in fresh.output
    assert "D002 warn" in fresh.output
    assert fresh.exit_code == 0
    told = run("doctor", data=folder, PUBLIC_URL="http://hub.example.cn", TRUSTED_PROXIES="127.0.0.1/32")
    assert told.exit_code == 1
    assert "D001 wrong: 公开地址" in told.output
    assert "is not https" in told.output


@pytest.mark.parametrize(
    "words",
    [
        ("labels", "register", "--out", "/nowhere/at/all.pdf"),
        ("export", "/nowhere/at/all.json"),
        ("backup", "/nowhere/at/all.tar"),
        ("verify", "--export", "."),
    ],
)
def test_a_place_that_cannot_be_written_or_read_is_a_sentence(folder: Path, words: tuple[str, ...]) -> None:
    command = Path(sys.executable).with_name("huodaona")
    done = subprocess.run([command, *words, "--data", folder], capture_output=True, text=True)
    assert done.returncode in (1, 2)
    assert "Traceback" not in done.stderr
    assert "Error: " in done.stderr


def test_a_second_server_on_one_folder_is_told_so(folder: Path, run: Run) -> None:
    first = OneServer(folder)
    told = run("serve", "--port", "0", data=folder, DATABSE_URL="postgresql://u:secret@h/d")
    first.release()
    assert told.exit_code == 1
    assert "another server" in told.output
    assert "no such setting: HUODAONA_DATABSE_URL" in told.output  # else it is this folder's company unawares
    assert "secret" not in told.output


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_port_that_is_taken_is_told_before_anything_is_loaded(
    tmp_path: Path, run: Run, workers: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        told = run("serve", "--demo", "--port", port, "--workers", workers, data=tmp_path / "d")
    assert told.exit_code == 1
    assert told.output == f"Error: 127.0.0.1:{port}: Address already in use\n"
    assert not (tmp_path / "d" / FILE).exists()


def test_the_data_of_a_newer_program_are_left_alone(folder: Path, run: Run) -> None:
    db = Database(folder)
    for text in ("PRAGMA user_version = 99", "UPDATE numbers SET last = 99 WHERE day = 'oldest'"):
        db.writer.now(lambda tx, text=text: tx.connection.execute(text))
    db.stop()
    for words in (("serve", "--port", "0"), ("migrate",), ("verify",)):
        told = run(*words, data=folder)
        assert told.exit_code == 1
        assert "upgrade the program" in told.output


def test_only_migrate_and_serve_bring_an_older_schema_up_and_only_alone(tmp_path: Path, run: Run) -> None:
    folder = laid(SCHEMAS[0], tmp_path / "old")
    for words in (("token", "owner"), ("verify",), ("doctor",), ("export", str(tmp_path / "x"))):
        told = run(*words, data=folder)
        assert told.exit_code == 1
        assert f"schema {SCHEMAS[0]}" in told.output
        assert "huodaona migrate" in told.output
    kept = run("backup", str(tmp_path / "b.tar"), data=folder)  # the way back
    assert kept.exit_code == 0, kept.output
    running = OneServer(folder)
    assert "another server" in run("migrate", data=folder).output
    running.release()
    assert "applied: ground" in run("migrate", data=folder).output
    assert run("token", "owner", data=folder).exit_code == 0


def test_master_data_comes_in_by_hand(run: Run, tmp_path: Path) -> None:
    folder, sheet, mended = tmp_path / "data", tmp_path / "goods.csv", tmp_path / "mended.csv"
    assert run("init", "--owner", "zhou", "--warehouse", "SH", data=folder).exit_code == 0
    sheet.write_text("料号,名称,条码,单价(元)\nHX-1,火花塞,,45\nHX-2,机油,123,30\n", "utf-8")
    looked = run("import", "skus", str(sheet), "--try", data=folder).output
    assert "would be: taken 1, changed 0, same 0, refused 1" in looked
    told = run("import", "skus", str(sheet), "--refused", str(mended), data=folder).output
    assert "taken 1, changed 0, same 0, refused 1" in told
    reason = "条码: 条码要 8、12、13 或 14 位。 "
    assert f"row 3: {reason}" in told
    assert mended.read_text("utf-8-sig").splitlines()[1].startswith(f'3,"{reason}')
    wrong = run("import", "skus", str(sheet), "--columns", '{"name": "品名"}', data=folder)
    assert (wrong.exit_code, "$.columns.name" in wrong.output) == (1, True)
    renamed = run(
        "import", "skus", str(sheet), "--columns", '{"code": "料号", "name": "料号"}', data=folder
    ).output
    assert "changed 1" in renamed
    sheet.write_text("料号,名称,条码\nHX-3,,\n", "utf-8")
    for look in ((), ("--try",)):
        none = run("import", "skus", str(sheet), *look, data=folder)
        assert (none.exit_code, "row 2: 名称: " in none.output) == (1, True)
