//! Which keys a check relies on, and what stands under checkpoints.

use std::path::Path;

use truceline_domain::Sha256;

use super::report::{Cosigned, FaultKind, Report, TrustedKey};
use crate::key::{Algorithm, Role, VerifierKey};
use crate::log::Checkpoint;
use crate::vkeys::Vkeys;
use crate::witness::Cosignature;

/// The keys for the log `origin`: those given, and for each role of which none is given, those of
/// `text`, the `vkeys` file of what is checked.
pub(crate) fn keys(
    report: &mut Report,
    origin: &str,
    text: Option<&[u8]>,
    given: &[VerifierKey],
) -> Option<Vkeys> {
    let copy = text.and_then(|text| parse(report, text));
    let role = |key: &VerifierKey| Role::of(key.name(), origin);
    if !given.is_empty() && given.iter().all(|key| role(key) == Role::Other) {
        let why = format!("none of the keys given is of the log {origin}");
        report.fault(FaultKind::Keys, "--vkey", why);
    }
    let of_log =
        |key: &&VerifierKey| role(key) == Role::Log && key.algorithm() == Algorithm::Ed25519;
    let log = given
        .iter()
        .find(of_log)
        .or_else(|| copy.as_ref().map(Vkeys::log).filter(of_log));
    let Some(log) = log else {
        report.fault(
            FaultKind::Keys,
            "vkeys",
            format!("no key of the log {origin}"),
        );
        return None;
    };
    let mut vkeys = Vkeys::new(log.clone());
    for key in given {
        vkeys.add(key.clone());
    }
    let given_roles: Vec<&str> = given.iter().map(|key| role_name(&role(key))).collect();
    for (role, key) in copy.iter().flat_map(Vkeys::iter) {
        if role != Role::Log && !given_roles.contains(&role_name(&role)) {
            vkeys.add(key.clone());
        }
    }
    report.keys = vkeys
        .iter()
        .map(|(role, key)| trusted(&role, key, given.contains(key)))
        .collect();
    let mut states: Vec<String> = vkeys.officers().map(|(state, ..)| state).collect();
    states.sort_unstable();
    states.dedup();
    if states.len() > 2 {
        report.note(format!(
            "there are officers of more than two states: {}",
            states.join(", ")
        ));
    }
    Some(vkeys)
}

fn parse(report: &mut Report, text: &[u8]) -> Option<Vkeys> {
    let text = match std::str::from_utf8(text) {
        Ok(text) => text,
        Err(error) => {
            report.fault(FaultKind::Keys, "vkeys", error);
            return None;
        }
    };
    match Vkeys::parse(text, Path::new("vkeys")) {
        Ok(vkeys) => {
            if vkeys.to_text() != text {
                report.fault(
                    FaultKind::Keys,
                    "vkeys",
                    "not in the form that it was written in: one key a line, nothing else",
                );
            }
            Some(vkeys)
        }
        Err(error) => {
            report.fault(FaultKind::Keys, "vkeys", error);
            None
        }
    }
}

fn role_name(role: &Role) -> &'static str {
    match role {
        Role::Log => "log",
        Role::Witness { .. } => "witness",
        Role::Officer { .. } => "officer",
        Role::Other => "other",
    }
}

fn trusted(role: &Role, key: &VerifierKey, given: bool) -> TrustedKey {
    let vkey = key.to_string();
    TrustedKey {
        role: role_name(role),
        fingerprint: fingerprint(&vkey),
        vkey,
        given,
    }
}

/// First 32 hexadecimal digits (128 bits) of the SHA-256 of a verifier key, in groups of four.
#[must_use]
pub fn fingerprint(vkey: &str) -> String {
    let digits = Sha256::of(vkey.as_bytes()).short(32);
    let groups: Vec<&str> = digits
        .as_bytes()
        .chunks(4)
        .filter_map(|c| std::str::from_utf8(c).ok())
        .collect();
    groups.join(" ")
}

/// Checks the signature lines under a checkpoint: the log's own, and each of a witness. Returns the
/// valid cosignatures, one a witness.
pub(crate) fn check_lines(
    report: &mut Report,
    place: &str,
    checkpoint: &Checkpoint,
    vkeys: &Vkeys,
) -> Vec<Cosigned> {
    let head = checkpoint.head();
    if head.origin != vkeys.origin() {
        let why = format!(
            "of the log {:?}, expected {:?}",
            head.origin,
            vkeys.origin()
        );
        report.fault(FaultKind::Checkpoint, place, why);
    }
    let text = head.to_text();
    let mut signed = false;
    let mut cosigned: Vec<Cosigned> = Vec::new();
    for line in checkpoint.signatures() {
        let name = line.name();
        let Some(key) = vkeys.find(name, line.id()) else {
            // Unknown lines are lawful (signed-note); here each is a line that nobody can check.
            let why = format!(
                "a signature by {name} ({:08x}), which is no key that is relied on",
                line.id()
            );
            report.fault(FaultKind::Cosignature, place, why);
            continue;
        };
        if key == vkeys.log() {
            if signed_note::Verifier::verify(key, text.as_bytes(), line.signature()) {
                signed = true;
            } else {
                report.fault(
                    FaultKind::Checkpoint,
                    place,
                    format!("the signature by {name} is wrong"),
                );
            }
            continue;
        }
        let cosignature = Cosignature::of(line.clone()).ok();
        match cosignature.filter(|c| c.verify(text.as_bytes(), key)) {
            Some(c) if is_witness(key, vkeys.origin()) => {
                if !cosigned.iter().any(|other| other.by == name) {
                    cosigned.push(Cosigned {
                        by: name.to_owned(),
                        unix_s: c.unix_s(),
                    });
                }
            }
            Some(_) => report.fault(
                FaultKind::Cosignature,
                place,
                format!("{name} cosigned, and is not a witness"),
            ),
            None => report.fault(
                FaultKind::Cosignature,
                place,
                format!("the cosignature by {name} is wrong"),
            ),
        }
    }
    if !signed {
        report.fault(
            FaultKind::Checkpoint,
            place,
            format!("no signature by {} holds", vkeys.log()),
        );
    }
    cosigned
}

/// A witness of the centre, or one that keeps its own name, such as a public one.
fn is_witness(key: &VerifierKey, origin: &str) -> bool {
    matches!(
        Role::of(key.name(), origin),
        Role::Witness { .. } | Role::Other
    )
}
