//! One platform or target over time: what was told of its places, in order, with silences, stops and
//! leaps told apart.

use serde::Serialize;
use truceline_domain::{ObservationId, Observed, Position, SourceId};

use super::TRACK_GAP_S;
use super::filter::{Filter, Measured};
use crate::plane::{Plane, Xy};

/// It stands when it stayed within this of a place, metres, and twice the fixes' error…
const STAND_M: f64 = 10.0;
/// …for this long, seconds.
const STAND_S: f64 = 60.0;
/// A fix farther from where it was expected than this (χ², two degrees of freedom, one in a million)
/// is doubted.
const DOUBT: f64 = 27.6;
/// So many doubted fixes in a row that agree with each other are believed: it leapt.
const BELIEVED: usize = 3;
/// Faster than this from one doubted fix to the next is no agreement, m/s.
const FASTEST_MPS: f64 = 300.0;

/// Where one platform or target was.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Track {
    /// What told it.
    pub source: SourceId,
    /// Whom it is about, when a source tells of several: a CoT uid, a MAVLink system, a target.
    pub subject: String,
    /// From 0, one more each time the source's clock jumped back.
    pub leg: u32,
    /// In order of time.
    pub points: Vec<TrackPoint>,
    /// Silences longer than [`TRACK_GAP_S`], from point to point: nothing was received.
    pub gaps: Vec<[Observed; 2]>,
    /// Where it stood still while it was received.
    pub stops: Vec<Stop>,
    /// Leaps that nothing of its kind can make: a receiver that was reset, jammed or deceived.
    pub leaps: Vec<Leap>,
    /// Fixes left out: lone ones far off, and those that came too late.
    pub left_out: u64,
}

/// Where it was at one time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TrackPoint {
    /// When.
    pub time: Observed,
    /// Where, as told.
    pub position: Position,
    /// Where, by all that was told until then.
    pub estimate: Position,
    /// One standard deviation of each component of the estimate, metres.
    pub sd_m: f64,
    /// Speed over ground, m/s, estimated.
    pub speed_mps: f64,
    /// Course over ground, degrees clockwise from true north, estimated; `None` when it hardly moves.
    pub course_deg: Option<f64>,
    /// Height above mean sea level, metres, when told.
    pub height_msl_m: Option<f64>,
    /// Height above the WGS 84 ellipsoid, metres, when told.
    pub height_hae_m: Option<f64>,
    /// The observation that says so.
    pub observation: ObservationId,
}

/// It stood still.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Stop {
    /// Since.
    pub from: Observed,
    /// The last fix there.
    pub until: Observed,
    /// Where.
    pub position: Position,
}

/// It leapt.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Leap {
    /// When the first fix on the far side was.
    pub time: Observed,
    /// How far from where it was expected, metres.
    pub distance_m: f64,
}

/// A fix as it came.
#[derive(Debug, Clone)]
pub(super) struct Fix {
    pub(super) measured: Measured,
    pub(super) height_msl_m: Option<f64>,
    pub(super) height_hae_m: Option<f64>,
    pub(super) observation: ObservationId,
}

/// What a fix told.
#[derive(Debug, Clone)]
pub(super) enum Step {
    Point(TrackPoint),
    Gap([Observed; 2]),
    Stop(Stop),
    Leap(Leap),
    LeftOut,
}

/// Follows one platform through fixes in order of time. Small: it is copied when a late fix makes it
/// necessary to go over the last seconds again.
#[derive(Debug, Clone, Default)]
pub(super) struct Run {
    filter: Option<Filter>,
    doubted: Vec<Fix>,
    standing: Option<Standing>,
}

#[derive(Debug, Clone)]
struct Standing {
    plane: Plane,
    place: Position,
    from: Observed,
    until: Observed,
}

impl Standing {
    fn at(fix: &Measured) -> Self {
        Self {
            plane: Plane::at(fix.position),
            place: fix.position,
            from: fix.time,
            until: fix.time,
        }
    }

    fn holds(&self, fix: &Measured) -> bool {
        self.plane.to_m(fix.position).length() <= STAND_M.max(2.0 * fix.sd_m)
    }

