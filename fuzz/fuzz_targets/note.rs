//! Everything of the record that arrives as text from others: keys, checkpoints, cosignatures,
//! requests to a witness. What is accepted must write itself back, and a witness must never cosign
//! what its log did not sign.
#![no_main]

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use truceline_record::witness::{AddCheckpoint, Cosignature, KnownLog, Witness};
use truceline_record::{Algorithm, Checkpoint, SignerKey, VerifierKey, Vkeys};

/// A witness on a folder of its own that the process leaves behind in the system's temporary folder.
fn witness() -> &'static Witness {
    static WITNESS: OnceLock<Witness> = OnceLock::new();
    WITNESS.get_or_init(|| {
        let dir = std::env::temp_dir().join(format!("truceline-fuzz-note-{}", std::process::id()));
        let log = SignerKey::from_seed("o", Algorithm::Ed25519, &[1; 32]).expect("a lawful name");
        let key = SignerKey::from_seed("w", Algorithm::CosignatureV1, &[2; 32]).expect("a lawful name");
        let known = KnownLog { origin: "o".into(), keys: vec![log.verifier().clone()] };
        Witness::open(&dir, key, vec![known], || 1).expect("a folder of our own")
    })
}

fuzz_target!(|data: &[u8]| {
    if let Ok(checkpoint) = Checkpoint::parse(data) {
        assert_eq!(checkpoint.to_bytes(), data, "a checkpoint has one form");
    }
    if let Ok(request) = AddCheckpoint::parse(data) {
        assert_eq!(request.body().as_bytes(), data, "a request has one form");
    }
    if let Err(refusal) = witness().add_checkpoint(data) {
        assert!(matches!(refusal.status, 400 | 403 | 404 | 409 | 422), "{refusal}");
    }
    // Behind a lawful first line, so that the parts after it are reached.
    let _ = witness().add_checkpoint(&[b"old 0\n\n", data].concat());
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(key) = text.parse::<VerifierKey>() {
        assert_eq!(key.to_string().parse::<VerifierKey>().expect("its own text"), key);
    }
    if let Ok(vkeys) = Vkeys::parse(text, std::path::Path::new("vkeys")) {
        let again = Vkeys::parse(&vkeys.to_text(), std::path::Path::new("vkeys"));
        assert_eq!(again.expect("its own text"), vkeys);
    }
    if let Ok(cosignature) = Cosignature::parse(text) {
        assert_eq!(cosignature.to_string().trim_end(), text.trim_end_matches('\n'));
    }
});
