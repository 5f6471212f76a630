// Single keys: `data-key` on a link, button or field; j and k walk `[data-row]`; ? shows all; they can be switched off.
const off = () => localStorage.getItem("keys") === "off";
const typing = (target) => target.matches?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
const seen = (element) => element.checkVisibility?.() ?? element.offsetParent !== null;
const scope = () => document.querySelector("dialog[open]") ?? document;
const keyed = () => [...scope().querySelectorAll("[data-key]")].filter(seen);
const overlay = document.querySelector("#keys");

const walk = (by) => {
  const rows = [...document.querySelectorAll("[data-row]")].filter(seen);
  if (!rows.length) return false;
  const focused = rows.indexOf(document.activeElement);
  const from = focused >= 0 ? focused : rows.findIndex((row) => row.ariaCurrent);
  rows[Math.min(rows.length - 1, Math.max(0, from + by))].focus();
  return true;
};

// Back in the list, j and k go on from the row that was open.
const open = document.querySelector("[data-row][aria-current]"), last = sessionStorage.getItem("row");
sessionStorage.setItem("row", open?.id ?? "");
if (!open && last) document.getElementById(last)?.focus({ preventScroll: true });

const act = (element) => {
  if (!typing(element)) return element.click();
  element.focus();
  element.select?.();
};

const line = (keys, words) => {
  const dt = document.createElement("dt");
  const dd = document.createElement("dd");
  for (const key of keys) {
    const kbd = document.createElement("kbd");
    kbd.textContent = key;
    dt.append(kbd);
  }
  dd.textContent = words;
  return [dt, dd];
};

const wordsOf = (element) => {
  const copy = element.cloneNode(true);
  copy.querySelectorAll("kbd, svg").forEach((part) => part.remove());
  return element.dataset.keyWords || element.ariaLabel || copy.textContent.trim() || element.labels?.[0]?.textContent.trim() || "";
};

const show = () => {
  const list = overlay.querySelector("[data-keys-list]");
  const words = overlay.dataset;
  const found = new Map(keyed().map((element) => [element.dataset.key, wordsOf(element)]));
  list.replaceChildren();
  if (document.querySelector("[data-row]")) list.append(...line(["j"], words.wordsNext), ...line(["k"], words.wordsPrevious), ...line(["↵"], words.wordsEnter));
  for (const [key, text] of found) list.append(...line([key], text));
  if (!found.has("z") && document.querySelector("main.inbox")) list.append(...line(["z"], words.wordsUndo));
  list.append(...line([words.wordsCtrl, "↵"], words.wordsSend), ...line(["Esc"], words.wordsLeave), ...line(["?"], words.wordsKeys));
  overlay.querySelector("[data-keys-off]").checked = off();
  overlay.showModal();
};

overlay?.querySelector("[data-keys-off]").addEventListener("change", (event) => {
  localStorage.setItem("keys", event.target.checked ? "off" : "on");
});

addEventListener("keydown", (event) => {
  const target = event.target;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && target.matches?.("textarea")) {
    event.preventDefault();
    return target.form?.requestSubmit();
  }
  if (event.key === "Escape" && typing(target) && !target.closest("dialog")) return target.blur();
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || typing(target)) return;
  if (event.key === "?" && overlay && !overlay.open) return show();
  if (off()) return;
  const element = keyed().find((one) => one.dataset.key === event.key);
  if (element) {
    event.preventDefault();
    return act(element);
  }
  if ((event.key === "j" && walk(1)) || (event.key === "k" && walk(-1))) event.preventDefault();
});
