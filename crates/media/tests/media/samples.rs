//! Streams, and what packaging makes of them.

use truceline_domain::{FeedId, SourceId};
use truceline_intake::Context;
use truceline_media::{Event, Fragment, Init, Metadata, OnDamage, Packager};

pub(crate) const NAMES: [&str; 6] = [
    "sample-stream.ts",
    "sync_h264.ts",
    "async_h264.ts",
    "bframes.ts",
    "hevc.ts",
    "resolution.ts",
];

pub(crate) fn path(name: &str) -> String {
    let root = env!("CARGO_MANIFEST_DIR");
    let own = format!("{root}/tests/data/{name}");
    if std::path::Path::new(&own).exists() {
        return own;
    }
    format!("{root}/../intake/tests/data/fmv/{name}")
}

pub(crate) fn read(name: &str) -> Vec<u8> {
    std::fs::read(path(name)).unwrap()
}

pub(crate) fn context() -> Context {
    Context {
        feed: FeedId::new("feed").unwrap(),
        source: SourceId::new("drone").unwrap(),
    }
}

#[derive(Debug, Default, PartialEq)]
pub(crate) struct Packaged {
    pub(crate) events: Vec<Event>,
}

pub(crate) fn package(bytes: &[u8]) -> Packaged {
    package_in(bytes, [], OnDamage::Show)
}

pub(crate) fn package_in(
    bytes: &[u8],
    sizes: impl IntoIterator<Item = usize>,
    on_damage: OnDamage,
) -> Packaged {
    let mut packager = Packager::new(context(), on_damage);
    let mut packaged = Packaged::default();
    let mut rest = bytes;
    let mut sizes = sizes.into_iter();
    while !rest.is_empty() {
        let size = sizes.next().unwrap_or(65_536).clamp(1, rest.len());
        let (piece, more) = rest.split_at(size);
        packager.push(piece, &mut |e| packaged.events.push(e));
        rest = more;
    }
    packager.finish(&mut |e| packaged.events.push(e));
    packaged
}

impl Packaged {
    pub(crate) fn inits(&self) -> Vec<&Init> {
        let inits = self.events.iter().filter_map(|e| match e {
            Event::Init(init) => Some(init),
            _ => None,
        });
        inits.collect()
    }

    pub(crate) fn fragments(&self) -> Vec<&Fragment> {
        let fragments = self.events.iter().filter_map(|e| match e {
            Event::Fragment(fragment) => Some(fragment),
            _ => None,
        });
        fragments.collect()
    }

    pub(crate) fn metadata(&self) -> Vec<&Metadata> {
        let metadata = self.events.iter().filter_map(|e| match e {
            Event::Metadata(metadata) => Some(metadata),
            _ => None,
        });
        metadata.collect()
    }

    /// What a player is sent: headers and fragments in their order.
    pub(crate) fn stream(&self) -> Vec<u8> {
        let parts = self.events.iter().map(|e| match e {
            Event::Init(init) => init.bytes.as_slice(),
            Event::Fragment(fragment) => fragment.bytes.as_slice(),
            _ => &[],
        });
        parts.collect::<Vec<_>>().concat()
    }
}
