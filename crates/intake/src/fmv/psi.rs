//! Tables that say what a transport stream carries: PAT and PMT (ISO/IEC 13818-1 §2.4.4).

use std::collections::BTreeMap;

use mpeg2ts_reader::descriptor::CoreDescriptors;
use mpeg2ts_reader::mpegts_crc::sum32;
use mpeg2ts_reader::psi::pat::{PatSection, ProgramDescriptor};
use mpeg2ts_reader::psi::pmt::{PmtSection, StreamInfo};
use mpeg2ts_reader::smptera::FormatIdentifier;

use super::video::Codec;

/// The longest section that may be (ISO/IEC 13818-1 §2.4.4.11: `section_length` at most 4093; PAT
/// and PMT keep to 1021, which is not insisted on).
const MAX_SECTION_LENGTH: usize = 4093;
/// A table has at most 256 sections; a packet identifier that shows more is not believed.
const MAX_SECTIONS_SEEN: usize = 256;
/// `table_id` … `section_length`.
const COMMON_HEADER: usize = 3;
/// … `last_section_number`.
const SYNTAX_HEADER: usize = 8;
const CRC: usize = 4;

/// Puts the sections of one packet identifier together. Holds at most one section of 4096 bytes
/// and one packet's payload.
#[derive(Default)]
pub(super) struct Sections {
    held: Vec<u8>,
    /// Whether `held` began at a section's start.
    begun: bool,
    /// Of each section read (its table, extension and number) the CRC, so that repetitions cost
    /// nothing.
    seen: BTreeMap<[u8; 4], u32>,
}

/// A section as it came, or why there is none.
pub(super) type Section = Result<Vec<u8>, String>;

impl Sections {
    /// Takes one packet's payload; gives the sections that end in it and are not repetitions.
    pub(super) fn take(&mut self, payload: &[u8], unit_start: bool) -> Vec<Section> {
        let mut sections = Vec::new();
        if unit_start {
            let (pointer, rest) = match payload.split_first() {
                Some((&p, rest)) if usize::from(p) <= rest.len() => (usize::from(p), rest),
                _ => {
                    self.lose();
                    sections.push(Err("pointer_field points beyond the packet".into()));
                    return sections;
                }
            };
            let (end_of_last, start) = rest.split_at(pointer);
            if self.begun {
                self.held.extend_from_slice(end_of_last);
                self.drain(&mut sections);
            }
            self.held.clear();
            self.begun = true;
            self.held.extend_from_slice(start);
        } else if self.begun {
            self.held.extend_from_slice(payload);
        }
        self.drain(&mut sections);
        sections
    }

    /// Forgets a section in progress, after lost packets.
    pub(super) fn lose(&mut self) {
        self.held.clear();
        self.begun = false;
    }

    fn drain(&mut self, sections: &mut Vec<Section>) {
        while self.begun {
            // 0xFF where a table_id is due is stuffing to the end of the packet.
            let &[table_id, high, low, ..] = self.held.as_slice() else {
                if self.held.first() == Some(&0xFF) {
                    self.lose();
                }
                return;
            };
            if table_id == 0xFF {
                self.lose();
                return;
            }
            let length = usize::from(u16::from_be_bytes([high & 0x0F, low]));
            if length > MAX_SECTION_LENGTH {
                self.lose();
                sections.push(Err(format!(
                    "section_length {length}, expected at most {MAX_SECTION_LENGTH}"
                )));
                return;
            }
            let whole = COMMON_HEADER + length;
            if self.held.len() < whole {
                return;
            }
            let rest = self.held.split_off(whole);
            let section = std::mem::replace(&mut self.held, rest);
            if let Some(section) = self.check(section) {
                sections.push(section);
            }
        }
    }

