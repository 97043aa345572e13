/** @file Styles that come with a room, each linked once. */

/** The room's own style, linked once. @param {string} name @returns {Promise<void>} */
export function dressed(name) {
  const id = `style-${name}`;
  if (document.getElementById(id)) return Promise.resolve();
  return new Promise((done, fail) => {
    const link = document.createElement("link");
    link.id = id;
    link.rel = "stylesheet";
    link.href = new URL(`../../styles/${name}.css`, import.meta.url).href;
    link.onload = () => done();
    link.onerror = () => {
      link.remove();
      fail(new Error(`styles/${name}.css`));
    };
    document.head.appendChild(link);
  });
}
