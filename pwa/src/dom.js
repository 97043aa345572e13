/** @file Elements from values. Text is always text: nothing here ever reads markup. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * @param {string} tag `p`, or `p.second` with classes
 * @param {Object<string, any>|null} props `on…` are listeners, `false` and null are left out
 * @param {...any} children nodes, texts, arrays of these; null and false are left out
 * @returns {HTMLElement}
 */
export function h(tag, props, ...children) {
  const [name, ...classes] = tag.split(".");
  const made = document.createElement(name);
  if (classes.length) made.className = classes.join(" ");
  dress(made, props || {});
  add(made, children);
  return made;
}

/** @param {string} tag @param {Object<string, any>} props @param {...Element} children */
export function s(tag, props, ...children) {
  const made = document.createElementNS(SVG, tag);
  for (const name of Object.keys(props)) made.setAttribute(name, String(props[name]));
  for (const child of children) made.appendChild(child);
  return made;
}

/** @param {Element} element @param {Object<string, any>} props */
function dress(element, props) {
  for (const name of Object.keys(props)) {
    const value = props[name];
    if (value === null || value === undefined || value === false) continue;
    if (name.slice(0, 2) === "on") element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
}

/** @param {Element} element @param {any[]} children */
function add(element, children) {
  for (const child of children) {
    if (child === null || child === undefined || child === false || child === "") continue;
    if (Array.isArray(child)) add(element, child);
    else element.appendChild(typeof child === "object" ? child : document.createTextNode(String(child)));
  }
}

/** @param {Element} element @param {...any} children */
export function fill(element, ...children) {
  while (element.firstChild) element.removeChild(element.firstChild);
  add(element, children);
}
