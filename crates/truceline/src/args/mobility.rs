//! `truceline mobility`.

use clap::Args;

use super::Centre;

/// Who left premises, corridor or sector, and who is out now.
///
/// Whereabouts come by OwnTracks (POST /api/mobility/owntracks, or MQTT), Cursor on Target and gates;
/// they are kept as the procedures say and no longer. A departure is an entry in the record.
///
/// Example: truceline mobility --dir centre
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Mobility {
    #[command(flatten)]
    pub(crate) centre: Centre,
    /// Only who is out now.
    #[arg(long)]
    pub(crate) out: bool,
}
