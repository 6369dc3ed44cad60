//! The one file of a bundle: a ZIP (PKWARE APPNOTE 6.3) of stored files, written in one way and read
//! strictly.
//!
//! Nothing is compressed: what is large in a bundle is video, which does not shrink, and an archive
//! without compression cannot grow when it is unpacked. The files lie one after the other without a
//! gap from the first byte on, names are plain, and what the directory at the end says is what
//! stands before each file, so that every program that opens the archive sees the same files.

use std::collections::BTreeMap;
use std::io::{self, Read, Seek, SeekFrom, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// Most files in a bundle. A finding rests on some hundred observations at most; the bound keeps
/// hostile directories small.
pub const MAX_FILES: usize = 20_000;

/// Longest name of a file, in bytes.
const MAX_NAME_BYTES: usize = 120;

/// End of central directory record: signature and length without comment (APPNOTE §4.3.16).
const END_SIGNATURE: [u8; 4] = *b"PK\x05\x06";
const END_BYTES: u64 = 22;
/// Local file header: signature and length without name and extra field (APPNOTE §4.3.7).
const LOCAL_SIGNATURE: [u8; 4] = *b"PK\x03\x04";
const LOCAL_BYTES: u64 = 30;

/// An archive that is refused, or could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// Reading or writing failed.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// Not a ZIP, or one that the crate `zip` refuses.
    #[error("not a bundle: {0}")]
    Zip(#[from] zip::result::ZipError),
    /// A ZIP, but not in the one form that bundles have.
    #[error("not a bundle: {0}")]
    Form(String),
}

fn form<T>(reason: impl Into<String>) -> Result<T, ArchiveError> {
    Err(ArchiveError::Form(reason.into()))
}

/// Writes an archive: the same files in the same order give the same bytes.
pub(crate) struct ArchiveWriter<W: Write + Seek>(ZipWriter<W>);

impl<W: Write + Seek> ArchiveWriter<W> {
    pub(crate) fn new(out: W) -> Self {
        Self(ZipWriter::new(out))
    }

    /// Appends a file of `bytes` bytes from `from`.
    pub(crate) fn put(
        &mut self,
        name: &str,
        bytes: u64,
        from: &mut dyn Read,
    ) -> Result<(), ArchiveError> {
        check_name(name)?;
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .last_modified_time(zip::DateTime::default())
            .unix_permissions(0o644)
            .large_file(bytes > u64::from(u32::MAX));
        self.0.start_file(name, options)?;
        let copied = io::copy(&mut from.take(bytes.saturating_add(1)), &mut self.0)?;
        if copied == bytes {
            Ok(())
        } else {
            form(format!("{name} has {copied} bytes, expected {bytes}"))
        }
    }

    pub(crate) fn finish(self) -> Result<W, ArchiveError> {
        Ok(self.0.finish()?)
    }
}

/// Where a file lies in an archive.
struct Place {
    name: String,
    bytes: u64,
    header_start: u64,
    data_start: u64,
}

/// An archive that has been checked to have the one form.
pub(crate) struct Archive<R: Read + Seek> {
    zip: ZipArchive<R>,
    /// By name, the length of each file.
    members: BTreeMap<String, u64>,
}

impl<R: Read + Seek> Archive<R> {
    /// Opens an archive. No file in it is read yet.
    pub(crate) fn open(mut from: R) -> Result<Self, ArchiveError> {
        let length = from.seek(SeekFrom::End(0))?;
        let promised = promised_files(&mut from, length)?;
        let mut zip = ZipArchive::new(from)?;
        if zip.len() != promised {
            return form(format!(
                "the directory counts {promised} files and names {}",
                zip.len()
            ));
        }
        let mut places = Vec::with_capacity(zip.len());
        let mut names = std::collections::BTreeSet::new();
        for i in 0..zip.len() {
            let file = zip.by_index_raw(i)?;
            let name = std::str::from_utf8(file.name_raw())
                .unwrap_or("\u{fffd}")
                .to_owned();
            check_name(&name)?;
            if !names.insert(name.to_ascii_lowercase()) {
                return form(format!("{name} is there twice"));
            }
            if file.compression() != CompressionMethod::Stored
                || file.encrypted()
                || !file.is_file()
            {
                return form(format!("{name} is not a plain stored file"));
            }
            if file.compressed_size() != file.size() {
                return form(format!("{name} has two sizes"));
            }
            let Some(data_start) = file.data_start() else {
                return form(format!("{name} lies nowhere"));
            };
            places.push(Place {
                name,
                bytes: file.size(),
                header_start: file.header_start(),
                data_start,
            });
        }
        let mut reader = zip.into_inner();
        let mut end = 0;
        for place in &places {
            if place.header_start != end {
                return form(format!(
                    "{} does not begin where the file before it ends",
                    place.name
                ));
            }
            check_local_header(&mut reader, place)?;
            end = place.data_start.saturating_add(place.bytes);
            if end > length {
                return form(format!("{} ends beyond the archive", place.name));
            }
        }
        let zip = ZipArchive::new(reader)?;
        Ok(Self {
            zip,
            members: places
                .into_iter()
                .map(|place| (place.name, place.bytes))
                .collect(),
        })
    }

    /// The names of the files, in order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.members.keys().map(String::as_str)
    }

    /// Reads a file of at most `max` bytes. `None` when there is none of that name.
    pub(crate) fn read(&mut self, name: &str, max: u64) -> Result<Option<Vec<u8>>, ArchiveError> {
        let Some(&length) = self.members.get(name) else {
            return Ok(None);
        };
        if length > max {
            return form(format!(
                "{name} has {length} bytes, at most {max} are expected"
            ));
        }
        let mut bytes = Vec::new();
        self.zip.by_name(name)?.take(max).read_to_end(&mut bytes)?;
        Ok(Some(bytes))
    }

    /// Runs through a file of any size.
    pub(crate) fn stream(
        &mut self,
        name: &str,
        mut each: impl FnMut(&[u8]),
    ) -> Result<(), ArchiveError> {
        let mut file = self.zip.by_name(name)?;
        let mut buffer = vec![0; 1 << 16];
        loop {
            match file.read(&mut buffer)? {
                0 => return Ok(()),
                n => each(buffer.get(..n).unwrap_or_default()),
            }
        }
    }
}

