/** @file The words of counting bins; they come with its screen. */

/** @type {Object<string, [string, string]>} */
export const WORDS = {
  pick_count_hint: ["扫货架码，数一数", "Scan a bin and count"],
  pick_count_none: ["没有要盘的库位", "No bins to count"],
  pick_count_any: ["扫任何一个货架码，都可以盘。", "Scan any bin and count what lies there."],
  pick_count_ask: ["这里有几件", "How many lie here"],
  pick_count_other: ["有别的货？先不要记，叫主管。", "Something else here? Call your lead."],
  pick_count_write: ["先写几件", "Type the number"],
  pick_count_empty: ["是空的，记 0 {unit}", "Empty, note 0 {unit}"],
  pick_count_note: ["记下 {n} {unit}", "Note {n} {unit}"],
  pick_count_noted: ["{bin} 记了 {n} 件", "{bin}: {n} noted"],
  pick_count_unknown: ["不是本仓的货架码", "Not a bin of this warehouse"],
  pick_count_no_sku: ["这个库位没有登记货，叫主管。", "Nothing is registered here. Call your lead."],
  pick_count_done: ["这台盘过的", "Counted on this device"],
  pick_count_waits: ["在本机，连上网就发", "On this device, leaves with the network"],
  pick_count_taken: ["已记账", "Booked"],
  pick_count_care: ["没有记账：{why}。再盘一次。", "Not booked: {why}. Count again."],
};
