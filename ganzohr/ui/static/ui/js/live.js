// Live parts: htmx listens to this event source, which hangs up while the page is hidden (a browser allows six
// connections per host) and asks on return for what changed meanwhile.

// A page that Back brings out of the browser's memory may have lost on the way what it was fetching: nobody waits for that.
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  document.querySelectorAll(".htmx-request").forEach((part) => htmx.trigger(part, "htmx:abort"));
});

// A line that stays cut for a while is told, calmly; one that is back by then is not worth a word.
const PATIENCE = 6000;
const cut = new Set();
const tell = () => { document.querySelector("#away")?.toggleAttribute("hidden", !cut.size); };

class Live extends EventTarget {
  #url; #inner; #last = 0; #names = new Set(); #closed = false; #late;
  readyState = 0;

  constructor(url) {
    super();
    this.#url = new URL(url, location.href);
    this.#last = Number(this.#url.searchParams.get("since")) || 0;
    document.addEventListener("visibilitychange", this.#look);
    addEventListener("pagehide", this.#hang);
    addEventListener("pageshow", this.#return);
    this.#look();
  }

  #look = () => {
    if (document.visibilityState === "visible") return this.#dial();
    this.#hang();
    this.#found();
  };

  #miss = () => { this.#late ??= setTimeout(() => { cut.add(this); tell(); }, PATIENCE); };

  #found = () => {
    clearTimeout(this.#late);
    this.#late = undefined;
    cut.delete(this);
    tell();
  };

  // Out of the browser's memory: every part is fetched once, whatever was told before.
  #return = (event) => {
    this.#look();
    if (event.persisted) for (const name of this.#names) this.dispatchEvent(new MessageEvent(name));
  };

  #dial() {
    if (this.#closed || this.#inner) return;
    this.#url.searchParams.set("since", this.#last);
    this.#inner = new EventSource(this.#url);
    this.#inner.onopen = (event) => { this.readyState = 1; this.#found(); this.onopen?.(event); };
    this.#inner.onerror = () => {
      this.#miss();
      if (this.#inner?.readyState !== EventSource.CLOSED) return; // it dials again by itself
      this.#hang();
      setTimeout(this.#look, 5000);
    };
    for (const name of this.#names) this.#inner.addEventListener(name, this.#pass);
  }

  #hang = () => { this.#inner?.close(); this.#inner = undefined; this.readyState = 0; };

  #pass = (event) => {
    this.#last = Math.max(this.#last, Number(event.lastEventId) || 0);
    this.dispatchEvent(new MessageEvent(event.type, { data: event.data, lastEventId: event.lastEventId }));
  };

  addEventListener(name, listener, options) {
    super.addEventListener(name, listener, options);
    if (this.#names.has(name)) return;
    this.#names.add(name);
    this.#inner?.addEventListener(name, this.#pass);
  }

  close() {
    this.#closed = true;
    this.readyState = 2;
    this.#hang();
    this.#found();
    document.removeEventListener("visibilitychange", this.#look);
    removeEventListener("pagehide", this.#hang);
    removeEventListener("pageshow", this.#return);
  }
}

htmx.createEventSource = (url) => new Live(url);

// A list that is fetched again comes as long as it was.
document.addEventListener("htmx:configRequest", (event) => {
  const { elt, parameters, triggeringEvent } = event.detail, rows = elt.querySelectorAll("#rows > li").length;
  if (rows && triggeringEvent?.type.startsWith("sse:")) parameters.rows = rows;
});

// A live part that could not be fetched is fetched again, without a word: nobody pressed anything.
for (const failed of ["htmx:sendError", "htmx:responseError"]) {
  document.addEventListener(failed, (event) => {
    const { elt, requestConfig } = event.detail;
    const name = requestConfig?.triggeringEvent?.type ?? "";
    if (!name.startsWith("sse:")) return;
    event.stopImmediatePropagation();
    if ((event.detail.xhr?.status ?? 0) < 400 || event.detail.xhr.status >= 500) setTimeout(() => elt.isConnected && htmx.trigger(elt, name), 5000);
  });
}
