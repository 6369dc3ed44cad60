//! What is filled into the form comes back through the intake as what was meant.

use truceline_domain::{Body, Direction, Means, Observation, Phenomenon, Report, Weapon};
use truceline_engine::Language;
use truceline_intake::{Context, Format, Item, decoder};
use truceline_report::{FORM_ID, Form};

fn form() -> Form {
    Form::new(&Language::ALL, &["P03".to_owned(), "P01".to_owned()])
}

/// The values that a question offers.
fn offered(xform: &str, name: &str) -> Vec<String> {
    let from = xform
        .find(&format!("<select1 ref=\"/data/{name}\">"))
        .unwrap();
    let text = &xform[from..];
    let text = &text[..text.find("</select1>").unwrap()];
    text.split("<value>")
        .skip(1)
        .map(|v| v.split('<').next().unwrap().to_owned())
        .collect()
}

fn read(answers: &str) -> Vec<Observation> {
    let submission = format!(
        "<data id=\"{FORM_ID}\" version=\"1\"><observer>P03</observer>\
         <observed>2021-03-14T13:05:00.000+04:00</observed>{answers}\
         <meta><instanceID>uuid:1</instanceID></meta></data>"
    );
    let context = Context {
        feed: "forms".parse().unwrap(),
        source: "forms".parse().unwrap(),
    };
    let mut reports = decoder(Format::Report, context);
    let mut all = Vec::new();
    let mut sink = |item: Item| {
        if let Item::Observation(observation) = item {
            all.push(*observation);
        }
    };
    reports.push(submission.as_bytes(), &mut sink);
    reports.finish(&mut sink);
    all
}

fn report(answers: &str) -> Report {
    let Body::Report(report) = read(answers).remove(0).body else {
        panic!("no report")
    };
    report
}

fn is<T: serde::Serialize>(value: T, word: &str) -> bool {
    serde_json::to_value(value).unwrap() == word
}

#[test]
fn every_choice_comes_back_as_what_was_meant() {
    let xform = form().xform();
    assert_eq!(offered(&xform, "observer"), ["P01", "P03"]);
    for word in offered(&xform, "weapon") {
        let told: Weapon = report(&format!("<weapon>{word}</weapon>")).weapon;
        assert!(is(told, &word), "{word}");
    }
    for word in offered(&xform, "means") {
        let told: Means = report(&format!("<means>{word}</means>")).means.unwrap();
        assert!(is(told, &word), "{word}");
    }
    for word in offered(&xform, "phenomenon") {
        let told: Phenomenon = report(&format!("<phenomenon>{word}</phenomenon>"))
            .phenomenon
            .unwrap();
        assert!(is(told, &word), "{word}");
    }
    for word in offered(&xform, "direction") {
        let told: Direction = report(&format!(
            "<weapon>mortar</weapon><direction>{word}</direction>"
        ))
        .direction;
        assert!(is(told, &word), "{word}");
    }
    let told = report(
        "<weapon>mortar</weapon><bearing>250</bearing><distance_m>3000</distance_m><position>40.01 46.93 310 5</position><count>4</count>",
    );
    assert_eq!(told.bearing_deg.unwrap().deg(), 250.0);
    assert_eq!(told.distance_m.unwrap().get(), 3000.0);
    assert_eq!(
        (told.count, told.observer.unwrap().lat_deg()),
        (Some(4), 40.01)
    );
}

#[test]
fn it_speaks_all_languages_and_stays_the_same() {
    let (xform, sheets) = (form().xform(), form().xlsform());
    assert_eq!(xform, form().xform());
    for word in ["Миномёт", "Minaatan", "هاون", "Ականանետ", "Havan", "Mortar"] {
        assert!(xform.contains(word) && sheets.contains(word), "{word}");
    }
    // A message that is missing would be told by its name.
    for id in [">form-", ">col-", ">weapon-", ">dir-", ">obs-", ">means-"] {
        assert!(!xform.contains(id), "{id}");
    }
    assert_eq!(xform.matches("<translation ").count(), 6);
    assert_ne!(xform, Form::new(&[Language::En], &[]).xform());
}

#[test]
fn a_name_with_markup_in_it_stays_a_name() {
    let xform = Form::new(&[], &["<script>\"'&".to_owned()]).xform();
    assert!(!xform.contains("<script>"));
}

#[test]
fn a_submission_with_a_script_in_it_is_refused() {
    assert_eq!(read("<weapon>mortar</weapon>").len(), 1);
    assert!(read("<weapon>mortar</weapon><script>alert(1)</script>").is_empty());
    assert!(read("<weapon>mortar</weapon><h:SCRIPT xmlns:h=\"x\">1</h:SCRIPT>").is_empty());
    assert!(read("<weapon onload=\"x()\">mortar</weapon>").is_empty());
}
