//! RFC 8785 (JSON Canonicalization Scheme): one value, one sequence of bytes.
//!
//! The kept crates (`serde_json_canonicalizer`, `serde_jcs`) give the same bytes; a test holds this
//! module to the first of them. They take 6 µs for an entry of 400 bytes (2026-11, sorting keys
//! that were serialized and parsed again); a million entries are to be verified in seconds, and
//! that step alone would take most of them. Numbers are theirs: `ryu-js` is ECMAScript's algorithm.

use serde_json::{Number, Value};

/// Deeper values are refused: `serde_json` would not read them back either.
const MAX_DEPTH: usize = 100;

/// A value that has no canonical form that comes back as it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CanonicalError {
    /// RFC 8785 writes numbers as IEEE 754 doubles (I-JSON, RFC 7493 §2.2).
    #[error("the integer {0} is no IEEE 754 double, write it as text")]
    Integer(String),
    /// Nested too deeply.
    #[error("nested deeper than {MAX_DEPTH} levels")]
    Depth,
}

/// Appends the canonical form of `value`.
///
/// # Errors
/// When an integer is not a double or the nesting is deeper than 100 levels.
pub fn write(out: &mut Vec<u8>, value: &Value) -> Result<(), CanonicalError> {
    write_at(out, value, 0)
}

/// The canonical form of `value`.
///
/// # Errors
/// When an integer is not a double or the nesting is deeper than 100 levels.
pub fn to_vec(value: &Value) -> Result<Vec<u8>, CanonicalError> {
    let mut out = Vec::with_capacity(256);
    write(&mut out, value)?;
    Ok(out)
}

fn write_at(out: &mut Vec<u8>, value: &Value, depth: usize) -> Result<(), CanonicalError> {
    if depth > MAX_DEPTH {
        return Err(CanonicalError::Depth);
    }
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Number(number) => write_number(out, number)?,
        Value::String(text) => write_text(out, text),
        Value::Array(items) => {
            out.push(b'[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write_at(out, item, depth + 1)?;
            }
            out.push(b']');
        }
        Value::Object(map) => {
            let mut members: Vec<(&String, &Value)> = map.iter().collect();
            // §3.2.3: by UTF-16 code units, which differs from UTF-8 beyond the basic plane.
            members.sort_unstable_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
            out.push(b'{');
            for (index, (name, item)) in members.into_iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write_text(out, name);
                out.push(b':');
                write_at(out, item, depth + 1)?;
            }
            out.push(b'}');
        }
    }
    Ok(())
}

/// §3.2.2.3: as ECMAScript writes a double. An integer that a double does not hold would come back
/// as another one, so it is refused.
fn write_number(out: &mut Vec<u8>, number: &Number) -> Result<(), CanonicalError> {
    const MAX_SAFE: u64 = (1 << 53) - 1;
    let written = number.to_string();
    let integer = number.is_i64() || number.is_u64();
    let safe = number
        .as_i64()
        .is_some_and(|n| n.unsigned_abs() <= MAX_SAFE);
    if integer && safe {
        out.extend_from_slice(written.as_bytes());
        return Ok(());
    }
    let double = number.as_f64().filter(|n| n.is_finite());
    let mut buffer = ryu_js::Buffer::new();
    match double.map(|n| buffer.format_finite(n)) {
        Some(text) if !integer || text == written => out.extend_from_slice(text.as_bytes()),
        _ => return Err(CanonicalError::Integer(written)),
    }
    Ok(())
}

/// §3.2.2.2: the short escapes, `\u00xx` for other control characters, all else as it is.
pub(crate) fn write_text(out: &mut Vec<u8>, text: &str) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    out.push(b'"');
    for &byte in text.as_bytes() {
        let short = match byte {
            b'"' | b'\\' => byte,
            0x08 => b'b',
            0x09 => b't',
            0x0a => b'n',
            0x0c => b'f',
            0x0d => b'r',
            0x00..=0x1f => {
                out.extend_from_slice(b"\\u00");
                out.push(HEX[usize::from(byte >> 4)]);
                out.push(HEX[usize::from(byte & 0xf)]);
                continue;
            }
            _ => {
                out.push(byte);
                continue;
            }
        };
        out.extend_from_slice(&[b'\\', short]);
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn canonical(text: &str) -> String {
        let value: Value = serde_json::from_str(text).unwrap();
        String::from_utf8(to_vec(&value).unwrap()).unwrap()
    }

    #[test]
    fn rfc_8785_examples() {
        // §3.2.2 and §3.2.3.
        let example = r#"{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],
            "string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}"#;
        let expected = concat!(
            r#"{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"#,
            r#""string":"€$\u000f\nA'B\"\\\\\"/"}"#
        );
        assert_eq!(canonical(example), expected);
        let keys = r#"{"\u20ac":1,"\r":2,"\ufb33":3,"1":4,"\ud83d\ude00":5,"\u0080":6,"\u00f6":7}"#;
        let expected = "{\"\\r\":2,\"1\":4,\"\u{80}\":6,\"\u{f6}\":7,\"\u{20ac}\":1,\"\u{1f600}\":5,\"\u{fb33}\":3}";
        assert_eq!(canonical(keys), expected);
    }

    #[test]
    fn integers_that_doubles_lose_are_refused() {
        assert_eq!(
            canonical("[9007199254740991,-9007199254740991]"),
            "[9007199254740991,-9007199254740991]"
        );
        assert_eq!(
            canonical("[1e17,100000000000000000,-0.0,1e21]"),
            "[100000000000000000,100000000000000000,0,1e+21]"
        );
        for lost in [
            "9007199254740993",
            "18446744073709551615",
            "-9223372036854775807",
        ] {
            let value: Value = serde_json::from_str(lost).unwrap();
            assert_eq!(
                to_vec(&value),
                Err(CanonicalError::Integer(lost.to_owned()))
            );
        }
    }

    #[test]
    fn a_bottomless_value_is_refused() {
        let mut value = Value::Null;
        for _ in 0..MAX_DEPTH {
            value = Value::Array(vec![value]);
        }
        assert!(to_vec(&value).is_ok());
        assert_eq!(
            to_vec(&Value::Array(vec![value])),
            Err(CanonicalError::Depth)
        );
    }

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            (-(1_i64 << 53) + 1..(1 << 53)).prop_map(Value::from),
            any::<f64>()
                .prop_filter("finite", |n| n.is_finite())
                .prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 24, 6, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                proptest::collection::btree_map(any::<String>(), inner, 0..6)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn agrees_with_a_kept_crate_and_comes_back(value in values()) {
            let ours = to_vec(&value).unwrap();
            prop_assert_eq!(&ours, &serde_json_canonicalizer::to_vec(&value).unwrap());
            let again: Value = serde_json::from_slice(&ours).unwrap();
            prop_assert_eq!(to_vec(&again).unwrap(), ours);
        }
    }
}
