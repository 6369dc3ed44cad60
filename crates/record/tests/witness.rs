//! The witness against the words of C2SP tlog-witness, and what no log shall get past it.

mod tree;

use std::path::Path;
use std::sync::Arc;

use tempfile::TempDir;
use tree::{ORIGIN, Tree};
use truceline_record::witness::{
    Answer, Cosignature, Cosigners, KnownLog, Outcome, Refusal, Witness, WitnessClient,
    WitnessError,
};
use truceline_record::{Algorithm, Checkpoint, SignerKey};

const NOW_UNIX_S: u64 = 1_679_315_147;

fn witness_key(seed: u8) -> SignerKey {
    SignerKey::from_seed("witness.example/w1", Algorithm::CosignatureV1, &[seed; 32]).unwrap()
}

fn open(dir: &Path) -> Result<Witness, WitnessError> {
    let log = SignerKey::from_seed(ORIGIN, Algorithm::Ed25519, &[0x11; 32]).unwrap();
    let known = KnownLog {
        origin: ORIGIN.into(),
        keys: vec![log.verifier().clone()],
    };
    Witness::open(dir, witness_key(0x22), vec![known], || NOW_UNIX_S)
}

fn witness() -> (TempDir, Witness) {
    let dir = tempfile::tempdir().unwrap();
    let witness = open(dir.path()).unwrap();
    (dir, witness)
}

fn status(answer: Result<String, Refusal>) -> u16 {
    answer.map_or_else(|refusal| refusal.status, |_| 200)
}

/// Requests and answers made by an independent program (Python, hashlib and `cryptography`) from the
/// words of RFC 6962, tlog-witness and tlog-cosignature, 2026-11-24: log key seed 0x11…, witness key
/// seed 0x22…, leaves «entry 0» to «entry 6», times 1679315147 and 1679315148.
#[test]
fn answers_a_conversation_written_from_the_specification() {
    const FIRST: &str = "old 0\n\nlog.example/line\n3\nlPvQ3YNvUDAWkubQ6t5yjuGexSv/8WBu2AfIV11aqhk=\n\n\
        — log.example/line eXoUTBucEQmaCP0XV5QdMmBsgAWfN7fHvqdxeY31T4Ep7sspISioMvh3vlrTi4GObnxyjmpGmQUNcvzcwNWil6RhQgk=\n";
    const FIRST_ANSWER: &str = "— witness.example/w1 4M0oZAAAAABkGFDLVJJ/tggfHaOU46DLcQIPNTOIlMIZTNjf4L+jYg55ihaur7rCTgYbz2pw/kmN2y5znevuvXbr0JBXDguEIeZMBg==\n";
    const SECOND: &str = "old 3\nV8efTzGuApxdS9MLBzwnyU35NDiytGl+Hh7vW8A5SkE=\n\
        YcoROfaBWEHVuvLQ0tm9nf7pfImN1ve6DAqpQe5sAes=\nWkdmL9ijF9lgSaP59HxV3GfKZgUbqjaD27GbL+CaB7A=\n\
        lK+4osoFHAVFjqOdzRmxvWjn4zUp8QtDnSphWlH2NuI=\n\n\
        log.example/line\n7\nmMl/C6MXXNCLAx3QhLncTmSbZNGijm6mlGRlAxc6tYc=\n\n\
        — log.example/line eXoUTFvaDMUU+NAcrTiwxdIVBDyq13wLXOGHFa2XGy3kvgDBZWv8tNpaAh7xaKCSnNZnpGjCNGRM4yddmzwdX61eIQM=\n";
    let (_dir, witness) = witness();
    let vkey = "witness.example/w1+e0cd2864+BKCapfR6Z1mAL/lV+NwtKhSlyZ0jvpf4ZBJ/+Tg0VaTw";
    assert_eq!(witness.verifier().to_string(), vkey);
    assert_eq!(
        witness.add_checkpoint(FIRST.as_bytes()).unwrap(),
        FIRST_ANSWER
    );
    assert_eq!(status(witness.add_checkpoint(SECOND.as_bytes())), 200);
    // What our own log would send is the same.
    let tree = Tree::honest(7);
    assert_eq!(tree.request(0, 3), FIRST);
    assert_eq!(tree.request(3, 7), SECOND);
}

