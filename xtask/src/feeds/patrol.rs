//! Where patrols of the mission drive: `patrol.cot` and `patrol-m4.cot`, Cursor on Target events one after another.

use std::fmt::Write as _;

use truceline_domain::Observed;

use super::geometry::{Point, round};
use super::random::Random;
use super::sensors::unix_us;
use super::theatre::Theatre;

/// A report every half minute for half an hour.
const EVERY_S: f64 = 30.0;
const REPORTS: u32 = 60;

/// One patrol: its names, when it sets out and how fast it drives.
struct Patrol {
    uid: &'static str,
    callsign: &'static str,
    begins_s: f64,
    speed_mps: f64,
}

/// From post to post, at walking to driving speed.
pub(super) fn xml(theatre: &Theatre, random: &mut Random) -> Result<String, String> {
    let [from, to] =
        ["P03", "P04"].map(|id| theatre.posts.iter().find(|p| p.id == id).map(|p| p.at));
    let (from, to) = (
        from.ok_or("the theatre has no post P03")?,
        to.ok_or("… no post P04")?,
    );
    let patrol = Patrol {
        uid: "exercise-patrol-1",
        callsign: "PATROL 1",
        begins_s: 300.0,
        speed_mps: 4.2,
    };
    patrol.xml(&[from, to], random)
}

/// Along the road of the theatre's second patrol; nothing where there is none.
pub(super) fn on_the_road(
    theatre: &Theatre,
    random: &mut Random,
) -> Result<Option<String>, String> {
    let road = theatre.ground.patrol_deg.iter();
    let road: Vec<Point> = road.map(|[lat, lon]| Point::of(*lat, *lon)).collect();
    let patrol = Patrol {
        uid: "exercise-patrol-m4",
        callsign: "PATROL M4",
        begins_s: 1_200.0,
        speed_mps: 8.0,
    };
    (road.len() > 1)
        .then(|| patrol.xml(&road, random))
        .transpose()
}

impl Patrol {
    fn xml(&self, way: &[Point], random: &mut Random) -> Result<String, String> {
        let Self {
            uid,
            callsign,
            begins_s,
            speed_mps,
        } = self;
        let mut xml = String::new();
        for report in 0..REPORTS {
            let driven_s = f64::from(report) * EVERY_S;
            let at_s = begins_s + driven_s;
            let (at, course_deg) =
                along(way, driven_s * speed_mps).ok_or("a way without a point")?;
            let at = at.moved(random.between(0.0, 360.0), random.normal(3.0).abs());
            let (lat_deg, lon_deg) = at.degrees();
            let [time, stale] = [at_s, at_s + 120.0].map(|s| {
                Observed::from_unix_us(unix_us(s))
                    .map(|t| t.to_string())
                    .map_err(|e| e.to_string())
            });
            let (time, stale) = (time?, stale?);
            let hae_m = round(398.0 + random.normal(4.0), 1);
            // Writing to a string does not fail.
            let _ = writeln!(
                xml,
                "<event version=\"2.0\" uid=\"{uid}\" type=\"a-n-G-E-V\" how=\"m-g\" \
                 time=\"{time}\" start=\"{time}\" stale=\"{stale}\"><point lat=\"{lat_deg}\" lon=\"{lon_deg}\" \
                 hae=\"{hae_m}\" ce=\"6.0\" le=\"12.0\"/><detail><contact callsign=\"{callsign}\"/>\
                 <track course=\"{course_deg:.1}\" speed=\"{speed_mps}\"/></detail></event>"
            );
        }
        Ok(xml)
    }
}

/// The place so far along a way, and the course there; at its end when it is shorter.
fn along(way: &[Point], mut left_m: f64) -> Option<(Point, f64)> {
    let mut end = None;
    for leg in way.windows(2) {
        let [from, to] = leg else { continue };
        let (course_deg, length_m) = (from.bearing_deg(*to), from.distance_m(*to));
        if left_m <= length_m {
            return Some((from.moved(course_deg, left_m), course_deg));
        }
        left_m -= length_m;
        end = Some((from.moved(course_deg, length_m), course_deg));
    }
    end
}
