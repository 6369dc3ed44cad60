//! As observations arrive: the same answer as over all of them at once, in any order, on any number
//! of threads.

use std::collections::BTreeMap;

use crate::common::*;
use proptest::prelude::*;
use truceline_domain::{Event, Exchange, FindingId, Observation, Observed, Received};
use truceline_engine::{Judgement, Live, Parameters, Revision, SensorState, Window, judge_on};

fn live(window: Window) -> Live {
    Live::new(theatre(THEATRE), Parameters::default(), window)
}

/// All but the count of what was delivered twice, which live use does not keep.
fn answer(j: &Judgement) -> (&[Event], &[Exchange], &[SensorState]) {
    (&j.events, &j.exchanges, &j.sensors)
}

/// In order of arrival at the centre.
fn arriving() -> Vec<Observation> {
    let mut all = observations(OBSERVATIONS);
    all.sort_by_key(|o| o.received);
    all
}

/// What somebody knows who is told only what changes.
#[derive(Default)]
struct Told(BTreeMap<FindingId, Event>);

impl Told {
    fn hear(&mut self, revision: Revision) {
        for (id, event) in revision.revised {
            assert!(self.0.remove(&id).is_some(), "{id} was never told");
            self.0.insert(event.id.clone(), event);
        }
        for id in revision.withdrawn.iter().chain(&revision.settled) {
            assert!(self.0.remove(id).is_some(), "{id} was never told");
        }
        for event in revision.new {
            assert!(self.0.insert(event.id.clone(), event).is_none());
        }
    }
}

#[test]
fn live_ends_where_the_whole_does_and_tells_every_step() {
    let all = arriving();
    let mut live = live(Window::default());
    let mut told = Told::default();
    for part in all.chunks(17) {
        live.push(part);
        told.hear(live.judge());
    }
    told.hear(live.judge_whole());
    assert!(
        live.is_current() && live.judge().is_empty(),
        "nothing came since"
    );
    let whole = judged(THEATRE, &all);
    assert_eq!(answer(live.judgement()), answer(&whole));
    let heard: Vec<&FindingId> = told.0.keys().collect();
    let mut there: Vec<&FindingId> = whole.events.iter().map(|e| &e.id).collect();
    there.sort();
    assert_eq!(heard, there);
}

#[test]
fn any_number_of_threads_gives_one_answer() {
    let all = observations(OBSERVATIONS);
    let on = |threads| judge_on(&theatre(THEATRE), &all, &Parameters::default(), threads);
    let one = on(1);
    for threads in [2, 3, 8] {
        assert_eq!(on(threads), one);
    }
}

#[test]
fn what_comes_hours_late_revises_what_was_told() {
    let all = arriving();
    let (late, soon): (Vec<Observation>, Vec<Observation>) = all
        .iter()
        .cloned()
        .partition(|o| o.source.as_str() == "A04");
    assert!(!late.is_empty());
    let mut live = live(Window::default());
    let mut told = Told::default();
    live.push(&soon);
    told.hear(live.judge());
    let before = told.0.len();
    live.push(&late);
    let revision = live.judge();
    assert!(!revision.revised.is_empty());
    told.hear(revision);
    // Bit by bit, as the service does while nothing comes.
    while !live.is_current() {
        told.hear(live.judge());
    }
    assert!(told.0.len() >= before);
    assert_eq!(answer(live.judgement()), answer(&judged(THEATRE, &all)));
}

#[test]
fn what_lies_behind_the_window_is_forgotten_and_settled() {
    let all = arriving();
    let window = Window {
        span_s: 900.0,
        ..Window::default()
    };
    let mut live = live(window);
    let mut told = Told::default();
    let mut most = 0;
    for part in all.chunks(10) {
        live.push(part);
        told.hear(live.judge());
        most = most.max(live.observations().count());
        let latest = live
            .observations()
            .filter_map(|o| o.observed)
            .max()
            .unwrap();
        assert!(
            live.observations()
                .all(|o| latest.seconds_since(o.observed.unwrap()) <= 900.0)
        );
    }
    assert!(most < all.len(), "{most}");
    assert_nobody_wrongly_accused(live.judgement());
    // Older than the window: refused, and no memory of it.
    let first = all.iter().min_by_key(|o| o.observed).unwrap();
    let pushed = live.push(std::slice::from_ref(first));
    assert_eq!((pushed.too_late, pushed.kept), (1, 0));
}

#[test]
fn a_clock_far_ahead_cannot_push_the_window() {
    let all = arriving();
    let mut live = live(Window::default());
    live.push(&all);
    let kept = live.observations().count();
    let year_s = 365.0 * 86_400.0;
    let ahead = Observation {
        observed: all[0].observed.map(|t| t.plus_seconds(year_s)),
        ..all[0].clone()
    };
    assert_eq!(live.push(&[ahead]).ahead, 1);
    assert_eq!(live.observations().count(), kept);
    let timeless = Observation {
        observed: None,
        ..all[0].clone()
    };
    assert_eq!(live.push(&[timeless]).no_time, 1);
    assert_eq!(live.push(&all[..3]).again, 3);
}

proptest! {
    #![proptest_config(few(5))]
    #[test]
    fn arrival_in_any_order_and_any_parts_ends_the_same(seed in any::<u64>(), part in 20_usize..200) {
        let mut all = observations(OBSERVATIONS);
        // Shuffled by a hash of the name and the seed, so that a failure can be seen again.
        let at = |o: &Observation| o.id.as_str().bytes().fold(seed, |h, b| {
            (h ^ u64::from(b)).wrapping_mul(0x100_0000_01b3).rotate_left(17)
        });
        all.sort_by_key(at);
        let mut live = live(Window::default());
        for part in all.chunks(part) {
            live.push(part);
            live.judge();
        }
        live.judge_whole();
        let at_once = judged(THEATRE, &all);
        prop_assert_eq!(answer(live.judgement()), answer(&at_once));
    }
}

#[test]
fn the_first_received_of_two_deliveries_speaks() {
    let first = observations(OBSERVATIONS);
    let later: Vec<Observation> = first
        .iter()
        .map(|o| Observation {
            received: o
                .received
                .map(|r| Received::from_unix_us(r.unix_us() + 5_000_000).unwrap()),
            ..o.clone()
        })
        .collect();
    let mut live = live(Window::default());
    live.push(&later);
    live.push(&first);
    live.judge();
    assert_eq!(live.judgement().events, judged(THEATRE, &first).events);
    let times: Vec<Option<Observed>> = live.observations().map(|o| o.observed).collect();
    assert!(times.is_sorted());
}
