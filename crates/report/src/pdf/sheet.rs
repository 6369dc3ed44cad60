//! Blocks to sheets: where each line, rule and drawing stands. Units are points, y downwards.

use super::text::{Faces, Line, Setting};
use truceline_page::{Block, Cell, Page};
use truceline_page::{Drawing, Rgb};

/// 15 mm.
const MARGIN: f32 = 42.52;
/// Below the text, for the foot.
const FOOT: f32 = 18.0;
const TITLE_SIZE: f32 = 16.0;
const HEADING_SIZE: f32 = 12.0;
const BODY_SIZE: f32 = 9.5;
const TABLE_SIZE: f32 = 7.2;
const SMALL_SIZE: f32 = 7.5;
/// Height of a line, in sizes of its letters.
const LEADING: f32 = 1.35;
/// From a line's top to its baseline, in sizes.
const ASCENT: f32 = 1.02;
/// A column's head has so many lines at most: it stands on each sheet again.
const HEAD_LINES: usize = 12;
/// Between a cell's edge and its text.
const PADDING: f32 = 2.5;
const BLACK: Rgb = [0x11; 3];
const GREY: Rgb = [0x55; 3];
const EDGE: Rgb = [0xbb; 3];
const SHADE: Rgb = [0xf0; 3];

/// One thing on a sheet.
pub(super) enum Mark<'p> {
    Text {
        x: f32,
        baseline: f32,
        size: f32,
        color: Rgb,
        line: Line,
    },
    Rule {
        from: [f32; 2],
        to: [f32; 2],
        color: Rgb,
    },
    Shade {
        at: [f32; 2],
        size: [f32; 2],
        color: Rgb,
    },
    Drawing {
        at: [f32; 2],
        scale: f32,
        drawing: &'p Drawing,
    },
}

/// All sheets, and where the headings are.
pub(super) struct Sheets<'p> {
    pub(super) size: [f32; 2],
    pub(super) sheets: Vec<Vec<Mark<'p>>>,
    /// Text, sheet and height of each heading.
    pub(super) headings: Vec<(String, usize, f32)>,
    y: f32,
    right_to_left: bool,
}

impl<'p> Sheets<'p> {
    /// Lays a page out on sheets of A4.
    pub(super) fn of(page: &'p Page, faces: &mut Faces) -> Self {
        let size = if page.wide {
            [841.89, 595.28]
        } else {
            [595.28, 841.89]
        };
        let mut sheets = Self {
            size,
            sheets: vec![Vec::new()],
            headings: Vec::new(),
            y: MARGIN,
            right_to_left: page.right_to_left,
        };
        sheets.paragraph(
            &page.title,
            sheets.setting(TITLE_SIZE, true),
            BLACK,
            0.0,
            faces,
        );
        for (block, next) in page
            .blocks
            .iter()
            .zip(page.blocks.iter().skip(1).map(Some).chain([None]))
        {
            if let (Block::Heading { .. }, Some(Block::Drawing { drawing, .. })) = (block, next) {
                // A drawing stands with its heading.
                let [_, height] = sheets.fitted(drawing);
                sheets.room(height + 60.0);
            }
            sheets.block(block, faces);
        }
        sheets.feet(page, faces);
        sheets
    }

    fn setting(&self, size: f32, bold: bool) -> Setting {
        Setting {
            size,
            bold,
            right_to_left: self.right_to_left,
        }
    }

    fn width(&self) -> f32 {
        self.size[0] - 2.0 * MARGIN
    }

    /// The end of the text on a sheet.
    fn end(&self) -> f32 {
        self.size[1] - MARGIN - FOOT
    }

    fn put(&mut self, mark: Mark<'p>) {
        if let Some(sheet) = self.sheets.last_mut() {
            sheet.push(mark);
        }
    }

    fn turn(&mut self) {
        self.sheets.push(Vec::new());
        self.y = MARGIN;
    }

    /// Goes to the next sheet unless there is so much room.
    fn room(&mut self, height: f32) {
        if self.y + height > self.end() && self.y > MARGIN {
            self.turn();
        }
    }

