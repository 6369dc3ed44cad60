//! Whoever listens for long hears no more once their session ends, or they are revoked.

use std::net::UdpSocket;
use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::http::StatusCode;
use futures_util::StreamExt as _;
use serde_json::json;
use tokio::time::timeout;
use tower::ServiceExt as _;
use truceline_record::people::RevocationBody;

use super::{Browser, admit_part, app, app_with, new_centre};
use crate::http::app::App;
use crate::http::centre_router;
use crate::live::Change;
use crate::shipped;

/// Longer than the leave of a listener is not asked about.
const UNASKED: Duration = Duration::from_millis(1100);

async fn two_analysts(app: &App) -> [Browser; 2] {
    let state = app.directory().sending_states().next().unwrap().to_owned();
    for id in ["ada", "bea"] {
        admit_part(app, id, &state, "analyst").await;
    }
    [
        Browser::playing(app, "ada").await,
        Browser::playing(app, "bea").await,
    ]
}

/// An answer that goes on.
async fn listens(app: &App, browser: &Browser, path: &str) -> BodyDataStream {
    let asked = browser.request("GET", path).body(Body::empty());
    let answer = centre_router(app.clone()).oneshot(asked.unwrap()).await;
    let answer = answer.unwrap();
    assert_eq!(answer.status(), StatusCode::OK, "{path}");
    answer.into_body().into_data_stream()
}

async fn log_out(browser: &mut Browser) {
    let request = browser
        .request("DELETE", "/api/session")
        .body(Body::empty());
    assert_eq!(
        browser.send(request.unwrap()).await.0,
        StatusCode::NO_CONTENT
    );
}

async fn revoke(app: &App, person: &str) {
    let revocation = RevocationBody {
        person: person.into(),
        credential: None,
        why: "left".into(),
    };
    let revoked = app.clone().with(move |c| c.revoke(&revocation, "test"));
    revoked.await.unwrap();
}

#[tokio::test]
async fn who_is_out_hears_no_more_of_what_they_listened_to() {
    let dir = tempfile::tempdir().unwrap();
    let app = app(&new_centre(dir.path()));
    let [mut ada, bea] = two_analysts(&app).await;
    let path = "/api/changes";
    let mut out = listens(&app, &ada, path).await;
    let mut stays = listens(&app, &bea, path).await;
    let hears = async |stream: &mut BodyDataStream| {
        app.hub().tell(Change::Record { entries: 1 });
        // Beats come in between: what is told is an event with data.
        while let Some(part) = stream.next().await {
            if part.unwrap().starts_with(b"event: record") {
                return true;
            }
        }
        false
    };
    assert!(hears(&mut out).await && hears(&mut stays).await);
    log_out(&mut ada).await;
    tokio::time::sleep(UNASKED).await;
    assert!(!hears(&mut out).await, "the stream ends with the session");
    assert!(hears(&mut stays).await);
    revoke(&app, "bea").await;
    tokio::time::sleep(UNASKED).await;
    assert!(!hears(&mut stays).await, "and with the person");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_out_sees_no_more_of_a_video() {
    let dir = tempfile::tempdir().unwrap();
    let camera = UdpSocket::bind("127.0.0.1:0").unwrap();
    // A port that was free a moment ago.
    let place = UdpSocket::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let feed = json!({"id": "drone", "live": format!("udp://{place}")});
    let feed = serde_json::from_value(feed).unwrap();
    let app = app_with(&new_centre(dir.path()), &[feed]);
    let [mut ada, bea] = two_analysts(&app).await;
    let film = shipped::feed("drone.ts");
    let mut scenes = film.chunks(film.len() / 3 / 188 * 188);
    let mut films = async || {
        for packets in scenes.next().unwrap().chunks(7 * 188) {
            camera.send_to(packets, place).unwrap();
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    let paths = ["/api/feeds/drone/live.ts", "/api/feeds/drone/live.mp4"];
    let (mut out, mut stays) = (Vec::new(), Vec::new());
    for path in paths {
        out.push(listens(&app, &ada, path).await);
        stays.push(listens(&app, &bea, path).await);
    }
    films().await;
    assert_eq!(see(&mut out).await, [true; 2]);
    assert_eq!(see(&mut stays).await, [true; 2]);
    log_out(&mut ada).await;
    tokio::time::sleep(UNASKED).await;
    films().await;
    assert_eq!(see(&mut out).await, [false; 2], "it ends with the session");
    assert_eq!(see(&mut stays).await, [true; 2]);
    revoke(&app, "bea").await;
    tokio::time::sleep(UNASKED).await;
    films().await;
    assert_eq!(see(&mut stays).await, [false; 2], "and with the person");
}

/// Whether each of them gets another piece, or has ended.
async fn see(streams: &mut [BodyDataStream]) -> Vec<bool> {
    let mut seen = Vec::new();
    for stream in streams {
        let next = timeout(Duration::from_secs(30), stream.next()).await;
        seen.push(next.expect("neither a piece nor the end").is_some());
    }
    seen
}
