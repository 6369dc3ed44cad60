//! How a device says who it is: Digest (RFC 7616), since ODK Collect sends its password in no other way
//! where there is no TLS; Basic (RFC 7617); or its token as a bearer.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use axum::http::{HeaderMap, Method, header};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use md5::{Digest as _, Md5};
use truceline_domain::Sha256;

use crate::http::Problem;

/// What devices show as the place that they log in to.
const REALM: &str = "truceline forms";
/// A nonce counts for so long, seconds. A submission that is sent again is recorded once, so nothing is won by
/// sending it again within that time.
const NONCE_LASTS_S: u64 = 600;

/// A device that may send, and its password.
#[derive(Debug, Clone)]
pub(super) struct Device {
    pub(super) id: String,
    pub(super) token: String,
}

/// The device that a request shows itself as.
pub(super) fn device<'a>(
    devices: &'a [Device],
    headers: &HeaderMap,
    method: &Method,
    path: &str,
    now_s: u64,
) -> Option<&'a Device> {
    let shown = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    if let Some(token) = shown.strip_prefix("Bearer ") {
        let shown = hash(token.trim());
        return devices.iter().find(|d| hash(&d.token) == shown);
    }
    if let Some(basic) = shown.strip_prefix("Basic ") {
        let basic = BASE64_STANDARD.decode(basic.trim()).ok()?;
        let basic = String::from_utf8(basic).ok()?;
        let (user, password) = basic.split_once(':')?;
        let shown = hash(password);
        return devices
            .iter()
            .find(|d| d.id == user && hash(&d.token) == shown);
    }
    let told = parameters(shown.strip_prefix("Digest ")?);
    let told = |name: &str| told.get(name).map(String::as_str);
    let device = devices
        .iter()
        .find(|d| Some(d.id.as_str()) == told("username"))?;
    let (nonce, uri) = (told("nonce")?, told("uri")?);
    let asked = uri.split(['?', '#']).next().unwrap_or_default();
    if told("realm") != Some(REALM) || !asked.ends_with(path) || !is_fresh(nonce, now_s) {
        return None;
    }
    let a1 = md5(&[&device.id, REALM, &device.token]);
    let a2 = md5(&[method.as_str(), uri]);
    let expected = match told("qop") {
        Some("auth") => md5(&[&a1, nonce, told("nc")?, told("cnonce")?, "auth", &a2]),
        None => md5(&[&a1, nonce, &a2]),
        Some(_) => return None,
    };
    // Hashes are compared, so that the time it takes tells nothing.
    (hash(&expected) == hash(told("response")?)).then_some(device)
}

/// What a request that shows nothing is asked for.
pub(super) fn challenges(now_s: u64) -> Result<[String; 2], Problem> {
    let nonce = nonce(now_s)?;
    Ok([
        format!("Digest realm=\"{REALM}\", qop=\"auth\", algorithm=MD5, nonce=\"{nonce}\""),
        format!("Basic realm=\"{REALM}\", charset=\"UTF-8\""),
    ])
}

fn hash(text: &str) -> Sha256 {
    Sha256::of(text.as_bytes())
}

fn md5(parts: &[&str]) -> String {
    let hashed = Md5::digest(parts.join(":").as_bytes());
    hashed.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The secret of this process, of which nonces are made: none is kept.
fn secret() -> Result<&'static str, Problem> {
    static SECRET: OnceLock<String> = OnceLock::new();
    if let Some(known) = SECRET.get() {
        return Ok(known);
    }
    let made = crate::serve::token()?;
    Ok(SECRET.get_or_init(|| made))
}

fn nonce(made_s: u64) -> Result<String, Problem> {
    let secret = secret()?;
    let seal = hash(&format!("{made_s}:{secret}")).short(32);
    Ok(format!("{made_s}-{seal}"))
}

fn is_fresh(shown: &str, now_s: u64) -> bool {
    let made_s = shown.split('-').next().and_then(|s| s.parse().ok());
    made_s.is_some_and(|made_s| {
        nonce(made_s).is_ok_and(|own| hash(&own) == hash(shown))
            && now_s.saturating_sub(made_s) <= NONCE_LASTS_S
    })
}

/// `name=value` and `name="value"`, separated by commas (RFC 9110 § 11.2).
fn parameters(text: &str) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    let mut rest = text.trim();
    while let Some((name, after)) = rest.split_once('=') {
        let (value, next) = match after.strip_prefix('"') {
            Some(quoted) => {
                let end = quoted.find('"').unwrap_or(quoted.len());
                let (value, next) = quoted.split_at(end);
                (value, next.strip_prefix('"').unwrap_or(next))
            }
            None => after.split_at(after.find(',').unwrap_or(after.len())),
        };
        all.insert(name.trim().to_ascii_lowercase(), value.trim().to_owned());
        rest = next.trim_start().trim_start_matches(',').trim_start();
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shows(value: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, value.parse().unwrap());
        headers
    }

    #[test]
    fn a_digest_counts_for_its_device_its_request_and_its_time() {
        let devices = [Device {
            id: "tablet-1".into(),
            token: "geheim".into(),
        }];
        let path = "/openrosa/submission";
        let nonce = nonce(1000).unwrap();
        let digest = |user: &str, password: &str, method: &str, uri: &str| {
            let a1 = md5(&[user, REALM, password]);
            let a2 = md5(&[method, uri]);
            let response = md5(&[&a1, &nonce, "00000001", "xyz", "auth", &a2]);
            shows(&format!(
                "Digest username=\"{user}\", realm=\"{REALM}\", nonce=\"{nonce}\", uri=\"{uri}\", \
                 qop=auth, nc=00000001, cnonce=\"xyz\", response=\"{response}\", algorithm=MD5"
            ))
        };
        let is = |headers: &HeaderMap, now_s| {
            device(&devices, headers, &Method::POST, path, now_s).is_some()
        };
        let right = digest("tablet-1", "geheim", "POST", path);
        assert!(is(&right, 1000) && is(&right, 1600));
        assert!(!is(&right, 1601), "too old");
        for wrong in [
            digest("tablet-2", "geheim", "POST", path),
            digest("tablet-1", "x", "POST", path),
            digest("tablet-1", "geheim", "HEAD", path),
            digest("tablet-1", "geheim", "POST", "/openrosa/formList"),
            shows("Digest"),
            shows("Digest username=tablet-1, response=\""),
            shows("Basic !"),
        ] {
            assert!(!is(&wrong, 1000), "{wrong:?}");
        }
        let basic = BASE64_STANDARD.encode("tablet-1:geheim");
        assert!(is(&shows(&format!("Basic {basic}")), 1000));
        assert!(is(&shows("Bearer geheim"), 1000));
        assert!(!is(&shows("Bearer "), 1000));
    }
}
