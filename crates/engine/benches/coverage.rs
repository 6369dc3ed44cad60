//! A day of twenty feeds, and a new minute.
#![allow(missing_docs)] // Criterion's macros write undocumented functions.

mod feeds;

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use truceline_agreement::Theatre;
use truceline_engine::CoverageState;

const CAMERAS: usize = 20;
const HOURS: i64 = 24;

/// Pushes `seconds` of all cameras at ten packets a second, made as they are pushed: a day of them all
/// would take 100 GB. Making them is outside the measurement where it matters; see `docs/coverage.md`.
fn fly(
    state: &mut CoverageState,
    theatre: &Theatre,
    from_s: i64,
    seconds: i64,
) -> std::time::Duration {
    let mut spent = std::time::Duration::ZERO;
    for second in from_s..from_s + seconds {
        let packets: Vec<_> = (0..CAMERAS)
            .flat_map(|camera| {
                (0..10).map(move |tenth| feeds::packet(theatre, camera, second * 10 + tenth, true))
            })
            .collect();
        let start = std::time::Instant::now();
        for o in &packets {
            state.push(o);
        }
        spent += start.elapsed();
    }
    spent
}

fn coverage(c: &mut Criterion) {
    let theatre = feeds::theatre();
    let readings = feeds::readings(&theatre, HOURS);
    let end = feeds::start().plus_seconds(HOURS as f64 * 3600.0);
    c.bench_function("coverage: theatre with terrain", |b| {
        b.iter(|| black_box(CoverageState::new(&theatre)));
    });
    // A minute of all cameras stands for the day: frames cost the same whenever they are.
    c.bench_function("coverage: push a minute of 20 cameras", |b| {
        b.iter_custom(|rounds| {
            let mut spent = std::time::Duration::ZERO;
            for _ in 0..rounds {
                let mut state = CoverageState::new(&theatre);
                spent += fly(&mut state, &theatre, 0, 60);
            }
            spent
        });
    });
    let mut day = CoverageState::new(&theatre);
    for o in &readings {
        day.push(o);
    }
    fly(&mut day, &theatre, 0, 600);
    day.settle();
    c.bench_function("coverage: ask for a day, nothing known", |b| {
        b.iter_batched_ref(
            || day.clone(),
            |state| black_box(state.stretches(feeds::start(), end)),
            criterion::BatchSize::LargeInput,
        );
    });
    day.stretches(feeds::start(), end);
    let minute: Vec<_> = (0..CAMERAS)
        .flat_map(|camera| (0..600).map(move |t| (camera, t)))
        .map(|(camera, tenth)| feeds::packet(&theatre, camera, 6_000 + tenth, true))
        .collect();
    c.bench_function("coverage: a new minute, and ask for the day again", |b| {
        b.iter_batched_ref(
            || day.clone(),
            |state| {
                for o in &minute {
                    state.push(o);
                }
                black_box(state.stretches(feeds::start(), end))
            },
            criterion::BatchSize::LargeInput,
        );
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10);
    targets = coverage
}
criterion_main!(benches);
