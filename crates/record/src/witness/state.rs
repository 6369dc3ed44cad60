//! The witness itself: what it has cosigned, and what it refuses.
//!
//! Its folder:
//!
//! ```text
//! lock                              held while a witness runs on the folder
//! <SHA-256 of origin, hex>/checkpoint   the last checkpoint it cosigned, with both signatures
//! <SHA-256 of origin, hex>/evidence/    what it refused though the log had signed it
//! ```
//!
//! The state is the file: every request reads it, and nothing is kept in memory that could differ
//! from it. A request is answered only after the new file is durable.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use signed_note::{Note, NoteError};
use tlog_tiles::{Checkpoint, EMPTY_HASH};
use truceline_domain::Sha256;

use super::durable;
use super::{AddCheckpoint, Cosignature, NoCosignature};
use crate::key::{Algorithm, SignerKey, VerifierKey};
use crate::log::proof::check_consistency;

/// Most refused checkpoints that are kept for one log; they are evidence, not an archive.
const MAX_EVIDENCE: usize = 256;

/// A log that a witness is willing to cosign.
#[derive(Debug, Clone)]
pub struct KnownLog {
    /// First line of its checkpoints.
    pub origin: String,
    /// The keys that sign its checkpoints; one valid signature is enough, a wrong one is refused.
    pub keys: Vec<VerifierKey>,
}

/// A request that is not cosigned, as HTTP answers it (C2SP tlog-witness).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{status}: {why}")]
pub struct Refusal {
    /// 400 malformed, 403 not signed by the log, 404 unknown log, 409 other old size, 422 not
    /// consistent, 500 the witness itself failed.
    pub status: u16,
    /// `text/x.tlog.size` with 409, otherwise plain text.
    pub content_type: &'static str,
    /// What is answered.
    pub body: String,
    /// Why, for the witness' operator.
    pub why: String,
}

impl Refusal {
    fn new(status: u16, why: impl Into<String>) -> Self {
        let why = why.into();
        Self {
            status,
            content_type: "text/plain; charset=utf-8",
            body: format!("{why}\n"),
            why,
        }
    }

    fn other_size(asked: u64, size: u64) -> Self {
        Self {
            status: 409,
            content_type: "text/x.tlog.size",
            body: format!("{size}\n"),
            why: format!(
                "asked to go on from size {asked}, the last cosigned checkpoint has size {size}"
            ),
        }
    }
}

/// A witness that cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum WitnessError {
    /// Another process has the folder.
    #[error("{} is in use by another witness", dir.display())]
    InUse {
        /// The witness' folder.
        dir: PathBuf,
    },
    /// The key signs something else.
    #[error(transparent)]
    Key(#[from] NoCosignature),
    /// A known log has no key or shares its origin with another.
    #[error("log {origin:?}: {reason}")]
    Log {
        /// Its origin.
        origin: String,
        /// What is wrong.
        reason: &'static str,
    },
    /// The folder could not be used.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
}

/// What the witness cosigned last.
struct Latest {
    size: u64,
    root: Sha256,
    note: String,
}

/// One state's witness.
pub struct Witness {
    dir: PathBuf,
    key: SignerKey,
    logs: Vec<KnownLog>,
    /// Seconds since 1970-01-01T00:00:00Z.
    clock: Box<dyn Fn() -> u64 + Send + Sync>,
    /// Held from reading the last checkpoint until the next is durable, so that two requests at once
    /// cannot roll each other back.
    one_at_a_time: Mutex<()>,
    /// Holds the file lock as long as it is open.
    _lock: File,
}

