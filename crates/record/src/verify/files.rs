//! The files of a record that are not reached from its entries: older partial tiles, the journal,
//! what does not belong.

use std::fs;
use std::path::Path;

use super::read_file;
use super::report::{FaultKind, Report};
use super::tree::MAX_BUNDLE_BYTES;
use crate::folder::Folder;
use crate::log::{Coordinates, FULL_WIDTH, Kind, Log, MAX_LEVEL, journal};
use crate::vkeys::Vkeys;

/// The longest journal that is read: it is begun anew long before, after 16 MiB and one commit.
const MAX_JOURNAL_BYTES: u64 = 256 << 20;

/// Looks at every file under the record's folder but the evidence.
pub(super) fn check(report: &mut Report, folder: &Folder, log: &Log, vkeys: &Vkeys) {
    for name in names(folder.root()) {
        match name.as_str() {
            "log" | "segments" | "vkeys" | "journal" | "lock" => {}
            "tmp" | "quarantine" | "live" => {
                let count = names(&folder.root().join(&name)).len();
                if count > 0 {
                    report.note(format!(
                        "{name}/ holds {count} files, which are no part of the record"
                    ));
                }
            }
            _ => report.note(format!(
                "{name} is no part of the record and was not checked"
            )),
        }
    }
    for name in names(&folder.log()) {
        if !["checkpoint", "checkpoint.cosigned", "tile"].contains(&name.as_str()) {
            report.note(format!(
                "log/{name} is no part of the log and was not checked"
            ));
        }
    }
    check_tiles(report, log);
    check_journal(report, folder, log, vkeys);
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort_unstable();
    names
}

/// Older partial tiles, which the log may keep (tlog-tiles): each is the beginning of what the tile is
/// now. Files beyond the checkpoint are told.
fn check_tiles(report: &mut Report, log: &Log) {
    let tiles = log.folder().join("tile");
    for kind in names(&tiles) {
        let level = kind
            .parse::<u8>()
            .ok()
            .filter(|l| *l <= MAX_LEVEL && l.to_string() == kind);
        let parsed = match (kind.as_str(), level) {
            ("entries", _) => Kind::Entries,
            (_, Some(level)) => Kind::Hashes(level),
            _ => {
                report.note(format!(
                    "log/tile/{kind} is no part of the log and was not checked"
                ));
                continue;
            }
        };
        let mut beyond = 0_u64;
        walk(report, log, parsed, &tiles.join(&kind), "", &mut beyond);
        if beyond > 0 {
            report.note(format!(
                "log/tile/{kind}: {beyond} files go beyond the checkpoint"
            ));
        }
    }
}

/// Walks `x001/x234/067[.p/5]`; `digits` are those of the folders above.
fn walk(report: &mut Report, log: &Log, kind: Kind, folder: &Path, digits: &str, beyond: &mut u64) {
    for name in names(folder) {
        let path = folder.join(&name);
        let place = path
            .strip_prefix(log.folder())
            .unwrap_or(&path)
            .display()
            .to_string();
        let three = |text: &str| {
            (text.len() == 3 && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.to_owned())
        };
        // A leading group of zeroes is not how tlog-tiles writes a number.
        let index = |three: &str| {
            format!("{digits}{three}")
                .parse::<u64>()
                .ok()
                .filter(|_| !digits.starts_with("000"))
        };
        if let Some(group) = name
            .strip_prefix('x')
            .and_then(three)
            .filter(|_| digits.len() < 15)
        {
            walk(
                report,
                log,
                kind,
                &path,
                &format!("{digits}{group}"),
                beyond,
            );
        } else if let Some(index) = three(&name).and_then(|group| index(&group)) {
            if Coordinates::in_tree(kind, index, log.size()).is_none_or(|tile| !tile.is_full()) {
                *beyond += 1;
            }
        } else if let Some(index) = name
            .strip_suffix(".p")
            .and_then(three)
            .and_then(|g| index(&g))
        {
            for width in names(&path) {
                let lawful = width
                    .parse::<u16>()
                    .ok()
                    .filter(|w| (1..FULL_WIDTH).contains(w) && w.to_string() == width);
                match lawful {
                    Some(width) => {
                        check_partial(report, log, Coordinates { kind, index, width }, beyond)
                    }
                    None => report.note(format!("log/{place}/{width} is no part of the log")),
                }
            }
        } else {
            report.note(format!(
                "log/{place} is no part of the log and was not checked"
            ));
        }
    }
}

