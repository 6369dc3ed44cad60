//! Who may take which step, and when.

use truceline_domain::{Observed, PartyId};

use super::{Parties, State, Version};
use crate::{Refusal, Signer, signed_by};

pub(super) fn names(states: &[PartyId]) -> String {
    let all: Vec<_> = states.iter().map(PartyId::as_str).collect();
    all.join(" and ")
}

pub(super) fn said(text: &str) -> Result<(), Refusal> {
    if text.trim().is_empty() || text.len() > 4096 {
        return Err(Refusal::new(
            "no reason given",
            "a reason of at most 4,096 bytes",
        ));
    }
    Ok(())
}

pub(super) fn in_state(
    version: &Version,
    fits: bool,
    step: &str,
    expected: &str,
) -> Result<(), Refusal> {
    if fits {
        return Ok(());
    }
    let what = format!(
        "cannot {step}: version {} is {}",
        version.version, version.state
    );
    Err(Refusal::new(what, expected))
}

pub(super) fn a_sending_state(parties: &Parties, signers: &[Signer]) -> Result<(), Refusal> {
    if parties
        .sending
        .iter()
        .any(|state| signed_by(signers, state))
    {
        return Ok(());
    }
    let who: Vec<_> = signers.iter().map(ToString::to_string).collect();
    let what = format!("signed by {}", who.join(", "));
    Err(Refusal::new(
        what,
        format!("an officer of {}", names(&parties.sending)),
    ))
}

pub(super) fn both(parties: &Parties, signers: &[Signer]) -> Result<(), Refusal> {
    match parties
        .sending
        .iter()
        .find(|state| !signed_by(signers, state))
    {
        None => Ok(()),
        Some(missing) => {
            let expected = format!(
                "{} together, or the host {}",
                names(&parties.sending),
                parties.host
            );
            Err(Refusal::new(format!("no key of {missing}"), expected))
        }
    }
}

/// The host decides, on what was submitted.
pub(super) fn decides(
    version: &Version,
    parties: &Parties,
    signers: &[Signer],
    step: &str,
) -> Result<(), Refusal> {
    if !signed_by(signers, &parties.host) {
        let who: Vec<_> = signers.iter().map(ToString::to_string).collect();
        let expected = format!("an official of the host, {}", parties.host);
        return Err(Refusal::new(
            format!("signed by {}", who.join(", ")),
            expected,
        ));
    }
    let submitted = matches!(version.state, State::Submitted);
    in_state(
        version,
        submitted,
        step,
        "procedures that were submitted to the host",
    )
}

pub(super) fn agree(
    version: &mut Version,
    parties: &Parties,
    signers: &[Signer],
) -> Result<(), Refusal> {
    let open = matches!(version.state, State::Draft | State::HalfAgreed { .. });
    in_state(version, open, "agree", "a draft")?;
    a_sending_state(parties, signers)?;
    if let Some(host) = signers.iter().find(|s| s.state == parties.host) {
        return Err(Refusal::new(
            format!("signed by {host}"),
            "the two sending states alone: the host decides after them",
        ));
    }
    for signer in signers {
        if version.agreed.contains(&signer.state) {
            let what = format!("{} has agreed already", signer.state);
            return Err(Refusal::new(what, "the other sending state"));
        }
        version.agreed.push(signer.state.clone());
    }
    version.state = match (version.agreed.as_slice(), version.approved_from) {
        ([one], _) => State::HalfAgreed { by: one.clone() },
        // The host had approved this very text when it changed the one before.
        (_, Some(from)) => State::Approved {
            from: from.max(version.from),
        },
        _ => State::Agreed,
    };
    Ok(())
}

pub(super) fn approve(version: &mut Version, from: Observed) {
    version.approved_from = Some(from);
    version.state = State::Approved {
        from: from.max(version.from),
    };
}

pub(super) fn resume(
    version: &mut Version,
    parties: &Parties,
    signers: &[Signer],
    at: Observed,
) -> Result<(), Refusal> {
    let suspended = matches!(version.state, State::Suspended { .. });
    in_state(version, suspended, "resume", "suspended procedures")?;
    let own_from = version.from;
    let Some(pause) = version.pauses.last_mut() else {
        return Err(Refusal::new("nothing suspended", "suspended procedures"));
    };
    if !pause.by_host {
        both(parties, signers)?;
    } else if !signed_by(signers, &parties.host) {
        let what = "resumed by others than the host, who suspended it";
        return Err(Refusal::new(
            what,
            format!("an official of {}", parties.host),
        ));
    }
    pause.until = Some(at);
    version.state = State::Approved {
        from: version
            .approved_from
            .map_or(own_from, |from| from.max(own_from)),
    };
    Ok(())
}
