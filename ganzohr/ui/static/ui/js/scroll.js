// The first field that was not understood gets the focus; `data-newest` shows its end on opening; `data-keep-scroll="name"` comes back to where it was,
// however many rows the address asks for; of tabs, the one that is open is in view.
const filter = () => {
  const here = new URLSearchParams(location.search);
  here.delete("show");
  return here.toString();
};
const place = (root) => {
  const all = (selector) => [...(root.matches?.(selector) ? [root] : []), ...(root.querySelectorAll?.(selector) ?? [])];
  for (const tab of all(".tabs > [aria-current]")) {
    const tabs = tab.parentElement;
    tabs.scrollLeft = Math.max(0, tab.offsetLeft - tabs.offsetLeft - (tabs.clientWidth - tab.offsetWidth) / 2);
  }
  for (const box of all("[data-newest]")) box.scrollTop = box.scrollHeight;
  for (const box of all("[data-keep-scroll]")) {
    const key = `scroll:${box.dataset.keepScroll}:${filter()}`;
    box.scrollTop = Number(sessionStorage.getItem(key)) || 0;
    box.addEventListener("scroll", () => sessionStorage.setItem(key, box.scrollTop), { passive: true });
  }
};
// Whoever goes somewhere anew by the rail begins at the top there.
addEventListener("click", (event) => {
  if (!event.target.closest?.(".rail a")) return;
  for (const key of Object.keys(sessionStorage)) if (key.startsWith("scroll:")) sessionStorage.removeItem(key);
});
document.querySelector("main [aria-invalid=true]")?.focus();
place(document);
document.addEventListener("htmx:load", (event) => place(event.detail.elt));
