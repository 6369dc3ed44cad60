//! A small centre with all that a record can have in it: documents, a feed's segments and batches,
//! findings with signatures, holds and deletions, and the witnesses' cosignatures.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use serde_json::json;
use truceline_domain::{Finding, Observation, Recorded, Sha256, TheatreId};
use truceline_record::batch::BatchWriter;
use truceline_record::bodies::{DOCUMENT, DocumentBody, SEGMENT, SegmentBody, Span};
use truceline_record::retention::{
    self, DELETION, DeletionBody, HOLD, HoldBody, RELEASE, ReleaseBody, Scope,
};
use truceline_record::signature::{Decision, FindingBody, SendingStates, finding_bytes, sign};
use truceline_record::verify::{Options, Report, verify};
use truceline_record::witness::{Answer, Cosigners, KnownLog, Witness, WitnessClient};
use truceline_record::{Algorithm, Draft, Quorum, Record, SignerKey, Vkeys};

pub(crate) const ORIGIN: &str = "joint-centre.example/t";
pub(crate) const STATES: [&str; 2] = ["east", "west"];

pub(crate) struct Scene {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) record: Option<Record>,
    pub(crate) clock_us: Arc<AtomicI64>,
    cosigners: Cosigners,
    pub(crate) agreement: Sha256,
    pub(crate) procedures: Sha256,
}

pub(crate) fn log_key() -> SignerKey {
    SignerKey::from_seed(ORIGIN, Algorithm::Ed25519, &[1; 32]).unwrap()
}

pub(crate) fn officer(state: &str, person: &str) -> SignerKey {
    let seed = Sha256::of(format!("{state}/{person}").as_bytes());
    let name = format!("{ORIGIN}/officer/{state}/{person}");
    SignerKey::from_seed(&name, Algorithm::Ed25519, seed.as_bytes()).unwrap()
}

pub(crate) fn witness_key(state: &str) -> SignerKey {
    let seed = Sha256::of(format!("witness {state}").as_bytes());
    let name = format!("{ORIGIN}/witness/{state}");
    SignerKey::from_seed(&name, Algorithm::CosignatureV1, seed.as_bytes()).unwrap()
}

pub(crate) fn vkeys() -> Vkeys {
    let mut vkeys = Vkeys::new(log_key().verifier().clone());
    for state in ["east", "west", "host"] {
        vkeys.add(witness_key(state).verifier().clone());
    }
    for (state, person) in [("east", "ada"), ("east", "abe"), ("west", "bea")] {
        vkeys.add(officer(state, person).verifier().clone());
    }
    vkeys
}

pub(crate) fn sending() -> SendingStates {
    SendingStates::new(STATES[0], STATES[1]).unwrap()
}

pub(crate) fn theatre() -> TheatreId {
    TheatreId::new("t").unwrap()
}

struct Near(String, Witness);

impl WitnessClient for Near {
    fn name(&self) -> &str {
        &self.0
    }
    fn add_checkpoint(&self, body: &str) -> Result<Answer, String> {
        Ok(match self.1.add_checkpoint(body.as_bytes()) {
            Ok(body) => Answer { status: 200, body },
            Err(refusal) => Answer {
                status: refusal.status,
                body: refusal.body,
            },
        })
    }
}

impl Scene {
    /// With an agreement and procedures.
    pub(crate) fn new() -> Self {
        let mut scene = Self::empty();
        scene.agreement =
            scene.document("agreement", "agreement.md", b"# Agreement\nNobody fires.\n");
        scene.procedures =
            scene.document("procedures", "procedures.md", b"# Procedures\nTwo keys.\n");
        scene
    }

    /// Without an entry.
    pub(crate) fn empty() -> Self {
        let memory = std::path::Path::new("/dev/shm");
        let place = if memory.is_dir() {
            memory.to_path_buf()
        } else {
            std::env::temp_dir()
        };
        let folder = tempfile::tempdir_in(place).unwrap();
        let path = folder.path().join("record");
        Record::create(&path, &log_key()).unwrap();
        std::fs::write(path.join("vkeys"), vkeys().to_text()).unwrap();
        let witnesses = ["east", "west", "host"].map(|state| {
            let key = witness_key(state);
            let verifier = key.verifier().clone();
            let known = KnownLog {
                origin: ORIGIN.into(),
                keys: vec![log_key().verifier().clone()],
            };
            let dir = folder.path().join("witnesses").join(state);
            let witness = Witness::open(&dir, key, vec![known], || 1_605_000_100).unwrap();
            (
                Box::new(Near(state.to_owned(), witness)) as Box<dyn WitnessClient>,
                verifier,
            )
        });
        let mut scene = Self {
            folder,
            record: None,
            clock_us: Arc::new(AtomicI64::new(1_605_000_000_000_000)),
            cosigners: Cosigners::new(witnesses.into()),
            agreement: Sha256::of(b""),
            procedures: Sha256::of(b""),
        };
        scene.open();
        scene
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("record")
    }

