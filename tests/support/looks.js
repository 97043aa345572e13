/* What anybody would see at once on the page that is open: text under its floor, small targets, things cut off or pushed
 * out of the window. Evaluated in the page with the floors in px; gives one line a defect. */
({ text: leastText, target: leastTarget, link: leastLink, isLarge }) => {
  const found = [];
  const width = document.documentElement.clientWidth;
  const all = Array.from(document.body.querySelectorAll("*"));
  const style = (one) => getComputedStyle(one);
  const named = (one) => {
    const kind = one.getAttribute("class");
    const words = (one.textContent || one.getAttribute("aria-label") || "").trim().replace(/\s+/g, " ").slice(0, 24);
    return `${one.tagName.toLowerCase()}${kind ? `.${kind.trim().split(/\s+/).join(".")}` : ""} "${words}"`;
  };
  const ancestors = (one) => {
    const path = [];
    for (let at = one; at && at !== document.body; at = at.parentElement) path.push(at);
    return path;
  };
  const isHidden = (one) =>
    ancestors(one).some((at) => {
      const its = style(at);
      const box = at.getBoundingClientRect();
      const isClipped = its.position === "absolute" && box.width <= 1 && box.height <= 1;
      return its.visibility === "hidden" || its.opacity === "0" || its.display === "none" || isClipped;
    });
  const texts = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const parent = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || !parent || parent.closest("noscript, option, script, template, [data-print]")) continue;
    const range = document.createRange();
    range.selectNodeContents(walk.currentNode);
    const boxes = Array.from(range.getClientRects()).filter((box) => box.width > 0 && box.height > 0);
    if (boxes.length && !isHidden(parent)) texts.push([parent, boxes]);
  }
  if (!texts.length) found.push("the page is blank");

  if (document.documentElement.scrollWidth > width) {
    const widest = all
      .filter((one) => one.getBoundingClientRect().right > width + 0.5 && !isHidden(one))
      .sort((a, b) => b.getBoundingClientRect().right - a.getBoundingClientRect().right)
      .pop();
    found.push(`wider than its window by ${document.documentElement.scrollWidth - width}: ${widest ? named(widest) : "?"}`);
  }
  for (const [parent, boxes] of texts) {
    const size = parseFloat(style(parent).fontSize);
    if (!isLarge && size < leastText) found.push(`text of ${size}: ${named(parent)}`);
    const isOut = boxes.some((box) => box.right > width + 1 || box.left < -1);
    if (isOut && !ancestors(parent).some((at) => style(at).overflowX !== "visible")) found.push(`text out of the window: ${named(parent)}`);
    for (const at of ancestors(parent)) {
      const its = style(at);
      const isLine = /(auto|scroll)/.test(its.overflowX + its.overflowY);
      if (isLine) break;
      const isShort = its.textOverflow === "ellipsis" || its.webkitLineClamp !== "none";
      const matters = /^(H1|H2|BUTTON|LABEL|LEGEND)$/.test(at.tagName) || at.getAttribute("role") === "alert";
      const box = at.getBoundingClientRect();
      const isCut =
        (its.overflowX !== "visible" && boxes.some((one) => one.right > box.right + 1.5)) ||
        (its.overflowY !== "visible" && boxes.some((one) => one.bottom - box.bottom > one.height / 3));
      if (isCut && (!isShort || matters)) {
        found.push(`cut off: ${named(parent)} by ${named(at).split(" ")[0]}`);
        break;
      }
    }
  }
  // A target may be larger than it is drawn: what is hit half a target away from its middle?
  const reaches = (one) => {
    one.scrollIntoView({ block: "center", inline: "center" });
    const box = one.getBoundingClientRect();
    const half = leastTarget / 2 - 1;
    const middle = [box.left + box.width / 2, box.top + box.height / 2];
    const ways = [[half, 0], [-half, 0], [0, half], [0, -half]];
    return ways.every(([x, y]) => {
      const hit = document.elementFromPoint(middle[0] + x, middle[1] + y);
      return hit !== null && (hit === one || one.contains(hit));
    });
  };
  const targets = "a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button], [role=tab], [role=option]";
  const over = document.querySelector("[aria-modal=true]"); // what lies beneath cannot be pressed
  for (const one of isLarge ? [] : (over || document.body).querySelectorAll(targets)) {
    if (isHidden(one) || !one.getClientRects().length || one.inputMode === "none") continue; // a scanner's field is not pressed
    const isWord = one.tagName === "A"; // as narrow as its word
    const isWithinText = isWord && style(one).display === "inline" && one.parentElement.textContent.trim() !== one.textContent.trim();
    if (isWithinText) continue;
    const label = /^(checkbox|radio|file)$/.test(one.type || "") ? one.closest("label") || (one.id && document.querySelector(`label[for="${one.id}"]`)) : null;
    const box = (label || one).getBoundingClientRect();
    const isLow = box.height < (isWord ? Math.min(leastTarget, leastLink) : leastTarget) - 0.5;
    const isNarrow = box.width < (isWord ? 24 : leastTarget) - 0.5;
    if ((isLow || isNarrow) && !reaches(label || one)) found.push(`target of ${Math.round(box.width)} × ${Math.round(box.height)}: ${named(one)}`);
  }
  window.scrollTo(0, 0);
  return Array.from(new Set(found));
}
