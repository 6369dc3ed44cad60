//! Findings by what they say, a page at a time: a centre of a year has more than anybody reads at once.

use rusqlite::ToSql;

use super::GeoPackage;
use super::read::{FINDINGS, finding};
use crate::{FindingRow, StoreError, TimeSpan};

/// Which findings; what is not given is any.
#[derive(Debug, Clone, Default)]
pub struct FindingFilter {
    /// The first word of a standing: `open`, `half-signed`, `determined`, `dissented`, `superseded`.
    pub standing: Option<String>,
    /// Whom the engine names, as text; `undetermined` for nobody.
    pub verdict: Option<String>,
    /// What happened, as text.
    pub kind: Option<String>,
    /// When the event happened.
    pub time: TimeSpan,
}

/// A part of a list: so many from such a place on.
#[derive(Debug, Clone, Copy)]
pub struct Part {
    /// How many are passed over.
    pub from: usize,
    /// At most so many.
    pub most: usize,
}

impl Part {
    /// All there are.
    pub const ALL: Self = Self {
        from: 0,
        most: usize::MAX,
    };
}

impl GeoPackage {
    /// The findings that a filter takes, the newest event first; of one instant the one put last.
    ///
    /// # Errors
    /// When SQLite cannot read or a row is not of this program.
    pub fn findings_of(
        &self,
        filter: &FindingFilter,
        part: Part,
    ) -> Result<Vec<FindingRow>, StoreError> {
        // Times are text of one width, so that they sort as instants do.
        let (from, until) = (
            filter.time.from.map(|at| at.to_string()),
            filter.time.until.map(|at| at.to_string()),
        );
        let number = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        let (most, passed) = (number(part.most), number(part.from));
        let mut values: Vec<&dyn ToSql> = Vec::new();
        let mut conditions: Vec<String> = Vec::new();
        if let Some(word) = &filter.standing {
            values.push(word);
            conditions.push("instr(standing || ' ', ?1 || ' ') = 1".to_owned());
        }
        for (column, test, value) in [
            ("verdict", "=", &filter.verdict),
            ("kind", "=", &filter.kind),
            ("time", ">=", &from),
            ("time", "<", &until),
        ] {
            if let Some(value) = value {
                values.push(value);
                conditions.push(format!("{column} {test} ?{}", values.len()));
            }
        }
        let mut sql = FINDINGS.to_owned();
        if !conditions.is_empty() {
            sql.push_str(&format!(" WHERE {}", conditions.join(" AND ")));
        }
        values.extend([&most as &dyn ToSql, &passed]);
        let n = values.len();
        sql.push_str(&format!(
            " ORDER BY time DESC, entry DESC LIMIT ?{} OFFSET ?{n}",
            n - 1
        ));
        self.rows(&sql, &values, finding)
    }
}
