//! Documents that people sign and the program obeys: agreement, procedures, mandate, theatre.
//!
//! Pure: no disk, no clock, no network. Files come in as names with their bytes, instants as
//! arguments; out come typed documents, the versions in force at an instant, and an event held
//! against the clauses in force at its time. The form of the documents is specified in
//! `docs/documents.md`.
//!
//! ```
//! use truceline_agreement::{Documents, File};
//!
//! let text = r#"
//! ~~~agreement
//! id = "truce"
//! theatre = "valley"
//! title = "A truce"
//! signed = 2020-01-01
//! timezone = "+03:00"
//! from = 2020-01-02T00:00:00+03:00
//! parties = [ { id = "north", name = "North" }, { id = "south", name = "South" } ]
//! ~~~
//! ~~~clause
//! id = "1"
//! kind = "ceasefire"
//! summary = "Nobody fires."
//! bound = ["north", "south"]
//! violated_if = 'event.class == "firing"'
//! ~~~
//! "#;
//! let documents = Documents::parse(&[File::new("agreement.md", text.as_bytes())])?;
//! let at = "2020-01-01T21:00:00Z".parse()?;
//! let clauses = documents.agreements_at(at)[0].clauses_at(at).count();
//! assert_eq!(clauses, 1);
//!
//! // A misspelt word is refused where it stands.
//! let wrong = text.replace("firing", "fireing");
//! let faults = Documents::parse(&[File::new("agreement.md", wrong.as_bytes())]).unwrap_err();
//! assert!(faults.to_string().starts_with("agreement.md:16:31: error: violated_if: \"fireing\""), "{faults}");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod assess;
mod check;
pub mod document;
pub mod expression;
pub mod fault;
pub mod theatre;
pub mod when;

pub use assess::NO_LINE_M;
pub use check::check;
pub use document::Documents;
pub use fault::{Fault, Faults, Severity};
pub use theatre::{Geometry, Theatre};

/// One file as it came: its name, for errors and hashes, and its bytes.
#[derive(Debug, Clone, Copy)]
pub struct File<'a> {
    /// Path or name; errors cite it as it is, hashes use its last component.
    pub name: &'a str,
    /// The bytes.
    pub bytes: &'a [u8],
}

impl<'a> File<'a> {
    /// A file from its name and bytes.
    #[must_use]
    pub const fn new(name: &'a str, bytes: &'a [u8]) -> Self {
        Self { name, bytes }
    }

    /// The name without the folders before it.
    #[must_use]
    pub fn base_name(&self) -> &'a str {
        self.name.rsplit(['/', '\\']).next().unwrap_or(self.name)
    }

    /// Whether it is a GeoTIFF by its name: the theatre's terrain.
    #[must_use]
    pub fn is_terrain(&self) -> bool {
        matches!(self.name.rsplit_once('.'), Some((_, "tif" | "tiff")))
    }

    /// Its text.
    ///
    /// # Errors
    /// A fault when it is larger than `max_bytes` or not UTF-8, naming the line of the first bad
    /// byte.
    pub fn text(&self, max_bytes: usize) -> Result<&'a str, Fault> {
        if self.bytes.len() > max_bytes {
            return Err(Fault::error(
                self.name,
                1,
                format!("{} bytes", self.bytes.len()),
                format!("at most {max_bytes} bytes"),
            ));
        }
        std::str::from_utf8(self.bytes).map_err(|e| {
            let good = self.bytes.get(..e.valid_up_to()).unwrap_or_default();
            let line = 1 + good.iter().filter(|b| **b == b'\n').count();
            Fault::error(
                self.name,
                line,
                format!("bytes that are not text (at byte {})", e.valid_up_to()),
                "UTF-8",
            )
        })
    }
}
