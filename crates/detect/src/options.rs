//! What the detector is asked to do.

/// What is looked for, how often, and how surely it is to be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Options {
    /// Pictures analysed a second, at the most. Flashes are looked for in every picture that is decoded.
    pub rate_hz: f64,
    /// Whether flashes are looked for.
    pub flashes: bool,
    /// Whether smoke is looked for.
    pub smoke: bool,
    /// Whether moving vehicles are looked for.
    pub vehicles: bool,
    /// What scores less is not told, 0 to 1.
    pub least_score: f64,
    /// A target that stays in view is told again after so many seconds.
    pub repeat_s: f64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            rate_hz: 5.0,
            flashes: true,
            smoke: true,
            vehicles: true,
            least_score: 0.5,
            repeat_s: 30.0,
        }
    }
}
