//! MISB KLV: the metadata that drone video carries (STANAG 4609), decoded and encoded.
//!
//! Decoding borrows the bytes and allocates nothing: a packet is an iterator over its items, an item's value is computed when
//! asked for. What is not a number (an error indicator, "out of range", a NaN of ST 1201, a zero-length item) is never returned
//! as one. Nothing is dropped: unknown tags, duplicates, sets of other standards and malformed values keep their bytes.
//!
//! | Standard | What | Module |
//! |---|---|---|
//! | SMPTE ST 336, ST 0107 | keys, BER lengths, BER-OID tags, local sets, packets in a byte stream | [`key`], [`ber`], [`set`], [`builder`], [`stream`] |
//! | ST 0601.19 | UAS Datalink Local Set, every item (1 to 143) | [`st0601`] |
//! | ST 0102.12 | security metadata, local set | [`st0102`] |
//! | ST 0603 | time status | [`st0603`] |
//! | ST 0604 | time stamps in H.264 and HEVC user data | [`st0604`] |
//! | ST 0806.4 | Remote Video Terminal, points and areas of interest | [`st0806`] |
//! | ST 0903 | moving targets, editions up to 3 and from 4 on | [`st0903`] |
//! | ST 1010.3 | standard deviations and correlations | [`st1010`] |
//! | ST 1201 | floating point to integer (IMAPA, IMAPB) | [`imap`] |
//! | ST 1204 | MIIS core identifier, binary and text | [`st1204`] |
//! | ST 1402 | carriage in MPEG-2 TS: metadata access unit cells | [`carriage`] |
//! | ST 1607 | segment and amend sets, as nested ST 0601 items | [`st0601`] |
//! | — | JSON | [`json`] (feature `json`, on by default) |
//!
//! Sets of ST 1002, 1206, 1601 and 1602 are named and kept raw; so is every other key ([`Key`]).
//!
//! # From a byte stream to values
//!
//! ```
//! use truceline_klv::st0601::{Builder, Packet};
//! use truceline_klv::stream::{Found, scan};
//! use truceline_klv::{Checksum, Value};
//!
//! # let mut builder = Builder::new(1_773_480_600_000_000);
//! # builder.number(5, 107.19)?.number(23, 39.9013)?.number(24, 46.8976)?.raw(6, &[0x80, 0]);
//! # let stream = [&b"lost sync"[..], &builder.finish()].concat();
//! for found in scan(&stream) {
//!     let klv = match found {
//!         Found::Packet(klv) => klv,
//!         Found::Garbage { offset, length } => {
//!             println!("{length} bytes at {offset} belong to no packet");
//!             continue;
//!         }
//!         Found::Truncated { offset, .. } => {
//!             println!("the packet at {offset} goes on beyond the end");
//!             continue;
//!         }
//!     };
//!     let Some(packet) = Packet::from_klv(&klv) else { continue };
//!     assert_eq!(packet.checksum(), Checksum::Ok);
//!     assert!((packet.number(5).unwrap() - 107.19).abs() < 0.003); // 16 bits over 360°
//!     assert!(packet.frame_center().is_some());
//!     // Pitch is there, but its code says "out of range": told apart, not a number.
//!     assert!(matches!(packet.find(6).unwrap().value()?, Value::Special(s) if s.as_str() == "out_of_range"));
//!     assert_eq!(packet.number(6), None);
//! }
//! # Ok::<(), truceline_klv::Error>(())
//! ```
//!
//! # A refusal
//!
//! ```
//! use truceline_klv::st0601::Builder;
//!
//! // Pitch of item 6 reaches ±20°; more belongs into item 90.
//! let error = Builder::new(0).number(6, 31.5).unwrap_err();
//! assert_eq!(error.to_string(), "ST 0601 item 6 at byte 13: 31.5 is outside -20..=20");
//! ```
//!
//! # Limits, so that hostile bytes cost no more than themselves
//!
//! Packet values in streams: [`stream::MAX_VALUE_BYTES`]. Reassembled access units: [`carriage::MAX_ACCESS_UNIT_BYTES`]. Nesting
//! and lists in JSON: `json::MAX_DEPTH`, `json::MAX_RECORDS`. Reading itself keeps no state that grows.
//!
//! # Sources of the numbers
//!
//! Each table names its standard and table; `tests/vectors.rs` holds the examples that the standards print beside the items.
//! Two things are from recordings rather than paper: that encoders of ST 0903.3 shorten offsets ([`st0903`]), and that ST 0102
//! item 13 is written in UTF-8 as often as in UTF-16 ([`Value::TextUtf16`]).

pub mod ber;
pub mod builder;
pub mod carriage;
pub mod checksum;
pub mod error;
pub mod format;
pub mod imap;
#[cfg(feature = "json")]
pub mod json;
pub mod key;
pub mod pack;
pub mod set;
pub mod st0102;
pub mod st0601;
pub mod st0603;
pub mod st0604;
pub mod st0806;
pub mod st0903;
pub mod st1010;
pub mod st1204;
pub mod stream;
pub mod value;

pub use builder::SetBuilder;
pub use checksum::Checksum;
pub use error::{Error, Fault};
pub use imap::{Imap, ImapSpecial};
pub use key::Key;
pub use pack::Pack;
pub use set::{Item, LocalSet};
pub use value::{Reading, Special, SpecialKind, Value};
