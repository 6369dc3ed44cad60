//! Working procedures of a centre: drafted jointly, signed by both sending states, in force only
//! when the host has approved these very bytes.

use jiff::civil::Date;
use truceline_domain::{EventClass, Observed, PartyId, Probability, Sha256, TheatreId};

use super::agreement::{Signatory, signatory};
use super::fields::{Fields, Place};
use crate::when::{Offset, Validity};

/// One version of the procedures.
#[derive(Debug, Clone, PartialEq)]
pub struct Procedures {
    /// Where its header stands.
    pub place: Place,
    /// SHA-256 of the file it was read from.
    pub sha256: Sha256,
    /// SHA-256 of what stands before the first `approval` block: what the host approves.
    pub text_sha256: Sha256,
    /// The theatre.
    pub theatre: TheatreId,
    /// What people call it.
    pub title: String,
    /// From 1.
    pub version: u32,
    /// The date of the draft.
    pub drafted: Date,
    /// The offset in which its dates and hours are meant.
    pub offset: Offset,
    /// In force from here on, once approved.
    pub from: Observed,
    /// Not in force from here on, when it says so.
    pub until: Option<Observed>,
    /// Languages of the centre, BCP 47; the first is the one that counts.
    pub languages: Vec<String>,
    /// The two that run the centre and sign.
    pub sending_states: Vec<Signatory>,
    /// On whose territory it stands.
    pub host: Signatory,
    /// Which sending states signed the draft, and when.
    pub signed_by: Vec<(PartyId, Date)>,
    /// What a determination needs.
    pub quorum: Quorum,
    /// A finding may name a party when the chance that this is wrong is at most this.
    pub max_wrong_accusation: Probability,
    /// Which events are put before the officers.
    pub put_before_officers: Vec<EventClass>,
    /// People's roles.
    pub roles: Vec<Role>,
    /// The area watched, an id of the theatre.
    pub area_of_interest: String,
    /// Corridors in which drones fly, ids of the theatre.
    pub drone_corridors: Vec<String>,
    /// The observers' premises, an id of the theatre.
    pub premises: String,
    /// When observers may leave the premises.
    pub mobility: Mobility,
    /// Sectors in which patrols go.
    pub sectors: Vec<Sector>,
    /// Hours in which drones fly, minutes after local midnight, the second excluded; any when `None`.
    pub drone_hours_min: Option<(u32, u32)>,
    /// How long media are kept.
    pub retention: Vec<Retention>,
    /// Reports.
    pub reports: Vec<ReportRule>,
    /// Who receives reports.
    pub recipients: Vec<Recipient>,
    /// The host's approval of these bytes.
    pub approval: Option<Approval>,
    /// When they are in force by the steps in a centre's record. `None` where there is no record: the
    /// approval in the document counts then.
    pub decided: Option<Vec<Validity>>,
}

/// What a determination needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quorum {
    /// States whose officer must sign, each once.
    pub signatures: Vec<PartyId>,
    /// Witnesses that must have cosigned the checkpoint.
    pub witnesses: u32,
}

/// What a role may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// Its name.
    pub id: String,
    /// What it may do.
    pub may: Vec<String>,
}

/// When observers may leave the premises.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mobility {
    /// Whether they may leave at all.
    pub may_leave_premises: bool,
    /// Under which conditions.
    pub conditions: String,
}

/// A patrol's sector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sector {
    /// The patrol, as its positions name it.
    pub patrol: String,
    /// The area, an id of the theatre.
    pub area: String,
}

/// How long a kind of media is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retention {
    /// Kind of media, e.g. `video`.
    pub media: String,
    /// Days after which it may be deleted by two keys; a legal hold stops it.
    pub days: u32,
    /// Whether media cited by a finding are kept beyond.
    pub keep_cited: bool,
}

/// A report that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportRule {
    /// Its name, e.g. `daily`.
    pub id: String,
    /// Minutes after local midnight at which the reported day ends.
    pub cut_off_min: u32,
    /// Minutes after local midnight at which it is issued.
    pub issued_min: u32,
    /// Languages, BCP 47.
    pub languages: Vec<String>,
    /// Ids of recipients.
    pub recipients: Vec<String>,
}

/// One who receives reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// The host's approval.
#[derive(Debug, Clone, PartialEq)]
pub struct Approval {
    /// Where it stands.
    pub place: Place,
    /// Who approves.
    pub host: PartyId,
    /// The version approved.
    pub version: u32,
    /// The date of approval.
    pub date: Date,
    /// The host's own reference.
    pub reference: String,
    /// SHA-256 of the text approved.
    pub text_sha256: Sha256,
}

impl Procedures {
    /// Whether drones may fly at an instant, by the hours; those that begin in the evening end in the
    /// morning.
    #[must_use]
    pub fn are_drone_hours(&self, at: Observed) -> bool {
        let Some((from, until)) = self.drone_hours_min else {
            return true;
        };
        let now = self.offset.minute_of_day(at);
        if from < until {
            (from..until).contains(&now)
        } else {
            now >= from || now < until
        }
    }

