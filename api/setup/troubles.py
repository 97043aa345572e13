"""Everything that `huodaona doctor` can find, in one visible dict: id, level, what it is and what to do about it.

An id is never reused for another meaning; docs/doctor.md carries the table.
"""

from typing import Literal, NamedTuple

from api.kernel.errors import Why

Level = Literal["wrong", "warn"]


class Finding(NamedTuple):
    """`level` wrong: must be mended before customers or devices depend on it; warn: will bite later."""

    id: str
    level: Level
    what: Why
    hint: Why


class Known(NamedTuple):
    level: Level
    what: Why
    hint: Why


FINDINGS: dict[str, Known] = {
    "D001": Known(
        "wrong",
        Why("公开地址 {url} 不是 https。", "The public address {url} is not https."),
        Why(
            "PDA 和手机只有 https 才能离线用；前面放一个带证书的反向代理，再改 HUODAONA_PUBLIC_URL。",
            "PDAs and phones work offline over https only: put a proxy with a certificate in front, then set HUODAONA_PUBLIC_URL.",
        ),
    ),
    "D002": Known(
        "warn",
        Why("公开地址还是本机：{url}。", "The public address is this machine: {url}."),
        Why(
            "客户链接和标签上会印这个地址，别人打不开；设 HUODAONA_PUBLIC_URL。",
            "Links and labels carry it, and nobody else can open it: set HUODAONA_PUBLIC_URL.",
        ),
    ),
    "D003": Known(
        "wrong",
        Why("密钥文件 {file} 别人也能读（{mode}）。", "The secret {file} can be read by others ({mode})."),
        Why("运行 chmod 600 {file}。", "Run chmod 600 {file}."),
    ),
    "D004": Known(
        "wrong",
        Why("时钟倒退：最新流水是 {at}，现在是 {now}。", "The clock jumped back: newest entry {at}, now {now}."),
        Why("打开系统的自动校时（NTP）。", "Let the system keep its time (NTP)."),
    ),
    "D005": Known(
        "wrong",
        Why("磁盘快满了，只剩 {free} MB。", "The disk is nearly full: {free} MB left."),
        Why("腾出空间；写不进去时订单会被拒绝。", "Make room: orders are refused once nothing can be written."),
    ),
    "D006": Known(
        "warn",
        Why("磁盘剩 {free} MB，数据库 {size} MB。", "{free} MB left on the disk, the database has {size} MB."),
        Why("备份和升级要同样大的空间，早点腾出来。", "A backup or an upgrade needs as much again: make room in time."),
    ),
    "D007": Known(
        "wrong",
        Why("写不进 {folder}：{error}。", "{folder} cannot be written: {error}."),
        Why("检查属主和权限。", "Check its owner and its rights."),
    ),
    "D008": Known(
        "wrong",
        Why("数据库结构是 {found}，程序要 {wanted}。", "The schema is {found}, the program wants {wanted}."),
        Why("用同一版本的程序，运行 huodaona migrate。", "Use one version of the program, run huodaona migrate."),
    ),
    "D009": Known(
        "wrong",
        Why("库存对不上：{place}。", "The stock does not add up: {place}."),
        Why("盘点这个货，记一笔 count；再运行 huodaona verify。", "Count this SKU and record it, then run huodaona verify."),
    ),
    "D010": Known(
        "wrong",
        Why("标签字体打不开：{error}。", "The labels' letters cannot be read: {error}."),
        Why("重新安装程序，qr/fonts 要在。", "Install the program anew; qr/fonts must be there."),
    ),
    "D011": Known(
        "wrong",
        Why("演示公司用着公开地址 {url}。", "The demo company stands at the public address {url}."),
        Why(
            "演示密码人人知道；真用时换一个空的数据目录，运行 huodaona init。",
            "Everybody knows its passwords: begin anew in an empty data folder with huodaona init.",
        ),
    ),
    "D012": Known(
        "wrong",
        Why("有公开地址，却没写可信代理。", "There is a public address and no trusted proxy."),
        Why(
            "不写的话，所有访客都像是代理那台机器；设 HUODAONA_TRUSTED_PROXIES，例如 127.0.0.1/32。",
            "Every visitor then looks like the proxy: set HUODAONA_TRUSTED_PROXIES, such as 127.0.0.1/32.",
        ),
    ),
    "D013": Known(
        "wrong",
        Why("流水不完整：{fault}。", "The journal is not whole: {fault}."),
        Why("不要删任何东西；运行 huodaona verify，留好备份和检查点。", "Delete nothing: run huodaona verify, keep backups and checkpoints."),
    ),
    "D014": Known(
        "warn",
        Why("检查点和数据库在同一个目录。", "The checkpoints lie beside the database."),
        Why(
            "拿到整个目录的人两样都能改；把 HUODAONA_CHECKPOINTS 设到别处，或常拷走。",
            "Who holds the folder can rewrite both: point HUODAONA_CHECKPOINTS elsewhere, or copy them away often.",
        ),
    ),
    "D015": Known(
        "wrong",
        Why("渠道 {channel} 的密钥打不开：{names}。", "Secrets of channel {channel} cannot be opened: {names}."),
        Why("HUODAONA_SECRET 换过了；换回来，或重新填密钥。", "HUODAONA_SECRET was changed: set it back, or enter them anew."),
    ),
    "D016": Known(
        "warn",
        Why("{count} 条渠道消息没处理成。", "{count} messages of channels came to nothing."),
        Why("看 GET /api/inbox?status=dead，改好后重放。", "See GET /api/inbox?status=dead, mend, replay."),
    ),
    "D017": Known(
        "warn",
        Why("没有这个设置：{name}。", "There is no such setting: {name}."),
        Why("对照 docs/settings.md 看是不是写错了。", "Compare it with docs/settings.md; it may be misspelt."),
    ),
    "D019": Known(
        "wrong",
        Why("公开地址 {url} 印不成码。", "The public address {url} cannot be printed as a code."),
        Why("写成 https://主机名，不带路径。", "Write https://host, without a path."),
    ),
    "D020": Known(
        "wrong",
        Why("数据目录在网络盘上（{kind}）。", "The data folder lies on a network disk ({kind})."),
        Why("SQLite 在网络盘上会坏，换到本机磁盘。", "SQLite breaks there: move it to a disk of this machine."),
    ),
    "D021": Known(
        "warn",
        Why("日志文件有 {size} MB，没能并进数据库。", "The log has {size} MB that could not be folded into the database."),
        Why(
            "有程序一直在读（复制工具、没退出的备份）；找到它停掉，或重启服务器。",
            "Something reads without an end (a tool that ships the log, a backup that hangs): stop it, or start the server again.",
        ),
    ),
    "D022": Known(
        "wrong",
        Why("数据库文件有损坏：{fault}。", "The database file is damaged: {fault}."),
        Why(
            "停机，先把整个数据目录原样拷走，再从备份恢复；换掉这块磁盘。",
            "Stop, copy the whole data folder away as it is, then restore a backup; replace that disk.",
        ),
    ),
    "D023": Known(
        "warn",
        Why("只读副本用不上：{fault}。", "The replica is of no use just now: {fault}."),
        Why(
            "列表都从主库读，只是慢些；看副本的日志、复制进度和 HUODAONA_REPLICA_URL。",
            "Lists come from the primary meanwhile: look at the replica's log, how far it has replayed, and HUODAONA_REPLICA_URL.",
        ),
    ),
    "D024": Known(
        "warn",
        Why("数据库结构是 {found}，程序是 {wanted}：升级到一半。", "The schema is {found}, the program's {wanted}: an upgrade is under way."),
        Why(
            "把其余机器换成新版本，再运行 huodaona migrate。",
            "Bring the other nodes to the new version, then run huodaona migrate.",
        ),
    ),
    "D025": Known(
        "warn",
        Why("渠道 {channel} 说的是渠道 {of} 的单，可是没有 {of}。", "Channel {channel} speaks of orders of {of}, and there is no {of}."),
        Why("它的消息会一直等；建好 {of}，或改 for。", "What it brings waits: set {of} up, or change its `for`."),
    ),
    "D026": Known(
        "warn",
        Why("{year} 年的放假安排还不知道。", "The holidays of {year} are not known."),
        Why(
            "承诺日期只按周末算；升级程序，或用 PUT /api/days/日期 填上放假的日子。",
            "Promised dates go by weekends only: bring the program up to date, or enter the days with PUT /api/days/DAY.",
        ),
    ),
    "D027": Known(
        "warn",
        Why("仓库 {names} 没有位置。", "Warehouses without a position: {names}."),
        Why(
            "承诺日期只能按较远估计；填上区划代码或经纬度。",
            "Promised dates take them for far away: enter an adcode or coordinates.",
        ),
    ),
    "D028": Known(
        "wrong",
        Why("占着库存没人放：{hold}。", "Stock is held and nobody will release it: {hold}."),
        Why("告诉我们这一行和它的流水；可用数比实际少，没有多卖。", "Send us this line and its journal: less is offered than there is, nothing is oversold."),
    ),
    "D031": Known(
        "warn",
        Why("开第一单前还缺：{zh}。", "Still wanting before the first order: {en}."),
        Why("用 huodaona import 或“资料”页面导入。", "Bring them with huodaona import, or on the master data pages."),
    ),
    "D029": Known(
        "warn",
        Why(
            "{warehouse} 的 WMS 跟不上：{waiting} 条调用在等，{stuck} 条卡住（{why}）。",
            "The WMS of {warehouse} lags behind: {waiting} calls wait, {stuck} are stuck ({why}).",
        ),
        Why(
            "看 GET /api/wms；对方恢复后会自己补发，卡住的要人重试或放弃。",
            "See GET /api/wms: what waits goes out once it is well, what is stuck a person retries or gives up.",
        ),
    ),
    "D030": Known(
        "wrong",
        Why(
            "{warehouse} 的 WMS 用明文 http 连 {host}。", "The WMS of {warehouse} is called over plain http at {host}."
        ),
        Why(
            "密钥会在路上被看到；改成 https。在自己网里的，写进 HUODAONA_PRIVATE_OUTBOUND。",
            "Its key can be read on the way: use https. Inside your own network, name it in HUODAONA_PRIVATE_OUTBOUND.",
        ),
    ),
    "D032": Known(
        "warn",
        Why("库存里有过期的货：{skus}。", "Stock holds expired pieces: {skus}."),
        Why(
            "在“库存”里看是哪几批、在哪个库位，移走或记货损（damage）；它们最后才会发出去。",
            "Look under stock for the lots and their bins, move or write them off (damage): they leave last, yet they leave.",
        ),
    ),
    "D018": Known(
        "warn",
        Why("检查 {check} 没做成：{error}。", "The check {check} could not be done: {error}."),
        Why("先解决上面的问题，再运行一次。", "Mend what stands above, then run this again."),
    ),
}  # fmt: skip


def found(id: str, **facts: object) -> Finding:
    known = FINDINGS[id]
    what, hint = (Why(w.zh.format(**facts), w.en.format(**facts)) for w in (known.what, known.hint))
    return Finding(id, known.level, what, hint)
