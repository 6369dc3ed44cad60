//! A page as HTML: one file, no script, nothing fetched; it prints on A4.

use std::fmt::Write as _;

use crate::page::{Block, Cell, Page};

/// The page as an HTML document.
#[must_use]
pub fn html(page: &Page) -> String {
    let dir = if page.right_to_left { "rtl" } else { "ltr" };
    let title = escaped(&page.title);
    let mut out = format!(
        "<!doctype html>\n<html lang=\"{}\" dir=\"{dir}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n",
        page.lang
    );
    for block in &page.blocks {
        write_block(&mut out, block);
    }
    let foot = escaped(&page.foot);
    // Writing to a string does not fail.
    let _ = writeln!(out, "<footer>{foot}</footer>\n</body>\n</html>");
    out
}

const STYLE: &str = include_str!("page.css");

fn write_block(out: &mut String, block: &Block) {
    let _ = match block {
        Block::Heading { text } => writeln!(out, "<h2>{}</h2>", escaped(text)),
        Block::Paragraph { text, strong } => {
            let class = if *strong { " class=\"strong\"" } else { "" };
            writeln!(out, "<p{class}>{}</p>", escaped(text))
        }
        Block::List { lines } => {
            let items: String = lines
                .iter()
                .map(|line| format!("<li>{}</li>\n", escaped(line)))
                .collect();
            writeln!(out, "<ul>\n{items}</ul>")
        }
        Block::Table {
            caption,
            head,
            widths: _,
            rows,
        } => {
            let head: String = head
                .iter()
                .map(|h| format!("<th scope=\"col\">{}</th>", escaped(h)))
                .collect();
            let body: String = rows.iter().map(|row| table_row(row)).collect();
            let caption = escaped(caption);
            writeln!(
                out,
                "<table>\n<caption>{caption}</caption>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n</table>"
            )
        }
        Block::Drawing { drawing, caption } => writeln!(
            out,
            "<figure>{}<figcaption>{}</figcaption></figure>",
            drawing.svg(),
            escaped(caption)
        ),
    };
}

fn table_row(cells: &[Cell]) -> String {
    let cells: String = cells
        .iter()
        .map(|cell| {
            let lines: Vec<String> = cell.text.lines().map(escaped).collect();
            let text = lines.join("<br>");
            if cell.plain {
                format!("<td class=\"plain\"><bdi dir=\"ltr\">{text}</bdi></td>")
            } else {
                format!("<td>{text}</td>")
            }
        })
        .collect();
    format!("<tr>{cells}</tr>\n")
}

/// Text that cannot be taken for markup.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // What XML 1.0 has no way to write.
            c if c.is_control() && !matches!(c, '\n' | '\t') => {}
            c => out.push(c),
        }
    }
    out
}
