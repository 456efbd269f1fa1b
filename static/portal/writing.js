// Asks what the answers ask for, and keeps what is typed on the server: after each pause, and every eight seconds.
const form = document.querySelector("form[data-keep]") ?? document.querySelector("form[data-once]");

// What is not asked itself asks nothing on. Questions stand after those they hang on, so one round is enough.
const isMet = (condition) => {
  const [name, count, values] = condition.split(":");
  const wanted = values.split(",");
  const given = [...form.querySelectorAll(`[name="${name}"]`)].filter(
    (one) => (one.checked || one.matches("select")) && wanted.includes(one.value) && !one.closest("[data-when]:not([data-asked])"),
  );
  return given.length >= Number(count);
};
const ask = () => {
  for (const field of form.querySelectorAll("[data-when]")) {
    field.toggleAttribute("data-asked", field.dataset.when.split(";").some(isMet));
  }
  for (const one of form.querySelectorAll('[name="main_behaviour"] option[value]:not([value=""])')) {
    one.hidden = !one.selected && !form.querySelector(`[name="behaviours"][value="${one.value}"]:checked`);
  }
};

const kept = document.getElementById("kept");
const count = (area) => {
  const left = Number(area.dataset.most) - area.value.replace(/\n/g, "\r\n").length;
  const words = left < 0 ? kept.dataset.over : kept.dataset.left;
  area.nextElementSibling.textContent = left < 200 ? words.replace("{count}", Math.abs(left)) : "";
};

let last = "";
let isDown = false; // the last try did not get through to a server
let timer;
let running = Promise.resolve();
const typed = () => {
  const data = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (typeof value === "string") data.append(name, value);
  return data;
};
const words = () => {
  const data = typed();
  for (const name of ["csrfmiddlewaretoken", "seen"]) data.delete(name);
  return data.toString();
};
const keep = async (isLeaving) => {
  const now = words();
  if (now === last || form.dataset.sent) return;
  const signal = AbortSignal.timeout(20000);
  const body = typed();
  const keepalive = isLeaving && body.toString().length < 60000; // a browser sends no more of a page that has gone
  const options = { method: "POST", body, headers: { Accept: "application/json" }, keepalive, signal };
  let response;
  try {
    response = await fetch(form.action, options);
    isDown = false;
  } catch {
    isDown = true;
    kept.textContent = kept.dataset.offline;
    return;
  }
  const answer = await response.json().catch(() => null); // null: a page in its place
  if (response.ok && answer) {
    last = now;
    form.elements.seen.value = answer.revision;
    kept.textContent = kept.dataset.kept.replace("{time}", answer.saved);
  } else {
    kept.textContent = why(response, answer);
  }
};
const why = (response, answer) => {
  if ([401, 403].includes(response.status) || response.redirected) return kept.dataset.gone;
  if (response.status === 413) return kept.dataset.much;
  return answer?.error ?? kept.dataset.failed;
};
// A browser may bring back what was typed before the page came anew: that is not what the server keeps.
const isAsServed = (one) => {
  if (one.matches("select")) return one.selectedIndex < 1 || one.selectedOptions[0].defaultSelected;
  return one.matches('[type="checkbox"], [type="radio"]') ? one.checked === one.defaultChecked : one.value === one.defaultValue;
};
const keepNow = () => (running = running.then(() => keep(false)));
const keepSoon = () => {
  clearTimeout(timer);
  timer = setTimeout(keepNow, 1000);
};
// Without a connection the page stays, with all that is on it; once there is one again, the button does what it says.
const stay = async (event) => {
  if (navigator.onLine && !isDown) return;
  event.preventDefault();
  delete form.dataset.sent;
  kept.textContent = kept.dataset.offline;
  await keepNow();
  if (navigator.onLine && !isDown) form.requestSubmit(event.submitter);
};

if (form) {
  ask();
  form.addEventListener("change", ask);
}
if (form?.dataset.keep !== undefined) {
  if ([...form.querySelectorAll("input, select, textarea")].every(isAsServed)) last = words();
  for (const area of form.querySelectorAll("textarea[data-most]")) {
    const note = document.createElement("p");
    note.className = "soft small";
    note.setAttribute("aria-live", "polite");
    area.after(note);
    count(area);
    area.addEventListener("input", () => count(area));
  }
  form.addEventListener("change", keepSoon);
  form.addEventListener("input", keepSoon);
  form.addEventListener("submit", stay);
  setInterval(keepNow, 8000);
  window.addEventListener("online", keepNow);
  // Before the next page is asked for: what a page sends only when it goes (below) does not always leave a busy browser.
  window.addEventListener("beforeunload", () => keep(true));
  document.addEventListener("visibilitychange", () => document.hidden && keep(true));
  window.addEventListener("pagehide", () => keep(true));
  document.addEventListener("leaving", (event) => event.detail.push(running.then(() => keep(true))));
}
