//! Original bytes: segments, batches, and what is deleted.

use std::fs;

use crate::common::Centre;
use truceline_domain::{EntryId, FeedId, Observation, Received, Sha256, TheatreId};
use truceline_record::batch::{BatchError, BatchWriter};
use truceline_record::blob::{Presence, Tombstone};
use truceline_record::bodies::{BATCH, BatchBody, SEGMENT, SegmentBody};
use truceline_record::segment::{self, Limits, SegmentWriter};
use truceline_record::{BlobError, Entry};

fn received(second: i64) -> Received {
    Received::from_unix_us(1_605_000_000_000_000 + second * 1_000_000).unwrap()
}

#[test]
fn bytes_are_found_by_their_hash_and_stored_once() {
    let centre = Centre::in_memory();
    let record = centre.open();
    let stored = record.put_blob(b"seen from above").unwrap();
    assert_eq!(
        (stored.sha256, stored.bytes, stored.new),
        (Sha256::of(b"seen from above"), 15, true)
    );
    assert!(!record.put_blob(b"seen from above").unwrap().new);
    assert_eq!(record.blob(&stored.sha256).unwrap(), b"seen from above");
    let hex = stored.sha256.to_string();
    assert!(
        centre
            .path()
            .join("segments")
            .join(&hex[..2])
            .join(&hex)
            .is_file()
    );
    assert_eq!(fs::read_dir(centre.path().join("tmp")).unwrap().count(), 0);

    let none = Sha256::of(b"never seen");
    assert!(matches!(record.blob(&none), Err(BlobError::Missing { sha256 }) if sha256 == none));
}

#[test]
fn damaged_bytes_are_refused_and_made_whole_by_storing_them_again() {
    let centre = Centre::in_memory();
    let record = centre.open();
    let stored = record.put_blob(b"seen from above").unwrap();
    fs::write(record.blobs().path(&stored.sha256), b"seen from below").unwrap();
    assert!(matches!(
        record.blob(&stored.sha256),
        Err(BlobError::Damaged { .. })
    ));
    record.put_blob(b"seen from above").unwrap();
    assert_eq!(record.blobs().check(&stored.sha256).unwrap(), 15);
}

#[test]
fn deleted_is_not_missing_and_does_not_come_back() {
    let centre = Centre::in_memory();
    let record = centre.open();
    let sha256 = record.put_blob(b"a face").unwrap().sha256;
    let tombstone = Tombstone {
        entry: EntryId::new("deletion-1").unwrap(),
        index: 7,
    };
    record.blobs().bury(&sha256, &tombstone).unwrap();
    record.blobs().bury(&sha256, &tombstone).unwrap();
    assert_eq!(
        record.blobs().presence(&sha256).unwrap(),
        Presence::Deleted(tombstone.clone())
    );
    let told = record.blob(&sha256).unwrap_err().to_string();
    assert!(
        told.contains("deletion-1") && told.contains("index 7"),
        "{told}"
    );
    assert!(matches!(
        record.put_blob(b"a face"),
        Err(BlobError::Deleted { .. })
    ));
    assert_eq!(fs::read_dir(centre.path().join("tmp")).unwrap().count(), 0);
}

#[test]
fn a_large_blob_is_written_beside_its_coming() {
    let centre = Centre::in_memory();
    let record = centre.open();
    let mut writer = record.blobs().writer().unwrap();
    let chunk = vec![0x47; 1 << 20];
    for _ in 0..20 {
        writer.push(&chunk).unwrap();
    }
    let stored = writer.finish().unwrap();
    assert_eq!(stored.bytes, 20 << 20);
    assert_eq!(record.blobs().check(&stored.sha256).unwrap(), 20 << 20);
    drop(record.blobs().writer().unwrap());
    assert_eq!(
        fs::read_dir(centre.path().join("tmp")).unwrap().count(),
        0,
        "abandoned, gone"
    );
}

