//! The smoke scenario held against a ceasefire of two articles.

use crate::common::*;
use truceline_agreement::{Documents, File};
use truceline_domain::Holding;
use truceline_engine::{ENGINE, findings};

const AGREEMENT: &str = r#"
```agreement
id = "smoke"
theatre = "smoke"
title = "A ceasefire"
signed = 2026-01-01
timezone = "+00:00"
from = 2026-01-01
parties = [ { id = "az", name = "One" }, { id = "am", name = "Other" } ]
```
```clause
id = "1.fire"
kind = "ceasefire"
summary = "No fire."
bound = ["az", "am"]
violated_if = 'event.class == "firing"'
```
```clause
id = "2.blasts"
kind = "no-works"
summary = "Blasts are announced."
bound = ["az", "am"]
violated_if = 'event.class == "blast" && event.kind != "blast_quarry" && !event.announced'
```
"#;

#[test]
fn every_event_is_held_against_every_clause() {
    let documents = Documents::parse(&[File::new("agreement.md", AGREEMENT.as_bytes())]).unwrap();
    let (theatre, observations) = (theatre(THEATRE), observations(OBSERVATIONS));
    let judgement = judged(THEATRE, &observations);
    let all = findings(&documents, &theatre, &observations, &judgement);
    assert_eq!(all.len(), judgement.events.len());
    let latest = observations
        .iter()
        .filter_map(|o| o.observed)
        .max()
        .unwrap();
    for finding in &all {
        assert_eq!(finding.assessments.len(), 2);
        assert_eq!(finding.geometry, theatre.sha256);
        assert_eq!(finding.engine, ENGINE);
        assert_eq!(finding.observed_until, latest);
        let [fire, blasts] = [0, 1].map(|i| &finding.assessments[i]);
        match named(&finding.event) {
            Some(party) => {
                assert_eq!(fire.holding, Holding::Violates);
                assert_eq!(fire.party.as_ref().unwrap().as_str(), party);
            }
            None => assert_ne!(fire.holding, Holding::Violates),
        }
        assert_ne!(blasts.holding, Holding::Violates, "{}", blasts.reason);
    }
    assert!(
        all.iter()
            .any(|f| f.assessments[0].holding == Holding::Violates)
    );
}