/// What a name in a bundle may be: plain ASCII, relative, without a way up, safe on every system.
fn check_name(name: &str) -> Result<(), ArchiveError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '/');
    let part_is_plain =
        |part: &str| !part.is_empty() && !part.starts_with('.') && !part.ends_with('.');
    if name.len() <= MAX_NAME_BYTES && name.chars().all(plain) && name.split('/').all(part_is_plain)
    {
        return Ok(());
    }
    let seen: String = name.chars().take(80).collect();
    form(format!("{seen:?} is not a name that a bundle has"))
}

/// How many files the end record counts. It must be the last thing in the file, so that no other
/// program finds another directory.
fn promised_files(from: &mut (impl Read + Seek), length: u64) -> Result<usize, ArchiveError> {
    let Some(start) = length.checked_sub(END_BYTES) else {
        return form(format!("{length} bytes are too few for a ZIP"));
    };
    from.seek(SeekFrom::Start(start))?;
    let mut end = [0; END_BYTES as usize];
    from.read_exact(&mut end)?;
    from.rewind()?;
    let [s0, s1, s2, s3, _, _, _, _, _, _, n0, n1, .., c0, c1] = end;
    if [s0, s1, s2, s3] != END_SIGNATURE || [c0, c1] != [0, 0] {
        return form("it does not end in the end record of a ZIP without comment");
    }
    // With 65,535 the count would stand elsewhere (ZIP64); a bundle has not so many.
    match usize::from(u16::from_le_bytes([n0, n1])) {
        0 => form("no files"),
        n if n > MAX_FILES => form(format!("more than {MAX_FILES} files")),
        n => Ok(n),
    }
}

