// Sends each file as soon as it is chosen, one after another, and shows how far it is. Without this the form sends them.
{
  const box = document.querySelector("[data-evidence]");
  const form = box.closest("form");
  const { dataset: words } = box;
  const input = box.querySelector("input[type=file]");
  const shown = box.querySelector("[data-files]");
  const list = shown.querySelector("ul");
  const [keptRow, busyRow] = [...box.querySelectorAll("template")].map((one) => one.content.querySelector("li"));
  const queue = [];
  let running = null;
  let held = null;

  const say = (text, isForAll = false) => {
    const place = box.querySelector("[data-say]");
    place.className = isForAll ? "message message--warning" : "sr-only"; // what is seen anyway is only said aloud
    place.firstElementChild.textContent = text;
  };
  const fill = (row, name) => row.querySelectorAll("b, a, .sr-only span").forEach((one) => (one.textContent = name));
  const token = () => form.elements.csrfmiddlewaretoken.value;

  const keep = (job, file) => {
    const row = keptRow.cloneNode(true);
    fill(row, file.name);
    row.querySelector("a").href = file.own;
    row.querySelector(".small").textContent = file.about;
    const button = row.querySelector("button");
    [button.value, button.dataset.drop] = [file.id, file.drop];
    const known = list.querySelector(`button[value="${file.id}"]`)?.closest("li"); // the same content was there already
    known?.remove();
    job.row.replaceWith(row);
    say(words.kept.replace("{name}", file.name));
  };
  const fail = (job, why, isWorthTrying) => {
    const state = job.row.querySelector(".small");
    state.textContent = why;
    state.className = "small error-text";
    state.setAttribute("role", "alert");
    job.row.querySelector("progress").hidden = true;
    job.row.querySelector("[data-again]").hidden = !isWorthTrying;
    job.row.querySelector("[data-word]").textContent = words.remove;
  };
  const refusal = (file) => {
    if (!file.size) return words.empty;
    return file.size > Number(words.most) ? words.tooLarge : "";
  };
  const answered = (job, request) => {
    const answer = request.response;
    if (!answer?.files) fail(job, words.gone, true); // a page came back: to sign in, or that this one is too old
    else if (answer.files.length) keep(job, answer.files[0]);
    else fail(job, answer.errors[0].message);
  };

  const send = (job) =>
    new Promise((done) => {
      const request = new XMLHttpRequest();
      const data = new FormData();
      data.append("csrfmiddlewaretoken", token());
      data.append("evidence", job.file, job.file.name);
      request.open("POST", words.evidence);
      request.setRequestHeader("Accept", "application/json");
      request.responseType = "json";
      const progress = job.row.querySelector("progress");
      request.upload.onprogress = (event) => {
        progress.value = Math.floor((100 * event.loaded) / event.total);
        const text = progress.value < 100 ? words.sending.replace("{percent}", progress.value) : words.checking;
        job.row.querySelector(".small").textContent = text;
      };
      request.onload = () => answered(job, request);
      request.onerror = () => fail(job, words.broken, true);
      request.onloadend = done;
      job.stop = () => request.abort();
      request.send(data);
    });

  const goOn = () => {
    if (!held) return;
    const button = held;
    held = null;
    if (list.querySelector("[role=alert]")) say(words.left, true);
    else form.requestSubmit(button.isConnected ? button : undefined);
  };
  const work = async () => {
    while (queue.length) {
      running = queue.shift();
      await send(running);
    }
    running = null;
    goOn();
  };
  const start = (job) => {
    const state = job.row.querySelector(".small");
    [state.textContent, state.className] = [words.waiting, "small"];
    state.removeAttribute("role");
    job.row.querySelector("[data-word]").textContent = words.cancel;
    const progress = job.row.querySelector("progress");
    [progress.hidden, progress.value] = [false, 0];
    job.row.querySelector("[data-again]").hidden = true;
    job.stop = () => {};
    queue.push(job);
    if (!running) work();
  };
  const drop = (job) => {
    const place = queue.indexOf(job);
    if (place >= 0) queue.splice(place, 1);
    job.row.remove();
    job.stop();
    shown.hidden = !list.children.length;
    say(words.cancelled.replace("{name}", job.file.name));
    input.focus();
  };
  const take = (files) => {
    for (const file of files) {
      const job = { file, row: busyRow.cloneNode(true), stop: () => {} };
      fill(job.row, file.name);
      job.row.querySelector("progress").setAttribute("aria-label", file.name);
      job.row.querySelector("[data-again]").addEventListener("click", () => start(job));
      job.row.querySelector("[data-stop]").addEventListener("click", () => drop(job));
      list.append(job.row);
      shown.hidden = false;
      const why = refusal(file);
      if (why) fail(job, why);
      else start(job);
    }
  };

  box.querySelector("[data-add]").hidden = true;
  input.addEventListener("change", () => {
    take(input.files);
    input.value = ""; // sent by itself: not once more with the form
  });
  document.addEventListener("paste", (event) => take(event.clipboardData?.files ?? []));
  list.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-drop]");
    if (!button) return;
    event.preventDefault();
    const headers = { Accept: "application/json" };
    const body = new URLSearchParams({ csrfmiddlewaretoken: token() });
    const answer = await fetch(button.dataset.drop, { method: "POST", headers, body }).catch(() => null);
    if (!answer?.ok || answer.redirected) return say(answer ? words.gone : words.broken, true);
    const row = button.closest("li");
    say(words.removed.replace("{name}", row.querySelector("a").textContent));
    row.remove();
    shown.hidden = !list.children.length;
    input.focus();
  });
  // A form that goes while files are still on their way would stop them: it waits for them.
  document.addEventListener(
    "submit",
    (event) => {
      if (event.target !== form || !running) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      held = event.submitter;
      say(words.hold, true);
    },
    true,
  );
}
