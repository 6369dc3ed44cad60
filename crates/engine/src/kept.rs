//! Values kept by their subjects with a digest of all that each was worked out from: what stands is used
//! again, what is out of date is worked out anew, the oldest first, as far as there is time.

use std::collections::BTreeMap;

use truceline_domain::Sha256;

use crate::workers::Workers;

/// How much work may be done, by whom, in which judgement.
pub(crate) struct Work<'w> {
    /// Of what is out of date.
    pub(crate) most: usize,
    pub(crate) workers: &'w Workers,
    /// Which judgement, counted.
    pub(crate) turn: u64,
    /// Whether to keep what is worked out.
    pub(crate) keeps: bool,
}

/// Values by their subjects.
#[derive(Debug)]
pub(crate) struct Kept<K, V> {
    values: BTreeMap<K, Value<V>>,
}

#[derive(Debug)]
struct Value<V> {
    value: V,
    /// Of all that it was worked out from; `None` where it was only amended since.
    digest: Option<Sha256>,
    /// When it was worked out in full and last asked for, in judgements.
    made: u64,
    asked: u64,
}

impl<K, V> Default for Kept<K, V> {
    fn default() -> Self {
        Self {
            values: BTreeMap::new(),
        }
    }
}

impl<K: Ord + Send + Sync, V: Clone + Send + Sync> Kept<K, V> {
    /// The values of all `items`, in their order, and whether any is out of date. `full` works out what
    /// was never asked for, and of what is out of date the oldest; `amend` what can be said of the rest,
    /// where that is not just what was said before.
    pub(crate) fn all<T: Sync>(
        &mut self,
        work: Work<'_>,
        items: &[T],
        subject: impl Fn(&T) -> (K, Sha256) + Sync,
        full: impl Fn(&T) -> V + Sync,
        amend: impl Fn(&T, &V) -> Option<V> + Sync,
    ) -> (Vec<V>, bool) {
        if !work.keeps {
            return (work.workers.each(items, full), false);
        }
        let subjects = work.workers.each(items, &subject);
        let mut new: Vec<usize> = vec![];
        let mut outdated: Vec<(u64, usize)> = vec![];
        for (i, (name, digest)) in subjects.iter().enumerate() {
            match self.values.get(name) {
                None => new.push(i),
                Some(kept) if kept.digest == Some(*digest) => {}
                Some(kept) => outdated.push((kept.made, i)),
            }
        }
        outdated.sort_unstable();
        let waiting = outdated.split_off(work.most.min(outdated.len()));
        let is_behind = !waiting.is_empty();
        new.extend(outdated.iter().map(|(_, i)| *i));
        let mut made: Vec<(usize, Option<V>)> =
            work.workers.each(&new, |i| (*i, items.get(*i).map(&full)));
        let full_until = made.len();
        made.extend(work.workers.each(&waiting, |(_, i)| {
            let kept = subjects.get(*i).and_then(|(name, _)| self.values.get(name));
            let amended = items.get(*i).zip(kept);
            (
                *i,
                amended.and_then(|(item, kept)| amend(item, &kept.value)),
            )
        }));
        let mut subjects: Vec<Option<(K, Sha256)>> = subjects.into_iter().map(Some).collect();
        let mut values: Vec<Option<V>> = vec![None; items.len()];
        for (nth, (i, value)) in made.into_iter().enumerate() {
            let (Some(value), Some(subject)) = (value, subjects.get_mut(i)) else {
                continue;
            };
            let Some((name, digest)) = subject.take() else {
                continue;
            };
            if let Some(place) = values.get_mut(i) {
                *place = Some(value.clone());
            }
            let is_full = nth < full_until;
            let before = self.values.get(&name).map_or(0, |v| v.made);
            let kept = Value {
                value,
                digest: is_full.then_some(digest),
                made: if is_full { work.turn } else { before },
                asked: work.turn,
            };
            self.values.insert(name, kept);
        }
        // The rest as it was.
        for (place, subject) in values.iter_mut().zip(&subjects) {
            if let Some((name, _)) = subject
                && let Some(kept) = self.values.get_mut(name)
            {
                kept.asked = work.turn;
                *place = Some(kept.value.clone());
            }
        }
        (values.into_iter().flatten().collect(), is_behind)
    }

    /// Forgets what was not asked for in this judgement.
    pub(crate) fn forget(&mut self, turn: u64) {
        self.values.retain(|_, v| v.asked == turn);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// What was never asked is worked out at once, of what is out of date no more than is allowed, and
        /// in the end every value is that of its item.
        #[test]
        fn what_is_out_of_date_is_brought_up_to_date_in_turns(
            before in prop::collection::vec(any::<u8>(), 0..30),
            now in prop::collection::vec(any::<u8>(), 1..40),
            most in 1_usize..8,
            threads in 1_usize..4,
        ) {
            let named = |items: &[u8]| items.iter().copied().enumerate().collect::<Vec<_>>();
            let subject = |(name, item): &(usize, u8)| (*name, Sha256::of(&[*item]));
            let full = |(_, item): &(usize, u8)| *item;
            let mut kept: Kept<usize, u8> = Kept::default();
            let workers = Workers::of(threads);
            let mut ask = |items: &[(usize, u8)], most, turn| {
                let work = Work { most, workers: &workers, turn, keeps: true };
                let asked = kept.all(work, items, subject, full, |_, _| None);
                kept.forget(turn);
                asked
            };
            let (before, now) = (named(&before), named(&now));
            let first = ask(&before, most, 1);
            prop_assert_eq!(first, (before.iter().map(|i| i.1).collect(), false));
            let mut wrong = before.iter().zip(&now).filter(|(b, n)| b != n).count();
            for turn in 2.. {
                let (values, is_behind) = ask(&now, most, turn);
                let left = values.iter().zip(&now).filter(|(v, n)| **v != n.1).count();
                prop_assert_eq!(left, wrong.saturating_sub(most));
                prop_assert_eq!(is_behind, left > 0);
                if !is_behind {
                    break;
                }
                wrong = left;
            }
        }
    }
}
