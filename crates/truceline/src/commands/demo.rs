//! `truceline demo`: a working centre on the shipped exercise, from an empty folder to a bundle that
//! verifies, then its pages.

use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::time::Instant;

use anyhow::Context as _;
use serde::Deserialize;
use serde_json::{Value, json};
use truceline_agreement::document::Signatory;
use truceline_domain::{FindingId, Observed, Verdict};
use truceline_intake::Format;
use truceline_record::SignerKey;
use truceline_record::people::PersonBody;
use truceline_record::signature::Decision;
use truceline_record::verify::{Options, verify};
use truceline_record::witness::{KnownLog, Witness};
use truceline_service::config::WitnessConfig;
use truceline_service::{Centre, Config, centre, clock, http};
use truceline_store::FindingRow;

use super::demo_live::{self, Recording};
use super::{findings, ingest};
use crate::args::{Demo, FeedArgs};

/// Where a theatre lists its shipped feeds.
const FEEDS: &str = "feeds/feeds.toml";

/// The list of a theatre's shipped feeds.
#[derive(Deserialize)]
struct Feeds {
    feed: Vec<ShippedFeed>,
}

#[derive(Deserialize)]
struct ShippedFeed {
    id: String,
    source: String,
    format: Format,
    file: PathBuf,
    /// The moment of the recording at which the demo opens; without one it is not played live.
    opens: Option<Observed>,
}

pub(crate) fn run(args: &Demo, json: bool) -> anyhow::Result<bool> {
    let began = Instant::now();
    let theatre = theatre(args.theatre.as_deref())?;
    let dir = match &args.dir {
        Some(dir) => dir.clone(),
        None => std::env::temp_dir().join(format!("truceline-demo-{}", std::process::id())),
    };
    let created = centre::create(&dir, &theatre, None, Vec::new())?;
    eprintln!("a centre for {} in {}", created.theatre, dir.display());
    let witnesses = start_witnesses(&dir)?;
    let mut centre = super::open(&dir)?;
    admit_parts(&mut centre)?;
    super::ground::plan_shipped(&mut centre, &theatre)?;
    let fed = feed(&mut centre, &theatre)?;
    ingest::judge(&mut centre, false)?;
    let decided = decide(&mut centre, &dir)?;
    let gathered = centre.cosign()?.context("the demo configures witnesses")?;
    let bundle = check_bundle(&centre, &dir, &decided)?;
    let whole = verify(&dir, &options(gathered.quorum), &|_| {})?;
    let summary = summary(&centre, &decided, &bundle, &whole, &gathered)?;
    drop(centre);
    let replayed = Centre::replay(&dir)?;
    let same = replayed.before == Some(replayed.after);
    let sound = fed && bundle.passed && whole.passed() && same && gathered.has_quorum();
    if json {
        println!("{summary}");
    } else {
        tell(&summary, &replayed, same, began, witnesses);
    }
    if !sound {
        eprintln!("the demo did not come out as it should; see above");
    }
    if args.once {
        if args.dir.is_none() {
            // Nobody asked for the folder to stay.
            drop(std::fs::remove_dir_all(&dir));
        }
        return Ok(sound);
    }
    let listen = format!("127.0.0.1:{}", args.port);
    let note = format!("; the centre stays in {}", dir.display());
    let recordings = recordings(&theatre)?;
    let mut centre = super::open(&dir)?;
    let mut readings = demo_live::readings(&recordings)?;
    for readings in &mut readings {
        readings.take_in_earlier(&mut centre)?;
    }
    // The centre at work reads its configuration anew, with the live feeds in it.
    drop(centre);
    demo_live::configure(&dir, recordings)?.start();
    for readings in readings {
        readings.start(dir.clone());
    }
    super::serve::work(vec![super::open(&dir)?], &listen, &note)?;
    Ok(sound)
}

/// The theatre as named, or the first below `theatres` that ships feeds.
fn theatre(named: Option<&Path>) -> anyhow::Result<PathBuf> {
    if let Some(named) = named {
        return Ok(named.to_path_buf());
    }
    let folder = Path::new("theatres");
    let shipped = std::fs::read_dir(folder)
        .context(
            "no folder `theatres` here; run from the project's folder, or name one with --theatre",
        )?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter_map(|path| {
            let list = std::fs::read_to_string(path.join(FEEDS)).ok()?;
            Some((list.matches("[[feed]]").count(), path))
        });
    // The richest exercise shows most; of equals the first by name.
    shipped
        .min_by_key(|(feeds, path)| (std::cmp::Reverse(*feeds), path.clone()))
        .map(|(_, path)| path)
        .with_context(|| format!("no theatre below `theatres` has {FEEDS}"))
}

fn options(quorum: usize) -> Options {
    Options {
        quorum,
        ..Options::default()
    }
}

