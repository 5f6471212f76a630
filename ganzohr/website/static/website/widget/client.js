// Speaks to the desk. Answers are {status, ...body}; status 0 means that the line is down.
export const client = (base, language) => {
  const ask = async (path, options = {}) => {
    try {
      const answer = await fetch(new URL(`${path}?lang=${encodeURIComponent(language)}`, base), {
        credentials: "omit", referrerPolicy: "no-referrer", cache: "no-store", ...options,
      });
      const body = answer.status === 304 ? {} : await answer.json();
      return { ...body, status: answer.status, tag: answer.headers.get("ETag"), after: Number(answer.headers.get("Retry-After")) };
    } catch {
      return { status: 0 };
    }
  };
  return {
    config: () => ask("config"),
    send: (form) => ask("letters", { method: "POST", body: form }),
    read: (token, tag) => ask("conversation", {
      headers: { Authorization: `Bearer ${token}`, ...(tag ? { "If-None-Match": tag } : {}) },
    }),
  };
};

// Calls `look` now and again: soon after something happened, less and less often else, never while nobody looks.
export const patience = (look, first, most) => {
  let wait = first, timer = 0, stopped = true;
  const turn = async () => {
    if (stopped) return;
    if (!document.hidden) await look();
    if (stopped) return;
    clearTimeout(timer);
    timer = setTimeout(turn, wait * 1000);
    wait = Math.min(most, wait * 1.25);
  };
  document.addEventListener("visibilitychange", () => { if (!document.hidden && !stopped) go(); });
  const go = () => { stopped = false; wait = first; clearTimeout(timer); timer = setTimeout(turn, 0); };
  return { go, stop() { stopped = true; clearTimeout(timer); } };
};
