/** @file A SKU's picture: taken or chosen, made small on this device (a phone's photo is ten times what is needed), kept at
 * once and apart from the form. */
import { html, useState } from "../vendor/preact.js";
import { call, Problem } from "../api.js";
import { failed, may, reached } from "../app.js";
import { send } from "../gate/read.js";
import { Button } from "../kit/button.js";
import { Icon } from "../kit/icons.js";
import { t } from "../words.js";

const SIDE = 1200;

/** A JPEG no larger than a screen. @param {File} file @returns {Promise<Blob>} */
async function small(file) {
  const whole = await createImageBitmap(file);
  const scale = Math.min(1, SIDE / Math.max(whole.width, whole.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(whole.width * scale));
  canvas.height = Math.max(1, Math.round(whole.height * scale));
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  pen.fillStyle = "#ffffff"; // what is clear in a PNG
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(whole, 0, 0, canvas.width, canvas.height);
  return new Promise((done, fail) => canvas.toBlob((made) => (made ? done(made) : fail(new Error("no picture"))), "image/jpeg", 0.85));
}

/** @param {{path: string, picture: string, name: string, put: (one: any) => void}} props `path`: of its SKU */
export function Picture({ path, picture, name, put }) {
  const [busy, act] = useState("");
  const [why, say] = useState("");
  /** @param {string} what @param {() => Promise<any>} work */
  const run = async (what, work) => {
    if (busy) return;
    act(what);
    say("");
    try {
      put(await work());
      reached();
    } catch (problem) {
      if (!(problem instanceof Problem)) say(t("master_no_picture"));
      else say(failed(problem, () => undefined) ? t("master_no_answer_picture") : problem.message);
    }
    act("");
  };
  /** @param {File|undefined} file */
  const choose = (file) => file && void run("put", async () => send(`${path}/picture`, await small(file), "PUT"));
  return html`<div class="field master-picture" role="group" aria-label=${t("master_f_picture")}>
    <span class="label">${t("master_optional", { label: t("master_f_picture") })}</span>
    ${picture && html`<img src=${picture} alt=${name} width="160" height="120" />`}
    ${may("master") && html`<p class="master-do">
      <label class="button small"><${Icon} name="file" />${t(busy === "put" ? "master_saving" : picture ? "master_other_picture" : "master_add_picture")}
        <input type="file" accept="image/*" onChange=${(/** @type {any} */ e) => { choose(e.target.files[0]); e.target.value = ""; }} /></label>
      ${picture && html`<${Button} size="small" kind="quiet" busy=${busy === "drop" ? t("master_saving") : false} onClick=${() => run("drop", () => call("DELETE", `${path}/picture`))}>${t("master_remove")}</${Button}>`}</p>`}
    <small>${t("master_h_picture")}</small>
    ${why && html`<p class="wrong" role="alert">${why}</p>`}
  </div>`;
}