#[test]
fn every_refusal_of_the_protocol() {
    let tree = Tree::honest(20);
    let fork = Tree::forked(5, 20);
    let stranger = SignerKey::from_seed("stranger.example", Algorithm::Ed25519, &[3; 32]).unwrap();
    let unsigned = {
        let head =
            truceline_record::TreeHead::new("stranger.example", 10, tree.checkpoint().head().root);
        let signed =
            String::from_utf8(Checkpoint::sign(head, &stranger).unwrap().to_bytes()).unwrap();
        format!(
            "old 10\n\n{}",
            signed.replacen("stranger.example", ORIGIN, 1)
        )
    };
    let elsewhere = tree
        .request(10, 20)
        .replacen(ORIGIN, "elsewhere.example", 1);
    let proof_cut = {
        let request = tree.request(10, 20);
        let mut lines: Vec<&str> = request.split('\n').collect();
        lines.remove(2);
        lines.join("\n")
    };
    let proof_more =
        tree.request(10, 20)
            .replacen('\n', "\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n", 1);
    let forged = tree.request(10, 20).replacen("\n20\n", "\n21\n", 1);
    let wrong_empty = {
        let head = truceline_record::TreeHead::new(ORIGIN, 0, tree.checkpoint().head().root);
        let signed =
            String::from_utf8(Checkpoint::sign(head, &tree.key).unwrap().to_bytes()).unwrap();
        format!("old 0\n\n{signed}")
    };
    let cases: &[(&str, String, u16, Option<&str>)] = &[
        ("nothing", String::new(), 400, None),
        ("no note", "old 10\n\nno note\n".into(), 400, None),
        (
            "no checkpoint",
            format!("old 10\n\n{ORIGIN}\nten\n\n— x AAAAAAA=\n"),
            403,
            None,
        ),
        ("unknown log", elsewhere, 404, None),
        ("no trusted signature", unsigned, 403, None),
        ("a signature that does not fit", forged, 403, None),
        (
            "old beyond new",
            tree.request(10, 20).replacen("old 10", "old 21", 1),
            400,
            None,
        ),
        ("old too small", tree.request(5, 20), 409, Some("10\n")),
        ("old too large", tree.request(15, 20), 409, Some("10\n")),
        (
            "first contact again",
            tree.request(0, 20),
            409,
            Some("10\n"),
        ),
        ("rolled back", tree.request(0, 8), 409, Some("10\n")),
        (
            "rolled back, from the present",
            tree.request(0, 8).replacen("old 0", "old 10", 1),
            400,
            None,
        ),
        ("a hash short", proof_cut, 422, None),
        ("a hash more", proof_more, 422, None),
        ("forked before", fork.request(10, 20), 422, None),
        ("forked at the same size", fork.request(10, 10), 422, None),
        (
            "forked at the same size, first contact",
            fork.request(0, 10),
            409,
            Some("10\n"),
        ),
        (
            "a proof for nothing",
            format!(
                "old 10\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n{}",
                &tree.request(10, 10)[7..]
            ),
            422,
            None,
        ),
    ];
    for (what, request, expected, body) in cases {
        let (_dir, witness) = witness();
        witness
            .add_checkpoint(tree.request(0, 10).as_bytes())
            .unwrap();
        let refusal = witness.add_checkpoint(request.as_bytes()).unwrap_err();
        assert_eq!(refusal.status, *expected, "{what}: {}", refusal.why);
        if let Some(body) = body {
            assert_eq!(refusal.body, *body, "{what}");
            assert_eq!(refusal.content_type, "text/x.tlog.size", "{what}");
        }
        // Whatever was refused, the honest log still goes on.
        assert_eq!(
            status(witness.add_checkpoint(tree.request(10, 20).as_bytes())),
            200,
            "{what}"
        );
    }
    let (_dir, fresh) = witness();
    assert_eq!(status(fresh.add_checkpoint(wrong_empty.as_bytes())), 422);
    assert_eq!(
        status(fresh.add_checkpoint(tree.request(5, 20).replacen("old 5", "old 0", 1).as_bytes())),
        422
    );
    assert_eq!(
        status(fresh.add_checkpoint(tree.request(0, 0).as_bytes())),
        200,
        "the empty tree"
    );
    assert_eq!(
        status(fresh.add_checkpoint(tree.request(0, 20).as_bytes())),
        200
    );
    assert_eq!(
        status(fresh.add_checkpoint(tree.request(20, 20).as_bytes())),
        200,
        "the same again"
    );
}

