//! Recorded segments: films, clips and replays of any span, against the whole.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;
use truceline_domain::Sha256;
use truceline_intake::Item;
use truceline_media::{Event, Film, Index, Replay, Source, Span, SpanError, Speed, transport_clip};

use crate::ffmpeg;
use crate::samples::{context, package, path, read};

/// Segments in memory.
#[derive(Debug, Default, Clone)]
pub(crate) struct Memory(BTreeMap<Sha256, Vec<u8>>);

impl Source for Memory {
    fn read(&self, segment: &Sha256, from: u64, to: u64) -> Result<Vec<u8>, String> {
        let bytes = self.0.get(segment).ok_or("no such segment")?;
        let range = from as usize..to as usize;
        Ok(bytes.get(range).ok_or("beyond its end")?.to_vec())
    }
}

impl Source for &Memory {
    fn read(&self, segment: &Sha256, from: u64, to: u64) -> Result<Vec<u8>, String> {
        (**self).read(segment, from, to)
    }
}

/// A recording cut at each `every`-th random access point, as the recorder does.
pub(crate) fn record(bytes: &[u8], every: usize) -> (Span, Memory) {
    let packaged = package(bytes);
    let cuts = packaged.events.iter().filter_map(|e| match e {
        Event::Item(Item::Cut(cut)) => Some(cut.offset as usize),
        _ => None,
    });
    let mut edges: Vec<usize> = cuts.skip(1).step_by(every).collect();
    edges.insert(0, 0);
    edges.push(bytes.len());
    let near = packaged.fragments().first().map(|f| f.pts_90k);
    let mut memory = Memory::default();
    let mut indexes = Vec::new();
    for edge in edges.windows(2) {
        let segment = &bytes[edge[0]..edge[1]];
        let sha256 = Sha256::of(segment);
        indexes.push(Arc::new(Index::build(&context(), sha256, segment, near)));
        memory.0.insert(sha256, segment.to_vec());
    }
    (Span::new(indexes), memory)
}

/// Times of all pictures, in the order decoded.
fn times(span: &[Arc<Index>]) -> Vec<(u64, u64)> {
    let groups = span.iter().flat_map(|i| &i.groups);
    groups
        .flat_map(|g| &g.frames)
        .map(|f| (f.pts_90k, f.dts_90k))
        .collect()
}

fn indexes(bytes: &[u8], every: usize) -> Vec<Arc<Index>> {
    let (span, _) = record(bytes, every);
    span.segments().to_vec()
}

const NAMES: [&str; 5] = [
    "sample-stream.ts",
    "sync_h264.ts",
    "bframes.ts",
    "hevc.ts",
    "wrap.ts",
];

#[test]
fn an_index_tells_every_picture_however_it_was_cut() {
    for name in NAMES {
        let bytes = read(name);
        let live: Vec<_> = package(&bytes)
            .fragments()
            .iter()
            .map(|f| (f.pts_90k, f.dts_90k))
            .collect();
        for every in [1, 2, 1000] {
            assert_eq!(times(&indexes(&bytes, every)), live, "{name}, {every}");
        }
    }
}

/// A film is the same bytes whichever range is asked for, and however often.
#[test]
fn any_range_of_a_film_is_that_part_of_the_whole() {
    for name in ["bframes.ts", "resolution.ts"] {
        let (span, memory) = record(&read(name), 1);
        let (first, last) = span.times_90k().unwrap();
        let film = Film::new(&span, first + 20_000, last - 10_000).unwrap();
        let whole = film.whole(&memory).unwrap();
        assert_eq!(whole.bytes.len() as u64, film.length());
        assert_eq!(whole.sha256, Sha256::of(&whole.bytes));
        let again = Film::new(&span, first + 20_000, last - 10_000).unwrap();
        assert_eq!(again.etag(), film.etag());
        let other = Film::new(&span, first + 30_000, last - 10_000).unwrap();
        assert_ne!(other.etag(), film.etag());
        for (from, length) in [(0, 1), (0, 900), (500, 5000), (20_000, 40_000)] {
            let end = (from + length).min(film.length());
            let part = film.read(from..end, &memory).unwrap();
            assert_eq!(part, whole.bytes[from as usize..end as usize], "{name}");
        }
        assert!(matches!(
            film.read(0..film.length() + 1, &memory),
            Err(SpanError::OutOfRange { .. })
        ));
    }
}

#[test]
fn another_parser_reads_a_film() {
    for name in NAMES {
        let (span, memory) = record(&read(name), 2);
        let (first, last) = span.times_90k().unwrap();
        let film = Film::new(&span, first, last).unwrap();
        let whole = film.whole(&memory).unwrap();
        let mp4 = re_mp4::Mp4::read_bytes(&whole.bytes).unwrap();
        let track = &mp4.tracks()[&1];
        assert_eq!(track.samples.len() as u64, film.frames(), "{name}");
        for (sample, (pts, dts)) in track.samples.iter().zip(times(span.segments())) {
            let offset = sample.composition_timestamp - sample.decode_timestamp;
            assert_eq!(offset, pts.wrapping_sub(dts).cast_signed(), "{name}");
        }
        assert!(track.samples[0].is_sync);
    }
}

