//! Prints the packets of a raw KLV file, one JSON object a line: `cargo run --example klv_json FILE`.

use truceline_klv::st0601::Packet;
use truceline_klv::stream::{Found, scan};

fn main() -> std::io::Result<()> {
    for path in std::env::args().skip(1) {
        let bytes = std::fs::read(path)?;
        for found in scan(&bytes) {
            match found {
                Found::Packet(klv) => match Packet::from_klv(&klv) {
                    Some(packet) => {
                        println!(
                            "{}",
                            serde_json::json!({ "checksum": packet.checksum().as_str(), "st0601": packet.to_json() })
                        );
                    }
                    None => eprintln!(
                        "byte {}: {}, {} bytes",
                        klv.offset,
                        klv.key.standard(),
                        klv.value.len()
                    ),
                },
                other => eprintln!("{other:?}"),
            }
        }
    }
    Ok(())
}
