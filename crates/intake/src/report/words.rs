//! The vocabulary of tables of ceasefire violations.
//!
//! A word that is not known is no guess: the field stays open and the word goes into the text.

use truceline_domain::{CountKind, Direction, Means, Phenomenon, Weapon};

use super::frame::{Refusal, folded};

/// Heard, seen, camera, unmanned aircraft.
pub(super) fn means(text: &str) -> Option<Means> {
    let text = text.to_lowercase();
    let has = |word: &str| text.contains(word);
    if has("uav") || has("drone") || has("unmanned") {
        Some(Means::Uav)
    } else if has("camera") || has("recorded") || has("cctv") {
        Some(Means::Camera)
    } else if has("saw") || has("seen") || has("visual") {
        Some(Means::Saw)
    } else if has("heard") || has("hear") || has("sound") {
        Some(Means::Heard)
    } else {
        None
    }
}

/// Explosion, burst, shot and so on. What is none of the words is `Other`.
pub(super) fn phenomenon(text: &str) -> Phenomenon {
    const WORDS: &[(&str, Phenomenon)] = &[
        ("muzzle", Phenomenon::MuzzleFlash),
        ("flare", Phenomenon::Flare),
        ("tracer", Phenomenon::Tracer),
        ("airburst", Phenomenon::Explosion),
        ("explosion", Phenomenon::Explosion),
        ("detonation", Phenomenon::Explosion),
        ("burst", Phenomenon::Burst),
        ("shot", Phenomenon::Shot),
        ("projectile", Phenomenon::Projectile),
        ("round", Phenomenon::Projectile),
        ("rocket", Phenomenon::Projectile),
    ];
    let text = folded(text);
    WORDS
        .iter()
        .find(|(word, _)| text.contains(word))
        .map_or(Phenomenon::Other, |(_, phenomenon)| *phenomenon)
}

/// Outgoing, incoming, impact, airburst; `None` when the text says nothing about it or two things.
pub(super) fn direction(text: &str) -> Option<Direction> {
    let text = text.to_lowercase();
    let has = |word: &str| text.contains(word);
    match (
        has("outgoing"),
        has("incoming"),
        has("impact"),
        has("airburst") || has("air burst"),
    ) {
        (false, _, true, false) => Some(Direction::Impact),
        (true, false, false, false) => Some(Direction::Outgoing),
        (false, true, false, false) => Some(Direction::Incoming),
        (false, false, false, true) => Some(Direction::Airburst),
        (false, false, false, false) if has("undetermined") || has("unknown") => {
            Some(Direction::Unknown)
        }
        _ => None,
    }
}

/// A weapon's class. Of several weapons that are not of one class none is named.
pub(super) fn weapon(text: &str) -> Weapon {
    let text = text.to_lowercase();
    let mut classes = text
        .split([';', '/', '+', '&'])
        .flat_map(|part| part.split(" and "))
        .flat_map(|part| part.split(" or "))
        .filter(|part| !is_calibre(part))
        .map(weapon_class);
    match classes.next() {
        Some(first) if classes.all(|class| class == first) => first,
        _ => Weapon::Unknown,
    }
}

/// The second half of «82/120 mm».
fn is_calibre(part: &str) -> bool {
    let part = folded(part);
    part.trim_end_matches("mm")
        .chars()
        .all(|c| c.is_ascii_digit())
}

fn weapon_class(text: &str) -> Weapon {
    // In this order: «anti-tank» before «tank», «heavy machine gun» before «machine gun», the
    // vehicle's cannon before the vehicle.
    const WORDS: &[(&str, Weapon)] = &[
        ("antitank", Weapon::AntiTank),
        ("atgm", Weapon::AntiTank),
        ("recoilless", Weapon::AntiTank),
        ("spg9", Weapon::AntiTank),
        ("rpg", Weapon::AntiTank),
        ("uav", Weapon::Drone),
        ("drone", Weapon::Drone),
        ("unmanned", Weapon::Drone),
        ("loitering", Weapon::Drone),
        ("mlrs", Weapon::Mlrs),
        ("rocketsystem", Weapon::Mlrs),
        ("grad", Weapon::Mlrs),
        ("bm21", Weapon::Mlrs),
        ("mortar", Weapon::Mortar),
        ("agl", Weapon::Agl),
        ("grenadelauncher", Weapon::Agl),
        ("cannon", Weapon::Cannon),
        ("ifv", Weapon::Cannon),
        ("bmp", Weapon::Cannon),
        ("zu23", Weapon::Cannon),
        ("hmg", Weapon::Hmg),
        ("heavymachinegun", Weapon::Hmg),
        ("smallarms", Weapon::SmallArms),
        ("machinegun", Weapon::SmallArms),
        ("lmg", Weapon::SmallArms),
        ("rifle", Weapon::SmallArms),
        ("artillery", Weapon::Artillery),
        ("howitzer", Weapon::Artillery),
        ("tank", Weapon::Tank),
    ];
    let text = folded(text);
    WORDS
        .iter()
        .find(|(word, _)| text.contains(word))
        .map_or(Weapon::Unknown, |(_, weapon)| *weapon)
}

/// A count: `12`, `at least 12`, `≥5`, `12+`, `about 30`, `~30`, `10-15` (at least ten), `uncounted`.
///
/// # Errors
/// Refused when it is none of these, or more than a million.
pub(super) fn count(text: &str) -> Result<(Option<u32>, CountKind), Refusal> {
    const UNCOUNTED: [&str; 6] = [
        "uncounted",
        "notcounted",
        "several",
        "multiple",
        "many",
        "numerous",
    ];
    let lower = text.trim().to_lowercase();
    if UNCOUNTED.contains(&folded(&lower).as_str()) {
        return Ok((None, CountKind::Uncounted));
    }
    let starts = |marks: &[&str]| marks.iter().find_map(|mark| lower.strip_prefix(mark));
    let at_least = starts(&["at least", "more than", "over", "≥", ">=", "min."])
        .or_else(|| lower.strip_suffix('+'));
    let about = starts(&[
        "about",
        "approximately",
        "approx.",
        "approx",
        "around",
        "circa",
        "ca.",
        "~",
    ]);
    let range = lower.split_once(['-', '–']).map(|(low, _)| low);
    let (number, kind) = match (at_least, about, range) {
        (Some(n), ..) | (None, None, Some(n)) => (n, CountKind::AtLeast),
        (None, Some(n), _) => (n, CountKind::About),
        (None, None, None) => (lower.as_str(), CountKind::Exact),
    };
    const MOST: u32 = 1_000_000;
    let seen = || text.chars().take(40).collect::<String>();
    let digits: String = number.trim().chars().filter(|c| *c != ',').collect();
    match digits.parse::<u32>() {
        Ok(n) if n <= MOST => Ok((Some(n), kind)),
        Ok(_) => Err(Refusal::absurd(format!(
            "no: {:?} is more than {MOST}",
            seen()
        ))),
        Err(_) => Err(Refusal::malformed(format!(
            "no: {:?} is no count such as 12, at least 12, about 30 or N/K",
            seen()
        ))),
    }
}

/// How a count was made, when a column of its own says it.
pub(super) fn count_kind(text: &str) -> Option<CountKind> {
    match folded(text).as_str() {
        "exact" => Some(CountKind::Exact),
        "about" => Some(CountKind::About),
        "atleast" => Some(CountKind::AtLeast),
        "total" => Some(CountKind::Total),
        "uncounted" => Some(CountKind::Uncounted),
        _ => None,
    }
}
