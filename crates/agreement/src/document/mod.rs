//! The documents of a theatre: agreements, memoranda, procedures, mandates, and the geometry they
//! name. Markdown for people, with typed fenced blocks that the program obeys.

mod agreement;
mod blocks;
mod clause;
mod fields;
mod mandate;
mod procedures;
mod term;

pub use agreement::{Agreement, AgreementKind, Amendment, Denunciation, Signatory};
pub use clause::{COVERAGE_KINDS, Ceiling, Clause, CoverageRule, Terms};
pub use fields::Place;
pub use mandate::{Authorisation, Counts, Deployment, WEAPON};
pub use procedures::{
    Approval, Mobility, Procedures, Quorum, Recipient, ReportRule, Retention, Role, Sector,
};
pub use term::{Cycle, Notice, Period, Term};

use truceline_domain::{Observed, PartyId, Sha256, TheatreId};

use crate::theatre::Detail;
use crate::{Fault, Faults, File, Theatre};
use blocks::Block;

/// Largest document, bytes.
const MAX_DOCUMENT_BYTES: usize = 4 << 20;

/// All documents of a theatre, in all their versions.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Documents {
    /// Agreements and memoranda.
    pub agreements: Vec<Agreement>,
    /// Procedures.
    pub procedures: Vec<Procedures>,
    /// Authorisations of the sending states.
    pub authorisations: Vec<Authorisation>,
    /// Deployments against them.
    pub deployments: Vec<Deployment>,
    /// The geometry, when there were GeoJSON files.
    pub theatre: Option<Theatre>,
    /// Each document's name without folders, and the SHA-256 of its bytes, in order of names.
    pub files: Vec<(String, Sha256)>,
}

