//! `truceline mandate`: strength against ceilings, deadlines, deployments.

use anyhow::{Context as _, bail};
use jiff::civil::Date;
use serde_json::json;
use truceline_domain::Observed;
use truceline_mandate::deadlines;
use truceline_mandate::strength::{Row, Statement};
use truceline_record::deed::DEPLOYMENT;
use truceline_service::{Centre, clock};

use super::deeds;
use crate::args::{Deploy, End, Mandate, MandateStep};

/// At most so many days are shown at once: ten years.
const MAX_DAYS: usize = 3_660;

pub(crate) fn run(args: &Mandate, json: bool) -> anyhow::Result<bool> {
    match &args.step {
        None => show(args, json),
        Some(MandateStep::Deploy(args)) => deploy(args, json),
        Some(MandateStep::End(args)) => end(args, json),
    }
}

/// `false` when something is above its ceiling or has run out.
fn show(args: &Mandate, json: bool) -> anyhow::Result<bool> {
    let dir = &args.centre.dir()?;
    let centre = super::read(dir)?;
    let (ledger, documents) = (centre.deeds().strength(), centre.documents().parsed());
    let now = Observed::from(clock::recorded().timestamp());
    let rows: Vec<Row> = match (args.at, args.from, args.to) {
        (None, Some(from), Some(to)) => days(from, to)?
            .iter()
            .flat_map(|day| ledger.on(*day, documents))
            .collect(),
        (Some(day), ..) => ledger.on(day, documents),
        _ => ledger.at(now, documents),
    };
    let at = match args.at.or(args.to) {
        // Noon of that day, by the zones in which the days are meant.
        Some(day) => format!("{day}T12:00:00Z").parse()?,
        None => now,
    };
    let deadlines = deadlines::at(at, documents);
    if json {
        println!(
            "{}",
            json!({"at": at, "strength": rows, "deployments": ledger.postings(documents),
                   "deadlines": deadlines})
        );
    } else {
        tell(&rows);
        for deadline in &deadlines {
            let warned = match deadline.warning_days {
                Some(0) => "RAN OUT".to_owned(),
                Some(days) => format!("{days} days"),
                None => String::new(),
            };
            println!("{warned:>8}  {}", deadline.sentence());
        }
    }
    let over = rows.iter().any(Row::is_over);
    Ok(!over && deadlines.iter().all(|d| d.warning_days != Some(0)))
}

fn days(from: Date, to: Date) -> anyhow::Result<Vec<Date>> {
    if to < from {
        bail!("--to {to} is before --from {from}");
    }
    let days: Vec<Date> = from
        .series(jiff::Span::new().days(1))
        .take_while(|day| *day <= to)
        .take(MAX_DAYS + 1)
        .collect();
    if days.len() > MAX_DAYS {
        bail!("{from} to {to}: expected at most {MAX_DAYS} days");
    }
    Ok(days)
}

/// A line a row; a row that says what the day before said is left out.
fn tell(rows: &[Row]) {
    println!(
        "{:<10}  {:<6}  {:<14}  {:<20}  {:>8}  {:>7}",
        "day", "state", "authorisation", "category", "strength", "ceiling"
    );
    let mut told: std::collections::BTreeMap<(&str, &str), (u64, u32)> =
        std::collections::BTreeMap::new();
    for row in rows {
        let key = (row.authorisation.as_str(), row.category.as_str());
        let now = (row.strength, row.ceiling);
        if told.insert(key, now) == Some(now) {
            continue;
        }
        let note = match (row.in_force, row.is_over(), row.overridden) {
            (false, ..) => "  NOT IN FORCE",
            (_, true, true) => "  above, by both keys",
            (_, true, false) => "  ABOVE",
            (_, false, true) => "  by both keys",
            _ => "",
        };
        println!(
            "{:<10}  {:<6}  {:<14}  {:<20}  {:>8}  {:>7}{note}",
            row.day.to_string(),
            row.state.as_str(),
            row.authorisation,
            row.category,
            row.strength,
            row.ceiling
        );
    }
    if rows.is_empty() {
        println!("no authorisation is in force, and nobody is deployed");
    }
}

fn deploy(args: &Deploy, json: bool) -> anyhow::Result<bool> {
    let dir = &args.centre.dir;
    let route = |_: &Statement| "/api/mandate/deployments".to_owned();
    let (statement, entry) = deeds::record(dir, DEPLOYMENT, &args.key, route, |centre| {
        stated(args, centre)
    })?;
    if let Statement::Deploy(deploy) = statement {
        if json {
            println!(
                "{}",
                json!({"deployment": deploy.deployment, "entry": entry})
            );
        } else {
            println!("{}: recorded, entry {entry}", deploy.deployment);
        }
    }
    Ok(true)
}

/// The statement with what was left out: the only authorisation, the only site, a name.
fn stated(args: &Deploy, centre: &Centre) -> anyhow::Result<Statement> {
    let documents = centre.documents().parsed();
    let authorisation = match &args.authorisation {
        Some(id) => documents.authorisations().find(|a| a.id == *id),
        None => {
            let of_state = || documents.authorisations().filter(|a| a.state == args.state);
            let mut holding = of_state().filter(|a| a.holds_on(args.from));
            match (holding.next(), holding.next()) {
                (Some(one), None) => Some(one),
                // None holds then: it is refused with the reason, under the latest.
                (None, _) => of_state().max_by_key(|a| a.cycle.starts),
                _ => bail!(
                    "several authorisations of {} hold on {}; name one with --authorisation",
                    args.state,
                    args.from
                ),
            }
        }
    };
    let known: Vec<_> = documents.authorisations().map(|a| a.id.as_str()).collect();
    let authorisation = authorisation.with_context(|| {
        format!(
            "no such authorisation; expected one of {}",
            known.join(", ")
        )
    })?;
    let site = match (&args.site, authorisation.sites.as_slice()) {
        (Some(site), _) => site.clone(),
        (None, [one]) => one.clone(),
        (None, many) => bail!("name a --site: one of {}", many.join(", ")),
    };
    let name = format!(
        "{}/{site}/{}/{}",
        authorisation.id, args.from, args.category
    );
    Ok(Statement::Deploy(truceline_mandate::strength::Deploy {
        deployment: args.name.clone().unwrap_or(name),
        state: args.state.clone(),
        authorisation: authorisation.id.clone(),
        category: args.category.clone(),
        count: args.count,
        site,
        from: args.from,
        until: args.until,
        relieves: args.relieves.clone(),
        override_why: args.override_why.clone(),
    }))
}

fn end(args: &End, json: bool) -> anyhow::Result<bool> {
    let route = |_: &Statement| "/api/mandate/deployments".to_owned();
    let make = |_: &Centre| {
        Ok(Statement::End {
            deployment: args.deployment.clone(),
            on: args.on,
        })
    };
    let (_, entry) = deeds::record(&args.centre.dir, DEPLOYMENT, &args.key, route, make)?;
    if json {
        println!(
            "{}",
            json!({"deployment": args.deployment, "on": args.on, "entry": entry})
        );
    } else {
        println!("{}: ends on {}, entry {entry}", args.deployment, args.on);
    }
    Ok(true)
}
