// What was typed without signal, kept on this device so that nobody can read it here: sealed with a lock of which the
// key never leaves the server. One store for the lock and what the page shows, one for the reports that wait.
const opened = new Promise((done, failed) => {
  const asked = indexedDB.open("vpd-onderweg", 1);
  asked.onupgradeneeded = () => {
    asked.result.createObjectStore("device");
    asked.result.createObjectStore("waiting", { keyPath: "key" });
  };
  asked.onsuccess = () => done(asked.result);
  asked.onerror = () => failed(asked.error);
});
const run = async (store, mode, work) => {
  const transaction = (await opened).transaction(store, mode);
  const request = work(transaction.objectStore(store));
  return new Promise((done, failed) => {
    transaction.oncomplete = () => done(request.result);
    transaction.onabort = transaction.onerror = () => failed(transaction.error);
  });
};
export const device = () => run("device", "readonly", (store) => store.get("lock"));
export const waiting = () => run("waiting", "readonly", (store) => store.getAll());
const put = (parcel) => run("waiting", "readwrite", (store) => store.put(parcel));
export const drop = (key) => run("waiting", "readwrite", (store) => store.delete(key));
// Unless something newer was put in its place while it was on its way: that still has to go.
const dropSent = (parcel) =>
  run("waiting", "readwrite", (store) => {
    const asked = store.get(parcel.key);
    asked.onsuccess = () => {
      const now = asked.result;
      if (now && now.at === parcel.at && now.nonce === parcel.nonce) store.delete(parcel.key);
    };
    return asked;
  });

const toText = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)));
const toBytes = (text) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
const curve = { name: "ECDH", namedCurve: "P-256" };

const sealed = async (text, lock, key) => {
  const { subtle } = crypto;
  const pair = await subtle.generateKey(curve, false, ["deriveBits"]);
  const theirs = await subtle.importKey("raw", toBytes(lock.public), curve, false, []);
  const secret = await subtle.deriveBits({ name: "ECDH", public: theirs }, pair.privateKey, 256);
  const agreed = await subtle.importKey("raw", secret, "HKDF", false, ["deriveKey"]);
  const info = new TextEncoder().encode("vpd-portal one way 1");
  const how = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(32), info };
  const seal = await subtle.deriveKey(how, agreed, { name: "AES-GCM", length: 256 }, false, ["encrypt"]);
  const nonce = crypto.getRandomValues(new Uint8Array(12));
  const additionalData = new TextEncoder().encode(`${lock.id} ${key}`);
  const content = await subtle.encrypt({ name: "AES-GCM", iv: nonce, additionalData }, seal, new TextEncoder().encode(text));
  let binary = "";
  for (const byte of new Uint8Array(content)) binary += String.fromCharCode(byte);
  return { ephemeral: toText(await subtle.exportKey("raw", pair.publicKey)), nonce: toText(nonce), sealed: btoa(binary) };
};

// Keeps the answers on this device, unreadable, for whose lock it is. `isReady`: the person pressed "send".
export const keep = async (lock, key, answers, isReady) => {
  if (!lock) throw new Error("no lock");
  const parcel = await sealed(JSON.stringify(answers), lock, key);
  await put({ key, lock: lock.id, ...parcel, at: Date.now(), isReady });
};

const post = (path, token, body) =>
  fetch(path, { method: "POST", body, headers: { "X-CSRFToken": token, "Content-Type": "application/json" } });

// Whether there is a signal and a sign-in: { token }, or { isSignedOut }, or { isOffline }.
export const signal = async (paths) => {
  try {
    const response = await fetch(paths.state, { cache: "no-store" });
    if (response.status >= 500) return { isOffline: true }; // the portal is in trouble: as good as no signal
    return response.ok ? await response.json() : { isSignedOut: true };
  } catch {
    return { isOffline: true };
  }
};

// A lock for this device; a fresh one each month.
export const renewLock = async (paths, token, owner) => {
  const lock = await device();
  if (lock?.name && lock.owner === owner && Date.now() - lock.at < 30 * 86400000) return;
  const response = await post(paths.lock, token, "{}");
  if (!response.ok) return;
  const fresh = { ...(await response.json()), owner, at: Date.now() };
  await run("device", "readwrite", (store) => store.put(fresh, "lock"));
};

// Sends what waits, one by one; what has arrived leaves the device. Tells of each how it went; one that fails stays,
// and keeps no other one waiting.
export const send = async (paths, token, onlyReady) => {
  const told = [];
  for (const parcel of await waiting()) {
    if (onlyReady && !parcel.isReady) continue;
    try {
      const response = await post(paths.receive, token, JSON.stringify(parcel));
      const answer = await response.json(); // a page in its place is no answer
      if (response.ok) await dropSent(parcel);
      told.push(answer);
    } catch {
      told.push({ error: paths.failed });
    }
  }
  return told;
};
