//! Vector tiles as consoles ask for them.

use std::time::Instant;

use axum::http::StatusCode;
use truceline_domain::Event;
use truceline_store::GeoPackage;

use super::passkeys::finding;
use super::programs::raw;
use super::watch::playing;
use super::{Browser, app, new_centre};

#[tokio::test]
async fn tiles_are_had_by_place_and_time_and_only_by_who_may_see() {
    let dir = tempfile::tempdir().unwrap();
    let app = app(&new_centre(dir.path()));
    finding(&app).await;
    let mut observer = playing(&app, "observer").await;
    let (status, told) = observer
        .get("/tiles/events.json?from=2021-03-14T00:00:00Z")
        .await;
    assert_eq!(status, StatusCode::OK, "{told}");
    let template = told["tiles"][0].as_str().unwrap();
    assert_eq!(
        template,
        "http://localhost:7400/tiles/events/{z}/{x}/{y}.mvt?from=2021-03-14T00:00:00.000000Z"
    );
    assert_eq!(told["bounds"].as_array().unwrap().len(), 4);
    for layer in ["events", "event_ellipses", "findings", "theatre"] {
        let path = format!("/tiles/{layer}/0/0/0.mvt");
        let (status, kind, tag, tile) = raw(&app, &observer, &path, "").await;
        assert_eq!(
            (status, kind.as_str()),
            (StatusCode::OK, "application/vnd.mapbox-vector-tile")
        );
        assert!(tile.windows(5).any(|w| w == b"count"), "{layer}");
        assert_eq!(
            raw(&app, &observer, &path, &tag).await.0,
            StatusCode::NOT_MODIFIED
        );
    }
    let signs = |standing: &str| format!("/tiles/findings/0/0/0.mvt?standing={standing}");
    let drawn = async |path: String| raw(&app, &observer, &path, "").await.3;
    assert!(!drawn(signs("open,half-signed")).await.is_empty());
    assert_eq!(
        drawn(signs("open")).await,
        drawn(signs("half-signed,open")).await
    );
    assert!(drawn(signs("determined,dissented")).await.is_empty());
    let (_, told) = observer.get("/tiles/findings.json?standing=open").await;
    let template = told["tiles"][0].as_str().unwrap();
    assert!(template.ends_with(".mvt?standing=open"), "{template}");
    // Another year, another hemisphere: nothing.
    for empty in [
        "/tiles/events/0/0/0.mvt?to=2001-01-01T00:00:00Z",
        "/tiles/events/1/0/1.mvt",
    ] {
        assert!(
            raw(&app, &observer, empty, "").await.3.is_empty(),
            "{empty}"
        );
    }
    let span = "from=2021-03-14T09:00:00Z&to=2021-03-14T10:00:00Z";
    let covered = raw(
        &app,
        &observer,
        &format!("/tiles/coverage/0/0/0.mvt?{span}"),
        "",
    )
    .await;
    assert!(covered.3.windows(13).any(|w| w == b"never_watched"));
    for (wrong, status) in [
        ("/tiles/coverage/0/0/0.mvt", StatusCode::BAD_REQUEST),
        (
            "/tiles/events/0/0/0.mvt?standing=open",
            StatusCode::BAD_REQUEST,
        ),
        ("/tiles/theatre.json?standing=open", StatusCode::BAD_REQUEST),
        (
            "/tiles/events/0/0/0.mvt?from=yesterday",
            StatusCode::BAD_REQUEST,
        ),
        (
            "/tiles/events/0/0/0.mvt?from=2021-03-14T09:00:00Z&to=2021-03-14T09:00:00Z",
            StatusCode::BAD_REQUEST,
        ),
        ("/tiles/events/0/1/0.mvt", StatusCode::NOT_FOUND),
        ("/tiles/events/40/1/0.mvt", StatusCode::NOT_FOUND),
        ("/tiles/events/-1/1/x", StatusCode::NOT_FOUND),
        ("/tiles/observations/0/0/0.mvt", StatusCode::NOT_FOUND),
        ("/tiles/events", StatusCode::NOT_FOUND),
    ] {
        assert_eq!(raw(&app, &observer, wrong, "").await.0, status, "{wrong}");
    }
    let host = playing(&app, "host official").await;
    assert_eq!(
        host.status("GET", "/tiles/events/0/0/0.mvt").await,
        StatusCode::FORBIDDEN
    );
    let nobody = Browser::new(&app);
    assert_eq!(
        nobody.status("GET", "/tiles/events/0/0/0.mvt").await,
        StatusCode::UNAUTHORIZED
    );
}

/// Events far and near, as a year might have them.
fn event(n: u32) -> Event {
    let (lat, lon) = (
        38.5 + f64::from(n % 211) / 100.0,
        46.0 + f64::from(n % 197) / 100.0,
    );
    serde_json::from_value(serde_json::json!({
        "id": format!("E-{n}"), "time": format!("2021-03-14T{:02}:{:02}:{:02}Z", n / 3600 % 24, n / 60 % 60, n % 60),
        "time_sd_s": 0.1, "lat": lat, "lon": lon, "cov_m2": [[100.0, 0.0], [0.0, 400.0]], "kind": "mortar",
        "p": {"north": 0.9, "none": 0.1}, "verdict": "undetermined", "evidence": ["o1"],
    }))
    .unwrap()
}

/// However many events there are, a tile stays small, and is there before anybody waits for it. Times are told, not held
/// against anything: `cargo nextest run -p truceline-service fifty_thousand --no-capture`.
#[tokio::test]
async fn tiles_of_fifty_thousand_events_are_small() {
    let dir = tempfile::tempdir().unwrap();
    let centre = new_centre(dir.path());
    let app = app(&centre);
    let mut store = GeoPackage::open(&centre.join("store.gpkg")).unwrap();
    let events: Vec<Event> = (0..50_000).map(event).collect();
    store.transaction(|s| s.replace_events(&events)).unwrap();
    let observer = playing(&app, "observer").await;
    // The world, the theatre, a valley, a village.
    for (z, x, y) in [
        (0, 0, 0),
        (5, 20, 12),
        (8, 161, 97),
        (12, 2583, 1557),
        (14, 10330, 6232),
    ] {
        let path = format!("/tiles/events/{z}/{x}/{y}.mvt");
        let began = Instant::now();
        let (status, _, _, first) = raw(&app, &observer, &path, "").await;
        let first_ms = began.elapsed().as_secs_f64() * 1e3;
        let began = Instant::now();
        let (_, _, _, again) = raw(&app, &observer, &path, "").await;
        let again_ms = began.elapsed().as_secs_f64() * 1e3;
        assert_eq!((status, &first), (StatusCode::OK, &again));
        assert!(first.len() < 1 << 20, "{path}: {} bytes", first.len());
        eprintln!(
            "{path}: {} bytes, {first_ms:.0} ms, again {again_ms:.0} ms",
            first.len()
        );
    }
}
