//! The detector of one stream: registration, background, and the three that look.

use serde::Serialize;
use truceline_domain::{
    Body, Observation, Observed, Position, Positive, Probability, SourceId, Video, VideoLabel,
};
use truceline_media::decode::Picture;

use crate::align::Pyramid;
use crate::background::{Background, Difference, Held};
use crate::blobs::Blob;
use crate::flash::{Flash, Flashes};
use crate::ground::{Telemetry, View};
use crate::plane::Plane;
use crate::smoke::{Plume, Smoke};
use crate::still::Crop;
use crate::vehicle::{Moving, Vehicles};
use crate::{Options, score};

/// Pictures are brought down by a whole factor to at most so many pixels across: what is looked for is seen there, and 20
/// feeds have to share two cores.
const MOST_ACROSS: usize = 640;
/// A step of the clock back, or on by more than this, begins the stream anew: five seconds, 90 kHz.
const LONGEST_STEP_90K: u64 = 5 * 90_000;
/// More of the ground than this standing out at once is a disturbance; so many of those in a row are a new scene.
const DISTURBED_SHARE: f64 = 0.25;
const DISTURBED_LOOKS: u32 = 5;
/// A flash lit for no longer is taken for a gun, else for a burst: powder gases burn for some milliseconds, so that one
/// picture shows them, or two; a burst's fireball lasts tenths of a second.
const MUZZLE_90K: u64 = 7_200;

/// One thing seen.
#[derive(Debug, Clone, PartialEq)]
pub struct Detection {
    /// What it is taken for.
    pub label: VideoLabel,
    /// How likely it is that.
    pub score: Probability,
    /// Presentation time stamp of the picture that shows it, 90 kHz, unwrapped.
    pub pts_90k: u64,
    /// When, by the metadata's clock; `None` without such.
    pub observed: Option<Observed>,
    /// Where in the picture.
    pub area: Area,
    /// Its number among those of its kind since the detector began: told again, it has the same.
    pub target: u64,
    /// As an observation; `None` when no metadata tells where the picture looks.
    pub observation: Option<Observation>,
    /// The part of the picture around it.
    pub still: Still,
}

/// A rectangle of a picture, pixels from its upper left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Area {
    /// First column.
    pub left: usize,
    /// First row.
    pub top: usize,
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
}

/// A part of a picture as an image file.
#[derive(Debug, Clone, PartialEq)]
pub struct Still {
    /// Which part.
    pub area: Area,
    /// A PNG file, 8 bits a channel, red, green, blue, without any mark drawn into it.
    pub png: Vec<u8>,
}

/// How much was looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Looks {
    /// Pictures pushed.
    pub pictures: u64,
    /// Of these, those analysed whole.
    pub analysed: u64,
    /// Times all began anew because a picture showed something else.
    pub cuts: u64,
}

/// Looks at the pictures of one stream.
///
/// Holds some planes of numbers the size of a picture brought down to 640 pixels across (12 MB at 16:9) and no more,
/// however long the stream. The same pictures and metadata give the same detections.
///
/// ```
/// use truceline_detect::{Detector, Options};
/// use truceline_domain::SourceId;
/// let detector = Detector::new(SourceId::new("UAV1").unwrap(), Options::default());
/// assert_eq!(detector.looks().pictures, 0);
/// ```
pub struct Detector {
    source: SourceId,
    options: Options,
    looks: Looks,
    stream: Option<Stream>,
    flashes: Flashes,
    smoke: Smoke,
    vehicles: Vehicles,
}

/// What is kept of a stream whose pictures go on.
struct Stream {
    size: (usize, usize),
    background: Background,
    first_90k: u64,
    last_90k: u64,
    analysed_90k: u64,
    view: Option<View>,
    disturbed: u32,
}

/// A picture in hand.
struct Frame<'a> {
    picture: &'a Picture,
    telemetry: Option<&'a Telemetry>,
    view: Option<View>,
    factor: usize,
}

