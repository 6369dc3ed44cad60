//! Mandates: what each sending state's own authority allows, and what it deploys under it.

use std::collections::BTreeMap;

use jiff::civil::Date;
use truceline_domain::{Observed, PartyId, Sha256};

use super::fields::{Fields, Place};
use super::term::{Cycle, Notice};
use crate::when::{Offset, Validity};

/// Numbers by category: `persons`, `vehicles`, `aircraft`, or a class of weapons as the authorisation
/// names it (`weapon:small_arms`).
pub type Counts = BTreeMap<String, u32>;

/// What stands before a class of weapons in the name of a category.
pub const WEAPON: &str = "weapon:";

/// A sending state's authorisation.
#[derive(Debug, Clone, PartialEq)]
pub struct Authorisation {
    /// Where it stands.
    pub place: Place,
    /// SHA-256 of the file it was read from.
    pub sha256: Sha256,
    /// Its name.
    pub id: String,
    /// Which of its versions, from 1; a later one takes the place of the earlier.
    pub version: u32,
    /// Which state.
    pub state: PartyId,
    /// The act of its authority.
    pub legal_basis: String,
    /// The date of that act.
    pub dated: Date,
    /// The offset in which its dates are meant.
    pub offset: Offset,
    /// When it holds; without an end while it goes on being renewed.
    pub valid: Validity,
    /// Its periods.
    pub cycle: Cycle,
    /// When the state said that it will not be renewed.
    pub denounced: Option<Date>,
    /// Most at a time, by category. What is not named is not allowed.
    pub ceilings: Counts,
    /// Sites, ids of the theatre's areas.
    pub sites: Vec<String>,
}

impl Authorisation {
    /// The most that is allowed of a category at a time: zero of what it does not name.
    #[must_use]
    pub fn ceiling(&self, category: &str) -> u32 {
        self.ceilings.get(category).copied().unwrap_or(0)
    }

    /// The day after its last. `None` while it goes on being renewed.
    #[must_use]
    pub fn ends(&self) -> Option<Date> {
        self.cycle.ends(self.denounced.into_iter())
    }

    /// Whether it holds on a day of its own offset.
    #[must_use]
    pub fn holds_on(&self, day: Date) -> bool {
        self.cycle.starts <= day && self.ends().is_none_or(|ends| day < ends)
    }

    /// Whether both say the same, wherever they stand.
    #[must_use]
    pub fn says_what(&self, other: &Self) -> bool {
        let bare = |a: &Self| Self {
            place: Place::default(),
            sha256: other.sha256,
            ..a.clone()
        };
        bare(self) == bare(other)
    }
}

/// People and things deployed.
#[derive(Debug, Clone, PartialEq)]
pub struct Deployment {
    /// Where it stands.
    pub place: Place,
    /// SHA-256 of the file it was read from.
    pub sha256: Sha256,
    /// The authorisation it rests on.
    pub authorisation: String,
    /// The offset in which its dates are meant.
    pub offset: Offset,
    /// When.
    pub valid: Validity,
    /// How many, by category.
    pub counts: Counts,
    /// Where, an id of the theatre's areas.
    pub site: String,
}

impl Deployment {
    /// Whether both say the same, wherever they stand.
    #[must_use]
    pub fn says_what(&self, other: &Self) -> bool {
        let bare = |d: &Self| Self {
            place: Place::default(),
            sha256: other.sha256,
            ..d.clone()
        };
        bare(self) == bare(other)
    }

    /// Its first day, and its last when it has one, in its own offset.
    #[must_use]
    pub fn days(&self) -> (Option<Date>, Option<Date>) {
        let first = self.valid.from.map(|from| self.offset.date_of(from));
        let last = |until: Observed| self.offset.date_of(until.plus_seconds(-1e-6));
        (first, self.valid.until.map(last))
    }
}

