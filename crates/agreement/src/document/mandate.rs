//! Mandates: what each sending state's own authority allows, and what it deploys under it.

use jiff::civil::Date;
use truceline_domain::{Observed, PartyId, Sha256};

use super::fields::{Fields, Place};
use crate::when::{self, Validity};

/// A sending state's authorisation.
#[derive(Debug, Clone, PartialEq)]
pub struct Authorisation {
    /// Where it stands.
    pub place: Place,
    /// SHA-256 of the file it was read from.
    pub sha256: Sha256,
    /// Its name.
    pub id: String,
    /// Which state.
    pub state: PartyId,
    /// The act of its authority.
    pub legal_basis: String,
    /// The date of that act.
    pub dated: Date,
    /// When it holds; its end is `from` plus its term.
    pub valid: Validity,
    /// Months that it lasts.
    pub term_months: u32,
    /// Days before which the state says that it will end it sooner.
    pub notice_days: u32,
    /// Most persons at a time.
    pub persons: u32,
    /// Most vehicles at a time.
    pub vehicles: u32,
    /// Sites, ids of the theatre's areas.
    pub sites: Vec<String>,
}

/// People and vehicles deployed.
#[derive(Debug, Clone, PartialEq)]
pub struct Deployment {
    /// Where it stands.
    pub place: Place,
    /// The authorisation it rests on.
    pub authorisation: String,
    /// When.
    pub valid: Validity,
    /// How many persons.
    pub persons: u32,
    /// How many vehicles.
    pub vehicles: u32,
    /// Where, an id of the theatre's areas.
    pub site: String,
}

/// Reads an `authorisation` block.
pub(super) fn authorisation(f: &mut Fields<'_>, sha256: Sha256) -> Option<Authorisation> {
    let place = f.place();
    let id = f.required_text("id").map(str::to_owned);
    let state = f.required::<PartyId>("state");
    let legal_basis = f.required_text("legal_basis").map(str::to_owned);
    let dated = f.required_date("dated");
    let offset = f.offset();
    let from = f.required_date("from");
    for key in ["term_months", "notice_days", "persons", "vehicles"] {
        if !f.has(key) {
            f.error(key, format!("no `{key}`"), "a whole number");
        }
    }
    let term_months = f.whole("term_months", 1, 1_200);
    let notice_days = f.whole("notice_days", 0, 3_660);
    let persons = f.whole("persons", 0, 1_000_000);
    let vehicles = f.whole("vehicles", 0, 1_000_000);
    let sites = f.texts("sites").unwrap_or_default();
    if sites.is_empty() {
        f.error("sites", "no sites", "areas of the theatre");
    }
    let (from, offset, term_months) = (from?, offset?, term_months?);
    let until = when::shifted(from, 0, i32::try_from(term_months).ok()?);
    Some(Authorisation {
        place,
        sha256,
        id: id?,
        state: state?,
        legal_basis: legal_basis?,
        dated: dated?,
        valid: Validity {
            from: offset.midnight(from),
            until: until.and_then(|until| offset.midnight(until)),
        },
        term_months,
        notice_days: notice_days?,
        persons: persons?,
        vehicles: vehicles?,
        sites,
    })
}

/// Reads a `deployment` block.
pub(super) fn deployment(f: &mut Fields<'_>) -> Option<Deployment> {
    let place = f.place();
    let authorisation = f.required_text("authorisation").map(str::to_owned);
    let offset = f.offset().unwrap_or_default();
    let from = f.required_start("from", offset);
    let until: Option<Observed> = f.end("until", offset);
    if let (Some(from), Some(until)) = (from, until)
        && until <= from
    {
        f.error(
            "until",
            format!("until {until}"),
            format!("a time after {from}"),
        );
    }
    for key in ["persons", "vehicles"] {
        if !f.has(key) {
            f.error(key, format!("no `{key}`"), "a whole number");
        }
    }
    let persons = f.whole("persons", 0, 1_000_000);
    let vehicles = f.whole("vehicles", 0, 1_000_000);
    let site = f.required_text("site").map(str::to_owned);
    Some(Deployment {
        place,
        authorisation: authorisation?,
        valid: Validity {
            from: Some(from?),
            until,
        },
        persons: persons?,
        vehicles: vehicles?,
        site: site?,
    })
}
