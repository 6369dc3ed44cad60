//! The liaison log and notices, as people type them.

use clap::{Args, Subcommand, ValueEnum};
use truceline_domain::{Latitude, Longitude, Observed, PartyId};

use super::Centre;

/// The liaison log: contacts with the parties, in the record.
#[derive(Debug, Args)]
pub(crate) struct Liaison {
    #[command(subcommand)]
    pub(crate) step: LiaisonStep,
}

#[derive(Debug, Subcommand)]
pub(crate) enum LiaisonStep {
    /// Record a contact, also while `truceline serve` is at work.
    ///
    /// Example: truceline liaison add --dir centre --at 2021-03-14T10:05:00Z --with PARTY --person "Col. N." \
    ///            --means call --by "duty officer K." --text "asked to cease fire near post 3"
    #[command(verbatim_doc_comment)]
    Add(Contact),
    /// Tell all contacts.
    ///
    /// Example: truceline liaison list --dir centre
    #[command(verbatim_doc_comment)]
    List {
        #[command(flatten)]
        centre: Centre,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Contact {
    #[command(flatten)]
    pub(crate) centre: Centre,
    /// When it was, RFC 3339.
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Observed,
    /// With which party or state, by its id in the documents.
    #[arg(long = "with", value_name = "ID")]
    pub(crate) party: String,
    /// Who spoke for it.
    #[arg(long, value_name = "NAME")]
    pub(crate) person: String,
    /// How.
    #[arg(long, value_enum)]
    pub(crate) means: Channel,
    /// Who of the centre writes it down.
    #[arg(long, value_name = "NAME")]
    pub(crate) by: String,
    /// What was said.
    #[arg(long, value_name = "TEXT")]
    pub(crate) text: String,
}

/// Ways of a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Channel {
    Call,
    Radio,
    Meeting,
    Letter,
}

impl From<Channel> for truceline_service::centre::Channel {
    fn from(channel: Channel) -> Self {
        match channel {
            Channel::Call => Self::Call,
            Channel::Radio => Self::Radio,
            Channel::Meeting => Self::Meeting,
            Channel::Letter => Self::Letter,
        }
    }
}

/// A notice of agreed works, a demolition or detonation announced ahead, as an observation on standard
/// output: what it covers is explained by it.
///
/// Example: truceline notice --from 2021-03-14T09:15:00Z --until 2021-03-14T09:45:00Z --lat 39.95 --lon 46.85 \
///            --radius-m 800 --party PARTY --text "demolition of found ammunition" \
///            | truceline ingest --dir centre --feed notices --format sensor -
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct NoticeArgs {
    /// From, RFC 3339.
    #[arg(long, value_name = "TIME")]
    pub(crate) from: Observed,
    /// Until, RFC 3339.
    #[arg(long, value_name = "TIME")]
    pub(crate) until: Observed,
    /// Middle of the announced place, degrees north.
    #[arg(long, value_name = "DEG", allow_negative_numbers = true, value_parser = latitude)]
    pub(crate) lat: Latitude,
    /// Middle of the announced place, degrees east.
    #[arg(long, value_name = "DEG", allow_negative_numbers = true, value_parser = longitude)]
    pub(crate) lon: Longitude,
    /// Radius of the announced place, metres.
    #[arg(long, value_name = "M")]
    pub(crate) radius_m: f64,
    /// Who announced it.
    #[arg(long, value_name = "ID")]
    pub(crate) party: Option<PartyId>,
    /// In words.
    #[arg(long, value_name = "TEXT")]
    pub(crate) text: Option<String>,
    /// When it was announced, RFC 3339 [default: now].
    #[arg(long, value_name = "TIME")]
    pub(crate) announced: Option<Observed>,
}

fn latitude(text: &str) -> Result<Latitude, String> {
    let deg: f64 = text.parse().map_err(|_| format!("{text:?} is no number"))?;
    Latitude::new(deg).map_err(|e| e.to_string())
}

fn longitude(text: &str) -> Result<Longitude, String> {
    let deg: f64 = text.parse().map_err(|_| format!("{text:?} is no number"))?;
    Longitude::new(deg).map_err(|e| e.to_string())
}
