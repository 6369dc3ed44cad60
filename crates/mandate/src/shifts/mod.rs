//! Shifts of the ground mission: who is where from when until when, as planned; and how it went, by what was seen of it.
//!
//! A plan is a statement that officers of the states whose members go have signed: of both, when it is joint; signed by
//! one of them it is proposed. A later version takes its place; it can be cancelled. What came of a shift is never stated: it follows from positions of the
//! patrol ([`patrol`]) or reports of the post ([`post`]), with how much of its time they cover. Where
//! nothing was heard, it says *not observed*.

pub mod patrol;
pub mod post;
mod rules;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use truceline_agreement::Documents;
use truceline_domain::{Observed, PartyId, Position};

use crate::{Refusal, Signer, signed_by};

/// A shift counts as late after so much, seconds: a quarter of an hour (our choice).
pub const LATE_S: f64 = 900.0;
/// Of a time without a word longer than this nothing is known, seconds: ten minutes, as of a post
/// in the coverage (our choice).
pub const GAP_S: f64 = 600.0;
/// So early before its beginning a patrol is looked for, seconds.
pub const EARLY_S: f64 = 1_800.0;
/// So long after its end a patrol is looked for, seconds.
pub const AFTER_S: f64 = 21_600.0;
/// The share of a shift's time for which there must be evidence before anybody may say that a post
/// was manned, or that a patrol did not go (our choice).
pub const NEEDED_SHARE: f64 = 0.9;

/// What an entry of type `shift` states.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Statement {
    /// A shift is planned, or planned otherwise.
    Plan(Plan),
    /// A shift does not take place.
    Cancel {
        /// Its name.
        shift: String,
        /// The version that is cancelled: the latest.
        version: u32,
        /// Why.
        why: String,
    },
}

impl Statement {
    /// The name of the shift that it is about.
    #[must_use]
    pub fn shift(&self) -> &str {
        match self {
            Self::Plan(plan) => &plan.shift,
            Self::Cancel { shift, .. } => shift,
        }
    }
}

/// A planned shift.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Its name; all its versions have it.
    pub shift: String,
    /// From 1; each further version is one more.
    #[serde(default = "first")]
    pub version: u32,
    /// Who.
    pub unit: Unit,
    /// The states whose members go: one, or both when it is joint.
    pub states: Vec<PartyId>,
    /// How many members go. They are not named.
    pub members: u32,
    /// When it begins.
    pub from: Observed,
    /// When it is over.
    pub until: Observed,
    /// The offset in which people are told of it: `Z`, `+hh:mm` or `-hh:mm`.
    pub timezone: String,
    /// The area of the map that it keeps to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sector: Option<String>,
    /// The way that it takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route: Option<Route>,
    /// In words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

const fn first() -> u32 {
    1
}

/// Who has a shift.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// A patrol, by the name that its positions tell: a CoT uid, or a member of the configuration.
    Patrol(String),
    /// A post of the map.
    Post(String),
}

impl Unit {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Patrol(name) | Self::Post(name) => name,
        }
    }
}

impl std::fmt::Display for Unit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Patrol(name) => write!(f, "patrol {name}"),
            Self::Post(name) => write!(f, "post {name}"),
        }
    }
}

/// A way on the ground.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// What the points are.
    pub kind: RouteKind,
    /// Longitude and latitude, degrees, as GeoJSON has them, in the order in which they are passed.
    pub points: Vec<[f64; 2]>,
    /// A point is passed, and the line kept to, within this, metres.
    pub tolerance_m: f64,
}

/// What the points of a way are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RouteKind {
    /// A line that is kept to from its first point to its last.
    Line,
    /// Places to be passed, by whatever way.
    Waypoints,
}

impl Route {
    /// The points as places; those that are none are left out, which the rules refuse.
    #[must_use]
    pub fn places(&self) -> Vec<Position> {
        let place = |[lon, lat]: &[f64; 2]| Position::new(*lat, *lon).ok();
        self.points.iter().filter_map(place).collect()
    }
}

/// A plan in the record, with what became of it by signatures.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Planned {
    /// Its entry.
    pub entry: u64,
    /// When it was recorded.
    pub announced: Observed,
    /// Whether that was before it began.
    pub announced_ahead: bool,
    /// The plan.
    #[serde(flatten)]
    pub plan: Plan,
    /// Who signed it.
    pub by: Vec<Signer>,
    /// That it does not take place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cancelled: Option<Cancelled>,
}

