//! The engine's parameters that are learnt from scenarios with truth.
//!
//! `cargo xtask calibrate SCENARIOS` learns them (`benches/calibrate.py`) and tells each beside the one
//! here; with `--write` it writes this file, with `--check` it fails where one here is farther than its tolerance
//! (± in the comment) from what is learnt. These were learnt on the scenario set's six development
//! scenarios, 25 November 2026. The engine has no other copy of them.

/// What the air on the paths differs from the stations' average, one standard deviation over ten minutes,
/// m/s: the speed of sound without wind, and each component of the wind.
pub(crate) const AIR_STILL_SD_MPS: f64 = 0.324; // ± 0.08
pub(crate) const AIR_WIND_SD_MPS: f64 = 0.739; // ± 0.15

/// What arrays say of one sound scatters between them by so much: level in dB, natural logarithms of
/// peak frequency and of duration.
pub(crate) const ARRAY_LEVEL_SD_DB: f64 = 3.08; // ± 0.3
pub(crate) const ARRAY_LN_HZ_SD: f64 = 0.1; // ± 0.02
pub(crate) const ARRAY_LN_S_SD: f64 = 0.15; // ± 0.03

/// How far a gun's rounds stand from its place along each axis, one standard deviation, metres: rifles
/// and machine guns, and what is heavier.
pub(crate) const LIGHT_SHIFT_M: f64 = 5.27; // ± 1.5
pub(crate) const HEAVY_SHIFT_M: f64 = 2.58; // ± 1

/// The chance that a gun had fired before two arrays heard it for the first time.
pub(crate) const UNHEARD_SMALL_ARMS: f64 = 0.3; // ± 0.1
pub(crate) const UNHEARD_HMG: f64 = 0.0824; // ± 0.05
pub(crate) const UNHEARD_HEAVY: f64 = 0.00586; // ± 0.01