    pub(crate) fn open(&mut self) {
        let clock = Arc::clone(&self.clock_us);
        let now =
            move || Recorded::from_unix_us(clock.fetch_add(1_000_000, Ordering::Relaxed)).unwrap();
        self.record = Some(
            Record::open_writer(&self.path(), &log_key(), now)
                .unwrap()
                .0,
        );
    }

    pub(crate) fn close(&mut self) {
        self.record = None;
    }

    pub(crate) fn record(&self) -> &Record {
        self.record.as_ref().unwrap()
    }

    pub(crate) fn append(&self, draft: Draft) -> u64 {
        self.record().append(draft).unwrap().index
    }

    pub(crate) fn document(&self, kind: &str, path: &str, text: &[u8]) -> Sha256 {
        let stored = self.record().put_blob(text).unwrap();
        let body = DocumentBody {
            kind: kind.into(),
            path: path.into(),
            version: "1".into(),
            sha256: stored.sha256,
            bytes: stored.bytes,
        };
        self.append(Draft::new(DOCUMENT, &theatre(), "desk", &body).unwrap());
        stored.sha256
    }

    pub(crate) fn segment(&self, bytes: &[u8]) -> Sha256 {
        let stored = self.record().put_blob(bytes).unwrap();
        let received = "2020-11-10T09:00:00Z".parse().unwrap();
        let body = SegmentBody {
            feed: "UAV1".parse().unwrap(),
            format: "fmv".into(),
            sha256: stored.sha256,
            bytes: stored.bytes,
            offset: 0,
            observed: None,
            received: Span {
                first: received,
                last: received,
            },
            pts_90k: Some(Span {
                first: 0,
                last: 90_000,
            }),
            random_access: true,
        };
        self.append(Draft::new(SEGMENT, &theatre(), "UAV1", &body).unwrap());
        stored.sha256
    }

    /// A batch of flashes with these names.
    pub(crate) fn batch(&self, ids: &[&str], segment: Option<Sha256>) -> u64 {
        let mut writer = BatchWriter::new("UAV1".parse().unwrap(), segment);
        for id in ids {
            let line = json!({
                "id": id, "source": "F1", "observed": "2020-11-10T09:00:00.000000Z",
                "kind": "flash", "bearing_deg": 10.5, "bearing_sd_deg": 1.0,
            });
            writer
                .push(&serde_json::from_value::<Observation>(line).unwrap())
                .unwrap();
        }
        let body = writer.store(self.record().blobs()).unwrap();
        self.append(body.draft(&theatre(), "intake").unwrap())
    }

    pub(crate) fn finding(&self, id: &str, evidence: &[&str], supersedes: Option<&str>) -> Finding {
        serde_json::from_value(json!({
            "id": id, "theatre": "t",
            "event": {
                "id": id, "time": "2020-11-10T09:00:00.000000Z", "time_sd_s": 0.5,
                "lat": 39.9, "lon": 46.8, "cov_m2": [[100.0, 0.0], [0.0, 100.0]],
                "kind": "mortar", "p": {"north": 0.97, "south": 0.01, "none": 0.02}, "verdict": "north",
                "evidence": evidence,
            },
            "assessments": [{
                "clause": "1.ceasefire", "agreement": self.agreement, "party": "north",
                "holding": "violates", "reason": "a mortar was fired",
            }],
            "procedures": self.procedures, "geometry": Sha256::of(b"geometry"),
            "engine": "test 1", "observed_until": "2020-11-10T09:01:00.000000Z",
            "supersedes": supersedes,
        }))
        .unwrap()
    }

    pub(crate) fn put(&self, finding: &Finding) -> FindingBody {
        let bytes = finding_bytes(finding).unwrap();
        self.record().put_blob(&bytes).unwrap();
        let body = FindingBody::of(finding, &bytes, sending());
        self.append(body.draft(&theatre(), "engine").unwrap());
        body
    }

    pub(crate) fn sign(&self, body: &FindingBody, key: &SignerKey) -> u64 {
        let signed = sign(
            ORIGIN,
            &body.id,
            body.sha256,
            Decision::Determined,
            None,
            key,
        )
        .unwrap();
        self.append(signed.draft(&theatre()).unwrap())
    }

    pub(crate) fn dissent(&self, body: &FindingBody, key: &SignerKey, reason: &str) -> u64 {
        let signed = sign(
            ORIGIN,
            &body.id,
            body.sha256,
            Decision::Dissent,
            Some(reason),
            key,
        )
        .unwrap();
        self.append(signed.draft(&theatre()).unwrap())
    }