#[test]
fn a_feed_is_cut_where_a_decoder_can_begin() {
    let centre = Centre::in_memory();
    let record = centre.open();
    let limits = Limits {
        due_bytes: 100,
        max_bytes: 250,
        ..Limits::FILE
    };
    let feed = FeedId::new("drone-1").unwrap();
    let mut writer = SegmentWriter::new(record.blobs(), feed, "fmv", limits, 0);
    let mut finished: Vec<SegmentBody> = Vec::new();
    let mut whole = Vec::new();
    for n in 0..20_u8 {
        let bytes = [n; 40];
        let offset = writer.offset();
        whole.extend_from_slice(&bytes);
        finished.extend(writer.push(&bytes, received(n.into())).unwrap());
        // A random access point every fourth push, known only with its bytes; none after the twelfth.
        if n % 4 == 0 && n < 12 {
            let pts_90k = Some(9_000 * u64::from(n));
            finished.extend(writer.random_access_point(offset, pts_90k).unwrap());
        }
    }
    finished.extend(writer.finish().unwrap());
    assert!(writer.finish().unwrap().is_empty());

    let shape: Vec<_> = finished
        .iter()
        .map(|s| (s.offset, s.bytes, s.random_access))
        .collect();
    assert_eq!(
        shape,
        [
            (0, 160, true),
            (160, 160, true),
            (320, 240, true),
            (560, 240, false)
        ]
    );
    let points: Vec<_> = finished
        .iter()
        .map(|s| s.pts_90k.map(|span| span.first))
        .collect();
    assert_eq!(points, [Some(0), Some(36_000), Some(72_000), None]);
    assert_eq!(
        (finished[1].received.first, finished[1].received.last),
        (received(4), received(8)),
        "the byte that told of the cut came with what follows it"
    );
    let again: Vec<u8> = finished
        .iter()
        .flat_map(|s| record.blob(&s.sha256).unwrap())
        .collect();
    assert_eq!(again, whole);

    let theatre = TheatreId::new("t").unwrap();
    let appended = record
        .append(finished[0].draft(&theatre, "intake").unwrap())
        .unwrap();
    let entry: Entry = record.log().unwrap().entry(appended.index).unwrap();
    assert_eq!(
        (entry.kind.as_str(), entry.received),
        (SEGMENT, Some(received(0)))
    );
    assert_eq!(entry.body_as::<SegmentBody>().unwrap(), finished[0]);
    assert!(entry.body_as::<BatchBody>().is_err());
}

#[test]
fn a_segment_is_due_after_its_time() {
    let centre = Centre::in_memory();
    let record = centre.open();
    let limits = Limits {
        due_s: 10.0,
        max_s: 20.0,
        ..Limits::FILE
    };
    let mut writer =
        SegmentWriter::new(record.blobs(), FeedId::new("f").unwrap(), "fmv", limits, 0);
    for second in [0, 9] {
        writer.push(b"x", received(second)).unwrap();
        let offset = writer.offset();
        assert!(writer.random_access_point(offset, None).unwrap().is_empty());
    }
    writer.push(b"x", received(10)).unwrap();
    let ended = writer.random_access_point(3, None).unwrap();
    assert_eq!(ended[0].bytes, 3);
    // Without such a point it goes on, but not for ever.
    writer.push(b"y", received(11)).unwrap();
    assert!(writer.tick(received(30)).unwrap().is_empty());
    let ended = writer.tick(received(31)).unwrap();
    assert_eq!((ended[0].bytes, ended[0].random_access), (1, true));
}

#[test]
fn what_is_told_late_stands_with_its_own_bytes() {
    let centre = Centre::in_memory();
    let record = centre.open();
    let limits = Limits {
        due_bytes: 1,
        ..Limits::FILE
    };
    let mut writer =
        SegmentWriter::new(record.blobs(), FeedId::new("f").unwrap(), "fmv", limits, 0);
    let at = |second: u32| format!("2020-11-10T09:00:{second:02}Z").parse().unwrap();
    writer.push(b"aabb", received(0)).unwrap();
    writer.observed(0, at(1));
    writer.observed(2, at(3));
    let first = writer.random_access_point(2, None).unwrap();
    let second = writer.finish().unwrap();
    assert_eq!(first[0].observed.unwrap().last, at(1));
    assert_eq!(second[0].observed.unwrap().first, at(3));
    assert_eq!(record.blob(&second[0].sha256).unwrap(), b"bb");
}

