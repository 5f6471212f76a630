// What the widget remembers: in this tab only, and nothing before somebody opens it. The private link is the real memory.
export const memory = (key) => {
  const name = `ganzohr:${key}`;
  let held = {};
  try { held = JSON.parse(sessionStorage.getItem(name)) ?? {}; } catch { /* storage is off: this page only */ }
  return {
    get: (what) => held[what],
    set(values) {
      held = { ...held, ...values };
      try { sessionStorage.setItem(name, JSON.stringify(held)); } catch { /* as above */ }
    },
  };
};
