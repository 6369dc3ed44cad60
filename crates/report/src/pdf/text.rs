//! Text to lines: which font has which letter, where a line breaks, and in which order it is read
//! (Unicode Bidirectional Algorithm, UAX #9).

use std::collections::HashMap;
use std::ops::Range;

use krilla::text::Font;
use rustybuzz::{Direction, UnicodeBuffer};
use unicode_bidi::{BidiInfo, Level, ParagraphInfo};

use super::NotWritten;

/// The fonts, each regular and bold, in the order in which a letter is looked for.
const FONTS: [[&[u8]; 2]; 3] = [
    [
        include_bytes!("../../fonts/NotoSans-Regular.ttf"),
        include_bytes!("../../fonts/NotoSans-Bold.ttf"),
    ],
    [
        include_bytes!("../../fonts/NotoSansArmenian-Regular.ttf"),
        include_bytes!("../../fonts/NotoSansArmenian-Bold.ttf"),
    ],
    [
        include_bytes!("../../fonts/NotoSansArabic-Regular.ttf"),
        include_bytes!("../../fonts/NotoSansArabic-Bold.ttf"),
    ],
];

/// What stands for a letter that no font has: an archive's file may not leave a glyph out.
const UNKNOWN: char = '?';

struct Face {
    font: Font,
    shaper: rustybuzz::Face<'static>,
}

/// How text is set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Setting {
    /// Size, points.
    pub(super) size: f32,
    pub(super) bold: bool,
    /// Whether the text as a whole is read from right to left.
    pub(super) right_to_left: bool,
}

/// A piece of a line in one font and one direction.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Piece {
    pub(super) text: String,
    pub(super) face: usize,
    pub(super) right_to_left: bool,
    pub(super) width: f32,
}

/// A line: its pieces as they stand from left to right.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Line {
    pub(super) pieces: Vec<Piece>,
    pub(super) width: f32,
}

/// The fonts at work. Widths are remembered: a report says the same words a thousand times.
pub(super) struct Faces {
    all: Vec<Face>,
    widths: HashMap<(usize, bool, String), f32>,
}

