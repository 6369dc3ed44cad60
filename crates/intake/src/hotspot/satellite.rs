//! Satellites and instruments as FIRMS names them.

/// An instrument that FIRMS publishes hotspots of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Instrument {
    Modis,
    Viirs,
}

impl Instrument {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Modis => "MODIS",
            Self::Viirs => "VIIRS",
        }
    }

    pub(super) fn from_word(word: &str) -> Option<Self> {
        [Self::Modis, Self::Viirs]
            .into_iter()
            .find(|i| i.as_str().eq_ignore_ascii_case(word))
    }

    /// The largest pixel at the edge of the swath, kilometres, for a row that does not tell its own:
    /// MODIS 4.8 along the scan (Nishihama et al., MODIS Level 1A Earth Location ATBD, 1997), VIIRS
    /// I band 0.8 after aggregation (Wolfe et al., JGR Atmospheres 118, 2013).
    pub(super) const fn largest_pixel_km(self) -> f64 {
        match self {
            Self::Modis => 4.8,
            Self::Viirs => 0.8,
        }
    }
}

/// The codes of FIRMS' `satellite` column, the instrument that flies there and the satellite's name
/// as a part of a source id.
const SATELLITES: &[(&str, Instrument, &str)] = &[
    ("T", Instrument::Modis, "terra"),
    ("Terra", Instrument::Modis, "terra"),
    ("A", Instrument::Modis, "aqua"),
    ("Aqua", Instrument::Modis, "aqua"),
    ("N", Instrument::Viirs, "suomi-npp"),
    ("N20", Instrument::Viirs, "noaa-20"),
    ("1", Instrument::Viirs, "noaa-20"),
    ("N21", Instrument::Viirs, "noaa-21"),
    ("2", Instrument::Viirs, "noaa-21"),
];

/// What the satellite of this code is called, and what it carries.
pub(super) fn known(code: &str) -> Option<(&'static str, Instrument)> {
    SATELLITES
        .iter()
        .find(|(known, ..)| known.eq_ignore_ascii_case(code))
        .map(|&(_, instrument, name)| (name, instrument))
}
