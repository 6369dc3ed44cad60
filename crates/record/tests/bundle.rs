//! One file that carries a finding: whole, the same every time, and checked without the centre.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::scene::{Scene, all_given, full, officer, vkeys};
use truceline_domain::FindingId;
use truceline_record::Record;
use truceline_record::bundle::{BundleError, Selection, select, write};
use truceline_record::verify::{FaultKind, Options, Report, Subject, verify};

fn id(id: &str) -> FindingId {
    id.parse().unwrap()
}

fn bundle_of(scene: &Scene, finding: &str) -> Vec<u8> {
    let record = Record::open_reader(&scene.path()).unwrap();
    let selection = select(&record, &id(finding)).unwrap();
    let mut out = Cursor::new(Vec::new());
    write(&record, &id(finding), &mut out, &selection).unwrap();
    out.into_inner()
}

fn check_bytes(bytes: &[u8], options: &Options) -> Report {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bundle.zip");
    fs::write(&path, bytes).unwrap();
    verify(&path, options, &|_| {}).unwrap()
}

fn unpack(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut files = BTreeMap::new();
    for i in 0..zip.len() {
        let mut file = zip.by_index(i).unwrap();
        let name = file.name().unwrap().into_owned();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        files.insert(name, bytes);
    }
    files
}

