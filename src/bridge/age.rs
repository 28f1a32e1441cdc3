//! When a bridge was last used. A launch notes it in the mtime of the bridge's directory, once a day; where the user may not, the
//! file system notes in its atime that Python listed it.

use std::ffi::OsStr;
use std::os::fd::AsFd;

use rustix::fs::{AtFlags, Stat, Timespec, Timestamps, UTIME_NOW, UTIME_OMIT, utimensat};
use rustix::io::retry_on_intr;

const DAY: i64 = 24 * 60 * 60;

/// A bridge that no launch used for so long is swept. What other containers run can't be seen, so it is long.
const KEPT: i64 = 30 * DAY;

/// Whether the last note, the mtime of a bridge, is older than a day. Times are in seconds since the epoch.
pub fn is_to_be_noted(mtime: i64, now: i64) -> bool {
    now.saturating_sub(mtime) > DAY
}

/// Whether a bridge has not been used for so long that it can go.
pub fn is_out_of_use(bridge: &Stat, now: i64) -> bool {
    now.saturating_sub(bridge.st_mtime.max(bridge.st_atime)) > KEPT
}

/// Notes that a bridge is used. Where that is refused, it is not needed: nobody removes it there, or others note it.
pub fn note(store: impl AsFd, name: &OsStr) {
    let [omit, now] = [UTIME_OMIT, UTIME_NOW].map(|tv_nsec| Timespec { tv_sec: 0, tv_nsec });
    let times = Timestamps { last_access: omit, last_modification: now };
    let store = store.as_fd();
    let _ = retry_on_intr(|| utimensat(store, name, &times, AtFlags::SYMLINK_NOFOLLOW));
}
