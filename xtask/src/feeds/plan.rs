//! What happens in the hour of the exercise.

use truceline_domain::EventKind;

use super::geometry::Point;
use super::random::Random;
use super::theatre::Theatre;

/// One round, burst or phenomenon.
#[derive(Debug, Clone)]
pub(super) struct Event {
    /// Seconds from the start of the exercise.
    pub(super) time_s: f64,
    pub(super) at: Point,
    pub(super) kind: EventKind,
    pub(super) party: Option<String>,
    pub(super) violation: bool,
    /// Where a round comes down, and when.
    pub(super) impact: Option<(Point, f64)>,
    /// Which of [`Plan::series`] it belongs to.
    pub(super) series: usize,
}

/// Rounds that belong together.
#[derive(Debug, Clone, Copy)]
pub(super) struct Series {
    kind: EventKind,
    /// Which party fires, by the order of their ids; `None` where nobody does.
    side: Option<usize>,
    /// The sensor at the stretch of line where it happens.
    near: &'static str,
    behind_m: f64,
    start_s: f64,
    rounds: u32,
    interval_s: f64,
    /// How far behind the other side's line the rounds come down.
    target_behind_m: Option<f64>,
    /// Whether the rounds set something on fire.
    pub(super) burns: bool,
}

const fn series(
    kind: EventKind,
    side: usize,
    near: &'static str,
    behind_m: f64,
    start_s: f64,
    rounds: u32,
    interval_s: f64,
) -> Series {
    Series {
        kind,
        side: Some(side),
        near,
        behind_m,
        start_s,
        rounds,
        interval_s,
        target_behind_m: None,
        burns: false,
    }
}

impl Series {
    const fn at_target(mut self, behind_m: f64, burns: bool) -> Self {
        self.target_behind_m = Some(behind_m);
        self.burns = burns;
        self
    }

    const fn of_nobody(mut self) -> Self {
        self.side = None;
        self
    }
}

/// The exercise. The line is drawn to 2–5 km, so fire from beside it cannot be given to a side; that from
/// 8 km behind it can; that from 6 km is likely one side's, and short of proof.
const SERIES: [Series; 11] = [
    series(EventKind::SmallArms, 0, "A08", 400.0, 240.0, 5, 7.0),
    series(EventKind::Hmg, 1, "A08", 700.0, 275.0, 4, 9.0),
    series(EventKind::Mortar, 1, "A08", 6_000.0, 720.0, 6, 14.0).at_target(900.0, false),
    series(EventKind::Mortar, 0, "A09", 6_200.0, 960.0, 4, 16.0).at_target(800.0, true),
    series(EventKind::Demolition, 1, "A10", 4_500.0, 1_290.0, 1, 0.0),
    series(EventKind::BlastQuarry, 0, "A04", 0.0, 1_520.0, 1, 0.0).of_nobody(),
    series(EventKind::Thunder, 0, "A16", 0.0, 1_700.0, 1, 0.0).of_nobody(),
    series(EventKind::Hmg, 0, "A12", 900.0, 2_010.0, 4, 8.0),
    series(EventKind::Artillery, 1, "A08", 8_500.0, 2_330.0, 3, 22.0).at_target(6_500.0, false),
    series(EventKind::Mortar, 0, "A05", 1_500.0, 2_880.0, 3, 12.0).at_target(700.0, false),
    series(EventKind::Artillery, 0, "A08", 9_000.0, 3_150.0, 3, 25.0).at_target(6_500.0, false),
];

/// The notice of the demolition: from and until, seconds from the start, and its radius.
pub(super) const NOTICE_S: [f64; 2] = [900.0, 2_700.0];
pub(super) const NOTICE_RADIUS_M: f64 = 800.0;

#[derive(Debug)]
pub(super) struct Plan {
    pub(super) parties: [String; 2],
    pub(super) events: Vec<Event>,
    pub(super) series: &'static [Series],
}

impl Plan {
    /// The exercise on this theatre's ground.
    pub(super) fn of(theatre: &Theatre) -> Result<Self, String> {
        let parties: [String; 2] = theatre
            .parties()
            .try_into()
            .map_err(|all: Vec<_>| format!("{} parties hold ground; expected 2", all.len()))?;
        let mut random = Random::seeded(7);
        let mut plan = Self {
            parties,
            events: Vec::new(),
            series: &SERIES,
        };
        for (number, series) in SERIES.iter().enumerate() {
            plan.fire(theatre, number, series, &mut random)?;
        }
        plan.events.sort_by(|a, b| a.time_s.total_cmp(&b.time_s));
        Ok(plan)
    }

    fn fire(
        &mut self,
        theatre: &Theatre,
        number: usize,
        series: &Series,
        random: &mut Random,
    ) -> Result<(), String> {
        let near = theatre.sensor(series.near)?.at;
        let party = series.side.and_then(|side| self.parties.get(side));
        let place = match (party, series.kind) {
            (Some(party), _) => theatre.behind(near, party, series.behind_m)?,
            (None, EventKind::BlastQuarry) => nearest_quarry(theatre, near)?,
            (None, _) => near.moved(random.between(0.0, 360.0), 2_500.0),
        };
        let other = series.side.and_then(|side| self.parties.get(1 - side));
        let target = match (series.target_behind_m, other) {
            (Some(behind_m), Some(other)) => Some(theatre.behind(near, other, behind_m)?),
            _ => None,
        };
        let mut time_s = series.start_s;
        for _ in 0..series.rounds {
            let impact = target.map(|target| {
                let down = target.moved(random.between(0.0, 360.0), random.normal(60.0).abs());
                (down, time_s + flight_s(series.kind, place.distance_m(down)))
            });
            self.events.push(Event {
                time_s,
                at: place.moved(random.between(0.0, 360.0), random.between(0.0, 15.0)),
                kind: series.kind,
                party: party.cloned(),
                violation: party.is_some() && series.kind != EventKind::Demolition,
                impact,
                series: number,
            });
            time_s += series.interval_s * random.between(0.8, 1.3);
        }
        Ok(())
    }

    /// The announced demolition.
    pub(super) fn demolition(&self) -> Option<&Event> {
        self.events.iter().find(|e| e.kind == EventKind::Demolition)
    }

    /// Events of each series in order of time.
    pub(super) fn by_series(&self) -> impl Iterator<Item = (&Series, Vec<&Event>)> {
        self.series.iter().enumerate().map(|(number, series)| {
            (
                series,
                self.events.iter().filter(|e| e.series == number).collect(),
            )
        })
    }
}

fn nearest_quarry(theatre: &Theatre, near: Point) -> Result<Point, String> {
    let nearest = theatre
        .quarries
        .iter()
        .min_by(|a, b| near.distance_m(a.at).total_cmp(&near.distance_m(b.at)));
    nearest
        .map(|q| q.at)
        .ok_or_else(|| "the theatre has no quarry".to_owned())
}

/// Time of flight, seconds: a mortar's shell climbs steeply for a quarter of a minute and more, a
/// gun's flies at some 350 m/s over the ground.
fn flight_s(kind: EventKind, range_m: f64) -> f64 {
    match kind {
        EventKind::Mortar => 14.0 + range_m / 450.0,
        _ => 3.0 + range_m / 350.0,
    }
}
