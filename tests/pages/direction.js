// Our own words, which all run from left to right, that do not: one line for each. Words of others stand in <bdi>.
() => {
  const ROOM = 0.75; // of a pixel, for rounding
  const faults = [];
  const range = document.createRange();
  const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  let before = null; // the last box of our own words, and the block in which it stands

  const blockOf = (element) => {
    while (getComputedStyle(element).display === "inline") element = element.parentElement;
    return element;
  };

  while (walker.nextNode()) {
    const node = walker.currentNode;
    const element = node.parentElement;
    if (!node.data.trim() || element.closest("textarea, option, .unseen") || !element.checkVisibility()) continue;
    const isForeign = element.closest("bdi") !== null;
    const block = blockOf(element);
    if (before && before.block !== block) before = null;
    const ends = isForeign ? [0, node.data.length] : [...node.data].map((_, place) => place);
    let last = null;
    if (isForeign) {
      range.setStart(node, 0);
      range.setEnd(node, node.data.length);
      const boxes = [...range.getClientRects()].filter((box) => box.width);
      if (boxes.length) before = { block, top: boxes.at(-1).top, bottom: boxes.at(-1).bottom, right: Math.max(...boxes.filter((box) => Math.abs(box.top - boxes.at(-1).top) < 4).map((box) => box.right)) };
      continue;
    }
    for (const place of ends) {
      if (!node.data[place].trim()) continue;
      range.setStart(node, place);
      range.setEnd(node, place + 1);
      const box = range.getClientRects()[0];
      if (!box || !box.width) continue;
      const isSameLine = last && Math.abs(last.top - box.top) < 4;
      if (isSameLine && box.left < last.left - ROOM) {
        faults.push(`runs backwards: ${node.data.trim().slice(0, 60)}`);
        break;
      }
      if (!last && before && Math.abs(before.bottom - box.bottom) < 4 && box.left < before.right - ROOM) {
        faults.push(`stands before what it follows: ${node.data.trim().slice(0, 60)}`);
      }
      last = box;
    }
    if (last) before = { block, top: last.top, bottom: last.bottom, right: last.right };
  }
  return faults;
}
