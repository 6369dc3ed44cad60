use truceline_intake::*;
#[test]
fn all() {
    for path in std::env::var("FILES").unwrap().split_whitespace() {
        let bytes = std::fs::read(path).unwrap();
        let f = Format::recognise(&bytes);
        print!("{path}: {f:?} ");
        let Some(f) = f else {
            println!();
            continue;
        };
        let t = std::time::Instant::now();
        let mut d = decoder(
            f,
            Context {
                feed: truceline_domain::FeedId::new("f").unwrap(),
                source: truceline_domain::SourceId::new("s").unwrap(),
            },
        );
        let mut faults = vec![];
        let mut obs = vec![];
        let mut sink = |i: Item| match i {
            Item::Fault(f) => faults.push(f),
            Item::Observation(o) => obs.push(o),
            _ => {}
        };
        for c in bytes.chunks(65536) {
            d.push(c, &mut sink);
        }
        d.finish(&mut sink);
        let e = t.elapsed();
        println!("{:?} {:?}", d.tally(), e);
        for f in faults
            .iter()
            .filter(|f| f.kind != FaultKind::Duplicate)
            .take(6)
        {
            println!("   {f}")
        }
        if let Ok(n) = std::env::var("SHOW") {
            for o in obs.iter().take(n.parse().unwrap()) {
                println!("   {}", serde_json::to_string(o).unwrap())
            }
        }
    }
}