impl Detector {
    /// At the start of a stream of `source`.
    #[must_use]
    pub fn new(source: SourceId, options: Options) -> Self {
        Self {
            source,
            options,
            looks: Looks::default(),
            stream: None,
            flashes: Flashes::default(),
            smoke: Smoke::default(),
            vehicles: Vehicles::default(),
        }
    }

    /// How much was looked at so far.
    #[must_use]
    pub fn looks(&self) -> Looks {
        self.looks
    }

    /// Takes the next picture in order of presentation, and the last metadata before it, if any. Not every picture needs to
    /// be pushed, but flashes are lost between them. Returns what was found with it.
    pub fn push_picture(
        &mut self,
        picture: &Picture,
        telemetry: Option<&Telemetry>,
    ) -> Vec<Detection> {
        self.looks.pictures += 1;
        let factor = picture.width.div_ceil(MOST_ACROSS).max(1);
        // Below that there is no cell, and nothing to compare.
        if picture.width / factor < 64
            || picture.height / factor < 48
            || picture.luma.len() != picture.width * picture.height
        {
            return vec![];
        }
        let plane = Plane::of(picture, factor);
        let frame = Frame {
            picture,
            telemetry,
            view: telemetry.and_then(|t| t.view(picture.pts_90k, plane.width, plane.height)),
            factor,
        };
        if !self.goes_on(&frame) {
            self.begin(&plane, &frame);
            return vec![];
        }
        let calls = self.options.flashes && self.flashes.glance(&plane);
        let interval_90k = 90_000.0 / self.options.rate_hz.clamp(0.1, 100.0);
        let Some(stream) = &mut self.stream else {
            return vec![];
        };
        stream.last_90k = picture.pts_90k;
        // Pictures come at steps of their own: what is due within a millisecond is due.
        let due = (picture.pts_90k - stream.analysed_90k) as f64 + 90.0 >= interval_90k;
        if due || calls {
            self.analyse(plane, &frame)
        } else {
            vec![]
        }
    }

    fn goes_on(&self, frame: &Frame<'_>) -> bool {
        self.stream.as_ref().is_some_and(|s| {
            let step = frame.picture.pts_90k.checked_sub(s.last_90k);
            s.size == (frame.picture.width, frame.picture.height)
                && step.is_some_and(|step| (1..=LONGEST_STEP_90K).contains(&step))
        })
    }

    /// Begins anew with this picture as the background.
    fn begin(&mut self, plane: &Plane, frame: &Frame<'_>) {
        let pts_90k = frame.picture.pts_90k;
        self.stream = Some(Stream {
            size: (frame.picture.width, frame.picture.height),
            background: Background::new(plane),
            first_90k: pts_90k,
            last_90k: pts_90k,
            analysed_90k: pts_90k,
            view: frame.view,
            disturbed: 0,
        });
        self.flashes = Flashes::continued(&self.flashes);
        self.smoke = Smoke::continued(&self.smoke);
        self.vehicles = Vehicles::continued(&self.vehicles);
        self.looks.analysed += 1;
    }

    fn analyse(&mut self, plane: Plane, frame: &Frame<'_>) -> Vec<Detection> {
        let Some(stream) = &mut self.stream else {
            return vec![];
        };
        self.looks.analysed += 1;
        let pts_90k = frame.picture.pts_90k;
        let since_s = (pts_90k - stream.analysed_90k) as f64 / 90_000.0;
        let at_s = (pts_90k - stream.first_90k) as f64 / 90_000.0;
        let moved = stream
            .view
            .zip(frame.view)
            .and_then(|(before, now)| before.to(&now));
        stream.analysed_90k = pts_90k;
        stream.view = frame.view;
        let pyramid = Pyramid::of(plane);
        let Held::Against(seen) = stream.background.hold(&pyramid, moved) else {
            self.looks.cuts += 1;
            let [plane, ..] = &pyramid.0;
            self.begin(plane, frame);
            return vec![];
        };
        stream.disturbed = if seen.share > DISTURBED_SHARE {
            stream.disturbed + 1
        } else {
            0
        };
        if stream.disturbed >= DISTURBED_LOOKS {
            self.looks.cuts += 1;
            let [plane, ..] = &pyramid.0;
            self.begin(plane, frame);
            return vec![];
        }
        let quiet = stream.disturbed == 0;
        let (found, veiled) = if quiet {
            self.look(&seen, at_s, frame)
        } else {
            (vec![], vec![])
        };
        if let Some(stream) = &mut self.stream
            && let Some(map) = stream.background.learn(&seen, &veiled, since_s)
        {
            let (ground, looks) = stream.background.ground();
            self.flashes.remap(&map);
            self.smoke.remap(&map, ground, looks);
            self.vehicles.remap(&map);
        }
        found
    }