/// ffmpeg shows of a film exactly the pictures from the wanted instant to the wanted end.
#[test]
fn ffmpeg_shows_a_film_from_the_wanted_instant() {
    if !ffmpeg::is_there() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    for name in NAMES {
        let (span, memory) = record(&read(name), 1);
        let (first, last) = span.times_90k().unwrap();
        let (all, _) = ffmpeg::pictures(path(name).as_ref(), &[]);
        let mut shown: Vec<u64> = times(span.segments()).iter().map(|t| t.0).collect();
        shown.sort_unstable();
        assert_eq!(all.len(), shown.len());
        for (from, to) in [(0, shown.len() - 1), (13, shown.len() - 7), (30, 40)] {
            let film = Film::new(&span, shown[from], shown[to]).unwrap();
            assert_eq!(film.shown_from_90k(), shown[from]);
            let file = dir.path().join("film.mp4");
            std::fs::write(&file, film.whole(&memory).unwrap().bytes).unwrap();
            let (ours, complaints) = ffmpeg::pictures(&file, &[]);
            assert_eq!(complaints, "", "{name} {from} to {to}");
            let theirs = &all[from..=to];
            assert!(
                ours.starts_with(theirs) && ours.len() <= theirs.len() + 2,
                "{name} {from} to {to}: {} pictures, expected {}",
                ours.len(),
                theirs.len()
            );
        }
        assert!(Film::new(&span, last + 900_000, last + 990_000).is_err());
        assert!(Film::new(&span, first, first).is_ok());
    }
}

#[test]
fn a_clip_is_the_recorded_bytes() {
    for name in ["sync_h264.ts", "bframes.ts"] {
        let bytes = read(name);
        let (span, memory) = record(&bytes, 1);
        let (first, last) = span.times_90k().unwrap();
        let clip = transport_clip(&span, first + 100_000, last - 40_000, &memory).unwrap();
        assert_eq!(clip.tables_bytes, 0);
        assert!(clip.starts_90k <= first + 100_000);
        let at = bytes
            .windows(clip.derived.bytes.len())
            .position(|w| w == clip.derived.bytes);
        assert!(at.is_some_and(|at| at % 188 == 0), "{name}");
        let parts = clip.derived.from.iter().map(|o| o.end - o.first);
        assert_eq!(parts.sum::<u64>() as usize, clip.derived.bytes.len());
        let again = package(&clip.derived.bytes);
        assert!(again.fragments().len() > 20);
        assert_eq!(again.metadata().is_empty(), name == "bframes.ts");
    }
}

/// A replay at the source's own rate gives the live fragments again, and the metadata.
#[test]
fn a_replay_is_the_live_feed_again() {
    for name in NAMES {
        let bytes = read(name);
        let live = package(&bytes);
        let (span, memory) = record(&bytes, 2);
        let (first, last) = span.times_90k().unwrap();
        let replay = Replay::new(&span, &memory, first, last + 90_000, Speed::NORMAL).unwrap();
        let paced: Vec<_> = replay.map(Result::unwrap).collect();
        assert!(paced.is_sorted_by_key(|p| p.due));
        let fragments = paced.iter().filter_map(|p| match &p.event {
            Event::Fragment(fragment) => Some(fragment),
            _ => None,
        });
        assert!(fragments.eq(live.fragments()), "{name}");
        let metadata: Vec<_> = paced
            .iter()
            .filter_map(|p| match &p.event {
                Event::Metadata(metadata) => Some(&metadata.observation.id),
                _ => None,
            })
            .collect();
        let told = live.metadata();
        // What stands before the first picture's bytes belongs to no picture.
        assert!(
            metadata.len() + 3 >= told.len(),
            "{name}: {} of {}",
            metadata.len(),
            told.len()
        );
        assert!(
            told.iter()
                .filter(|m| metadata.contains(&&m.observation.id))
                .count()
                + 3
                >= told.len()
        );
    }
}

#[test]
fn a_fast_replay_sends_random_access_points() {
    let bytes = read("sync_h264.ts");
    let (span, memory) = record(&bytes, 2);
    let (first, last) = span.times_90k().unwrap();
    let speed = Speed::new(16.0).unwrap();
    let replay = Replay::new(&span, &memory, first, last, speed).unwrap();
    let paced: Vec<_> = replay.map(Result::unwrap).collect();
    let fragments: Vec<_> = paced
        .iter()
        .filter_map(|p| match &p.event {
            Event::Fragment(fragment) => Some((p.due, fragment)),
            _ => None,
        })
        .collect();
    assert!(
        fragments
            .iter()
            .all(|(_, f)| f.random_access && f.media_90k == f.pts_90k)
    );
    let groups = span.segments().iter().flat_map(|i| &i.groups);
    assert_eq!(fragments.len(), groups.count());
    let (due, fragment) = fragments.last().unwrap();
    let expected = (fragment.dts_90k - first) as f64 / 90_000.0 / 16.0;
    assert!((due.as_secs_f64() - expected).abs() < 1e-6);
    let metadata = paced
        .iter()
        .filter(|p| matches!(p.event, Event::Metadata(_)));
    assert!((1..=fragments.len()).contains(&metadata.count()));
    assert!(Speed::new(0.1).is_none() && Speed::new(f64::NAN).is_none());
}

