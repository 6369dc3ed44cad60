//! What must hold of every detection model, whatever the figures.

use proptest::prelude::*;
use truceline_domain::EventKind;
use truceline_engine::detection::video::Frame;
use truceline_engine::detection::{Conditions, Looks, acoustic, flash, post, video};

fn kinds() -> impl Strategy<Value = EventKind> {
    proptest::sample::select(EventKind::ALL.to_vec())
}

prop_compose! {
    fn conditions()(
        range_m in 0.0..60_000.0f64, wind_mps in 0.0..20.0f64, share in -1.0..1.0f64,
        daylight in 0.0..1.0f64, line_of_sight in 0.0..1.0f64,
    ) -> Conditions {
        Conditions { range_m, wind_mps, wind_along_mps: wind_mps * share, daylight, line_of_sight }
    }
}

type Model = fn(EventKind, &Conditions) -> f64;
const MODELS: [Model; 3] = [acoustic::probability, flash::probability, post::probability];

proptest! {
    #[test]
    fn farther_is_never_noticed_better(kind in kinds(), near in conditions(), more_m in 0.0..50_000.0f64) {
        let far = Conditions { range_m: near.range_m + more_m, ..near };
        for model in MODELS {
            let (p_near, p_far) = (model(kind, &near), model(kind, &far));
            prop_assert!((0.0..=1.0).contains(&p_near) && p_far <= p_near + 1e-12, "{p_near} {p_far}");
        }
    }

    #[test]
    fn what_hides_it_never_helps(kind in kinds(), open in conditions()) {
        let hidden = Conditions { line_of_sight: 0.0, ..open };
        for model in MODELS {
            prop_assert!(model(kind, &hidden) <= model(kind, &open) + 1e-12);
        }
    }

    #[test]
    fn a_coarser_picture_never_shows_more(
        kind in kinds(), pixel_m in 0.01..20.0f64, dwell_s in 0.0..600.0f64,
        daylight in 0.0..1.0f64, is_infrared: bool, worse in 1.0..10.0f64,
    ) {
        let fine = Frame { pixel_m, dwell_s, daylight, is_infrared };
        let p = video::probability(kind, &fine);
        let coarse = video::probability(kind, &Frame { pixel_m: pixel_m * worse, ..fine });
        let brief = video::probability(kind, &Frame { dwell_s: dwell_s / worse, ..fine });
        prop_assert!((0.0..=1.0).contains(&p) && coarse <= p + 1e-12 && brief <= p + 1e-12);
    }

    #[test]
    fn one_more_source_never_sees_less(margins in proptest::collection::vec(-40.0..40.0f64, 0..8), p in 0.0..1.0f64) {
        let mut looks = Looks::default();
        let mut before = 0.0;
        for margin_db in &margins {
            looks.sound(*margin_db);
            prop_assert!(looks.p_seen() + 1e-12 >= before);
            before = looks.p_seen();
        }
        looks.other(p);
        prop_assert!(looks.p_seen() + 1e-12 >= before.max(p) && looks.p_seen() <= 1.0);
    }
}
