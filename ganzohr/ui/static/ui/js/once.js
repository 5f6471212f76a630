// A double click is one act: a form on its way is not sent again.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method === "dialog" || form.method === "get") return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "yes";
}, true);
const free = (form) => { if (form?.dataset) delete form.dataset.sent; };
document.addEventListener("htmx:afterRequest", (event) => free(event.target.closest?.("form")));
addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(free));