    fn block(&mut self, block: &'p Block, faces: &mut Faces) {
        match block {
            Block::Heading { text } => {
                self.y += 8.0;
                // Never alone at the foot of a sheet.
                self.room(HEADING_SIZE * LEADING * 4.0);
                let sheet = self.sheets.len() - 1;
                self.headings.push((text.clone(), sheet, self.y));
                self.paragraph(text, self.setting(HEADING_SIZE, true), BLACK, 0.0, faces);
                let (from, to) = ([MARGIN, self.y], [self.size[0] - MARGIN, self.y]);
                self.put(Mark::Rule {
                    from,
                    to,
                    color: GREY,
                });
                self.y += 3.0;
            }
            Block::Paragraph { text, strong } => {
                self.paragraph(text, self.setting(BODY_SIZE, *strong), BLACK, 0.0, faces);
            }
            Block::List { lines } => {
                for line in lines {
                    let line = format!("\u{2022} {line}");
                    self.paragraph(&line, self.setting(BODY_SIZE, false), BLACK, 10.0, faces);
                }
            }
            Block::Table {
                caption,
                head,
                widths,
                rows,
            } => self.table(caption, head, widths, rows, faces),
            Block::Drawing { drawing, caption } => self.drawing(drawing, caption, faces),
        }
    }

    /// A paragraph, set in from the side where its lines begin.
    fn paragraph(
        &mut self,
        text: &str,
        setting: Setting,
        color: Rgb,
        set_in: f32,
        faces: &mut Faces,
    ) {
        let width = self.width() - set_in;
        let height = setting.size * LEADING;
        for line in faces.lines(text, width, setting) {
            self.room(height);
            let begins = if self.right_to_left {
                MARGIN
            } else {
                MARGIN + set_in
            };
            self.line(line, begins, width, self.y, setting, color);
            self.y += height;
        }
        self.y += 2.0;
    }

    /// A line in a box, at the side where it begins.
    fn line(&mut self, line: Line, x: f32, width: f32, top: f32, setting: Setting, color: Rgb) {
        let x = if setting.right_to_left {
            x + width - line.width
        } else {
            x
        };
        self.put(Mark::Text {
            x,
            baseline: top + setting.size * ASCENT,
            size: setting.size,
            color,
            line,
        });
    }

    /// How much larger a drawing stands on a sheet, and how high it is then.
    fn fitted(&self, drawing: &Drawing) -> [f32; 2] {
        let most = (self.end() - MARGIN) * 0.8;
        let scale = (f64::from(self.width()) / drawing.width).min(f64::from(most) / drawing.height);
        [scale as f32, (drawing.height * scale) as f32]
    }

    fn drawing(&mut self, drawing: &'p Drawing, caption: &str, faces: &mut Faces) {
        let [scale, height] = self.fitted(drawing);
        self.room(height + SMALL_SIZE * LEADING * 2.0);
        let at = [MARGIN, self.y];
        self.put(Mark::Drawing { at, scale, drawing });
        self.y += height + 3.0;
        self.paragraph(caption, self.setting(SMALL_SIZE, false), GREY, 0.0, faces);
    }

    fn table(
        &mut self,
        caption: &str,
        head: &[String],
        widths: &[u32],
        rows: &[Vec<Cell>],
        faces: &mut Faces,
    ) {
        self.paragraph(caption, self.setting(SMALL_SIZE, false), GREY, 0.0, faces);
        let setting = self.setting(TABLE_SIZE, true);
        let least: Vec<f32> = head
            .iter()
            .map(|text| longest_word(text, setting, faces) + 2.0 * PADDING + 0.5)
            .collect();
        let columns = self.columns(widths, &least);
        let head: Vec<_> = head
            .iter()
            .zip(&columns)
            .map(|(text, [_, wide])| {
                let mut lines = faces.lines(text, wide - 2.0 * PADDING, setting);
                lines.truncate(HEAD_LINES);
                (lines, setting)
            })
            .collect();
        self.room(height_of(&head) * 2.0);
        self.row(&head, &columns, true);
        for row in rows {
            let cells: Vec<_> = row
                .iter()
                .zip(&columns)
                .map(|(cell, [_, wide])| {
                    let setting = Setting {
                        right_to_left: self.right_to_left && !cell.plain,
                        ..self.setting(TABLE_SIZE, false)
                    };
                    let lines = faces.lines(&cell.text, wide - 2.0 * PADDING, setting);
                    (lines, setting)
                })
                .collect();
            self.whole_row(cells, &head, &columns);
        }
        self.y += 6.0;
    }

    /// Left edge and width of each column; the first stands where reading begins. A column is at least as
    /// wide as the longest word of its head, where there is so much room.
    fn columns(&self, widths: &[u32], least: &[f32]) -> Vec<[f32; 2]> {
        let shares = (0..least.len()).map(|i| widths.get(i).copied().unwrap_or(10) as f32);
        let all: f32 = shares.clone().sum();
        let mut wide: Vec<f32> = shares
            .map(|share| self.width() * share / all.max(1.0))
            .collect();
        let spare: f32 = wide.iter().zip(least).map(|(w, l)| (w - l).max(0.0)).sum();
        let wanted: f32 = wide.iter().zip(least).map(|(w, l)| (l - w).max(0.0)).sum();
        if wanted < spare {
            for (w, l) in wide.iter_mut().zip(least) {
                *w = if *w < *l {
                    *l
                } else {
                    *w - (*w - *l) * wanted / spare
                };
            }
        }
        let mut x = 0.0;
        wide.into_iter()
            .map(|wide| {
                let left = if self.right_to_left {
                    self.width() - x - wide
                } else {
                    x
                };
                x += wide;
                [MARGIN + left, wide]
            })
            .collect()
    }