#[test]
fn an_open_segment_can_be_read_and_outlives_its_process() {
    let centre = Centre::in_memory();
    let record = centre.open();
    let feed = FeedId::new("drone").unwrap();
    let limits = Limits {
        due_bytes: 4,
        ..Limits::LIVE
    };
    let mut writer = SegmentWriter::new(record.blobs(), feed.clone(), "fmv", limits, 0)
        .live(record.folder().live(), received(0));
    writer.push(b"first", received(1)).unwrap();
    writer.push(b"second", received(2)).unwrap();
    let open = writer.open_file().unwrap();
    let (path, offset, bytes) = (open.path, open.offset, open.bytes);
    assert_eq!((offset, bytes), (0, 11));
    assert_eq!(fs::read(&path).unwrap(), b"firstsecond");
    let ended = writer.random_access_point(5, Some(9)).unwrap();
    assert_eq!(record.blob(&ended[0].sha256).unwrap(), b"first");
    // Until the log has its entry, a crash finds it too.
    let left = segment::left_over(record.folder()).unwrap();
    assert_eq!(left[0].stored, Some(ended[0].sha256));
    writer.committed(&ended[0].sha256);
    writer.push(b"third", received(3)).unwrap();
    // As when the process is killed: nothing is finished, nothing is tidied up.
    drop(writer);
    let left = segment::left_over(record.folder()).unwrap();
    assert_eq!(left.len(), 1);
    let left = &left[0];
    assert_eq!((left.offset, left.bytes, left.random_access), (5, 11, true));
    assert_eq!(left.feed, feed);
    assert_eq!(left.received_at(10), Some(received(3)));
    assert_eq!(fs::read(&left.path).unwrap(), b"secondthird");
    left.remove().unwrap();
    assert!(segment::left_over(record.folder()).unwrap().is_empty());
}

fn sound(n: u32) -> Observation {
    let json = serde_json::json!({
        "id": format!("o{n}"), "source": "A1", "kind": "acoustic",
        "observed": format!("2020-11-10T09:00:{:02}.000000Z", n % 60),
        "bearing_deg": 50.4, "bearing_sd_deg": 2.0, "level_db": 71.5,
    });
    serde_json::from_value(json).unwrap()
}

#[test]
fn a_batch_comes_back_line_by_line() {
    let centre = Centre::in_memory();
    let record = centre.open();
    let mut writer = BatchWriter::new(FeedId::new("f").unwrap(), None);
    let observations: Vec<Observation> = (0..50).map(sound).collect();
    for observation in &observations {
        writer.push(observation).unwrap();
    }
    let body = writer.store(record.blobs()).unwrap();
    assert_eq!((body.count, body.kinds.values().sum::<u64>()), (50, 50));
    let theatre = TheatreId::new("t").unwrap();
    let appended = record
        .append(body.draft(&theatre, "intake").unwrap())
        .unwrap();
    let entry = record.log().unwrap().entry(appended.index).unwrap();
    assert_eq!(
        (entry.kind.as_str(), entry.observed),
        (BATCH, body.observed.map(|span| span.first))
    );
    let body: BatchBody = entry.body_as().unwrap();
    assert_eq!(body.read(record.blobs()).unwrap(), observations);

    let wrong = BatchBody {
        count: 51,
        ..body.clone()
    };
    assert!(matches!(
        wrong.read(record.blobs()),
        Err(BatchError::Differs { .. })
    ));
    let wrong = BatchBody {
        bytes: body.bytes + 1,
        ..body
    };
    assert!(matches!(
        wrong.read(record.blobs()),
        Err(BatchError::Differs { line: 0, .. })
    ));
}
