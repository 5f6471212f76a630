// New mail appears by itself; what is being written stays. The mail's frame is as high as the mail.
const frame = document.querySelector("iframe");
const fit = () => { frame.height = String(Math.max(190, frame.contentDocument.documentElement.scrollHeight + 4)); };
if (frame) {
  frame.addEventListener("load", fit);
  addEventListener("resize", fit);
  if (frame.contentDocument?.readyState === "complete") fit();
}

const look = async () => {
  if (!document.hidden) {
    try {
      const text = await (await fetch(location.href, { cache: "no-store" })).text();
      const fresh = new DOMParser().parseFromString(text, "text/html");
      if (fresh.body.dataset.revision !== document.body.dataset.revision) {
        for (const part of ["boxes", "list"]) document.getElementById(part).replaceWith(fresh.getElementById(part));
        document.body.dataset.revision = fresh.body.dataset.revision;
      }
    } catch { /* the demo has ended, or not begun again yet */ }
  }
  setTimeout(look, 2000);
};
setTimeout(look, 2000);
