//! GeoTIFFs of heights: refused or read, and then asked at the corners of the earth.
#![no_main]

use libfuzzer_sys::fuzz_target;
use truceline_agreement::theatre::Terrain;
use truceline_domain::Position;

fuzz_target!(|data: &[u8]| {
    let Ok(terrain) = Terrain::parse(data) else {
        return;
    };
    assert_eq!(Terrain::parse(data).as_ref(), Ok(&terrain));
    for (lat, lon) in [(0.0, 0.0), (90.0, 180.0), (-90.0, -180.0), (40.0, 47.0), (-33.3, 179.99)] {
        let place = Position::new(lat, lon).expect("within range");
        let height_m = terrain.height_msl_m(place);
        assert!(height_m.is_none_or(|h| (-500.0..=9_000.0).contains(&h)));
    }
    assert!(terrain.posting_m() > 0.0);
});
