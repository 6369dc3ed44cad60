//! A theatre's geometry: line of contact, areas held, areas, sensors, posts and sites, each with the
//! time in which it stood and the accuracy to which it is known.
//!
//! Read from one or more GeoJSON FeatureCollections (RFC 7946, WGS 84, longitude before latitude), and
//! the shape of the ground from at most one GeoTIFF ([`Terrain`]).
//! The vocabulary is specified in `docs/documents.md`, «Theatre».

mod antimeridian;
mod compare;
mod feature;
mod geometry;
mod kinds;
mod plane;
mod properties;
mod read;
mod shape;
mod terrain;

pub use feature::{
    Accuracy, Area, AreaKind, ContactLine, Held, NamedPlace, Operator, Post, Sensor, SensorKind,
    Site,
};
pub use geo::{Coord, LineString, MultiPolygon, Polygon};
pub use geometry::{Geometry, NearestLine, way_distance_m};
pub use read::Detail;
pub(crate) use read::named;
pub use terrain::{Terrain, TerrainError};

use std::collections::BTreeSet;

use truceline_domain::{Observed, PartyId, Sha256, TheatreId};

use crate::when::Validity;
use crate::{Fault, Faults, File};

/// All that is known of a theatre's ground over time. Ask it for an instant with [`Theatre::at`].
#[derive(Debug, Clone, PartialEq)]
pub struct Theatre {
    /// Its name.
    pub id: TheatreId,
    /// SHA-256 over `<hex digest>␠␠<file name>\n` of each file in order of names: what
    /// `sha256sum *.geojson terrain.tif | sha256sum` prints in the theatre's folder.
    pub sha256: Sha256,
    /// Each file's name and the SHA-256 of its bytes, in order of names.
    pub files: Vec<(String, Sha256)>,
    /// Stretches of the line of contact.
    pub lines: Vec<ContactLine>,
    /// Areas held by a party.
    pub held: Vec<Held>,
    /// Sensors, wherever they stood over time: a relocated one stands here once per place.
    pub sensors: Vec<Sensor>,
    /// Observation posts.
    pub posts: Vec<Post>,
    /// Known sites of blasting and the like.
    pub sites: Vec<Site>,
    /// Areas and corridors.
    pub areas: Vec<Area>,
    /// Places that have names.
    pub places: Vec<NamedPlace>,
    /// The shape of the ground, when there is a GeoTIFF among the files.
    pub terrain: Option<Terrain>,
}

impl Theatre {
    /// Reads the files and gives all faults found, errors and notes, in order of file and line.
    /// A theatre comes only without errors: geometry with holes in it would judge wrongly.
    #[must_use]
    pub fn read(id: &TheatreId, files: &[File<'_>], detail: Detail) -> (Option<Self>, Vec<Fault>) {
        read::theatre(id, files, detail)
    }

    /// Reads the files.
    ///
    /// # Errors
    /// All faults, when one of them is an error.
    pub fn parse(id: &TheatreId, files: &[File<'_>], detail: Detail) -> Result<Self, Faults> {
        let (theatre, faults) = Self::read(id, files, detail);
        theatre.ok_or(Faults(faults))
    }

    /// The geometry as it stood at an instant.
    #[must_use]
    pub fn at(&self, at: Observed) -> Geometry<'_> {
        Geometry::new(self, at)
    }

    /// The parties that hold ground at any time, in order of their ids.
    #[must_use]
    pub fn parties(&self) -> Vec<PartyId> {
        let ids: BTreeSet<_> = self.held.iter().map(|h| &h.party).collect();
        ids.into_iter().cloned().collect()
    }

    /// Instants at which something changes, in order: between two of them [`Theatre::at`] gives the
    /// same, so it may be kept.
    #[must_use]
    pub fn changes(&self) -> Vec<Observed> {
        let instants: BTreeSet<_> = self
            .validities()
            .flat_map(|v| [v.from, v.until])
            .flatten()
            .collect();
        instants.into_iter().collect()
    }

    fn validities(&self) -> impl Iterator<Item = Validity> + '_ {
        let lines = self.lines.iter().map(|f| f.valid);
        let held = self.held.iter().map(|f| f.valid);
        let sensors = self.sensors.iter().map(|f| f.valid);
        let posts = self.posts.iter().map(|f| f.valid);
        let sites = self.sites.iter().map(|f| f.valid);
        let areas = self.areas.iter().map(|f| f.valid);
        // A place's name changes nothing that is judged.
        lines
            .chain(held)
            .chain(sensors)
            .chain(posts)
            .chain(sites)
            .chain(areas)
    }
}
