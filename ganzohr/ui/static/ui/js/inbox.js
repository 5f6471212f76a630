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

// What others put into an empty box is there at once. Words in it stay: a draft stands beside them, drafts.js shows the rest.
let isQuiet = false;
const load = async (isFocused) => {
  const here = new URL(location);
  here.searchParams.set("mode", box()?.form.elements.mode?.value ?? "reply");
  isQuiet = true;
  await htmx.ajax("GET", `${here.pathname}${here.search}`, { target: "#answer", swap: "outerHTML" });
  isQuiet = false;
  if (isFocused) box()?.focus({ preventScroll: true });
};
const beside = async (answer, expert) => {
  await htmx.ajax("GET", location.href, { target: "#expert-words", swap: "innerHTML" });
  answer.dataset.expert = expert;
};
const lookAgain = () => {
  const answer = document.querySelector("#answer"), line = document.querySelector("#arrived");
  if (!answer || !line) return;
  const now = line.dataset, mode = box()?.form.elements.mode?.value;
  const isFocused = document.activeElement === box();
  const isDraft = now.expert !== answer.dataset.expert;
  const others = mode === "private" ? "othersPrivate" : "othersReply";
  const isOthers = Boolean(mode && now[others]) && now[others] !== answer.dataset[others];
  const isTold = isOthers && (Boolean(box().value) || isFocused && !isDraft);
  const isTorn = isTold || Boolean(document.querySelector("#others > *"));
  const isUntouched = Boolean(mode) && (!box().value || box().value === box().defaultValue);
  const isBack = Boolean(mode) && !box().value && !isFocused && (mode !== "reply" || "words" in now);
  const isGone = mode === "reply" && "gone" in now && !("gone" in answer.dataset); // typed words stay; the checks below them say it
  if (isTold) {
    answer.dataset[others] = now[others];
    box().dispatchEvent(new Event("others", { bubbles: true }));
  }
  if (isUntouched && !isTorn && (isDraft || isGone || isOthers) || isBack) load(isFocused);
  else if (isDraft && document.querySelector("#expert-words")) beside(answer, now.expert);
  else line.hidden = !(isDraft && now.expert);
};
document.addEventListener("click", (event) => {
  if (!event.target.closest?.("[data-load]")) return;
  event.preventDefault();
  load(false);
});

// The right column and the button are fetched along with what changed, but never under somebody's hands.
document.addEventListener("htmx:oobBeforeSwap", (event) => {
  const { target, fragment } = event.detail;
  const isInHand = target.id === "context-in" && (target.contains(document.activeElement) || target.querySelector("#links > *"));
  const isSame = target.id === "send" && target.textContent.trim() === fragment.textContent.trim();
  if (isInHand || isSame) event.detail.shouldSwap = false;
});

// The second press is one on purpose: the button rests as long as a double click may take.
const rest = () => {
  const button = document.querySelector("[data-again]:not([data-rested])"); // whether drawn with its form or alone
  if (!button) return;
  button.dataset.rested = "";
  button.disabled = true;
  setTimeout(() => { button.disabled = false; button.focus({ preventScroll: true }); }, 700);
};
document.addEventListener("htmx:load", rest);

// The list: as many rows as were loaded, looked through as far; focus and scroll stay.
document.addEventListener("htmx:configRequest", (event) => {
  if (!event.detail.elt.matches("[data-rows]")) return;
  const rows = document.querySelectorAll("[data-row]").length;
  if (rows > 50) event.detail.parameters.show = rows;
  const reach = new URL(location).searchParams.get("reach");
  if (reach) event.detail.parameters.reach = reach;
});
// The address carries both, so that Back and reload show the same.
document.addEventListener("htmx:load", (event) => {
  if (!event.detail.elt.matches("#more-rows, .row, .list__rows ul") || !event.detail.elt.closest("#rows")) return;
  const rows = document.querySelectorAll("#rows [data-row]").length, { reach } = event.detail.elt.dataset;
  const here = new URL(location), said = here.searchParams;
  if (rows > Math.max(50, Number(said.get("show")))) said.set("show", Math.min(300, Math.ceil(rows / 50) * 50));
  if (reach) said.set("reach", reach);
  if (`${here}` !== location.href) history.replaceState(history.state, "", here);
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

// What was searched for is marked in the open conversation as the row that is open names it.
const found = [...document.querySelectorAll("#rows [aria-current] mark")].map((mark) => mark.textContent);
const markFound = () => {
  if (!found.length || !thread() || !globalThis.Highlight) return;
  const places = new Highlight(), walk = document.createTreeWalker(thread(), NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const { data } = walk.currentNode;
    for (const word of found) {
      for (let at = data.indexOf(word); at >= 0; at = data.indexOf(word, at + 1)) {
        const place = new Range();
        place.setStart(walk.currentNode, at);
        place.setEnd(walk.currentNode, at + word.length);
        places.add(place);
      }
    }
  }
  CSS.highlights.set("found", places);
};
markFound();
document.addEventListener("htmx:afterSwap", markFound);

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
  addEventListener("pageshow", (event) => { if (event.persisted) say({}); });
  document.addEventListener("input", (event) => {
    if (!event.target.matches(".pair__text")) return;
    if (Date.now() - typed > 12000) say({ typing: "1" });
    typed = Date.now();
  });
}

// Keys: once the box is sent they are the page's again (z), unless somebody types on.
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target.id === "talk" && document.activeElement === box() && !box().value) thread().focus({ preventScroll: true });
});
// r goes to the box even when its tab is open already.
document.addEventListener("htmx:afterSwap", (event) => {
  if (isQuiet) return;
  if (event.detail.target.id === "answer" || event.detail.elt?.id === "answer") document.querySelector("#answer textarea")?.focus({ preventScroll: true });
});
