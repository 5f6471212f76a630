// Toasts go after a while unless pointed at or focused; one with an undo stays longer. Failed requests say so in words.
const box = document.querySelector("#toasts");
const told = (toast) => `${toast.querySelector("span").textContent} ${toast.querySelector("form")?.action ?? ""}`;
const look = (toast) => {
  if (toast.dataset.seen) return;
  // two answers of the same moment may both bring it
  for (const other of box.querySelectorAll("[data-seen]")) if (told(other) === told(toast)) other.remove();
  toast.dataset.seen = "yes";
  let timer;
  const wait = () => { timer = setTimeout(() => toast.remove(), toast.querySelector("form") ? 9000 : 4000); };
  const stay = () => clearTimeout(timer);
  toast.addEventListener("pointerenter", stay);
  toast.addEventListener("focusin", stay);
  toast.addEventListener("pointerleave", wait);
  toast.addEventListener("focusout", wait);
  wait();
};
const say = (text) => {
  if (!box || !text) return;
  const toast = document.createElement("div");
  toast.className = "toast";
  toast.dataset.toast = "";
  toast.append(Object.assign(document.createElement("span"), { textContent: text }));
  box.append(toast);
};
if (box) {
  new MutationObserver(() => box.querySelectorAll("[data-toast]").forEach(look)).observe(box, { childList: true });
  box.querySelectorAll("[data-toast]").forEach(look);
  box.addEventListener("click", (event) => event.target.closest("[data-close]")?.closest("[data-toast]").remove());
}
document.addEventListener("htmx:sendError", () => say(box?.dataset.offline));
document.addEventListener("htmx:responseError", (event) => {
  say(event.detail.xhr.status === 409 ? box?.dataset.gone : box?.dataset.failed);
});
document.addEventListener("say", (event) => say(box?.dataset[event.detail] ?? event.detail));