    pub(crate) fn deletion(&self, sha256: &[Sha256], keys: &[SignerKey]) -> DeletionBody {
        let mut body = DeletionBody {
            sha256: sha256.to_vec(),
            why: "kept for 90 days".into(),
            procedures_sha256: self.procedures,
            sending_states: sending(),
            approvals: Vec::new(),
        };
        let text = body.text(ORIGIN).unwrap();
        body.approvals = keys
            .iter()
            .map(|key| retention::approve(ORIGIN, &text, key).unwrap())
            .collect();
        body
    }

    pub(crate) fn delete(&self, body: &DeletionBody) -> u64 {
        self.append(Draft::new(DELETION, &theatre(), "desk", body).unwrap())
    }

    pub(crate) fn hold(&self, name: &str, scope: Scope, key: &SignerKey) -> u64 {
        let mut body = HoldBody {
            hold: name.into(),
            scope,
            why: "case 1".into(),
            sending_states: sending(),
            approvals: Vec::new(),
        };
        let text = body.text(ORIGIN).unwrap();
        body.approvals = vec![retention::approve(ORIGIN, &text, key).unwrap()];
        self.append(Draft::new(HOLD, &theatre(), "desk", &body).unwrap())
    }

    pub(crate) fn release(&self, name: &str, keys: &[SignerKey]) -> u64 {
        let mut body = ReleaseBody {
            hold: name.into(),
            why: "case closed".into(),
            approvals: Vec::new(),
        };
        let text = body.text(ORIGIN).unwrap();
        body.approvals = keys
            .iter()
            .map(|key| retention::approve(ORIGIN, &text, key).unwrap())
            .collect();
        self.append(Draft::new(RELEASE, &theatre(), "desk", &body).unwrap())
    }

    pub(crate) fn finish_deletions(&self) -> retention::Finished {
        let record = self.record();
        retention::finish_deletions(
            &record.log().unwrap(),
            &record.vkeys().unwrap(),
            record.blobs(),
        )
        .unwrap()
    }

    /// Has all three witnesses cosign the log as it is.
    pub(crate) fn cosign(&self) {
        let log = self.record().log().unwrap();
        let size = log.size();
        let gathered = self
            .cosigners
            .gather(log.checkpoint(), 3, &|old| log.consistency_proof(old, size));
        assert!(gathered.has_quorum(), "{:?}", gathered.outcomes);
        self.record()
            .publish_cosigned(gathered.checkpoint, Quorum::Reached)
            .unwrap();
    }

    pub(crate) fn verify(&self) -> Report {
        verify(&self.path(), &all_given(3), &|_| {}).unwrap()
    }
}

/// A check with every key given, so that nothing rests on the copy.
pub(crate) fn all_given(quorum: usize) -> Options {
    let vkeys = vkeys().iter().map(|(_, key)| key.clone()).collect();
    Options {
        vkeys,
        quorum,
        old: None,
        threads: 2,
    }
}

/// The smallest record with a signed finding in it, committed at once and closed in order: for checks
/// that are repeated thousands of times.
pub(crate) fn small() -> Scene {
    let mut scene = Scene::empty();
    let finding = scene.finding("F-1", &[], None);
    let bytes = finding_bytes(&finding).unwrap();
    scene.record().put_blob(&bytes).unwrap();
    let body = FindingBody::of(&finding, &bytes, sending());
    let signed = sign(
        ORIGIN,
        &body.id,
        body.sha256,
        Decision::Determined,
        None,
        &officer("east", "ada"),
    )
    .unwrap();
    let drafts = vec![
        body.draft(&theatre(), "engine").unwrap(),
        signed.draft(&theatre()).unwrap(),
    ];
    scene.record().append_all(drafts).unwrap();
    scene.close();
    scene
}

/// A centre with something of everything, cosigned, and closed in order.
pub(crate) fn full() -> Scene {
    let mut scene = Scene::new();
    let first = scene.segment(b"first medium, deleted later");
    let second = scene.segment(b"second medium");
    scene.batch(&["o1", "o2"], Some(second));
    scene.batch(&["o3"], None);
    let finding = scene.put(&scene.finding("F-1", &["o1", "o3"], None));
    scene.sign(&finding, &officer("east", "ada"));
    scene.sign(&finding, &officer("west", "bea"));
    scene.dissent(&finding, &officer("east", "abe"), "seen from one post only");
    let later = scene.put(&scene.finding("F-2", &["o2"], None));
    scene.sign(&later, &officer("west", "bea"));
    scene.hold("h1", Scope::Blobs(vec![second]), &officer("west", "bea"));
    scene.delete(&scene.deletion(&[first], &[officer("east", "ada"), officer("west", "bea")]));
    scene.finish_deletions();
    scene.cosign();
    scene.close();
    scene
}
