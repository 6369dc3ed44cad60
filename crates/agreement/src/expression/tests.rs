use super::*;

fn mistakes(source: &str) -> Vec<String> {
    match Expression::parse(source) {
        Ok(_) => vec![],
        Err(all) => all
            .into_iter()
            .map(|m| format!("{}: {}", m.at, m.what))
            .collect(),
    }
}

#[test]
fn what_clauses_say_is_accepted() {
    for source in [
        r#"event.class == "firing""#,
        r#"event.class == "firing" || (event.kind == "demolition" && !event.announced)"#,
        r#"event.class in ["firing", "activity"] && "aghdam" in event.sure_areas"#,
        r#"impact.known && impact.holder != party && impact.line_m > 500"#,
        r#"event.time >= "2020-11-09T21:00:00.000000Z" && event.lat > -1.5"#,
        r#"size(event.areas) > 0 ? event.announced : true"#,
    ] {
        let found = mistakes(source);
        assert!(found.is_empty(), "{source}: {found:?}");
    }
}

#[test]
fn what_cannot_be_meant_is_refused_at_its_place() {
    for (source, expected) in [
        (r#"event.knd == "mortar""#, "5: unknown field `event.knd`"),
        (r#"event.kind == "mortr""#, "14: \"mortr\""),
        (
            r#"event.kind == event.class"#,
            "19: a class of events compared with a kind of event",
        ),
        (r#"event.kind"#, "5: a kind of event"),
        (r#"event.lat + 1.0 > 2.0"#, "10: `+`"),
        (r#"event.areas.exists(a, a == "x")"#, "18: a loop"),
        (
            r#"event.kind < "mortar""#,
            "13: text compared with a kind of event",
        ),
        (r#"1 == 1.0"#, "5: a number compared with a whole number"),
        (
            r#"event.announced == "yes""#,
            "19: text compared with true or false",
        ),
        (r#"has(event.kind)"#, "3: unknown field `has(…)`"),
        (r#"event["kind"] == "mortar""#, "5: `[_]`"),
        (r#"event.time > "2020-11-10""#, "13: \"2020-11-10\""),
    ] {
        assert_eq!(mistakes(source), [expected], "{source}");
    }
    assert!(!mistakes("event.class = 'firing'").is_empty());
    assert!(!mistakes("").is_empty());
    assert!(!mistakes("event.class == \"firing").is_empty());
}

#[test]
fn hostile_expressions_are_refused_before_they_are_parsed() {
    for source in [
        "(".repeat(500),
        "!".repeat(900),
        "[".repeat(1_000),
        "- ".repeat(900),
        "a?".repeat(400),
        "x".repeat(5_000),
        "\u{0}".to_owned(),
    ] {
        assert!(!mistakes(&source).is_empty());
    }
    // The longest chains that pass are still within a small stack.
    let long = ["true"; 300].join("==");
    let wide = ["event.announced"; 110].join("&&");
    let small = std::thread::Builder::new().stack_size(1 << 20);
    let run = small.spawn(move || {
        for source in [long, wide] {
            let parsed = Expression::parse(&source).unwrap();
            let _ = parsed.holds(&Context::default());
        }
    });
    run.unwrap().join().unwrap();
}
