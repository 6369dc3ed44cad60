//! Which centre, and which of its theatres, a command is about.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::error::ErrorKind;
use clap::{ArgMatches, Args, Command, FromArgMatches, Subcommand};
use truceline_domain::TheatreId;
use truceline_service::theatre_folder;

/// The folder of the theatre that is meant, within the centre's.
#[derive(Debug)]
pub(crate) struct Centre {
    pub(crate) dir: PathBuf,
    /// Whether one was named.
    pub(crate) is_named: bool,
}

/// As people type it.
#[derive(Debug, Args)]
struct Words {
    /// The centre's folder, as `truceline init` made it.
    #[arg(long, value_name = "DIR", env = "TRUCELINE_DIR")]
    dir: PathBuf,
    /// Which of the centre's theatres [default: its first].
    #[arg(long = "theatre", value_name = "ID", env = "TRUCELINE_THEATRE_ID")]
    of: Option<TheatreId>,
}

impl FromArgMatches for Centre {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let words = Words::from_arg_matches(matches)?;
        let dir = theatre_folder(&words.dir, words.of.as_ref())
            .map_err(|e| clap::Error::raw(ErrorKind::InvalidValue, format!("{e}\n")))?;
        let is_named = words.of.is_some();
        Ok(Self { dir, is_named })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Args for Centre {
    fn augment_args(command: Command) -> Command {
        Words::augment_args(command)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Words::augment_args_for_update(command)
    }
}

/// The centre of a command that shows something by itself and has steps, each of which names its own.
#[derive(Debug, Args)]
pub(crate) struct Shown {
    /// The centre's folder, as `truceline init` made it.
    #[arg(long, value_name = "DIR", env = "TRUCELINE_DIR", required = true)]
    dir: Option<PathBuf>,
    /// Which of the centre's theatres [default: its first].
    #[arg(long = "theatre", value_name = "ID", env = "TRUCELINE_THEATRE_ID")]
    of: Option<TheatreId>,
}

impl Shown {
    /// The folder of the theatre that is meant.
    ///
    /// # Errors
    /// When no centre is named, or it has no such theatre.
    pub(crate) fn dir(&self) -> anyhow::Result<PathBuf> {
        let dir = self.dir.as_deref().context("which centre? say --dir")?;
        Ok(theatre_folder(dir, self.of.as_ref())?)
    }
}

/// The theatres that a centre watches; each has a record, keys and rights of its own.
#[derive(Debug, Args)]
pub(crate) struct Theatre {
    #[command(subcommand)]
    pub(crate) step: TheatreStep,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TheatreStep {
    /// Let the centre watch one more theatre.
    ///
    /// Example: truceline theatre add theatres/other --dir centre
    #[command(verbatim_doc_comment)]
    Add {
        /// The theatre's folder.
        theatre: PathBuf,
        /// The centre's folder.
        #[arg(long, value_name = "DIR", env = "TRUCELINE_DIR")]
        dir: PathBuf,
        /// The origin of its log [default: joint-centre.example/THEATRE].
        #[arg(long, value_name = "NAME")]
        origin: Option<String>,
        /// Verifier key of an officer or witness, made elsewhere. May be given several times.
        #[arg(long, value_name = "VKEY")]
        vkey: Vec<String>,
    },
    /// Tell the theatres, the first first.
    ///
    /// Example: truceline theatre list --dir centre
    #[command(verbatim_doc_comment)]
    List {
        /// The centre's folder.
        #[arg(long, value_name = "DIR", env = "TRUCELINE_DIR")]
        dir: PathBuf,
    },
}
