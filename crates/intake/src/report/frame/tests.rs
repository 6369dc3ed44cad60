use proptest::prelude::*;

use super::*;

/// Pieces as text with their offset and line.
fn framed<G: Grammar + Default>(chunks: &[&[u8]]) -> Vec<(String, u64, u64)> {
    let mut framer = Framer::new(G::default());
    let mut all = Vec::new();
    let mut tell = |piece: Framed<'_>, at: At| {
        let (mark, bytes) = match piece {
            Framed::Item(b) => ("", b),
            Framed::Oversized(b) => ("oversized ", b),
            Framed::Unfinished(b) => ("unfinished ", b),
        };
        let text = format!("{mark}{}", String::from_utf8_lossy(bytes));
        all.push((text, at.offset, at.line));
    };
    for chunk in chunks {
        framer.push(chunk, &mut tell);
    }
    framer.finish(&mut tell);
    all
}

fn texts<G: Grammar + Default>(input: &str) -> Vec<String> {
    framed::<G>(&[input.as_bytes()])
        .into_iter()
        .map(|(text, ..)| text)
        .collect()
}

#[test]
fn lines_have_their_places() {
    let all = framed::<Line>(&[b"a\n\n\r\nbc"]);
    let expected = [("a\n", 0, 1), ("\r\n", 3, 3), ("bc", 5, 4)];
    assert_eq!(
        all,
        expected.map(|(text, offset, line)| (text.to_owned(), offset, line))
    );
}

#[test]
fn a_record_may_have_line_ends_in_quotes() {
    let input = "a,\"b\nc \"\"d\"\"\"\ne;\"f\n\";g\nh\"i\n";
    assert_eq!(
        texts::<CsvRecord>(input),
        ["a,\"b\nc \"\"d\"\"\"\n", "e;\"f\n\";g\n", "h\"i\n"]
    );
}

#[test]
fn a_quote_left_open_costs_its_line() {
    assert_eq!(
        texts::<CsvRecord>("a\n\"b,c\nd,e\nf"),
        ["a\n", "unfinished \"b,c\n", "d,e\n", "f"]
    );
    let far = format!("\"open\n{}", "x,y\n".repeat(CsvRecord::LIMIT_BYTES / 2));
    let all = framed::<CsvRecord>(&[far.as_bytes()]);
    assert_eq!(all[0], ("oversized \"open\n".to_owned(), 0, 1));
    assert_eq!(all[1], ("x,y\n".to_owned(), 6, 2));
    assert_eq!(all.len(), 1 + CsvRecord::LIMIT_BYTES / 2);
    assert_eq!(all.last().unwrap().2, all.len() as u64);
}

#[test]
fn lines_without_end_are_cut_and_the_next_is_whole() {
    let input = format!("{}\nnext\n", "x".repeat(3 * Line::LIMIT_BYTES));
    let all = texts::<Line>(&input);
    assert_eq!(all.len(), 2);
    assert!(all[0].starts_with("oversized xxx"));
    assert_eq!(all[1], "next\n");
}

#[test]
fn records_made_to_never_end_cost_no_square() {
    // Each line leaves a quote open whether it began within one or not.
    let input = "\"x\",\"\n".repeat(200_000);
    assert!(texts::<CsvRecord>(&input).len() > 100_000);
}

#[test]
fn objects_are_found_however_they_are_wrapped() {
    let items = ["{\"a\":\"}\\\"{\"}", "{\"b\":[{}]}"];
    let [a, b] = items;
    for input in [
        format!("{a}\n{b}\n"),
        format!("{a}{b}"),
        format!("[{a},\n {b}]"),
        format!("{{\"count\":2,\"next\":null,\"results\":[{a},{b}],\"x\":\"y\"}}"),
    ] {
        assert_eq!(texts::<JsonItem>(&input), items, "{input}");
    }
    assert_eq!(
        texts::<JsonItem>("[{\n\"a\":1\n},{\n}]"),
        ["{\n\"a\":1\n}", "{\n}"]
    );
}

#[test]
fn a_broken_object_costs_itself() {
    assert_eq!(
        texts::<JsonItem>("{\"a\":1}\n{\"b\":{\n{\"c\":\"\n{\"d\":4}\nword\n{}"),
        [
            "{\"a\":1}",
            "{\"b\":{\n",
            "{\"c\":\"\n",
            "{\"d\":4}",
            "word\n",
            "{}"
        ]
    );
    assert_eq!(
        texts::<JsonItem>("[{\"a\":{\n\"b\":1},\n{\"c\":2}]"),
        ["unfinished {\"a\":{\n", "\"b\":1},\n", "{\"c\":2}"]
    );
}

#[test]
fn documents_follow_each_other() {
    let input = "<?xml version=\"1.0\"?>\n<!-- > --><a x='>/'><b/><![CDATA[</a>]]><!-- </a> --></a>\n<c/><?xml version='1.0'?><d>t</d>";
    assert_eq!(
        texts::<XmlDocument>(input),
        [
            "<a x='>/'><b/><![CDATA[</a>]]><!-- </a> --></a>",
            "<c/>",
            "<d>t</d>"
        ]
    );
    let declared = "<!DOCTYPE a [<!ENTITY b \"c\">]>\n<a>&b;</a>";
    assert_eq!(texts::<XmlDocument>(declared), [declared]);
    assert_eq!(
        texts::<XmlDocument>("oops\n<a></a></b>"),
        ["oops\n", "<a></a>", "</b>"]
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn pieces_do_not_depend_on_chunks(
        input in "[a\",;{}\\[\\]<>/!\\-\\n :]{0,200}",
        cuts in prop::collection::vec(0usize..200, 0..6),
    ) {
        let input = input.as_bytes();
        let mut cuts: Vec<_> = cuts.into_iter().map(|c| c.min(input.len())).collect();
        cuts.extend([0, input.len()]);
        cuts.sort_unstable();
        let chunks: Vec<_> = cuts.windows(2).map(|w| &input[w[0]..w[1]]).collect();
        prop_assert_eq!(framed::<Line>(&chunks), framed::<Line>(&[input]));
        prop_assert_eq!(framed::<CsvRecord>(&chunks), framed::<CsvRecord>(&[input]));
        prop_assert_eq!(framed::<JsonItem>(&chunks), framed::<JsonItem>(&[input]));
        prop_assert_eq!(framed::<XmlDocument>(&chunks), framed::<XmlDocument>(&[input]));
    }
}
