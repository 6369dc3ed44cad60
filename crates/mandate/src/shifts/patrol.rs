//! A patrol's shift, by its own positions.
//!
//! | state | when |
//! |---|---|
//! | `not-begun` | its time has not come, or came less than [`LATE_S`] ago and nothing was seen of it |
//! | `under-way` | it was seen on its ground, and its time is not over |
//! | `late` | it is seen elsewhere and has not begun, began or ended later by [`LATE_S`], or is still on its way |
//! | `left` | it is proved to be off its ground now, by the test of [`crossing`](crate::mobility::crossing) |
//! | `done` | it passed all points in order; without a route, it was in its sector for [`NEEDED_SHARE`] of its time |
//! | `unfinished` | it was seen all the time, and did not |
//! | `partly-observed` | it went, and what is missing may lie where nothing was heard of it |
//! | `not-observed` | it should have begun, and was not seen on its ground |
//! | `not-gone` | it was seen elsewhere for [`NEEDED_SHARE`] of its time: no silence proves that |
//!
//! What it does not see: a device that stayed in a vehicle, or was carried by somebody else.

use truceline_agreement::Theatre;
use truceline_agreement::theatre::way_distance_m;
use truceline_domain::{Observed, Position};

use super::{
    AFTER_S, Absence, EARLY_S, GAP_S, LATE_S, NEEDED_SHARE, Plan, Route, RouteKind, Seen, State,
    cover,
};
use crate::mobility::crossing::{Crosser, Turn};
use crate::mobility::{Confinement, Fix, beyond_areas_m};

/// Metres from a place to the edge of the ground that a plan keeps a patrol to, negative within: its sector, and
/// its route where that is a line. `None` when it keeps it to nothing that stands at the time.
#[must_use]
pub fn beyond_m(plan: &Plan, place: Position, at: Observed, theatre: &Theatre) -> Option<f64> {
    let sector = plan
        .sector
        .as_ref()
        .and_then(|sector| beyond_areas_m(place, std::slice::from_ref(sector), &theatre.at(at)));
    let line = plan.route.as_ref().filter(|r| r.kind == RouteKind::Line);
    let line =
        line.and_then(|route| Some(way_distance_m(place, &route.places())? - route.tolerance_m));
    match (sector, line) {
        (Some(a), Some(b)) => Some(a.max(b)),
        (one, other) => one.or(other),
    }
}

/// What the ground of a plan is called by the test that watches it.
#[must_use]
pub fn confinement(plan: &Plan) -> Confinement {
    if plan.sector.is_some() {
        Confinement::Sector
    } else {
        Confinement::Route
    }
}

/// What is known of a patrol's shift at an instant, by its positions in any order.
#[must_use]
pub fn seen(plan: &Plan, now: Observed, track: &[Fix], theatre: &Theatre) -> Seen {
    let track = Track::of(plan, now, track, theatre);
    let passed = plan
        .route
        .as_ref()
        .map_or_else(Vec::new, |r| track.passed(r));
    let ended = passed.last().copied().flatten();
    let end = ended
        .map_or(plan.until, |at| at.max(plan.from))
        .min(plan.until)
        .min(now);
    let (share, longest_gap_s) = cover(track.known(|_| true), plan.from, end);
    let mut seen = Seen {
        state: State::NotBegun,
        began: track.began(plan),
        ended,
        late_s: 0.0,
        left: track.left(plan, ended.unwrap_or(plan.until)),
        passed,
        observed_share: share,
        longest_gap_s,
        evidence: u32::try_from(track.fixes.len()).unwrap_or(u32::MAX),
    };
    let late = |at: Option<Observed>, due: Observed| at.map_or(0.0, |at| at.seconds_since(due));
    let late_s = late(seen.began, plan.from).max(late(seen.ended, plan.until));
    seen.late_s = if late_s > LATE_S { late_s } else { 0.0 };
    seen.state = track.state(plan, now, &seen);
    seen
}

/// A fix, and how far it lies beyond the plan's ground.
struct Seat<'a> {
    fix: &'a Fix,
    beyond_m: Option<f64>,
}

struct Track<'a> {
    /// In the order of time.
    fixes: Vec<Seat<'a>>,
}

