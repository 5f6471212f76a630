// The inbox: dialogs that htmx fills, the newest in view, rows kept while the list is fetched again, proposals put into
// the box, and who is here. Everything else is HTML; without this script every link is a page of its own.
const dialog = document.querySelector("#dialog");
const box = () => document.querySelector(".pair__text");
const thread = () => document.querySelector(".thread");

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target === dialog && dialog.childElementCount && !dialog.open) dialog.showModal();
});
dialog?.addEventListener("close", () => { dialog.replaceChildren(); });

// The thread: stays at its end when it was there, else where the reader is.
let atEnd = true;
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target.id !== "thread-in") return;
  const place = thread();
  atEnd = place.scrollHeight - place.scrollTop - place.clientHeight < 96;
  if (place.contains(document.activeElement) && document.activeElement.matches("input")) event.detail.shouldSwap = false;
});
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id !== "thread-in") return;
  if (atEnd) thread().scrollTop = thread().scrollHeight;
  lookAgain();
});

// Words that a refusal or an expert put into the box are there at once, when it is empty and nobody sits in it.
let isQuiet = false;
const lookAgain = () => {
  const mode = box()?.form.elements.mode?.value;
  if (!mode || box().value || document.activeElement?.closest("#answer")) return;
  const here = new URL(location);
  here.searchParams.set("mode", mode);
  isQuiet = true;
  htmx.ajax("GET", `${here.pathname}${here.search}`, { target: "#answer", swap: "outerHTML" }).then(() => { isQuiet = false; });
};

// The list: as many rows as were loaded; focus and scroll stay.
document.addEventListener("htmx:configRequest", (event) => {
  if (!event.detail.elt.matches("[data-rows]")) return;
  const rows = document.querySelectorAll("[data-row]").length;
  if (rows > 50) event.detail.parameters.show = rows;
});
let focused = "";
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target.id === "rows") focused = document.activeElement?.matches("[data-row]") ? document.activeElement.id : "";
});
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id !== "rows") return;
  const open = document.querySelector("#talk")?.dataset.pk;
  if (open) document.querySelector(`#c${open}`)?.setAttribute("aria-current", "true");
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
});

// A proposal goes where the cursor is; the box says it changed, so it is saved and checked.
const insert = (words) => {
  const field = box();
  if (!field) return;
  const before = field.value.slice(0, field.selectionStart);
  const gap = before && !/\s$/.test(before) ? (words.includes("://") ? " " : "\n") : "";
  field.setRangeText(gap + words, field.selectionStart, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
};
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-insert]");
  if (!button) return;
  const from = button.dataset.insert.startsWith("#") ? document.querySelector(button.dataset.insert).textContent.trim() : button.dataset.insert;
  button.closest("dialog")?.close();
  button.closest("[popover]:popover-open")?.hidePopover();
  insert(from);
});

// Who is here: said every 25 seconds while the page is seen, and typing for as long as keys fall.
const here = () => document.querySelector("[data-presence]")?.dataset.presence;
const token = () => JSON.parse(document.body.getAttribute("hx-headers") ?? "{}")["X-CSRFToken"];
const say = (values) => {
  const url = here();
  if (!url) return;
  const body = new URLSearchParams({ ...values, csrfmiddlewaretoken: token() });
  fetch(url, { method: "POST", body, keepalive: true }).catch(() => {});
};
let typed = 0;
if (here()) {
  say({});
  setInterval(() => { if (document.visibilityState === "visible") say(Date.now() - typed < 12000 ? { typing: "1" } : {}); }, 25000);
  addEventListener("pagehide", () => say({ leaving: "1" }));
  document.addEventListener("input", (event) => {
    if (!event.target.matches(".pair__text")) return;
    if (Date.now() - typed > 12000) say({ typing: "1" });
    typed = Date.now();
  });
}

// Going with the keys: r goes to the box even when its tab is open already.
document.addEventListener("htmx:afterSwap", (event) => {
  if (isQuiet) return;
  if (event.detail.target.id === "answer" || event.detail.elt?.id === "answer") document.querySelector("#answer textarea")?.focus({ preventScroll: true });
});
