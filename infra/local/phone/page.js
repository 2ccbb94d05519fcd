// The page: two handsets, who is chosen on each, and what the simulated WhatsApp has to show.

import { Handset } from "./handset.js";

const sides = ["citizen", "staff"].map(buildSide);
const notice = document.getElementById("notice");
let noticeTimer;
let phones = [];

function buildSide(name) {
  const section = document.getElementById(name);
  const side = { name, section, choice: section.querySelector("select"), options: "", wanted: sessionStorage.getItem(name) };
  side.handset = new Handset(section.querySelector(".phone"), (path, body) => send(side, path, body));
  side.choice.addEventListener("change", () => {
    want(side, side.choice.value);
  });
  return side;
}

// The choice outlives a reload; who was just added may not be in the list yet.
function want(side, id) {
  side.wanted = id;
  sessionStorage.setItem(side.name, id);
  render();
}

async function post(path, body) {
  const isFile = body instanceof Blob;
  const headers = { "X-Requested-With": "phone-page", "Content-Type": isFile ? body.type : "application/json" };
  const answer = await fetch(path, { method: "POST", headers, body: isFile ? body : JSON.stringify(body) });
  const result = await answer.json();
  if (!answer.ok) throw new Error(result.problem ?? "Permintaan ditolak.");
  return result;
}

async function send(side, path, body) {
  try {
    const { webhook } = await post(`/phone/${side.choice.value}/${path}`, body);
    if (webhook === 200) return;
    tell(webhook ? `Aplikasi menjawab ${webhook}. Pesan dikirim ulang otomatis.` : "Aplikasi tidak menjawab. Pesan dikirim ulang otomatis.");
  } catch (problem) {
    tell(problem.message);
  }
}

function tell(text) {
  notice.textContent = text;
  notice.hidden = false;
  clearTimeout(noticeTimer);
  noticeTimer = setTimeout(() => { notice.hidden = true; }, 8000);
}

function render() {
  for (const side of sides) {
    const owners = phones.filter((phone) => phone.staff === (side.name === "staff"));
    fillChoice(side, owners);
    const chosen = owners.find((phone) => phone.id === side.choice.value);
    side.handset.show(chosen);
    if (chosen && isLookedAt(side)) markRead(side, chosen);
  }
}

function fillChoice(side, owners) {
  const labels = owners.map((phone) => [phone.id, `${phone.name}${phone.name === phone.number ? "" : `, ${phone.number}`}${unreadOf(side, phone)}`]);
  const looks = JSON.stringify(labels);
  if (side.options !== looks) side.choice.replaceChildren(...labels.map(([id, label]) => new Option(label, id)));
  side.options = looks;
  if (owners.some((phone) => phone.id === side.wanted)) side.choice.value = side.wanted;
  side.choice.disabled = owners.length === 0;
}

function unreadOf(side, phone) {
  const unread = phone.messages.filter((message) => message.from_office && ["sent", "delivered"].includes(message.state)).length;
  return unread && phone.id !== side.choice.value ? ` (${unread} baru)` : "";
}

function isLookedAt(side) {
  return document.visibilityState === "visible" && side.section.offsetParent !== null;
}

function markRead(side, phone) {
  if (phone.messages.some((message) => message.from_office && message.state === "delivered")) send(side, "read", {});
}

async function watch() {
  let known = -1;
  for (;;) {
    try {
      const answer = await fetch(`/phone/state?known=${known}`);
      if (answer.status === 200) {
        const state = await answer.json();
        known = state.revision;
        phones = state.phones;
        render();
      }
    } catch {
      tell("Sambungan terputus. Mencoba lagi…");
      known = -1;
      await new Promise((resolve) => setTimeout(resolve, 2000));
    }
  }
}

function prepareTabs() {
  const tabs = [...document.querySelectorAll("[role=tab]")];
  const choose = (chosen) => {
    for (const tab of tabs) {
      const isChosen = tab === chosen;
      tab.setAttribute("aria-selected", String(isChosen));
      tab.tabIndex = isChosen ? 0 : -1;
      document.getElementById(tab.getAttribute("aria-controls")).classList.toggle("current", isChosen);
    }
    render();
  };
  for (const [place, tab] of tabs.entries()) {
    tab.addEventListener("click", () => choose(tab));
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const next = tabs[(place + step + tabs.length) % tabs.length];
      choose(next);
      next.focus();
    });
  }
}

function prepareNewCitizen() {
  const box = document.getElementById("new-citizen");
  const form = box.querySelector("form");
  const [name, number, without] = ["new-name", "new-number", "new-without"].map((id) => document.getElementById(id));
  const problem = form.querySelector(".problem");
  without.addEventListener("change", () => { number.disabled = without.checked; });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    problem.hidden = true;
    try {
      const { id } = await post("/phone/citizens", { name: name.value, phone: number.value, without_number: without.checked });
      form.reset();
      number.disabled = false;
      box.open = false;
      want(sides[0], id);
      sides[0].handset.text.focus();
    } catch (error) {
      problem.textContent = error.message;
      problem.hidden = false;
      (name.value.trim() ? number : name).focus();
    }
  });
}

prepareTabs();
prepareNewCitizen();
document.addEventListener("visibilitychange", render);
watch();
