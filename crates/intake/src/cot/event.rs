//! From what an event says to what it may state.

use truceline_domain::{
    Bearing, CotEvent, CotSensor, Finite, NonNegative, Observed, Position, Positive, Refused,
};

use super::detail::Detail;
use crate::FaultKind;

/// What CoT writes for an unknown height or error, metres.
const UNKNOWN_M: f64 = 9_999_999.0;

/// An event as it was said, before it is held against what can be.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) uid: String,
    pub(super) r#type: String,
    pub(super) how: Option<String>,
    pub(super) time: Option<Observed>,
    pub(super) start: Option<Observed>,
    pub(super) stale: Option<Observed>,
    pub(super) lat_deg: Option<f64>,
    pub(super) lon_deg: Option<f64>,
    pub(super) hae_m: Option<f64>,
    pub(super) ce_m: Option<f64>,
    pub(super) le_m: Option<f64>,
    pub(super) detail: Detail,
    /// What could not be read of it.
    pub(super) problems: Vec<Problem>,
}

/// What is wrong with a part of an event, and in which way.
pub(super) type Problem = (FaultKind, String);

/// What became of a draft.
pub(super) struct Outcome {
    pub(super) observed: Option<Observed>,
    pub(super) kept: Kept,
    pub(super) problems: Vec<Problem>,
}

/// What of a draft is kept.
pub(super) enum Kept {
    /// The event.
    Event(Box<CotEvent>),
    /// It is whole and about no place.
    NoPlace,
    /// What makes an event is missing or cannot be.
    Nothing,
}

impl Draft {
    /// Takes a time as XML writes it.
    pub(super) fn take_time(&mut self, name: &str, text: &str) {
        match text.parse::<Observed>() {
            Ok(time) => *self.slot(name) = Some(time),
            Err(e) => self
                .problems
                .push((FaultKind::Malformed, format!("{name}: {e}"))),
        }
    }

    /// Takes a time as TAK Protocol writes it; zero is none.
    pub(super) fn take_time_ms(&mut self, name: &str, unix_ms: u64) {
        if unix_ms == 0 {
            return;
        }
        let us = i64::try_from(unix_ms)
            .ok()
            .and_then(|ms| ms.checked_mul(1000));
        match us.map(Observed::from_unix_us) {
            Some(Ok(time)) => *self.slot(name) = Some(time),
            _ => self.problems.push((
                FaultKind::Absurd,
                format!("{name}: {unix_ms} is not milliseconds since 1970 of a year to 9999"),
            )),
        }
    }

    fn slot(&mut self, name: &str) -> &mut Option<Observed> {
        match name {
            "start" => &mut self.start,
            "stale" => &mut self.stale,
            _ => &mut self.time,
        }
    }

    /// Holds the draft against what can be.
    pub(super) fn complete(mut self) -> Outcome {
        let observed = self.time;
        if observed.is_none() && !self.problems.iter().any(|(_, m)| m.starts_with("time:")) {
            self.problems
                .push((FaultKind::Malformed, "the event has no time".to_owned()));
        }
        let kept = self.kept().unwrap_or_else(|problem| {
            self.problems.push(problem);
            Kept::Nothing
        });
        Outcome {
            observed,
            kept,
            problems: self.problems,
        }
    }

    fn kept(&mut self) -> Result<Kept, Problem> {
        for (name, value) in [("uid", &self.uid), ("type", &self.r#type)] {
            if value.trim().is_empty() {
                return Err((FaultKind::Malformed, format!("the event has no {name}")));
            }
        }
        let (shape, Some(position)) = self.shape_and_place()? else {
            return Ok(Kept::NoPlace);
        };
        let detail = std::mem::take(&mut self.detail);
        Ok(Kept::Event(Box::new(CotEvent {
            uid: std::mem::take(&mut self.uid),
            r#type: std::mem::take(&mut self.r#type),
            how: self.how.take(),
            position,
            hae_m: self.checked(known(self.hae_m), "hae", Finite::new),
            ce_m: self.checked(known(self.ce_m), "ce", NonNegative::new),
            le_m: self.checked(known(self.le_m), "le", NonNegative::new),
            start: self.start,
            stale: self.stale_after_start(),
            // Receivers without course or speed write -1 or NaN.
            course_deg: self.checked(measured(detail.course_deg), "course", Bearing::new),
            speed_mps: self.checked(measured(detail.speed_mps), "speed", NonNegative::new),
            sensor: self.sensor(&detail),
            callsign: detail.callsign,
            shape,
            remarks: detail.remarks,
        })))
    }

    /// The drawn shape, and the event's place. A point of exactly 0/0 with an unknown error is no
    /// place; a shape then gives its first corner.
    fn shape_and_place(&mut self) -> Result<(Vec<Position>, Option<Position>), Problem> {
        let (Some(lat), Some(lon)) = (self.lat_deg, self.lon_deg) else {
            return Err((
                FaultKind::Malformed,
                "the event has no point with lat and lon".to_owned(),
            ));
        };
        let point = Position::new(lat, lon)
            .map_err(|e| (FaultKind::Absurd, format!("the event's point: {e}")))?;
        let placed = (lat, lon) != (0.0, 0.0) || known(self.ce_m).is_some();
        let point = placed.then_some(point);
        self.problems.append(&mut self.detail.problems);
        let mut shape = std::mem::take(&mut self.detail.corners);
        if let (true, Some(point), Some(ellipse)) = (shape.is_empty(), point, self.detail.ellipse) {
            match ellipse.corners(point) {
                Ok(corners) => shape = corners,
                Err(reason) => self.problems.push((FaultKind::Absurd, reason)),
            }
        }
        let place = point.or_else(|| shape.first().copied());
        Ok((shape, place))
    }

    fn stale_after_start(&mut self) -> Option<Observed> {
        let begins = self.start.or(self.time);
        match (begins, self.stale) {
            (Some(begins), Some(stale)) if stale < begins => {
                let message = format!("stale {stale} is before the event's start {begins}");
                self.problems.push((FaultKind::Absurd, message));
                None
            }
            (_, stale) => stale,
        }
    }

    fn sensor(&mut self, detail: &Detail) -> Option<CotSensor> {
        let said = detail.sensor.as_ref()?;
        Some(CotSensor {
            azimuth_deg: self.checked(said.azimuth_deg, "sensor azimuth", Bearing::new),
            elevation_deg: self.checked(said.elevation_deg, "sensor elevation", Finite::new),
            fov_deg: self.checked(said.fov_deg, "sensor fov", round),
            vertical_fov_deg: self.checked(said.vertical_fov_deg, "sensor vfov", round),
            range_m: self.checked(said.range_m, "sensor range", NonNegative::new),
        })
    }

    /// A value, when it can be; a problem otherwise.
    fn checked<T>(
        &mut self,
        value: Option<f64>,
        what: &str,
        make: fn(f64) -> Result<T, Refused>,
    ) -> Option<T> {
        match make(value?) {
            Ok(made) => Some(made),
            Err(e) => {
                self.problems
                    .push((FaultKind::Absurd, format!("{what}: {e}")));
                None
            }
        }
    }
}

/// A metre value that is not CoT's «unknown».
fn known(value: Option<f64>) -> Option<f64> {
    value.filter(|m| *m < UNKNOWN_M || m.is_nan())
}

fn measured(value: Option<f64>) -> Option<f64> {
    value.filter(|n| !n.is_nan() && *n != -1.0)
}

/// A field of view: above zero, all round at most (what is above is brought to «refused»).
fn round(deg: f64) -> Result<Positive, Refused> {
    Positive::new(if deg > 360.0 { f64::NAN } else { deg })
}
