//! One writer per record, across processes.

use std::fs::{File, TryLockError};
use std::io::{Read as _, Write as _};

use super::error::LogError;
use crate::folder::Folder;

/// The lock of a record. The system lets go of it when the process ends, however it ends.
#[derive(Debug)]
pub(super) struct Lock(File);

impl Lock {
    pub(super) fn take(folder: &Folder) -> Result<Self, LogError> {
        let path = folder.lock();
        let mut file = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(LogError::io("opening the lock", &path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                let _unreadable = (&file).take(64).read_to_string(&mut holder);
                return Err(LogError::Locked {
                    path,
                    holder: holder.trim().to_owned(),
                });
            }
            Err(TryLockError::Error(error)) => return Err(LogError::io("locking", &path)(error)),
        }
        // For people who wonder who has it; nothing depends on it.
        let _unwritten = file
            .set_len(0)
            .and_then(|()| writeln!(file, "process {}", std::process::id()));
        Ok(Self(file))
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing the file is not enough: a child that another thread is just starting has a copy
        // of it until it runs its own program, and the lock would live as long.
        let _closing_does_it_later = self.0.unlock();
    }
}
