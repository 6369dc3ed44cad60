//! ST 1204: the Motion Imagery Identification System's core identifier (ST 0601 item 94, ST 0903 item 13, own key).
//!
//! Binary and text form: ST 1204.3 §6.2 and §6.4; check value: appendix B.

use crate::error::{Error, Fault};

/// How sure a device's UUID is (ST 1204.3 §6.2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(
    feature = "json",
    derive(serde::Serialize),
    serde(rename_all = "lowercase")
)]
pub enum IdType {
    /// Given by the one who manages the device.
    Managed,
    /// Kept with the device by software, not by the device itself.
    Virtual,
    /// In the device itself.
    Physical,
}

/// A UUID of sixteen bytes.
pub type Uuid = [u8; 16];

/// A core identifier: which sensor on which platform, and which part of its imagery.
///
/// ```
/// use truceline_klv::st1204::CoreId;
///
/// // The example of ST 0601 item 94.
/// let text = "0170:F592-F023-7336-4AF8-AA91-62C0-0F2E-B2DA/16B7-4341-0008-41A0-BE36-5B5A-B96A-3645:D3";
/// let id: CoreId = text.parse()?;
/// assert_eq!(id.to_string(), text);
/// assert!("0170:F592-F023-7336-4AF8-AA91-62C0-0F2E-B2DA:D3".parse::<CoreId>().is_err()); // one device short
/// # Ok::<(), truceline_klv::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CoreId {
    /// Version of the identifier, 1 so far.
    pub version: u8,
    /// The sensor.
    pub sensor: Option<(IdType, Uuid)>,
    /// The platform.
    pub platform: Option<(IdType, Uuid)>,
    /// The window: a part of the image.
    pub window: Option<Uuid>,
    /// The minor identifier, for imagery that has none of the others.
    pub minor: Option<Uuid>,
}

const fn id_type(bits: u8) -> Option<IdType> {
    match bits & 3 {
        1 => Some(IdType::Managed),
        2 => Some(IdType::Virtual),
        3 => Some(IdType::Physical),
        _ => None,
    }
}

const fn type_bits(id: Option<(IdType, Uuid)>) -> u8 {
    match id {
        None => 0,
        Some((IdType::Managed, _)) => 1,
        Some((IdType::Virtual, _)) => 2,
        Some((IdType::Physical, _)) => 3,
    }
}

impl CoreId {
    /// Reads the binary form, which must fill `raw`.
    ///
    /// # Errors
    /// [`Fault::Truncated`] and [`Fault::TrailingBytes`].
    pub fn read(raw: &[u8]) -> Result<Self, Error> {
        let mut c = crate::ber::Cursor::new(raw);
        let [version, usage] = c.array()?;
        let mut uuid = |present: bool| {
            if present {
                c.array::<16>().map(Some)
            } else {
                Ok(None)
            }
        };
        let (sensor, platform) = (id_type(usage >> 5), id_type(usage >> 3));
        let sensor_uuid = uuid(sensor.is_some())?;
        let platform_uuid = uuid(platform.is_some())?;
        let window = uuid(usage & 4 != 0)?;
        let minor = uuid(usage & 2 != 0)?;
        if !c.is_empty() {
            return Err(Error::new(
                "ST 1204",
                c.at(),
                Fault::TrailingBytes(c.rest().len()),
            ));
        }
        Ok(Self {
            version,
            sensor: sensor.zip(sensor_uuid),
            platform: platform.zip(platform_uuid),
            window,
            minor,
        })
    }

