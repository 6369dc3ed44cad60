//! The few things that the writer asks of a disk, behind a trait so that each of them can be made
//! to fail in tests.

use std::fmt::Debug;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

/// A file system as the log's writer needs it. Only [`Disk::sync`] and [`Disk::sync_data`] make
/// anything durable.
pub trait Disk: Debug + Send + Sync + 'static {
    /// Writes a whole file, new or over an old one.
    ///
    /// # Errors
    /// As the system says; the file may then hold any part of the bytes.
    fn put(&self, path: &Path, bytes: &[u8]) -> io::Result<()>;

    /// Gives a file another name, over an older one of that name.
    ///
    /// # Errors
    /// As the system says.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Makes a file's bytes, or a folder's names, durable.
    ///
    /// # Errors
    /// As the system says; nothing is then known of what is durable.
    fn sync(&self, path: &Path) -> io::Result<()>;

    /// Makes a folder and those above it.
    ///
    /// # Errors
    /// As the system says.
    fn make_folder(&self, path: &Path) -> io::Result<()>;

    /// Removes a folder and what is in it.
    ///
    /// # Errors
    /// As the system says.
    fn remove_folder(&self, path: &Path) -> io::Result<()>;

    /// Writes into an open file at the offset `at`.
    ///
    /// # Errors
    /// As the system says; any part of the bytes may then be written.
    fn write_at(&self, file: &File, at: u64, bytes: &[u8]) -> io::Result<()>;

    /// Makes an open file's bytes and length durable.
    ///
    /// # Errors
    /// As the system says; nothing is then known of what is durable.
    fn sync_data(&self, file: &File) -> io::Result<()>;

    /// Cuts an open file.
    ///
    /// # Errors
    /// As the system says.
    fn truncate(&self, file: &File, length: u64) -> io::Result<()>;
}

/// The operating system's.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemDisk;

impl Disk for SystemDisk {
    fn put(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        fs::write(path, bytes)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }

    fn make_folder(&self, path: &Path) -> io::Result<()> {
        fs::create_dir_all(path)
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        fs::remove_dir_all(path)
    }

    fn write_at(&self, file: &File, at: u64, bytes: &[u8]) -> io::Result<()> {
        file.write_all_at(bytes, at)
    }

    fn sync_data(&self, file: &File) -> io::Result<()> {
        file.sync_data()
    }

    fn truncate(&self, file: &File, length: u64) -> io::Result<()> {
        file.set_len(length)
    }
}
