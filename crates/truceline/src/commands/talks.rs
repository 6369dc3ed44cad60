//! `truceline talks`: positions, initials, drafts, redlines, the printed table.

use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, bail};
use serde_json::json;
use truceline_domain::PartyId;
use truceline_mandate::talks::{Delegate, Statement, Status, redline, table, words_sha256};
use truceline_record::deed::TALKS;
use truceline_service::{Centre, clock};

use super::deeds;
use crate::args::{Signed, Talks, TalksStep};

pub(crate) fn run(args: &Talks, json: bool) -> anyhow::Result<bool> {
    let Some(step) = &args.step else {
        return show(args, json);
    };
    match step {
        TalksStep::Draft {
            centre,
            from,
            drafted,
            out,
        } => {
            let centre = super::read(&centre.dir)?;
            let (version, base) = centre.latest_procedures()?;
            let today = || {
                let zone = jiff::tz::TimeZone::UTC;
                zone.to_datetime(clock::recorded().timestamp()).date()
            };
            let drafted = drafted.unwrap_or_else(today);
            let text = centre
                .deeds()
                .talks()
                .draft(&base, version + 1, *from, drafted);
            new_file(out, text.as_bytes())?;
            println!("version {}: {}", version + 1, out.display());
            Ok(true)
        }
        TalksStep::Redline { before, after } => {
            let read = |path: &Path| {
                std::fs::read_to_string(path).with_context(|| format!("{}", path.display()))
            };
            let differences = redline::redline(&read(before)?, &read(after)?);
            if json {
                println!("{}", serde_json::to_string(&differences)?);
            } else {
                print!("{}", table::lines(&differences));
            }
            Ok(true)
        }
        TalksStep::Table {
            centre,
            lang,
            pdf,
            out,
        } => {
            let centre = super::read(&centre.dir)?;
            let page = if *pdf {
                centre.talks_pdf(lang)?
            } else {
                centre.talks_table(lang)?.into_bytes()
            };
            match out {
                Some(out) => new_file(out, &page)?,
                None => std::io::stdout().lock().write_all(&page)?,
            }
            Ok(true)
        }
        _ => state(step, json),
    }
}

fn new_file(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    std::fs::File::create_new(path)
        .and_then(|mut file| file.write_all(bytes))
        .with_context(|| format!("{}", path.display()))
}

fn show(args: &Talks, json: bool) -> anyhow::Result<bool> {
    let centre = super::read(&args.centre.dir()?)?;
    let board = centre.talks()?;
    if json {
        println!("{}", serde_json::to_string(&board)?);
        return Ok(true);
    }
    for (state, delegation) in &board.talks.delegations {
        println!("delegation of {state}: {}", delegation.size);
        for member in &delegation.members {
            println!("  {}, {}", member.name, member.role);
        }
    }
    for round in &board.talks.rounds {
        println!("round {}: {}, {}", round.round, round.date, round.place);
        round.agenda.iter().for_each(|item| println!("  - {item}"));
    }
    for (point, status) in board.talks.points.iter().zip(&board.statuses) {
        let status = match status.status {
            Status::Open => "open",
            Status::AdReferendum => "agreed ad referendum",
            Status::Agreed => "agreed",
            Status::Referred => "referred to the host",
        };
        println!(
            "{} (clause {}, {}): {status}",
            point.point, point.clause, point.about
        );
        for (state, position) in &point.positions {
            let words = position.words.as_deref().unwrap_or("(no such clause)");
            println!("  {state}: {words}");
        }
        for comment in &point.comments {
            println!("  {} remarks: {}", comment.state, comment.text);
        }
    }
    for draft in &board.drafts {
        let by: Vec<_> = draft.by.iter().map(ToString::to_string).collect();
        let by = if by.is_empty() {
            String::new()
        } else {
            format!(", put forward by {}", by.join(" and "))
        };
        println!("version {}{by}: {}", draft.version, draft.text_sha256);
        print!("{}", table::lines(&draft.redline));
    }
    Ok(true)
}

fn state(step: &TalksStep, json: bool) -> anyhow::Result<bool> {
    let signed = signed_of(step).context("not a statement")?;
    let make = |centre: &Centre| statement(step, centre);
    let route = |_: &Statement| "/api/talks/statements".to_owned();
    let (_, entry) = deeds::record(&signed.centre.dir, TALKS, &signed.key, route, make)?;
    if json {
        println!("{}", json!({"entry": entry}));
    } else {
        println!("recorded, entry {entry}");
    }
    Ok(true)
}

fn signed_of(step: &TalksStep) -> Option<&Signed> {
    match step {
        TalksStep::Delegation { signed, .. }
        | TalksStep::Round { signed, .. }
        | TalksStep::Point { signed, .. }
        | TalksStep::Position { signed, .. }
        | TalksStep::Initial { signed, .. }
        | TalksStep::Refer { signed, .. }
        | TalksStep::Comment { signed, .. } => Some(signed),
        TalksStep::Draft { .. } | TalksStep::Redline { .. } | TalksStep::Table { .. } => None,
    }
}

fn statement(step: &TalksStep, centre: &Centre) -> anyhow::Result<Statement> {
    Ok(match step {
        TalksStep::Delegation {
            state,
            size,
            member,
            ..
        } => Statement::Delegation {
            state: state.clone(),
            size: *size,
            members: member
                .iter()
                .map(|m| delegate(m))
                .collect::<Result<_, _>>()?,
        },
        TalksStep::Round {
            round,
            place,
            date,
            agenda,
            minutes,
            ..
        } => Statement::Round {
            round: *round,
            place: place.clone(),
            date: *date,
            agenda: agenda.clone(),
            minutes: minutes.clone(),
        },
        TalksStep::Point {
            point,
            clause,
            about,
            ..
        } => Statement::Point {
            point: point.clone(),
            clause: clause.clone(),
            about: about.clone(),
        },
        TalksStep::Position {
            point,
            state,
            words,
            note,
            ..
        } => Statement::Position {
            point: point.clone(),
            state: state.clone(),
            words: words.clone(),
            note: note.clone(),
        },
        TalksStep::Initial {
            point,
            state,
            ad_referendum,
            ..
        } => Statement::Initial {
            point: point.clone(),
            state: state.clone(),
            sha256: words_sha256(own_words(centre, point, state)?.as_deref()),
            ad_referendum: *ad_referendum,
        },
        TalksStep::Refer { point, .. } => Statement::Refer {
            point: point.clone(),
        },
        TalksStep::Comment {
            point, state, text, ..
        } => Statement::Comment {
            point: point.clone(),
            state: state.clone(),
            text: text.clone(),
        },
        _ => bail!("not a statement"),
    })
}

fn delegate(text: &str) -> anyhow::Result<Delegate> {
    let (name, role) = text
        .split_once(',')
        .with_context(|| format!("--member {text:?}; expected NAME, RANK OR ROLE"))?;
    Ok(Delegate {
        name: name.trim().to_owned(),
        role: role.trim().to_owned(),
    })
}

/// The words that a side wants by the record: what it initials.
fn own_words(centre: &Centre, point: &str, state: &PartyId) -> anyhow::Result<Option<String>> {
    let talks = centre.deeds().talks();
    let known = talks.points.iter().find(|p| p.point == point);
    let position = known.and_then(|p| p.positions.get(state));
    let position = position.with_context(|| format!("{state} has no position on {point:?}"))?;
    Ok(position.words.clone())
}
