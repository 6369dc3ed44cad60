//! Persons of a centre, as people type them.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use truceline_domain::TheatreId;

use super::Centre;

/// Who works at the centre: admit, invite, vouch for, revoke. Each step is an entry that both sides see.
#[derive(Debug, Args)]
pub(crate) struct Person {
    #[command(subcommand)]
    pub(crate) step: PersonStep,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PersonStep {
    Add(Add),
    List(List),
    Invite(Invite),
    Vouch(Vouch),
    Revoke(Revoke),
}

/// Admit a person, or change their name, roles or theatres; then invite them.
///
/// Example: truceline person add --dir centre ada --name "Ada A." --state STATE --role "signing officer"
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Add {
    #[command(flatten)]
    pub(crate) centre: Centre,
    /// A short name that nobody else has: lower-case letters, digits, - and .
    pub(crate) person: String,
    /// What people call them.
    #[arg(long, value_name = "NAME")]
    pub(crate) name: String,
    /// The state they serve, as the procedures name it.
    #[arg(long, value_name = "STATE")]
    pub(crate) state: String,
    /// A role: those of the procedures, or duty officer, analyst, signing officer, observer, host
    /// official, auditor, machine administrator. May be given several times.
    #[arg(long, value_name = "ROLE", required = true)]
    pub(crate) role: Vec<String>,
    /// A theatre they work on [default: the one whose record this is]. May be given several times.
    #[arg(long, value_name = "THEATRE")]
    pub(crate) works_on: Vec<TheatreId>,
}

/// Who was admitted, with their passkeys and who vouched for them.
///
/// Example: truceline person list --dir centre
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct List {
    #[command(flatten)]
    pub(crate) centre: Centre,
}

/// Invite a person to register a passkey: a code that counts once, for three days.
///
/// Example: truceline person invite --dir centre ada
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Invite {
    #[command(flatten)]
    pub(crate) centre: Centre,
    /// Whom.
    pub(crate) person: String,
}

/// Vouch, with an officer's own key, that a person's passkey is theirs. Only then do its signatures
/// on findings count. The officer must be of the person's state, and should have seen them register it.
///
/// Example: truceline person vouch --dir centre ada --key officer.key
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Vouch {
    #[command(flatten)]
    pub(crate) centre: Centre,
    /// For whom.
    pub(crate) person: String,
    /// The officer's private key.
    #[arg(long, value_name = "FILE")]
    pub(crate) key: PathBuf,
}

/// Revoke a person, or one passkey: it counts no more from here on.
///
/// Example: truceline person revoke --dir centre ada --why "left the centre"
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Revoke {
    #[command(flatten)]
    pub(crate) centre: Centre,
    /// Whom.
    pub(crate) person: String,
    /// One passkey, by its credential id, as `person list` shows it.
    #[arg(long, value_name = "ID")]
    pub(crate) credential: Option<String>,
    /// Why.
    #[arg(long, value_name = "TEXT")]
    pub(crate) why: String,
}