impl Faces {
    pub(super) fn load() -> Result<Self, NotWritten> {
        let face = |bytes: &'static [u8]| {
            let font = Font::new(bytes.into(), 0);
            let shaper = rustybuzz::Face::from_slice(bytes, 0);
            let (font, shaper) = font.zip(shaper).ok_or(NotWritten::Font)?;
            Ok(Face { font, shaper })
        };
        let all = FONTS.iter().flatten().map(|bytes| face(bytes));
        Ok(Self {
            all: all.collect::<Result<_, _>>()?,
            widths: HashMap::new(),
        })
    }

    pub(super) fn font(&self, face: usize) -> Option<Font> {
        self.all.get(face).map(|face| face.font.clone())
    }

    /// The text with nothing in it that no font has.
    fn readable(&self, text: &str) -> String {
        text.chars()
            .filter(|c| !c.is_control())
            .map(|c| {
                // The fonts have the hyphen that people write for a minus.
                if c == '\u{2212}' {
                    '-'
                } else if is_unseen(c) || self.face_of(c, false).is_some() {
                    c
                } else {
                    UNKNOWN
                }
            })
            .collect()
    }

    fn face_of(&self, c: char, bold: bool) -> Option<usize> {
        let has = |face: &usize| {
            let known = self.all.get(*face);
            known.is_some_and(|f| f.shaper.glyph_index(c).is_some())
        };
        (usize::from(bold)..self.all.len()).step_by(2).find(has)
    }

    /// The lines of a text that is `width` points wide at most. Each line of the text is a paragraph.
    pub(super) fn lines(&mut self, text: &str, width: f32, setting: Setting) -> Vec<Line> {
        let mut lines = Vec::new();
        let readable: Vec<String> = text.lines().map(|line| self.readable(line)).collect();
        for paragraph in readable.iter().flat_map(|line| parts(line)) {
            let level = if setting.right_to_left {
                Level::rtl()
            } else {
                Level::ltr()
            };
            let bidi = BidiInfo::new(paragraph, Some(level));
            match bidi.paragraphs.first() {
                Some(whole) => self.broken(&bidi, whole, width, setting, &mut lines),
                None => lines.push(Line::default()),
            }
        }
        if lines.is_empty() {
            lines.push(Line::default());
        }
        lines
    }

    fn broken(
        &mut self,
        bidi: &BidiInfo<'_>,
        whole: &ParagraphInfo,
        width: f32,
        setting: Setting,
        lines: &mut Vec<Line>,
    ) {
        let (mut from, mut to, mut used) = (0, 0, 0.0);
        for end in breaks(bidi.text) {
            let long = self.width(bidi, to, end, setting);
            if to > from && used + self.fits(bidi, to, end, setting) > width {
                lines.push(self.line(bidi, whole, from, to, setting));
                (from, used) = (to, 0.0);
            }
            if long > width {
                // A hash or a name without a gap breaks anywhere.
                (from, used) = self.cut(bidi, whole, (from, to, end), width, setting, lines);
            } else {
                used += long;
            }
            to = end;
        }
        if to > from || lines.is_empty() {
            lines.push(self.line(bidi, whole, from, to, setting));
        }
    }

    /// Breaks a word that is wider than a line, letter by letter; returns where the last line begins and
    /// how wide it is.
    fn cut(
        &mut self,
        bidi: &BidiInfo<'_>,
        whole: &ParagraphInfo,
        (mut from, start, end): (usize, usize, usize),
        width: f32,
        setting: Setting,
        lines: &mut Vec<Line>,
    ) -> (usize, f32) {
        let mut used = 0.0;
        let word = bidi.text.get(start..end).unwrap_or_default();
        for (at, c) in word.char_indices() {
            let (at, next) = (start + at, start + at + c.len_utf8());
            let long = self.width(bidi, at, next, setting);
            if at > from && used + long > width {
                lines.push(self.line(bidi, whole, from, at, setting));
                (from, used) = (at, 0.0);
            }
            used += long;
        }
        (from, used)
    }

    /// The width of a part without the gap at its end.
    fn fits(&mut self, bidi: &BidiInfo<'_>, from: usize, to: usize, setting: Setting) -> f32 {
        let part = bidi.text.get(from..to).unwrap_or_default();
        self.width(bidi, from, from + part.trim_end().len(), setting)
    }

    fn width(&mut self, bidi: &BidiInfo<'_>, from: usize, to: usize, setting: Setting) -> f32 {
        let runs = self.runs(bidi, from, to, setting.bold);
        let widths = runs
            .iter()
            .map(|(text, face, rtl)| self.shaped(*face, *rtl, text));
        widths.collect::<Vec<_>>().into_iter().sum::<f32>() * setting.size
    }

    /// Parts of one font and direction, in the order in which they are written down.
    fn runs(
        &self,
        bidi: &BidiInfo<'_>,
        from: usize,
        to: usize,
        bold: bool,
    ) -> Vec<(String, usize, bool)> {
        let mut runs: Vec<(String, usize, bool)> = Vec::new();
        let part = bidi.text.get(from..to).unwrap_or_default();
        for (at, c) in part.char_indices().filter(|(_, c)| !is_unseen(*c)) {
            let level = bidi.levels.get(from + at);
            let right_to_left = level.is_some_and(Level::is_rtl);
            let face = self.face_of(c, bold).unwrap_or(usize::from(bold));
            match runs.last_mut() {
                Some((text, f, rtl)) if (*f, *rtl) == (face, right_to_left) => text.push(c),
                _ => runs.push((c.to_string(), face, right_to_left)),
            }
        }
        runs
    }

    /// A line as it stands from left to right, without the gap at its end.
    fn line(
        &mut self,
        bidi: &BidiInfo<'_>,
        whole: &ParagraphInfo,
        from: usize,
        to: usize,
        setting: Setting,
    ) -> Line {
        let part = bidi.text.get(from..to).unwrap_or_default();
        let to = from + part.trim_end().len();
        let mut line = Line::default();
        if to == from {
            return line;
        }
        let (levels, visual) = visual_runs(bidi, whole, from..to);
        for run in visual {
            let right_to_left = levels.get(run.start).is_some_and(Level::is_rtl);
            let mut parts = self.runs(bidi, run.start, run.end, setting.bold);
            if right_to_left {
                parts.reverse();
            }
            for (text, face, _) in parts {
                let width = self.shaped(face, right_to_left, &text) * setting.size;
                line.width += width;
                line.pieces.push(Piece {
                    text,
                    face,
                    right_to_left,
                    width,
                });
            }
        }
        line
    }

    /// The width of text in one font and direction, in units of its size.
    fn shaped(&mut self, face: usize, right_to_left: bool, text: &str) -> f32 {
        let key = (face, right_to_left, text.to_owned());
        if let Some(known) = self.widths.get(&key) {
            return *known;
        }
        let Some(known) = self.all.get(face) else {
            return 0.0;
        };
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(text);
        buffer.guess_segment_properties();
        buffer.set_direction(if right_to_left {
            Direction::RightToLeft
        } else {
            Direction::LeftToRight
        });
        let shaped = rustybuzz::shape(&known.shaper, &[], buffer);
        let advances = shaped.glyph_positions().iter().map(|p| p.x_advance as f32);
        let width = advances.sum::<f32>() / known.font.units_per_em();
        self.widths.insert(key, width);
        width
    }
}

