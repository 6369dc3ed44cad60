//! What stands in entries once more as files of its own: public tools take files.

use super::number;
use crate::entry::Entry;
use crate::people::{PASSKEY, PasskeyBody};
use crate::signature::{SIGNATURE, SignatureBody};

/// The files of an entry and their bytes; none when the body is malformed, which is told elsewhere.
pub(super) fn loose_files(origin: &str, index: u64, entry: &Entry) -> Vec<(String, Vec<u8>)> {
    let number = number(index);
    match entry.kind.as_str() {
        PASSKEY => {
            let pem = |body: PasskeyBody| {
                (
                    format!("passkeys/{number}.pem"),
                    body.public_key.to_pem().into_bytes(),
                )
            };
            entry.body_as().ok().map(pem).into_iter().collect()
        }
        SIGNATURE => {
            let Ok(body) = entry.body_as::<SignatureBody>() else {
                return Vec::new();
            };
            let file =
                |ending: &str, bytes: Vec<u8>| (format!("signatures/{number}.{ending}"), bytes);
            let Some(parts) = body
                .assertion
                .as_ref()
                .and_then(|assertion| assertion.parts().ok())
            else {
                return vec![file("note", body.note.into_bytes())];
            };
            let text = body
                .text(origin)
                .map(|text| text.to_string())
                .unwrap_or_default();
            vec![
                file("text", text.into_bytes()),
                file("authenticator-data", parts.authenticator_data),
                file("client-data.json", parts.client_data),
                file("signature", parts.signature),
            ]
        }
        _ => Vec::new(),
    }
}
