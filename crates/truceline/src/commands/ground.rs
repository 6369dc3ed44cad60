//! `truceline ground`: shifts of patrols and posts.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use serde_json::{Value, json};
use truceline_agreement::when::Offset;
use truceline_domain::{Observation, Observed, SourceId};
use truceline_mandate::shifts::{Standing, State, Statement};
use truceline_record::SignerKey;
use truceline_record::deed::{Deed, SHIFT};
use truceline_service::{Centre, clock};

use super::deeds;
use crate::args::{Ground, GroundFormat, GroundStep};
use crate::tell::Lines;

/// The file in which a theatre ships the shifts of its exercise.
const SHIPPED: &str = "shifts.toml";

pub(crate) fn run(args: &Ground, json: bool) -> anyhow::Result<bool> {
    match &args.step {
        None => show(args, json),
        Some(GroundStep::Plan { centre, file, key }) => {
            for statement in read(file)? {
                state(&centre.dir, key, json, |_| Ok(statement))?;
            }
            Ok(true)
        }
        Some(GroundStep::Cancel {
            centre,
            shift,
            why,
            key,
        }) => {
            let cancel = |centre: &Centre| {
                let versions = centre.deeds().shifts().versions(shift);
                let latest = versions.last();
                let latest = latest.with_context(|| format!("nobody planned {shift:?}"))?;
                Ok(Statement::Cancel {
                    shift: shift.clone(),
                    version: latest.plan.version,
                    why: why.clone(),
                })
            };
            state(&centre.dir, key, json, cancel)?;
            Ok(true)
        }
        Some(GroundStep::Manned {
            post,
            from,
            until,
            text,
        }) => manned(post, *from, *until, text),
    }
}

fn state(
    dir: &Path,
    keys: &[PathBuf],
    json: bool,
    make: impl FnOnce(&Centre) -> anyhow::Result<Statement>,
) -> anyhow::Result<()> {
    let route = |_: &Statement| "/api/ground/shifts".to_owned();
    let (statement, entry) = deeds::record(dir, SHIFT, keys, route, make)?;
    let (shift, act) = match &statement {
        // Whose members go as well may still have to sign.
        Statement::Plan(plan) => (&plan.shift, "plan signed"),
        Statement::Cancel { shift, .. } => (shift, "cancelled"),
    };
    if json {
        println!("{}", json!({"shift": shift, "act": act, "entry": entry}));
    } else {
        println!("{shift}: {act}, entry {entry}");
    }
    Ok(())
}

/// The statements of a file: plans first, then what is called off.
fn read(path: &Path) -> anyhow::Result<Vec<Statement>> {
    let named = || path.display().to_string();
    let text = std::fs::read_to_string(path).with_context(named)?;
    let table: toml::Table = toml::from_str(&text).with_context(named)?;
    let mut statements = Vec::new();
    for (name, act) in [("shift", "plan"), ("cancelled", "cancel")] {
        let listed = table.get(name).cloned();
        let listed = match listed.unwrap_or(toml::Value::Array(Vec::new())) {
            toml::Value::Array(listed) => listed,
            _ => bail!("{}: {name}: expected [[{name}]]", named()),
        };
        for (value, number) in listed.into_iter().zip(1..) {
            let mut value = plain(value);
            if let Some(members) = value.as_object_mut() {
                members.insert("act".to_owned(), act.into());
            }
            let statement = serde_json::from_value(value);
            statements.push(statement.with_context(|| format!("{}: {name} {number}", named()))?);
        }
    }
    if let Some(other) = table
        .keys()
        .find(|k| !["shift", "cancelled"].contains(&k.as_str()))
    {
        bail!(
            "{}: {other:?}; expected [[shift]] or [[cancelled]]",
            named()
        );
    }
    Ok(statements)
}

/// TOML as JSON; times as their text.
fn plain(value: toml::Value) -> Value {
    match value {
        toml::Value::Datetime(time) => time.to_string().into(),
        toml::Value::Array(all) => all.into_iter().map(plain).collect(),
        toml::Value::Table(all) => all.into_iter().map(|(k, v)| (k, plain(v))).collect(),
        toml::Value::String(text) => text.into(),
        toml::Value::Integer(n) => n.into(),
        toml::Value::Float(x) => x.into(),
        toml::Value::Boolean(b) => b.into(),
    }
}

