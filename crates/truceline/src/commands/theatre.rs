//! `truceline theatre`: the theatres of a centre.

use serde_json::json;
use truceline_service::centre::add_theatre;
use truceline_service::{Config, theatres};

use super::{init, keys};
use crate::args::TheatreStep;
use crate::tell::Lines;

pub(crate) fn run(step: &TheatreStep, json: bool) -> anyhow::Result<bool> {
    match step {
        TheatreStep::Add {
            theatre,
            dir,
            origin,
            vkey,
        } => {
            let given = keys::verifiers(vkey)?;
            let (folder, created) = add_theatre(dir, theatre, origin.as_deref(), given)?;
            init::tell(&folder, &created, json);
        }
        TheatreStep::List { dir } => {
            let mut lines = Lines::new();
            for (id, folder) in theatres(dir)? {
                let config = Config::load(&folder)?;
                if json {
                    lines.put(&json!({"theatre": id, "dir": folder, "origin": config.origin, "listen": config.listen}))?;
                } else {
                    println!("{id}  {}  {}", folder.display(), config.origin);
                }
            }
            lines.end()?;
        }
    }
    Ok(true)
}
