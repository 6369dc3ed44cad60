use serde_json::json;
use truceline_domain::Observed;
use truceline_engine::{Stretch, Watch, covered};
use truceline_intake::Format;
use truceline_record::batch::BatchWriter;

use crate::intake::Input;
use crate::{Centre, shipped};

fn take(centre: &mut Centre, feed: &str, format: Format, mut bytes: &[u8]) {
    let input = Input {
        name: feed,
        reader: &mut bytes,
        feed: feed.parse().unwrap(),
        source: feed.parse().unwrap(),
        format: Some(format),
        attached: Vec::new(),
    };
    centre.take_in(input, &mut |_| {}).unwrap();
}

/// A camera that looks straight at the line for half a minute, two packets a second, as if recorded now.
fn film(centre: &Centre, from_s: u32) {
    let theatre = centre.documents().theatre().unwrap();
    let begins: Observed = "2021-03-14T09:30:00Z".parse().unwrap();
    let mut lines = theatre.lines.iter();
    let path = &lines
        .find(|line| line.valid.holds_at(begins))
        .unwrap()
        .path
        .0;
    let at = path[path.len() / 2];
    let mut batch = BatchWriter::new("drone".parse().unwrap(), None);
    for half in 0..60 {
        let second = f64::from(from_s) + f64::from(half) / 2.0;
        let mut st0601 = json!({
            "sensor_latitude_deg": at.y, "sensor_longitude_deg": at.x, "sensor_true_altitude_m": 6000.0,
            "sensor_horizontal_field_of_view_deg": 6.0, "image_source_sensor": "EO Nose", "slant_range_m": 3200.0,
            "frame_center_latitude_deg": at.y, "frame_center_longitude_deg": at.x, "frame_center_elevation_m": 400.0,
        });
        for (i, [n, e]) in [[1.0, -1.0], [1.0, 1.0], [-1.0, 1.0], [-1.0, -1.0]]
            .iter()
            .enumerate()
        {
            st0601[format!("offset_corner_latitude_point_{}_deg", i + 1)] = json!(0.006 * n);
            st0601[format!("offset_corner_longitude_point_{}_deg", i + 1)] = json!(0.008 * e);
        }
        let packet = json!({
            "id": format!("p{second}"), "source": "drone", "kind": "fmv.metadata", "pts_90k": null, "pid": 0,
            "observed": begins.plus_seconds(second), "carriage": "raw", "checksum": "ok", "offset": 0, "st0601": st0601,
        });
        batch
            .push(&serde_json::from_value(packet).unwrap())
            .unwrap();
    }
    let place = centre.place();
    let body = batch.store(place.record.blobs()).unwrap();
    let draft = body.draft(&place.theatre, "test").unwrap();
    place.record.append(draft).unwrap();
}

/// Where they differ by more than sums in another order do.
fn differences(some: &[Stretch], others: &[Stretch]) -> Vec<String> {
    assert_eq!(some.len(), others.len());
    let kinds = some
        .iter()
        .zip(others)
        .flat_map(|(a, b)| a.kinds.iter().zip(&b.kinds));
    let differ = kinds.filter(|((_, a), (_, b))| {
        (a.watched - b.watched).abs() > 1e-6
            || (a.p_seen - b.p_seen).abs() > 1e-6
            || (a.longest_gap_s - b.longest_gap_s).abs() > 1e-3
    });
    differ.map(|(a, b)| format!("{a:?}, not {b:?}")).collect()
}

/// What is kept says of each span what reading everything does; how much cameras saw.
fn says_the_same(centre: &Centre, spans: &[[&str; 2]]) -> f64 {
    let theatre = centre.documents().theatre().unwrap();
    let observations = centre.observations().unwrap();
    let mut seen = 0.0_f64;
    let mut all = covered(theatre, &observations);
    for span in spans {
        let [from, to] = span.map(|t| t.parse().unwrap());
        let wanted = all.stretches(from, to);
        let watching = centre.watching();
        for _ in 0..2 {
            let told = watching
                .between(theatre, from, to)
                .unwrap()
                .stretches(from, to);
            assert_eq!(
                differences(&told, &wanted),
                Vec::<String>::new(),
                "{span:?}"
            );
        }
        let by_camera = wanted.iter().flat_map(|s| s.kinds.values());
        let by_camera = by_camera.filter_map(|w| w.p_seen_by.get(&Watch::Uav));
        seen += by_camera.sum::<f64>();
    }
    seen
}

#[test]
fn what_grew_is_what_reading_everything_gives() {
    let place = tempfile::tempdir().unwrap();
    let dir = place.path().join("centre");
    crate::centre::create(&dir, &shipped::theatre(), None, Vec::new()).unwrap();
    let (mut centre, _) = Centre::open(&dir).unwrap();
    let spans = [
        ["2021-03-14T09:00:00Z", "2021-03-14T10:00:00Z"],
        ["2021-03-14T09:30:00Z", "2021-03-14T09:31:00Z"],
        // Nothing is known of it.
        ["2021-03-13T09:00:00Z", "2021-03-13T10:00:00Z"],
    ];
    says_the_same(&centre, &spans);
    take(
        &mut centre,
        "sensors",
        Format::Sensor,
        &shipped::feed("sensors.ndjson"),
    );
    assert!(says_the_same(&centre, &spans) < 1e-9);
    film(&centre, 30);
    let half = says_the_same(&centre, &spans);
    assert!(half > 0.0);
    // What was filmed before comes after: it counts as if it had come in its turn.
    film(&centre, 0);
    assert!(says_the_same(&centre, &spans) > half);
    film(&centre, 60);
    take(
        &mut centre,
        "posts",
        Format::Report,
        &shipped::feed("reports.csv"),
    );
    says_the_same(&centre, &spans);
    let kept = centre.watching();
    let kept = kept.grown.lock().unwrap();
    assert_eq!(kept.as_ref().unwrap().from, spans[0][0].parse().unwrap());
}
