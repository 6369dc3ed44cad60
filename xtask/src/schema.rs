//! JSON Schemas of the domain's wire forms, committed in `docs/schema/`.

use schemars::{JsonSchema, Schema, schema_for};
use truceline_domain::{Compliance, Event, Exchange, Finding, Observation};

use crate::run;

fn schemas() -> [(&'static str, Schema); 5] {
    fn of<T: JsonSchema>(name: &'static str) -> (&'static str, Schema) {
        (name, schema_for!(T))
    }
    [
        of::<Observation>("observation"),
        of::<Event>("event"),
        of::<Finding>("finding"),
        of::<Exchange>("exchange"),
        of::<Compliance>("compliance"),
    ]
}

fn each(mut act: impl FnMut(&std::path::Path, &str) -> Result<(), String>) -> Result<(), String> {
    let folder = run::root().join("docs/schema");
    for (name, schema) in schemas() {
        let mut text = serde_json::to_string_pretty(&schema).map_err(|e| e.to_string())?;
        text.push('\n');
        act(&folder.join(format!("{name}.schema.json")), &text)?;
    }
    Ok(())
}

/// Writes the schemas.
pub(crate) fn write() -> Result<(), String> {
    each(|path, text| {
        let folder = path.parent().unwrap_or(path);
        std::fs::create_dir_all(folder)
            .and_then(|()| std::fs::write(path, text))
            .map_err(|e| format!("{}: {e}", path.display()))
    })
}

/// Fails when the committed schemas are not those of the types.
pub(crate) fn check() -> Result<(), String> {
    each(|path, text| {
        let committed =
            std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
        if committed == text {
            Ok(())
        } else {
            Err(format!(
                "{} is not that of the types; run `cargo xtask schema`",
                path.display()
            ))
        }
    })
}
