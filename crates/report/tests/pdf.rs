//! Pages as PDF/A: every block, in each direction of writing, with letters that no font has.

use proptest::prelude::*;
use truceline_page::{Block, Cell, Drawing, Page, Paint, Shape};
use truceline_report::{Stamp, pdf};

fn stamp() -> Stamp {
    Stamp {
        at: "2021-03-15T04:00:00Z".parse().unwrap(),
        id: "id".into(),
    }
}

fn page(lang: &'static str, text: &str, rows: usize) -> Page {
    let cells = || {
        vec![
            Cell::words(text),
            Cell::plain("0123456789abcdef".repeat(4)),
            Cell::words(format!("{text}\n{text}")),
        ]
    };
    let point = [50.0, 50.0];
    let drawing = Drawing {
        width: 100.0,
        height: 80.0,
        shapes: vec![
            Shape::square(point, 60.0, Paint::fill([200, 200, 255])),
            Shape::Ellipse {
                at: point,
                radii: [10.0, 30.0],
                turned_deg: 30.0,
                paint: Paint {
                    fill: Some(([160, 32, 32], 0.15)),
                    stroke: Some(([160, 32, 32], 1.0)),
                    dash: Some([4.0, 2.0]),
                },
            },
            Shape::text(point, text, 8.0, [0; 3]),
        ],
    };
    let blocks = vec![
        Block::Heading { text: text.into() },
        Block::Paragraph {
            text: format!("{text} ").repeat(40),
            strong: true,
        },
        Block::List {
            lines: vec![text.into(), String::new()],
        },
        Block::Table {
            caption: text.into(),
            head: vec![text.into(), "h".into(), String::new()],
            widths: vec![30, 20, 50],
            rows: (0..rows).map(|_| cells()).collect(),
        },
        Block::Drawing {
            drawing,
            caption: text.into(),
        },
    ];
    Page {
        lang,
        right_to_left: lang == "ar",
        title: text.into(),
        foot: text.into(),
        page_word: "Page".into(),
        wide: rows % 2 == 1,
        blocks,
    }
}

#[test]
fn the_same_page_is_the_same_archive_file() {
    for (lang, text) in [
        ("en", "Determined by both, 12.3 km"),
        ("az", "Hər iki tərəf müəyyən edib"),
        ("hy", "Երկու կողմերն էլ ստորագրել են"),
        ("ru", "Определено обеими сторонами № 7"),
        ("tr", "İki tarafça da tespit edildi, ğışÖ"),
        ("ar", "قرّره الطرفان (12.3 كم) DET-7"),
    ] {
        let page = page(lang, text, 120);
        let file = pdf(&page, &stamp()).unwrap();
        assert!(file.starts_with(b"%PDF-1.7"), "{lang}");
        let has = |mark: &str| file.windows(mark.len()).any(|w| w == mark.as_bytes());
        assert!(has("pdfaid:part") && has("2021-03-15T04:00:00"), "{lang}");
        assert!(!has("/JavaScript") && !has("/URI"), "{lang}");
        assert!(file == pdf(&page, &stamp()).unwrap(), "{lang}");
    }
}

#[test]
fn a_page_of_nothing_and_a_cell_longer_than_a_sheet_are_pages_too() {
    let empty = Page {
        blocks: Vec::new(),
        ..page("en", "", 0)
    };
    pdf(&empty, &stamp()).unwrap();
    let long = page("ru", &"длинное слово ".repeat(400), 1);
    pdf(&long, &stamp()).unwrap();
    let head = Block::Table {
        caption: String::new(),
        head: vec!["x ".repeat(9000)],
        widths: vec![],
        rows: vec![vec![Cell::words("y ".repeat(9000))]],
    };
    let blocks = vec![head];
    pdf(&Page { blocks, ..empty }, &stamp()).unwrap();
}

#[test]
fn text_in_more_embeddings_than_there_are_levels_is_set() {
    for text in [
        "a\u{202b}\u{202e}",
        "\u{202b}a\u{202e}n",
        "a\u{202b}n",
        "\u{2067}a",
        "\u{202a}א",
    ] {
        for text in [text.repeat(140), format!("aaa{text}")] {
            for lang in ["en", "ar"] {
                pdf(&page(lang, &text, 2), &stamp()).unwrap();
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn whatever_somebody_wrote_can_be_archived(text in "\\PC{0,60}|[א-ת ؀-ۿ(){}\\[\\]0-9]{0,40}|[\u{0}-\u{20}\u{202a}-\u{202e}a-z]{0,20}") {
        for lang in ["en", "ar"] {
            prop_assert!(pdf(&page(lang, &text, 2), &stamp()).is_ok());
        }
    }
}
