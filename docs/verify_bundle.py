#!/usr/bin/env python3
"""Checks a truceline evidence bundle with Python's standard library and the package «cryptography».

usage: verify_bundle.py BUNDLE VKEYS QUORUM
  BUNDLE  the ZIP file
  VKEYS   a file with the public keys that you trust, one a line (not the one inside the bundle)
  QUORUM  how many witnesses must have cosigned

It says what it finds and exits with 1 when anything is wrong. docs/verify.md explains each step.
"""
import base64, hashlib, json, re, sys, zipfile
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key


def fail(why):
    print("FAILED:", why)
    sys.exit(1)


def sha(data):
    return hashlib.sha256(data).digest()


def check(condition, why):
    if not condition:
        fail(why)


def signatures(note, keys):
    """The text of a signed note, and (key name, kind, time) of its signature lines; a wrong one fails."""
    text, _, lines = note.rpartition("\n\n")
    text, good = text + "\n", []
    for line in lines.splitlines():
        name, raw = line.removeprefix("— ").split(" ")
        raw = base64.b64decode(raw, validate=True)
        check((name, raw[:4]) in keys, f"a signature by {name}, which is not among your keys")
        kind, public = keys[name, raw[:4]]
        message, signature, time = text.encode(), raw[4:], None
        if kind == 4:  # cosignature/v1: eight bytes of time come first
            time, signature = int.from_bytes(raw[4:12], "big"), raw[12:]
            message = f"cosignature/v1\ntime {time}\n".encode() + message
        try:
            Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
        except InvalidSignature:
            fail(f"the signature by {name} is wrong")
        good.append((name, kind, time))
    return text, good


def root_of(leaf, index, size, path):
    """RFC 6962, 2.1.1: the root that a leaf hash and its inclusion proof lead to."""
    if size == 1:
        return leaf if not path else None
    if not path:
        return None
    left = 1 << (size - 1).bit_length() - 1  # the largest power of two smaller than size
    if index < left:
        below = root_of(leaf, index, left, path[:-1])
        return below and sha(b"\1" + below + path[-1])
    below = root_of(leaf, index - left, size - left, path[:-1])
    return below and sha(b"\1" + path[-1] + below)


bundle, vkeys, quorum = zipfile.ZipFile(sys.argv[1]), open(sys.argv[2]).read(), int(sys.argv[3])
files = {name: bundle.read(name) for name in bundle.namelist()}
check(len(files) == len(bundle.namelist()), "a file is there twice")
keys = {}
for line in vkeys.split():
    name, key_id, raw = line.split("+", 2)
    raw = base64.b64decode(raw)
    check(sha(name.encode() + b"\n" + raw)[:4].hex() == key_id, f"the key of {name} has another id")
    keys[name, bytes.fromhex(key_id)] = raw[0], raw[1:]

# 1 The sums, and every file once.
sums = dict(reversed(line.split("  ")) for line in files["SHA256SUMS"].decode().splitlines())
check(set(sums) == set(files) - {"SHA256SUMS"}, "SHA256SUMS does not list every file")
for name, digest in sums.items():
    check(sha(files[name]).hex() == digest, f"{name} has another SHA-256 than SHA256SUMS says")
check(set(files["vkeys"].decode().split()) <= set(vkeys.split()), "vkeys has keys that are not yours")

# 2 The checkpoint, signed by the log and cosigned by witnesses.
note = files["checkpoint"].decode()
text, signed = signatures(note, keys)
origin, size, root = text.splitlines()[:3]
size, root = int(size), base64.b64decode(root)
check((origin, 1, None) in signed, "the log has not signed its checkpoint")
witnesses = {name for name, kind, time in signed if kind == 4 and time}
check(len(witnesses) >= quorum, f"{len(witnesses)} cosignatures, {quorum} are asked for")
print(f"log {origin}, {size} entries, cosigned by {', '.join(sorted(witnesses)) or 'nobody'}")

# 3 Each entry is in the log.
entries = {}
for name in sorted(n for n in files if n.startswith("entries/")):
    number = re.fullmatch(r"entries/(\d{12})\.json", name)[1]
    proof, _, checkpoint = files[f"proofs/{number}.tlog-proof"].decode().partition("\n\n")
    header, index, *path = proof.splitlines()
    check(header == "c2sp.org/tlog-proof@v1" and index == f"index {int(number)}", f"the proof of {name}")
    check(checkpoint == note, f"the proof of {name} leads to another checkpoint")
    path = [base64.b64decode(line) for line in path]
    check(int(number) < size, f"{name} is not in the log")
    check(root_of(sha(b"\0" + files[name]), int(number), size, path) == root, f"{name} is not in the log")
    entries[int(number)] = json.loads(files[name])
print(f"{len(entries)} entries are in the log")

