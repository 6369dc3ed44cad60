//! ST 0601 packets decoded per second, on one core: this crate, and a public Rust peer over the same bytes.
//!
//! "All values" means: key and length read, checksum verified, every item found, every number converted to its unit, every text
//! checked, every pack and every item of nested sets (security, VMTI) decoded. The peer (`klv-uas`) verifies the checksum and
//! keeps integers as they are stored, without converting them.

#![allow(missing_docs, reason = "criterion_group! makes a public function")]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use klv_uas::klv_packet::KlvPacket;
use truceline_klv::carriage::metadata_cells;
use truceline_klv::st0601::{Builder, Packet};
use truceline_klv::stream::{Found, scan};
use truceline_klv::{Checksum, Item, LocalSet, Value};

const CHEYENNE: &[u8] = include_bytes!("../tests/data/Cheyenne.bin");
const VRSG: &[u8] = include_bytes!("../tests/data/vrsg.klv");
const SYNTH: &[u8] = include_bytes!("../tests/data/synth_sync.pes");

fn packets(bytes: &[u8]) -> Vec<&[u8]> {
    scan(bytes)
        .filter_map(|found| match found {
            Found::Packet(packet) => Some(packet.bytes),
            _ => None,
        })
        .collect()
}

/// The packets of synchronous PES payloads, each payload after its length in four bytes.
fn synth_packets() -> Vec<&'static [u8]> {
    let mut rest = SYNTH;
    let mut packets = Vec::new();
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let (payload, after) = after.split_at(u32::from_be_bytes(*length) as usize);
        packets.extend(
            metadata_cells(payload)
                .filter_map(Result::ok)
                .map(|cell| cell.data),
        );
        rest = after;
    }
    packets
}

/// Converts every value; returns the last item of tag 1, which carries the checksum.
fn every_value<'a>(set: LocalSet<'a>) -> Option<Item<'a>> {
    let mut checksum = None;
    for item in set.items().map_while(Result::ok) {
        match item.value() {
            Ok(Value::Real(number)) => consume(number),
            Ok(Value::Unsigned(number)) => consume(number),
            Ok(Value::Text(text)) => consume(text),
            Ok(Value::Set(inner)) => consume(every_value(inner).is_some()),
            Ok(Value::Pack(pack)) => consume(&pack.read()),
            other => consume(&other),
        }
        if item.tag == 1 {
            checksum = Some(item);
        }
    }
    checksum
}

/// Keeps the compiler from leaving out the work behind a value.
fn consume<T>(value: T) {
    black_box(value);
}

fn decode(bytes: &[u8]) {
    if let Ok(packet) = Packet::parse(bytes) {
        let checksum = every_value(packet.set());
        assert_eq!(packet.checksum_of(checksum), Checksum::Ok);
    }
}

/// The packets without their nested sets, which make the peer panic ("not yet implemented"), and with a new checksum.
fn without_nested_sets(packets: &[&[u8]]) -> Vec<Vec<u8>> {
    let plain = packets
        .iter()
        .filter_map(|bytes| Packet::parse(bytes).ok())
        .map(|packet| {
            let mut builder = Builder::bare();
            for item in packet.items().map_while(Result::ok) {
                if item.tag != 1 && !matches!(item.value(), Ok(Value::Set(_))) {
                    builder.raw(item.tag, item.raw);
                }
            }
            builder.finish()
        });
    plain.collect()
}

fn all_values(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("st0601 all values");
    for (name, packets) in [
        ("Cheyenne", packets(CHEYENNE)),
        ("synthetic", synth_packets()),
        ("VRSG", packets(VRSG)),
    ] {
        group.throughput(Throughput::Elements(packets.len() as u64));
        group.bench_function(format!("truceline-klv/{name}"), |b| {
            b.iter(|| packets.iter().for_each(|p| decode(black_box(p))))
        });
        let plain = without_nested_sets(&packets);
        group.bench_function(format!("truceline-klv/{name} without nested sets"), |b| {
            b.iter(|| plain.iter().for_each(|p| decode(black_box(p))));
        });
        group.bench_function(format!("klv-uas/{name} without nested sets"), |b| {
            b.iter(|| {
                plain.iter().for_each(|p| {
                    assert!(matches!(KlvPacket::from_bytes(black_box(p)), Ok(Some(_))))
                })
            });
        });
    }
    group.finish();
}

fn other_work(criterion: &mut Criterion) {
    let packets = packets(CHEYENNE);
    let mut group = criterion.benchmark_group("st0601 other");
    group.throughput(Throughput::Elements(packets.len() as u64));
    group.bench_function("scan the stream/Cheyenne", |b| {
        b.iter(|| scan(black_box(CHEYENNE)).count())
    });
    group.bench_function("position, centre, corners/Cheyenne", |b| {
        b.iter(|| {
            for packet in packets.iter().filter_map(|p| Packet::parse(p).ok()) {
                black_box((
                    packet.sensor_position(),
                    packet.frame_center(),
                    packet.corners(),
                ));
            }
        });
    });
    group.bench_function("to_json/Cheyenne", |b| {
        b.iter(|| {
            packets
                .iter()
                .filter_map(|p| Packet::parse(p).ok())
                .map(|p| p.to_json().len())
                .sum::<usize>()
        });
    });
    group.finish();
}

criterion_group!(benches, all_values, other_work);
criterion_main!(benches);
