// The window: what was said, what is being written, and what went wrong, in words.
import { patience } from "./client.js";
import { el, icon, random } from "./dom.js";
import { log } from "./log.js";
import { picked } from "./files.js";

export const panel = (widget) => {
  const { base, config, desk, held, root, button, source } = widget;
  const { words } = config;
  let { stamp } = config;
  let id = random(12), busy = false, tag;
  const isNew = () => !held.get("token");

  const field = (name, label, control, wrong = el("p", { class: "wrong", id: `${name}-wrong`, hidden: true })) => {
    control.id = name;
    return { box: el("div", { class: "field" }, el("label", { for: name }, label), control, wrong), control, wrong };
  };
  const text = field("text", words.message, el("textarea", { class: "in", rows: 3, maxlength: 10000 }));
  const name = field("name", words.name, el("input", { class: "in", maxlength: 160, autocomplete: "name" }));
  const mail = field("mail_address", words.mail, el("input", { class: "in", type: "email", maxlength: 254, autocomplete: "email" }));
  const files = picked(config);
  const agree = el("input", { type: "checkbox", id: "consent", "aria-describedby": "consent-wrong" });
  const privacy = config.privacyUrl && el("a", { href: config.privacyUrl, target: "_blank", rel: "noopener noreferrer" }, words.privacy);
  const agreeWrong = el("p", { class: "wrong", id: "consent-wrong", hidden: true });
  const consent = el("div", { class: "field" }, el("label", { class: "agree" }, agree, el("span", {}, words.consent.text, " ", privacy || "")), agreeWrong);
  const trap = el("div", { class: "trap", "aria-hidden": "true" }, el("label", {}, words.trap, el("input", { name: "homepage", tabindex: "-1", autocomplete: "off" })));
  const state = el("p", { class: "state", role: "status" });
  const send = el("button", { class: "main" }, icon("send"), words.send);
  const link = el("a", { target: "_blank", rel: "noopener" }, words.link);
  const copy = el("button", { class: "quiet", type: "button", onclick: async () => {
    await navigator.clipboard.writeText(link.href);
    copy.textContent = words.copied;
  } }, words.copy);
  const keep = el("div", { class: "keep", hidden: true }, link, copy);
  const first = el("div", { class: "fields" }, name.box, mail.box);
  const form = el("form", { novalidate: true, onsubmit: (event) => { event.preventDefault(); submit(); } },
    text.box, files.box, first, trap, consent, state, el("div", { class: "do" }, files.choose, send), keep);
  const said = log(config, (file) => new URL(`files/${file.id}/`, link.href));
  const body = el("div", { class: "body", tabindex: "-1" }, said.box, form);
  const close = el("button", { class: "x", type: "button", "aria-label": words.close, onclick: () => shut() }, icon("x"));
  const by = el("p", { class: "by" });
  const promise = (sentence) => { by.textContent = config.standing || sentence; by.hidden = !by.textContent; };
  promise(words.answersBy);
  const dialog = el("dialog", { "aria-labelledby": "ganzohr-title", lang: config.language },
    el("div", { class: "head" }, icon("ear"), el("h2", { id: "ganzohr-title" }, words.title), close, by), body);
  root.append(dialog);

  const say = (sentence, bad = false) => { state.textContent = sentence; state.classList.toggle("bad", bad); };
  const mark = ({ control, wrong }, sentence) => {
    wrong.textContent = sentence ?? "";
    wrong.hidden = !sentence;
    if (sentence) control.setAttribute("aria-invalid", "true"), control.setAttribute("aria-describedby", wrong.id);
    else control.removeAttribute("aria-invalid"), control.removeAttribute("aria-describedby");
  };
  const fields = { text, name, mail_address: mail, consent: { control: agree, wrong: agreeWrong }, attached: files };
  const blame = (errors) => {
    let focus;
    for (const [key, one] of Object.entries(fields)) {
      mark(one, errors[key]);
      if (errors[key]) focus ??= one.control, one.box && (one.box.hidden = false);
    }
    focus?.focus();
    return Boolean(focus);
  };
  const checked = () => {
    const errors = {};
    if (!text.control.value.trim() && !files.list.length) errors.text = words.empty;
    if (isNew() && !mail.control.validity.valid) errors.mail_address = words.badMail;
    if (isNew() && !agree.checked) errors.consent = words.needsConsent;
    return !blame(errors);
  };
  const filled = (token) => {
    const data = new FormData();
    const values = { token, id, text: text.control.value, stamp, source, page: location.origin + location.pathname,
      homepage: trap.querySelector("input").value };
    if (isNew()) Object.assign(values, { name: name.control.value, mail_address: mail.control.value, consent: agree.checked ? "on" : "", consent_version: words.consent.version });
    for (const [key, value] of Object.entries(values)) data.append(key, value);
    for (const file of files.list) data.append("attached", file, file.name);
    return data;
  };

  // The token is made here, so that a letter sent twice because the line broke is still one letter of one conversation.
  const submit = async (again = 0) => {
    if (busy || !checked()) return;
    busy = true;
    send.setAttribute("aria-disabled", "true");
    say(words.sending);
    const token = held.get("token") ?? held.get("next") ?? random(32);
    held.set({ next: token });
    const answer = await desk.send(filled(token));
    busy = false;
    send.removeAttribute("aria-disabled");
    const unheard = navigator.onLine ? "busy" : "offline";  // online, but nobody there: the desk begins again, say
    const act = outcomes[answer.status === 200 ? "done" : answer.status === 0 ? unheard : answer.code] ?? outcomes.failed;
    act(answer, token, again);
  };
  const retry = async (again, seconds) => {
    if (again > 1) return say(words.failed, true);
    const mine = id;
    await new Promise((done) => setTimeout(done, seconds * 1000));
    if (mine === id) submit(again + 1);  // else somebody pressed Send meanwhile, and it arrived
  };
  const outcomes = {
    done(answer, token) {
      const wasNew = isNew();
      held.set({ token, next: undefined, draft: "" });
      text.control.value = "";
      files.clear();
      id = random(12);
      say(wasNew ? words.thanks : words.arrived);
      show(answer);
      text.control.focus();
    },
    offline() {
      say(words.offline, true);
      addEventListener("online", () => submit(), { once: true });
    },
    async stale(_answer, _token, again) {
      const fresh = await desk.config();
      stamp = fresh.stamp ?? stamp;
      retry(again, 2.2);
    },
    quick: (_answer, _token, again) => retry(again, 2.2),
    invalid(answer) { say(blame(answer.errors) ? "" : words.failed, true); },
    trap(answer) { trap.querySelector("input").value = ""; say(answer.errors.text, true); },
    busy(answer, _token, again) {
      say(words.busy, true);
      retry(again, (answer.after || 5) * (1 + again + Math.random()));
    },
    tooMany: () => say(words.tooMany, true),
    tooBig: (answer) => say(answer.errors.attached, true),
    gone() {
      agree.checked = false;
      name.control.value = mail.control.value = "";
      held.set({ token: undefined, next: undefined, seen: [] });
      arrange();
      said.draw([]);
      promise(words.answersBy);
      say(words.gone, true);
    },
    failed: () => say(words.failed, true),
  };

  const arrange = () => {
    first.hidden = consent.hidden = !isNew();
    keep.hidden = isNew();
    if (!isNew()) link.href = new URL(`../../v/${held.get("token")}/`, base);
  };
  const show = ({ entries, answersBy }) => {
    arrange();
    promise(answersBy);
    const grew = said.draw(entries);
    if (grew && entries.at(-1)?.who !== "you") say("");
    held.set({ seen: entries.filter(({ who }) => who !== "you").map((entry) => entry.id) });
    if (grew) body.scrollTop = grew.offsetTop - 12;
  };
  const watch = patience(async () => {
    if (isNew()) return;
    const now = await desk.read(held.get("token"), tag);
    if (now.status === 410) return outcomes.gone();
    if (now.status !== 200) return;
    tag = now.tag;
    show(now);
  }, 3, 30);

  const narrow = () => matchMedia("(max-width: 479.99px), (max-height: 479.99px)").matches;
  const shut = () => dialog.close();
  dialog.addEventListener("keydown", (event) => { if (event.key === "Escape") { event.preventDefault(); shut(); } });
  dialog.addEventListener("close", () => {
    watch.stop();
    held.set({ open: false });
    button.hidden = false;
    button.setAttribute("aria-expanded", "false");
    button.focus();
    widget.onclose();
  });
  text.control.addEventListener("input", () => { held.set({ draft: text.control.value }); watch.go(); });
  text.control.value = held.get("draft") ?? "";

  return {
    open(quietly) {
      if (dialog.open) return;
      if (quietly && narrow()) return held.set({ open: false }), widget.onclose();
      arrange();
      if (narrow()) dialog.showModal();
      else dialog.show();
      held.set({ open: true });
      button.setAttribute("aria-expanded", "true");
      button.hidden = true;
      if (quietly) root.activeElement?.blur();
      else text.control.focus();
      watch.go();
    },
  };
};
