//! What is looked at again and again: a folder that files are put into, or a web page that grows, as
//! NASA FIRMS serves its hotspots.
//!
//! A file is told once, whole, when it has not changed between two looks; one whose size or time of
//! change differs later is told again. A page is asked for with what the server said of it before
//! (RFC 9110, 13: `If-None-Match`, `If-Modified-Since`) and told whole when it is another; rows told
//! before are left to the decoder. Each is told as a stream of its own, with its header line first.
//!
//! Memory: a page of at most [`MAX_DOCUMENT_BYTES`]; of files one piece, and the names of at most
//! [`MAX_FILES`].

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use hyper::StatusCode;
use hyper::header::{ETAG, HeaderName, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED};

use crate::http::{get, refusal};
use crate::run::{Ended, Outlet};
use crate::source::Source;
use crate::stream::{Plain, read};

const MAX_DOCUMENT_BYTES: usize = 64 * 1024 * 1024;
const MAX_FILES: usize = 100_000;
const EVERY_S: u32 = 600;
const FOLDER_EVERY_S: u32 = 10;
const BODY_WITHIN: Duration = Duration::from_secs(120);

/// What is known of a file: its size, and when it was changed.
type Seen = (u64, Option<SystemTime>);

/// Looks into a folder, or at one file, for ever.
pub(crate) async fn folder(source: &Source, outlet: &Outlet<'_>) -> Ended {
    let every = Duration::from_secs(u64::from(source.options.every_s.unwrap_or(FOLDER_EVERY_S)));
    let path = source.file();
    let mut told: BTreeMap<PathBuf, Seen> = BTreeMap::new();
    let mut before: BTreeMap<PathBuf, Seen> = BTreeMap::new();
    loop {
        let files = match look(&path) {
            Ok(files) => files,
            Err(e) => return Ended::Failed(format!("{}: {e}", path.display())),
        };
        if !outlet.is_up() {
            outlet.heard(path.display().to_string());
        }
        for (file, seen) in &files {
            // One that still grows is not whole yet.
            if told.get(file) != Some(seen) && before.get(file) == Some(seen) {
                if let Err(why) = tell(file, outlet).await {
                    tracing::warn!("{}: {why}", file.display());
                    continue;
                }
                told.insert(file.clone(), *seen);
            }
        }
        told.retain(|file, _| files.contains_key(file));
        before = files;
        tokio::time::sleep(every).await;
    }
}

/// The files of a folder, or the one file, with what is known of them.
fn look(path: &Path) -> std::io::Result<BTreeMap<PathBuf, Seen>> {
    let seen = |m: &std::fs::Metadata| (m.len(), m.modified().ok());
    let at = std::fs::metadata(path)?;
    if at.is_file() {
        return Ok([(path.to_owned(), seen(&at))].into());
    }
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(path)?.take(MAX_FILES) {
        let entry = entry?;
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        if let Ok(of) = entry.metadata()
            && of.is_file()
            && !hidden
        {
            files.insert(entry.path(), seen(&of));
        }
    }
    Ok(files)
}

async fn tell(file: &Path, outlet: &Outlet<'_>) -> Result<(), String> {
    let mut open = tokio::fs::File::open(file)
        .await
        .map_err(|e| e.to_string())?;
    outlet.restarted(format!("another file: {}", file.display()));
    read(&mut open, None, &mut Plain, outlet).await
}

/// Asks for a page for ever.
pub(crate) async fn page(source: &Source, outlet: &Outlet<'_>) -> Ended {
    let every = Duration::from_secs(u64::from(source.options.every_s.unwrap_or(EVERY_S)));
    let mut known: Vec<(HeaderName, String)> = Vec::new();
    let mut told: Option<Bytes> = None;
    loop {
        match ask(source, &mut known).await {
            Err(why) => return Ended::Failed(why),
            Ok((from, page)) => {
                if !outlet.is_up() {
                    outlet.heard(from);
                }
                // A server that says nothing of its pages sends the same one again.
                if let Some(page) = page.filter(|page| told.as_ref() != Some(page)) {
                    outlet.restarted("the page is another than before");
                    outlet.send(page.clone()).await;
                    told = Some(page);
                }
            }
        }
        tokio::time::sleep(every).await;
    }
}

/// The page, when it may be another than before.
async fn ask(
    source: &Source,
    known: &mut Vec<(HeaderName, String)>,
) -> Result<(String, Option<Bytes>), String> {
    let mut answer = get(source, known).await?;
    let from = answer.from.clone();
    if answer.response.status() == StatusCode::NOT_MODIFIED {
        return Ok((from, None));
    }
    if let Some(why) = refusal(&answer) {
        return Err(why);
    }
    let said = |name: HeaderName| {
        let value = answer.response.headers().get(name)?;
        value.to_str().ok().map(str::to_owned)
    };
    let tags = [
        (IF_NONE_MATCH, said(ETAG)),
        (IF_MODIFIED_SINCE, said(LAST_MODIFIED)),
    ];
    let tags = tags
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)));
    let tags: Vec<_> = tags.collect();
    let mut page = BytesMut::new();
    let body = async {
        while let Some(frame) = answer.response.frame().await {
            let frame = frame.map_err(|e| format!("reading failed: {e}"))?;
            if let Ok(bytes) = frame.into_data() {
                page.extend_from_slice(&bytes);
            }
            if page.len() > MAX_DOCUMENT_BYTES {
                return Err(format!("the page has more than {MAX_DOCUMENT_BYTES} bytes"));
            }
        }
        Ok(())
    };
    tokio::time::timeout(BODY_WITHIN, body)
        .await
        .map_err(|_| "the page did not come whole in time".to_owned())??;
    *known = tags;
    Ok((from, Some(page.freeze())))
}