#[test]
fn a_fork_is_kept_with_both_checkpoints_for_the_operator() {
    let (tree, fork) = (Tree::honest(10), Tree::forked(5, 12));
    let (_dir, witness) = witness();
    witness
        .add_checkpoint(tree.request(0, 10).as_bytes())
        .unwrap();
    for _ in 0..3 {
        assert!(
            witness
                .add_checkpoint(fork.request(0, 10).as_bytes())
                .is_err()
        );
        assert!(
            witness
                .add_checkpoint(fork.request(10, 12).as_bytes())
                .is_err()
        );
    }
    let evidence = witness.evidence();
    assert_eq!(
        evidence.len(),
        2,
        "one file for each refused checkpoint: {evidence:?}"
    );
    let text = std::fs::read_to_string(&evidence[0]).unwrap();
    for signed in [tree.checkpoint_at(10), fork.checkpoint_at(10)] {
        assert!(
            text.contains(&String::from_utf8(signed.to_bytes()).unwrap()),
            "{text}"
        );
    }
    // Both are signed by the log, so the file convicts it without the witness' word.
    assert!(
        evidence[0]
            .file_name()
            .unwrap()
            .to_str()
            .unwrap()
            .starts_with("fork-10-")
    );
    // A proof that does not fit, from somebody with a genuine checkpoint, is no fork.
    let garbled = Tree::honest(20).request(10, 20).replacen(
        '\n',
        "\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
        1,
    );
    assert_eq!(status(witness.add_checkpoint(garbled.as_bytes())), 422);
    assert!(
        witness
            .evidence()
            .iter()
            .any(|f| f.to_str().unwrap().contains("inconsistent-20-"))
    );
}

#[test]
fn what_was_cosigned_outlives_the_process() {
    let tree = Tree::honest(20);
    let dir = tempfile::tempdir().unwrap();
    let first = open(dir.path()).unwrap();
    assert!(
        matches!(open(dir.path()), Err(WitnessError::InUse { .. })),
        "one process at a time"
    );
    first
        .add_checkpoint(tree.request(0, 10).as_bytes())
        .unwrap();
    let hash = truceline_domain::Sha256::of(ORIGIN.as_bytes()).to_string();
    let served = first.latest_checkpoint(&hash).unwrap().unwrap();
    assert_eq!(first.latest_checkpoint("no such log").unwrap(), None);
    drop(first);

    // Killed while it wrote the next one: the unfinished file is not the state.
    let state = dir.path().join(&hash).join("checkpoint");
    std::fs::write(state.with_extension("unfinished"), "torn").unwrap();
    let again = open(dir.path()).unwrap();
    assert_eq!(again.latest_checkpoint(&hash).unwrap().unwrap(), served);
    let refusal = again
        .add_checkpoint(Tree::forked(5, 10).request(0, 10).as_bytes())
        .unwrap_err();
    assert_eq!((refusal.status, refusal.body.as_str()), (409, "10\n"));
    assert_eq!(
        status(again.add_checkpoint(tree.request(10, 20).as_bytes())),
        200
    );
}

#[test]
fn a_witness_with_a_damaged_memory_cosigns_nothing() {
    let tree = Tree::honest(20);
    let (dir, witness) = witness();
    witness
        .add_checkpoint(tree.request(0, 10).as_bytes())
        .unwrap();
    let hash = truceline_domain::Sha256::of(ORIGIN.as_bytes()).to_string();
    let state = dir.path().join(&hash).join("checkpoint");
    let whole = std::fs::read(&state).unwrap();
    for at in 0..whole.len() {
        let mut torn = whole.clone();
        torn[at] ^= 0x01;
        std::fs::write(&state, &torn).unwrap();
        assert_eq!(
            status(witness.add_checkpoint(tree.request(10, 20).as_bytes())),
            500,
            "byte {at}"
        );
        assert_eq!(
            status(witness.add_checkpoint(tree.request(0, 20).as_bytes())),
            500,
            "byte {at}"
        );
    }
    std::fs::write(&state, &whole[..whole.len() / 2]).unwrap();
    assert_eq!(witness.latest_checkpoint(&hash).unwrap_err().status, 500);
    std::fs::write(&state, &whole).unwrap();
    assert_eq!(
        status(witness.add_checkpoint(tree.request(10, 20).as_bytes())),
        200
    );
}