impl Witness {
    /// A witness on the folder `dir`, made if it is not there. `clock` tells the seconds since
    /// 1970-01-01T00:00:00Z.
    ///
    /// # Errors
    /// When the folder is in use or cannot be used, the key is not for cosignatures, or a log has
    /// no key.
    pub fn open(
        dir: &Path,
        key: SignerKey,
        logs: Vec<KnownLog>,
        clock: impl Fn() -> u64 + Send + Sync + 'static,
    ) -> Result<Self, WitnessError> {
        if key.verifier().algorithm() != Algorithm::CosignatureV1 {
            return Err(NoCosignature::Key {
                name: key.name().to_owned(),
            }
            .into());
        }
        for (i, log) in logs.iter().enumerate() {
            let refused = |reason| WitnessError::Log {
                origin: log.origin.clone(),
                reason,
            };
            if log.keys.is_empty() {
                return Err(refused("no key"));
            }
            if logs.iter().take(i).any(|other| other.origin == log.origin) {
                return Err(refused("named twice"));
            }
        }
        let io = |path: &Path| {
            let path = path.to_owned();
            move |source| WitnessError::Io { path, source }
        };
        fs::create_dir_all(dir).map_err(io(dir))?;
        let lock_path = dir.join("lock");
        let lock = File::create(&lock_path).map_err(io(&lock_path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => {
                return Err(WitnessError::InUse {
                    dir: dir.to_owned(),
                });
            }
            Err(fs::TryLockError::Error(source)) => return Err(io(&lock_path)(source)),
        }
        Ok(Self {
            dir: dir.to_owned(),
            key,
            logs,
            clock: Box::new(clock),
            one_at_a_time: Mutex::new(()),
            _lock: lock,
        })
    }

    /// The key that others verify its cosignatures with.
    #[must_use]
    pub fn verifier(&self) -> &VerifierKey {
        self.key.verifier()
    }

    /// Answers the body of a `POST …/add-checkpoint` with the cosignature line.
    ///
    /// # Errors
    /// [`Refusal`] with the protocol's status.
    pub fn add_checkpoint(&self, request_body: &[u8]) -> Result<String, Refusal> {
        let request =
            AddCheckpoint::parse(request_body).map_err(|e| Refusal::new(400, e.to_string()))?;
        let origin = request.checkpoint.split('\n').next().unwrap_or_default();
        let note = Note::from_bytes(request.checkpoint.as_bytes())
            .map_err(|_| Refusal::new(400, "the checkpoint is not a signed note"))?;
        let log = self.logs.iter().find(|log| log.origin == origin);
        let log =
            log.ok_or_else(|| Refusal::new(404, format!("the log {origin:?} is not known here")))?;
        let signatures = signatures_of(&note, &log.keys)?;
        let tree = checkpoint_of(note.text())
            .ok_or_else(|| Refusal::new(400, "the note's text is not a checkpoint"))?;
        if request.old_size > tree.size() {
            let why = format!(
                "old size {} is beyond the checkpoint's {}",
                request.old_size,
                tree.size()
            );
            return Err(Refusal::new(400, why));
        }
        // A poisoned lock means that a request died half-way; the state is the file, which is whole.
        let _serial = self
            .one_at_a_time
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let latest = self.latest(log)?;
        if let Err(refusal) = consistent(&request, &tree, latest.as_ref()) {
            self.keep_evidence(log, &request, &tree, latest.as_ref(), &refusal);
            return Err(refusal);
        }
        self.cosign(log, &note, &signatures)
    }

    /// The answer to `GET …/<origin hash>/checkpoint`: the last checkpoint it cosigned, with the log's
    /// signature and its own. `None` when it never cosigned for that origin.
    ///
    /// # Errors
    /// [`Refusal`] with 500 when its own file cannot be read or is not what it wrote.
    pub fn latest_checkpoint(&self, origin_hash: &str) -> Result<Option<String>, Refusal> {
        let log = self
            .logs
            .iter()
            .find(|log| folder_name(&log.origin) == origin_hash);
        match log {
            Some(log) => Ok(self.latest(log)?.map(|latest| latest.note)),
            None => Ok(None),
        }
    }

    /// Files of checkpoints that logs signed and that this witness refused, for its operator.
    #[must_use]
    pub fn evidence(&self) -> Vec<PathBuf> {
        let mut files: Vec<PathBuf> = self
            .logs
            .iter()
            .filter_map(|log| fs::read_dir(self.log_dir(log).join("evidence")).ok())
            .flat_map(|dir| dir.flatten().map(|file| file.path()))
            .filter(|path| path.extension().is_some_and(|e| e == "txt"))
            .collect();
        files.sort();
        files
    }

    fn log_dir(&self, log: &KnownLog) -> PathBuf {
        self.dir.join(folder_name(&log.origin))
    }

    /// Reads what was cosigned last, and believes it only with both signatures: a damaged file must
    /// not pass for a log never seen.
    fn latest(&self, log: &KnownLog) -> Result<Option<Latest>, Refusal> {
        let path = self.log_dir(log).join("checkpoint");
        let failed = |reason: String| Refusal {
            body: "the witness cannot read its own state\n".to_owned(),
            ..Refusal::new(500, format!("{}: {reason}", path.display()))
        };
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(failed(e.to_string())),
        };
        let damaged = || failed("not the checkpoint that this witness cosigned".into());
        let note = Note::from_bytes(text.as_bytes()).map_err(|_| damaged())?;
        signatures_of(&note, &log.keys).map_err(|_| damaged())?;
        let own =
            signatures_of(&note, std::slice::from_ref(self.verifier())).map_err(|_| damaged())?;
        if !own
            .into_iter()
            .filter_map(|s| Cosignature::of(s).ok())
            .any(|c| c.unix_s() != 0)
        {
            return Err(damaged());
        }
        let tree = checkpoint_of(note.text()).ok_or_else(damaged)?;
        Ok(Some(Latest {
            size: tree.size(),
            root: root_of(&tree),
            note: text,
        }))
    }

    fn cosign(
        &self,
        log: &KnownLog,
        note: &Note,
        signatures: &[signed_note::Signature],
    ) -> Result<String, Refusal> {
        let failed = |why: String| Refusal {
            body: "the witness could not keep the checkpoint\n".to_owned(),
            ..Refusal::new(500, why)
        };
        let unix_s = (self.clock)();
        if unix_s == 0 {
            return Err(failed("the clock stands at 1970-01-01".into()));
        }
        let cosignature =
            Cosignature::sign(&self.key, unix_s, note.text()).map_err(|e| failed(e.to_string()))?;
        let mut kept = signatures.to_vec();
        kept.push(cosignature.signature().clone());
        let signed = Note::new(note.text(), &kept).map_err(|e| failed(e.to_string()))?;
        // Killed before the rename: the old file stands, nothing was answered. Killed after it: the
        // new one stands, and the client learns its size by 409 when it asks again.
        let dir = self.log_dir(log);
        durable::create_dir_all(&dir)
            .and_then(|()| durable::replace(&dir.join("checkpoint"), &signed.to_bytes()))
            .map_err(|e| failed(format!("{}: {e}", dir.display())))?;
        Ok(cosignature.to_string())
    }

