//! What a satellite saw of the ground's heat: `hotspots.csv`, in the form of FIRMS' VIIRS product.

use truceline_domain::EventKind;

use super::geometry::Point;
use super::plan::Plan;
use super::random::Random;
use super::theatre::Theatre;

const HEADER: &str = "latitude,longitude,bright_ti4,scan,track,acq_date,acq_time,satellite,confidence,version,bright_ti5,frp,daynight";

/// The pass over the theatre, HHMM UTC.
const PASS: &str = "0942";

/// Sizes of the pixel along scan and track, kilometres, a third of the swath off nadir.
const PIXEL_KM: (f64, f64) = (0.45, 0.39);

/// A field that is burnt off, far from any fire of arms, and what the shells set on fire.
pub(super) fn csv(theatre: &Theatre, plan: &Plan, random: &mut Random) -> String {
    let mut rows = vec![HEADER.to_owned()];
    let field = theatre.quarries.last().map_or(
        Point {
            east_m: 0.0,
            north_m: 0.0,
        },
        |q| q.at,
    );
    let field = field.moved(120.0, 4_500.0);
    for pixel in 0..5 {
        let at = field
            .moved(75.0, 380.0 * f64::from(pixel))
            .moved(345.0, 120.0 * f64::from(pixel % 2));
        rows.push(row(at, random.between(6.0, 18.0), "nominal", random));
    }
    for (_, events) in plan.by_series().filter(|(series, _)| series.burns) {
        for event in events
            .iter()
            .take(2)
            .filter(|e| e.kind == EventKind::Mortar)
        {
            if let Some((burst, _)) = event.impact {
                rows.push(row(burst, random.between(2.0, 5.0), "high", random));
            }
        }
    }
    rows.join("\n") + "\n"
}

/// The centre of the pixel that holds a fire: anywhere within half a pixel of it.
fn row(fire: Point, frp_mw: f64, confidence: &str, random: &mut Random) -> String {
    let within = |size_km: f64, random: &mut Random| random.between(-0.5, 0.5) * size_km * 1000.0;
    let centre = Point {
        east_m: fire.east_m + within(PIXEL_KM.0, random),
        north_m: fire.north_m + within(PIXEL_KM.1, random),
    };
    let (lat_deg, lon_deg) = centre.degrees();
    let hot_k = random.between(328.0, 352.0);
    let ground_k = random.between(288.0, 294.0);
    format!(
        "{lat_deg:.5},{lon_deg:.5},{hot_k:.2},{},{},2021-03-14,{PASS},N,{confidence},2.0NRT,{ground_k:.2},{frp_mw:.2},D",
        PIXEL_KM.0, PIXEL_KM.1
    )
}
