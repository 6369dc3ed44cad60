//! Who works on a judgement: threads that are kept from one to the next.
//!
//! A judgement as observations arrive has some twenty short parts that could be shared out. To start
//! threads for each, and to wait until the machine has run them, costs more than most of these parts. So
//! threads are kept, and who waits for a part works on it: what no other took up he does himself.

use rayon::prelude::*;

/// The caller alone, or so many threads.
#[derive(Debug, Default)]
pub(crate) struct Workers(Option<rayon::ThreadPool>);

impl Workers {
    /// So many threads; the caller alone where it is one or where the system gives none.
    pub(crate) fn of(threads: usize) -> Self {
        let pool = || {
            rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .thread_name(|n| format!("engine-{n}"))
                .build()
                .ok()
        };
        Self((threads > 1).then(pool).flatten())
    }

    /// As many as this machine runs threads at once.
    pub(crate) fn of_machine() -> Self {
        Self::of(std::thread::available_parallelism().map_or(1, std::num::NonZero::get))
    }

    /// Works with [`Workers::each`] at hand.
    pub(crate) fn on<R: Send>(&self, work: impl FnOnce() -> R + Send) -> R {
        match &self.0 {
            Some(pool) => pool.install(work),
            None => work(),
        }
    }

    /// Answers for each of `items`, in their order. No answer may depend on another's.
    pub(crate) fn each<T: Sync, R: Send>(
        &self,
        items: &[T],
        work: impl Fn(&T) -> R + Sync,
    ) -> Vec<R> {
        match &self.0 {
            Some(pool) if items.len() > 1 => {
                // One by one: some take a hundred times as long as others.
                let items = items.par_iter().with_max_len(1);
                pool.install(|| items.map(&work).collect())
            }
            _ => items.iter().map(work).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_number_of_workers_answers_in_order(items in prop::collection::vec(any::<u32>(), 0..200), threads in 1_usize..5) {
            let workers = Workers::of(threads);
            let twice = |v: &u32| u64::from(*v) * 2;
            let answers = workers.on(|| workers.each(&items, twice));
            prop_assert_eq!(answers, items.iter().map(twice).collect::<Vec<_>>());
        }
    }
}
