//! Stretches in which a feed gave nothing, or less than was sent: each becomes an entry.

use truceline_domain::{FeedId, Received};
use truceline_record::Draft;
use truceline_record::bodies::{GAP, GapBody, Span};

use crate::CentreError;
use crate::intake::Place;

/// Losses within so many seconds are told in one entry.
const TOGETHER_S: f64 = 10.0;

/// A silence shorter than this is none, seconds: a frame or two.
pub(super) const SILENCE_S: f64 = 1.0;

/// The gaps of one feed that are not in the log yet.
pub(super) struct Gaps {
    feed: FeedId,
    /// What was lost since the last entry.
    lost: Option<Lost>,
    /// Whole entries that the record has not taken yet.
    waiting: Vec<GapBody>,
}

struct Lost {
    received: Span<Received>,
    count: u64,
    reasons: Vec<String>,
}

/// So many entries wait for a record that refuses; of more, the last two become one.
const MAX_WAITING: usize = 1024;

impl Gaps {
    pub(super) fn new(feed: FeedId) -> Self {
        Self {
            feed,
            lost: None,
            waiting: Vec::new(),
        }
    }

    /// So many of something were sent and did not come.
    pub(super) fn lose(&mut self, reason: &str, count: u64, now: Received) {
        let lost = self.lost.get_or_insert_with(|| Lost {
            received: Span::with(None, now),
            count: 0,
            reasons: Vec::new(),
        });
        lost.received = Span::with(Some(lost.received), now);
        lost.count += count;
        if !lost.reasons.iter().any(|r| r == reason) {
            lost.reasons.push(reason.to_owned());
        }
    }

    /// Nothing came from `first` to `last`, or what came after does not continue what came before.
    pub(super) fn silence(&mut self, first: Received, last: Received, reason: &str) {
        let gap = GapBody {
            feed: self.feed.clone(),
            received: Span { first, last },
            missing: None,
            reason: reason.to_owned(),
        };
        if self.waiting.len() < MAX_WAITING {
            self.waiting.push(gap);
        } else if let Some(before) = self.waiting.last_mut() {
            before.received = Span::with(Some(before.received), last);
        }
    }

    /// Puts what is whole into the record; all of it when the feed ends.
    ///
    /// # Errors
    /// When the record refuses; it can be tried again.
    pub(super) fn commit(
        &mut self,
        place: &Place,
        now: Received,
        ended: bool,
    ) -> Result<(), CentreError> {
        let whole = |lost: &mut Lost| ended || now.seconds_since(lost.received.first) >= TOGETHER_S;
        if let Some(lost) = self.lost.take_if(whole) {
            self.waiting.push(GapBody {
                feed: self.feed.clone(),
                received: lost.received,
                missing: Some(lost.count),
                reason: lost.reasons.join("; "),
            });
        }
        if self.waiting.is_empty() {
            return Ok(());
        }
        let drafts = self.waiting.iter().map(|gap| {
            let draft = Draft::new(GAP, &place.theatre, self.feed.as_str(), gap)?;
            Ok(draft.with_times(None, Some(gap.received.first)))
        });
        let drafts = drafts.collect::<Result<_, CentreError>>()?;
        place.record.append_all(drafts)?;
        self.waiting.clear();
        Ok(())
    }
}