#[test]
fn a_witness_that_cannot_write_cosigns_nothing() {
    let tree = Tree::honest(20);
    let (dir, witness) = witness();
    witness
        .add_checkpoint(tree.request(0, 10).as_bytes())
        .unwrap();
    let hash = truceline_domain::Sha256::of(ORIGIN.as_bytes()).to_string();
    // A folder in the place of the file to be written fails for root too.
    let obstacle = dir.path().join(&hash).join("checkpoint.unfinished");
    std::fs::create_dir(&obstacle).unwrap();
    assert_eq!(
        status(witness.add_checkpoint(tree.request(10, 20).as_bytes())),
        500
    );
    std::fs::remove_dir(&obstacle).unwrap();
    let refusal = witness
        .add_checkpoint(tree.request(0, 20).as_bytes())
        .unwrap_err();
    assert_eq!(refusal.body, "10\n", "what was not kept was not cosigned");
}

#[test]
fn requests_at_once_never_roll_each_other_back() {
    let tree = Arc::new(Tree::honest(64));
    let (_dir, witness) = witness();
    std::thread::scope(|scope| {
        for worker in 0..4_u64 {
            let (tree, witness) = (Arc::clone(&tree), &witness);
            scope.spawn(move || {
                let mut old = 0;
                for step in 0..16 {
                    let new = (step * 4 + worker).max(old);
                    match witness.add_checkpoint(tree.request(old, new).as_bytes()) {
                        Ok(_) => old = new,
                        Err(refusal) if refusal.status == 409 => {
                            let size: u64 = refusal.body.trim_end().parse().unwrap();
                            assert!(size >= old, "{size} after {old}");
                            old = size;
                        }
                        Err(other) => panic!("{other}"),
                    }
                }
            });
        }
    });
}