    /// Whether the host approved these bytes and this version.
    #[must_use]
    pub fn is_approved(&self) -> bool {
        self.approval.as_ref().is_some_and(|a| {
            a.host == self.host.id && a.version == self.version && a.text_sha256 == self.text_sha256
        })
    }

    /// The instant from which they are in force: by the record's steps; without a record, their own
    /// start, or the day of approval when that is later. `None` while they are not approved.
    #[must_use]
    pub fn in_force_from(&self) -> Option<Observed> {
        if let Some(spans) = &self.decided {
            return spans.iter().filter_map(|span| span.from).min();
        }
        let approval = self.approval.as_ref().filter(|_| self.is_approved())?;
        Some(self.from.max(self.offset.midnight(approval.date)?))
    }

    /// Whether this version, were it the only one, is in force at an instant.
    #[must_use]
    pub fn holds_at(&self, at: Observed) -> bool {
        if let Some(spans) = &self.decided {
            return spans.iter().any(|span| span.holds_at(at));
        }
        self.in_force_from().is_some_and(|from| {
            Validity {
                from: Some(from),
                until: self.until,
            }
            .holds_at(at)
        })
    }

    /// The least probability at which a finding may name a party.
    #[must_use]
    pub fn naming_threshold(&self) -> Probability {
        Probability::new(1.0 - self.max_wrong_accusation.get()).unwrap_or(self.max_wrong_accusation)
    }
}

/// Reads a `procedures` block.
pub(super) fn header(
    f: &mut Fields<'_>,
    sha256: Sha256,
    text_sha256: Sha256,
) -> Option<Procedures> {
    let place = f.place();
    let theatre = f.required::<TheatreId>("theatre");
    let title = f.required_text("title").map(str::to_owned);
    let version = f.whole("version", 1, 9_999);
    if version.is_none() {
        f.error("version", "no `version`", "a whole number from 1");
    }
    let drafted = f.required_date("drafted");
    let offset = f.offset();
    let zone = offset.unwrap_or_default();
    let from = f.required_start("from", zone);
    let until = f.start("until", zone);
    if let (Some(from), Some(until)) = (from, until)
        && until <= from
    {
        f.error(
            "until",
            format!("until {until}"),
            format!("a time after {from}"),
        );
    }
    let languages = f.texts("languages").unwrap_or_default();
    let sending_states = f.tables("sending_states", signatory);
    if sending_states.len() != 2 {
        let what = format!("{} sending states", sending_states.len());
        f.error("sending_states", what, "two, for two keys");
    }
    let host = f.table("host", signatory);
    if !f.has("host") {
        f.error("host", "no `host`", "host = { id = \"…\", name = \"…\" }");
    }
    let signed_by = f.tables("signed_by", |f| {
        let state = f.required::<PartyId>("state");
        let date = f.required_date("date");
        Some((state?, date?))
    });
    let quorum = f.table("quorum", quorum);
    if !f.has("quorum") {
        f.error(
            "quorum",
            "no `quorum`",
            "quorum = { signatures = […], witnesses = … }",
        );
    }
    let wrong = wrong_accusation(f);
    let put_before_officers = classes(f);
    let area_of_interest = f.required_text("area_of_interest").map(str::to_owned);
    let drone_corridors = f.texts("drone_corridors").unwrap_or_default();
    let premises = f.required_text("premises").map(str::to_owned);
    let mobility = f.table("mobility", mobility);
    if !f.has("mobility") {
        f.error(
            "mobility",
            "no `mobility`",
            "mobility = { may_leave_premises = …, conditions = \"…\" }",
        );
    }
    let sectors = f.tables("sectors", |f| {
        let patrol = f.required_text("patrol").map(str::to_owned);
        let area = f.required_text("area").map(str::to_owned);
        Some(Sector {
            patrol: patrol?,
            area: area?,
        })
    });
    let drone_hours_min = f.table("drone_hours", |f| {
        let (from, until) = (clock(f, "from"), clock(f, "until"));
        if from.is_some() && from == until {
            f.error("until", "no time between them", "two different hours");
        }
        Some((from?, until?))
    });
    let roles = f.tables("roles", role);
    let retention = f.tables("retention", retention);
    let reports = f.tables("reports", report);
    let recipients = f.tables("recipients", recipient);
    Some(Procedures {
        place,
        sha256,
        text_sha256,
        theatre: theatre?,
        title: title?,
        version: version?,
        drafted: drafted?,
        offset: offset?,
        from: from?,
        until,
        languages,
        sending_states,
        host: host?,
        signed_by,
        quorum: quorum?,
        max_wrong_accusation: wrong?,
        put_before_officers,
        roles,
        area_of_interest: area_of_interest?,
        drone_corridors,
        premises: premises?,
        mobility: mobility?,
        sectors,
        drone_hours_min,
        retention,
        reports,
        recipients,
        approval: None,
        decided: None,
    })
}

