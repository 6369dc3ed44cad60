//! Open segments of live feeds: readable before they are finished, and found again after a crash.
//!
//! Each is a file `NAME.open` under `live/` and a sidecar `NAME.json` beside it: a first line that
//! says whose bytes they are and where in the feed they begin, then a line whenever time has passed,
//! `{"at":OFFSET,"received":TIME}`: bytes from that offset in the file on were received then or
//! later. The sidecar is not synced: after a power cut the file's bytes may be dated by an earlier line.
//!
//! A segment that has its last byte is renamed to its hash, and enters the log after that. So that a crash between the two
//! loses nothing, the sidecar says the hash first (`{"sha256":…,"bytes":…}`, synced), and stays until the log
//! has the entry.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};
use truceline_domain::{FeedId, Received, Sha256};

use crate::blob::{BlobError, BlobWriter, Blobs};
use crate::folder::Folder;

/// Arrivals nearer to each other are told as one.
const ARRIVAL_S: f64 = 0.25;

/// Where the open segments of one live feed lie.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) folder: PathBuf,
    /// When the feed was opened: offsets count from then.
    pub(super) opened: Received,
}

/// A sidecar's first line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    feed: FeedId,
    format: String,
    opened: Received,
    offset: u64,
    random_access: bool,
}

/// Another line of a sidecar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
enum Line {
    Arrival(Arrival),
    RandomAccess { random_access: bool },
    Ended { sha256: Sha256, bytes: u64 },
}

/// Bytes from an offset on were received at a time or later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrival {
    /// Offset in the segment.
    pub at: u64,
    /// When.
    pub received: Received,
}

/// The file beside an open segment.
#[derive(Debug)]
pub struct Sidecar {
    path: PathBuf,
    file: File,
    last: Option<Received>,
}

impl Place {
    pub(super) fn begin(
        &self,
        blobs: &Blobs,
        feed: &FeedId,
        format: &str,
        offset: u64,
        random_access: bool,
    ) -> Result<(BlobWriter, Sidecar), BlobError> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let failed = |doing, path: &Path| {
            let path = path.to_path_buf();
            move |source| BlobError::Io {
                doing,
                path,
                source,
            }
        };
        fs::create_dir_all(&self.folder).map_err(failed("making", &self.folder))?;
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("{}-{number}", std::process::id());
        let path = self.folder.join(format!("{name}.json"));
        let head = Head {
            feed: feed.clone(),
            format: format.to_owned(),
            opened: self.opened,
            offset,
            random_access,
        };
        let mut file = File::create(&path).map_err(failed("making", &path))?;
        let opened = write_line(&mut file, &head)
            .map_err(failed("writing", &path))
            .and_then(|()| blobs.writer_at(&self.folder.join(format!("{name}.open"))));
        let sidecar = Sidecar {
            path,
            file,
            last: None,
        };
        match opened {
            Ok(writer) => Ok((writer, sidecar)),
            Err(error) => {
                sidecar.remove();
                Err(error)
            }
        }
    }
}

fn write_line(file: &mut File, value: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(value).map_err(io::Error::other)?;
    line.push(b'\n');
    file.write_all(&line)
}

impl Sidecar {
    pub(super) fn arrived(&mut self, at: u64, received: Received) {
        if self
            .last
            .is_some_and(|last| received.seconds_since(last).abs() < ARRIVAL_S)
        {
            return;
        }
        self.last = Some(received);
        self.note(&Line::Arrival(Arrival { at, received }));
    }

    pub(super) fn random_access(&mut self) {
        self.note(&Line::RandomAccess {
            random_access: true,
        });
    }

    /// The segment has its last byte: its bytes will lie under this name.
    pub(super) fn ended(&mut self, sha256: Sha256, bytes: u64) -> io::Result<()> {
        write_line(&mut self.file, &Line::Ended { sha256, bytes })?;
        self.file.sync_data()
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// A line that cannot be written costs a date's precision after a crash, nothing else.
    fn note(&mut self, line: &Line) {
        if let Err(error) = write_line(&mut self.file, line) {
            tracing::debug!(path = %self.path.display(), %error, "a sidecar's line");
        }
    }

    pub(super) fn remove(self) {
        if let Err(error) = fs::remove_file(&self.path) {
            tracing::warn!(path = %self.path.display(), %error, "a sidecar stays");
        }
    }
}

/// An open segment that a process left when it died.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOver {
    /// Whose bytes.
    pub feed: FeedId,
    /// Their format, in the names of `truceline decode --format`.
    pub format: String,
    /// When the feed was opened.
    pub opened: Received,
    /// Where in the feed they begin, counted from when it was opened.
    pub offset: u64,
    /// Whether a decoder can begin with the first byte.
    pub random_access: bool,
    /// When they came, in order.
    pub arrivals: Vec<Arrival>,
    /// The bytes' file.
    pub path: PathBuf,
    /// How many of them are this segment's; those behind are in the next one's file too.
    pub bytes: u64,
    /// Their hash, when they lie under it already; the log may have their entry or not.
    pub stored: Option<Sha256>,
    sidecar: PathBuf,
}

