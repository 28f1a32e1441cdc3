//! Who may write beside the owner: the group, everyone, and whom an access control list names (acl(5)).

use std::io;
use std::os::fd::AsFd;

use rustix::fs::{Mode, OFlags, fgetxattr, openat};
use rustix::io::{Errno, retry_on_intr};

use super::owner::Id;
use super::ownership::{GROUP, Ownership, Writer};

/// The attribute that holds the list; `<linux/posix_acl_xattr.h>` has its form: a version, then entries of tag, permissions and
/// number, all little-endian.
const ATTRIBUTE: &str = "system.posix_acl_access";
const VERSION: u32 = 2;
const USER: u16 = 0x02;
const GROUP_OF_FILE: u16 = 0x04;
const NAMED_GROUP: u16 = 0x08;
const MASK: u16 = 0x10;
const WRITE: u16 = 0x2;

/// More than any file system takes (64 KiB).
const LONGEST: usize = 1 << 16;

/// Who may write, beside the owner and root.
#[derive(Debug, Clone, Default)]
pub struct Writers {
    pub everyone: bool,
    /// The users and groups that may write.
    pub named: Vec<Id>,
}

impl Writers {
    /// Who may write to an open directory.
    ///
    /// # Errors
    /// When its list can't be read, or is none.
    pub fn of(open: impl AsFd, facts: &Ownership) -> io::Result<Self> {
        if facts.mode & GROUP == 0 {
            return Ok(Self { everyone: facts.is_open(), named: Vec::new() }); // the mask lets nobody else write
        }
        // A descriptor that is only for looking has no attributes.
        let readable = retry_on_intr(|| {
            openat(&open, ".", OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())
        })?;
        let mut list = vec![0; LONGEST];
        let list = match retry_on_intr(|| fgetxattr(&readable, ATTRIBUTE, &mut list[..])) {
            Ok(length) => Some(&list[..length]),
            Err(Errno::NODATA | Errno::OPNOTSUPP | Errno::NOSYS) => None,
            Err(error) => return Err(error.into()),
        };
        Self::parse(facts, list).ok_or_else(|| io::Error::other("its access control list can't be read"))
    }

    fn parse(facts: &Ownership, list: Option<&[u8]>) -> Option<Self> {
        let own_group = match facts.group {
            Id::Group(group) => Id::of_writing_group(group),
            other => other,
        };
        let Some(list) = list else {
            return Some(Self { everyone: facts.is_open(), named: vec![own_group] });
        };
        let (version, entries) = list.split_first_chunk()?;
        if u32::from_le_bytes(*version) != VERSION || entries.len() % 8 != 0 {
            return None;
        }
        let entries = entries.as_chunks().0.iter().map(|&[t0, t1, p0, p1, n0, n1, n2, n3]| {
            (u16::from_le_bytes([t0, t1]), u16::from_le_bytes([p0, p1]), u32::from_le_bytes([n0, n1, n2, n3]))
        });
        let mask = entries.clone().find(|(tag, ..)| *tag == MASK).map_or(WRITE, |(_, mask, _)| mask);
        let may_write = |permissions: u16| permissions & mask & WRITE != 0;
        let named =
            entries.filter(|(_, permissions, _)| may_write(*permissions)).filter_map(|(tag, _, number)| {
                match tag {
                    USER => Some(Id::of_user(number)),
                    NAMED_GROUP => Some(Id::of_writing_group(number)),
                    GROUP_OF_FILE => Some(own_group),
                    _ => None,
                }
            });
        Some(Self { everyone: facts.is_open(), named: named.collect() })
    }

    /// Somebody who may write here, and is neither one of `own` nor among `others`, who may write elsewhere.
    pub fn beyond(&self, others: &Self, own: &[Id]) -> Option<Writer> {
        if others.everyone {
            return None;
        }
        if self.everyone {
            return Some(Writer::Everyone);
        }
        let is_known = |id: &Id| own.iter().chain(&others.named).any(|known| id.is_same(*known));
        self.named.iter().copied().find(|id| !is_known(id)).map(Writer::Named)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::fs::FileType;

    fn facts(mode: u32) -> Ownership {
        Ownership { kind: FileType::Directory, owner: Id::User(7), group: Id::Group(70), mode }
    }

    fn list(entries: &[(u16, u16, u32)]) -> Vec<u8> {
        let mut list = VERSION.to_le_bytes().to_vec();
        for (tag, permissions, number) in entries {
            list.extend(tag.to_le_bytes().into_iter().chain(permissions.to_le_bytes()));
            list.extend(number.to_le_bytes());
        }
        list
    }

    fn named(mode: u32, entries: &[(u16, u16, u32)]) -> Vec<String> {
        let writers = Writers::parse(&facts(mode), Some(&list(entries))).expect("a list");
        writers.named.iter().map(Id::to_string).collect()
    }

    #[test]
    fn a_list_names_those_whom_its_mask_lets_write() {
        // What `setfacl -m u:8:rwx` leaves: the mode's group bits are the mask.
        let entries = [(1, 7, 0), (USER, 7, 8), (GROUP_OF_FILE, 5, 0), (MASK, 7, 0), (0x20, 5, 0)];
        assert_eq!(named(0o775, &entries), ["user 8"]);
        let entries =
            [(1, 7, 0), (USER, 7, 8), (GROUP_OF_FILE, 7, 0), (NAMED_GROUP, 7, 9), (MASK, 5, 0), (0x20, 5, 0)];
        assert_eq!(named(0o755, &entries), [""; 0]);
        let entries = [(1, 7, 0), (GROUP_OF_FILE, 7, 0), (NAMED_GROUP, 6, 9), (MASK, 7, 0), (0x20, 5, 0)];
        assert_eq!(named(0o775, &entries), ["group 70", "group 9"]);
    }

    #[test]
    fn without_a_list_the_group_may_write_and_garbage_is_no_list() {
        let writers = Writers::parse(&facts(0o777), None).expect("no list");
        assert!(writers.everyone && writers.named.len() == 1);
        for garbage in [&b""[..], b"\x02\0\0", b"\x01\0\0\0", b"\x02\0\0\0\x02\0\x07\0\x08\0\0"] {
            assert!(Writers::parse(&facts(0o775), Some(garbage)).is_none(), "{garbage:?}");
        }
    }

    #[test]
    fn writers_of_one_directory_and_not_the_other_are_named() {
        let group = |number| Writers { everyone: false, named: vec![Id::Group(number)] };
        let user = |number| Writers { everyone: false, named: vec![Id::User(number)] };
        let everyone = || Writers { everyone: true, named: Vec::new() };
        let nobody = Writers::default;
        let own = [Id::User(7), Id::User(0)];
        let table = [
            (nobody(), nobody(), None),
            (group(70), group(70), None),
            (group(70), group(71), Some("group 70")),
            (group(70), user(70), Some("group 70")),
            (user(8), group(8), Some("user 8")),
            (user(8), user(8), None),
            (user(7), nobody(), None),
            (everyone(), group(70), Some("everyone")),
            (everyone(), everyone(), None),
            (group(70), everyone(), None),
            (
                Writers { everyone: false, named: vec![Id::Unnameable] },
                Writers { everyone: false, named: vec![Id::Unnameable] },
                Some("a user or group that this user namespace does not map"),
            ),
        ];
        for (here, there, expected) in table {
            assert_eq!(
                here.beyond(&there, &own).map(|writer| writer.to_string()).as_deref(),
                expected,
                "{here:?} {there:?}"
            );
        }
    }
}