impl<'a> Track<'a> {
    /// What belongs to a shift; of fixes less than five seconds apart one is looked at.
    fn of(plan: &Plan, now: Observed, track: &'a [Fix], theatre: &Theatre) -> Self {
        let last = plan.until.plus_seconds(AFTER_S).min(now);
        let span = plan.from.plus_seconds(-EARLY_S)..=last;
        let mut fixes: Vec<&Fix> = track
            .iter()
            .filter(|f| span.contains(&f.observed))
            .collect();
        fixes.sort_by_key(|fix| fix.observed);
        fixes.dedup_by(|next, kept| next.observed.seconds_since(kept.observed) < 5.0);
        let seat = |fix: &'a Fix| Seat {
            fix,
            beyond_m: beyond_m(plan, fix.position, fix.observed, theatre),
        };
        Self {
            fixes: fixes.into_iter().map(seat).collect(),
        }
    }

    /// The times around fixes of which something is known.
    fn known(&self, which: impl Fn(&Seat<'_>) -> bool) -> Vec<[Observed; 2]> {
        let half_s = GAP_S / 2.0;
        let around = |at: Observed| [at.plus_seconds(-half_s), at.plus_seconds(half_s)];
        let fixes = self.fixes.iter().filter(|seat| which(seat));
        fixes.map(|seat| around(seat.fix.observed)).collect()
    }

    fn began(&self, plan: &Plan) -> Option<Observed> {
        let points = plan.route.as_ref().map(|r| (r.places(), r.tolerance_m));
        let at_work = |seat: &&Seat<'_>| match (seat.beyond_m, &points) {
            (Some(beyond_m), _) => beyond_m <= 0.0,
            (None, Some((points, tolerance_m))) => points
                .iter()
                .any(|point| is_near(seat.fix.position, *point, *tolerance_m)),
            (None, None) => false,
        };
        self.fixes
            .iter()
            .find(at_work)
            .map(|seat| seat.fix.observed)
    }

    /// When each point was passed, in order. After one that was not seen to be passed the next counts only
    /// when the patrol came to it: it was elsewhere before, or unseen.
    fn passed(&self, route: &Route) -> Vec<Option<Observed>> {
        let (mut next, mut free) = (0, true);
        let mut passed = Vec::new();
        for point in route.places() {
            let mut came = free;
            let mut before: Option<Observed> = None;
            let mut found = None;
            for (number, seat) in self.fixes.iter().enumerate().skip(next) {
                let at = seat.fix.observed;
                came |= before.is_some_and(|before| at.seconds_since(before) > GAP_S);
                before = Some(at);
                let near = is_near(seat.fix.position, point, route.tolerance_m);
                if near && came {
                    found = Some((number, at));
                    break;
                }
                came |= !near;
            }
            free = found.is_some();
            next = found.map_or(next, |(number, _)| number);
            passed.push(found.map(|(_, at)| at));
        }
        passed
    }

    /// When it was proved to be off its ground, from when it was on it until its end.
    fn left(&self, plan: &Plan, end: Observed) -> Vec<Absence> {
        let (mut crosser, mut left) = (Crosser::default(), Vec::<Absence>::new());
        let confinement = confinement(plan);
        let mut begun = false;
        for seat in &self.fixes {
            let Some(beyond_m) = seat.beyond_m else {
                continue;
            };
            let at = seat.fix.observed;
            if at > end {
                break;
            }
            begun |= beyond_m <= 0.0;
            if !begun {
                continue;
            }
            let sd_m = seat.fix.sd_m_or(confinement);
            match crosser.take(at, beyond_m, sd_m, confinement.margin_m()) {
                Some(Turn::Out) => left.push(Absence {
                    from: crosser.since(),
                    until: None,
                }),
                Some(Turn::In) => {
                    if let Some(last) = left.last_mut() {
                        last.until = Some(crosser.since());
                    }
                }
                None => {}
            }
        }
        left
    }

    fn last(&self) -> Option<Observed> {
        self.fixes.last().map(|seat| seat.fix.observed)
    }

    fn state(&self, plan: &Plan, now: Observed, seen: &Seen) -> State {
        let over = now >= plan.until;
        let heard = self
            .last()
            .is_some_and(|last| now.seconds_since(last) <= GAP_S);
        let watched = seen
            .observed_share
            .is_some_and(|share| share >= NEEDED_SHARE);
        let is_out = seen
            .left
            .last()
            .is_some_and(|absence| absence.until.is_none());
        let due = now.seconds_since(plan.from) > LATE_S;
        match (seen.began, seen.ended) {
            (None, _) if !due => State::NotBegun,
            (None, _) if over && watched => State::NotGone,
            (None, _) if !over && heard => State::Late,
            (None, _) => State::NotObserved,
            (Some(_), Some(_)) => match missed(seen, &self.times()) {
                Missed::Nothing if seen.late_s > 0.0 => State::Late,
                Missed::Nothing => State::Done,
                Missed::Unseen => State::PartlyObserved,
                Missed::InView => State::Unfinished,
            },
            (Some(_), None) if !over && is_out => State::Left,
            (Some(_), None) if !over && seen.late_s > 0.0 => State::Late,
            (Some(_), None) if !over => State::UnderWay,
            (Some(_), None) if plan.route.is_none() => self.kept_sector(plan, watched),
            (Some(_), None) if heard && is_out => State::Left,
            (Some(_), None) if heard => State::Late,
            (Some(_), None) => {
                let through = self
                    .last()
                    .is_some_and(|last| plan.until.seconds_since(last) <= GAP_S);
                if watched && through {
                    State::Unfinished
                } else {
                    State::PartlyObserved
                }
            }
        }
    }

    fn kept_sector(&self, plan: &Plan, watched: bool) -> State {
        let inside = self.known(|seat| seat.beyond_m.is_some_and(|m| m <= 0.0));
        let (share, _) = cover(inside, plan.from, plan.until);
        match share.is_some_and(|share| share >= NEEDED_SHARE) {
            true => State::Done,
            false if watched => State::Unfinished,
            false => State::PartlyObserved,
        }
    }

    fn times(&self) -> Vec<Observed> {
        self.fixes.iter().map(|seat| seat.fix.observed).collect()
    }
}

fn is_near(place: Position, point: Position, tolerance_m: f64) -> bool {
    way_distance_m(place, &[point]).is_some_and(|distance_m| distance_m <= tolerance_m)
}

/// What of a route that was ended was not seen to be passed.
enum Missed {
    Nothing,
    /// It may have been, while nothing was heard.
    Unseen,
    /// It was not: the patrol was seen all the while.
    InView,
}

fn missed(seen: &Seen, times: &[Observed]) -> Missed {
    let mut worst = Missed::Nothing;
    let mut before = times.first().copied();
    let mut missing = false;
    for passed in &seen.passed {
        let Some(at) = passed else {
            missing = true;
            continue;
        };
        if missing {
            let from = before.unwrap_or(*at);
            let between: Vec<_> = times.iter().filter(|t| (from..=*at).contains(t)).collect();
            let unseen = between.windows(2).any(|pair| match pair {
                [a, b] => b.seconds_since(**a) > GAP_S,
                _ => false,
            });
            if !unseen {
                return Missed::InView;
            }
            worst = Missed::Unseen;
            missing = false;
        }
        before = Some(*at);
    }
    worst
}