impl Documents {
    /// Reads Markdown and GeoJSON files and checks them, alone and against each other. Gives what
    /// could be read, and all faults, errors and notes, in order of file and line.
    #[must_use]
    pub fn read(files: &[File<'_>]) -> (Self, Vec<Fault>) {
        let mut documents = Self::default();
        let mut faults = Vec::new();
        let mut sorted: Vec<_> = files.to_vec();
        sorted.sort_by_key(|f| (f.base_name(), f.name));
        let (mut texts, mut maps) = (Vec::new(), Vec::new());
        for file in sorted {
            match file.name.rsplit_once('.').map(|(_, end)| end) {
                Some("md") => texts.push(file),
                Some("geojson" | "tif" | "tiff") => maps.push(file),
                _ => faults.push(Fault::error(
                    file.name,
                    1,
                    "a file of another kind",
                    ".md, .geojson or .tif",
                )),
            }
        }
        for file in &texts {
            documents
                .files
                .push((file.base_name().to_owned(), Sha256::of(file.bytes)));
            documents.text(file, &mut faults);
        }
        documents.drop_repeated();
        if !maps.is_empty() {
            let lone = texts.is_empty() && maps.len() == 1;
            let detail = if lone {
                Detail::Scenario
            } else {
                Detail::Theatre
            };
            let id = documents
                .theatre_id()
                .or_else(|| crate::theatre::named(maps.first()?))
                .or_else(|| TheatreId::new("theatre").ok());
            if let Some(id) = id {
                let (theatre, mut found) = Theatre::read(&id, &maps, detail);
                documents.theatre = theatre;
                faults.append(&mut found);
            }
        }
        crate::check::cross(&documents, !maps.is_empty(), &mut faults);
        faults.sort();
        faults.dedup();
        (documents, faults)
    }

    /// Reads the files.
    ///
    /// # Errors
    /// All faults, when one of them is an error.
    pub fn parse(files: &[File<'_>]) -> Result<Self, Faults> {
        let (documents, faults) = Self::read(files);
        if faults.iter().any(Fault::is_error) {
            Err(Faults(faults))
        } else {
            Ok(documents)
        }
    }

    /// A mandate that is amended is entered whole: what it repeats word for word counts once.
    fn drop_repeated(&mut self) {
        let mut authorisations: Vec<Authorisation> = Vec::new();
        for a in std::mem::take(&mut self.authorisations) {
            let repeated = |b: &Authorisation| a.sha256 != b.sha256 && a.says_what(b);
            if !authorisations.iter().any(repeated) {
                authorisations.push(a);
            }
        }
        self.authorisations = authorisations;
        let mut deployments: Vec<Deployment> = Vec::new();
        for d in std::mem::take(&mut self.deployments) {
            let repeated = |e: &Deployment| d.sha256 != e.sha256 && d.says_what(e);
            if !deployments.iter().any(repeated) {
                deployments.push(d);
            }
        }
        self.deployments = deployments;
    }

    fn theatre_id(&self) -> Option<TheatreId> {
        let agreements = self.agreements.iter().map(|a| &a.theatre);
        let procedures = self.procedures.iter().map(|p| &p.theatre);
        agreements.chain(procedures).next().cloned()
    }

    fn text(&mut self, file: &File<'_>, faults: &mut Vec<Fault>) {
        let text = match file.text(MAX_DOCUMENT_BYTES) {
            Ok(text) => text,
            Err(fault) => return faults.push(fault),
        };
        let (blocks, whole) = blocks::blocks(text);
        if !whole {
            faults.push(Fault::error(file.name, 1, "more blocks", "at most 5000"));
        }
        let approval = blocks.iter().find(|b| b.kind == "approval");
        let before = approval.map_or(text.len(), |b| b.start);
        let mut reader = TextReader {
            file: file.name,
            sha256: Sha256::of(file.bytes),
            text_sha256: Sha256::of(text.get(..before).unwrap_or(text).as_bytes()),
            header: Header::None,
            faults,
        };
        for block in &blocks {
            reader.block(block, self);
        }
        match reader.header {
            Header::Agreement(agreement) => self.agreements.push(*agreement),
            Header::Procedures(procedures) => self.procedures.push(*procedures),
            Header::None | Header::Faulty => {}
        }
    }

    /// The agreements and memoranda in force at an instant: of each, the latest version that has
    /// begun.
    #[must_use]
    pub fn agreements_at(&self, at: Observed) -> Vec<&Agreement> {
        let superseded = |a: &Agreement| {
            self.agreements.iter().any(|b| {
                (b.kind, &b.id) == (a.kind, &a.id) && b.version > a.version && b.from <= at
            })
        };
        self.agreements
            .iter()
            .filter(|a| a.holds_at(at) && !superseded(a))
            .collect()
    }

    /// The procedures in force at an instant: of the approved versions that have begun, the latest.
    #[must_use]
    pub fn procedures_at(&self, at: Observed) -> Option<&Procedures> {
        let begun = |p: &&Procedures| p.in_force_from().is_some_and(|from| from <= at);
        let latest = self
            .procedures
            .iter()
            .filter(begun)
            .max_by_key(|p| p.version)?;
        latest.holds_at(at).then_some(latest)
    }

    /// The authorisations, of each its latest version.
    pub fn authorisations(&self) -> impl Iterator<Item = &Authorisation> {
        let later = |a: &Authorisation, b: &Authorisation| b.id == a.id && b.version > a.version;
        self.authorisations
            .iter()
            .filter(move |a| !self.authorisations.iter().any(|b| later(a, b)))
    }

    /// A sending state's authorisations in force at an instant.
    pub fn authorisations_at<'a>(
        &'a self,
        state: &'a PartyId,
        at: Observed,
    ) -> impl Iterator<Item = &'a Authorisation> + 'a {
        self.authorisations()
            .filter(move |a| a.state == *state && a.valid.holds_at(at))
    }

    /// The parties of the agreements (not of the memoranda) in force at an instant.
    #[must_use]
    pub fn parties_at(&self, at: Observed) -> Vec<&Signatory> {
        let mut parties: Vec<_> = self
            .agreements_at(at)
            .into_iter()
            .filter(|a| a.kind == AgreementKind::Agreement)
            .flat_map(|a| &a.parties)
            .collect();
        parties.sort_by(|a, b| a.id.cmp(&b.id));
        parties.dedup_by(|a, b| a.id == b.id);
        parties
    }
}

enum Header {
    None,
    /// One was there but could not be read: the blocks after it are still checked.
    Faulty,
    Agreement(Box<Agreement>),
    Procedures(Box<Procedures>),
}

struct TextReader<'a> {
    file: &'a str,
    sha256: Sha256,
    text_sha256: Sha256,
    header: Header,
    faults: &'a mut Vec<Fault>,
}

