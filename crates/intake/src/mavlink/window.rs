//! The bytes of a feed that were taken and not yet read.

/// A window over the feed: what came and was not yet read, and where in the feed it lies.
#[derive(Debug, Default)]
pub(crate) struct Window {
    bytes: Vec<u8>,
    /// How many of `bytes` are read already.
    read: usize,
    /// Byte offset in the feed of the first unread byte.
    offset: u64,
}

impl Window {
    /// Takes the next bytes of the feed.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.bytes.drain(..self.read);
        self.read = 0;
        self.bytes.extend_from_slice(bytes);
    }

    /// All that is not yet read.
    pub(crate) fn rest(&self) -> &[u8] {
        self.bytes.get(self.read..).unwrap_or_default()
    }

    /// Byte offset in the feed of the first unread byte.
    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    /// Holds the first `n` unread bytes as read.
    pub(crate) fn advance(&mut self, n: usize) {
        let n = n.min(self.bytes.len() - self.read);
        self.read += n;
        self.offset += n as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_never_reads_past_its_end() {
        let mut window = Window::default();
        window.push(b"abc");
        window.advance(2);
        window.push(b"de");
        assert_eq!((window.rest(), window.offset()), (&b"cde"[..], 2));
        window.advance(99);
        assert_eq!((window.rest(), window.offset()), (&b""[..], 5));
    }
}