impl LeftOver {
    /// When the byte at an offset in the segment was received.
    #[must_use]
    pub fn received_at(&self, offset: u64) -> Option<Received> {
        let next = self.arrivals.partition_point(|a| a.at <= offset);
        self.arrivals
            .get(next.saturating_sub(1))
            .map(|a| a.received)
    }

    /// Removes the files, when the bytes stand in the record.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn remove(&self) -> io::Result<()> {
        if self.stored.is_none() {
            fs::remove_file(&self.path)?;
        }
        fs::remove_file(&self.sidecar)
    }
}

/// The largest sidecar that is read: a segment of ten seconds has some forty lines.
const MAX_SIDECAR_BYTES: u64 = 1 << 20;

/// The open segments that lie in a record's `live/`, and those that ended and of which the log may not
/// know, in the order of their feeds and bytes. To be called by the record's writer before it takes a live feed.
///
/// # Errors
/// When the folder cannot be read. A sidecar without any bytes is removed; a file without a sidecar
/// that can be read is left where it is, and told.
pub fn left_over(folder: &Folder) -> io::Result<Vec<LeftOver>> {
    let blobs = Blobs::new(folder);
    let live = folder.live();
    let files = match fs::read_dir(&live) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        files => files?,
    };
    let mut found = Vec::new();
    for file in files {
        let path = file?.path();
        match path.extension().and_then(|e| e.to_str()) {
            Some("open") => match read(&path) {
                Ok(one) => found.push(one),
                Err(error) => {
                    tracing::warn!(path = %path.display(), %error, "an open segment that nothing says whose it is");
                }
            },
            Some("json") if !path.with_extension("open").exists() => {
                match read_stored(&path, &blobs) {
                    Some(one) => found.push(one),
                    None => fs::remove_file(&path)?,
                }
            }
            _ => {}
        }
    }
    found.sort_by(|a, b| (&a.feed, a.opened, a.offset).cmp(&(&b.feed, b.opened, b.offset)));
    let starts: Vec<_> = found
        .iter()
        .skip(1)
        .map(|next| (next.feed.clone(), next.opened, next.offset))
        .collect();
    for (one, (feed, opened, next)) in found.iter_mut().zip(starts) {
        if one.feed == feed && one.opened == opened {
            one.bytes = one.bytes.min(next.saturating_sub(one.offset));
        }
    }
    Ok(found)
}

fn read(path: &Path) -> io::Result<LeftOver> {
    let (mut left, ended) = read_sidecar(&path.with_extension("json"))?;
    left.path = path.to_path_buf();
    left.bytes = fs::metadata(path)?.len();
    if let Some((_, bytes)) = ended {
        left.bytes = left.bytes.min(bytes);
    }
    Ok(left)
}

/// A segment that lies under its hash already, by its sidecar.
fn read_stored(sidecar: &Path, blobs: &Blobs) -> Option<LeftOver> {
    let (mut left, ended) = read_sidecar(sidecar).ok()?;
    let (sha256, bytes) = ended?;
    left.path = blobs.path(&sha256);
    left.bytes = bytes;
    left.stored = Some(sha256);
    left.path.exists().then_some(left)
}

type Ended = Option<(Sha256, u64)>;

/// What a sidecar says; without the bytes' file.
fn read_sidecar(sidecar: &Path) -> io::Result<(LeftOver, Ended)> {
    if fs::metadata(sidecar)?.len() > MAX_SIDECAR_BYTES {
        return Err(io::Error::other("its sidecar is larger than one can be"));
    }
    let text = fs::read_to_string(sidecar)?;
    let mut lines = text.lines();
    let head: Head = serde_json::from_str(lines.next().unwrap_or_default())?;
    // The last line may be torn.
    let lines = lines.map_while(|line| serde_json::from_str::<Line>(line).ok());
    let (mut arrivals, mut random_access, mut ended) = (Vec::new(), head.random_access, None);
    for line in lines {
        match line {
            Line::Arrival(arrival) => arrivals.push(arrival),
            Line::RandomAccess { random_access: is } => random_access = is,
            Line::Ended { sha256, bytes } => ended = Some((sha256, bytes)),
        }
    }
    let left = LeftOver {
        feed: head.feed,
        format: head.format,
        opened: head.opened,
        offset: head.offset,
        random_access,
        arrivals,
        path: PathBuf::new(),
        bytes: 0,
        stored: None,
        sidecar: sidecar.to_path_buf(),
    };
    Ok((left, ended))
}
