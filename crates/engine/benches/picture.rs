//! What one packet costs the live picture.
#![allow(missing_docs)] // Criterion's macros write undocumented functions.

mod feeds;

use std::hint::black_box;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use truceline_domain::Observation;
use truceline_engine::PictureState;

fn push(c: &mut Criterion) {
    let theatre = feeds::theatre();
    let flight = |corners: bool| -> Vec<Observation> {
        (0..6_000)
            .map(|tenths| feeds::packet(&theatre, 0, tenths, corners))
            .collect()
    };
    for (name, corners) in [
        ("packet with corners", true),
        ("packet without corners, on terrain", false),
    ] {
        let flight = flight(corners);
        let mut warm = PictureState::new(theatre.terrain.clone());
        let (last, before) = flight
            .split_last()
            .unwrap_or_else(|| unreachable!("6,000 packets"));
        for o in before {
            warm.push(o);
        }
        // The state is cloned outside the measurement; one push is measured.
        c.bench_function(&format!("picture push: {name}"), |b| {
            b.iter_batched_ref(
                || warm.clone(),
                |state| black_box(state.push(last)),
                BatchSize::LargeInput,
            );
        });
        c.bench_function(&format!("picture push: 6,000 {name}"), |b| {
            b.iter(|| {
                let mut state = PictureState::new(theatre.terrain.clone());
                for o in &flight {
                    black_box(state.push(o));
                }
            });
        });
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20);
    targets = push
}
criterion_main!(benches);
