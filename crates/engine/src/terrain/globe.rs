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

/// Back: the place and its height above the ellipsoid, metres, in closed form (Bowring, *The accuracy of
/// geodetic latitude and height equations*, Survey Review 28, 1985): within a micrometre from the deepest
/// valley up to 100 km. It is asked for at each step along a ray, so sines and cosines are taken from
/// the sides of triangles. `None` in the middle of the earth.
pub(crate) fn to_place(p: Vector3<f64>) -> Option<(Position, f64)> {
    let b_m = A_M * (1.0 - E2).sqrt();
    let second_e2 = E2 / (1.0 - E2);
    let across_m = p.x.hypot(p.y);
    let radius_m = across_m.hypot(p.z);
    let unit = |x: f64, y: f64| {
        let length = x.hypot(y);
        (x / length, y / length)
    };
    // Of the parametric latitude, then of the geodetic one.
    let (cos_u, sin_u) = unit(
        A_M * across_m,
        b_m * p.z * (1.0 + second_e2 * b_m / radius_m),
    );
    let (cos_lat, sin_lat) = unit(
        across_m - E2 * A_M * cos_u.powi(3),
        p.z + second_e2 * b_m * sin_u.powi(3),
    );
    // The form that holds at the poles too.
    let height_m = across_m * cos_lat + p.z * sin_lat - A_M * (1.0 - E2 * sin_lat * sin_lat).sqrt();
    let lat_deg = sin_lat.atan2(cos_lat).to_degrees();
    let place = Position::new(lat_deg, p.y.atan2(p.x).to_degrees()).ok()?;
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
