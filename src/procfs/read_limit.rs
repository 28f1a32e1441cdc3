//! How much is read of a process: of all together not more than fits, since others choose what they show and how many they are.

use std::cell::Cell;
use std::time::Duration;

/// What is kept of all processes together: a kilobyte of each of 65,536.
const MOST_KEPT: usize = 64 << 20;

/// Reading them takes no longer, but for the little that is read of each of the rest.
const PATIENCE: Duration = Duration::from_secs(3);

/// How many bytes are read of one process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MostRead {
    /// Of its words.
    pub words: usize,
    /// Of its variables; with more they count as unread.
    pub variables: usize,
}

/// More than the kernel lets a program start with: arguments and variables share 6 MiB.
const MUCH: MostRead = MostRead { words: 128 << 10, variables: 8 << 20 };

/// As much as a usual service has.
const LITTLE: MostRead = MostRead { words: 4 << 10, variables: 32 << 10 };

/// The room and the time that are left.
pub struct Room {
    bytes: Cell<usize>,
    time: Cell<Duration>,
}

impl Room {
    pub fn new() -> Self {
        Self { bytes: Cell::new(MOST_KEPT), time: Cell::new(PATIENCE) }
    }

    /// How much is read of the next process.
    pub fn most(&self) -> MostRead {
        if self.bytes.get() == 0 || self.is_out_of_time() { LITTLE } else { MUCH }
    }

    /// Whether what may take long is left out.
    pub fn is_out_of_time(&self) -> bool {
        self.time.get().is_zero()
    }

    /// Takes off what a process takes up, in bytes, and how long it took to read.
    pub fn take(&self, size: usize, time: Duration) {
        self.bytes.set(self.bytes.get().saturating_sub(size));
        self.time.set(self.time.get().saturating_sub(time));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn when_the_room_is_taken_little_is_read_of_the_rest() {
        let room = Room::new();
        assert_eq!(room.most(), MUCH);
        room.take(MOST_KEPT - 1, Duration::ZERO);
        assert_eq!(room.most(), MUCH);
        room.take(2, PATIENCE / 2);
        assert_eq!((room.most(), room.is_out_of_time()), (LITTLE, false));
        room.take(0, PATIENCE);
        assert!(room.is_out_of_time());
    }
}
