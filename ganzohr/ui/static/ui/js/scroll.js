// The first field that was not understood gets the focus; `data-newest` shows its end on opening, or what the address names in it;
// `data-keep-scroll="name"` comes back to where it was, however many rows the address asks for, and what is newly open stands
// in view there; of tabs, the one that is open is in view.
const filter = () => {
  const here = new URLSearchParams(location.search);
  here.delete("show");
  return here.toString();
};
// Kept on the way through one room, back and on reload. Whoever comes from elsewhere or by an address begins at the top.
const room = (url) => new URL(url, location).pathname.split("/")[1];
const isHere = document.referrer.startsWith(`${location.origin}/`) && room(document.referrer) === room(location);
const isKept = isHere || performance.getEntriesByType("navigation")[0]?.type !== "navigate";
const inView = (row, box) => {
  const its = row.getBoundingClientRect(), all = box.getBoundingClientRect();
  if (its.top < all.top || its.bottom > all.bottom) box.scrollTop += its.top - all.top - (all.height - its.height) / 2;
};
const placed = new WeakSet(); // htmx tells of the page that was just read once more
const place = (root) => {
  const all = (selector) => [...(root.matches?.(selector) ? [root] : []), ...(root.querySelectorAll?.(selector) ?? [])];
  const fresh = (selector) => all(selector).filter((box) => !placed.has(box) && placed.add(box));
  for (const tab of all(".tabs > [aria-current]")) {
    const tabs = tab.parentElement;
    tabs.scrollLeft = Math.max(0, tab.offsetLeft - tabs.offsetLeft - (tabs.clientWidth - tab.offsetWidth) / 2);
  }
  for (const box of fresh("[data-newest]")) {
    box.scrollTop = box.scrollHeight;
    const named = root === document && location.hash ? document.getElementById(location.hash.slice(1)) : null;
    if (named && box.contains(named)) inView(named, box);
  }
  for (const box of fresh("[data-keep-scroll]")) {
    const key = `scroll:${box.dataset.keepScroll}:${filter()}`;
    if (!isKept) sessionStorage.removeItem(key);
    box.scrollTop = Number(sessionStorage.getItem(key)) || 0;
    const open = box.querySelector("[aria-current]"), last = `open:${box.dataset.keepScroll}`;
    if (open && !(isKept && sessionStorage.getItem(last) === open.id)) inView(open, box);
    sessionStorage.setItem(last, open?.id ?? "");
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