# 4 What the entries name is enclosed: the finding, the evidence, the documents.
wanted = json.loads(files["bundle.json"])["finding"]
finding = next(e["body"] for e in entries.values() if e["type"] == "finding" and e["body"]["id"] == wanted)
check(sha(files["finding.json"]).hex() == finding["sha256"], "finding.json is not the finding in the log")
named = {e["body"]["sha256"] for e in entries.values() if e["type"] in ("batch", "segment", "document", "finding")}
deleted = {h for e in entries.values() if e["type"] == "deletion" for h in e["body"]["sha256"]}
enclosed = {sha(data).hex() for name, data in files.items() if name.startswith(("evidence/", "documents/"))}
check(enclosed <= named, "a file in evidence/ or documents/ is named by no entry")
check(named <= enclosed | deleted | {finding["sha256"]}, "something that an entry names is not enclosed")
needed = {*finding["agreement_sha256"], finding["procedures_sha256"]}
check(needed <= enclosed, "the agreement or the procedures are not enclosed")

# 5 Passkeys: whose they are, for which an officer of the same state vouched.
def b64url(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def from_b64url(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def assertion(passkey, text, given, number):
    """Checks a passkey's answer to the SHA-256 of a text (W3C Web Authentication, 7.2)."""
    data, client, signature = (from_b64url(given[k]) for k in ("authenticator_data", "client_data", "signature"))
    for ending, part in (("authenticator-data", data), ("client-data.json", client), ("signature", signature), ("text", text.encode())):
        check(files[f"signatures/{number:012}.{ending}"] == part, f"signatures/{number:012}.{ending} is not in its entry")
    said = json.loads(client)
    check(said["type"] == "webauthn.get" and not said.get("crossOrigin") and "topOrigin" not in said, "not an assertion of this page")
    check(said["challenge"] == b64url(sha(text.encode())), "the passkey answered another question")
    host = re.fullmatch(r"https?://([^/:@]+)(:\d+)?", said["origin"])[1]
    check(("." + host).endswith("." + passkey["rp_id"]), "the passkey was used elsewhere")
    check(said["origin"].startswith("https://") or ("." + host).endswith(".localhost"), "the passkey was used without TLS")
    check(data[:32] == sha(passkey["rp_id"].encode()), "the passkey answered for another centre")
    check(data[32] & 5 == 5, "the passkey did not verify its person")
    key = load_der_public_key(base64.b64decode(passkey["public_key"]))
    kind = [ec.ECDSA(hashes.SHA256())] if isinstance(key, ec.EllipticCurvePublicKey) else []
    try:
        key.verify(signature, data + sha(client), *kind)
    except InvalidSignature:
        fail(f"the signature by the passkey of {passkey['person']} is wrong")


def of_officer(note, expected):
    """The state of the officer whose one signature is under exactly the expected text."""
    text, ((name, kind, _),) = signatures(note, keys)
    check(text == expected and kind == 1, "a note over another text")
    return name, re.fullmatch(re.escape(origin) + "/officer/([^/]+)/[^/]+", name)[1]


persons, passkeys = {}, {}


def about_person(kind, body):
    """A person's entries, in the log's order: admitted, with a passkey, vouched for, revoked."""
    person = body["person"]
    if kind == "person":
        check(persons.setdefault(person, body["state"]) == body["state"], f"{person} changed the state")
    elif kind == "passkey":
        check(body["credential"] not in passkeys, "a passkey is there twice")
        passkeys[body["credential"]] = dict(body, vouched=False)
    elif kind == "voucher":
        passkey = passkeys[body["credential"]]
        digest = sha(base64.b64decode(passkey["public_key"])).hex()
        expected = f"truceline/passkey/v1\n{origin}\n{persons[person]}/{person}\n{body['credential']}\n{digest}\n"
        check(passkey["person"] == person, "a voucher for another's passkey")
        check(of_officer(body["note"], expected)[1] == persons[person], f"another state vouches for {person}")
        passkey["vouched"] = True
    elif kind == "revocation":
        for credential, passkey in passkeys.items():
            if passkey["person"] == person and body.get("credential") in (None, credential):
                passkey["vouched"] = False


# 6 What the officers signed: the first decision of each counts.
said = {}
for number, entry in sorted(entries.items()):
    body = entry["body"]
    if entry["type"] in ("person", "passkey", "voucher", "revocation"):
        about_person(entry["type"], body)
    if entry["type"] != "signature" or body["finding"] != wanted:
        continue
    expected = f"truceline/finding/v1\n{origin}\n{wanted}\n{finding['sha256']}\n{body['decision']}\n"
    expected += f"reason: {body['reason']}\n" if body["decision"] == "dissent" else ""
    if "assertion" in body:
        passkey = passkeys[body["assertion"]["credential"]]
        state = persons[passkey["person"]]
        name = f"{origin}/officer/{state}/{passkey['person']}"
        check(passkey["vouched"] and name == body["key_name"], f"nobody vouches for the passkey of {name}")
        assertion(passkey, expected, body["assertion"], number)
    else:
        check(files[f"signatures/{number:012}.note"].decode() == body["note"], "another note than in its entry")
        name, state = of_officer(body["note"], expected)
    exercise = " IN AN EXERCISE: nobody's word" if body.get("method") == "exercise" else ""
    said.setdefault(name, (state, body["decision"]))
    print(f"{body['decision']} by {name}{exercise}" + (f": {body['reason']}" if "reason" in body else ""))
have = {state for state, decision in said.values() if decision == "determined"}
both = all(state in have for state in finding["sending_states"])
print(f"PASSED: finding {wanted}", "is determined by " + " and ".join(finding["sending_states"]) if both else "is not determined")