    /// Appends the binary form.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.extend([self.version, self.usage()]);
        self.uuids().for_each(|uuid| out.extend_from_slice(&uuid));
    }

    fn usage(&self) -> u8 {
        type_bits(self.sensor) << 5
            | type_bits(self.platform) << 3
            | u8::from(self.window.is_some()) << 2
            | u8::from(self.minor.is_some()) << 1
    }

    fn uuids(&self) -> impl Iterator<Item = Uuid> {
        [
            self.sensor.map(|s| s.1),
            self.platform.map(|p| p.1),
            self.window,
            self.minor,
        ]
        .into_iter()
        .flatten()
    }

    fn text_without_check(&self) -> String {
        let uuids: Vec<String> = self.uuids().map(|uuid| groups_of_four(&uuid)).collect();
        format!(
            "{:02X}{:02X}:{}",
            self.version,
            self.usage(),
            uuids.join("/")
        )
    }
}

fn groups_of_four(uuid: &Uuid) -> String {
    let groups: Vec<String> = uuid
        .as_chunks::<2>()
        .0
        .iter()
        .map(|[a, b]| format!("{a:02X}{b:02X}"))
        .collect();
    groups.join("-")
}

impl std::fmt::Display for CoreId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = self.text_without_check();
        write!(f, "{text}:{:02X}", check_value(&text))
    }
}

#[cfg(feature = "json")]
impl serde::Serialize for CoreId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl std::str::FromStr for CoreId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let bad = |what| Error::new("ST 1204", 0, Fault::BadText(what));
        let mut parts = text.split(':');
        let (Some(head), Some(uuids), check, None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(bad("expected VVUU:UUID/UUID…:CC"));
        };
        let mut raw = hex_bytes(head)
            .filter(|h| h.len() == 2)
            .ok_or_else(|| bad("expected version and usage in four hexadecimal digits"))?;
        for uuid in uuids.split('/').filter(|uuid| !uuid.is_empty()) {
            let bytes = hex_bytes(&uuid.replace('-', "")).filter(|b| b.len() == 16);
            raw.extend(bytes.ok_or_else(|| bad("expected a UUID of 32 hexadecimal digits"))?);
        }
        let id = Self::read(&raw)?;
        if let Some(check) = check {
            let expected = check_value(&id.text_without_check());
            if hex_bytes(check).as_deref() != Some(&[expected]) {
                return Err(Error::new(
                    "ST 1204",
                    0,
                    Fault::Undefined {
                        what: "check value differs; the right one is",
                        value: expected.into(),
                    },
                ));
            }
        }
        Ok(id)
    }
}

fn hex_bytes(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text
        .chars()
        .map(|c| c.to_digit(16).map(|d| d as u8))
        .collect();
    let digits = digits.filter(|d| d.len() % 2 == 0)?;
    Some(
        digits
            .as_chunks::<2>()
            .0
            .iter()
            .map(|[a, b]| a << 4 | b)
            .collect(),
    )
}

/// ST 1204.3 appendix B: two check digits over the hexadecimal digits, the i-th multiplied (from i = 1 on) by the i-th power
/// of an element of order 15 of GF(16), a different element for each check digit.
fn check_value(text: &str) -> u8 {
    let digits = text.chars().filter_map(|c| c.to_digit(16));
    let (mut p, mut q) = (0u8, 0u8);
    for (i, digit) in digits.enumerate() {
        let power = (i + 1) % 15;
        p ^= (0..power).fold(digit as u8, |d, _| permute_p(d));
        q ^= (0..power).fold(digit as u8, |d, _| permute_q(d));
    }
    p << 4 | q
}

/// Bits a b c d of the digit become a⊕b, c, d, a.
fn permute_p(digit: u8) -> u8 {
    let [a, b, c, d] = bits(digit);
    (a ^ b) << 3 | c << 2 | d << 1 | a
}

/// Bits a b c d of the digit become d, a⊕d, b, c.
fn permute_q(digit: u8) -> u8 {
    let [a, b, c, d] = bits(digit);
    d << 3 | (a ^ d) << 2 | b << 1 | c
}

fn bits(digit: u8) -> [u8; 4] {
    [digit >> 3 & 1, digit >> 2 & 1, digit >> 1 & 1, digit & 1]
}
