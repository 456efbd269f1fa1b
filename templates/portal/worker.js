// Keeps one page and its style for where there is no signal. It never keeps a page of a person, nor an answer.
const STORE = "onderweg-{{ version }}";
const PAGE = "{{ page }}";
const KEPT = [PAGE, {% for path in kept %}"{{ path }}", {% endfor %}];

const refresh = async () => (await caches.open(STORE)).addAll(KEPT.map((path) => new Request(path, { cache: "reload" })));

self.addEventListener("install", (event) => event.waitUntil(refresh().then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => {
  const old = caches.keys().then((names) => names.filter((name) => name !== STORE));
  event.waitUntil(old.then((names) => Promise.all(names.map((name) => caches.delete(name)))).then(() => self.clients.claim()));
});
self.addEventListener("message", (event) => event.waitUntil(refresh().catch(() => {})));
// Who signs out takes the lock away: the next person on this device writes no report of theirs. What waits stays.
const forget = () =>
  new Promise((done) => {
    const asked = indexedDB.open("vpd-onderweg", 1);
    asked.onupgradeneeded = () => asked.transaction.abort(); // there is nothing yet, and none is made here
    asked.onerror = done;
    asked.onsuccess = () => {
      const removing = asked.result.transaction("device", "readwrite");
      removing.objectStore("device").clear();
      removing.oncomplete = removing.onabort = () => done(asked.result.close());
    };
  });
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method === "POST" && origin === self.location.origin && pathname === "{{ sign_out }}") event.waitUntil(forget());
  if (request.method !== "GET" || origin !== self.location.origin) return;
  const isReporting = request.mode === "navigate" && (pathname === "/" || /^\/(melden|m)\//.test(pathname));
  // A page of the portal needs a signal; without one there is the page for on the way.
  if (isReporting) event.respondWith(fetch(request).catch(() => caches.match(PAGE)));
  else if (KEPT.includes(pathname)) event.respondWith(fetch(request).catch(() => caches.match(pathname)));
});