/// A shift was cancelled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cancelled {
    /// The entry.
    pub entry: u64,
    /// When it was recorded.
    pub at: Observed,
    /// Why.
    pub why: String,
    /// Who signed it.
    pub by: Vec<Signer>,
}

/// How a shift stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// One of two states has signed it; it is not planned yet.
    Proposed,
    /// It does not take place.
    Cancelled,
    /// Its time has not come, or came a moment ago.
    NotBegun,
    /// It goes on.
    UnderWay,
    /// It began, ended or is on its way later than planned by more than [`LATE_S`].
    Late,
    /// It is beyond its sector or off its route now.
    Left,
    /// It went as planned.
    Done,
    /// It went, was watched, and did not pass all of its points.
    Unfinished,
    /// Too little was seen of it to say.
    PartlyObserved,
    /// Nothing was seen of it.
    NotObserved,
    /// It was seen elsewhere through all of its time.
    NotGone,
}

impl State {
    /// What is told of it in English.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Cancelled => "cancelled",
            Self::NotBegun => "not begun",
            Self::UnderWay => "under way",
            Self::Late => "late",
            Self::Left => "left its ground",
            Self::Done => "done",
            Self::Unfinished => "unfinished",
            Self::PartlyObserved => "partly observed",
            Self::NotObserved => "not observed",
            Self::NotGone => "not gone",
        }
    }
}

/// It was off its ground.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Absence {
    /// The first of the fixes that prove it.
    pub from: Observed,
    /// The first of those that prove it back; not yet when `None`.
    pub until: Option<Observed>,
}

/// What was seen of a shift by an instant.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Seen {
    /// How it stands.
    pub state: State,
    /// When it was first seen at its work.
    pub began: Option<Observed>,
    /// When it had passed its last point, or a post was last known to be manned.
    pub ended: Option<Observed>,
    /// By how much it began or ended late, whichever is more, seconds; zero when in time.
    pub late_s: f64,
    /// When each point of its route was passed.
    pub passed: Vec<Option<Observed>>,
    /// When it was off its ground.
    pub left: Vec<Absence>,
    /// Share of its time so far of which something is known, 0 to 1; nothing before it begins.
    pub observed_share: Option<f64>,
    /// The longest time of which nothing is known, seconds.
    pub longest_gap_s: f64,
    /// How many fixes or reports that rests on.
    pub evidence: u32,
}

impl Seen {
    /// Nothing is asked of a shift that is cancelled or not planned yet.
    #[must_use]
    pub const fn nothing(state: State) -> Self {
        Self {
            state,
            began: None,
            ended: None,
            late_s: 0.0,
            passed: Vec::new(),
            left: Vec::new(),
            observed_share: None,
            longest_gap_s: 0.0,
            evidence: 0,
        }
    }
}

/// A shift, and what was seen of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Standing {
    /// The plan.
    #[serde(flatten)]
    pub planned: Planned,
    /// What was seen.
    #[serde(flatten)]
    pub seen: Seen,
}

/// All shifts, by name, in the versions that the record has.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Shifts {
    planned: BTreeMap<String, Vec<Planned>>,
    /// What one of two states has signed, by shift: the last that was proposed.
    proposed: BTreeMap<String, Planned>,
}

impl Shifts {
    /// Takes a statement that is signed.
    ///
    /// # Errors
    /// [`Refusal`] when it contradicts itself, the map or what is planned already, or the wrong ones signed.
    /// Nothing changes then.
    pub fn take(
        &mut self,
        entry: u64,
        recorded: Observed,
        statement: &Statement,
        signers: &[Signer],
        sending: &[PartyId],
        documents: &Documents,
    ) -> Result<(), Refusal> {
        match statement {
            Statement::Plan(plan) => {
                rules::signed(plan, signers, sending)?;
                rules::form(plan)?;
                rules::ground(plan, documents)?;
                self.fits(plan)?;
                self.plan(entry, recorded, plan, signers);
            }
            Statement::Cancel {
                shift,
                version,
                why,
            } => {
                rules::words("why", why, 1)?;
                let latest = self.latest_mut(shift)?;
                rules::cancels(latest, *version, signers)?;
                latest.cancelled = Some(Cancelled {
                    entry,
                    at: recorded,
                    why: why.clone(),
                    by: signers.to_vec(),
                });
            }
        }
        Ok(())
    }