    /// Lets each look; returns what they found and which pixels are veiled.
    fn look(
        &mut self,
        seen: &Difference,
        at_s: f64,
        frame: &Frame<'_>,
    ) -> (Vec<Detection>, Vec<bool>) {
        let mut found = vec![];
        let (options, source) = (self.options, &self.source);
        let pts_90k = frame.picture.pts_90k;
        if options.flashes {
            let still = |blob: &Blob| frame.crop(seen, blob);
            for flash in self.flashes.look(seen, pts_90k, still) {
                found.extend(of_flash(source, flash, seen, frame));
            }
        }
        let mut veiled = vec![];
        if options.smoke {
            let (plumes, cells) = self.smoke.look(seen, at_s, options.repeat_s);
            veiled = cells;
            found.extend(
                plumes
                    .iter()
                    .filter_map(|plume| of_smoke(source, plume, seen, frame)),
            );
        }
        if options.vehicles {
            let scale = |x: f64, y: f64| frame.metres_per_pixel(seen, x, y);
            let moving = self.vehicles.look(seen, at_s, options.repeat_s, scale);
            found.extend(
                moving
                    .iter()
                    .filter_map(|moving| of_vehicle(source, moving, seen, frame)),
            );
        }
        found.retain(|d| d.score.get() >= options.least_score);
        (found, veiled)
    }
}

impl Frame<'_> {
    /// A patch's box in pixels of the whole picture.
    fn in_picture(&self, seen: &Difference, blob: &Blob) -> Option<[f64; 4]> {
        let (left, top) = (blob.left as f64 - 0.5, blob.top as f64 - 0.5);
        let (right, bottom) = (blob.right as f64 + 0.5, blob.bottom as f64 + 0.5);
        let mut shown = [f64::MAX, f64::MAX, f64::MIN, f64::MIN];
        for (x, y) in [(left, top), (right, top), (left, bottom), (right, bottom)] {
            let (x, y) = seen.map.map(x, y)?;
            let (x, y) = (
                (x + 0.5) * self.factor as f64,
                (y + 0.5) * self.factor as f64,
            );
            let [a, b, c, d] = shown;
            shown = [a.min(x), b.min(y), c.max(x), d.max(y)];
        }
        let [a, b, c, d] = shown;
        let (width, height) = (self.picture.width as f64, self.picture.height as f64);
        let shown = [a.max(0.0), b.max(0.0), c.min(width), d.min(height)];
        (shown[0] < shown[2] && shown[1] < shown[3]).then_some(shown)
    }

    fn crop(&self, seen: &Difference, blob: &Blob) -> Option<Crop> {
        Some(Crop::around(self.picture, self.in_picture(seen, blob)?))
    }

    /// The ground's scale at a point of the background.
    fn metres_per_pixel(&self, seen: &Difference, x: f64, y: f64) -> Option<f64> {
        let (u, v) = seen.map.map(x, y)?;
        Some(self.view?.metres_per_pixel(u, v)? * seen.map.length_scale(x, y)?)
    }

    /// Where a point of the background lies, and how surely, when it is sure to so many pixels of the background.
    fn place(&self, seen: &Difference, x: f64, y: f64, sure_px: f64) -> Option<(Position, f64)> {
        let (u, v) = seen.map.map(x, y)?;
        let view = self.view?;
        Some((view.position(u, v)?, view.ce90_m(u, v, sure_px)))
    }
}

