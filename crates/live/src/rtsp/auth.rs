//! Basic and digest authentication (RFC 2617; RTSP: RFC 2326, 17 and RFC 2069's form without `qop`),
//! for the player's server and for publishing.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};

/// Who may, or who wants to.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Who {
    pub(crate) user: String,
    pub(crate) password: String,
}

fn md5(text: &str) -> String {
    Md5::digest(text.as_bytes())
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect()
}

impl Who {
    /// The answer to a challenge: `MD5(MD5(user:realm:password):nonce:MD5(method:uri))`.
    fn digest(&self, realm: &str, nonce: &str, method: &str, uri: &str) -> String {
        let secret = md5(&format!("{}:{realm}:{}", self.user, self.password));
        md5(&format!(
            "{secret}:{nonce}:{}",
            md5(&format!("{method}:{uri}"))
        ))
    }

    /// The value of `Authorization` for one of the challenges of a response.
    pub(crate) fn answer<'a>(
        &self,
        challenges: impl Iterator<Item = &'a str>,
        method: &str,
        uri: &str,
    ) -> Option<String> {
        let mut basic = None;
        for challenge in challenges {
            if starts_with_word(challenge, "digest") {
                let realm = parameter(challenge, "realm")?;
                let nonce = parameter(challenge, "nonce")?;
                let response = self.digest(realm, nonce, method, uri);
                return Some(format!(
                    "Digest username=\"{}\", realm=\"{realm}\", nonce=\"{nonce}\", uri=\"{uri}\", \
                     response=\"{response}\"",
                    self.user
                ));
            }
            if starts_with_word(challenge, "basic") {
                let pair = STANDARD.encode(format!("{}:{}", self.user, self.password));
                basic = Some(format!("Basic {pair}"));
            }
        }
        basic
    }

    /// Whether a request's `Authorization` is right for a nonce that was given.
    pub(crate) fn admits(
        &self,
        authorization: &str,
        nonce: &str,
        realm: &str,
        method: &str,
    ) -> bool {
        let (Some(uri), Some(response)) = (
            parameter(authorization, "uri"),
            parameter(authorization, "response"),
        ) else {
            return false;
        };
        starts_with_word(authorization, "digest")
            && parameter(authorization, "username") == Some(&self.user)
            && parameter(authorization, "nonce") == Some(nonce)
            && response == self.digest(realm, nonce, method, uri)
    }
}

fn starts_with_word(text: &str, word: &str) -> bool {
    text.get(..word.len())
        .is_some_and(|w| w.eq_ignore_ascii_case(word))
}

/// The value of `name="…"`.
fn parameter<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(' ')?;
    rest.split(',').find_map(|pair| {
        let (key, value) = pair.trim().split_once('=')?;
        key.eq_ignore_ascii_case(name)
            .then(|| value.trim_matches('"'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_that_of_the_standard_and_admits() {
        // RFC 2069, 2.4, with the response corrected by its errata.
        let who = Who {
            user: "Mufasa".into(),
            password: "CircleOfLife".into(),
        };
        let challenge =
            "Digest realm=\"testrealm@host.com\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\"";
        let answer = who
            .answer([challenge].into_iter(), "GET", "/dir/index.html")
            .unwrap();
        assert!(
            answer.contains("response=\"1949323746fe6a43ef61f9606e7febea\""),
            "{answer}"
        );
        let nonce = "dcd98b7102dd2f0e8b11d0f600bfb0c093";
        assert!(who.admits(&answer, nonce, "testrealm@host.com", "GET"));
        assert!(!who.admits(&answer, "other", "testrealm@host.com", "GET"));
        let other = Who {
            password: "x".into(),
            ..who
        };
        assert!(!other.admits(&answer, nonce, "testrealm@host.com", "GET"));
        assert_eq!(
            other
                .answer(["Basic realm=\"x\""].into_iter(), "GET", "/")
                .unwrap(),
            "Basic TXVmYXNhOng="
        );
    }
}
