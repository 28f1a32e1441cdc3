//! What happened, as a log tells it: an exception with its frames, or a message.

pub mod around;
pub mod traceback;

use std::hash::{Hash, Hasher};

use super::pieces::clipped;
use super::unwrap::Level;
use traceback::TracebackLine;

/// How many of a traceback's last frames are kept.
const FRAMES: usize = 24;
/// How much of a frame is kept.
const FRAME: usize = 240;

/// One thing that a log tells.
#[derive(Hash)]
pub struct Event<'e> {
    /// The exception with its class, or the message.
    pub text: &'e [u8],
    /// How bad its logger takes it to be.
    pub level: Level,
    /// An exception that was raised, and shown as Python shows it.
    pub is_raised: bool,
    /// Where it was raised; empty where the log does not say.
    pub frames: &'e Frames,
}

/// The last frames of a traceback, each with its source line where it has one.
#[derive(Default)]
pub struct Frames {
    kept: Vec<Vec<u8>>,
    /// How many there were.
    count: usize,
    has_source: bool,
}

impl Hash for Frames {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_usize(self.count.min(FRAMES));
        self.innermost_first().for_each(|frame| state.write(frame));
    }
}

impl Frames {
    pub const fn none() -> Self {
        Self { kept: Vec::new(), count: 0, has_source: false }
    }

    /// Forgets all, and keeps the memory.
    pub fn clear(&mut self) {
        self.count = 0;
    }

    /// Adds a frame's `File …` line.
    pub fn push(&mut self, line: &[u8]) {
        let place = self.count % FRAMES;
        if self.kept.len() == place {
            self.kept.push(Vec::with_capacity(FRAME));
        }
        if let Some(frame) = self.kept.get_mut(place) {
            frame.clear();
            frame.extend_from_slice(clipped(line.trim_ascii(), FRAME / 2));
        }
        self.count += 1;
        self.has_source = false;
    }

    /// Adds the source line of the frame that came last.
    pub fn source(&mut self, line: &[u8]) {
        if self.has_source || self.count == 0 || line.trim_ascii().is_empty() {
            return;
        }
        self.has_source = true;
        if let Some(frame) = self.kept.get_mut((self.count - 1) % FRAMES) {
            frame.push(b'\n');
            frame.extend_from_slice(clipped(line.trim_ascii(), FRAME / 2));
        }
    }

    /// Adds a line of what may be a traceback whose first line is not in the log: a frame's, or a source line.
    pub fn likely(&mut self, line: &[u8], goes_on: bool) {
        if !goes_on {
            self.clear();
            self.push(b"");
        }
        if traceback::part(line) == TracebackLine::Frame {
            return self.push(line);
        }
        if self.has_source {
            self.push(b"");
        }
        self.source(line);
    }

    /// Those that are kept, the innermost first.
    pub fn innermost_first(&self) -> impl Iterator<Item = &[u8]> {
        let kept = self.count.min(FRAMES);
        (1..=kept).filter_map(|back| self.kept.get((self.count - back) % FRAMES)).map(Vec::as_slice)
    }

    /// The innermost frame that is none of the import system's.
    pub fn last(&self) -> Option<&[u8]> {
        let is_import = |frame: &[u8]| {
            let path = frame.strip_prefix(b"File \"").unwrap_or_default();
            let path = &path[..memchr::memchr(b'"', path).unwrap_or(0)];
            path.starts_with(b"<frozen importlib") || path.ends_with(b"/importlib/__init__.py")
        };
        self.innermost_first().find(|frame| !is_import(frame))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_frames_are_kept_with_their_source() {
        let mut frames = Frames::default();
        for round in 0..3 {
            frames.clear();
            for n in 0..100 {
                frames.push(format!("  File \"{round}-{n}.py\", line 1, in f").as_bytes());
                frames.source(b"    pickle.load(x)");
                frames.source(b"    ^^^^");
            }
            frames.push(b"  File \"<frozen importlib._bootstrap>\", line 9, in _gcd_import");
        }
        assert_eq!(frames.last(), Some(&b"File \"2-99.py\", line 1, in f\npickle.load(x)"[..]));
        assert_eq!(frames.innermost_first().count(), FRAMES);
    }
}