fn of_flash(
    source: &SourceId,
    flash: Flash,
    seen: &Difference,
    frame: &Frame<'_>,
) -> Option<Detection> {
    let label = if flash.lit_90k <= MUZZLE_90K {
        VideoLabel::MuzzleFlash
    } else {
        VideoLabel::Impact
    };
    let place = frame.place(seen, flash.blob.x, flash.blob.y, flash.blob.length());
    let found = Found {
        label,
        score: score::flash(&flash)?,
        pts_90k: flash.pts_90k,
        target: flash.tag,
        place,
    };
    trace("flash", flash.tag, &score::flash_features(&flash));
    Some(found.told(source, frame.telemetry, &flash.still?))
}

fn of_smoke(
    source: &SourceId,
    plume: &Plume,
    seen: &Difference,
    frame: &Frame<'_>,
) -> Option<Detection> {
    let (x, y) = plume.source;
    let found = Found {
        label: VideoLabel::Smoke,
        score: score::smoke(plume)?,
        pts_90k: frame.picture.pts_90k,
        target: plume.number,
        place: frame.place(seen, x, y, 2.0 * crate::smoke::CELL as f64),
    };
    trace("smoke", plume.number, &score::smoke_features(plume));
    Some(found.told(source, frame.telemetry, &frame.crop(seen, &plume.blob)?))
}

fn of_vehicle(
    source: &SourceId,
    moving: &Moving,
    seen: &Difference,
    frame: &Frame<'_>,
) -> Option<Detection> {
    let found = Found {
        label: VideoLabel::Vehicle,
        score: score::vehicle(moving)?,
        pts_90k: frame.picture.pts_90k,
        target: moving.number,
        place: frame.place(seen, moving.blob.x, moving.blob.y, moving.blob.length()),
    };
    trace("vehicle", moving.number, &score::vehicle_features(moving));
    Some(found.told(source, frame.telemetry, &frame.crop(seen, &moving.blob)?))
}

/// What speaks for a detection, for whoever fits the weights of the scores.
fn trace(kind: &str, number: u64, features: &[f64]) {
    tracing::trace!(kind, number, ?features, "detection");
}

/// What was found, before it has its words.
struct Found {
    label: VideoLabel,
    score: Probability,
    pts_90k: u64,
    target: u64,
    place: Option<(Position, f64)>,
}

impl Found {
    fn told(self, source: &SourceId, telemetry: Option<&Telemetry>, crop: &Crop) -> Detection {
        let observed = telemetry.and_then(|t| t.observed_at(self.pts_90k));
        let [left, top, right, bottom] = crop.shown.map(|v| v.max(0.0).round() as usize);
        let area = Area {
            left,
            top,
            width: right.saturating_sub(left).max(1),
            height: bottom.saturating_sub(top).max(1),
        };
        let (width, height) = crop.size();
        Detection {
            label: self.label,
            score: self.score,
            pts_90k: self.pts_90k,
            observed,
            area,
            target: self.target,
            observation: self.observation(source, observed, area, crop),
            still: Still {
                area: Area {
                    left: crop.left,
                    top: crop.top,
                    width,
                    height,
                },
                png: crop.png(),
            },
        }
    }

    /// Named by source, label, time stamp as sent (33 bits), place in the picture, and the picture itself.
    fn observation(
        &self,
        source: &SourceId,
        observed: Option<Observed>,
        area: Area,
        crop: &Crop,
    ) -> Option<Observation> {
        let (position, ce90_m) = self.place?;
        let label = format!("{:?}", self.label);
        let pts = (self.pts_90k & ((1 << 33) - 1)).to_be_bytes();
        let area = [area.left, area.top, area.width, area.height]
            .map(|v| (v as u64).to_be_bytes())
            .concat();
        let parts: [&[u8]; 5] = [b"detect", label.as_bytes(), &pts, &area, crop.samples()];
        Some(Observation {
            id: Observation::id_from_content(source, &parts).ok()?,
            source: source.clone(),
            observed,
            received: None,
            body: Body::Video(Video {
                position,
                ce90_m: Positive::new(ce90_m).ok()?,
                label: self.label,
                score: self.score,
                target_id: Some(self.target),
                cov_m2: None,
            }),
        })
    }
}
