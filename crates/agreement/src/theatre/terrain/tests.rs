use proptest::prelude::*;
use tiff::encoder::{TiffEncoder, colortype};

use super::*;

const WGS84: [u16; 16] = [1, 1, 0, 3, 1024, 0, 1, 2, 1025, 0, 1, 1, 2048, 0, 1, 4326];

/// A file of 4 by 3 posts, a degree apart, north-western corner at 41 N 45 E.
fn file(keys: &[u16], heights: &[i16], none: Option<&str>, metadata: Option<&str>) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let mut encoder = TiffEncoder::new(&mut bytes).unwrap();
    let mut image = encoder.new_image::<colortype::GrayI16>(4, 3).unwrap();
    let scale: &[f64] = &[1.0, 1.0, 0.0];
    let tie: &[f64] = &[0.0, 0.0, 0.0, 45.0, 41.0, 0.0];
    let tags = image.encoder();
    tags.write_tag(Tag::ModelPixelScaleTag, scale).unwrap();
    tags.write_tag(Tag::ModelTiepointTag, tie).unwrap();
    tags.write_tag(Tag::GeoKeyDirectoryTag, keys).unwrap();
    if let Some(none) = none {
        tags.write_tag(Tag::GdalNodata, none).unwrap();
    }
    if let Some(metadata) = metadata {
        tags.write_tag(Tag::Unknown(GDAL_METADATA), metadata)
            .unwrap();
    }
    image.write_data(heights).unwrap();
    bytes.into_inner()
}

fn slope() -> Vec<i16> {
    (0..12).map(|i| 100 * (i / 4) + 10 * (i % 4)).collect()
}

fn at(lat: f64, lon: f64) -> Position {
    Position::new(lat, lon).unwrap()
}

#[test]
fn posts_are_the_centres_of_pixels() {
    let terrain = Terrain::parse(&file(&WGS84, &slope(), None, None)).unwrap();
    assert_eq!(terrain.height_msl_m(at(40.5, 45.5)), Some(0.0));
    assert_eq!(terrain.height_msl_m(at(39.5, 46.5)), Some(110.0));
    let between = terrain.height_msl_m(at(40.0, 46.0)).unwrap();
    assert!((between - 55.0).abs() < 1e-9, "{between}");
    assert_eq!(
        terrain.height_msl_m(at(40.6, 45.5)),
        None,
        "north of the posts"
    );
    assert_eq!(terrain.sd_m, 20.0);
    assert_eq!(terrain.extremes_m(), Some([0.0, 230.0]));
}

#[test]
fn a_point_grid_has_them_at_the_corners() {
    let mut keys = WGS84;
    keys[11] = 2;
    let terrain = Terrain::parse(&file(&keys, &slope(), None, None)).unwrap();
    assert_eq!(terrain.height_msl_m(at(41.0, 45.0)), Some(0.0));
}

#[test]
fn what_the_file_does_not_know_is_not_guessed() {
    let mut heights = slope();
    heights[5] = -32768;
    let xml = "<GDALMetadata><Item name=\"VERTICAL_SD_M\">7.5</Item></GDALMetadata>";
    let terrain = Terrain::parse(&file(&WGS84, &heights, Some("-32768"), Some(xml))).unwrap();
    assert_eq!(terrain.sd_m, 7.5);
    assert_eq!(terrain.height_msl_m(at(40.0, 46.0)), None, "beside a hole");
    assert_eq!(terrain.height_msl_m(at(39.0, 48.4)), Some(229.0 - 50.0));
}

#[test]
fn other_systems_are_refused_with_their_number() {
    let mut keys = WGS84;
    keys[15] = 32638;
    let error = Terrain::parse(&file(&keys, &slope(), None, None)).unwrap_err();
    assert!(error.to_string().contains("32638"), "{error}");
    let vertical: Vec<u16> = [
        1, 1, 0, 4, 1024, 0, 1, 2, 1025, 0, 1, 1, 2048, 0, 1, 4326, 4096, 0, 1, 4979,
    ]
    .to_vec();
    let error = Terrain::parse(&file(&vertical, &slope(), None, None)).unwrap_err();
    assert!(error.to_string().contains("mean sea level"), "{error}");
    assert!(Terrain::parse(b"II*\0").is_err());
    assert!(Terrain::parse(&vec![0; MAX_FILE_BYTES + 1]).is_err());
}

#[test]
fn a_grid_may_lie_across_the_antimeridian() {
    let terrain = Terrain::of_function([1.0, 179.0], 0.5, [5, 5], |lat, _| 100.0 * lat).unwrap();
    for lon in [179.5, -179.7] {
        let height = terrain.height_msl_m(at(0.25, lon)).unwrap();
        assert!((height - 25.0).abs() < 1e-4, "{height}");
    }
    assert_eq!(terrain.height_msl_m(at(0.25, -178.0)), None);
}

proptest! {
    #[test]
    fn broken_files_are_refused_or_read(at in 0..700usize, value: u8, cut in 8..700usize) {
        let mut bytes = file(&WGS84, &slope(), Some("-9999"), None);
        if let Some(byte) = bytes.get_mut(at) {
            *byte = value;
        }
        bytes.truncate(cut);
        if let Ok(terrain) = Terrain::parse(&bytes) {
            let height = terrain.height_msl_m(Position::new(39.5, 46.5).unwrap());
            prop_assert!(height.is_none_or(f64::is_finite));
        }
    }
}
