//! What the shape of the ground does: where a ray of sight meets it, and what it hides.
//!
//! Heights here count from the WGS 84 ellipsoid; a terrain's count from mean sea level, and the
//! [`geoid`] lies between.

pub(crate) mod geoid;
pub(crate) mod globe;
pub(crate) mod ray;
pub mod sight;