    fn stop(&self) -> Option<Stop> {
        (self.until.seconds_since(self.from) >= STAND_S).then_some(Stop {
            from: self.from,
            until: self.until,
            position: self.place,
        })
    }
}

impl Run {
    /// Takes a fix no older than those before.
    pub(super) fn step(&mut self, fix: &Fix, out: &mut Vec<Step>) {
        let measured = &fix.measured;
        let Some(filter) = &self.filter else {
            self.begin(fix, out);
            return;
        };
        let last = filter.time();
        if measured.time.seconds_since(last) > TRACK_GAP_S {
            self.doubts_given_up(out);
            self.stood(out);
            out.push(Step::Gap([last, measured.time]));
            self.begin(fix, out);
            return;
        }
        if filter.surprise(measured) > DOUBT {
            self.doubt(fix, out);
            return;
        }
        self.doubts_given_up(out);
        self.believe(fix, out);
    }

    /// What is open at the end: a stop that lasts.
    pub(super) fn end(&mut self, out: &mut Vec<Step>) {
        self.doubts_given_up(out);
        self.stood(out);
    }

    fn begin(&mut self, fix: &Fix, out: &mut Vec<Step>) {
        self.filter = Some(Filter::new(&fix.measured));
        self.standing = Some(Standing::at(&fix.measured));
        out.extend(self.point(fix));
    }

    fn believe(&mut self, fix: &Fix, out: &mut Vec<Step>) {
        if let Some(filter) = &mut self.filter {
            filter.take(&fix.measured);
        }
        match &mut self.standing {
            Some(standing) if standing.holds(&fix.measured) => standing.until = fix.measured.time,
            _ => {
                self.stood(out);
                self.standing = Some(Standing::at(&fix.measured));
            }
        }
        out.extend(self.point(fix));
    }

    fn stood(&mut self, out: &mut Vec<Step>) {
        out.extend(self.standing.take().and_then(|s| s.stop()).map(Step::Stop));
    }

    fn doubts_given_up(&mut self, out: &mut Vec<Step>) {
        out.extend(self.doubted.drain(..).map(|_| Step::LeftOut));
    }

    /// A fix far from where it was expected. A few that agree with each other are a leap.
    fn doubt(&mut self, fix: &Fix, out: &mut Vec<Step>) {
        let agrees = self.doubted.last().is_none_or(|before| {
            let apart_m = Plane::at(before.measured.position)
                .to_m(fix.measured.position)
                .length();
            let seconds = fix.measured.time.seconds_since(before.measured.time);
            apart_m <= FASTEST_MPS * seconds + 5.0 * fix.measured.sd_m
        });
        if !agrees {
            self.doubts_given_up(out);
        }
        self.doubted.push(fix.clone());
        if self.doubted.len() < BELIEVED {
            return;
        }
        let believed = std::mem::take(&mut self.doubted);
        let Some(first) = believed.first() else {
            return;
        };
        let expected = self.filter.as_ref().and_then(|f| f.estimate().position);
        let distance_m =
            expected.map_or(0.0, |p| Plane::at(p).to_m(first.measured.position).length());
        self.stood(out);
        out.push(Step::Leap(Leap {
            time: first.measured.time,
            distance_m,
        }));
        self.begin(first, out);
        for fix in believed.iter().skip(1) {
            self.believe(fix, out);
        }
    }

    fn point(&self, fix: &Fix) -> Option<Step> {
        /// Slower than this there is no course, m/s.
        const HARDLY_MPS: f64 = 0.5;
        let estimate = self.filter.as_ref()?.estimate();
        let speed_mps = estimate.velocity.length();
        Some(Step::Point(TrackPoint {
            time: fix.measured.time,
            position: fix.measured.position,
            estimate: estimate.position.unwrap_or(fix.measured.position),
            sd_m: estimate.sd_m,
            speed_mps,
            course_deg: (speed_mps > HARDLY_MPS).then(|| course_deg(estimate.velocity)),
            height_msl_m: fix.height_msl_m,
            height_hae_m: fix.height_hae_m,
            observation: fix.observation.clone(),
        }))
    }
}

fn course_deg(velocity: Xy) -> f64 {
    velocity.bearing_rad().to_degrees().rem_euclid(360.0)
}
