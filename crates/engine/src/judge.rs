//! The way from observations to events.

use truceline_agreement::Theatre;
use truceline_domain::Observation;

use crate::associate::{Associator, Source};
use crate::calibrate;
use crate::chunk::{self, Chunk};
use crate::classify;
use crate::exchange;
use crate::field::Field;
use crate::fires;
use crate::guns;
use crate::link::{self, Heard};
use crate::memo::{Memo, Pace, Question};
use crate::prepare::{Prepared, Unused};
use crate::signature;
use crate::telling::Telling;
use crate::{Judgement, Parameters};

/// The sources of a field by its chunks' answers, as one list.
fn sources(field: &Field, chunks: &[Chunk], question: Question, memo: &mut Memo) -> Vec<Source> {
    let answers = memo.answers(chunks, question);
    let found = chunks.iter().zip(&answers);
    let found = found.flat_map(|(c, answer)| c.in_whole(answer)).collect();
    Associator::new(field).resolved(found)
}

/// Judges with what `memo` holds of earlier judgements, at some pace; where the memory is then not
/// behind, the answer is that of an empty one.
pub(crate) fn judge(
    theatre: &Theatre,
    observations: &[&Observation],
    parameters: &Parameters,
    memo: &mut Memo,
    pace: Pace,
) -> Judgement {
    memo.begin(pace);
    let workers = memo.workers();
    workers.on(|| judged(theatre, observations, parameters, memo))
}

fn judged(
    theatre: &Theatre,
    observations: &[&Observation],
    parameters: &Parameters,
    memo: &mut Memo,
) -> Judgement {
    let workers = memo.workers();
    let Some(mut all) = Prepared::new(theatre, observations) else {
        return Judgement {
            unused: Unused {
                no_evidence: observations.len(),
                ..Unused::default()
            },
            ..Judgement::default()
        };
    };
    let mut chunks = chunk::chunks(&all.field, &workers);
    let clear = sources(&all.field, &chunks, Question::Clear, memo);
    let sensors = calibrate::sensors(&all.field, &clear, memo);
    let fresh = sensors.iter().filter_map(|s| s.correction).collect();
    if calibrate::correct(&mut all.field, memo.corrected(fresh)) {
        all.field.count();
        // Its memory is used again.
        drop(chunks);
        chunks = chunk::chunks(&all.field, &workers);
    }
    let mut sources_found = sources(&all.field, &chunks, Question::All, memo);
    let guns = guns::guns(&all.field, &mut sources_found, Question::All, memo);
    for chunk in &mut chunks {
        chunk.learn(&sources_found, &guns);
    }
    let mut sources = sources(&all.field, &chunks, Question::Again, memo);
    let guns = guns::guns(&all.field, &mut sources, Question::Again, memo);
    let used: usize = sources.iter().map(|s| s.picks.len()).sum();
    all.unused.unexplained = all.field.picks.len().saturating_sub(used);
    let signatures = signature::all();
    let ln_kinds = workers.each(&sources, |source| {
        let geometry = theatre.at(all.epoch.plus_seconds(source.estimate.t_s()));
        classify::ln_kinds(&all, &signatures, &geometry, source)
    });
    let heard: Vec<Heard> = (sources.into_iter().zip(ln_kinds))
        .map(|(source, ln_kinds)| Heard { source, ln_kinds })
        .collect();
    let links = link::links(&heard, &signatures, &guns);
    let telling = Telling {
        all: &all,
        signatures: &signatures,
        parameters,
        parties: theatre.parties(),
        guns: &guns,
    };
    let told = telling.events(&heard, &links, memo);
    let mut events = told.events;
    events.extend(fires::events(&all, &theatre.parties()));
    events.sort_by(|a, b| (a.time, &a.id).cmp(&(b.time, &b.id)));
    let unused = Unused {
        bursts_without_gun: told.bursts,
        ..all.unused
    };
    memo.forget();
    let exchanges = exchange::exchanges(&events, &all.plane, parameters.max_wrong_accusation);
    Judgement {
        events,
        exchanges,
        sensors: sensors.into_iter().map(|s| s.told).collect(),
        observers: told.observers,
        unused,
    }
}