/// The parts that anyone may play in the demo: a person of each sending state in each role of the watch,
/// and of the host one official, one auditor and one who looks after machines. None has a key.
fn admit_parts(centre: &mut Centre) -> anyhow::Result<()> {
    const WATCH: [&str; 4] = ["duty officer", "analyst", "signing officer", "observer"];
    const HOST: [&str; 3] = ["host official", "auditor", "machine administrator"];
    let directory = centre.directory().now();
    let procedures = directory
        .procedures
        .as_ref()
        .context("no procedures are in force")?;
    let of = |state: &Signatory, roles: &'static [&'static str]| {
        let (id, name) = (state.id.to_string(), state.name.clone());
        roles
            .iter()
            .map(move |role| (id.clone(), name.clone(), *role))
    };
    let sending = procedures
        .sending_states
        .iter()
        .flat_map(|state| of(state, &WATCH));
    let parts: Vec<_> = sending.chain(of(&procedures.host, &HOST)).collect();
    for (state, name, role) in parts {
        let body = PersonBody {
            person: format!("{state}-{}", role.replace(' ', "-")),
            name: format!("Exercise: {role}, {name}"),
            state,
            roles: vec![role.to_owned()],
            theatres: vec![centre.config().theatre.clone()],
            exercise: true,
        };
        centre.admit(&body, "exercise")?;
    }
    Ok(())
}

/// Starts a witness for each witness key of the centre, as each state would on its own machine, and
/// tells the centre where they answer.
fn start_witnesses(dir: &Path) -> anyhow::Result<usize> {
    let mut config = Config::load(dir)?;
    let log = SignerKey::load(&dir.join("keys/log.key"))?
        .verifier()
        .clone();
    let mut files: Vec<PathBuf> = std::fs::read_dir(dir.join("keys"))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            path.file_name()
                .is_some_and(|n| n.to_string_lossy().starts_with("witness-"))
        })
        .collect();
    files.sort();
    for file in files {
        let key = SignerKey::load(&file)?;
        let name = key.name().to_owned();
        let known = KnownLog {
            origin: config.origin.clone(),
            keys: vec![log.clone()],
        };
        let witness = Witness::open(
            &file.with_extension("state"),
            key,
            vec![known],
            clock::unix_s,
        )?;
        let (ready, address) = mpsc::channel();
        std::thread::spawn(move || {
            let served = http::serve_witness(Arc::new(witness), "127.0.0.1:0", |at| {
                // The demo has gone when nobody waits for the address.
                let _ = ready.send(at);
            });
            if let Err(e) = served {
                eprintln!("a witness ended: {e}");
            }
        });
        let url = format!(
            "http://{}",
            address.recv().context("a witness did not start")?
        );
        config.witnesses.push(WitnessConfig { name, url });
    }
    config.save(dir)?;
    Ok(config.witnesses.len())
}

/// The theatre's shipped feeds, in the order in which they are taken in.
fn recordings(theatre: &Path) -> anyhow::Result<Vec<Recording>> {
    let list = theatre.join(FEEDS);
    let folder = list.parent().unwrap_or(theatre);
    let text = std::fs::read_to_string(&list).with_context(|| format!("{}", list.display()))?;
    let feeds: Feeds = toml::from_str(&text).with_context(|| format!("{}", list.display()))?;
    let recording = |feed: ShippedFeed| Recording {
        path: folder.join(&feed.file),
        id: feed.id,
        source: feed.source,
        format: feed.format,
        opens: feed.opens,
    };
    Ok(feeds.feed.into_iter().map(recording).collect())
}

/// Takes in the theatre's shipped feeds; `false` when one could not be taken in at all.
fn feed(centre: &mut Centre, theatre: &Path) -> anyhow::Result<bool> {
    let mut fine = true;
    for feed in recordings(theatre)? {
        let args = FeedArgs {
            feed: Some(feed.id),
            source: Some(feed.source),
            format: Some(feed.format),
        };
        let input = feed.path.display().to_string();
        // What was set aside is told; the exercise has such lines on purpose.
        if let Err(e) = ingest::one(centre, &input, &args, false) {
            eprintln!("{input}: {}", crate::tell::why(&e));
            fine = false;
        }
    }
    Ok(fine)
}

/// What the officers of the demo did.
struct Decided {
    determined: FindingId,
    dissented: Option<FindingId>,
}

