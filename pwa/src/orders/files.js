/** @file An order's files: receipts, photos, documents; listed, opened, and put there with the right to. */
import { html, useRef, useState } from "../vendor/preact.js";
import { Problem } from "../api.js";
import { failed, may, me, reached } from "../app.js";
import { when } from "../format.js";
import { Button } from "../kit/button.js";
import { Field } from "../kit/field.js";
import { Sheet } from "../kit/sheet.js";
import { fenOf, money } from "../money.js";
import { t } from "../words.js";
import { isLost, upload } from "./send.js";

const LIMIT = 10 * 1024 * 1024;
/** @type {Object<string, string>} */
const TAKES = { receipt: "image/*,application/pdf", photo: "image/*", document: "" };

/** @param {{order: any, files: any[], onChanged: () => void}} props */
export function Files({ order, files, onChanged }) {
  const [isOpen, open] = useState(false);
  if (!files.length && !may("attach")) return null;
  const path = `/api/orders/${encodeURIComponent(order.order_no)}/attachments`;
  return html`<section class="orders-part orders-files">
    <header><h3>${t("order_files", { n: files.length })}</h3>
      ${may("attach") && html`<${Button} kind="quiet" size="small" icon="file" onClick=${() => open(true)}>${t("order_do_attach")}</${Button}>`}</header>
    ${files.map((one) => html`<p class="orders-file" key=${one.id}><a href=${`${path}/${one.id}`} download=${one.name}>${one.name}</a>
      <small>${[t(`order_kind_${one.kind}`), one.amount_fen === null || one.amount_fen === undefined ? "" : money(one.amount_fen), when(one.at)].filter(Boolean).join(" · ")}</small></p>`)}
    ${isOpen && html`<${Upload} path=${path} hasPrices=${order.amount_fen !== undefined} onClose=${() => open(false)} onDone=${() => {
      open(false);
      onChanged();
    }} />`}
  </section>`;
}

/** Today on this device, as a date field takes it. */
function today() {
  const now = new Date();
  return `${now.getFullYear()}-${`0${now.getMonth() + 1}`.slice(-2)}-${`0${now.getDate()}`.slice(-2)}`;
}

/** @param {{path: string, hasPrices: boolean, onClose: () => void, onDone: () => void}} props */
function Upload({ path, hasPrices, onClose, onDone }) {
  const isMoney = hasPrices && me.value !== null && me.value.user.role === "finance";
  const [kind, setKind] = useState(isMoney ? "receipt" : "photo");
  const [file, setFile] = useState(/** @type {File|null} */ (null));
  const [amount, setAmount] = useState("");
  const [day, setDay] = useState(today);
  const [busy, setBusy] = useState(false);
  const [wrong, tell] = useState(/** @type {Object<string, string>} */ ({}));
  const lost = useRef(false);
  const kinds = (hasPrices ? ["receipt"] : []).concat(["photo", "document"]).map((value) => ({ value, text: t(`order_kind_${value}`) }));

  /** @param {Event} event */
  async function sent(event) {
    event.preventDefault();
    const fen = kind === "receipt" ? fenOf(amount) : 0;
    const found = { file: !file ? t("order_missing") : file.size > LIMIT ? t("order_too_large") : "", amount: fen === null ? t("order_wrong_amount") : "" };
    tell(found);
    if (busy || !file || found.file || found.amount) return;
    setBusy(true);
    try {
      await upload(path, file, kind === "receipt" ? { kind, paid_on: day, amount_fen: String(fen) } : { kind }, lost.current);
      reached();
      onDone();
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      lost.current = lost.current || isLost(problem);
      if (isLost(problem)) tell({ "": t("order_lost") });
      else if (!failed(problem, () => {})) tell({ "": problem.message });
      setBusy(false);
    }
  }
  const pick = (/** @type {any} */ e) => {
    setFile(e.target.files[0] || null);
    lost.current = false;
  };
  return html`<div onKeyDown=${(/** @type {Event} */ e) => e.stopPropagation()}><${Sheet} title=${t("order_do_attach")} onClose=${onClose}>
    <form class="orders-ask-form" onSubmit=${sent}>
      <${Field} label=${t("order_kind")} choices=${kinds} value=${kind} onInput=${(/** @type {any} */ e) => setKind(e.target.value)} />
      ${kind === "receipt" && html`<${Field} label=${t("order_ask_amount")} inputmode="decimal" value=${amount} error=${wrong.amount} onInput=${(/** @type {any} */ e) => setAmount(e.target.value)} />
        <${Field} label=${t("order_paid_on")} type="date" value=${day} onInput=${(/** @type {any} */ e) => setDay(e.target.value)} />`}
      <${Field} label=${t("order_file")} type="file" accept=${TAKES[kind] || undefined} hint=${t("order_file_hint")} error=${wrong.file} onInput=${pick} />
      ${wrong[""] && html`<p class="orders-refused" role="alert">${wrong[""]}</p>`}
      <div class="orders-buttons"><${Button} kind="primary" type="submit" busy=${busy}>${t(lost.current ? "again" : "order_do_attach")}</${Button}></div>
    </form>
  </${Sheet}></div>`;
}
