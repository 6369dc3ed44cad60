//! Records of CSV as fields.

use super::Refusal;

/// The fields of one record, quotes resolved, outer white space taken off.
pub(crate) fn fields(record: &str, delimiter: u8) -> Result<Vec<String>, Refusal> {
    if !record.contains('"') {
        // Nothing to resolve; a reader of its own for each record would cost ten times the record.
        let fields = record.split(char::from(delimiter));
        return Ok(fields.map(|field| field.trim().to_owned()).collect());
    }
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .trim(csv::Trim::All)
        .buffer_capacity(record.len() + 1)
        .from_reader(record.as_bytes());
    let mut fields = csv::StringRecord::new();
    match reader.read_record(&mut fields) {
        Ok(true) => Ok(fields.iter().map(str::to_owned).collect()),
        Ok(false) => Ok(Vec::new()),
        Err(e) => Err(Refusal::malformed(format!("no record of CSV: {e}"))),
    }
}

/// A name as its letters and digits alone, in lower case, so that `Date, time`, `date_time` and
/// `DATE TIME` are one.
pub(crate) fn folded(name: &str) -> String {
    name.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}