impl TextReader<'_> {
    fn block(&mut self, block: &Block, documents: &mut Documents) {
        let (file, sha256, text_sha256) = (self.file, self.sha256, self.text_sha256);
        match block.kind.as_str() {
            "agreement" | "memorandum" => {
                let kind = match block.kind.as_str() {
                    "agreement" => AgreementKind::Agreement,
                    _ => AgreementKind::Memorandum,
                };
                let read = fields::read(file, block, self.faults, |f| {
                    agreement::header(f, kind, sha256)
                });
                self.open(block, read.map(|a| Header::Agreement(Box::new(a))));
            }
            "procedures" => {
                let read = fields::read(file, block, self.faults, |f| {
                    procedures::header(f, sha256, text_sha256)
                });
                self.open(block, read.map(|p| Header::Procedures(Box::new(p))));
            }
            "clause" | "amendment" | "denunciation" => self.of_agreement(block),
            "approval" => self.approval(block),
            "authorisation" => {
                documents
                    .authorisations
                    .extend(fields::read(file, block, self.faults, |f| {
                        mandate::authorisation(f, sha256)
                    }))
            }
            "deployment" => {
                documents
                    .deployments
                    .extend(fields::read(file, block, self.faults, |f| {
                        mandate::deployment(f, sha256)
                    }))
            }
            "" | "text" => {}
            other => self.fault(
                block,
                format!("a block called {other:?}"),
                "agreement, memorandum, clause, amendment, denunciation, procedures, approval, \
                 authorisation, deployment, or text for one without meaning",
            ),
        }
    }

    fn fault(&mut self, block: &Block, what: impl Into<String>, expected: impl Into<String>) {
        self.faults
            .push(Fault::error(self.file, block.line, what, expected));
    }

    fn open(&mut self, block: &Block, header: Option<Header>) {
        if !matches!(self.header, Header::None) {
            let what = format!("a second header, {:?}", block.kind);
            return self.fault(
                block,
                what,
                "one agreement, memorandum or procedures per file",
            );
        }
        self.header = header.unwrap_or(Header::Faulty);
    }

    fn of_agreement(&mut self, block: &Block) {
        let (file, faults) = (self.file, &mut *self.faults);
        // After a header that could not be read UTC stands in for its zone, so that every other
        // fault of the block is still found.
        let (agreement, offset) = match &mut self.header {
            Header::Agreement(agreement) => {
                let offset = agreement.offset;
                (Some(agreement.as_mut()), offset)
            }
            Header::Faulty => (None, crate::when::Offset::UTC),
            Header::None | Header::Procedures(_) => {
                let what = format!("a block {:?} without its header", block.kind);
                return self.fault(
                    block,
                    what,
                    "an `agreement` or `memorandum` block before it",
                );
            }
        };
        match block.kind.as_str() {
            "clause" => {
                let read = fields::read(file, block, faults, |f| clause::read(f, offset));
                if let (Some(agreement), Some(clause)) = (agreement, read) {
                    agreement.clauses.push(clause);
                }
            }
            "amendment" => {
                let read = fields::read(file, block, faults, |f| agreement::amendment(f, offset));
                if let (Some(agreement), Some(amendment)) = (agreement, read) {
                    agreement.amendments.push(amendment);
                }
            }
            _ => {
                let read = fields::read(file, block, faults, agreement::denunciation);
                if let (Some(agreement), Some(denunciation)) = (agreement, read) {
                    agreement.denunciations.push(denunciation);
                }
            }
        }
    }

    fn approval(&mut self, block: &Block) {
        let read = fields::read(self.file, block, self.faults, procedures::approval);
        match &mut self.header {
            Header::Procedures(procedures) if procedures.approval.is_none() => {
                procedures.approval = read;
            }
            Header::Procedures(_) => self.fault(block, "a second approval", "one approval"),
            Header::Faulty => {}
            Header::None | Header::Agreement(_) => {
                self.fault(
                    block,
                    "an approval of nothing",
                    "a `procedures` block before it",
                );
            }
        }
    }
}