fn check_partial(report: &mut Report, log: &Log, tile: Coordinates, beyond: &mut u64) {
    let Some(now) = Coordinates::in_tree(tile.kind, tile.index, log.size()) else {
        *beyond += 1;
        return;
    };
    if tile.width > now.width {
        *beyond += 1;
        return;
    }
    if tile == now {
        return; // compared with its hashes already
    }
    report.counts.tiles += 1;
    let place = format!("log/{tile}");
    let read =
        |tile: Coordinates| read_file(&log.folder().join(tile.to_string()), MAX_BUNDLE_BYTES);
    let (old, new) = match (read(tile), read(now).or_else(|_| read(now.full()))) {
        (Ok(old), Ok(new)) => (old, new),
        (Err(error), _) => return report.fault(FaultKind::Tree, place, error),
        // That the newer one is missing was told before.
        (Ok(_), Err(_)) => return,
    };
    let bytes = match tile.kind {
        Kind::Hashes(_) => usize::from(tile.width) * 32,
        Kind::Entries => {
            let (entries, _) = crate::log::entry_bundle::split(&new);
            entries
                .iter()
                .take(usize::from(tile.width))
                .map(|entry| 2 + entry.len())
                .sum()
        }
    };
    if new.get(..bytes) != Some(&old) {
        report.fault(
            FaultKind::Tree,
            place,
            "not the beginning of what the tile is now",
        );
    }
}

/// The journal repeats the newest entries and has the checkpoints they were committed under.
fn check_journal(report: &mut Report, folder: &Folder, log: &Log, vkeys: &Vkeys) {
    let bytes = match read_file(&folder.journal(), MAX_JOURNAL_BYTES) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return report
                .note("no journal: the log can be checked and read, and written after a repair");
        }
        Err(error) => return report.fault(FaultKind::Journal, "journal", error),
    };
    let (frames, whole) = journal::read(&bytes);
    let torn = bytes.len() - whole;
    if torn > 0 {
        if is_being_written(folder) {
            report.note(format!(
                "the journal is being written: {torn} bytes of it are not whole yet"
            ));
        } else {
            let why = format!(
                "{torn} bytes after byte {whole} are no whole commit: damage, or the end of a writer that \
                 was killed, which the next opening for writing clears away"
            );
            report.fault(FaultKind::Journal, "journal", why);
        }
    }
    // The frames before it have roots that the log had, or the last one's would not follow.
    let last = frames
        .last()
        .map(|frame| frame.checkpoint.check_log_key(vkeys.log()));
    if let Some(Err(error)) = last {
        report.fault(FaultKind::Journal, "journal", error);
    }
    let mut beyond = 0;
    let mut bundle = (u64::MAX, Vec::new());
    for frame in &frames {
        let head = frame.checkpoint.head();
        if head.size > log.size() {
            beyond = head.size - log.size();
        } else if log.root_at(head.size).is_ok_and(|root| root != head.root) {
            let why = format!(
                "has a checkpoint of {} entries with another root than the log had",
                head.size
            );
            report.fault(FaultKind::Journal, "journal", why);
        }
        for (index, entry) in (frame.first..log.size()).zip(&frame.entries) {
            let number = index / u64::from(FULL_WIDTH);
            if bundle.0 != number {
                // A bundle that cannot be read was told before.
                bundle = (number, log.bundle(number).unwrap_or_default());
            }
            let place = usize::try_from(index % u64::from(FULL_WIDTH)).unwrap_or(usize::MAX);
            if bundle
                .1
                .get(place)
                .is_some_and(|published| published != entry)
            {
                report.fault(
                    FaultKind::Journal,
                    "journal",
                    format!("has another entry {index} than the log"),
                );
            }
        }
    }
    if beyond > 0 {
        report.note(format!(
            "the journal holds {beyond} entries that the checkpoint does not cover yet"
        ));
    }
}

/// Whether a writer holds the record's lock now.
fn is_being_written(folder: &Folder) -> bool {
    if !folder.lock().is_file() {
        return false;
    }
    let lock = fs::File::open(folder.lock()).map(|file| file.try_lock_shared().map(|()| file));
    matches!(lock, Ok(Err(fs::TryLockError::WouldBlock)))
}