    /// A row; one that does not fit goes to the next sheet, and one that fits on none is divided.
    fn whole_row(&mut self, mut cells: Cells, head: &Cells, columns: &[[f32; 2]]) {
        let sheet = self.end() - MARGIN - height_of(head);
        if height_of(&cells) <= sheet && self.y + height_of(&cells) > self.end() {
            self.turn();
            self.row(head, columns, true);
        }
        loop {
            let room = self.end() - self.y - 2.0 * PADDING;
            let fit = (room / (TABLE_SIZE * LEADING)).floor().max(0.0) as usize;
            if fit == 0 {
                self.turn();
                self.row(head, columns, true);
                continue;
            }
            let rest: Cells = cells
                .iter_mut()
                .map(|(lines, setting)| (lines.split_off(fit.min(lines.len())), *setting))
                .collect();
            self.row(&cells, columns, false);
            if rest.iter().all(|(lines, _)| lines.is_empty()) {
                return;
            }
            cells = rest;
            self.turn();
            self.row(head, columns, true);
        }
    }

    fn row(&mut self, cells: &Cells, columns: &[[f32; 2]], is_head: bool) {
        let (top, height) = (self.y, height_of(cells));
        let (left, right) = (MARGIN, MARGIN + self.width());
        if is_head {
            self.put(Mark::Shade {
                at: [left, top],
                size: [right - left, height],
                color: SHADE,
            });
        }
        for ((lines, setting), [x, wide]) in cells.iter().zip(columns) {
            for (i, line) in lines.iter().enumerate() {
                let y = top + PADDING + i as f32 * TABLE_SIZE * LEADING;
                let (x, wide) = (x + PADDING, wide - 2.0 * PADDING);
                self.line(line.clone(), x, wide, y, *setting, BLACK);
            }
        }
        let bottom = top + height;
        let edges = columns.iter().map(|[x, _]| *x).chain([right]);
        for x in edges.collect::<Vec<_>>() {
            self.rule([x, top], [x, bottom]);
        }
        self.rule([left, top], [right, top]);
        self.rule([left, bottom], [right, bottom]);
        self.y = bottom;
    }

    fn rule(&mut self, from: [f32; 2], to: [f32; 2]) {
        self.put(Mark::Rule {
            from,
            to,
            color: EDGE,
        });
    }

    /// At the foot of each sheet what it is of, and its number.
    fn feet(&mut self, page: &Page, faces: &mut Faces) {
        let setting = self.setting(SMALL_SIZE, false);
        let all = self.sheets.len();
        let (width, y) = (self.width(), self.end() + 6.0);
        let mut marks = Vec::new();
        for number in 1..=all {
            let count = format!("{} {number} / {all}", page.page_word);
            let count = faces.lines(&count, width, setting).into_iter().next();
            let count = count.unwrap_or_default();
            let foot = faces.lines(&page.foot, width - count.width - 20.0, setting);
            let foot = foot.into_iter().next().unwrap_or_default();
            marks.push((count, foot));
        }
        for (sheet, (count, foot)) in self.sheets.iter_mut().zip(marks) {
            let far = MARGIN + width;
            let (foot_x, count_x) = if page.right_to_left {
                (far - foot.width, MARGIN)
            } else {
                (MARGIN, far - count.width)
            };
            for (x, line) in [(foot_x, foot), (count_x, count)] {
                sheet.push(Mark::Text {
                    x,
                    baseline: y + SMALL_SIZE * ASCENT,
                    size: SMALL_SIZE,
                    color: GREY,
                    line,
                });
            }
        }
    }
}

/// The cells of a row: each its lines, and how they are set.
type Cells = Vec<(Vec<Line>, Setting)>;

/// The width of a text's longest word.
fn longest_word(text: &str, setting: Setting, faces: &mut Faces) -> f32 {
    let mut widest: f32 = 0.0;
    for word in text.split_whitespace() {
        let line = faces.lines(word, f32::MAX, setting).into_iter().next();
        widest = widest.max(line.map_or(0.0, |line| line.width));
    }
    widest
}

fn height_of(cells: &Cells) -> f32 {
    let most = cells.iter().map(|(lines, _)| lines.len()).max();
    most.unwrap_or(0) as f32 * TABLE_SIZE * LEADING + 2.0 * PADDING
}
