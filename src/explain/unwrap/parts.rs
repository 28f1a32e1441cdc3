//! Messages that were cut: containers' logs have at most 16 KB of one in an entry.

/// How much of a message is put together; more of it is another one.
const LONGEST: usize = 64 * 1024;
/// No message is cut that is shorter: Docker does so at 16 KB.
const SHORTEST: usize = 8 * 1024;
/// How many streams may have a message open at once.
const STREAMS: usize = 8;

/// The messages that are not whole yet, one a stream.
#[derive(Default)]
pub struct Parts {
    open: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Parts {
    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// Whether what waits of a stream is no part of anything: it was written without a line end, as all of it is.
    pub fn is_short(&self, stream: &[u8]) -> bool {
        self.open.iter().any(|(open, message)| open == stream && message.len() < SHORTEST)
    }

    /// Adds a part of a stream's message; all of it where it is whole, or too long to go on with.
    pub fn add(&mut self, stream: &[u8], part: &[u8], is_cut: bool) -> Option<Vec<u8>> {
        let place = self.open.iter().position(|(open, _)| open == stream);
        let mut message = match place {
            Some(place) => self.open.swap_remove(place).1,
            None if !is_cut => return Some(part.to_owned()),
            None => Vec::new(),
        };
        message.extend_from_slice(part);
        if !is_cut || message.len() > LONGEST || self.open.len() >= STREAMS {
            return Some(message);
        }
        self.open.push((stream.to_owned(), message));
        None
    }

    /// What waits though no more comes.
    pub fn rest(&mut self) -> Vec<(Vec<u8>, Vec<u8>)> {
        std::mem::take(&mut self.open)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_one_stream_make_a_message_whatever_comes_between() {
        let mut parts = Parts::default();
        assert_eq!(parts.add(b"stderr", b"No module na", true), None);
        assert_eq!(parts.add(b"stdout", b"fine", false), Some(b"fine".to_vec()));
        assert_eq!(parts.add(b"stderr", b"med 'x'", false), Some(b"No module named 'x'".to_vec()));
        assert!(parts.is_empty());
        assert_eq!(parts.add(b"stderr", b"cut", true), None);
        assert!(parts.is_short(b"stderr") && !parts.is_short(b"stdout"));
        assert_eq!(parts.rest(), [(b"stderr".to_vec(), b"cut".to_vec())]);
    }

    #[test]
    fn a_message_without_end_has_a_bound() {
        let mut parts = Parts::default();
        let sizes: Vec<_> =
            (0..20).filter_map(|_| parts.add(b"s", &[b'x'; 16384], true)).map(|m| m.len()).collect();
        assert!(!sizes.is_empty() && sizes.iter().all(|size| *size <= LONGEST + 16384), "{sizes:?}");
    }
}
