//! One file that carries a finding with all that is needed to check it without the centre.
//!
//! | in the ZIP | what |
//! |---|---|
//! | `README.txt` | how to check it with public tools |
//! | `SHA256SUMS` | the SHA-256 of every other file, as `sha256sum -c` reads it |
//! | `bundle.json` | which finding of which log |
//! | `checkpoint`, `vkeys` | the signed tree head with its cosignatures, and the public keys |
//! | `finding.json` | the bytes that the officers signed |
//! | `entries/<N>.json` | leaves of the log, byte for byte; `N` is the place, twelve digits |
//! | `proofs/<N>.tlog-proof` | C2SP tlog-proof of each |
//! | `signatures/<N>.note` | the signed note of the signature entry `N` |
//! | `signatures/<N>.text`, `.authenticator-data`, `.client-data.json`, `.signature` | of a passkey: the text, and the parts of its assertion |
//! | `passkeys/<N>.pem` | the public key of the passkey entry `N` |
//! | `documents/<SHA-256>.<ext>` | agreement and procedures in force |
//! | `evidence/<SHA-256>.<ext>` | batches of observations and media segments, other findings |
//!
//! Nothing in it is taken on the archive's word: every file is either bound to the checkpoint by a
//! proof, named by a hash in such an entry, or repeats one of these.

mod archive;
mod check;
mod loose;
mod proof;
mod readme;
mod select;
mod write;

use serde::{Deserialize, Serialize};
use truceline_domain::{FindingId, Sha256};

pub use archive::{ArchiveError, MAX_FILES};
pub(crate) use check::verify;
pub use proof::TlogProof;
pub use select::{Selection, select};
pub use write::{Written, is_cosigned, write};

use crate::blob::BlobError;
use crate::bodies::{BATCH, DOCUMENT, DocumentBody, SEGMENT, STILL, SegmentBody};
use crate::entry::Entry;
use crate::log::LogError;

/// `bundle.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    /// Always [`FORMAT`].
    format: String,
    /// The log's name.
    origin: String,
    /// The finding's name.
    finding: FindingId,
    /// How many entries the checkpoint covers.
    size: u64,
}

/// The form described above; changes when a reader must know.
const FORMAT: &str = "truceline/bundle/v1";

/// Why a bundle could not be made.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// The log could not be read.
    #[error(transparent)]
    Log(#[from] LogError),
    /// Bytes that belong into it could not be read.
    #[error(transparent)]
    Blob(#[from] BlobError),
    /// The archive could not be written.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// There is no such finding.
    #[error("no finding {0} is in the log")]
    NoFinding(FindingId),
    /// Observations that the finding cites are in no batch of the record.
    #[error("finding {finding} cites {} observations that are in no batch of the record: {}", missing.len(), missing.join(", "))]
    MissingObservations {
        /// The finding.
        finding: FindingId,
        /// Their names, at most twenty.
        missing: Vec<String>,
    },
    /// The finding's bytes are not a finding.
    #[error("finding {finding}: {reason}")]
    Finding {
        /// The finding.
        finding: FindingId,
        /// What was seen.
        reason: String,
    },
}

/// The name of an entry's files: its place in the log, in twelve digits.
fn number(index: u64) -> String {
    format!("{index:012}")
}

/// Where the bytes that `entry` names lie in the archive. `None` when it names none.
fn blob_name(entry: &Entry, sha256: &Sha256) -> String {
    let extension = |name: &str| -> String {
        let plain: String = name
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .take(12)
            .collect();
        if plain.is_empty() {
            "bin".to_owned()
        } else {
            plain
        }
    };
    match entry.kind.as_str() {
        DOCUMENT => {
            let path = entry
                .body_as::<DocumentBody>()
                .map(|body| body.path)
                .unwrap_or_default();
            let name = path.rsplit('/').next().unwrap_or_default();
            let ext = name.rsplit_once('.').map_or("txt", |(_, ext)| ext);
            format!("documents/{sha256}.{}", extension(ext))
        }
        BATCH => format!("evidence/{sha256}.ndjson"),
        STILL => format!("evidence/{sha256}.png"),
        SEGMENT => {
            let format = entry
                .body_as::<SegmentBody>()
                .map(|body| body.format)
                .unwrap_or_default();
            // ISO/IEC 13818-1 streams are played by their usual name.
            let ext = if format == "fmv" {
                "ts".to_owned()
            } else {
                extension(&format)
            };
            format!("evidence/{sha256}.{ext}")
        }
        _ => format!("evidence/{sha256}.json"),
    }
}
