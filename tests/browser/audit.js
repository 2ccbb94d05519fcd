// What is wrong with a page as it stands: one line for each fault, empty if there is none.
// One Tab has to be pressed before, or the browser would think of a mouse and show no focus.
() => {
  const SMALLEST_TEXT = 16;
  const SMALLEST_TARGET = 44;
  const LEAST_CONTRAST = 4.5; // WCAG 2.2, 1.4.3
  const TARGETS = "a[href], button, input:not([type=hidden]), select, textarea, summary";
  const faults = new Set();

  const nameOf = (element) => {
    const words = `${element.textContent || element.id}`.trim().replace(/\s+/g, " ");
    return `<${element.localName}${element.className ? `.${String(element.className.baseVal ?? element.className)}` : ""}> ${words.slice(0, 40)}`;
  };
  const fault = (rule, element, detail = "") => faults.add(`${rule}: ${nameOf(element)} ${detail}`.trim());

  // What only a screen reader gets is one pixel large.
  const isSeen = (element) => {
    const box = element.getBoundingClientRect();
    return box.width > 1 && box.height > 1 && element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  };

  function checkDocument() {
    const root = document.documentElement;
    if (root.lang !== "id") fault("lang is not id", root);
    if (!document.title.trim()) fault("no title", root);
    const headings = document.querySelectorAll("h1").length;
    if (headings !== 1) fault(`${headings} h1`, root);
    const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
    for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) fault("id twice", document.getElementById(id), id);
    for (const link of document.querySelectorAll("a[href^='#']")) {
      if (!document.getElementById(link.hash.slice(1))) fault("leads nowhere", link, link.hash);
    }
    for (const name of ["for", "aria-labelledby", "aria-describedby", "aria-controls"]) {
      for (const element of document.querySelectorAll(`[${name}]`)) {
        for (const id of element.getAttribute(name).trim().split(/\s+/)) {
          if (!document.getElementById(id)) fault(`${name} of nothing`, element, id);
        }
      }
    }
  }

  function checkWidth() {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth > width) {
      fault("scrolls sideways", document.documentElement, `${document.documentElement.scrollWidth} > ${width}`);
    }
    for (const element of document.body.querySelectorAll("*")) {
      if (!isSeen(element)) continue;
      const box = element.getBoundingClientRect();
      if (box.left < -0.5 || box.right > width + 0.5) fault("stands out of the page", element, `${box.left}..${box.right}`);
    }
  }

  function checkLabels() {
    for (const field of document.querySelectorAll("input:not([type=hidden]), select, textarea")) {
      const label = [...(field.labels ?? [])].map((element) => element.textContent.trim()).join("");
      if (!label && !field.ariaLabel) fault("no label", field);
    }
    for (const element of document.querySelectorAll("a[href], button, summary")) {
      if (!element.textContent.trim() && !element.ariaLabel) fault("no words", element);
    }
  }

  function checkTargets() {
    for (const target of document.querySelectorAll(TARGETS)) {
      if (!isSeen(target) || isInRunningText(target)) continue;
      const boxes = [target, ...(["checkbox", "radio"].includes(target.type) ? target.labels : [])];
      const height = Math.max(...boxes.map((element) => element.getBoundingClientRect().height));
      if (height < SMALLEST_TARGET - 0.5) fault("too low to tap", target, `${height}px`);
    }
  }

  function isInRunningText(target) {
    if (target.localName !== "a" || getComputedStyle(target).display !== "inline") return false;
    return [...target.parentElement.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
  }

  function checkText() {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const element = walker.currentNode.parentElement;
      if (!walker.currentNode.data.trim() || !isSeen(element) || element.closest("script, style, template")) continue;
      checkLetters(element);
    }
    for (const field of document.querySelectorAll("input, select, textarea")) if (isSeen(field)) checkLetters(field);
  }

  function checkLetters(element) {
    const style = getComputedStyle(element);
    if (parseFloat(style.fontSize) < SMALLEST_TEXT) fault("small text", element, style.fontSize);
    if (element.closest(":disabled")) return;
    const ratio = contrast(over(colour(style.color), groundOf(element)), groundOf(element));
    if (ratio < LEAST_CONTRAST) fault("weak contrast", element, ratio.toFixed(2));
  }

  const grounds = new Map();

  function groundOf(element) {
    if (!grounds.has(element)) grounds.set(element, layersUnder(element));
    return grounds.get(element);
  }

  function layersUnder(element) {
    const layers = [];
    for (let at = element; at; at = at.parentElement) layers.push(colour(getComputedStyle(at).backgroundColor));
    const isDark = matchMedia("(prefers-color-scheme: dark)").matches;
    return layers.reverse().reduce((ground, layer) => over(layer, ground), isDark ? [0, 0, 0, 1] : [255, 255, 255, 1]);
  }

  function colour(text) {
    const numbers = text.match(/[\d.]+/g).map(Number);
    if (!/^rgba?\(/.test(text)) throw new Error(`a colour that is not read: ${text}`);
    return [numbers[0], numbers[1], numbers[2], numbers[3] ?? 1];
  }

  function over([red, green, blue, alpha], ground) {
    return [...[red, green, blue].map((part, place) => part * alpha + ground[place] * (1 - alpha)), 1];
  }

  function contrast(one, other) {
    const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
    return (light + 0.05) / (dark + 0.05);
  }

  function luminance(parts) {
    const [red, green, blue] = parts.slice(0, 3).map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  }

  function checkFocus() {
    const before = document.activeElement;
    for (const stop of document.querySelectorAll(`${TARGETS}, [tabindex='0']`)) {
      if (!stop.checkVisibility({ visibilityProperty: true }) || stop.disabled || stop.tabIndex < 0 || stop.closest("[inert]")) continue;
      stop.focus({ preventScroll: true });
      const style = getComputedStyle(stop);
      if (document.activeElement !== stop) fault("takes no focus", stop);
      else if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2) fault("focus cannot be seen", stop);
    }
    before?.focus({ preventScroll: true });
  }

  checkDocument();
  checkWidth();
  for (const details of document.querySelectorAll("details")) details.open = true;
  checkWidth();
  checkLabels();
  checkTargets();
  checkText();
  checkFocus();
  return [...faults];
}
