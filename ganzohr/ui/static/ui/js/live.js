// Live parts: htmx listens to this event source, which hangs up while the page is hidden (a browser allows six
// connections per host) and asks on return for what changed meanwhile.
class Live extends EventTarget {
  #url; #inner; #last = 0; #names = new Set(); #closed = false;
  readyState = 0;

  constructor(url) {
    super();
    this.#url = new URL(url, location.href);
    this.#last = Number(this.#url.searchParams.get("since")) || 0;
    document.addEventListener("visibilitychange", this.#look);
    addEventListener("pagehide", this.#hang);
    addEventListener("pageshow", this.#look);
    this.#look();
  }

  #look = () => (document.visibilityState === "visible" ? this.#dial() : this.#hang());

  #dial() {
    if (this.#closed || this.#inner) return;
    this.#url.searchParams.set("since", this.#last);
    this.#inner = new EventSource(this.#url);
    this.#inner.onopen = (event) => { this.readyState = 1; this.onopen?.(event); };
    this.#inner.onerror = () => {
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
    document.removeEventListener("visibilitychange", this.#look);
    removeEventListener("pagehide", this.#hang);
    removeEventListener("pageshow", this.#look);
  }
}

htmx.createEventSource = (url) => new Live(url);
