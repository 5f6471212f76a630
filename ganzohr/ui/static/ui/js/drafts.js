// No typed word is lost: a field with `data-draft="<address>"` is kept in this browser at once and on the server after a
// pause; what a crash left behind comes back. `[data-draft-state]` beside it says so in words.
const PAUSE = 700;
const timers = new WeakMap();
const kept = (field) => `draft:${field.dataset.draft}`;
const state = (field) => field.form?.querySelector("[data-draft-state]");

const body = (field) => {
  const data = new URLSearchParams({ [field.name]: field.value });
  const token = field.form?.querySelector("[name=csrfmiddlewaretoken]")?.value;
  if (token) data.set("csrfmiddlewaretoken", token);
  for (const other of field.form?.querySelectorAll("[data-draft-with]") ?? []) data.set(other.name, other.value);
  return data;
};

const say = (field, name) => {
  const place = state(field);
  if (place) place.textContent = place.dataset[name] ?? "";
};

const save = async (field) => {
  clearTimeout(timers.get(field));
  const value = field.value;
  try {
    const answer = await fetch(field.dataset.draft, { method: "POST", body: body(field), keepalive: true, headers: { "HX-Request": "true" } });
    if (!answer.ok) throw new Error(answer.status);
    if (field.value === value) localStorage.removeItem(kept(field));
    say(field, "saved");
  } catch {
    say(field, "kept");
  }
};

document.addEventListener("input", (event) => {
  const field = event.target;
  if (!field.matches?.("[data-draft]")) return;
  localStorage.setItem(kept(field), field.value);
  say(field, "typing");
  clearTimeout(timers.get(field));
  timers.set(field, setTimeout(save, PAUSE, field));
});

document.addEventListener("submit", (event) => {
  for (const field of event.target.querySelectorAll("[data-draft]")) clearTimeout(timers.get(field));
});

// The server took the words: nothing has to come back.
document.addEventListener("htmx:afterRequest", (event) => {
  if (!event.detail.successful) return;
  for (const field of event.target.querySelectorAll?.("[data-draft]") ?? []) localStorage.removeItem(kept(field));
});

addEventListener("pagehide", () => {
  for (const field of document.querySelectorAll("[data-draft]")) {
    if (localStorage.getItem(kept(field)) !== null && !field.form?.dataset.sent) save(field);
  }
});

const restore = (root) => {
  for (const field of root.querySelectorAll?.("[data-draft]") ?? []) {
    const words = localStorage.getItem(kept(field));
    if (words === null || words === field.value || document.activeElement === field) continue;
    field.value = words;
    save(field);
  }
};
restore(document);
document.addEventListener("htmx:load", (event) => restore(event.detail.elt));
