//! KML for globes: a folder a layer, a placemark a row.

use std::collections::HashMap;
use std::io::Write;

use kml::types::{Element, Folder, Geometry, Placemark};
use kml::{Kml, KmlDocument, KmlVersion, KmlWriter};

use crate::FeatureRow;

pub(super) fn write(out: &mut impl Write, rows: &[FeatureRow]) -> Result<(), String> {
    let mut layers: Vec<&str> = rows.iter().map(|row| row.layer.as_str()).collect();
    layers.dedup();
    let folders = layers
        .into_iter()
        .map(|layer| {
            let of_layer = rows.iter().filter(|row| row.layer == layer);
            Kml::Folder(Folder {
                name: Some(layer.to_owned()),
                elements: of_layer.map(|row| Kml::Placemark(placemark(row))).collect(),
                ..Folder::default()
            })
        })
        .collect();
    let document = Kml::Document {
        attrs: HashMap::new(),
        elements: folders,
    };
    let kml: Kml<f64> = Kml::KmlDocument(KmlDocument {
        version: KmlVersion::V22,
        attrs: HashMap::from([(
            "xmlns".to_owned(),
            "http://www.opengis.net/kml/2.2".to_owned(),
        )]),
        elements: vec![document],
    });
    out.write_all(b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")
        .map_err(|e| e.to_string())?;
    KmlWriter::from_writer(out)
        .write(&kml)
        .map_err(|e| e.to_string())
}

fn placemark(row: &FeatureRow) -> Placemark<f64> {
    let mut children = Vec::new();
    if let Some(time) = &row.time {
        children.push(element(
            "TimeStamp",
            None,
            vec![element("when", Some(time), vec![])],
        ));
    }
    let description = row
        .properties
        .iter()
        .filter(|(name, _)| *name != "body")
        .map(|(name, value)| match value.as_str() {
            Some(text) => format!("{name}: {text}"),
            None => format!("{name}: {value}"),
        })
        .collect::<Vec<_>>()
        .join("\n");
    Placemark {
        name: Some(format!("{} {}", row.kind, row.id)),
        description: Some(description),
        geometry: Some(Geometry::from(row.geometry.clone())),
        children,
        ..Placemark::default()
    }
}

fn element(name: &str, content: Option<&str>, children: Vec<Element>) -> Element {
    Element {
        name: name.to_owned(),
        content: content.map(str::to_owned),
        children,
        ..Element::default()
    }
}
