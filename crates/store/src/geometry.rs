//! Geometries of domain values, longitude first, WGS 84.

use geo_types::{Geometry, LineString, Point, Polygon};
use truceline_domain::{CovarianceM2, Position, Probability};

/// The point of a position.
#[must_use]
pub fn point(position: Position) -> Geometry<f64> {
    Geometry::Point(Point::new(position.lon_deg(), position.lat_deg()))
}

/// The ellipse that holds the share `p` of a position's error, as a polygon of 48 corners. Drawn on
/// the local tangent plane with the WGS 84 radii of curvature: for maps, not for measuring.
#[must_use]
pub fn ellipse_polygon(centre: Position, cov_m2: CovarianceM2, p: Probability) -> Geometry<f64> {
    const CORNERS: u32 = 48;
    let (major_m, minor_m, bearing_deg) = cov_m2.ellipse(p);
    let (sin_b, cos_b) = bearing_deg.to_radians().sin_cos();
    let (m_per_deg_lat, m_per_deg_lon) = metres_per_degree(centre.lat_deg());
    let ring = (0..=CORNERS).map(|i| {
        let (s, c) =
            (std::f64::consts::TAU * f64::from(i % CORNERS) / f64::from(CORNERS)).sin_cos();
        let (along_m, across_m) = (major_m * c, minor_m * s);
        let east_m = along_m * sin_b + across_m * cos_b;
        let north_m = along_m * cos_b - across_m * sin_b;
        (
            centre.lon_deg() + east_m / m_per_deg_lon,
            centre.lat_deg() + north_m / m_per_deg_lat,
        )
    });
    Geometry::Polygon(Polygon::new(LineString::from_iter(ring), Vec::new()))
}

/// Metres to a degree of latitude and of longitude at a latitude (meridian and prime-vertical radii
/// of curvature of WGS 84: a = 6 378 137 m, e² = 0.006 694 379 990 14).
fn metres_per_degree(lat_deg: f64) -> (f64, f64) {
    const A_M: f64 = 6_378_137.0;
    const E2: f64 = 0.006_694_379_990_14;
    let (sin, cos) = lat_deg.to_radians().sin_cos();
    let w = 1.0 - E2 * sin * sin;
    let meridian_m = A_M * (1.0 - E2) / w.powf(1.5);
    let prime_vertical_m = A_M / w.sqrt();
    // Held off zero so that a pole gives a large number of degrees rather than infinity.
    (
        meridian_m.to_radians(),
        (prime_vertical_m * cos).to_radians().max(1.0),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ellipse_is_as_wide_as_it_says() {
        let centre = Position::new(40.0, 47.0).unwrap();
        let cov = CovarianceM2::new(10_000.0, 0.0, 2_500.0).unwrap();
        let p = Probability::new(0.9).unwrap();
        let Geometry::Polygon(polygon) = ellipse_polygon(centre, cov, p) else {
            panic!()
        };
        let east_deg = polygon
            .exterior()
            .points()
            .map(|q| q.x() - 47.0)
            .fold(0.0, f64::max);
        let expected_m = 100.0 * (-2.0 * 0.1_f64.ln()).sqrt();
        // One degree of longitude at 40° N on WGS 84 is 85 394 m.
        assert!((east_deg * 85_394.0 - expected_m).abs() < 0.5);
    }
}
