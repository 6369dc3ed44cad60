//! Places with heights in earth-centred coordinates, and the directions east, north and up there.

use nalgebra::{Matrix3, Vector3};
use truceline_domain::Position;

/// WGS 84 semi-major axis, metres, and first eccentricity squared (NIMA TR8350.2, table 3.1).
const A_M: f64 = 6_378_137.0;
const E2: f64 = 0.006_694_379_990_141_316;

/// Earth-centred, earth-fixed coordinates of a place at a height above the ellipsoid, metres.
pub(crate) fn from_place(place: Position, height_hae_m: f64) -> Vector3<f64> {
    let (sin_lat, cos_lat) = place.lat_deg().to_radians().sin_cos();
    let (sin_lon, cos_lon) = place.lon_deg().to_radians().sin_cos();
    let normal_m = A_M / (1.0 - E2 * sin_lat * sin_lat).sqrt();
    Vector3::new(
        (normal_m + height_hae_m) * cos_lat * cos_lon,
        (normal_m + height_hae_m) * cos_lat * sin_lon,
        (normal_m * (1.0 - E2) + height_hae_m) * sin_lat,
    )
}

/// Back: the place and its height above the ellipsoid, metres. Iterated from the spherical guess
/// (Hofmann-Wellenhof, *GNSS*, 2008, section 8.2); four rounds are good to a micrometre up to 100 km.
pub(crate) fn to_place(p: Vector3<f64>) -> Option<(Position, f64)> {
    let across_m = p.x.hypot(p.y);
    let mut lat = p.z.atan2(across_m * (1.0 - E2));
    let mut height_m = 0.0;
    for _ in 0..4 {
        let (sin_lat, cos_lat) = lat.sin_cos();
        let normal_m = A_M / (1.0 - E2 * sin_lat * sin_lat).sqrt();
        // The form that holds at the poles too.
        height_m = across_m * cos_lat + p.z * sin_lat - A_M * A_M / normal_m;
        lat =
            p.z.atan2(across_m * (1.0 - E2 * normal_m / (normal_m + height_m)));
    }
    let place = Position::new(lat.to_degrees(), p.y.atan2(p.x).to_degrees()).ok()?;
    Some((place, height_m))
}

/// East, north and up at a place: the columns of the matrix that takes them into earth-centred
/// coordinates.
pub(crate) fn axes(place: Position) -> Matrix3<f64> {
    let (sin_lat, cos_lat) = place.lat_deg().to_radians().sin_cos();
    let (sin_lon, cos_lon) = place.lon_deg().to_radians().sin_cos();
    Matrix3::from_columns(&[
        Vector3::new(-sin_lon, cos_lon, 0.0),
        Vector3::new(-sin_lat * cos_lon, -sin_lat * sin_lon, cos_lat),
        Vector3::new(cos_lat * cos_lon, cos_lat * sin_lon, sin_lat),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_place_comes_back(lat in -90.0..=90.0f64, lon in -180.0..180.0f64, height_m in -500.0..20_000.0f64) {
            let place = Position::new(lat, lon).unwrap();
            let p = from_place(place, height_m);
            let (back, height_back_m) = to_place(p).unwrap();
            prop_assert!((height_back_m - height_m).abs() < 1e-5);
            prop_assert!((from_place(back, height_back_m) - p).norm() < 1e-5);
        }
    }
}
