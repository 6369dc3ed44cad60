//! Thermal hotspots from FIRMS' CSV.

use proptest::prelude::*;
use truceline_domain::{Body, Observation, Thermal};
use truceline_intake::{Fault, FaultKind, Format, Item};

const MODIS_NRT: &str = include_str!("data/hotspot/modis_nrt_2022-02.csv");
const MODIS_SP: &str = include_str!("data/hotspot/modis_sp_2021.csv");
const VIIRS_SUOMI: &str = include_str!("data/hotspot/viirs_suomi_npp_2022-08.csv");
const VIIRS_NRT: &str = include_str!("data/hotspot/viirs_nrt_2022-09.csv");
const HEADER: &str = "latitude,longitude,acq_date,acq_time";

fn items(pieces: &[&[u8]]) -> Vec<Item> {
    crate::common::items(Format::Hotspot, pieces.iter().copied()).0
}

fn read(text: &str) -> (Vec<Observation>, Vec<Fault>) {
    crate::common::told(items(&[text.as_bytes()]))
}

fn thermal(o: &Observation) -> &Thermal {
    match &o.body {
        Body::Thermal(t) => t,
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_genuine_row_of_each_product_is_read() {
    for (text, rows) in [
        (MODIS_NRT, 616),
        (MODIS_SP, 200),
        (VIIRS_SUOMI, 200),
        (VIIRS_NRT, 200),
    ] {
        assert_eq!(Format::recognise(text.as_bytes()), Some(Format::Hotspot));
        let (observations, faults) = read(text);
        assert_eq!(
            (observations.len(), faults.len()),
            (rows, 0),
            "{:?}",
            faults.first()
        );
    }
}

#[test]
fn a_modis_row_is_read_as_it_stands() {
    let (observations, _) = read(MODIS_NRT);
    let first = &observations[0];
    // 46.77833,48.12605,303.93,1.11,1.05,2022-02-26,0735,T,57,6.1NRT,282.99,6.56,D
    assert_eq!(first.source.as_str(), "terra-modis");
    assert_eq!(
        first.observed.unwrap().to_string(),
        "2022-02-26T07:35:00.000000Z"
    );
    let t = thermal(first);
    assert_eq!(
        (t.position.lat_deg(), t.position.lon_deg()),
        (46.77833, 48.12605)
    );
    assert_eq!(t.sd_m.get(), 320.429);
    assert_eq!(t.confidence_p.unwrap().get(), 0.57);
    assert_eq!(t.brightness_k.unwrap().get(), 303.93);
    assert_eq!(t.brightness_background_k.unwrap().get(), 282.99);
    assert_eq!(t.frp_mw.unwrap().get(), 6.56);
    assert_eq!(t.instrument.as_deref(), Some("MODIS"));
    assert_eq!(t.satellite.as_deref(), Some("T"));
}

#[test]
fn viirs_words_and_columns_are_known() {
    let (suomi, _) = read(VIIRS_SUOMI);
    let t = thermal(&suomi[0]);
    assert_eq!(suomi[0].source.as_str(), "suomi-npp-viirs");
    assert_eq!(t.confidence_p.unwrap().get(), 0.6);
    assert_eq!(t.confidence.as_deref(), Some("nominal"));
    assert_eq!(t.brightness_k.unwrap().get(), 344.92);
    let (nrt, _) = read(VIIRS_NRT);
    assert_eq!(thermal(&nrt[0]).confidence_p.unwrap().get(), 0.6);
    let (sp, _) = read(MODIS_SP);
    assert_eq!(thermal(&sp[0]).type_code, Some(2));
    assert_eq!(sp[0].source.as_str(), "terra-modis");
}

#[test]
fn columns_stand_in_any_order_and_zeros_may_be_missing() {
    let (a, _) =
        read("\u{feff}ACQ_TIME,Longitude,acq_date,extra,latitude\r\n30,47,2021-03-14,x,40\r\n");
    assert_eq!(
        a[0].observed.unwrap().to_string(),
        "2021-03-14T00:30:00.000000Z"
    );
    assert_eq!(a[0].source.as_str(), "source");
    for (time, expected) in [
        ("5", "00:05"),
        ("935", "09:35"),
        ("0935", "09:35"),
        ("9:35", "09:35"),
    ] {
        let (o, _) = read(&format!("{HEADER}\n40,47,2021-03-14,{time}\n"));
        assert_eq!(
            o[0].observed.unwrap().to_string(),
            format!("2021-03-14T{expected}:00.000000Z")
        );
    }
}

#[test]
fn the_same_row_again_counts_once_whatever_the_order_of_columns() {
    let again = "latitude,longitude,acq_date,acq_time\n40,47,2021-03-14,0930\n\
                 longitude,latitude,acq_date,acq_time\n47,40,2021-03-14,0930\n";
    let (observations, faults) = read(again);
    assert_eq!(observations.len(), 1);
    assert_eq!(
        (faults[0].kind, faults[0].line),
        (FaultKind::Duplicate, Some(4))
    );
}

#[test]
fn a_wrong_row_is_told_and_the_next_is_read() {
    for (row, kind, word) in [
        ("91,47,2021-03-14,0930", FaultKind::Absurd, "latitude"),
        ("NaN,47,2021-03-14,0930", FaultKind::Absurd, "latitude"),
        ("40,inf,2021-03-14,0930", FaultKind::Absurd, "longitude"),
        ("40,x,2021-03-14,0930", FaultKind::Malformed, "longitude"),
        (",47,2021-03-14,0930", FaultKind::Malformed, "latitude"),
        ("40,47,2021-02-30,0930", FaultKind::Malformed, "acq_date"),
        ("40,47,2021-03-14,2400", FaultKind::Malformed, "acq_time"),
        ("40,47,2021-03-14,-930", FaultKind::Malformed, "acq_time"),
        ("40,47,2021-03-14", FaultKind::Malformed, "3 fields"),
        ("40,47,2021-03-14,0930,1", FaultKind::Malformed, "5 fields"),
    ] {
        let (observations, faults) = read(&format!("{HEADER}\n{row}\n40,47,2021-03-14,0931\n"));
        assert_eq!(observations.len(), 1, "{row}");
        assert_eq!((faults[0].kind, faults[0].line), (kind, Some(2)), "{row}");
        assert!(faults[0].message.contains(word), "{}", faults[0]);
    }
    let extra = format!("{HEADER},scan,track,confidence,daynight,satellite,frp");
    for (row, word) in [
        ("90,90,n,D,N,1", "pixel"),
        ("0,0,n,D,N,1", "scan"),
        (",,101,D,N,1", "confidence"),
        (",,n,X,N,1", "daynight"),
        (",,n,D,N,-1", "frp"),
    ] {
        let (_, faults) = read(&format!("{extra}\n40,47,2021-03-14,0930,{row}\n"));
        assert!(faults[0].message.contains(word), "{}", faults[0]);
    }
}

#[test]
fn a_row_without_the_pixels_size_has_the_largest() {
    let (observations, _) = read(&format!(
        "{HEADER},satellite\n40,47,2021-03-14,0930,N\n40,47,2021-03-14,0930,X9\n"
    ));
    assert_eq!(thermal(&observations[0]).sd_m.get(), 230.94);
    assert_eq!(thermal(&observations[1]).sd_m.get(), 1385.641);
    assert_eq!(observations[1].source.as_str(), "x9");
}

#[test]
fn rows_without_a_header_are_refused() {
    let (observations, faults) = read("40,47,2021-03-14,0930\n");
    assert!(observations.is_empty());
    assert!(faults[0].message.contains("header"), "{}", faults[0]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn items_do_not_depend_on_chunks(mut cuts in prop::collection::vec(0usize..4000, 0..8)) {
        let bytes = &VIIRS_NRT.as_bytes()[..4000];
        cuts.extend([0, bytes.len()]);
        cuts.sort_unstable();
        let chunks: Vec<_> = cuts.windows(2).map(|w| &bytes[w[0]..w[1]]).collect();
        prop_assert_eq!(items(&chunks), items(&[bytes]));
    }

    #[test]
    fn any_row_is_survived(row in "[0-9a-zN.,:\"\\-\\n ]{0,60}") {
        read(&format!("{HEADER}\n{row}\n"));
    }
}