    /// A section whose sum fits and which is new; `None` for tables of other syntax and repetitions.
    fn check(&mut self, section: Vec<u8>) -> Option<Section> {
        let has_syntax = section[1] & 0x80 != 0;
        if !has_syntax || section.len() < SYNTAX_HEADER + CRC {
            return None;
        }
        if sum32(&section) != 0 {
            return Some(Err(format!(
                "CRC-32 of a section of {} bytes does not fit",
                section.len()
            )));
        }
        let not_yet_in_force = section[5] & 1 == 0;
        if not_yet_in_force {
            return None;
        }
        let crc = section[section.len() - CRC..]
            .iter()
            .fold(0, |crc, &b| crc << 8 | u32::from(b));
        let name = [section[0], section[3], section[4], section[6]];
        if self.seen.len() >= MAX_SECTIONS_SEEN {
            self.seen.clear();
        }
        if self.seen.insert(name, crc) == Some(crc) {
            return None;
        }
        Some(Ok(section))
    }
}

/// One section of the programme association table.
pub(super) struct Pat {
    pub(super) version: u8,
    /// Programme number and packet identifier of its PMT.
    pub(super) programs: Vec<(u16, u16)>,
}

impl Pat {
    /// Reads a checked section; `None` when it is another table.
    pub(super) fn read(section: &[u8]) -> Option<Self> {
        if section[0] != 0x00 {
            return None;
        }
        let body = &section[SYNTAX_HEADER..section.len() - CRC];
        let programs = PatSection::new(body)
            .programs()
            .filter_map(|p| match p {
                ProgramDescriptor::Network { .. } => None,
                ProgramDescriptor::Program {
                    program_number,
                    pid,
                } => Some((program_number, u16::from(pid))),
            })
            .collect();
        Some(Self {
            version: section[5] >> 1 & 0x1F,
            programs,
        })
    }
}

/// The programme map table of one programme.
pub(super) struct Pmt {
    pub(super) program: u16,
    pub(super) pcr_pid: u16,
    pub(super) streams: Vec<Stream>,
}

/// An elementary stream as its programme announces it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stream {
    pub(super) pid: u16,
    pub(super) content: Content,
}

/// What a stream carries, as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    /// Pictures.
    Video(Codec),
    /// Metadata in access-unit cells (stream type 0x15).
    SyncKlv,
    /// Private data registered as KLVA (stream type 0x06).
    AsyncKlv,
    /// Private data that says nothing about itself; it may be KLV.
    Private,
    /// Something else, such as sound.
    Other,
}

impl Pmt {
    /// Reads a checked section; `None` when it is another table.
    ///
    /// # Errors
    /// Told in words when its lengths do not fit.
    pub(super) fn read(section: &[u8]) -> Option<Result<Self, String>> {
        if section[0] != 0x02 {
            return None;
        }
        let program = u16::from_be_bytes([section[3], section[4]]);
        let body = &section[SYNTAX_HEADER..section.len() - CRC];
        Some(match PmtSection::from_bytes(body) {
            Ok(pmt) => Ok(Self {
                program,
                pcr_pid: u16::from(pmt.pcr_pid()),
                streams: pmt
                    .streams()
                    .map(|s| Stream {
                        pid: u16::from(s.elementary_pid()),
                        content: content(&s),
                    })
                    .collect(),
            }),
            Err(e) => Err(format!("PMT of program {program}: {e:?}")),
        })
    }
}

/// Stream types: ISO/IEC 13818-1 table 2-34; their use for KLV: MISB ST 1402.
fn content(stream: &StreamInfo<'_>) -> Content {
    match stream.stream_type().0 {
        0x01 | 0x02 => Content::Video(Codec::Mpeg2),
        0x1B => Content::Video(Codec::H264),
        0x24 => Content::Video(Codec::Hevc),
        0x15 => Content::SyncKlv,
        0x06 | 0x80..=0xFF => match registration(stream) {
            Some(FormatIdentifier::KLVA) => Content::AsyncKlv,
            Some(id) if id == FormatIdentifier::from(b"HEVC".as_slice()) => {
                Content::Video(Codec::Hevc)
            }
            Some(_) => Content::Other,
            None => Content::Private,
        },
        _ => Content::Other,
    }
}

/// The format identifier of the registration descriptor, when the stream has one.
fn registration(stream: &StreamInfo<'_>) -> Option<FormatIdentifier> {
    stream
        .descriptors::<CoreDescriptors<'_>>()
        .find_map(|d| match d {
            Ok(CoreDescriptors::Registration(r)) => Some(r.format_identifier()),
            _ => None,
        })
}
