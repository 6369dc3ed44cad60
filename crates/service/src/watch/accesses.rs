//! Every access to the centre, written down: who, what, when, with what outcome.
//!
//! A line goes to the file `accesses.open` in the centre's folder before the answer leaves (a write, no
//! fsync). Every quarter of a minute the file goes into the record as it is: its bytes by their hash, and
//! one entry of type `access` that names them. So a read costs no fsync; a process that is killed loses no
//! line, since the next one takes up the file; a machine that loses power may lose a quarter of a minute.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use truceline_domain::Recorded;

use crate::CentreError;
use crate::error::io;

/// Accesses go into the record so often.
const EVERY: Duration = Duration::from_secs(15);
/// Or when so many bytes have come together.
const MOST_BYTES: u64 = 4 << 20;

/// One access.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Access {
    /// When it was answered.
    pub at: Recorded,
    /// The person, or this machine's commands; `-` for nobody who is known.
    pub who: String,
    /// The method.
    pub method: String,
    /// The path, without what was asked of it.
    pub path: String,
    /// The answer's status.
    pub status: u16,
    /// The request's id, which the answer has too.
    pub request: String,
}

/// The book of accesses that are not in the record yet.
#[derive(Debug)]
pub struct Accesses {
    open: PathBuf,
    closing: PathBuf,
    file: Mutex<Book>,
}

#[derive(Debug, Default)]
struct Book {
    file: Option<File>,
    bytes: u64,
    began: Option<Instant>,
}

impl Accesses {
    /// The book in a centre's folder.
    #[must_use]
    pub fn new(dir: &Path) -> Self {
        let (open, closing) = (dir.join("accesses.open"), dir.join("accesses.closing"));
        Self {
            open,
            closing,
            file: Mutex::default(),
        }
    }

    /// Writes a line.
    pub fn put(&self, access: &Access) {
        let Ok(mut line) = serde_json::to_vec(access) else {
            return;
        };
        line.push(b'\n');
        let mut book = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = book.write(&self.open, &line) {
            tracing::error!(%error, "an access could not be written down");
        }
    }

    /// The lines that are to go into the record now: those that a process left, or when it is time, or
    /// when this is the `last` call. They stay on disk until [`Self::recorded`].
    ///
    /// # Errors
    /// When the files cannot be read or renamed.
    pub fn due(&self, last: bool) -> Result<Option<Vec<u8>>, CentreError> {
        if !self.closing.exists() {
            let mut book = self.file.lock().unwrap_or_else(PoisonError::into_inner);
            let left_over = book.file.is_none() && self.open.exists();
            let time =
                book.began.is_some_and(|at| at.elapsed() >= EVERY) || book.bytes >= MOST_BYTES;
            if !(left_over || time || last && book.bytes > 0) {
                return Ok(None);
            }
            *book = Book::default();
            std::fs::rename(&self.open, &self.closing).map_err(io("closing", &self.open))?;
        }
        let bytes = std::fs::read(&self.closing).map_err(io("reading", &self.closing))?;
        Ok(Some(bytes))
    }

    /// The lines of [`Self::due`] are in the record.
    ///
    /// # Errors
    /// When the file cannot be removed.
    pub fn recorded(&self) -> Result<(), CentreError> {
        std::fs::remove_file(&self.closing).map_err(io("removing", &self.closing))
    }
}

impl Book {
    fn write(&mut self, path: &Path, line: &[u8]) -> std::io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            None => {
                use std::os::unix::fs::OpenOptionsExt as _;
                let mut options = OpenOptions::new();
                let file = options.append(true).create(true).mode(0o600).open(path)?;
                self.began = Some(Instant::now());
                self.file.insert(file)
            }
        };
        file.write_all(line)?;
        self.bytes += line.len() as u64;
        Ok(())
    }
}

/// The lines of a batch of accesses; a line that was cut by a crash is passed over.
pub(crate) fn lines(bytes: &[u8]) -> impl Iterator<Item = Access> {
    bytes
        .split(|b| *b == b'\n')
        .filter_map(|line| serde_json::from_slice(line).ok())
}
