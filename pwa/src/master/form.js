/** @file One of a kind, written and saved. What is wrong stands beneath its field, also where the server says so; what was
 * typed is kept until it is saved or dropped; where somebody else was faster their fields come in and mine stay. */
import { html, useEffect, useState } from "../vendor/preact.js";
import { call, Problem } from "../api.js";
import { failed, may, reached, setBusy } from "../app.js";
import { Button } from "../kit/button.js";
import { onceDrawn } from "../kit/focus.js";
import { Loading, Trouble } from "../kit/notes.js";
import { Sheet } from "../kit/sheet.js";
import { t } from "../words.js";
import { wordsOf } from "./columns.js";
import { draftOf, keepDraft } from "./drafts.js";
import { FieldOf } from "./fields.js";
import { addressOf } from "./kinds.js";
import { Picture } from "./picture.js";
import { begun, bodyOf, differing, moved, readAll, readOne, refusedBy, standing } from "./one.js";

/** @typedef {{kind: import("./kinds.js").Kind, name: string, onClose: () => void, onSaved: (one: any, isMore: boolean) => void}} Given `name`: "" a new one */

/** @param {Given} props */
export function Form(props) {
  const { kind, name, onClose } = props;
  const [base, put] = useState(/** @type {any} */ (name ? null : begun(kind)));
  const [problem, say] = useState(/** @type {Problem|null} */ (null));
  const read = () => {
    say(null);
    readOne(kind, name).then(
      (found) => {
        reached();
        if (found) put(found);
        else say(new Problem(404, "not_found", t("master_gone", { key: name })));
      },
      (error) => failed(error, read) || say(error)
    );
  };
  useEffect(() => void (name && read()), []);
  const title = name || t(`master_new_${kind.name}`);
  return html`<${Sheet} title=${title} onClose=${onClose} kind="drawer">
    ${problem ? html`<${Trouble} problem=${problem} again=${read} />` : base ? html`<${Writing} ...${props} base=${base} put=${put} />` : html`<${Loading} />`}
  </${Sheet}>`;
}

/** @param {Given & {base: any, put: (base: any) => void}} props */
function Writing({ kind, name, onSaved, onClose, base, put }) {
  const isNew = !name;
  const [typed, write] = useState(() => draftOf(kind, name) || {});
  const [wasKept] = useState(() => Object.keys(differing(kind, base, typed)).length > 0);
  const [wrong, blame] = useState(/** @type {Object<string, string>} */ ({}));
  const [said, tell] = useState("");
  const [busy, act] = useState("");
  const left = differing(kind, base, typed);
  const isDirty = Object.keys(left).length > 0;
  useEffect(() => {
    const hold = (/** @type {BeforeUnloadEvent} */ event) => event.preventDefault();
    setBusy(isDirty);
    if (isDirty) window.addEventListener("beforeunload", hold);
    return () => {
      setBusy(false);
      window.removeEventListener("beforeunload", hold);
    };
  }, [isDirty]);
  /** @param {string} field @param {any} text */
  const type = (field, text) => {
    const next = Object.assign({}, typed, { [field]: text });
    write(next);
    keepDraft(kind, name, differing(kind, base, next));
    if (wrong[field]) blame(Object.assign({}, wrong, { [field]: "" }));
  };
  const drop = () => {
    keepDraft(kind, name, null);
    if (wasKept && !isNew) onClose();
    else {
      write({});
      blame({});
    }
  };
  /** @param {Object<string, string>} found */
  const refuse = (found) => {
    blame(found);
    onceDrawn(() => {
      const first = /** @type {HTMLElement|null} */ (document.querySelector(".master-form .is-wrong input, .master-form .is-wrong select, .master-form .is-wrong textarea, .master-wrong"));
      if (first) first.focus();
    });
  };
  /** @param {boolean} isMore */
  const save = async (isMore) => {
    if (busy) return;
    tell("");
    const { values, wrong: found } = readAll(kind, base, typed, isNew);
    if (Object.keys(found).length) return refuse(found);
    act(isMore ? "more" : "save");
    const key = isNew ? values[kind.key] : name;
    try {
      const now = kind.post ? null : await readOne(kind, key);
      if (isNew && now) return refuse({ [kind.key]: t("master_taken", { key }) });
      if (!isNew && now) {
        const others = moved(kind, base, now);
        if (others.length) {
          put(now);
          return tell(t("master_moved", { fields: others.map((field) => wordsOf(kind, field.name, "f")).join("、") }));
        }
      }
      const sent = kind.post && kind.post(values);
      const saved = sent ? Object.assign({}, values, await call("POST", sent.path, sent.body)) : await call("PUT", addressOf(kind, key), bodyOf(kind, values));
      reached();
      keepDraft(kind, name, null);
      setBusy(false);
      write({});
      blame({});
      onSaved(saved, isMore);
      if (isMore) onceDrawn(() => { const first = /** @type {HTMLElement|null} */ (document.querySelector(".master-form input")); if (first) first.focus(); });
    } catch (problem) {
      if (failed(problem, () => undefined)) refuse({ "": t("master_no_answer") });
      else refuse(refusedBy(kind, /** @type {Problem} */ (problem)));
    } finally {
      act("");
    }
  };
  const cannot = may(kind.right) ? "" : t("master_no_right");
  const { values } = readAll(kind, base, typed, isNew);
  return html`<form class="master-form" onSubmit=${(/** @type {Event} */ event) => { event.preventDefault(); void save(false); }} novalidate>
    ${wasKept && isDirty && html`<p class="master-note">${t("master_was_kept")}</p>`}
    ${kind.fields.map((field) => (!field.isAsked || field.isAsked(values)) && html`<${FieldOf} key=${field.name} kind=${kind} field=${field} values=${values} isNew=${isNew}
      text=${standing(field, base, typed)} error=${wrong[field.name]} onInput=${(/** @type {any} */ text) => type(field.name, text)} />`)}
    ${kind.hasPicture && !isNew && html`<${Picture} path=${addressOf(kind, name)} picture=${base.picture} name=${base.name} put=${put} />`}
    ${wrong[""] && html`<p class="master-wrong" role="alert" tabindex="-1">${wrong[""]}</p>`}
    <p class="master-note" role="status">${said}</p>
    <p class="master-do is-foot">
      <${Button} kind="primary" type="submit" busy=${busy === "save" ? t("master_saving") : false} cannot=${cannot}>${t(isNew ? "master_save_new" : "master_save")}</${Button}>
      ${isNew && !cannot && html`<${Button} busy=${busy === "more" ? t("master_saving") : false} onClick=${() => save(true)}>${t("master_save_more")}</${Button}>`}
      ${isDirty && html`<${Button} kind="quiet" onClick=${drop}>${t("master_drop")}</${Button}>`}
    </p>
  </form>`;
}
