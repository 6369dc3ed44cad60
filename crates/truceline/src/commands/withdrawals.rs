//! `truceline withdrawals`: how far each area has come.

use serde_json::json;
use truceline_domain::Observed;
use truceline_mandate::withdrawals::{Report, Says, State, Withdrawal};
use truceline_record::deed::WITHDRAWAL;
use truceline_service::clock;

use super::deeds;
use crate::args::{Said, Withdrawals, WithdrawalsFormat, WithdrawalsStep};
use crate::tell::Lines;

pub(crate) fn run(args: &Withdrawals, json: bool) -> anyhow::Result<bool> {
    let Some(WithdrawalsStep::Report {
        signed,
        clause,
        says,
        at,
        text,
    }) = &args.step
    else {
        return show(args, json);
    };
    let make = |_: &truceline_service::Centre| {
        Ok(Report {
            clause: clause.clone(),
            says: match says {
                Said::Begun => Says::Begun,
                Said::Left => Says::Left,
                Said::Present => Says::Present,
            },
            at: *at,
            text: text.clone(),
        })
    };
    let route = |_: &Report| "/api/withdrawals/reports".to_owned();
    let (report, entry) = deeds::record(&signed.centre.dir, WITHDRAWAL, &signed.key, route, make)?;
    if json {
        println!("{}", json!({"clause": report.clause, "entry": entry}));
    } else {
        println!("{}: reported, entry {entry}", report.clause);
    }
    Ok(true)
}

/// `false` when one is overdue.
fn show(args: &Withdrawals, json: bool) -> anyhow::Result<bool> {
    let centre = super::read(&args.centre.dir()?)?;
    let at = args
        .at
        .unwrap_or_else(|| Observed::from(clock::recorded().timestamp()));
    let all = centre.withdrawals(at)?;
    let form = match (args.format, json) {
        (Some(form), _) => form,
        (None, true) => WithdrawalsFormat::Json,
        (None, false) => WithdrawalsFormat::Table,
    };
    match form {
        WithdrawalsFormat::Table => tell(&all),
        WithdrawalsFormat::Json => {
            let mut lines = Lines::new();
            for withdrawal in &all {
                lines.put(withdrawal)?;
            }
            lines.end()?;
        }
        WithdrawalsFormat::Geojson => println!("{}", centre.withdrawals_map(at)?),
    }
    Ok(all.iter().all(|w| w.state != State::Overdue))
}

fn tell(all: &[Withdrawal]) {
    for w in all {
        let state = match w.state {
            State::NotBegun => "not begun",
            State::UnderWay => "under way",
            State::ReportedNotVerified => "reported, not verified",
            State::Left => "left",
            State::Verified => "verified",
            State::Overdue => "OVERDUE",
        };
        let watched = w
            .watched_share
            .map_or("not watched yet".to_owned(), |share| {
                format!(
                    "{:.0} % of the ground seen since, {:.0} % needed",
                    share * 100.0,
                    w.needed_share * 100.0
                )
            });
        let bound: Vec<_> = w.bound.iter().map(|p| p.as_str()).collect();
        println!(
            "{} ({} leave {}): {state}; {watched}",
            w.clause,
            bound.join(", "),
            w.area
        );
        for deadline in &w.deadlines {
            match deadline.agreed {
                None => println!("  by {}", deadline.by),
                Some(agreed) => println!("  moved to {}, agreed {agreed}", deadline.by),
            }
        }
        for seen in &w.seen {
            println!("  {} seen at {} ({})", seen.what, seen.at, seen.id);
        }
    }
    if all.is_empty() {
        println!("no agreement in force then speaks of a withdrawal");
    }
}