/// Programs that read from the front see the local header, those that read the directory do not:
/// both must see the same name, method and nothing encrypted.
fn check_local_header(from: &mut (impl Read + Seek), place: &Place) -> Result<(), ArchiveError> {
    from.seek(SeekFrom::Start(place.header_start))?;
    let mut header = [0; LOCAL_BYTES as usize];
    from.read_exact(&mut header)?;
    let [s0, s1, s2, s3, _, _, f0, _, m0, m1, .., n0, n1, _, _] = header;
    let mut name = vec![0; usize::from(u16::from_le_bytes([n0, n1]))];
    from.read_exact(&mut name)?;
    // Flag bit 0: encrypted; bit 3: sizes stand after the data.
    let plain = [s0, s1, s2, s3] == LOCAL_SIGNATURE && f0 & 0b1001 == 0 && [m0, m1] == [0, 0];
    if plain && name == place.name.as_bytes() {
        return Ok(());
    }
    form(format!(
        "{} is another file from the front than from the end",
        place.name
    ))
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = ArchiveWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in files {
            writer
                .put(name, bytes.len() as u64, &mut &bytes[..])
                .unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    /// A ZIP made with the crate alone, without our care.
    fn any_zip(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in files {
            let options =
                SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
            writer.start_file(*name, options).unwrap();
            writer.write_all(bytes).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    fn refused(bytes: &[u8]) -> String {
        match Archive::open(Cursor::new(bytes)) {
            Err(refused) => refused.to_string(),
            Ok(_) => panic!("was opened"),
        }
    }

    #[test]
    fn the_same_files_give_the_same_bytes_and_come_back() {
        let files: &[(&str, &[u8])] =
            &[("README.txt", b"read"), ("a/b.json", b"{}"), ("empty", b"")];
        let bytes = archive(files);
        assert_eq!(bytes, archive(files));
        let mut back = Archive::open(Cursor::new(&bytes)).unwrap();
        assert_eq!(back.names().count(), 3);
        for (name, content) in files {
            assert_eq!(back.read(name, 100).unwrap().unwrap(), *content);
        }
        assert!(back.read("absent", 100).unwrap().is_none());
        assert!(back.read("README.txt", 3).is_err(), "longer than expected");
        assert!(
            ArchiveWriter::new(Cursor::new(Vec::new()))
                .put("a", 5, &mut &b"four"[..])
                .is_err()
        );
        assert!(
            ArchiveWriter::new(Cursor::new(Vec::new()))
                .put("a", 3, &mut &b"four"[..])
                .is_err()
        );
    }

    #[test]
    fn hostile_names_are_refused() {
        for name in [
            "../x", "/x", "a//b", "a/../b", "..", ".x", "a\\b", "C:x", "a/", "é", "a b", "x.",
        ] {
            assert!(
                refused(&any_zip(&[(name, b"x")])).contains("not a name"),
                "{name}"
            );
        }
        let long = "x".repeat(MAX_NAME_BYTES + 1);
        assert!(refused(&any_zip(&[(&long, b"x")])).contains("not a name"));
        assert!(refused(&any_zip(&[("a", b"x"), ("A", b"y")])).contains("twice"));
    }

    #[test]
    fn hostile_structure_is_refused() {
        let good = archive(&[("aaaa", b"first"), ("bbbb", b"second")]);
        assert!(Archive::open(Cursor::new(&good)).is_ok());
        let mut before = b"#!/bin/sh\n".to_vec();
        before.extend(&good);
        refused(&before);
        let mut after = good.clone();
        after.extend(b"more");
        assert!(refused(&after).contains("end record"));
        refused(b"");
        refused(b"PK\x05\x06");
        refused(&good[..good.len() / 2]);
        // The same name twice in the directory, which the crate folds into one.
        let at = |needle: &[u8], nth: usize| {
            good.windows(needle.len())
                .enumerate()
                .filter(|(_, w)| *w == needle)
                .nth(nth)
                .unwrap()
                .0
        };
        let mut twice = good.clone();
        for nth in 0..2 {
            twice[at(b"bbbb", nth)..][..4].copy_from_slice(b"aaaa");
        }
        refused(&twice);
        // Another name from the front than from the end.
        let mut other = good.clone();
        other[at(b"bbbb", 0)..][..4].copy_from_slice(b"cccc");
        assert!(refused(&other).contains("from the front"));
        // A count beyond the bound.
        let mut many = good.clone();
        let end = many.len();
        many[end - 14..end - 10].copy_from_slice(&[0xff; 4]);
        assert!(refused(&many).contains("more than"));
        // Overlapping files: the second begins at the first.
        let mut overlap = good;
        let second = overlap.len() - 22 - 50 + 42;
        overlap[second..][..4].copy_from_slice(&[0; 4]);
        refused(&overlap);
    }

    #[test]
    fn a_flipped_byte_of_a_file_is_found_by_its_sum() {
        let mut bytes = archive(&[("a", b"content")]);
        let at = bytes.windows(7).position(|w| w == b"content").unwrap();
        bytes[at] ^= 1;
        assert!(
            Archive::open(Cursor::new(&bytes))
                .unwrap()
                .read("a", 100)
                .is_err()
        );
    }
}