    /// Keeps what the log signed and the witness refused. Best effort: the refusal stands anyway,
    /// so a failure here is told in the refusal's words only.
    fn keep_evidence(
        &self,
        log: &KnownLog,
        request: &AddCheckpoint,
        tree: &Checkpoint,
        latest: Option<&Latest>,
        refusal: &Refusal,
    ) {
        let Some(latest) = latest else { return };
        let fork = latest.size == tree.size() && latest.root != root_of(tree);
        if !fork && refusal.status != 422 {
            return;
        }
        // Two roots of one size prove a fork by themselves. A proof that does not fit proves nothing
        // alone (whoever holds a genuine checkpoint can send it with a wrong proof), but is a lead.
        let what = if fork { "fork" } else { "inconsistent" };
        let dir = self.log_dir(log).join("evidence");
        let name = format!("{what}-{}-{}.txt", tree.size(), root_of(tree).short(16));
        let path = dir.join(name);
        let kept = fs::read_dir(&dir).map_or(0, Iterator::count);
        if path.exists() || kept >= MAX_EVIDENCE {
            return;
        }
        let text = format!(
            "{what}: {}\nnoticed: {} (seconds since 1970-01-01T00:00:00Z)\n\n\
             ---- cosigned before ----\n{}\n---- refused now ----\n{}",
            refusal.why,
            (self.clock)(),
            latest.note,
            request.body()
        );
        let _ =
            durable::create_dir_all(&dir).and_then(|()| durable::replace(&path, text.as_bytes()));
    }
}

/// The name of a log's folder, which is also its name in the monitoring interface of tlog-witness.
fn folder_name(origin: &str) -> String {
    Sha256::of(origin.as_bytes()).to_string()
}

/// The valid signatures by `keys` on a checkpoint.
fn signatures_of(
    note: &Note,
    keys: &[VerifierKey],
) -> Result<Vec<signed_note::Signature>, Refusal> {
    match note.verify(&Keys(keys)) {
        Ok((valid, _)) => Ok(valid),
        Err(NoteError::InvalidSignature { name, id }) => Err(Refusal::new(
            403,
            format!("the signature by {name}+{id:08x} is wrong"),
        )),
        Err(_) => Err(Refusal::new(
            403,
            "no signature by a key that this log is known by",
        )),
    }
}

/// A checkpoint in exactly its canonical form.
fn checkpoint_of(text: &[u8]) -> Option<Checkpoint> {
    let tree = Checkpoint::from_bytes(text).ok()?;
    (tree.to_bytes() == text).then_some(tree)
}

fn root_of(tree: &Checkpoint) -> Sha256 {
    Sha256::from_bytes(tree.hash().0)
}

/// The checks of tlog-witness that need the last cosigned checkpoint, in its order.
fn consistent(
    request: &AddCheckpoint,
    tree: &Checkpoint,
    latest: Option<&Latest>,
) -> Result<(), Refusal> {
    let old_size = latest.map_or(0, |latest| latest.size);
    if request.old_size != old_size {
        return Err(Refusal::other_size(request.old_size, old_size));
    }
    if tree.size() == 0 && *tree.hash() != EMPTY_HASH {
        return Err(Refusal::new(
            422,
            "a tree of size 0 with a root that is not that of the empty tree",
        ));
    }
    let Some(latest) = latest.filter(|latest| latest.size > 0) else {
        if request.proof.is_empty() {
            return Ok(());
        }
        return Err(Refusal::new(422, "a proof from size 0, which needs none"));
    };
    if tree.size() == latest.size && root_of(tree) != latest.root {
        return Err(Refusal::new(
            422,
            format!(
                "another root at size {} than the one cosigned before: the log has forked",
                tree.size()
            ),
        ));
    }
    check_consistency(
        &request.proof,
        latest.size,
        &latest.root,
        tree.size(),
        &root_of(tree),
    )
    .map_err(|_| {
        let why = format!(
            "the proof does not lead from size {} to size {}",
            latest.size,
            tree.size()
        );
        Refusal::new(422, why)
    })
}

/// Keys as `signed_note` asks for them.
struct Keys<'a>(&'a [VerifierKey]);

impl signed_note::Verifiers for Keys<'_> {
    fn verifier(
        &self,
        name: &str,
        id: u32,
    ) -> Result<&dyn signed_note::Verifier, signed_note::VerificationError> {
        self.0
            .iter()
            .find(|key| key.name() == name && key.id() == id)
            .map(|key| key as &dyn signed_note::Verifier)
            .ok_or_else(|| signed_note::VerificationError::UnknownKey {
                name: name.to_owned(),
                id,
            })
    }
}
