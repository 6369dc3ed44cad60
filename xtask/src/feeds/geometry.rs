//! A plane that touches the ellipsoid at the theatre's middle; good to a metre within 20 km.

use std::cell::Cell;

use truceline_domain::Position;

/// Metres east and north of the plane's origin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Point {
    pub(super) east_m: f64,
    pub(super) north_m: f64,
}

thread_local! {
    /// Latitude and longitude of the plane's origin, degrees: that of the theatre whose exercise this
    /// thread makes.
    static ORIGIN: Cell<(f64, f64)> = const { Cell::new((0.0, 0.0)) };
}

/// From here on this thread's points lie on the plane at `origin_deg`: latitude, longitude.
pub(super) fn touch(origin_deg: [f64; 2]) {
    ORIGIN.set((origin_deg[0], origin_deg[1]));
}

/// Metres a degree of latitude and of longitude have at the origin, from WGS 84's radii of curvature.
fn metres_per_degree() -> (f64, f64) {
    const SEMI_MAJOR_M: f64 = 6_378_137.0;
    const ECCENTRICITY_2: f64 = 6.694_379_990_14e-3;
    let (sin, cos) = ORIGIN.get().0.to_radians().sin_cos();
    let w = 1.0 - ECCENTRICITY_2 * sin * sin;
    let prime_vertical = SEMI_MAJOR_M / w.sqrt();
    let meridional = prime_vertical * (1.0 - ECCENTRICITY_2) / w;
    (meridional.to_radians(), (prime_vertical * cos).to_radians())
}

impl Point {
    pub(super) fn of(lat_deg: f64, lon_deg: f64) -> Self {
        let (north, east) = metres_per_degree();
        Self {
            east_m: (lon_deg - ORIGIN.get().1) * east,
            north_m: (lat_deg - ORIGIN.get().0) * north,
        }
    }

    /// Latitude and longitude, degrees, to the seventh digit (a centimetre).
    pub(super) fn degrees(self) -> (f64, f64) {
        let (north, east) = metres_per_degree();
        (
            round(ORIGIN.get().0 + self.north_m / north, 7),
            round(ORIGIN.get().1 + self.east_m / east, 7),
        )
    }

    pub(super) fn position(self) -> Result<Position, String> {
        let (lat_deg, lon_deg) = self.degrees();
        Position::new(lat_deg, lon_deg).map_err(|e| e.to_string())
    }

    pub(super) fn distance_m(self, other: Self) -> f64 {
        (other.east_m - self.east_m).hypot(other.north_m - self.north_m)
    }

    /// Degrees clockwise from north, to `other`.
    pub(super) fn bearing_deg(self, other: Self) -> f64 {
        (other.east_m - self.east_m)
            .atan2(other.north_m - self.north_m)
            .to_degrees()
            .rem_euclid(360.0)
    }

    pub(super) fn moved(self, bearing_deg: f64, distance_m: f64) -> Self {
        let (sin, cos) = bearing_deg.to_radians().sin_cos();
        Self {
            east_m: self.east_m + distance_m * sin,
            north_m: self.north_m + distance_m * cos,
        }
    }

    /// The nearest point of the straight line from `a` to `b`.
    pub(super) fn nearest_on(self, a: Self, b: Self) -> Self {
        let (east, north) = (b.east_m - a.east_m, b.north_m - a.north_m);
        let length_2 = east * east + north * north;
        let along = (self.east_m - a.east_m) * east + (self.north_m - a.north_m) * north;
        let share = if length_2 > 0.0 {
            (along / length_2).clamp(0.0, 1.0)
        } else {
            0.0
        };
        Self {
            east_m: a.east_m + share * east,
            north_m: a.north_m + share * north,
        }
    }

    /// Whether a ring encloses the point (crossings of a ray to the east).
    pub(super) fn is_within(self, ring: &[Self]) -> bool {
        let edges = ring.iter().zip(ring.iter().cycle().skip(1));
        let crossed = |(a, b): &(&Self, &Self)| {
            (a.north_m > self.north_m) != (b.north_m > self.north_m)
                && self.east_m
                    < a.east_m
                        + (self.north_m - a.north_m) / (b.north_m - a.north_m)
                            * (b.east_m - a.east_m)
        };
        edges.filter(crossed).count() % 2 == 1
    }
}

/// Rounds to so many digits behind the point.
pub(super) fn round(value: f64, digits: i32) -> f64 {
    let scale = 10f64.powi(digits);
    (value * scale).round() / scale
}
