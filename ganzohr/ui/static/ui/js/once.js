// A double click is one act: a form on its way is not sent again, and the button that was pressed shows at once that it works.
const free = (form) => {
  delete form.dataset.sent;
  for (const one of form.elements) one.removeAttribute("aria-busy");
};
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method === "dialog" || form.method === "get") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return event.stopImmediatePropagation(); // htmx would send it in place of the first
  }
  form.dataset.sent = "yes";
  (event.submitter ?? form.querySelector("button:not([type=button])"))?.setAttribute("aria-busy", "true");
}, true);
// Nothing else in it asks meanwhile: what is lined up would go before it, what replaces would end it.
document.addEventListener("htmx:confirm", (event) => {
  const { elt } = event.detail;
  if ((elt.closest("form[data-sent]") ?? elt) !== elt) event.preventDefault();
});
// Its own answer frees it, not that of a check which gave way to it.
document.addEventListener("htmx:afterRequest", (event) => { if (event.detail.elt.matches?.("form")) free(event.detail.elt); });
addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(free));
