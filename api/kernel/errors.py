"""The one way to say no.

    Refused                 a "no" with a stable code, an HTTP status and a reason in Chinese and English
    └── Invalid             400: the input itself is wrong; lists every wrong field with its path

`REASONS` is the registry of all codes: a code that is not listed cannot be raised, and docs/errors.md is
checked against it. A refusal is an ordinary answer, never a fault: faults are other exceptions and become
one fixed 500 text, so that no stack trace leaves the server.
"""

from typing import Any, NamedTuple

import msgspec


class Why(msgspec.Struct, frozen=True):
    """One sentence in both languages."""

    zh: str
    en: str

    def text(self, lang: str) -> str:
        return self.en if lang == "en" else self.zh


class Reason(NamedTuple):
    status: int
    zh: str
    en: str


REASONS: dict[str, Reason] = {
    # the input
    "invalid": Reason(400, "有字段不对，见 errors。", "Some fields are wrong, see errors."),
    "not_json": Reason(400, "内容不是合法的 JSON。", "The body is not valid JSON."),
    "bad_signature": Reason(400, "签名不对，原文已存。", "Wrong signature; the raw bytes are kept."),
    "too_large": Reason(413, "内容太大，上限 {limit}。", "Too large, the limit is {limit}."),
    "nul_text": Reason(422, "文字里有 U+0000，存不下。", "A text holds U+0000, which cannot be stored."),
    "not_found": Reason(404, "没有 {what}。", "There is no {what}."),
    "no_such_path": Reason(404, "没有这个地址。", "There is no such address."),
    "wrong_method": Reason(405, "这个地址不收这种请求。", "This address does not take that method."),
    "unsupported_media": Reason(415, "不认识这种格式：{what}。", "This format is not known: {what}."),
    # who
    "signed_out": Reason(401, "还没登录，或登录过期。", "Not signed in, or the session has ended."),
    "wrong_password": Reason(401, "用户名或密码不对。", "Wrong user or password."),
    "retired": Reason(403, "这个账号停用了。", "This account is not in use any more."),
    "csrf": Reason(403, "X-CSRF-Token 和 cookie 不一致。", "X-CSRF-Token differs from the cookie."),
    "not_yours": Reason(403, "你没有这个权限：{what}。", "You may not do this: {what}."),
    "demo_loopback": Reason(403, "演示账号只能在本机登录。", "Demo logins work on this machine only."),
    "too_many": Reason(429, "试得太多了，{seconds} 秒后再来。", "Too many tries, come back in {seconds} s."),
    "code_gone": Reason(409, "这张设备码用过了或过期了。", "This device code is used or has lapsed."),
    # again
    "idempotency_mismatch": Reason(
        422, "同一个 Idempotency-Key，内容不一样。", "The same Idempotency-Key with another body."
    ),
    "in_progress": Reason(409, "同样的请求正在处理。", "The same request is being handled right now."),
    "duplicate": Reason(409, "这单已经在了：{order_no}。", "This order is here already: {order_no}."),
    # orders
    "no_lines": Reason(422, "订单没有货品行。", "The order has no lines."),
    "unknown_sku": Reason(422, "没有这个货号：{sku}。", "Unknown SKU: {sku}."),
    "inactive_sku": Reason(422, "{sku} 已停用，不能再下单。", "{sku} is not in use any more."),
    "no_price": Reason(
        422, "{sku} 没有价格，价目表里也没有。", "{sku} has no price here or in the price list."
    ),
    "unknown_unit": Reason(422, "{sku} 没有单位“{uom}”。", "{sku} has no unit “{uom}”."),
    "unknown_customer": Reason(422, "没有这个客户：{customer}。", "Unknown customer: {customer}."),
    "unknown_warehouse": Reason(422, "没有这个仓库：{warehouse}。", "Unknown warehouse: {warehouse}."),
    "last_owner": Reason(
        409, "这是最后一个老板账号，先设另一个。", "The last owner: make another one first."
    ),
    "unknown_user": Reason(422, "没有这个用户：{user}。", "Unknown user: {user}."),
    "unknown_channel": Reason(422, "没有这个渠道：{channel}。", "Unknown channel: {channel}."),
    "wrong_state": Reason(
        409, "现在是“{state}”，不能{command}。", "It is {state_en} now: {command_en} is not possible."
    ),
    "held": Reason(409, "这单挂起了：{reason}。", "On hold: {reason}."),
    "not_held": Reason(409, "这单没有挂起。", "The order is not on hold."),
    "short_stock": Reason(
        409, "可用 {available} 件，要 {asked} 件（{sku}）。", "{available} available, {asked} asked ({sku})."
    ),
    "exceptions_open": Reason(409, "先处理这个：{what}。", "Settle this first: {what_en}."),
    "pieces_in_hand": Reason(
        409, "已经拣了，不能拆单或换仓。", "Pieces are picked already: no split, no move."
    ),
    "nothing_short": Reason(409, "没有缺的，不用补发。", "Nothing is missing: no backorder."),
    "nothing_there": Reason(409, "哪个仓都没有货，先等。", "No warehouse has a piece: it has to wait."),
    "split_since": Reason(
        409, "这单拆过，货品不能恢复，只能改单。", "It was split: its goods cannot be restored, only amended."
    ),
    "checklist_open": Reason(409, "清单没勾完：{items}。", "Checklist still open: {items}."),
    "lines_open": Reason(409, "还没拣完：{lines}。", "Lines still open: {lines}."),
    "nothing_picked": Reason(
        409, "一件都没拣，不能打包；可以取消。", "Nothing is picked, so nothing to pack; cancel instead."
    ),
    "has_picks": Reason(409, "货已经在拣，不能这样做。", "Goods are being picked already."),
    "money_open": Reason(
        409, "还差 {due}，财务处理了才能发。", "{due} is still due: finance settles that first."
    ),
    "over_credit": Reason(409, "超出月结额度，还可用 {left} 分。", "Over the credit limit, {left} fen left."),
    "not_on_account": Reason(409, "这个客户不是月结。", "This customer is not on account."),
    "unknown_exception": Reason(
        409, "没有这个异常：{exception}。", "There is no such exception: {exception}."
    ),
    "clears_itself": Reason(409, "{exception} 会自己消除，不用处理。", "{exception} clears by itself."),
    "unknown_check": Reason(409, "清单里没有：{item}。", "Not on the checklist: {item}."),
    "too_much_back": Reason(
        409, "第 {line_no} 行最多还能退 {left} 件。", "Line {line_no}: at most {left} can come back."
    ),
    "changed_meanwhile": Reason(
        409,
        "{who} 在 {minutes} 分钟前存了第 {version} 版，到“历史”里看过再改。",
        "{who} saved version {version} {minutes} minutes ago: look at it under History first.",
    ),
    "nothing_changed": Reason(409, "和现在一样，没有改动。", "Nothing differs from the order as it is."),
    "unknown_snapshot": Reason(404, "没有这个快照：{snapshot}。", "There is no such snapshot: {snapshot}."),
    "promise_gone": Reason(
        409, "这个承诺已用过、过期或不是这位客户的。", "This promise is used, lapsed or not this customer's."
    ),
    "not_promised": Reason(422, "承诺里没有 {sku}。", "The promise does not hold {sku}."),
    # stock
    "lot_needed": Reason(422, "{sku} 分批次管理，要写批次 lot。", "{sku} is kept by lots: name the lot."),
    "no_lots": Reason(422, "{sku} 不分批次。", "{sku} is not kept by lots."),
    "other_day": Reason(
        409,
        "{sku} 批次 {lot} 的有效期已经记为 {stands}，不是 {named}。",
        "Lot {lot} of {sku} is on record with the last day {stands}, not {named}.",
    ),
    "lots_lie": Reason(
        409,
        "{warehouse} 还有批次 {lot} 的 {qty} 件，不能改成不分批次。",
        "{qty} of lot {lot} lie in {warehouse}: {sku} stays kept by lots.",
    ),
    "uom_in_use": Reason(
        409,
        "{sku} 还有库存、占用或没完的订单，单位“{uom}”不能改。",
        "{sku} has stock, reservations or open orders: its unit “{uom}” stays.",
    ),
    "other_lot": Reason(
        409,
        "{order_no} 没发出这么多批次 {lot} 的货，还在外面的：{lots}。",
        "Not so many of lot {lot} went out with {order_no}. Still out: {lots}.",
    ),
    "lot_expired": Reason(
        409,
        "{sku} 批次 {lot} 的有效期只到 {expires}，已经过期，不能收货。",
        "Lot {lot} of {sku} could be used until {expires}: it has expired and is not received.",
    ),
    "held_there": Reason(
        409,
        "{warehouse} 只有 {free} 件没被占用，移不走 {asked} 件。",
        "{warehouse} has {free} that nobody holds: {asked} cannot go.",
    ),
    "todo_done": Reason(409, "这个任务已经由 {by} 做完。", "{by} has finished this task already."),
    "below_zero": Reason(
        409, "只有 {have} 件，减不了 {asked} 件。", "Only {have} there, cannot take {asked}."
    ),
    "has_moved": Reason(
        409,
        "这里已经出入过货，现有 {have} 件：改用盘点。",
        "Goods have moved here since, {have} lie there: count them instead.",
    ),
    "bin_taken": Reason(409, "库位 {bin} 放的是 {sku}。", "Bin {bin} holds {sku}."),
    "bin_not_empty": Reason(
        409,
        "库位 {bin} 还有 {have} 件 {sku}，先移走。",
        "Bin {bin} holds {have} of {sku}: move them first.",
    ),
    "kept_by_wms": Reason(
        409,
        "{warehouse} 的库存由它自己的 WMS 管，在那边改。",
        "{warehouse} is kept by its own WMS: change it there.",
    ),
    "waits_for_wms": Reason(
        409,
        "{warehouse} 的 WMS 还没确认锁货，等一下。",
        "The WMS of {warehouse} has not confirmed yet: wait a moment.",
    ),
    "no_wms": Reason(404, "{warehouse} 没有接外部 WMS。", "{warehouse} has no WMS."),
    "unknown_call": Reason(404, "没有这条 WMS 调用：{call}。", "There is no such call: {call}."),
    "not_stuck": Reason(409, "这条调用没卡住，不用处理。", "This call is not stuck."),
    "unknown_bin": Reason(422, "{warehouse} 没有库位 {bin}。", "No bin {bin} in {warehouse}."),
    # picking
    "unknown_conflict": Reason(404, "没有这个冲突：{conflict}。", "There is no such conflict: {conflict}."),
    "settled": Reason(409, "这个冲突已经处理过了：{choice}。", "This conflict is settled already: {choice}."),
    # gateway
    "no_such_channel": Reason(404, "没有这个渠道。", "There is no such channel."),
    "channel_off": Reason(409, "渠道没启用，原文已存。", "The channel is off; the message is kept."),
    "bad_sheet": Reason(422, "表格打不开。", "The sheet cannot be opened."),
    "secrets_missing": Reason(
        422, "启用前要先填密钥：{names}。", "Secrets are needed before it is on: {names}."
    ),
    "not_waiting": Reason(409, "这条已经处理成功，不用重放。", "This message is done already."),
    # the house
    "storage": Reason(
        507, "存储写不进去，这次没有记下。", "Storage refused the write; nothing was recorded."
    ),
    "unreadable": Reason(503, "存储读不出来。", "The storage cannot be read."),
    "busy": Reason(429, "太忙了，{seconds} 秒后再来。", "Too busy, come back in {seconds} s."),
    "stopping": Reason(503, "正在停机，这次没有记下。", "Shutting down; nothing was recorded."),
    "unknown_host": Reason(421, "这个域名不是这里哪家公司的。", "No company here has this host name."),
    "company_away": Reason(
        503,
        "这家公司的数据库现在打不开，{seconds} 秒后再来。",
        "This company's database cannot be opened now, come back in {seconds} s.",
    ),
    "not_ready": Reason(503, "数据库没有应答。", "The database does not answer."),
    "fault": Reason(
        500, "程序出错，已记下，这次没有改动。", "A fault on our side, recorded; nothing was changed."
    ),
}