fn wrong_accusation(f: &mut Fields<'_>) -> Option<Probability> {
    const KEY: &str = "max_wrong_accusation";
    if !f.has(KEY) {
        f.error(KEY, format!("no `{KEY}`"), "a probability, such as 0.02");
    }
    // Above a half, the threshold would let a party be named that is likelier innocent.
    let p = f.number(KEY, 0.0, 0.5)?;
    Probability::new(p).ok()
}

fn classes(f: &mut Fields<'_>) -> Vec<EventClass> {
    const ALL: [(&str, EventClass); 5] = [
        ("firing", EventClass::Firing),
        ("blast", EventClass::Blast),
        ("natural", EventClass::Natural),
        ("activity", EventClass::Activity),
        ("unknown", EventClass::Unknown),
    ];
    let words = f.texts("put_before_officers").unwrap_or_default();
    let mut classes = Vec::new();
    for word in &words {
        match ALL.iter().find(|(known, _)| known == word) {
            Some((_, class)) => classes.push(*class),
            None => {
                let what = format!("class {word:?}");
                f.error(
                    "put_before_officers",
                    what,
                    "firing, blast, natural, activity, unknown",
                );
            }
        }
    }
    if words.is_empty() {
        f.error(
            "put_before_officers",
            "nothing",
            "classes of events, such as [\"firing\"]",
        );
    }
    classes
}

fn quorum(f: &mut Fields<'_>) -> Option<Quorum> {
    let signatures = f.list::<PartyId>("signatures");
    if !f.has("witnesses") {
        f.error(
            "witnesses",
            "no `witnesses`",
            "how many witnesses must have cosigned",
        );
    }
    let witnesses = f.whole("witnesses", 0, 100);
    Some(Quorum {
        signatures: signatures.unwrap_or_default(),
        witnesses: witnesses?,
    })
}

fn role(f: &mut Fields<'_>) -> Option<Role> {
    let id = f.required_text("id").map(str::to_owned);
    let may = f.texts("may").unwrap_or_default();
    Some(Role { id: id?, may })
}

fn mobility(f: &mut Fields<'_>) -> Option<Mobility> {
    let conditions = f.required_text("conditions").map(str::to_owned);
    if !f.has("may_leave_premises") {
        f.error(
            "may_leave_premises",
            "no `may_leave_premises`",
            "true or false",
        );
    }
    Some(Mobility {
        may_leave_premises: f.flag("may_leave_premises")?,
        conditions: conditions?,
    })
}

fn retention(f: &mut Fields<'_>) -> Option<Retention> {
    let media = f.required_text("media").map(str::to_owned);
    if !f.has("days") {
        f.error("days", "no `days`", "how many days it is kept");
    }
    let days = f.whole("days", 1, 36_525);
    let keep_cited = f.flag("keep_cited").unwrap_or(true);
    Some(Retention {
        media: media?,
        days: days?,
        keep_cited,
    })
}

fn clock(f: &mut Fields<'_>, key: &'static str) -> Option<u32> {
    let text = f.required_text(key)?;
    let read = || -> Option<u32> {
        let (hours, minutes) = text.split_once(':')?;
        let two = |s: &str| {
            (s.len() == 2 && s.bytes().all(|b| b.is_ascii_digit()))
                .then(|| s.parse::<u32>().ok())
                .flatten()
        };
        let (hours, minutes) = (two(hours)?, two(minutes)?);
        (hours < 24 && minutes < 60).then_some(hours * 60 + minutes)
    };
    let minutes = read();
    if minutes.is_none() {
        f.error(
            key,
            format!("{key} {text:?}"),
            "an hour of the day, such as 08:00",
        );
    }
    minutes
}

fn report(f: &mut Fields<'_>) -> Option<ReportRule> {
    let id = f.required_text("id").map(str::to_owned);
    let cut_off_min = clock(f, "cut_off");
    let issued_min = clock(f, "issued");
    let languages = f.texts("languages").unwrap_or_default();
    let recipients = f.texts("recipients").unwrap_or_default();
    Some(ReportRule {
        id: id?,
        cut_off_min: cut_off_min?,
        issued_min: issued_min?,
        languages,
        recipients,
    })
}

fn recipient(f: &mut Fields<'_>) -> Option<Recipient> {
    let id = f.required_text("id").map(str::to_owned);
    let name = f.required_text("name").map(str::to_owned);
    Some(Recipient {
        id: id?,
        name: name?,
    })
}

/// Reads an `approval` block.
pub(super) fn approval(f: &mut Fields<'_>) -> Option<Approval> {
    let place = f.place();
    let host = f.required::<PartyId>("host");
    let version = f.whole("version", 1, 9_999);
    if version.is_none() {
        f.error("version", "no `version`", "the version approved");
    }
    let date = f.required_date("date");
    let reference = f.required_text("reference").map(str::to_owned);
    let text_sha256 = f.required::<Sha256>("text_sha256");
    Some(Approval {
        place,
        host: host?,
        version: version?,
        date: date?,
        reference: reference?,
        text_sha256: text_sha256?,
    })
}
