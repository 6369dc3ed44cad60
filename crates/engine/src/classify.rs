//! What a source was, from its sound, its place and what is known of the place.

use truceline_agreement::Geometry;
use truceline_domain::{Body, EventKind};

use crate::associate::Source;
use crate::field::Wave;
use crate::findings::NOTICE_SLACK_S;
use crate::plane::Xy;
use crate::prepare::Prepared;
use crate::signature::Signature;

/// Log-probabilities, up to a constant, of each signature for one source.
pub(crate) fn ln_kinds(
    all: &Prepared<'_>,
    signatures: &[Signature],
    geometry: &Geometry<'_>,
    source: &Source,
) -> Vec<f64> {
    let place = source.estimate.place();
    let behind_m = all
        .plane
        .to_position(place)
        .and_then(|p| geometry.line_distance_m(p));
    let place_sd_m = source.estimate.place_sd_m();
    let quarry = quarry_m(all, geometry, place);
    let is_announced = announced(all, source).is_some();
    let mut shocks = 0.0;
    let mut classes = vec![];
    for pick in source.picks.iter().filter_map(|p| all.field.picks.get(*p)) {
        match pick.wave {
            Wave::Sound { class, class_p, .. } => classes.push((class, class_p)),
            Wave::Shock { .. } => shocks += 1.0,
            _ => {}
        }
    }
    signatures
        .iter()
        .map(|s| {
            let mut ln = s.prior.ln() + s.ln_density(&source.fingerprint);
            ln += classes.iter().map(|(c, p)| s.ln_class(*c, *p)).sum::<f64>();
            if !s.shocks {
                ln -= SHOCK_LN * shocks;
            }
            if let (Some((near, far)), Some(d)) = (s.behind_line_m, behind_m) {
                ln += outside(d, near, far, place_sd_m);
            }
            match s.kind {
                EventKind::BlastQuarry if quarry < SITE_REACH_M + 2.0 * place_sd_m => ln += 3.0,
                EventKind::BlastQuarry => ln -= 1.0,
                EventKind::Demolition if is_announced => ln += ANNOUNCED_LN,
                _ => {}
            }
            ln
        })
        .collect()
}

/// What a notice speaks for a demolition.
pub(crate) const ANNOUNCED_LN: f64 = 2.0;
/// What one ground shock speaks against a source that shakes no ground: false shocks are about one
/// in twelve.
const SHOCK_LN: f64 = 2.5;
/// A quarry's blasts lie this near its mark, metres.
const SITE_REACH_M: f64 = 1000.0;

/// How ill a distance from the line suits a weapon fired between `near` and `far` behind it.
fn outside(d_m: f64, near_m: f64, far_m: f64, sd_m: f64) -> f64 {
    let beyond = (near_m - d_m).max(d_m - far_m).max(0.0);
    let soft = sd_m.hypot(0.3 * near_m).hypot(0.1 * far_m);
    (-0.5 * (beyond / soft).powi(2)).max(-8.0)
}

fn quarry_m(all: &Prepared<'_>, geometry: &Geometry<'_>, place: Xy) -> f64 {
    let sites = geometry.sites.iter().filter(|s| s.what == "quarry");
    sites
        .map(|s| all.plane.to_m(s.position).distance(place))
        .fold(f64::INFINITY, f64::min)
}

/// The notice that announced a source's place and time, as its place among the observations.
pub(crate) fn announced(all: &Prepared<'_>, source: &Source) -> Option<usize> {
    let place = source.estimate.place();
    let reach_m = 2.0 * source.estimate.place_sd_m();
    all.notices.iter().copied().find(|i| {
        let Some(Body::Notice(n)) = all.observations.get(*i).map(|o| &o.body) else {
            return false;
        };
        let [from, until] = n.window.map(|t| all.seconds(t));
        let at = all.plane.to_m(n.position);
        (from - NOTICE_SLACK_S..=until + NOTICE_SLACK_S).contains(&source.estimate.t_s())
            && at.distance(place) <= n.radius_m.get() + reach_m
    })
}