    /// Takes a plan that fits: it is planned when all of its states have signed the very same.
    fn plan(&mut self, entry: u64, recorded: Observed, plan: &Plan, signers: &[Signer]) {
        let mut by = match self.proposed.remove(&plan.shift) {
            Some(proposed) if proposed.plan == *plan => proposed.by,
            _ => Vec::new(),
        };
        let known: Vec<_> = by.clone();
        by.extend(signers.iter().filter(|s| !known.contains(s)).cloned());
        let planned = Planned {
            entry,
            announced: recorded,
            announced_ahead: recorded <= plan.from,
            plan: plan.clone(),
            cancelled: None,
            by,
        };
        if plan
            .states
            .iter()
            .all(|state| signed_by(&planned.by, state))
        {
            self.planned
                .entry(plan.shift.clone())
                .or_default()
                .push(planned);
        } else {
            self.proposed.insert(plan.shift.clone(), planned);
        }
    }

    fn latest_mut(&mut self, shift: &str) -> Result<&mut Planned, Refusal> {
        let versions = self.planned.get_mut(shift);
        versions.and_then(|all| all.last_mut()).ok_or_else(|| {
            let what = format!("a cancellation of {shift:?}, which nobody planned");
            Refusal::new(what, "the name of a planned shift")
        })
    }

    /// Whether a plan follows what is planned already: the next version, and nobody twice at a time.
    fn fits(&self, plan: &Plan) -> Result<(), Refusal> {
        let known = self.planned.get(&plan.shift).map_or(0, Vec::len);
        let next = u32::try_from(known).unwrap_or(u32::MAX).saturating_add(1);
        if plan.version != next {
            let what = format!("version {} of {}", plan.version, plan.shift);
            return Err(Refusal::new(what, format!("version {next}")));
        }
        let mut others = self.latest().filter(|p| p.plan.shift != plan.shift);
        let clash = others.find(|other| {
            let o = &other.plan;
            o.unit == plan.unit
                && other.cancelled.is_none()
                && o.from < plan.until
                && plan.from < o.until
        });
        match clash {
            None => Ok(()),
            Some(other) => {
                let (shift, unit) = (&other.plan.shift, &plan.unit);
                let what = format!("{unit} has the shift {shift} at that time");
                Err(Refusal::new(what, "one shift at a time"))
            }
        }
    }

    /// The latest version of each shift, by name.
    pub fn latest(&self) -> impl Iterator<Item = &Planned> {
        self.planned.values().filter_map(|versions| versions.last())
    }

    /// What one of two states has proposed, by name.
    pub fn proposed(&self) -> impl Iterator<Item = &Planned> {
        self.proposed.values()
    }

    /// All versions of a shift, the first one first.
    #[must_use]
    pub fn versions(&self, shift: &str) -> &[Planned] {
        self.planned.get(shift).map_or(&[], Vec::as_slice)
    }

    /// The shift that a patrol has at an instant.
    #[must_use]
    pub fn of_patrol(&self, name: &str, at: Observed) -> Option<&Plan> {
        let holds = |p: &&Planned| {
            let is = matches!(&p.plan.unit, Unit::Patrol(patrol) if patrol == name);
            is && p.cancelled.is_none() && p.plan.from <= at && at < p.plan.until
        };
        self.latest().find(holds).map(|p| &p.plan)
    }
}

/// How much of a time spans cover, as a share, and the longest stretch that they leave open, seconds. No share of
/// a time that has no length.
fn cover(mut spans: Vec<[Observed; 2]>, from: Observed, until: Observed) -> (Option<f64>, f64) {
    spans.sort();
    let length_s = until.seconds_since(from);
    let (mut covered_s, mut longest_gap_s) = (0.0, 0.0_f64);
    let mut known = from;
    for [a, b] in spans {
        let (a, b) = (a.max(from), b.min(until));
        if b <= a {
            continue;
        }
        longest_gap_s = longest_gap_s.max(a.seconds_since(known));
        covered_s += b.seconds_since(a.max(known)).max(0.0);
        known = known.max(b);
    }
    longest_gap_s = longest_gap_s.max(until.seconds_since(known)).max(0.0);
    let share = (length_s > 0.0).then(|| (covered_s / length_s).clamp(0.0, 1.0));
    (share, longest_gap_s)
}
