/** Why this room says no: code, Chinese, English. The twin of sync/reasons.py; a test compares the two tables. */

/** @typedef {{code: string, path: string, id: string, zh: string, en: string}} Malformed */

/** @type {Record<string, [string, string]>} */
export const REASONS = {
  not_json: ["这条记录不是有效的 JSON", "This record is not valid JSON"],
  not_object: ["这条记录不是一个 JSON 对象", "This record is not a JSON object"],
  unknown_kind: ["服务器还不认识这种操作，已原样存放，升级后再处理", "The server does not know this kind of op yet; it is kept as it came"],
  unknown_field: ["记录里有不认识的字段", "The record has a field that is not known"],
  missing_field: ["记录缺少必填字段", "The record lacks a required field"],
  bad_version: ["版本号必须是正整数", "The version must be a positive integer"],
  bad_id: ["操作编号应为「设备号:序号」", "An op id is <device>:<number>"],
  bad_device: ["设备号应为 8 位数字或大写字母", "A device id is 8 digits or capital letters"],
  bad_hlc: ["逻辑时钟的格式不对", "The logical clock has the wrong form"],
  bad_at: ["时间必须带时区，写成 RFC 3339", "The time must be RFC 3339 with an offset"],
  bad_order_no: ["缺少订单号", "The order number is missing"],
  bad_line_no: ["行号必须是正整数", "The line number must be a positive integer"],
  bad_kind: ["操作类型必须是文本", "The kind must be text"],
  bad_qty: ["数量必须是正整数；撤回和拿错的数量必须是 0", "The quantity must be a positive integer, and 0 for void and wrong"],
  bad_text: ["这个字段必须是文本", "This field must be text"],
  too_long: ["文字太长", "The text is too long"],
  nul_in_text: ["文字里不能有空字符", "The text must not hold a null character"],
  not_unicode: ["文字里有半个字符", "The text holds half a character"],
  target_missing: ["撤回必须写明撤回哪一条", "A void must name the op that it takes back"],
  target_not_allowed: ["只有撤回才能指向另一条操作", "Only a void may name another op"],
  bad_ops: ["操作必须是一个列表", "The ops must be a list"],
  too_many_ops: ["一次最多推送 500 条操作", "A push holds at most 500 ops"],
  bad_choice: ["只能选择保留或退回", "The choice is keep or undo"],
  no_conflict: ["没有这个待处理的冲突", "There is no such open conflict"],
  already_settled: ["这个冲突已经有人处理了", "Somebody has settled this conflict already"],
  unknown_order: ["还没有这张订单，已原样存放，订单来了就算数", "There is no such order yet; kept as it came, it counts once the order exists"],
  unknown_line: ["订单里没有这一行", "The order has no such line"],
  same_id_other_body: ["同一个编号已经有另一条内容不同的操作", "An op with the same id and another content is already in the record"],
};

/**
 * @param {string} code
 * @param {string} [path]
 * @param {string} [id]
 * @returns {Malformed}
 */
export function malformed(code, path = "", id = "") {
  const [zh, en] = REASONS[code];
  return { code, path, id, zh, en };
}
