// No typed word is lost: a field with `data-draft="<address>"` is kept in this browser at once, with the revision it was typed
// upon, and on the server after a pause; `[data-draft-state]` says so. What others saved since stands in `#others` (409).
const PAUSE = 700;
const timers = new WeakMap();
const sent = new WeakMap();
const kept = (field) => `draft:${field.dataset.draft}`;
const upon = (field) => `upon:${field.dataset.draft}`;
const revision = (field) => field.form.elements.revision;

const keep = (field) => {
  localStorage.setItem(kept(field), field.value);
  localStorage.setItem(upon(field), revision(field).value);
};
const drop = (field) => {
  localStorage.removeItem(kept(field));
  localStorage.removeItem(upon(field));
};

const body = (field) => {
  const data = new URLSearchParams({ [field.name]: field.value });
  for (const other of field.form.querySelectorAll("[data-draft-with], [name=csrfmiddlewaretoken]")) data.set(other.name, other.value);
  return data;
};

const say = (field, name) => {
  const place = field.form.querySelector("[data-draft-state]");
  if (place) place.textContent = place.dataset[name] ?? "";
};

// What is being read stays open while one goes on typing.
const show = (field, others) => {
  const place = field.form.querySelector("#others"), of = place?.firstElementChild?.dataset.of;
  if (place && !(of && others.includes(`data-of="${of}"`))) place.innerHTML = others;
};

const save = async (field) => {
  clearTimeout(timers.get(field));
  const value = field.value;
  try {
    const answer = await fetch(field.dataset.draft + new URL(field.form.action).search, { method: "POST", body: body(field), keepalive: true });
    if (answer.status === 409) show(field, await answer.text());
    const saved = answer.headers.get("Draft-Revision");
    if (!saved) throw new Error(answer.status); // also a page to sign in
    revision(field).value = saved;
    show(field, "");
    if (localStorage.getItem(kept(field)) === value) drop(field);
    else if (field.isConnected && field.value !== value) keep(field);
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

document.addEventListener("others", (event) => { save(event.target); });

document.addEventListener("submit", (event) => {
  for (const field of event.target.querySelectorAll("[data-draft]")) {
    clearTimeout(timers.get(field));
    sent.set(field, field.value);
  }
});

// Nothing has to come back of what was sent but what was typed since.
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
    if (localStorage.getItem(kept(field)) !== null && !field.form.dataset.sent) save(field);
  }
});

const restore = (root) => {
  for (const field of root.querySelectorAll?.("[data-draft]") ?? []) {
    const words = localStorage.getItem(kept(field));
    if (words === null || words === field.value || (field.value && document.activeElement === field)) continue;
    field.value = words;
    revision(field).value = localStorage.getItem(upon(field)) ?? "0";
    save(field);
  }
};
restore(document);
document.addEventListener("htmx:load", (event) => restore(event.detail.elt));
