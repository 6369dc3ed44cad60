//! `truceline form`, as people type it.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use truceline_engine::Language;

/// The observation form for posts and patrols, to be filled offline in ODK Collect or KoboCollect.
///
/// Its questions and answers are those that the intake of reports reads, in the theatre's languages, with the
/// theatre's posts to choose from. Filled forms come in with `truceline ingest --format report`.
///
/// Examples:
///   truceline form --theatre theatres/karabakh-2020 -o observation.xml
///   truceline form --theatre theatres/idlib-2020 --format xlsform -o observation.csv
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct FormArgs {
    /// The theatre's folder.
    #[arg(long, value_name = "DIR")]
    pub(crate) theatre: PathBuf,
    /// Languages, the device's first [default: those of the theatre's procedures].
    #[arg(long, value_name = "LANG", value_delimiter = ',')]
    pub(crate) lang: Vec<Language>,
    /// The form's form.
    #[arg(long, value_enum, default_value_t = FormFormat::Xform)]
    pub(crate) format: FormFormat,
    /// The file to write [default: standard output].
    #[arg(short, long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

/// Notations of a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FormFormat {
    /// An ODK XForm, as devices take it.
    Xform,
    /// An XLSForm's sheets as CSV, for pyxform and spreadsheets.
    Xlsform,
}
