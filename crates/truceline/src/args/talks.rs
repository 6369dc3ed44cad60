//! `truceline talks` and `truceline withdrawals`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use jiff::civil::Date;
use truceline_domain::{Observed, PartyId};

use super::{Centre, Shown};

/// Talks about the working procedures: delegations, rounds, points, drafts with their redlines.
///
/// A point is about one clause: a paragraph's number, or `field.NAME`. What both sides have initialled,
/// word for word the same, becomes the draft; nothing else does.
///
/// Examples:
///   truceline talks --dir centre
///   truceline talks point --dir centre hours --clause 3 --about "hours of flight" --key officer-tr.key
///   truceline talks position --dir centre hours --state tr --words "3. …" --key officer-tr.key
///   truceline talks initial --dir centre hours --state tr --key officer-tr.key
///   truceline talks draft --dir centre --from 2021-06-01 --out procedures-2.md
///   truceline talks table --dir centre --lang ru --out table.html
#[derive(Debug, Args)]
#[command(
    verbatim_doc_comment,
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true
)]
pub(crate) struct Talks {
    #[command(flatten)]
    pub(crate) centre: Shown,
    #[command(subcommand)]
    pub(crate) step: Option<TalksStep>,
}

/// Who signs a statement.
#[derive(Debug, Args)]
pub(crate) struct Signed {
    #[command(flatten)]
    pub(crate) centre: Centre,
    /// An officer's private key. May be given several times.
    #[arg(long, value_name = "FILE", required = true)]
    pub(crate) key: Vec<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TalksStep {
    /// Say who speaks for a state.
    Delegation {
        #[command(flatten)]
        signed: Signed,
        /// The state.
        #[arg(long)]
        state: PartyId,
        /// How many they are.
        #[arg(long, value_name = "N")]
        size: u32,
        /// A member, `NAME, RANK OR ROLE`. May be given several times.
        #[arg(long, value_name = "NAME, ROLE")]
        member: Vec<String>,
    },
    /// A meeting; given again with --minutes when it is over.
    Round {
        #[command(flatten)]
        signed: Signed,
        /// Its number, from 1.
        round: u32,
        /// Where.
        #[arg(long)]
        place: String,
        /// When.
        #[arg(long, value_name = "DATE")]
        date: Date,
        /// What is to be spoken of. May be given several times.
        #[arg(long, value_name = "TEXT")]
        agenda: Vec<String>,
        /// What was said.
        #[arg(long, value_name = "TEXT")]
        minutes: Option<String>,
    },
    /// Open a point about a clause.
    Point {
        #[command(flatten)]
        signed: Signed,
        /// Its name.
        point: String,
        /// The clause: a paragraph's number, or field.NAME.
        #[arg(long)]
        clause: String,
        /// What it is about, in a line.
        #[arg(long)]
        about: String,
    },
    /// State the words that a side wants.
    Position {
        #[command(flatten)]
        signed: Signed,
        /// The point.
        point: String,
        /// The state.
        #[arg(long)]
        state: PartyId,
        /// The clause's words [default: that there be no such clause].
        #[arg(long, value_name = "TEXT")]
        words: Option<String>,
        /// Why.
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
    /// Put a side's initials under the words that both want.
    Initial {
        #[command(flatten)]
        signed: Signed,
        /// The point.
        point: String,
        /// The state.
        #[arg(long)]
        state: PartyId,
        /// Still to be confirmed by the capital.
        #[arg(long)]
        ad_referendum: bool,
    },
    /// Leave a point to the host, by both sides.
    Refer {
        #[command(flatten)]
        signed: Signed,
        /// The point.
        point: String,
    },
    /// Remark on a point.
    Comment {
        #[command(flatten)]
        signed: Signed,
        /// The point.
        point: String,
        /// The state.
        #[arg(long)]
        state: PartyId,
        /// The remark.
        #[arg(long)]
        text: String,
    },
    /// Write the next draft: the text with what both have agreed, and nothing else.
    Draft {
        #[command(flatten)]
        centre: Centre,
        /// In force from, as the text will say.
        #[arg(long, value_name = "DATE")]
        from: Date,
        /// The date of the draft [default: today].
        #[arg(long, value_name = "DATE")]
        drafted: Option<Date>,
        /// The file to write; it must not be there yet.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// What differs between two texts, clause by clause.
    Redline {
        /// The text before.
        before: PathBuf,
        /// The text after.
        after: PathBuf,
    },
    /// Write the side-by-side table that negotiators print, as one HTML page.
    Table {
        #[command(flatten)]
        centre: Centre,
        /// The language: en, az, hy, ru, tr or ar.
        #[arg(long, value_name = "LANG", default_value = "en")]
        lang: String,
        /// As PDF/A-2b, across the sheet, instead of HTML.
        #[arg(long)]
        pdf: bool,
        /// The file to write [default: standard output].
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

/// Areas that are to be left by a day: how far each has come, with what was watched.
///
/// Withdrawn is said only of ground that was watched; else it is reported, not verified.
///
/// Examples:
///   truceline withdrawals --dir centre --at 2020-11-25T21:00:00Z
///   truceline withdrawals --dir centre --format geojson
///   truceline withdrawals report --dir centre --clause 6.kelbajar --says left \
///            --at 2020-11-25T06:00:00Z --key officer-ru.key
#[derive(Debug, Args)]
#[command(
    verbatim_doc_comment,
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true
)]
pub(crate) struct Withdrawals {
    #[command(flatten)]
    pub(crate) centre: Shown,
    /// At this instant, RFC 3339 [default: now].
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<Observed>,
    /// Form [default: a table; with --json one JSON object a line].
    #[arg(long, value_enum)]
    pub(crate) format: Option<WithdrawalsFormat>,
    #[command(subcommand)]
    pub(crate) step: Option<WithdrawalsStep>,
}

/// Forms of withdrawals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum WithdrawalsFormat {
    /// Lines for people.
    Table,
    /// One JSON object a line.
    Json,
    /// A GeoJSON feature collection of the areas.
    Geojson,
}

#[derive(Debug, Subcommand)]
pub(crate) enum WithdrawalsStep {
    /// Record what was reported of an area, by a key of a sending state.
    Report {
        #[command(flatten)]
        signed: Signed,
        /// The clause by which it is left.
        #[arg(long)]
        clause: String,
        /// What is said of it.
        #[arg(long, value_enum)]
        says: Said,
        /// When that was so, RFC 3339.
        #[arg(long, value_name = "TIME")]
        at: Observed,
        /// In words.
        #[arg(long)]
        text: Option<String>,
    },
}

/// What is said of an area.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Said {
    /// They have begun to leave.
    Begun,
    /// They have left.
    Left,
    /// They are there.
    Present,
}
