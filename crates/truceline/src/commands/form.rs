//! `truceline form`: the ground mission's observation form.

use std::io::Write as _;

use anyhow::Context as _;
use truceline_report::Form;
use truceline_service::centre::documents;

use crate::args::{FormArgs, FormFormat};

pub(crate) fn run(args: &FormArgs) -> anyhow::Result<bool> {
    let documents = documents::checked(&documents::read_theatre(&args.theatre)?)?;
    let procedures = &documents.parsed().procedures;
    let told = procedures.iter().max_by_key(|p| p.version);
    let languages = if args.lang.is_empty() {
        // A language that the program has no words for is left to those who translate the form.
        let codes = told.map_or(&[][..], |p| &p.languages).iter();
        codes.filter_map(|code| code.parse().ok()).collect()
    } else {
        args.lang.clone()
    };
    let posts = documents.theatre().map_or(&[][..], |t| &t.posts).iter();
    let observers: Vec<String> = posts.map(|p| p.id.to_string()).collect();
    let form = Form::new(&languages, &observers);
    let text = match args.format {
        FormFormat::Xform => form.xform(),
        FormFormat::Xlsform => form.xlsform(),
    };
    match &args.out {
        Some(path) => {
            std::fs::write(path, text).with_context(|| format!("writing {}", path.display()))?;
        }
        None => std::io::stdout().lock().write_all(text.as_bytes())?,
    }
    Ok(true)
}
