// No typed word is lost: a field with `data-draft="<address>"` is kept in this browser at once and on the server after a
// pause; what a crash left behind comes back. `[data-draft-state]` beside it says so in words. Kept with the words is the
// revision they were typed upon: what somebody else saved since is shown in `#others` (409), never written over.
const PAUSE = 700;
const timers = new WeakMap();
const sent = new WeakMap();
const kept = (field) => `draft:${field.dataset.draft}`;
const upon = (field) => `upon:${field.dataset.draft}`;
const state = (field) => field.form?.querySelector("[data-draft-state]");
const revision = (field) => field.form?.elements.revision;

const keep = (field) => {
  localStorage.setItem(kept(field), field.value);
  localStorage.setItem(upon(field), revision(field)?.value ?? "0");
};
const drop = (field) => {
  localStorage.removeItem(kept(field));
  localStorage.removeItem(upon(field));
};

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

// What is being read stays open while one goes on typing.
const show = (field, others) => {
  const place = field.form?.querySelector("#others");
  if (!place) return;
  const told = document.createElement("template");
  told.innerHTML = others;
  const of = (root) => root.querySelector("[data-of]")?.dataset.of;
  if (of(place) !== of(told.content)) place.replaceChildren(told.content);
};

const save = async (field) => {
  clearTimeout(timers.get(field));
  const value = field.value;
  try {
    const list = field.form ? new URL(field.form.action).search : "";
    const answer = await fetch(field.dataset.draft + list, { method: "POST", body: body(field), keepalive: true, headers: { "HX-Request": "true" } });
    if (answer.status === 409) show(field, await answer.text());
    if (!answer.ok) throw new Error(answer.status);
    if (revision(field)) revision(field).value = answer.headers.get("Draft-Revision");
    show(field, "");
    const words = localStorage.getItem(kept(field));
    if (words === value) drop(field);
    else if (words !== null) localStorage.setItem(upon(field), answer.headers.get("Draft-Revision"));
    say(field, "saved");
  } catch {
    say(field, "kept");
  }
};

document.addEventListener("input", (event) => {
  const field = event.target;
  if (!field.matches?.("[data-draft]")) return;
  keep(field);
  say(field, "typing");
  clearTimeout(timers.get(field));
  timers.set(field, setTimeout(save, PAUSE, field));
});

// Somebody else saved words meanwhile: asked for in the one way that shows them.
document.addEventListener("others", (event) => { save(event.target); });

document.addEventListener("submit", (event) => {
  for (const field of event.target.querySelectorAll("[data-draft]")) {
    clearTimeout(timers.get(field));
    sent.set(field, field.value);
  }
});

// The server took the words: nothing has to come back but what was typed since.
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  const { elt } = detail.requestConfig; // the form is out of the page by now
  if (!detail.successful || !elt.matches("form")) return;
  for (const field of elt.querySelectorAll("[data-draft]")) {
    const words = localStorage.getItem(kept(field)), was = sent.get(field);
    if (words === null || was === undefined) continue;
    clearTimeout(timers.get(field));
    const since = words.startsWith(was) ? words.slice(was.length).trimStart() : words;
    if (since) localStorage.setItem(kept(field), since);
    else drop(field);
  }
});

addEventListener("pagehide", () => {
  for (const field of document.querySelectorAll("[data-draft]")) {
    if (localStorage.getItem(kept(field)) !== null && !field.form?.dataset.sent) save(field);
  }
});

const restore = (root) => {
  for (const field of root.querySelectorAll?.("[data-draft]") ?? []) {
    const words = localStorage.getItem(kept(field));
    if (words === null || words === field.value || (field.value && document.activeElement === field)) continue;
    field.value = words;
    if (revision(field)) revision(field).value = localStorage.getItem(upon(field)) ?? "0";
    save(field);
  }
};
restore(document);
document.addEventListener("htmx:load", (event) => restore(event.detail.elt));