/// The runs of a line from left to right, with the level of each byte (UAX 9, L1 and L2). Without a level from right to left
/// they stand as they are written; the library is not asked then, for it fails on a line all at level 126, the deepest, to
/// which text out of a hundred embeddings leads.
fn visual_runs(
    bidi: &BidiInfo<'_>,
    whole: &ParagraphInfo,
    line: Range<usize>,
) -> (Vec<Level>, Vec<Range<usize>>) {
    let levels = bidi.reordered_levels(whole, line.clone());
    let here = levels.get(line.clone()).unwrap_or_default();
    if here.iter().all(Level::is_ltr) {
        return (levels, vec![line]);
    }
    bidi.visual_runs(whole, line)
}

/// Marks of direction and joints: they are obeyed and have no glyph.
pub(super) fn is_unseen(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// A paragraph so long is set in parts, bytes: the time that one takes grows with its square.
const MAX_PART_BYTES: usize = 2048;

/// The parts of a paragraph; one, unless it is longer than any that people write.
fn parts(paragraph: &str) -> Vec<&str> {
    let (mut parts, mut rest) = (Vec::new(), paragraph);
    while rest.len() > MAX_PART_BYTES {
        let most = rest.floor_char_boundary(MAX_PART_BYTES);
        let gap = rest.get(..most).and_then(|part| part.rfind(' '));
        let (part, after) = rest.split_at(gap.filter(|gap| *gap > 0).unwrap_or(most));
        parts.push(part);
        rest = after;
    }
    parts.push(rest);
    parts
}

/// Where a line may end: after a gap, a hyphen, a slash.
fn breaks(text: &str) -> Vec<usize> {
    let mut all = Vec::new();
    let mut letters = text.char_indices().peekable();
    while let Some((at, c)) = letters.next() {
        let next = letters.peek().map(|(_, next)| *next);
        let gap = c == ' ' && next != Some(' ');
        if gap || matches!(c, '-' | '/' | '\u{2013}' | '\u{200b}') || next.is_none() {
            all.push(at + c.len_utf8());
        }
    }
    all
}
