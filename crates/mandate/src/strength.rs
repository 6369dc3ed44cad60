//! Strength against ceilings: what each sending state has deployed on a day, and what its
//! authorisation allows.
//!
//! Days are those of the authorisation's own offset. A deployment counts on its first and its last
//! day and all between. What an authorisation does not name is not allowed.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use truceline_agreement::Documents;
use truceline_agreement::document::Authorisation;
use truceline_domain::{Observed, PartyId};

use crate::{Refusal, Signer, signed_by};

/// What an entry of type `deployment` states.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Statement {
    /// So many are there from a day on.
    Deploy(Deploy),
    /// A deployment has an earlier end.
    End {
        /// Its name.
        deployment: String,
        /// Its last day.
        on: Date,
    },
}

/// So many of a category, from a day on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deploy {
    /// Its name, told by whoever deploys; used once.
    pub deployment: String,
    /// Which state's.
    pub state: PartyId,
    /// The authorisation it rests on.
    pub authorisation: String,
    /// `persons`, `vehicles`, `aircraft`, or `weapon:CLASS`.
    pub category: String,
    /// How many.
    pub count: u32,
    /// Where, an area of the theatre.
    pub site: String,
    /// First day.
    pub from: Date,
    /// Last day; open when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    /// The deployment that it relieves, which ends the day before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relieves: Option<String>,
    /// Why it is recorded although it is above a ceiling or outside a term; takes both sending
    /// states' keys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub override_why: Option<String>,
}

/// A deployment as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Posting {
    /// Its name.
    pub deployment: String,
    /// Which state's.
    pub state: PartyId,
    /// The authorisation it rests on.
    pub authorisation: String,
    /// The category.
    pub category: String,
    /// How many.
    pub count: u32,
    /// Where.
    pub site: String,
    /// First day.
    pub from: Date,
    /// Last day; open when `None`.
    pub until: Option<Date>,
    /// Why it was recorded against a refusal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub override_why: Option<String>,
}

impl Posting {
    fn is_on(&self, day: Date) -> bool {
        self.from <= day && self.until.is_none_or(|until| day <= until)
    }
}

/// Strength of a category under one authorisation on one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// The day, in the authorisation's offset.
    pub day: Date,
    /// The state.
    pub state: PartyId,
    /// The authorisation.
    pub authorisation: String,
    /// Whether it is in force that day.
    pub in_force: bool,
    /// The category.
    pub category: String,
    /// How many there are.
    pub strength: u64,
    /// How many there may be: zero when the authorisation is not in force.
    pub ceiling: u32,
    /// Whether some of them were recorded against a refusal.
    pub overridden: bool,
}

impl Row {
    /// Whether there are more than may be.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.strength > u64::from(self.ceiling)
    }
}

/// Deployments of the record and of the documents.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    postings: Vec<Posting>,
}

impl Ledger {
    /// What is deployed, in the documents first, then as recorded.
    #[must_use]
    pub fn postings(&self, documents: &Documents) -> Vec<Posting> {
        let mut all: Vec<Posting> = written(documents).collect();
        for posting in &self.postings {
            // An entry may end a deployment that a document tells of.
            match all.iter_mut().find(|p| p.deployment == posting.deployment) {
                Some(known) => *known = posting.clone(),
                None => all.push(posting.clone()),
            }
        }
        all
    }

    /// Takes a statement by those who signed it, where `sending` are the two states.
    ///
    /// # Errors
    /// [`Refusal`] when the wrong ones signed, a name, day, category or site is wrong, or it is above a
    /// ceiling or outside a term and not overridden by both. Nothing is changed then.
    pub fn take(
        &mut self,
        statement: &Statement,
        signers: &[Signer],
        sending: &[PartyId],
        documents: &Documents,
    ) -> Result<(), Refusal> {
        match statement {
            Statement::Deploy(deploy) => self.deploy(deploy, signers, sending, documents),
            Statement::End { deployment, on } => self.end(deployment, *on, signers, documents),
        }
    }

    fn deploy(
        &mut self,
        deploy: &Deploy,
        signers: &[Signer],
        sending: &[PartyId],
        documents: &Documents,
    ) -> Result<(), Refusal> {
        let all = self.postings(documents);
        let authorisation = authorisation(documents, &deploy.authorisation)?;
        whole(deploy, authorisation, &all)?;
        if !signed_by(signers, &deploy.state) {
            let what = format!("not signed by an officer of {}", deploy.state);
            return Err(Refusal::new(what, format!("a key of {}", deploy.state)));
        }
        let mut relieved = None;
        if let Some(name) = &deploy.relieves {
            relieved = Some(relieve(name, deploy, &all)?);
        }
        let mut after = all;
        if let Some(relieved) = &relieved {
            after.retain(|p| p.deployment != relieved.deployment);
            after.push(relieved.clone());
        }
        let posting = posting(deploy);
        let excess = excess(&posting, authorisation, &after);
        match (&deploy.override_why, excess) {
            (None, Some(refusal)) => return Err(refusal),
            (Some(_), None) => {
                let what = "an override of nothing: it is within its authorisation";
                return Err(Refusal::new(what, "no override"));
            }
            (Some(why), Some(_)) => {
                if why.trim().is_empty() {
                    return Err(Refusal::new("an override without a reason", "a reason"));
                }
                if let Some(missing) = sending.iter().find(|state| !signed_by(signers, state)) {
                    let what = format!("an override without the key of {missing}");
                    return Err(Refusal::new(what, "a key of each sending state"));
                }
            }
            (None, None) => {}
        }
        self.put(relieved);
        self.put(Some(posting));
        Ok(())
    }

