//! Cursor on Target out: what moves and what was put before the officers, for TAK clients that connect.
//!
//! Events of version 2.0 (MITRE, MP090284), one XML document after another over TCP, as TAK servers
//! stream them. Drones are neutral (`a-n-A-M-F-Q`): the centre's view of whose they are is no part of it.
//! Findings are spots (`b-m-p-s-m`) with what the engine says and that it is not determined. The stream has
//! no login of its own: it is off unless `cot_listen` says where, and belongs on a network of its own.

use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;
use truceline_domain::{Observed, Recorded};
use truceline_engine::{Change as Seen, TrackPoint};

use super::Alert;
use crate::http::App;
use crate::live::Change;
use crate::{CentreError, clock};

/// So long a client shows what moves after its last word, seconds.
const MOVES_STALE_S: f64 = 30.0;
/// And a finding: a day.
const FINDING_STALE_S: f64 = 86_400.0;
/// A client that takes nothing for so long is let go.
const PATIENCE: Duration = Duration::from_secs(10);
/// What cannot be told of a place, metres, in the form's own number.
const UNKNOWN_M: f64 = 9_999_999.0;

/// Answers TAK clients until `stop`.
///
/// # Errors
/// When the address cannot be had.
pub(crate) async fn listen(
    app: App,
    address: &str,
    stop: CancellationToken,
) -> Result<(), CentreError> {
    let failed = crate::error::io(
        "listening for TAK clients on",
        std::path::Path::new(address),
    );
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => return Ok(()),
        };
        match accepted {
            Ok((client, peer)) => {
                let (app, stop) = (app.clone(), stop.clone());
                tokio::spawn(async move {
                    let ended = tokio::select! {
                        ended = tell(&app, client) => ended,
                        () = stop.cancelled() => Ok(()),
                    };
                    if let Err(error) = ended {
                        tracing::debug!(%error, %peer, "a TAK client went");
                    }
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a TAK client was not accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

/// Tells one client what stands, then what changes.
async fn tell(app: &App, mut client: TcpStream) -> std::io::Result<()> {
    // Subscribed first: nothing falls between.
    let mut changes = app.hub().changes();
    let open = app
        .clone()
        .with(|centre| Ok(centre.alerts().newest_first().cloned().collect::<Vec<_>>()))
        .await;
    for alert in open
        .unwrap_or_default()
        .iter()
        .rev()
        .filter(|alert| alert.overtaken.is_none())
    {
        send(&mut client, of_alert(alert)).await?;
    }
    loop {
        let text = match changes.recv().await {
            Ok(Change::Picture(seen)) => match *seen {
                Seen::Moved {
                    source,
                    subject,
                    point,
                } => Some(of_point(source.as_str(), &subject, &point)),
                Seen::Looked(_) | Seen::ClockBack { .. } => None,
            },
            Ok(Change::Alert(alert)) => of_alert(&alert),
            // Who is slow misses what moved; the next word about it says where it is.
            Ok(_) | Err(RecvError::Lagged(_)) => None,
            Err(RecvError::Closed) => return Ok(()),
        };
        send(&mut client, text).await?;
    }
}

async fn send(client: &mut TcpStream, text: Option<String>) -> std::io::Result<()> {
    match text {
        None => Ok(()),
        Some(text) => tokio::time::timeout(PATIENCE, client.write_all(text.as_bytes())).await?,
    }
}

/// A place as the form has it: its error as a circle that holds it.
struct Spot {
    lat_deg: f64,
    lon_deg: f64,
    height_hae_m: f64,
    circle_m: f64,
}

fn of_point(source: &str, subject: &str, point: &TrackPoint) -> String {
    let spot = Spot {
        lat_deg: point.estimate.lat_deg(),
        lon_deg: point.estimate.lon_deg(),
        height_hae_m: point.height_hae_m.unwrap_or(UNKNOWN_M),
        circle_m: point.sd_m,
    };
    let course = point
        .course_deg
        .map_or(String::new(), |deg| format!(" course=\"{deg:.1}\""));
    let track = format!("<track speed=\"{:.1}\"{course}/>", point.speed_mps);
    let name = if subject.is_empty() { source } else { subject };
    let detail = format!("<contact callsign=\"{}\"/>{track}", escaped(name));
    let uid = format!("truceline.{source}.{subject}");
    event(
        &uid,
        "a-n-A-M-F-Q",
        "m-g",
        point.time,
        MOVES_STALE_S,
        &spot,
        &detail,
    )
}

/// Of a finding's alert its spot; others have no place.
fn of_alert(alert: &Alert) -> Option<String> {
    let (finding, place) = (alert.finding.as_ref()?, alert.place?);
    let arg = |name: &str| {
        alert
            .text
            .args
            .get(name)
            .and_then(|value| value.as_str())
            .unwrap_or_default()
    };
    let observed = arg("observed")
        .parse()
        .unwrap_or_else(|_| Observed::from(alert.at.timestamp()));
    let spot = Spot {
        lat_deg: place.lat_deg(),
        lon_deg: place.lon_deg(),
        height_hae_m: UNKNOWN_M,
        circle_m: UNKNOWN_M,
    };
    let said = format!(
        "{} at {observed}; the engine says: {}; put before the officers",
        arg("kind"),
        arg("verdict")
    );
    let detail = format!(
        "<contact callsign=\"{}\"/><remarks>{}</remarks>",
        escaped(finding.as_str()),
        escaped(&said)
    );
    // By the centre's clock: a client forgets what is stale by its own.
    let told = Observed::from(clock::recorded().timestamp());
    Some(event(
        &format!("truceline.{finding}"),
        "b-m-p-s-m",
        "m-c",
        told,
        FINDING_STALE_S,
        &spot,
        &detail,
    ))
}

fn event(
    uid: &str,
    kind: &str,
    how: &str,
    at: Observed,
    stale_s: f64,
    spot: &Spot,
    detail: &str,
) -> String {
    let now: Recorded = clock::recorded();
    let Spot {
        lat_deg,
        lon_deg,
        height_hae_m,
        circle_m,
    } = spot;
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <event version=\"2.0\" uid=\"{}\" type=\"{kind}\" how=\"{how}\" time=\"{at}\" start=\"{at}\" stale=\"{}\">\
         <point lat=\"{lat_deg:.7}\" lon=\"{lon_deg:.7}\" hae=\"{height_hae_m:.1}\" ce=\"{circle_m:.1}\" le=\"{UNKNOWN_M:.1}\"/>\
         <detail>{detail}</detail></event>\n",
        escaped(uid),
        now.plus_seconds(stale_s),
    )
}

/// Text within XML; what XML 1.0 has no form for is left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use truceline_intake::{Context, Format, Item, decoder};

    /// What this centre's own intake reads of it.
    fn read(text: &str) -> Vec<serde_json::Value> {
        let context = Context {
            feed: "tak".parse().unwrap(),
            source: "tak".parse().unwrap(),
        };
        let (mut decoder, mut items) = (decoder(Format::Cot, context), Vec::new());
        decoder.push(text.as_bytes(), &mut |item| items.push(item));
        decoder.finish(&mut |item| items.push(item));
        let told = items.into_iter().filter_map(|item| match item {
            Item::Observation(o) => serde_json::to_value(&o).ok(),
            _ => None,
        });
        told.collect()
    }

    #[test]
    fn a_drone_is_told_so_that_it_is_read_again_whatever_its_name() {
        let point = TrackPoint {
            time: "2021-03-14T09:30:00Z".parse().unwrap(),
            position: truceline_domain::Position::new(40.0, 46.9).unwrap(),
            estimate: truceline_domain::Position::new(40.0, 46.9).unwrap(),
            sd_m: 4.0,
            speed_mps: 20.0,
            course_deg: Some(90.0),
            height_msl_m: None,
            height_hae_m: Some(1200.0),
            observation: "o".parse().unwrap(),
        };
        let text = of_point("D01", "<a & \"b\">\u{0}", &point);
        assert!(
            text.contains("callsign=\"&lt;a &amp; &quot;b&quot;&gt;\""),
            "{text}"
        );
        let told = read(&text);
        assert_eq!(told.len(), 1, "{text} {told:?}");
        assert!(told[0].to_string().contains("a-n-A-M-F-Q"), "{told:?}");
    }
}
