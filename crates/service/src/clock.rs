//! The centre's clock: the only place that asks the system for the time.

use truceline_domain::{Received, Recorded};

/// Now, as the log writes it.
#[must_use]
pub fn recorded() -> Recorded {
    Recorded::from(jiff::Timestamp::now())
}

/// Now, as intake writes it.
#[must_use]
pub fn received() -> Received {
    Received::from(jiff::Timestamp::now())
}

/// Now, in seconds since 1970-01-01T00:00:00Z, as witnesses write it.
#[must_use]
pub fn unix_s() -> u64 {
    u64::try_from(jiff::Timestamp::now().as_second()).unwrap_or(0)
}
