//! Go's `golang.org/x/mod/sumdb` reads what this crate writes, unchanged, and the other way round.
//!
//! Needs Go and the module as Debian's `golang-go` and `golang-golang-x-mod-dev` install them, or a
//! `GOPATH` that has it; says loudly that it was skipped otherwise.

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use crate::common::{Centre, draft};
use truceline_record::{Algorithm, Checkpoint, Quorum, SignerKey, VerifierKey};

/// The program, built once; none when there is no Go.
fn program() -> Option<&'static PathBuf> {
    static PROGRAM: OnceLock<Option<(tempfile::TempDir, PathBuf)>> = OnceLock::new();
    let built = PROGRAM.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("verify");
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/go/verify.go");
        let gopath = std::env::var("GOPATH").unwrap_or_else(|_| "/usr/share/gocode".to_owned());
        let built = Command::new("go")
            .args(["build", "-o"])
            .args([target.as_os_str(), source.as_ref()])
            .env("GO111MODULE", "off")
            .env("GOPATH", gopath)
            .env("GOCACHE", folder.path().join("cache"))
            .output();
        let reason = match built {
            Ok(output) if output.status.success() => return Some((folder, target)),
            Ok(output) => String::from_utf8_lossy(&output.stderr).into_owned(),
            Err(error) => error.to_string(),
        };
        assert!(
            !reason.contains("verify.go:"),
            "the Go program does not compile:\n{reason}"
        );
        eprintln!(
            "SKIPPED: Go with golang.org/x/mod is needed to verify the log with it: {reason}"
        );
        None
    });
    built.as_ref().map(|(_, program)| program)
}

fn run(arguments: &[&str]) -> Option<String> {
    let output = Command::new(program()?).args(arguments).output().unwrap();
    Some(String::from_utf8(output.stdout).unwrap())
}

#[test]
fn go_verifies_the_log_and_finds_a_flipped_byte() {
    let centre = Centre::in_memory();
    let record = centre.open();
    let log_folder = centre.path().join("log");
    let vkey = centre.key.verifier().to_string();
    let verify = || run(&["log", log_folder.to_str().unwrap(), &vkey]);
    let mut n = 0..;
    for size in [1, 255, 256, 257, 700] {
        let missing = size - record.log().unwrap().size();
        record
            .append_all(n.by_ref().take(missing as usize).map(draft).collect())
            .unwrap();
        let Some(said) = verify() else { return };
        assert_eq!(said, format!("unverified signatures 0\nverified {size}\n"));
    }

    // With a witness's cosignature, which is of a kind that x/mod passes over.
    let witness = SignerKey::generate("w", Algorithm::CosignatureV1).unwrap();
    let checkpoint = record.log().unwrap().checkpoint().clone();
    let text = checkpoint.head().to_text();
    let message = truceline_record::key::cosignature_message(5, text.as_bytes());
    let signature = [&5_u64.to_be_bytes()[..], &witness.sign(&message)].concat();
    let line = signed_note::Signature::new("w".into(), witness.verifier().id(), signature).unwrap();
    record
        .publish_cosigned(checkpoint.with_signatures(&[line]), Quorum::Reached)
        .unwrap();
    assert_eq!(verify().unwrap(), "unverified signatures 1\nverified 700\n");

    for name in [
        "checkpoint",
        "tile/0/001",
        "tile/0/002.p/188",
        "tile/1/000.p/2",
        "tile/entries/000",
    ] {
        let path = log_folder.join(name);
        let whole = std::fs::read(&path).unwrap();
        let mut flipped = whole.clone();
        flipped[30] ^= 1;
        std::fs::write(&path, flipped).unwrap();
        let said = verify().unwrap();
        assert!(said.contains("FAILED"), "{name}: {said}");
        std::fs::write(&path, whole).unwrap();
    }
}

#[test]
fn keys_and_notes_of_go_are_read() {
    let Some(said) = run(&["note", "joint-centre.example/t"]) else {
        return;
    };
    let [skey, vkey, note] = said.splitn(3, "\n---\n").collect::<Vec<_>>()[..] else {
        panic!("{said}");
    };
    let signer: SignerKey = skey.parse().unwrap();
    let verifier: VerifierKey = vkey.parse().unwrap();
    assert_eq!(*signer.verifier(), verifier);
    assert_eq!(
        (signer.to_secret_text(), verifier.to_string()),
        (skey.to_owned(), vkey.to_owned())
    );
    let checkpoint = Checkpoint::parse(note.as_bytes()).unwrap();
    checkpoint.check_log_key(&verifier).unwrap();
    // Ed25519 signs the same text the same way every time, so even the bytes are Go's.
    let ours = Checkpoint::sign(checkpoint.head().clone(), &signer).unwrap();
    assert_eq!(String::from_utf8(ours.to_bytes()).unwrap(), note);
}