/// Both officers sign the finding that names a party with the highest probability; one dissents from
/// the first that names none.
fn decide(centre: &mut Centre, dir: &Path) -> anyhow::Result<Decided> {
    let rows = centre.store().findings()?;
    let named =
        |row: &&FindingRow| matches!(row.finding.event.attribution.verdict, Verdict::Party(_));
    let p = |row: &FindingRow| match &row.finding.event.attribution.verdict {
        Verdict::Party(party) => row.finding.event.attribution.p.of(party).get(),
        _ => 0.0,
    };
    let surest = rows
        .iter()
        .filter(named)
        .reduce(|best, row| if p(row) > p(best) { row } else { best });
    let determined = surest
        .context("no finding names a party")?
        .finding
        .id
        .clone();
    let dissented = rows
        .iter()
        .find(|row| row.finding.event.attribution.verdict == Verdict::Undetermined)
        .map(|row| row.finding.id.clone());
    let keys: Vec<SignerKey> = centre
        .sending_states()
        .iter()
        .map(|state| SignerKey::load(&dir.join(format!("keys/officer-{state}.key"))))
        .collect::<Result<_, _>>()?;
    for key in &keys {
        centre.decide(&determined, Decision::Determined, None, key)?;
    }
    if let (Some(finding), [first, second, ..]) = (&dissented, keys.as_slice()) {
        centre.decide(finding, Decision::Determined, None, first)?;
        let reason = "the map is too coarse here to say from which side";
        centre.decide(finding, Decision::Dissent, Some(reason), second)?;
    }
    Ok(Decided {
        determined,
        dissented,
    })
}

/// The bundle of the determined finding.
struct Bundled {
    path: PathBuf,
    passed: bool,
    /// What the check says after one byte of a copy was changed.
    changed: String,
}

/// Writes the determined finding's bundle and checks it; then checks a copy with one byte changed,
/// which must fail.
fn check_bundle(centre: &Centre, dir: &Path, decided: &Decided) -> anyhow::Result<Bundled> {
    let path = dir.join(format!("{}.zip", decided.determined));
    centre.bundle(&decided.determined, &path)?;
    let report = verify(&path, &options(0), &|_| {})?;
    if !report.passed() {
        eprint!("{report}");
    }
    let mut bytes = std::fs::read(&path)?;
    let middle = bytes.len() / 2;
    if let Some(byte) = bytes.get_mut(middle) {
        *byte ^= 0x01;
    }
    let copy = dir.join("changed.zip");
    std::fs::write(&copy, &bytes)?;
    let tampered = verify(&copy, &options(0), &|_| {})?;
    std::fs::remove_file(&copy)?;
    let changed = match tampered.faults.first() {
        Some(fault) => format!("byte {middle} changed: {}: {}", fault.place, fault.why),
        None => format!("byte {middle} changed: NOT NOTICED"),
    };
    Ok(Bundled {
        path,
        passed: report.passed() && !tampered.passed(),
        changed,
    })
}

fn summary(
    centre: &Centre,
    decided: &Decided,
    bundle: &Bundled,
    whole: &truceline_record::verify::Report,
    gathered: &truceline_record::witness::Gathered,
) -> anyhow::Result<Value> {
    let store = centre.store();
    let rows = store.findings()?;
    let lines: Vec<_> = rows.iter().map(findings::line).collect();
    let of_kind: serde_json::Map<_, _> = store
        .observation_counts()?
        .into_iter()
        .map(|(source, kind, n)| (format!("{source} {kind}"), n.into()))
        .collect();
    Ok(json!({
        "entries": centre.record().log()?.size(),
        "observations": of_kind,
        "segments": store.count("segments")?,
        "events": store.count("events")?,
        "findings": lines,
        "determined": decided.determined,
        "dissented": decided.dissented,
        "cosigned": gathered.cosigned,
        "bundle": bundle.path,
        "bundle_verifies": bundle.passed,
        "changed_byte": bundle.changed,
        "record_verifies": whole.passed(),
    }))
}

fn tell(
    summary: &Value,
    replayed: &centre::Replayed,
    same: bool,
    began: Instant,
    witnesses: usize,
) {
    let text = |name: &str| {
        summary
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or("–")
            .to_owned()
    };
    let yes = |name: &str| {
        if summary.get(name) == Some(&Value::Bool(true)) {
            "yes"
        } else {
            "NO"
        }
    };
    println!("\nfindings before the officers:");
    for line in summary
        .get("findings")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        println!("  {}", line.as_str().unwrap_or_default());
    }
    println!(
        "\ndetermined by both sending states:  {}",
        text("determined")
    );
    println!("signed by one, dissent of the other: {}", text("dissented"));
    println!(
        "cosigned by witnesses:              {} of {witnesses}",
        summary["cosigned"]
    );
    println!("evidence bundle:                    {}", text("bundle"));
    println!(
        "  verifies offline:                 {}",
        yes("bundle_verifies")
    );
    println!("  {}", text("changed_byte"));
    println!(
        "record of {} entries verifies:      {}",
        summary["entries"],
        yes("record_verifies")
    );
    let replay = if same { "yes, byte for byte" } else { "NO" };
    println!(
        "replayed to the same content:       {replay} ({} judgements made again)",
        replayed.judgements
    );
    println!("took {:.1} s", began.elapsed().as_secs_f64());
}
