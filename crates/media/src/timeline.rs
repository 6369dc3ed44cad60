//! Where pictures stand on a player's timeline.

use truceline_intake::fmv::AccessUnit;

/// Units of a second.
pub(crate) const SECOND_90K: u64 = 90_000;
/// A step of decoding times beyond this, or backwards, is a jump of the source's clock, not a pause.
const JUMP_90K: u64 = 10 * SECOND_90K;
/// A picture's duration before anything tells it: 30 Hz.
const FIRST_STEP_90K: u64 = 3000;

/// Places pictures one after the other.
///
/// A player's timeline only goes forward (ISO/IEC 14496-12 §8.8.12: decoding times increase). As long as the feed's
/// decoding times do so too, in steps of at most ten seconds, the two are the same. When they jump, the
/// timeline goes on with the duration of the picture before, and keeps that distance to the feed's clock until the next jump.
#[derive(Debug, Clone)]
pub struct Timeline {
    last: Option<Last>,
    /// Timeline less feed.
    shift: i64,
    step: u64,
}

#[derive(Debug, Clone, Copy)]
struct Last {
    dts_90k: u64,
    media_90k: u64,
}

/// Where a picture stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placed {
    /// When it is shown, by the feed's clock.
    pub pts_90k: u64,
    /// When it is decoded, by the feed's clock.
    pub dts_90k: u64,
    /// When it is decoded, on the timeline.
    pub media_dts_90k: u64,
    /// How long it lasts: the distance from the picture decoded before it, since the next has not come yet.
    pub duration_90k: u32,
    /// The feed's clock jumped before it.
    pub jumped: bool,
}

impl Placed {
    /// When it is shown, on the timeline.
    #[must_use]
    pub fn media_90k(&self) -> u64 {
        self.media_dts_90k
            .saturating_add_signed(self.composition_offset())
    }

    /// From decoding to showing.
    #[must_use]
    pub fn composition_offset(&self) -> i64 {
        self.pts_90k.wrapping_sub(self.dts_90k).cast_signed()
    }
}

impl Default for Timeline {
    fn default() -> Self {
        Self {
            last: None,
            shift: 0,
            step: FIRST_STEP_90K,
        }
    }
}

impl Timeline {
    /// Says how long a picture lasts by the stream's own parameters, which holds until two pictures tell it.
    pub fn expect(&mut self, duration_90k: u32) {
        if self.last.is_none() {
            self.step = u64::from(duration_90k);
        }
    }

    /// Places the next picture in decoding order. One without times of its own stands one duration after the one before;
    /// `None` when there is none before.
    pub fn place(&mut self, unit: &AccessUnit) -> Option<Placed> {
        let dts_90k = match (unit.dts_90k, self.last) {
            (Some(dts), _) => dts,
            (None, Some(last)) => last.dts_90k + self.step,
            (None, None) => return None,
        };
        // Reordering over more than the jump's limit is a damaged time stamp.
        let pts_90k = unit
            .pts_90k
            .filter(|pts| pts.abs_diff(dts_90k) <= JUMP_90K)
            .unwrap_or(dts_90k);
        let mut jumped = false;
        let media_90k = match self.last {
            None => dts_90k,
            Some(last) => {
                let step = dts_90k.checked_sub(last.dts_90k).filter(|s| *s > 0);
                if let Some(step) = step.filter(|s| *s <= JUMP_90K) {
                    self.step = step;
                    last.media_90k + step
                } else {
                    jumped = true;
                    let media = last.media_90k + self.step;
                    self.shift = media.wrapping_sub(dts_90k).cast_signed();
                    media
                }
            }
        };
        self.last = Some(Last { dts_90k, media_90k });
        Some(Placed {
            pts_90k,
            dts_90k,
            media_dts_90k: media_90k,
            // At most JUMP_90K.
            duration_90k: u32::try_from(self.step).unwrap_or(u32::MAX),
            jumped,
        })
    }

    /// Where an instant of the feed's clock stands.
    #[must_use]
    pub fn media_90k(&self, pts_90k: u64) -> u64 {
        pts_90k.saturating_add_signed(self.shift)
    }
}
