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
const two = (number) => String(number).padStart(2, "0");
const today = (now = new Date()) => `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`; // of here, not of UTC

const answers = () => {
  const given = {};
  for (const [name, value] of new FormData(form)) (given[name] ??= []).push(value);
  if (lock?.organisations.length === 1) given.organisation = [lock.organisations[0].id];
  return code ? { ...given, plek: [code] } : given;
};
// How many signs are too many, as the server counts them; a draft takes more than a report.
const over = (most) => form.elements.story.value.replace(/\n/g, "\r\n").length - most;
const most = Number(form.elements.story.dataset.most);
const tooLong = (most) => paths.tooLong.replace("{count}", over(most));
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
  if (over(Number(paths.most)) > 0) return say(`${paths.notKept} ${tooLong(Number(paths.most))}`);
  await keep(lock, key, answers(), isReady);
  say(`${paths.onDevice} ${hour(Date.now())}. ${over(most) > 0 ? tooLong(most) : ""}`);
};
const startAnew = () => {
  form.reset();
  key = crypto.randomUUID();
  form.elements.day.value = today();
};

// Sends when there is a signal and a sign-in. What is still being written waits for the button.
const said = new Set();
const flushOnce = async () => {
  const now = await signal(paths);
  document.getElementById("online").hidden = Boolean(now.isOffline);
  const ready = (await waiting()).filter((parcel) => parcel.isReady);
  if (!now.token) {
    if (ready.length && now.isSignedOut) document.getElementById("sign-in").hidden = false;
    return;
  }
  for (const one of await send(paths, now.token, true)) {
    if (said.has(one.error)) continue; // it is tried again and again, and said once
    if (one.error) said.add(one.error);
    const line = document.createElement(one.error ? "p" : "a");
    line.textContent = one.sent ? `${paths.sent} ${one.number}` : (one.error ?? paths.draft);
    if (!one.error) line.href = one.sent ?? one.draft;
    document.getElementById("told").append(line);
  }
  await show();
};
// One after the other: two at once would both send the same, and one of them would be told that it came too late.
let running = Promise.resolve();
const flush = () => (running = running.then(flushOnce, flushOnce));

form.elements.day.value = today();
if (lock) {
  document.getElementById("whose").hidden = !lock.name;
  for (const place of document.querySelectorAll("[data-name]")) place.textContent = lock.name;
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
  const isTooLong = over(most) > 0;
  const line = document.getElementById("too-long");
  line.textContent = isTooLong ? tooLong(most) : "";
  line.parentElement.hidden = !isTooLong;
  document.getElementById("to-fill-in").hidden = missing.length === 0;
  document.getElementById("missing").hidden = missing.length === 0 && !isTooLong;
  if (missing.length || isTooLong) {
    document.getElementById("missing").focus();
    return keepNow(false).catch(() => say(paths.notKept));
  }
  try {
    await keepNow(true);
  } catch {
    return say(paths.notKept);
  }
  startAnew();
  say(paths.waits);
  await show();
  await flush();
  window.scrollTo(0, 0);
});
document.addEventListener("leaving", (event) => event.detail.push(keepNow(false).catch(() => {})));
window.addEventListener("online", flush);
setInterval(flush, 30000);
await show();
await flush();