/// Plans the shifts that a theatre ships with the keys that its exercise keeps at the centre.
pub(super) fn plan_shipped(centre: &mut Centre, theatre: &Path) -> anyhow::Result<()> {
    let path = theatre.join(SHIPPED);
    if !path.exists() {
        return Ok(());
    }
    let keys: Vec<SignerKey> = centre
        .sending_states()
        .iter()
        .map(|state| SignerKey::load(&centre.dir().join(format!("keys/officer-{state}.key"))))
        .collect::<Result<_, _>>()?;
    for statement in read(&path)? {
        let mut deed = Deed::of(&statement)?;
        for key in &keys {
            deed = deed.signed(SHIFT, &centre.config().origin, key)?;
        }
        centre
            .take_deed(SHIFT, &deed)
            .with_context(|| format!("{}: {}", path.display(), statement.shift()))?;
    }
    Ok(())
}

/// `false` when one is late, left its ground, or did not go.
fn show(args: &Ground, json: bool) -> anyhow::Result<bool> {
    let centre = super::read(&args.centre.dir()?)?;
    let now = || Observed::from(clock::recorded().timestamp());
    let at = args.at.unwrap_or_else(now);
    let span = (args.from, args.until);
    let all = centre.shifts(at, span)?;
    let form = match (args.format, json) {
        (Some(form), _) => form,
        (None, true) => GroundFormat::Json,
        (None, false) => GroundFormat::Table,
    };
    match form {
        GroundFormat::Table => tell(&all),
        GroundFormat::Json => {
            let mut lines = Lines::new();
            for standing in &all {
                lines.put(standing)?;
            }
            lines.end()?;
        }
        GroundFormat::Geojson => println!("{}", centre.shifts_map(at, span)?),
    }
    let wrong = [State::Late, State::Left, State::NotGone, State::Unfinished];
    Ok(all
        .iter()
        .all(|standing| !wrong.contains(&standing.seen.state)))
}

fn tell(all: &[Standing]) {
    for standing in all {
        let (planned, seen) = (&standing.planned, &standing.seen);
        let plan = &planned.plan;
        let states: Vec<_> = plan.states.iter().map(|state| state.as_str()).collect();
        println!(
            "{} ({}, {} of {}), {}: {}",
            plan.shift,
            plan.unit,
            plan.members,
            states.join(", "),
            hours(plan.from, plan.until, &plan.timezone),
            seen.state.words()
        );
        if seen.late_s > 0.0 {
            println!("  late by {:.0} min", seen.late_s / 60.0);
        }
        if !seen.passed.is_empty() {
            let passed = seen.passed.iter().flatten().count();
            println!("  {passed} of {} points passed", seen.passed.len());
        }
        for absence in &seen.left {
            let until = absence.until.map_or("now".to_owned(), |t| t.to_string());
            println!("  off its ground from {} until {until}", absence.from);
        }
        if let Some(share) = seen.observed_share {
            println!(
                "  something known of {:.0} % of its time, by {} fixes or reports; longest silence {:.0} min",
                share * 100.0,
                seen.evidence,
                seen.longest_gap_s / 60.0
            );
        }
        if let Some(cancelled) = &planned.cancelled {
            println!("  called off: {}", cancelled.why);
        }
        if !planned.announced_ahead {
            println!("  recorded after it had begun, on {}", planned.announced);
        }
    }
    if all.is_empty() {
        println!("no shift is planned");
    }
}

/// From when until when, in the zone in which people are told of it.
fn hours(from: Observed, until: Observed, timezone: &str) -> String {
    let offset = Offset::parse(timezone).unwrap_or_default();
    let hour = |at: Observed| {
        let minute = offset.minute_of_day(at);
        format!("{:02}:{:02}", minute / 60, minute % 60)
    };
    let (first, last) = (offset.date_of(from), offset.date_of(until));
    let day = if first == last {
        String::new()
    } else {
        format!("{last} ")
    };
    format!("{first} {}–{day}{} {offset}", hour(from), hour(until))
}

fn manned(post: &SourceId, from: Observed, until: Observed, text: &str) -> anyhow::Result<bool> {
    let length_s = until.seconds_since(from);
    if length_s <= 0.0 || length_s > 86_400.0 {
        bail!("--until {until}: expected after --from {from}, at most a day");
    }
    // It is named by what it says, so that the same word twice is one.
    let (since, to) = (from.to_string(), until.to_string());
    let id =
        Observation::id_from_content(post, &[since.as_bytes(), to.as_bytes(), text.as_bytes()])?;
    let report = json!({"id": id, "kind": "report", "source": post, "observed": from, "observed_until": until, "text": text});
    let mut lines = Lines::new();
    lines.put(&report)?;
    lines.end()?;
    Ok(true)
}
