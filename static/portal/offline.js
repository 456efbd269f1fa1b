// The page for where there is no signal: keeps what is typed on this device, unreadable, and sends it once.
import { device, drop, keep, send, signal, waiting } from "./parcels.js";

const form = document.getElementById("offline");
const paths = form.dataset;
const status = document.getElementById("kept");
const list = document.getElementById("waiting");
const lock = await device().catch(() => undefined);
const code = /^\/m\/([^/]+)/.exec(location.pathname)?.[1] ?? new URLSearchParams(location.search).get("plek") ?? "";
let key = crypto.randomUUID();
let timer;

const answers = () => {
  const given = {};
  for (const [name, value] of new FormData(form)) (given[name] ??= []).push(value);
  return code ? { ...given, plek: [code] } : given;
};
const isEmpty = () => !form.elements.story.value.trim() && !form.querySelector("[name=behaviours]:checked");
const say = (text) => (status.textContent = text);
const hour = (moment) => new Date(moment).toLocaleString(document.documentElement.lang, { weekday: "short", hour: "2-digit", minute: "2-digit" });

const show = async () => {
  const others = (await waiting()).filter((parcel) => parcel.key !== key);
  list.replaceChildren(
    ...others.map((parcel) => {
      const line = document.createElement("li");
      const button = document.createElement("button");
      line.append(`${paths.unsent} ${hour(parcel.at)} `, button);
      Object.assign(button, { type: "button", className: "text-button", textContent: paths.drop });
      button.addEventListener("click", async () => {
        if (button.dataset.sure) await drop(parcel.key).then(show);
        button.dataset.sure = "yes";
        button.textContent = paths.sure;
      });
      return line;
    }),
  );
  list.parentElement.hidden = others.length === 0;
};

const keepNow = async (isReady) => {
  if (isEmpty()) return;
  await keep(key, answers(), isReady);
  say(`${paths.onDevice} ${hour(Date.now())}.`);
};
const startAnew = () => {
  form.reset();
  key = crypto.randomUUID();
  form.elements.day.valueAsDate = new Date();
};

// Sends when there is a signal and a sign-in. What is still being written waits for the button.
const flush = async () => {
  const now = await signal(paths);
  document.getElementById("online").hidden = Boolean(now.isOffline);
  const ready = (await waiting()).filter((parcel) => parcel.isReady);
  if (!now.token) {
    if (ready.length && now.isSignedOut) document.getElementById("sign-in").hidden = false;
    return;
  }
  for (const one of await send(paths, now.token, true)) {
    const line = document.createElement(one.error ? "p" : "a");
    line.textContent = one.sent ? `${paths.sent} ${one.number}` : (one.error ?? paths.draft);
    if (!one.error) line.href = one.sent ?? one.draft;
    document.getElementById("told").append(line);
  }
  await show();
};

form.elements.day.valueAsDate = new Date();
if (lock) {
  document.getElementById("alarm").textContent = lock.alarm ? `${paths.alarm} ${lock.alarm}.` : "";
  if (lock.organisations.length > 1) {
    const field = document.getElementById("organisation");
    for (const one of lock.organisations) field.querySelector("select").add(new Option(one.name, one.id));
    field.hidden = field.querySelector("select").disabled = false;
  }
} else {
  document.getElementById("no-lock").hidden = false;
}
form.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(() => keepNow(false).catch(() => say(paths.notKept)), 500);
});
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  clearTimeout(timer);
  const missing = ["story", "day", "hour"].filter((name) => !form.elements[name].value.trim());
  for (const name of ["behaviours", "channel"]) if (!form.querySelector(`[name=${name}]:checked`)) missing.push(name);
  document.getElementById("missing").hidden = missing.length === 0;
  if (missing.length) return document.getElementById("missing").focus();
  await keepNow(true);
  startAnew();
  say(paths.waits);
  await show();
  await flush();
  window.scrollTo(0, 0);
});
window.addEventListener("online", flush);
setInterval(flush, 30000);
await show();
await flush();