/// `persons` and `vehicles`, and what else is named: `aircraft`, `weapons = { small_arms = 60 }`.
fn counts(f: &mut Fields<'_>) -> Counts {
    const MOST: u32 = 1_000_000;
    let mut counts = Counts::new();
    for key in ["persons", "vehicles"] {
        if !f.has(key) {
            f.error(key, format!("no `{key}`"), "a whole number");
        }
    }
    for key in ["persons", "vehicles", "aircraft"] {
        if let Some(n) = f.whole(key, 0, MOST) {
            counts.insert(key.to_owned(), n);
        }
    }
    for (class, n) in f.tables("weapons", |f| {
        let class = f.required_text("class").map(str::to_owned);
        if !f.has("count") {
            f.error("count", "no `count`", "a whole number");
        }
        let n = f.whole("count", 0, MOST);
        Some((class?, n?))
    }) {
        if counts.insert(format!("{WEAPON}{class}"), n).is_some() {
            f.error("weapons", format!("{class:?} twice"), "each class once");
        }
    }
    counts
}

/// Reads an `authorisation` block.
pub(super) fn authorisation(f: &mut Fields<'_>, sha256: Sha256) -> Option<Authorisation> {
    let place = f.place();
    let id = f.required_text("id").map(str::to_owned);
    let version = f.whole("version", 1, 9_999);
    let state = f.required::<PartyId>("state");
    let legal_basis = f.required_text("legal_basis").map(str::to_owned);
    let dated = f.required_date("dated");
    let offset = f.offset();
    let from = f.required_date("from");
    if !f.has("term_months") {
        f.error("term_months", "no `term_months`", "a whole number");
    }
    let term_months = f.whole("term_months", 1, 1_200);
    let renew_months = f.whole("renew_months", 0, 1_200).unwrap_or(0);
    let notice = notice(f);
    let denounced = f.date("denounced");
    if let (Some(denounced), Some(dated)) = (denounced, dated)
        && denounced < dated
    {
        let what = format!("denounced {denounced}");
        f.error("denounced", what, format!("not before the act of {dated}"));
    }
    let ceilings = counts(f);
    let sites = f.texts("sites").unwrap_or_default();
    if sites.is_empty() {
        f.error("sites", "no sites", "areas of the theatre");
    }
    let offset = offset?;
    let cycle = Cycle {
        starts: from?,
        first_months: term_months?,
        renew_months,
        notice: notice?,
    };
    let ends = cycle.ends(denounced.into_iter());
    Some(Authorisation {
        place,
        sha256,
        id: id?,
        version: version.unwrap_or(1),
        state: state?,
        legal_basis: legal_basis?,
        dated: dated?,
        offset,
        valid: Validity {
            from: offset.midnight(cycle.starts),
            until: ends.and_then(|ends| offset.midnight(ends)),
        },
        cycle,
        denounced,
        ceilings,
        sites,
    })
}

/// `notice_days` or `notice_months`, one of them.
fn notice(f: &mut Fields<'_>) -> Option<Notice> {
    let (in_days, in_months) = (f.has("notice_days"), f.has("notice_months"));
    let days = f.whole("notice_days", 0, 3_660);
    let months = f.whole("notice_months", 0, 120);
    if in_days == in_months {
        let what = if in_days {
            "both `notice_days` and `notice_months`"
        } else {
            "no `notice_days`"
        };
        f.error("notice_days", what, "notice_days or notice_months");
        return None;
    }
    days.map(Notice::Days).or(months.map(Notice::Months))
}

/// Reads a `deployment` block.
pub(super) fn deployment(f: &mut Fields<'_>, sha256: Sha256) -> Option<Deployment> {
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
    let counts = counts(f);
    let site = f.required_text("site").map(str::to_owned);
    Some(Deployment {
        place,
        sha256,
        authorisation: authorisation?,
        offset,
        valid: Validity {
            from: Some(from?),
            until,
        },
        counts,
        site: site?,
    })
}