class Refused(Exception):
    """A "no" that a person can act on.

    `facts` fill the registry's sentence and travel beside it in the problem document (so they must be JSON).
    `why` replaces the registry's sentence where the caller knows better.
    """

    def __init__(self, code: str, why: Why | None = None, **facts: Any) -> None:
        reason = REASONS[code]
        self.code, self.status, self.facts = code, reason.status, facts
        self.why = why or Why(reason.zh.format(**facts), reason.en.format(**facts))
        super().__init__(f"{code}: {self.why.en}")

    def problem(self, lang: str, tell: str = "") -> dict[str, Any]:
        """The RFC 9457 body; `why` repeats `detail` for readers of one refusal among many."""
        reason = REASONS[self.code]
        text = self.why.text(lang)
        return {
            "type": f"/docs#{self.code}",
            "title": self.code.replace("_", " "),
            "status": reason.status,
            "code": self.code,
            "detail": text,
            "why": text,
            **{k: v for k, v in self.facts.items() if v is not None and k not in ("state_en", "command_en")},
            **({"instance": tell} if tell else {}),
        }


class WrongField(NamedTuple):
    path: str
    why: Why


class Invalid(Refused):
    """400: every wrong field, each with its path (`$.lines[0].qty`) and its reason; the code may be a 422."""

    def __init__(self, wrong: list[WrongField], code: str = "invalid", **facts: Any) -> None:
        super().__init__(code, **facts)
        self.wrong = wrong

    def problem(self, lang: str, tell: str = "") -> dict[str, Any]:
        found = super().problem(lang, tell)
        found["errors"] = [{"path": w.path, "why": w.why.text(lang)} for w in self.wrong]
        return found


def wrong_field(path: str, zh: str, en: str) -> Invalid:
    """The commonest case: one wrong field."""
    return Invalid([WrongField(path, Why(zh, en))])