    fn end(
        &mut self,
        name: &str,
        on: Date,
        signers: &[Signer],
        documents: &Documents,
    ) -> Result<(), Refusal> {
        let all = self.postings(documents);
        let mut ended = known(name, &all)?.clone();
        if !signed_by(signers, &ended.state) {
            let what = format!("not signed by an officer of {}", ended.state);
            return Err(Refusal::new(what, format!("a key of {}", ended.state)));
        }
        if on < ended.from {
            let what = format!("{name} would end on {on}, before it begins");
            return Err(Refusal::new(what, format!("{} or later", ended.from)));
        }
        if let Some(until) = ended.until.filter(|until| *until <= on) {
            let what = format!("{name} ends on {until} already");
            return Err(Refusal::new(
                what,
                "an earlier day; a longer stay is deployed anew",
            ));
        }
        ended.until = Some(on);
        self.put(Some(ended));
        Ok(())
    }

    fn put(&mut self, posting: Option<Posting>) {
        let Some(posting) = posting else { return };
        self.postings.retain(|p| p.deployment != posting.deployment);
        self.postings.push(posting);
    }

    /// Strength against ceilings on a day, by authorisation and category, in order.
    #[must_use]
    pub fn on(&self, day: Date, documents: &Documents) -> Vec<Row> {
        self.rows(documents, |_| day)
    }

    /// The same at an instant: the day on which it falls by each authorisation's own offset.
    #[must_use]
    pub fn at(&self, at: Observed, documents: &Documents) -> Vec<Row> {
        self.rows(documents, |authorisation| authorisation.offset.date_of(at))
    }

    fn rows(&self, documents: &Documents, day_of: impl Fn(&Authorisation) -> Date) -> Vec<Row> {
        let all = self.postings(documents);
        let mut rows = Vec::new();
        for authorisation in documents.authorisations() {
            let day = day_of(authorisation);
            let under: Vec<_> = all
                .iter()
                .filter(|p| p.authorisation == authorisation.id && p.is_on(day))
                .collect();
            let in_force = authorisation.holds_on(day);
            if !in_force && under.is_empty() {
                continue;
            }
            let mut categories: BTreeSet<&str> =
                authorisation.ceilings.keys().map(String::as_str).collect();
            categories.extend(under.iter().map(|p| p.category.as_str()));
            for category in categories {
                let counted: Vec<_> = under.iter().filter(|p| p.category == category).collect();
                rows.push(Row {
                    day,
                    state: authorisation.state.clone(),
                    authorisation: authorisation.id.clone(),
                    in_force,
                    category: category.to_owned(),
                    strength: counted.iter().map(|p| u64::from(p.count)).sum(),
                    ceiling: if in_force {
                        authorisation.ceiling(category)
                    } else {
                        0
                    },
                    overridden: counted.iter().any(|p| p.override_why.is_some()),
                });
            }
        }
        rows.sort_by(|a, b| (&a.state, &a.authorisation).cmp(&(&b.state, &b.authorisation)));
        rows
    }
}

/// What the documents say is deployed. A block of several categories is one deployment of each.
fn written(documents: &Documents) -> impl Iterator<Item = Posting> + '_ {
    let state_of = |id: &str| {
        let mut all = documents.authorisations();
        all.find(|a| a.id == id).map(|a| a.state.clone())
    };
    documents.deployments.iter().flat_map(move |d| {
        let (from, until) = d.days();
        let (state, from) = (state_of(&d.authorisation), from);
        d.counts.iter().filter_map(move |(category, count)| {
            let from = from?;
            Some(Posting {
                deployment: format!("{}/{}/{from}/{category}", d.authorisation, d.site),
                state: state.clone()?,
                authorisation: d.authorisation.clone(),
                category: category.clone(),
                count: *count,
                site: d.site.clone(),
                from,
                until,
                override_why: None,
            })
        })
    })
}

fn posting(deploy: &Deploy) -> Posting {
    Posting {
        deployment: deploy.deployment.clone(),
        state: deploy.state.clone(),
        authorisation: deploy.authorisation.clone(),
        category: deploy.category.clone(),
        count: deploy.count,
        site: deploy.site.clone(),
        from: deploy.from,
        until: deploy.until,
        override_why: deploy.override_why.clone(),
    }
}