/// A witness in the same process, or something that answers like one.
struct Near<F>(&'static str, F);

impl<F: Fn(&str) -> Result<Answer, String> + Send + Sync> WitnessClient for Near<F> {
    fn name(&self) -> &str {
        self.0
    }
    fn add_checkpoint(&self, body: &str) -> Result<Answer, String> {
        (self.1)(body)
    }
}

fn ask(witness: &Witness, body: &str) -> Answer {
    match witness.add_checkpoint(body.as_bytes()) {
        Ok(body) => Answer { status: 200, body },
        Err(refusal) => Answer {
            status: refusal.status,
            body: refusal.body,
        },
    }
}

#[test]
fn a_quorum_is_gathered_and_every_other_outcome_told() {
    let tree = Arc::new(Tree::honest(20));
    let dir = tempfile::tempdir().unwrap();
    let honest = Arc::new(open(dir.path()).unwrap());
    honest
        .add_checkpoint(tree.request(0, 10).as_bytes())
        .unwrap();
    let key = witness_key(0x22).verifier().clone();
    let liar = witness_key(0x33);
    let near = Arc::clone(&honest);
    let elsewhere = Tree::forked(0, 20).checkpoint();
    let clients: Vec<(Box<dyn WitnessClient>, _)> = vec![
        // Starts without knowing the size, so the 409 is on the way.
        (
            Box::new(Near("near", move |body: &str| Ok(ask(&near, body)))),
            key.clone(),
        ),
        (
            Box::new(Near("dead", |_: &str| Err("connection refused".to_owned()))),
            key.clone(),
        ),
        (
            Box::new(Near("beyond", |_: &str| {
                Ok(Answer {
                    status: 409,
                    body: "999\n".into(),
                })
            })),
            key.clone(),
        ),
        (
            Box::new(Near("loop", |_: &str| {
                Ok(Answer {
                    status: 409,
                    body: "3\n".into(),
                })
            })),
            key.clone(),
        ),
        (
            Box::new(Near("silly", |_: &str| {
                Ok(Answer {
                    status: 409,
                    body: "-3\n".into(),
                })
            })),
            key.clone(),
        ),
        (
            Box::new(Near("stern", |_: &str| {
                Ok(Answer {
                    status: 422,
                    body: "forked\n".into(),
                })
            })),
            key.clone(),
        ),
        (
            Box::new(Near("liar", move |_: &str| {
                let text = elsewhere.head().to_text();
                let line = Cosignature::sign(&liar, 5, text.as_bytes())
                    .unwrap()
                    .to_string();
                Ok(Answer {
                    status: 200,
                    body: line,
                })
            })),
            witness_key(0x33).verifier().clone(),
        ),
        (
            Box::new(Near("mute", |_: &str| {
                Ok(Answer {
                    status: 200,
                    body: "\u{0}junk\n— \n".into(),
                })
            })),
            key,
        ),
    ];
    let cosigners = Cosigners::new(clients);
    let gathered = cosigners.gather(&tree.checkpoint(), 2, &|old| tree.prove(old, 20));
    assert!(!gathered.has_quorum());
    assert_eq!(gathered.cosigned, 1);
    let outcomes: Vec<&Outcome> = gathered
        .outcomes
        .iter()
        .map(|(_, outcome)| outcome)
        .collect();
    assert_eq!(outcomes[0], &Outcome::Cosigned { unix_s: NOW_UNIX_S });
    assert!(matches!(outcomes[1], Outcome::Unreachable { .. }));
    assert_eq!(outcomes[2], &Outcome::Ahead { size: 999 });
    assert!(matches!(outcomes[3], Outcome::Refused { status: 409, .. }));
    assert!(matches!(outcomes[4], Outcome::Refused { status: 409, .. }));
    assert_eq!(
        outcomes[5],
        &Outcome::Refused {
            status: 422,
            why: "forked".into()
        }
    );
    assert!(matches!(outcomes[6], Outcome::NotItsWord { why } if why.contains("does not verify")));
    assert!(matches!(outcomes[7], Outcome::NotItsWord { .. }));
    assert_eq!(
        gathered.checkpoint.signatures().len(),
        2,
        "the log's line and one cosignature"
    );

    // A log restored from an old backup is told that it is behind; nothing is cosigned.
    let old = tree.checkpoint_at(15);
    let gathered = cosigners.gather(&old, 1, &|old| tree.prove(old, 15));
    assert_eq!(gathered.outcomes[0].1, Outcome::Ahead { size: 20 });
    // Grown again with other entries, it is refused as forked and the evidence kept.
    let forked = Tree::forked(15, 25);
    let gathered = cosigners.gather(&forked.checkpoint(), 1, &|old| forked.prove(old, 25));
    assert!(matches!(
        gathered.outcomes[0].1,
        Outcome::Refused { status: 422, .. }
    ));
    assert_eq!(honest.evidence().len(), 1);
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(128))]

    #[test]
    fn any_two_sizes_of_one_tree_are_consistent_and_no_forked_ones(
        old in 0_u64..40, more in 0_u64..40, same in 0_usize..40,
    ) {
        let new = old + more;
        let tree = Tree::honest(usize::try_from(new).unwrap());
        let (_dir, witness) = witness();
        witness.add_checkpoint(tree.request(0, old).as_bytes()).unwrap();
        if same < usize::try_from(old).unwrap() {
            let fork = Tree::forked(same, usize::try_from(new).unwrap());
            proptest::prop_assert_eq!(status(witness.add_checkpoint(fork.request(old, new).as_bytes())), 422);
        }
        proptest::prop_assert_eq!(status(witness.add_checkpoint(tree.request(old, new).as_bytes())), 200);
    }

    #[test]
    fn nothing_that_arrives_panics(body in proptest::collection::vec(proptest::num::u8::ANY, 0..300)) {
        let (_dir, witness) = witness();
        proptest::prop_assert!(witness.add_checkpoint(&body).is_err());
        let mut prefixed = b"old 1\n\n".to_vec();
        prefixed.extend(&body);
        proptest::prop_assert!(witness.add_checkpoint(&prefixed).is_err());
    }
}
