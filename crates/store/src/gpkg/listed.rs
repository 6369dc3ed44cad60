//! Findings by what they say, a page at a time: a centre of a year has more than anybody reads at once.

use std::collections::BTreeMap;

use rusqlite::ToSql;
use truceline_domain::FindingId;

use super::GeoPackage;
use super::read::{FINDINGS, SIGNATURES, count, finding, signature, text, word};
use crate::{FindingRow, SignatureRow, StoreError, TimeSpan};

/// Which findings; what is not given is any.
#[derive(Debug, Clone, Default)]
pub struct FindingFilter {
    /// How they stand, by first words as [`has_first_word`] takes them; none is any.
    pub standings: Vec<String>,
    /// Whom the engine names, as text; `undetermined` for nobody.
    pub verdict: Option<String>,
    /// What happened, as text.
    pub kind: Option<String>,
    /// When the event happened.
    pub time: TimeSpan,
    /// When it was put, by the log's clock.
    pub recorded: TimeSpan,
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

/// The condition that the first word of a column is one of so many values, the first of them numbered `first`:
/// `open`, `half-signed`, `determined`, `dissented`, `superseded` of a standing.
pub(super) fn has_first_word(column: &str, first: usize, count: usize) -> String {
    let is = |n| format!("instr({column} || ' ', ?{n} || ' ') = 1");
    let any: Vec<String> = (first..first + count).map(is).collect();
    format!("({})", any.join(" OR "))
}

/// The ends of a span as columns have them: times are text of one width, so that they sort as instants do.
fn ends(span: TimeSpan) -> [Option<String>; 2] {
    [span.from, span.until].map(|at| at.map(|at| at.to_string()))
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
        let ([from, until], [put_from, put_until]) = (ends(filter.time), ends(filter.recorded));
        let number = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        let (most, passed) = (number(part.most), number(part.from));
        let mut values: Vec<&dyn ToSql> = Vec::new();
        let mut conditions: Vec<String> = Vec::new();
        if !filter.standings.is_empty() {
            conditions.push(has_first_word("standing", 1, filter.standings.len()));
            values.extend(filter.standings.iter().map(|word| word as &dyn ToSql));
        }
        for (column, test, value) in [
            ("verdict", "=", &filter.verdict),
            ("kind", "=", &filter.kind),
            ("time", ">=", &from),
            ("time", "<", &until),
            ("recorded", ">=", &put_from),
            ("recorded", "<", &put_until),
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

    /// How many findings stand how, by the first word of that.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn standings(&self) -> Result<BTreeMap<String, u64>, StoreError> {
        let sql = "SELECT substr(standing, 1, instr(standing || ' ', ' ') - 1) AS word, count(*) AS n \
                   FROM findings GROUP BY word";
        let rows = self.rows(sql, &[], |row| Ok((text(row, "word")?, count(row, "n")?)))?;
        Ok(rows.into_iter().collect())
    }

    /// The ids of all findings, in the order in which they were put.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn finding_ids(&self) -> Result<Vec<FindingId>, StoreError> {
        self.rows("SELECT id FROM findings ORDER BY fid", &[], |row| {
            word(row, "id")
        })
    }

    /// What officers decided in a span of the log's clock, in the record's order.
    ///
    /// # Errors
    /// When SQLite cannot read or a row is not of this program.
    pub fn signatures_between(&self, span: TimeSpan) -> Result<Vec<SignatureRow>, StoreError> {
        let [from, until] = ends(span);
        let sql = format!(
            "{SIGNATURES} WHERE (?1 IS NULL OR recorded >= ?1) AND (?2 IS NULL OR recorded < ?2) ORDER BY fid"
        );
        self.rows(&sql, &[&from, &until], signature)
    }
}
