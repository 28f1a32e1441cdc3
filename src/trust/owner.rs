//! Owners, and those that the kernel can't name.

use std::fmt;
use std::path::Path;
use std::sync::OnceLock;

use rustix::fs::stat;

use crate::files;

/// A user or group. In a user namespace those that have no number there are all shown as one, which says nothing of who they are.
#[derive(Debug, Clone, Copy)]
pub enum Id {
    User(u32),
    Group(u32),
    /// One that the kernel can't name: nobody's, not one's own.
    Unnameable,
}

impl Id {
    /// The owner that a file shows.
    pub fn of_user(user: u32) -> Self {
        static UNNAMEABLE: OnceLock<Option<u32>> = OnceLock::new();
        let is_shown =
            || *UNNAMEABLE.get_or_init(|| unnameable("/proc/sys/kernel/overflowuid")) == Some(user);
        if user != 0 && is_shown() { Self::Unnameable } else { Self::User(user) }
    }

    /// The group that a file shows.
    pub fn of_group(group: u32) -> Self {
        Self::Group(group)
    }

    /// The group that an access control list gives more than reading; told from an unnameable one only there, where it counts.
    pub fn of_writing_group(group: u32) -> Self {
        static UNNAMEABLE: OnceLock<Option<u32>> = OnceLock::new();
        let is_shown =
            || *UNNAMEABLE.get_or_init(|| unnameable("/proc/sys/kernel/overflowgid")) == Some(group);
        if group != 0 && is_shown() { Self::Unnameable } else { Self::Group(group) }
    }

    /// Whether it is the user of this number.
    pub fn is(self, user: u32) -> bool {
        matches!(self, Self::User(number) if number == user)
    }

    /// Whether both are surely one and the same.
    pub fn is_same(self, other: Self) -> bool {
        match (self, other) {
            (Self::User(a), Self::User(b)) | (Self::Group(a), Self::Group(b)) => a == b,
            _ => false,
        }
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(number) => write!(f, "user {number}"),
            Self::Group(number) => write!(f, "group {number}"),
            Self::Unnameable => f.write_str("a user or group that this user namespace does not map"),
        }
    }
}

/// The number that stands for those that can't be named; `None` in the first user namespace, where all can.
///
/// Sources: user_namespaces(7); the first one's inode is `PROC_USER_INIT_INO` of include/linux/proc_ns.h.
fn unnameable(setting: &str) -> Option<u32> {
    const FIRST: u64 = 0xEFFF_FFFD;
    const USUAL: u32 = 65_534;
    const LONGEST_SETTING: u64 = 128;
    if stat("/proc/self/ns/user").is_ok_and(|namespace| namespace.st_ino == FIRST) {
        return None;
    }
    let text = files::read_of_kernel(Path::new(setting), LONGEST_SETTING).ok();
    let number = text.and_then(|text| str::from_utf8(&text).ok()?.trim().parse().ok());
    Some(number.unwrap_or(USUAL))
}
