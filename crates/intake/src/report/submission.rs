//! One filled form, looked at before it is taken in.

use truceline_domain::{Observation, SourceId};

use super::field::{Field, is_nothing};
use super::frame::{Grammar as _, XmlDocument};
use super::{row, xform};

/// A filled form: what it tells, and the files that must come with it.
#[derive(Debug, Clone, PartialEq)]
pub struct Submission {
    /// The form that its root names.
    pub form: Option<String>,
    /// Its report; its id is that of the submission (`meta/instanceID`).
    pub observation: Observation,
    /// The files that its answers name.
    pub files: Vec<Named>,
}

/// A file that an answer names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The question, e.g. `photo`.
    pub question: String,
    /// The file's name on the device.
    pub name: String,
}

impl Submission {
    /// Reads a submission; `source` observes when its answers name nobody.
    ///
    /// # Errors
    /// When it is too large, not well formed, declares a document type, has a script in it, tells nothing of
    /// an event, or has no `instanceID`: what and where.
    pub fn read(bytes: &[u8], source: &SourceId) -> Result<Self, String> {
        if bytes.len() > XmlDocument::LIMIT_BYTES {
            return Err(format!(
                "{} bytes, at most {} are taken",
                bytes.len(),
                XmlDocument::LIMIT_BYTES
            ));
        }
        let text = std::str::from_utf8(bytes).map_err(|e| format!("not UTF-8: {e}"))?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let (fields, form) = xform::read(text).map_err(|refusal| refusal.message)?;
        if fields.get(Field::Id).is_none() {
            return Err("no instanceID: the same submission could not be told again".to_owned());
        }
        if fields.telling() == 0 {
            return Err("it tells nothing of an event".to_owned());
        }
        let observation = row::observation(&fields, source, None).map_err(|r| r.message)?;
        let named = fields.pairs().iter().filter(|(name, value)| {
            Field::of(name) == Some(Field::Attachment) && !is_nothing(value)
        });
        let files = named.map(|(question, name)| Named {
            question: question.clone(),
            name: name.clone(),
        });
        Ok(Self {
            form,
            observation,
            files: files.collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILLED: &str = "<data id=\"f\"><observer>P1</observer><observed>2021-03-14T10:00:00+04:00</observed>\
        <means>heard</means><phenomenon>explosion</phenomenon><photo>a b.jpg</photo><audio/>\
        <meta><instanceID>uuid:1</instanceID></meta></data>";

    fn read(text: &str) -> Result<Submission, String> {
        Submission::read(text.as_bytes(), &SourceId::new("device").unwrap())
    }

    #[test]
    fn it_names_its_form_its_report_and_its_files() {
        let read = read(FILLED).unwrap();
        assert_eq!(read.form.as_deref(), Some("f"));
        assert_eq!(read.observation.id.as_str(), "uuid:1");
        assert_eq!(read.observation.source.as_str(), "P1");
        let files: Vec<_> = read
            .files
            .iter()
            .map(|f| (&*f.question, &*f.name))
            .collect();
        assert_eq!(files, [("photo", "a b.jpg")]);
    }

    #[test]
    fn what_is_no_submission_is_refused_with_its_reason() {
        for (text, why) in [
            (FILLED.replace("uuid:1", ""), "instanceID"),
            (format!("<!DOCTYPE x>{FILLED}"), "document type"),
            (FILLED.replace("<audio/>", "<script>1</script>"), "script"),
            (
                FILLED.replace("<audio/>", "<audio onload=\"x\"/>"),
                "script",
            ),
            (FILLED.replace("</data>", ""), "end is missing"),
            ("{}".to_owned(), ""),
            (" ".repeat(2 << 20), "at most"),
        ] {
            let refused = read(&text).unwrap_err();
            assert!(refused.contains(why), "{refused}");
        }
    }
}
