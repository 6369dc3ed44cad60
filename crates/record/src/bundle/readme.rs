//! `README.txt` of a bundle: how to check it with tools that everybody has.

use truceline_domain::FindingId;

/// The page for a bundle.
pub(super) fn readme(origin: &str, finding: &FindingId, size: u64) -> String {
    format!(
        "\
This file is evidence: one finding of a ceasefire-monitoring centre, with what it rests on.

finding  {finding}
log      {origin}
proven   against the log's first {size} entries

WHAT IS IN IT
  finding.json      the finding, byte for byte as the officers signed it
  signatures/       each officer's signed note over the finding, one file an entry of the log
  entries/N.json    entries of the centre's append-only log, byte for byte; N is the place in the log
  proofs/N.tlog-proof   that entry N is in the log (format: c2sp.org/tlog-proof)
  checkpoint        the log's signed statement of its size and root, cosigned by witnesses
                    (formats: c2sp.org/tlog-checkpoint, c2sp.org/tlog-cosignature)
  vkeys             the public keys: log, witnesses, officers (format: c2sp.org/signed-note)
  documents/        the agreement and the procedures in force, named by their SHA-256
  evidence/         observations (one JSON object a line) and video, named by their SHA-256
  bundle.json       which finding and log this is
  SHA256SUMS        the SHA-256 of every other file

CHECK IT WITH TRUCELINE, OFFLINE
  truceline verify THIS-FILE --quorum N --vkey KEY --vkey KEY …
  Give the keys as each state published them. Without them the keys in this file are used, which
  proves only that the file agrees with itself.

CHECK IT WITHOUT TRUCELINE
  Unpack it with any ZIP program, then, in the folder:
  1. Nothing was damaged on the way:
       sha256sum -c SHA256SUMS
     The files in documents/ and evidence/ are named by the same SHA-256.
  2. The keys are the right ones: compare each line of vkeys with what the state or the centre
     published, by telephone, in print or from a colleague who has seen it.
  3. The signatures: each note is a text, an empty line, and a signature line
       — <key name> <base64 of 4 bytes key id and the signature>
     The key's bytes stand in vkeys after the second «+»: base64 of one byte for the kind (1: Ed25519
     over the text; 4: Ed25519 over «cosignature/v1», «time <seconds>» and the text, each on its line,
     where the seconds are the 8 bytes before the signature) and 32 bytes of public key. OpenSSL and
     Python's «cryptography» check Ed25519 (RFC 8032); Go's golang.org/x/mod/sumdb/note checks the
     notes of kind 1 as they are.
  4. The officers signed this finding: the fourth line of each note in signatures/ is the SHA-256 of
     finding.json; the fifth says determined or dissent. Determined needs a valid note of each of the
     two sending states.
  5. The entries are in the log: the leaf hash of entries/N.json is SHA-256 of one zero byte and the
     file's bytes; proofs/N.tlog-proof leads from it to the root in checkpoint (RFC 6962, section
     2.1.1; Go's golang.org/x/mod/sumdb/tlog CheckRecord).
  The centre's software comes with a page and a short script (docs/verify.md, docs/verify_bundle.py)
  that do these steps one by one.

WHAT IT PROVES, AND WHAT NOT
  That these officers signed exactly this finding; that it, their signatures, the documents and the
  evidence were in the log when the witnesses cosigned it, and cannot have been put in or changed
  since without the witnesses' knowledge.
  Not that the finding is true; not that a source told the truth; not that nothing was recorded
  later, such as a dissent or a finding that takes this one's place: ask for a later bundle, or for a
  copy of the record, which shows everything.
"
    )
}
