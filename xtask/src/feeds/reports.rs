//! What people at the posts write down: `reports.csv`, in the form of a mission's table.

use truceline_domain::EventKind;

use super::geometry::Point;
use super::physics;
use super::plan::{Event, Plan};
use super::random::Random;
use super::theatre::{Placed, Theatre};

const HEADER: &str = "SMM position,Event location,Means,No.,Observation,Description,Weapon,\"Date, time\",Post,Attributed to";

/// The theatre's local time: the posts write it, the comment line names it.
const ZONE: (&str, u32) = ("Asia/Baku", 4);

/// People hear what is so much above the noise.
const HEARD_DB: f64 = 6.0;

/// The table of the hour, in the order of the events.
pub(super) fn csv(theatre: &Theatre, plan: &Plan, random: &mut Random) -> String {
    let mut rows = format!("# timezone: {}\n{HEADER}\n", ZONE.0);
    for (_, events) in plan.by_series() {
        for post in &theatre.posts {
            if let Some(row) = row(post, &events, plan, random) {
                rows.push_str(&row);
                rows.push('\n');
            }
        }
    }
    rows
}

/// What a post tells of a series: nothing, when it hears nothing of it.
fn row(post: &Placed, events: &[&Event], plan: &Plan, random: &mut Random) -> Option<String> {
    let first = events.first()?;
    let (sound, at, description) = loudest(post, first)?;
    let counted = (events.len() as f64 * random.between(0.7, 1.0))
        .round()
        .max(1.0) as usize;
    let count = match (counted, random.chance(0.4)) {
        (1, _) => "1".to_owned(),
        (n, true) => format!("at least {n}"),
        (n, false) => n.to_string(),
    };
    let observation = match first.kind {
        EventKind::SmallArms | EventKind::Hmg => "Burst",
        _ => "Explosion",
    };
    let location = location(post.at, at, random);
    let when = local_minute(first.time_s + post.at.distance_m(at) / sound);
    let blamed = blamed(post, first, plan).unwrap_or_default();
    Some(format!(
        "{},{location},Heard,{count},{observation},{description},{},{when},{},{blamed}",
        place_name(&post.id),
        weapon(first.kind, random),
        post.id
    ))
}

/// What of an event is loudest at the post, its muzzle or its burst: speed of its sound, place, word.
fn loudest(post: &Placed, event: &Event) -> Option<(f64, Point, &'static str)> {
    let (burst, _) = event.impact.unwrap_or((event.at, 0.0));
    let is_shell = event.impact.is_some();
    let candidates = [
        (
            physics::muzzle(event.kind),
            event.at,
            if is_shell { "Outgoing" } else { "Undetermined" },
        ),
        (
            physics::ground(event.kind),
            burst,
            if is_shell { "Impact" } else { "Undetermined" },
        ),
    ];
    let heard = candidates.into_iter().filter_map(|(sound, at, word)| {
        let arrival = physics::expected(sound?, at, post.at, 0.0)?;
        (arrival.snr_db > HEARD_DB).then_some((arrival.snr_db, at, word))
    });
    let (_, at, word) = heard.max_by(|a, b| a.0.total_cmp(&b.0))?;
    Some((physics::sound_mps(at, post.at), at, word))
}

/// Distance and wind as people judge them: ± a third and ± 12°.
fn location(from: Point, to: Point, random: &mut Random) -> String {
    const WINDS: [&str; 16] = [
        "N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE", "S", "SSW", "SW", "WSW", "W", "WNW",
        "NW", "NNW",
    ];
    let distance_km = from.distance_m(to) / 1000.0 * (1.0 + random.normal(0.2)).clamp(0.5, 1.6);
    let bearing_deg = (from.bearing_deg(to) + random.normal(10.0)).rem_euclid(360.0);
    let wind = WINDS[(bearing_deg / 22.5).round() as usize % 16];
    let near_km = (distance_km * 0.7).round().max(1.0);
    let far_km = (distance_km * 1.3).round().max(near_km + 1.0);
    format!("{near_km}-{far_km}km {wind}")
}

/// A post of a party blames the other; the mission's blame nobody.
fn blamed<'a>(post: &Placed, event: &Event, plan: &'a Plan) -> Option<&'a str> {
    let own = plan
        .parties
        .iter()
        .position(|party| *party == post.operator)?;
    let is_fire = physics::muzzle(event.kind).is_some();
    plan.parties
        .get(1 - own)
        .filter(|_| is_fire)
        .map(String::as_str)
}

fn weapon(kind: EventKind, random: &mut Random) -> &'static str {
    let known = random.chance(0.7);
    match kind {
        EventKind::SmallArms => "small arms",
        EventKind::Hmg if known => "HMG (12.7mm)",
        EventKind::Mortar if known => "mortar 120mm",
        EventKind::Artillery if known => "artillery (type unknown)",
        _ => "N/K",
    }
}

/// `P03` to `Post 3`.
fn place_name(id: &str) -> String {
    format!(
        "Post {}",
        id.trim_start_matches('P').trim_start_matches('0')
    )
}

fn local_minute(seconds: f64) -> String {
    // The exercise begins at nine o'clock UTC.
    let minutes = (9 + ZONE.1) * 60 + (seconds / 60.0).round() as u32;
    format!("14.03.2021 {:02}:{:02}", minutes / 60, minutes % 60)
}