/// Packs files as anybody could; sums are made anew, so that only real checks can find a change.
fn pack(mut files: BTreeMap<String, Vec<u8>>) -> Vec<u8> {
    files.remove("SHA256SUMS");
    let line = |(name, bytes): (&String, &Vec<u8>)| {
        format!("{}  {name}\n", truceline_domain::Sha256::of(bytes))
    };
    let sums: String = files.iter().map(line).collect();
    files.insert("SHA256SUMS".into(), sums.into_bytes());
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, bytes) in files {
        zip.start_file(name, options).unwrap();
        zip.write_all(&bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn a_bundle_passes_without_the_centre_and_is_the_same_every_time() {
    let scene = full();
    let bytes = bundle_of(&scene, "F-1");
    assert_eq!(bytes, bundle_of(&scene, "F-1"));
    drop(scene);
    let report = check_bytes(&bytes, &all_given(3));
    assert!(report.passed(), "{report}");
    assert_eq!(report.subject, Subject::Bundle);
    assert_eq!(
        report.findings[0].standing.to_string(),
        "determined, by east/ada, west/bea"
    );
    assert_eq!(report.findings[0].dissents.len(), 1);
    assert_eq!(report.tree.cosigned.len(), 3);
    let files = unpack(&bytes);
    let count = |prefix: &str| files.keys().filter(|name| name.starts_with(prefix)).count();
    // Finding, three words on it, two batches, one segment, two documents.
    assert_eq!(
        (count("entries/"), count("proofs/"), count("signatures/")),
        (9, 9, 3),
        "{:?}",
        files.keys()
    );
    assert_eq!((count("documents/"), count("evidence/")), (2, 3));
    assert!(
        files.keys().any(|name| name.ends_with(".ts"))
            && files.keys().any(|name| name.ends_with(".md"))
    );
    // Packed by another program, it is the same evidence.
    let report = check_bytes(&pack(files), &all_given(3));
    assert!(report.passed(), "{report}");
}

#[test]
fn every_changed_byte_of_every_file_in_it_is_found() {
    let files = unpack(&bundle_of(&full(), "F-1"));
    let options = Options {
        threads: 1,
        ..all_given(3)
    };
    assert!(check_bytes(&pack(files.clone()), &options).passed());
    let mut n = 0;
    for (name, whole) in &files {
        if ["README.txt", "SHA256SUMS"].contains(&name.as_str()) {
            continue;
        }
        // One byte in so many of each file, the last one too.
        for at in (n % 53..whole.len()).step_by(53).chain([whole.len() - 1]) {
            let mut bytes = whole.clone();
            bytes[at] ^= 1 << (at % 8);
            let mut changed = files.clone();
            changed.insert(name.clone(), bytes);
            let report = check_bytes(&pack(changed), &options);
            assert!(!report.passed(), "byte {at} of {name} was changed unseen");
            n += 1;
        }
        let mut without = files.clone();
        without.remove(name);
        assert!(
            !check_bytes(&pack(without), &options).passed(),
            "{name} was removed unseen"
        );
    }
    let mut with = files;
    with.insert("evidence/readme.txt".into(), b"believe me".to_vec());
    let report = check_bytes(&pack(with), &options);
    assert!(
        report
            .faults
            .iter()
            .any(|fault| fault.why.contains("nothing vouches")),
        "{report}"
    );
}

#[test]
fn every_flipped_byte_of_the_file_is_found_or_harmless() {
    let bytes = bundle_of(&full(), "F-1");
    let good = check_bytes(&bytes, &all_given(3));
    for at in (0..bytes.len()).step_by(101) {
        let mut flipped = bytes.clone();
        flipped[at] ^= 0x20;
        let report = check_bytes(&flipped, &all_given(3));
        // Times and attributes in the ZIP's own headers say nothing of the evidence.
        if report.passed() {
            assert_eq!(report.findings, good.findings, "byte {at}");
            assert_eq!(unpack(&flipped), unpack(&bytes), "byte {at}");
        }
    }
}

#[test]
fn hostile_files_are_refused_with_a_reason() {
    let files = unpack(&bundle_of(&full(), "F-1"));
    for bytes in [
        &b""[..],
        b"not a zip",
        b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
    ] {
        let report = check_bytes(bytes, &all_given(0));
        assert_eq!(report.faults[0].kind, FaultKind::Archive, "{report}");
    }
    for name in ["../escape", "/etc/passwd", "entries/../../x", "a\\b"] {
        let mut with = files.clone();
        with.insert(name.into(), b"x".to_vec());
        let report = check_bytes(&pack(with), &all_given(3));
        assert!(
            report.faults.iter().any(|f| f.why.contains("not a name")),
            "{name}: {report}"
        );
    }
    // More files than any bundle has: a kilobyte of directory each would fill the memory.
    let many: BTreeMap<String, Vec<u8>> =
        (0..20_001).map(|n| (format!("f{n}"), Vec::new())).collect();
    let report = check_bytes(&pack(many), &all_given(0));
    assert!(report.faults[0].why.contains("more than"), "{report}");
    // A huge number that a file claims as its place.
    let mut far = files.clone();
    let leaf = far.values().next().cloned().unwrap();
    far.insert("entries/999999999999.json".into(), leaf);
    assert!(!check_bytes(&pack(far), &all_given(3)).passed());
}

#[test]
fn a_bundle_from_another_log_or_of_another_finding_does_not_pass() {
    let scene = full();
    let mut files = unpack(&bundle_of(&scene, "F-1"));
    let manifest = String::from_utf8(files["bundle.json"].clone()).unwrap();
    files.insert(
        "bundle.json".into(),
        manifest.replace("F-1", "F-2").into_bytes(),
    );
    let report = check_bytes(&pack(files.clone()), &all_given(3));
    assert!(
        report
            .faults
            .iter()
            .any(|f| f.why.contains("no entry of finding F-2")),
        "{report}"
    );
    files.insert(
        "bundle.json".into(),
        manifest.replace("bundle/v1", "bundle/v9").into_bytes(),
    );
    assert!(!check_bytes(&pack(files), &all_given(3)).passed());
    // Half-signed is told as such, and passes: a bundle is evidence, not a verdict.
    let report = check_bytes(&bundle_of(&scene, "F-2"), &all_given(3));
    assert!(report.passed(), "{report}");
    assert_eq!(
        report.findings[0].standing.to_string(),
        "half-signed, by west"
    );
    let record = Record::open_reader(&scene.path()).unwrap();
    assert!(matches!(
        select(&record, &id("F-3")),
        Err(BundleError::NoFinding(_))
    ));
    let nothing = write(
        &record,
        &id("F-1"),
        Cursor::new(Vec::new()),
        &Selection::default(),
    );
    assert!(matches!(nothing, Err(BundleError::NoFinding(_))));
}

#[test]
fn evidence_that_is_left_out_is_missed() {
    let scene = full();
    let record = Record::open_reader(&scene.path()).unwrap();
    let whole = select(&record, &id("F-1")).unwrap();
    let mut failed = 0;
    for left_out in &whole.entries {
        let mut selection = whole.clone();
        selection.entries.remove(left_out);
        let mut out = Cursor::new(Vec::new());
        if write(&record, &id("F-1"), &mut out, &selection).is_err() {
            failed += 1;
            continue;
        }
        let report = check_bytes(&out.into_inner(), &all_given(3));
        let kind = record.log().unwrap().entry(*left_out).unwrap().kind;
        // A signature that is left out cannot be missed: what it changes is the standing.
        match kind.as_str() {
            "signature" => assert_ne!(
                report.findings[0].dissents.len() + report.findings[0].standing.to_string().len(),
                0
            ),
            "segment" => assert!(report.passed(), "{report}"),
            _ => assert!(!report.passed(), "{kind} {left_out}: {report}"),
        }
    }
    assert_eq!(
        failed, 1,
        "without the finding's own entry there is no bundle"
    );
    // Cited, and recorded nowhere.
    let mut scene = Scene::new();
    scene.batch(&["o1"], None);
    scene.put(&scene.finding("F-1", &["o1", "o2"], None));
    let missing = select(scene.record(), &id("F-1")).unwrap_err();
    assert!(
        matches!(&missing, BundleError::MissingObservations { missing, .. } if missing == &["o2"]),
        "{missing}"
    );
    scene.close();
}

#[test]
fn media_deleted_by_procedure_are_told_and_do_not_stop_a_bundle() {
    let mut scene = Scene::new();
    let medium = scene.segment(b"medium");
    scene.batch(&["o1"], Some(medium));
    let finding = scene.put(&scene.finding("F-1", &["o1"], None));
    scene.sign(&finding, &officer("east", "ada"));
    scene.delete(&scene.deletion(&[medium], &[officer("east", "ada"), officer("west", "bea")]));
    scene.finish_deletions();
    scene.cosign();
    scene.close();
    let report = check_bytes(&bundle_of(&scene, "F-1"), &all_given(3));
    assert!(report.passed() && report.counts.deleted == 1, "{report}");
}

/// The script of `docs/verify.md`, which shares no code with this crate.
#[test]
fn the_public_script_agrees() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/verify_bundle.py");
    let available = Command::new("python3")
        .args(["-c", "import cryptography"])
        .output();
    if !available.is_ok_and(|out| out.status.success()) {
        eprintln!(
            "SKIPPED: python3 with «cryptography» is not here, the public script was not run"
        );
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let keys: PathBuf = folder.path().join("keys");
    fs::write(&keys, vkeys().to_text()).unwrap();
    let run = |bytes: &[u8], quorum: &str| {
        let path = folder.path().join("bundle.zip");
        fs::write(&path, bytes).unwrap();
        Command::new("python3")
            .arg(&script)
            .arg(&path)
            .arg(&keys)
            .arg(quorum)
            .output()
            .unwrap()
    };
    let good = bundle_of(&full(), "F-1");
    let out = run(&good, "3");
    let said = String::from_utf8_lossy(&out.stdout).into_owned();
    assert!(
        out.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&out.stderr)
    );
    assert!(said.contains("determined by east and west"), "{said}");
    assert!(
        !run(&good, "4").status.success(),
        "a quorum that was not there"
    );
    let files = unpack(&good);
    // One file of each kind: starting Python takes a while.
    let mut kinds = std::collections::BTreeSet::new();
    let unsaid = ["README.txt", "SHA256SUMS", "bundle.json"];
    for name in files.keys().filter(|name| !unsaid.contains(&name.as_str())) {
        if !kinds.insert(name.split('/').next()) {
            continue;
        }
        let mut changed = files.clone();
        if let Some(byte) = changed.get_mut(name).and_then(|bytes| bytes.get_mut(10)) {
            *byte ^= 1;
        }
        assert!(
            !run(&pack(changed), "3").status.success(),
            "{name} was changed unseen by the script"
        );
    }
}
