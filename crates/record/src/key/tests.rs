use std::path::Path;

use super::*;
use crate::vkeys::Vkeys;

const ORIGIN: &str = "joint-centre.example/karabakh-2020";

/// From the tests of golang.org/x/mod/sumdb/note (note_test.go, v0.21.0).
const PETER_PRIVATE: &str =
    "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
const PETER: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

#[test]
fn the_keys_of_go_come_back_as_they_were() {
    let signer: SignerKey = PETER_PRIVATE.parse().unwrap();
    assert_eq!(signer.to_secret_text(), PETER_PRIVATE);
    assert_eq!(signer.verifier().to_string(), PETER);
    assert_eq!(PETER.parse::<VerifierKey>().unwrap(), *signer.verifier());
}

#[test]
fn one_seed_is_another_key_for_another_purpose() {
    let plain = SignerKey::from_seed(ORIGIN, Algorithm::Ed25519, &[7; 32]).unwrap();
    let witness = SignerKey::from_seed(ORIGIN, Algorithm::CosignatureV1, &[7; 32]).unwrap();
    assert_ne!(plain.verifier().id(), witness.verifier().id());
    let text = b"text\n";
    let mut cosignature = 1_679_315_147_u64.to_be_bytes().to_vec();
    cosignature.extend(witness.sign(&cosignature_message(1_679_315_147, text)));
    assert!(signed_note::Verifier::verify(
        witness.verifier(),
        text,
        &cosignature
    ));
    cosignature[7] ^= 1;
    assert!(!signed_note::Verifier::verify(
        witness.verifier(),
        text,
        &cosignature
    ));
}

#[test]
fn hostile_keys_are_refused_with_a_reason() {
    for (text, reason) in [
        ("", "expected <name>+"),
        ("PeterNeumann", "expected <name>+"),
        ("Peter Neumann+c74f20a3+AR", "has a space"),
        ("PeterNeumann+c74f20a+ARpc", "8 hexadecimal digits"),
        ("PeterNeumann++c74f20a+ARpc", "8 hexadecimal digits"),
        ("PeterNeumann+c74f20a3+ARpc", "expected 32"),
        ("PeterNeumann+c74f20a3+", "has no bytes"),
        ("PeterNeumann+c74f20a3+*", "not padded base64"),
        (
            "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            "its bytes give c74f20a3",
        ),
        (
            "PeterNeumann+c74f20a3+AhpC2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            "algorithm 0x02",
        ),
        (
            "x+00000000+AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "not a point",
        ),
    ] {
        let error = text.parse::<VerifierKey>().unwrap_err().to_string();
        assert!(error.contains(reason), "{text}: {error}");
    }
}

#[test]
fn roles_stand_in_names() {
    let role = |name: &str| Role::of(&format!("{ORIGIN}{name}"), ORIGIN);
    assert_eq!(role(""), Role::Log);
    assert_eq!(role("/witness/a"), Role::Witness { state: "a".into() });
    assert_eq!(
        role("/officer/b/x"),
        Role::Officer {
            state: "b".into(),
            person: "x".into()
        }
    );
    for other in [
        "/witness/",
        "/witness/a/b",
        "/officer/b",
        "/officer//x",
        "2/witness/a",
        "/",
    ] {
        assert_eq!(role(other), Role::Other, "{other}");
    }
}

#[test]
fn a_private_key_is_written_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.key");
    let key = SignerKey::generate(ORIGIN, Algorithm::Ed25519).unwrap();
    key.save(&path).unwrap();
    assert_eq!(
        std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
    assert_eq!(
        SignerKey::load(&path).unwrap().to_secret_text(),
        key.to_secret_text()
    );
    assert!(
        matches!(key.save(&path), Err(KeyError::Io { .. })),
        "never overwritten"
    );
    assert!(!format!("{key:?}").contains(&key.to_secret_text()[40..]));

    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert!(matches!(
        SignerKey::load(&path),
        Err(KeyError::Exposed { mode: 0o644, .. })
    ));
}

#[test]
fn a_vkeys_file_tells_the_line() {
    let path = Path::new("vkeys");
    let log = SignerKey::generate(ORIGIN, Algorithm::Ed25519).unwrap();
    let witness_name = format!("{ORIGIN}/witness/a");
    let witness = SignerKey::generate(&witness_name, Algorithm::CosignatureV1).unwrap();
    let mut vkeys = Vkeys::new(log.verifier().clone());
    assert!(vkeys.add(witness.verifier().clone()));
    assert!(!vkeys.add(witness.verifier().clone()));
    assert_eq!(Vkeys::parse(&vkeys.to_text(), path).unwrap(), vkeys);
    assert_eq!(
        vkeys
            .witnesses()
            .map(|(state, _)| state)
            .collect::<Vec<_>>(),
        ["a"]
    );

    let twice = format!("# keys\n{}{}\n", vkeys.to_text(), witness.verifier());
    let error = Vkeys::parse(&twice, path).unwrap_err().to_string();
    assert!(error.starts_with("vkeys:4:"), "{error}");
    assert!(Vkeys::parse("\n#\n", path).is_err());
}