fn authorisation<'a>(documents: &'a Documents, id: &str) -> Result<&'a Authorisation, Refusal> {
    let mut all = documents.authorisations();
    all.find(|a| a.id == id).ok_or_else(|| {
        let known: Vec<_> = documents.authorisations().map(|a| a.id.as_str()).collect();
        let what = format!("no authorisation {id:?}");
        Refusal::new(what, format!("one of {}", known.join(", ")))
    })
}

fn known<'a>(name: &str, all: &'a [Posting]) -> Result<&'a Posting, Refusal> {
    all.iter().find(|p| p.deployment == name).ok_or_else(|| {
        let some: Vec<_> = all.iter().take(20).map(|p| p.deployment.as_str()).collect();
        let what = format!("no deployment {name:?}");
        Refusal::new(what, format!("one of {}", some.join(", ")))
    })
}

/// What no override can mend: a deployment that contradicts itself.
fn whole(deploy: &Deploy, authorisation: &Authorisation, all: &[Posting]) -> Result<(), Refusal> {
    let name = &deploy.deployment;
    if name.trim().is_empty() || name.len() > 128 {
        return Err(Refusal::new(
            format!("a deployment called {name:?}"),
            "a name of 1 to 128 bytes",
        ));
    }
    if all.iter().any(|p| p.deployment == *name) {
        let what = format!("a second deployment {name:?}");
        return Err(Refusal::new(what, "another name"));
    }
    if deploy.state != authorisation.state {
        let what = format!("{} under {:?}", deploy.state, authorisation.id);
        let expected = format!("{}, whose authorisation it is", authorisation.state);
        return Err(Refusal::new(what, expected));
    }
    if deploy.count == 0 {
        return Err(Refusal::new(
            "nobody and nothing deployed",
            "a count above zero",
        ));
    }
    match deploy.until {
        Some(until) if until < deploy.from => {
            let what = format!("until {until}, before it begins");
            Err(Refusal::new(what, format!("{} or later", deploy.from)))
        }
        _ => Ok(()),
    }
}

/// The relieved deployment with its earlier end.
fn relieve(name: &str, deploy: &Deploy, all: &[Posting]) -> Result<Posting, Refusal> {
    let mut relieved = known(name, all)?.clone();
    if relieved.state != deploy.state || relieved.category != deploy.category {
        let what = format!("{name} is of {}: {}", relieved.state, relieved.category);
        let expected = format!("one of {}: {}", deploy.state, deploy.category);
        return Err(Refusal::new(what, expected));
    }
    let last = deploy
        .from
        .yesterday()
        .ok()
        .filter(|last| *last >= relieved.from);
    let Some(last) = last else {
        let what = format!("{name} begins on {}, after its relief", relieved.from);
        return Err(Refusal::new(
            what,
            format!("a relief after {}", relieved.from),
        ));
    };
    relieved.until = Some(relieved.until.map_or(last, |until| until.min(last)));
    Ok(relieved)
}

/// What is beyond the authorisation, on the first day on which it is.
fn excess(posting: &Posting, authorisation: &Authorisation, all: &[Posting]) -> Option<Refusal> {
    if !authorisation.sites.contains(&posting.site) {
        let what = format!("site {:?}", posting.site);
        let expected = format!("one of {}", authorisation.sites.join(", "));
        return Some(Refusal::new(what, expected));
    }
    let id = &authorisation.id;
    if posting.from < authorisation.cycle.starts {
        let what = format!("from {}", posting.from);
        let expected = format!(
            "{} or later, when {id:?} begins",
            authorisation.cycle.starts
        );
        return Some(Refusal::new(what, expected));
    }
    if let Some(ends) = authorisation.ends() {
        let last = ends.yesterday().unwrap_or(ends);
        let until = posting.until;
        if until.is_none_or(|until| until > last) || posting.from > last {
            let what = match until {
                Some(until) => format!("from {} until {until}", posting.from),
                None => format!("from {} without an end", posting.from),
            };
            return Some(Refusal::new(
                what,
                format!("at most until {last}, the last day of {id:?}"),
            ));
        }
    }
    let ceiling = authorisation.ceiling(&posting.category);
    let of_kind = |p: &&Posting| p.authorisation == *id && p.category == posting.category;
    let same: Vec<_> = all.iter().filter(of_kind).collect();
    // Strength rises only on a first day.
    let mut days: BTreeMap<Date, u64> = BTreeMap::new();
    let starts = same.iter().map(|p| p.from).chain([posting.from]);
    for day in starts.filter(|day| posting.is_on(*day)) {
        let others = same.iter().filter(|p| p.is_on(day));
        let total = u64::from(posting.count) + others.map(|p| u64::from(p.count)).sum::<u64>();
        days.insert(day, total);
    }
    let (day, total) = days
        .into_iter()
        .find(|(_, total)| *total > u64::from(ceiling))?;
    let what = format!("{total} {} on {day}", posting.category);
    Some(Refusal::new(
        what,
        format!("at most {ceiling} under {id:?}"),
    ))
}
