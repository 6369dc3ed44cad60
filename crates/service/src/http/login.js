// Logs in by a passkey, by an invitation (/login#CODE), or as a part in an exercise.
"use strict";
const $ = (id) => document.getElementById(id);
const told = (text) => { $("told").textContent = text; };

async function ask(path, body) {
  const answer = await fetch(path, body === undefined ? {} : {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
  });
  const read = await answer.json();
  if (!answer.ok) throw new Error(read.detail || answer.statusText);
  return read;
}

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
  .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const named = (list) => (list || []).map((c) => ({ ...c, id: bytes(c.id) }));

async function passkey() {
  const { id, options } = await ask("api/session/passkey/options", {});
  const made = await navigator.credentials.get({ publicKey: {
    ...options, challenge: bytes(options.challenge), allowCredentials: named(options.allowCredentials),
  } });
  const { clientDataJSON, authenticatorData, signature } = made.response;
  await ask("api/session/passkey", { id, credential: { id: made.id, response: {
    clientDataJSON: text(clientDataJSON), authenticatorData: text(authenticatorData), signature: text(signature),
  } } });
}

async function register(code) {
  const { id, options } = await ask(`api/invitations/${encodeURIComponent(code)}/options`, {});
  const made = await navigator.credentials.create({ publicKey: {
    ...options, challenge: bytes(options.challenge), excludeCredentials: named(options.excludeCredentials),
    user: { ...options.user, id: bytes(options.user.id) },
  } });
  const { clientDataJSON, attestationObject } = made.response;
  await ask(`api/invitations/${encodeURIComponent(code)}`, { id, credential: { id: made.id, response: {
    clientDataJSON: text(clientDataJSON), attestationObject: text(attestationObject),
  } } });
}

const then = (work) => () => {
  told("");
  work().then(() => location.assign("plain/"), (error) => told(error.message));
};

const code = decodeURIComponent(location.hash.slice(1));
if (code) {
  ask(`api/invitations/${encodeURIComponent(code)}`).then(({ person }) => {
    $("who").textContent = `${person.name} (${person.state})`;
    $("invited").hidden = false;
  }, (error) => told(error.message));
}
$("passkey").addEventListener("click", then(passkey));
$("register").addEventListener("click", then(() => register(code)));
for (const part of document.querySelectorAll(".part")) {
  part.addEventListener("click", then(() => ask("api/session/exercise", { person: part.dataset.person })));
}
