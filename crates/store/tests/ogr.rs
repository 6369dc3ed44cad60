//! The store as another GIS sees it. Skipped, loudly, where GDAL's `ogrinfo` is not installed.

use std::process::Command;

use truceline_store::GeoPackage;

#[test]
fn ogrinfo_opens_every_layer() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("store.gpkg");
    let observation = serde_json::from_str(
        r#"{"id":"o","source":"SAT1","observed":"2021-03-14T09:00:00Z","kind":"thermal","lat":39.9,"lon":46.9,"sd_m":300}"#,
    )
    .unwrap();
    let mut store = GeoPackage::open(&path).unwrap();
    store
        .transaction(|s| {
            s.put_observation("f", 1, &observation)?;
            s.set_projected_entries(2)
        })
        .unwrap();
    drop(store);
    let Ok(output) = Command::new("ogrinfo")
        .arg("-al")
        .arg("-so")
        .arg(&path)
        .output()
    else {
        eprintln!(
            "SKIPPED: ogrinfo is not installed (Debian: gdal-bin); the GeoPackage was not opened by GDAL"
        );
        return;
    };
    let told = String::from_utf8_lossy(&output.stdout);
    let warned = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{warned}");
    assert!(!warned.contains("Warning"), "{warned}");
    for layer in GeoPackage::layers() {
        assert!(
            told.contains(&format!("Layer name: {layer}\n")),
            "{layer} is missing:\n{told}"
        );
    }
    // The R-tree keeps single-precision bounds, rounded outwards.
    assert!(
        told.contains("Extent: (46.899998, 39.899998) - (46.900002, 39.900002)"),
        "{told}"
    );
}
