//! Where a patrol of the mission drives: `patrol.cot`, Cursor on Target events one after another.

use std::fmt::Write as _;

use truceline_domain::Observed;

use super::geometry::round;
use super::random::Random;
use super::sensors::unix_us;
use super::theatre::Theatre;

/// A report every half minute for half an hour, at walking to driving speed from post to post.
const EVERY_S: f64 = 30.0;
const REPORTS: u32 = 60;
const SPEED_MPS: f64 = 4.2;

pub(super) fn xml(theatre: &Theatre, random: &mut Random) -> Result<String, String> {
    let [from, to] =
        ["P03", "P04"].map(|id| theatre.posts.iter().find(|p| p.id == id).map(|p| p.at));
    let (from, to) = (
        from.ok_or("the theatre has no post P03")?,
        to.ok_or("… no post P04")?,
    );
    let course_deg = from.bearing_deg(to);
    let mut xml = String::new();
    for report in 0..REPORTS {
        let at_s = 300.0 + f64::from(report) * EVERY_S;
        let along_m = (f64::from(report) * EVERY_S * SPEED_MPS).min(from.distance_m(to));
        let at = from
            .moved(course_deg, along_m)
            .moved(random.between(0.0, 360.0), random.normal(3.0).abs());
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
            "<event version=\"2.0\" uid=\"exercise-patrol-1\" type=\"a-n-G-E-V\" how=\"m-g\" \
             time=\"{time}\" start=\"{time}\" stale=\"{stale}\"><point lat=\"{lat_deg}\" lon=\"{lon_deg}\" \
             hae=\"{hae_m}\" ce=\"6.0\" le=\"12.0\"/><detail><contact callsign=\"PATROL 1\"/>\
             <track course=\"{course_deg:.1}\" speed=\"{SPEED_MPS}\"/></detail></event>"
        );
    }
    Ok(xml)
}