/// A segment that begins with a random access point without tables can be read alone all the same.
#[test]
fn tables_that_come_late_are_put_before() {
    let mut bytes = read("bframes.ts");
    // Without any table but the first two packets'.
    let packets: Vec<&[u8]> = bytes.chunks(188).collect();
    let tables_end = packets.iter().position(|p| p[1] & 0x1F == 1).unwrap();
    let rest = packets[tables_end..]
        .iter()
        .enumerate()
        .filter(|(n, p)| p[1] & 0x1F == 1 || *n > 200);
    bytes = [
        packets[..tables_end].concat(),
        rest.map(|(_, p)| *p).collect::<Vec<_>>().concat(),
    ]
    .concat();
    let cut = bytes[tables_end * 188..].to_vec();
    let sha256 = Sha256::of(&cut);
    let index = Index::build(&context(), sha256, &cut, None);
    assert_eq!(times(&[Arc::new(index.clone())]).len(), 75);
    let memory = Memory(BTreeMap::from([(sha256, cut)]));
    let span = Span::new(vec![Arc::new(index)]);
    let (first, last) = span.times_90k().unwrap();
    let clip = transport_clip(&span, first, last, &memory).unwrap();
    assert!(clip.tables_bytes >= 2 * 188);
    assert_eq!(package(&clip.derived.bytes).fragments().len(), 75);
    Film::new(&span, first, last)
        .unwrap()
        .whole(&memory)
        .unwrap();
}

#[test]
fn what_changed_is_told() {
    let bytes = read("bframes.ts");
    let (span, mut memory) = record(&bytes, 1000);
    for segment in memory.0.values_mut() {
        let middle = segment.len() / 3..segment.len() / 2;
        segment[middle].fill(0xFF);
    }
    let (first, last) = span.times_90k().unwrap();
    let film = Film::new(&span, first, last).unwrap();
    assert!(matches!(
        film.whole(&memory),
        Err(SpanError::Changed { .. })
    ));
    memory.0.clear();
    assert!(matches!(film.whole(&memory), Err(SpanError::Read { .. })));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn damaged_segments_are_read_all_the_same(
        flips in prop::collection::vec((any::<usize>(), 1..=255_u8), 0..20),
        lost in prop::collection::vec(any::<usize>(), 0..20),
        from in 0..300_000_u64,
        length in 0..300_000_u64,
    ) {
        let mut bytes = read("bframes.ts");
        let size = bytes.len();
        for (at, bits) in flips {
            bytes[at % size] ^= bits;
        }
        for packet in lost {
            let at = packet % (bytes.len() / 188) * 188;
            bytes.drain(at..at + 188);
        }
        let sha256 = Sha256::of(&bytes);
        let index = Arc::new(Index::build(&context(), sha256, &bytes, Some(130_000)));
        let memory = Memory(BTreeMap::from([(sha256, bytes)]));
        let span = Span::new(vec![index]);
        let (from, to) = (100_000 + from, 100_000 + from + length);
        if let Ok(film) = Film::new(&span, from, to) {
            let whole = film.whole(&memory);
            prop_assert!(whole.is_ok(), "{:?}", whole.err());
            re_mp4::Mp4::read_bytes(&whole.unwrap().bytes).unwrap();
            transport_clip(&span, from, to, &memory).unwrap();
            for paced in Replay::new(&span, &memory, from, to, Speed::NORMAL).unwrap() {
                paced.unwrap();
            }
        }
    }
}

/// The source's own time finds the picture, in both ways of carrying metadata.
#[test]
fn an_instant_is_found_by_the_sources_clock() {
    for name in ["sync_h264.ts", "async_h264.ts", "sample-stream.ts"] {
        let bytes = read(name);
        let (span, _) = record(&bytes, 2);
        for metadata in package(&bytes).metadata() {
            let (Some(pts), Some(observed)) = (metadata.pts_90k, metadata.observation.observed)
            else {
                continue;
            };
            let found = span.pts_of(observed).unwrap();
            // Metadata without a time of its own is as near as the picture before it.
            assert!(
                found.abs_diff(pts) <= 9000,
                "{name}: {found}, expected {pts}"
            );
            let back = span.observed_at(pts).unwrap();
            assert!(
                back.unix_us().abs_diff(observed.unix_us()) <= 100_000,
                "{name}"
            );
        }
    }
}
