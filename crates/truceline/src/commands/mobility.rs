//! `truceline mobility`: who left what they are confined to.

use truceline_domain::Observed;
use truceline_mandate::mobility::Confinement;
use truceline_mandate::mobility::crossing::Turn;
use truceline_service::centre::CrossingRow;
use truceline_service::clock;

use crate::args::Mobility;
use crate::tell::Lines;

/// `false` when somebody is out.
pub(crate) fn run(args: &Mobility, json: bool) -> anyhow::Result<bool> {
    let centre = super::read(&args.centre.dir)?;
    let now = Observed::from(clock::recorded().timestamp());
    let out = centre.deeds().out(now);
    let shown = if args.out {
        out.clone()
    } else {
        centre.deeds().crossings().to_vec()
    };
    if json {
        let mut lines = Lines::new();
        for row in &shown {
            lines.put(row)?;
        }
        lines.end()?;
    } else {
        shown.iter().for_each(|row| println!("{}", sentence(row)));
        println!("{} out now", out.len());
    }
    Ok(out.is_empty())
}

fn sentence(row: &CrossingRow) -> String {
    let crossing = &row.body.crossing;
    let areas = crossing.areas.join(", ");
    let what = match (crossing.confinement, crossing.turn) {
        (Confinement::Hours, Turn::Out) => "flies outside its hours".to_owned(),
        (Confinement::Hours, Turn::In) => "flies within its hours".to_owned(),
        (Confinement::Route, Turn::Out) => format!("left the route of {areas}"),
        (Confinement::Route, Turn::In) => format!("is back on the route of {areas}"),
        (_, Turn::Out) => format!("left {areas}"),
        (_, Turn::In) => format!("is back in {areas}"),
    };
    let state = row.body.state.as_deref();
    let state = state.map_or(String::new(), |state| format!(" ({state})"));
    let how = match (&crossing.gate, crossing.beyond_m, crossing.sd_m) {
        (Some(gate), ..) => format!(", by the gate {gate}"),
        (None, Some(beyond_m), Some(sd_m)) => {
            format!(", {beyond_m:.0} m beyond the edge, good to {sd_m:.0} m")
        }
        _ => String::new(),
    };
    format!(
        "{}  {}{state} {what}{how}; told to {}, entry {}",
        crossing.proved,
        crossing.subject,
        row.body.told.join(", "),
        row.entry
    )
}
