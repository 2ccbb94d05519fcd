// How one message looks. Everything is put into the page as text, never as HTML.

const timeZone = document.documentElement.dataset.timezone;
const clock = new Intl.DateTimeFormat("id-ID", { hour: "2-digit", minute: "2-digit", timeZone });
const day = new Intl.DateTimeFormat("id-ID", { weekday: "long", day: "numeric", month: "long", year: "numeric", timeZone });
const elementOfMark = { bold: "strong", italic: "em", strike: "s", mono: "code" };
const wordOfState = { pending: "Menunggu", sent: "Terkirim", delivered: "Diterima", read: "Dibaca", failed: "Gagal terkirim" };
const wordOfType = {
  audio: "Catatan suara", location: "Lokasi", contacts: "Kontak", document: "Dokumen", video: "Video",
  order: "Pesanan", revoked: "Pesan ini telah dihapus", image: "Foto tidak tersedia",
};
const hiddenTypes = ["reaction", "edit", "revoke"];

export function make(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
}

export function isShown(message) {
  return !hiddenTypes.includes(message.type);
}

export function dayOf(message) {
  return day.format(new Date(message.at));
}

// `act.tap(message, option)` and `act.openList(message, button)` are called when somebody taps.
export function messageItem(message, act) {
  const bubble = make("div", "bubble");
  if (message.quoted) bubble.append(make("div", "quoted", message.quoted));
  if (message.header) bubble.append(make("strong", "head", message.header));
  bubble.append(...contentOf(message));
  if (message.footer) bubble.append(make("p", "foot", message.footer));
  bubble.append(metaOf(message));
  const item = make("li", message.type === "system" ? "system" : message.from_office ? "theirs" : "mine", bubble);
  item.append(...buttonsOf(message, act));
  if (message.reaction) item.append(make("span", "reaction", message.reaction));
  return item;
}

function contentOf(message) {
  const parts = [];
  if (message.media_url) parts.push(mediaOf(message));
  else if (wordOfType[message.type]) parts.push(make("p", "kind", wordOfType[message.type]));
  if (message.filename) parts.push(make("p", "kind", message.filename));
  if (message.pieces.length) parts.push(make("p", "text", ...message.pieces.map(pieceOf)));
  return parts;
}

function mediaOf(message) {
  if (message.media_type.startsWith("image/")) {
    const image = make("img");
    image.src = message.media_url;
    image.alt = message.from_office ? "Foto dari kantor" : "Foto yang dikirim";
    return image;
  }
  if (message.media_type.startsWith("audio/")) {
    const player = make("audio");
    player.controls = true;
    player.preload = "none";
    player.src = message.media_url;
    return make("div", "voice", make("p", "kind", wordOfType.audio), player);
  }
  return make("p", "kind", wordOfType[message.type] ?? "Berkas");
}

function pieceOf(piece) {
  let node = document.createTextNode(piece.text);
  if (piece.link) {
    node = make("a", "", piece.text);
    node.href = piece.link;
    node.target = "_blank";
    node.rel = "noopener noreferrer";
  }
  for (const mark of [...piece.marks].reverse()) node = make(elementOfMark[mark], "", node);
  return node;
}

function metaOf(message) {
  const meta = make("div", "meta", make("time", "", clock.format(new Date(message.at))));
  if (!message.from_office && message.type !== "system") meta.append(ticksOf(message.state));
  return meta;
}

function ticksOf(state) {
  const word = wordOfState[state];
  if (state === "failed") return make("span", "failed", word);
  const icon = symbol(state === "sent" || state === "pending" ? "tick" : "ticks");
  return make("span", `ticks ${state}`, icon, make("span", "hidden-word", word));
}

function buttonsOf(message, act) {
  if (message.style === "list") {
    const button = make("button", "option", symbol("rows"), message.list_label);
    button.setAttribute("aria-haspopup", "dialog");
    button.addEventListener("click", () => act.openList(message, button));
    return [button];
  }
  if (message.style === "cta_url") {
    const link = make("a", "option", message.list_label);
    link.href = message.link_url;
    link.target = "_blank";
    link.rel = "noopener noreferrer";
    return [link];
  }
  return message.options.map((option) => {
    const button = make("button", "option", option.title);
    button.addEventListener("click", () => act.tap(message, option));
    return button;
  });
}

function symbol(name) {
  const space = "http://www.w3.org/2000/svg";
  const icon = document.createElementNS(space, "svg");
  const use = document.createElementNS(space, "use");
  icon.setAttribute("class", `icon ${name}`);
  icon.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `#${name}`);
  icon.append(use);
  return icon;
}
