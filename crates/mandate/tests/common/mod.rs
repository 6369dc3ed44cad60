//! Documents and signers for tests; the parties can be swapped.

use truceline_agreement::{Documents, File};
use truceline_domain::{Observed, PartyId};
use truceline_mandate::Signer;

pub(crate) fn state(id: &str) -> PartyId {
    PartyId::new(id).unwrap()
}

pub(crate) fn by(states: &[&str]) -> Vec<Signer> {
    states
        .iter()
        .map(|id| Signer {
            state: state(id),
            person: format!("officer-{id}"),
        })
        .collect()
}

pub(crate) fn at(text: &str) -> Observed {
    text.parse().unwrap()
}

/// Documents of Markdown texts, each a file of its own.
pub(crate) fn documents(texts: &[String]) -> Documents {
    let names: Vec<_> = (0..texts.len()).map(|n| format!("d{n}.md")).collect();
    let files: Vec<_> = names
        .iter()
        .zip(texts)
        .map(|(name, text)| File::new(name, text.as_bytes()))
        .collect();
    Documents::parse(&files).unwrap_or_else(|faults| panic!("{faults}"))
}

pub(crate) fn authorisation(id: &str, state: &str, fields: &str) -> String {
    format!(
        "```authorisation\nid = \"{id}\"\nstate = \"{state}\"\nlegal_basis = \"Act\"\n\
         dated = 2019-01-01\ntimezone = \"+03:00\"\nsites = [\"base\"]\n{fields}\n```\n"
    )
}

pub(crate) fn procedures(version: u32, from: &str, host: &str) -> String {
    format!(
        r#"```procedures
theatre = "valley"
title = "Procedures"
version = {version}
drafted = 2020-12-01
timezone = "+04:00"
from = {from}
languages = ["en"]
sending_states = [ {{ id = "north", name = "North" }}, {{ id = "south", name = "South" }} ]
host = {{ id = "{host}", name = "Host" }}
quorum = {{ signatures = ["north", "south"], witnesses = 2 }}
max_wrong_accusation = 0.02
put_before_officers = ["firing"]
area_of_interest = "area"
premises = "base"
mobility = {{ may_leave_premises = false, conditions = "Never." }}
```
"#
    )
}
