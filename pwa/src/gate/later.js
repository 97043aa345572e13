/** @file A part of the room that is loaded when somebody goes there, so that the list alone is light. */
import { html, useEffect, useState } from "../vendor/preact.js";
import { Button } from "../kit/button.js";
import { Empty, Loading } from "../kit/notes.js";
import { t } from "../words.js";

/** @param {{load: () => Promise<any>, given?: object}} props `load` gives the component, `given` are its props */
export function Later({ load, given }) {
  const [Part, put] = useState(/** @type {any} */ (null));
  const [isLost, lose] = useState(false);
  const fetchIt = () => {
    lose(false);
    load().then((found) => put(() => found), () => lose(true));
  };
  useEffect(fetchIt, []);
  if (isLost) return html`<${Empty} title=${t("room_missing")}><${Button} onClick=${fetchIt}>${t("again")}</${Button}></${Empty}>`;
  return Part ? html`<${Part} ...${given || {}} />` : html`<${Loading} />`;
}
