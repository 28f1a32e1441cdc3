//! The stamp: what a launch compares, with one `stat` a package directory, to know that a bridge still fits.
//!
//! ```text
//! heygem-run 5f0c1b2a3d4e5f60          the version of the bridge's own text
//! heygem-bridge-0123456789abcdef       the directory that fits
//! settled                              or `unsettled`: look again next time
//! python 3.8                           the versions that the SDK is compiled for
//! no sitecustomize                     whether it has one of its own
//! 1763950000.123456789                 the root's mtime
//! 1763950000.123456789 service         a package's
//! 8f14e45fceea167a                     a hash of all above
//! ```
//!
//! A stamp that differs is no proof that the bridge is stale: image layers round mtimes and `__pycache__` touches them. It
//! only means that the names must be listed again. Without the hash, a stamp that lost its last lines would be a valid one that
//! checks fewer directories.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::content::{FNV_OFFSET, TEMPLATE, fnv1a, fold, hex, is_bridge_name};
use crate::directory::look_through;
use crate::sdk::Sdk;
use crate::sdk::abi::Version;
use crate::sdk::scan::{Directory, Mtime, Scan};

/// The coarsest clock by which a file system may stamp two changes alike, where it keeps fractions of a second (one
/// tick of the slowest kernel, doubled) …
const FINE_TICK: Duration = Duration::from_millis(20);

/// … and where it keeps whole or even seconds.
const COARSE_TICK: Duration = Duration::from_secs(2);

/// The names of stamps: of bridges whose processes go to the root, and of those whose processes stay.
pub const NAMES: [&str; 2] = ["stamp", "stamp-stay"];

/// What every stamp begins with; the version of the bridge's own text follows.
pub const START: &str = "heygem-run ";

/// More lines than any stamp has: a scan takes fewer directories down.
const MOST_LINES: usize = 10_000;

/// The length of the last line.
const HASH_LINE: usize = 17;

/// What a stamp says of an SDK in which nothing changed.
#[derive(Debug, PartialEq, Eq)]
pub struct Current<'s> {
    /// The name of the bridge's directory.
    pub bridge: &'s OsStr,
    /// The SDK.
    pub sdk: Sdk,
}

/// Writes the stamp for a scan that began at `started`.
pub fn write(bridge: &str, sdk: &Sdk, scan: &Scan, started: SystemTime) -> String {
    let settled = if is_settled(&scan.directories, started) { "settled" } else { "unsettled" };
    let mut text = format!("{START}{TEMPLATE:016x}\n{bridge}\n{settled}\npython");
    // Writing to a `String` can't fail. Only identifiers are walked: no path has a line break or needs an escape.
    for version in &sdk.versions {
        let _ = write!(text, " {version}");
    }
    text.push('\n');
    text.push_str(if sdk.has_sitecustomize { "sitecustomize\n" } else { "no sitecustomize\n" });
    for Directory { path, mtime } in &scan.directories {
        let _ = write!(text, "{}.{:09}", mtime.seconds, mtime.nanoseconds);
        let _ =
            if path.as_os_str().is_empty() { writeln!(text) } else { writeln!(text, " {}", path.display()) };
    }
    with_checksum(text)
}

fn with_checksum(mut text: String) -> String {
    text.extend(checksum(text.as_bytes()).map(char::from));
    text.push('\n');
    text
}

/// The digits of a hash of a text. It takes eight bytes at a time, since each launch hashes a stamp of about a kilobyte.
fn checksum(text: &[u8]) -> [u8; 16] {
    let (words, rest) = text.as_chunks();
    hex(fnv1a(words.iter().fold(FNV_OFFSET, |hash, word| fold(hash, u64::from_le_bytes(*word))), rest))
}

/// What the stamp says, if every directory still has the mtime that it gives; any other text is stale.
///
/// Read as bytes and by hand, since each launch does it: `str`'s own splitting and parsing costs some pages of code.
pub fn current<'s>(stamp: &'s [u8], root: impl AsFd) -> Option<Current<'s>> {
    let (text, hash) = stamp.split_at_checked(stamp.len().checked_sub(HASH_LINE)?)?;
    if hash.strip_suffix(b"\n")? != checksum(text) {
        return None;
    }
    let mut rest = text.strip_prefix(START.as_bytes())?.strip_prefix(&hex(TEMPLATE))?.strip_prefix(b"\n")?;
    let bridge = next(&mut rest, b'\n')?;
    if !is_bridge_name(bridge) {
        return None;
    }
    rest = rest.strip_prefix(b"settled\npython")?;
    let mut versions = Vec::with_capacity(1); // there is rarely another
    while let Some(after) = rest.strip_prefix(b" ") {
        rest = after;
        versions.push(version(&mut rest)?);
    }
    rest = rest.strip_prefix(b"\n")?;
    let has_sitecustomize = match next(&mut rest, b'\n')? {
        b"sitecustomize" => true,
        b"no sitecustomize" => false,
        _ => return None,
    };
    // Seen from the root, a path is short: walking it from `/` would cost half as much again.
    for _ in 0..MOST_LINES {
        if rest.is_empty() {
            return Some(Current {
                bridge: OsStr::from_bytes(bridge),
                sdk: Sdk { versions, has_sitecustomize },
            });
        }
        let stamped = mtime(&mut rest)?;
        is_unchanged(path(&mut rest)?, stamped, root.as_fd())?;
    }
    None
}

/// What comes before a separator, which goes with it; `None` where there is no separator.
fn next<'s>(rest: &mut &'s [u8], separator: u8) -> Option<&'s [u8]> {
    let end = rest.iter().position(|&byte| byte == separator)?;
    Some(next_at(rest, end).0)
}

/// What comes before a byte, and that, which both go.
fn next_at<'s>(rest: &mut &'s [u8], end: usize) -> (&'s [u8], u8) {
    let (before, byte, after) = (&rest[..end], rest[end], &rest[end + 1..]);
    *rest = after;
    (before, byte)
}

/// The directory of a line, behind its mtime. It lies in the root: packages' names have no dot.
fn path<'s>(rest: &mut &'s [u8]) -> Option<&'s [u8]> {
    let end = rest.iter().position(|byte| matches!(byte, b'\n' | b'.'))?;
    match next_at(rest, end) {
        (b"", b'\n') => Some(b"."),
        ([b' ', path @ ..], b'\n') if path.first() != Some(&b'/') => Some(path),
        _ => None,
    }
}

fn is_unchanged(path: &[u8], stamped: Mtime, root: BorrowedFd) -> Option<()> {
    let now = look_through(root, OsStr::from_bytes(path)).ok()?;
    is_same(stamped, Mtime::from(&now)).then_some(())
}

fn mtime(rest: &mut &[u8]) -> Option<Mtime> {
    let before_1970 = rest.strip_prefix(b"-");
    *rest = before_1970.unwrap_or(rest);
    let seconds = number(rest)?;
    *rest = rest.strip_prefix(b".")?;
    let seconds = if before_1970.is_some() { -seconds } else { seconds };
    Some(Mtime { seconds, nanoseconds: number(rest)? })
}

fn version(rest: &mut &[u8]) -> Option<Version> {
    let major = number(rest)?.try_into().ok()?;
    *rest = rest.strip_prefix(b".")?;
    Some(Version { major, minor: number(rest)?.try_into().ok()? })
}

/// The number that stands next, if one does.
fn number(rest: &mut &[u8]) -> Option<i64> {
    /// Fewer digits than could overflow.
    const MOST_DIGITS: usize = 18;
    let (mut number, mut after) = (0_i64, *rest);
    while let [digit @ b'0'..=b'9', others @ ..] = after {
        number = number.wrapping_mul(10).wrapping_add(i64::from(digit - b'0'));
        after = others;
    }
    let digits = rest.len() - after.len();
    *rest = after;
    (1..=MOST_DIGITS).contains(&digits).then_some(number)
}

/// Whether a stamp must be checked against a new listing, because something changed too shortly before it was taken.
pub fn is_unsettled(stamp: &str) -> bool {
    stamp.lines().nth(2) == Some("unsettled")
}

/// Image layers keep whole seconds. A fraction that was there and is nought now was cut off, not changed.
fn is_same(stamped: Mtime, now: Mtime) -> bool {
    stamped.seconds == now.seconds && (stamped.nanoseconds == now.nanoseconds || now.nanoseconds == 0)
}

/// Whether every directory had been at rest for longer than a tick of its clock when the scan began. Within a tick, a later
/// change could leave the very mtime that the scan saw.
fn is_settled(directories: &[Directory], started: SystemTime) -> bool {
    directories.iter().all(|directory| {
        let Mtime { seconds, nanoseconds } = directory.mtime;
        let tick = if nanoseconds == 0 { COARSE_TICK } else { FINE_TICK };
        let (Ok(seconds), Ok(nanoseconds)) = (u64::try_from(seconds), u32::try_from(nanoseconds)) else {
            return true; // before 1970: at rest for long
        };
        let rest = started.duration_since(UNIX_EPOCH + Duration::new(seconds, nanoseconds));
        rest.is_ok_and(|rest| rest > tick)
    })
}

#[cfg(test)]
mod tests {
    use std::os::fd::OwnedFd;
    use std::path::Path;

    use super::*;
    use crate::{directory, files};

    const BRIDGE: &str = "heygem-bridge-0123456789abcdef";
    const PYTHON: Version = Version { major: 3, minor: 8 };
    const NOON: Mtime = Mtime { seconds: 1_000, nanoseconds: 500_000_000 };

    fn settled(mtime: Mtime, milliseconds_later: u64) -> bool {
        let directories = [Directory { path: "".into(), mtime }];
        let at = Duration::new(mtime.seconds as u64, mtime.nanoseconds as u32);
        is_settled(&directories, UNIX_EPOCH + at + Duration::from_millis(milliseconds_later))
    }

    #[test]
    fn a_directory_settles_after_a_tick_of_its_clock() {
        let whole = Mtime { nanoseconds: 0, ..NOON };
        assert!(settled(NOON, 21) && !settled(NOON, 20) && !settled(NOON, 0));
        assert!(settled(whole, 2_001) && !settled(whole, 2_000));
        let past = Mtime { seconds: -1, nanoseconds: 5 };
        assert!(is_settled(&[Directory { path: "".into(), mtime: past }], UNIX_EPOCH));
        // A clock set back: the directory seems to change in the future.
        assert!(!is_settled(&[Directory { path: "".into(), mtime: NOON }], UNIX_EPOCH));
    }

    #[test]
    fn a_fraction_cut_off_is_no_change() {
        assert!(is_same(NOON, NOON));
        assert!(is_same(NOON, Mtime { nanoseconds: 0, ..NOON }));
        assert!(!is_same(Mtime { nanoseconds: 0, ..NOON }, NOON));
        assert!(!is_same(NOON, Mtime { seconds: 1_001, nanoseconds: 0 }));
    }

    fn sdk() -> Sdk {
        Sdk { versions: vec![PYTHON], has_sitecustomize: false }
    }

    fn open(path: impl AsRef<Path>) -> OwnedFd {
        directory::open(path.as_ref()).expect("there")
    }

    fn stamp_of(root: &OwnedFd) -> String {
        let mtime = Mtime::from(&files::stat(root).expect("there"));
        let directories = vec![Directory { path: "".into(), mtime }];
        let later = SystemTime::now() + Duration::from_secs(10);
        write(BRIDGE, &sdk(), &Scan { directories, ..Scan::default() }, later)
    }

    fn is_current(stamp: &str, root: &OwnedFd) -> bool {
        let said = current(stamp.as_bytes(), root);
        assert!(said.as_ref().is_none_or(|said| *said == Current { bridge: BRIDGE.as_ref(), sdk: sdk() }));
        said.is_some()
    }

    /// A directory at rest, in which no other test writes, and its exact stamp.
    fn at_rest() -> (OwnedFd, String) {
        let root = open(concat!(env!("CARGO_MANIFEST_DIR"), "/src"));
        let stamp = stamp_of(&root);
        (root, stamp)
    }

    #[test]
    fn a_stamp_is_current_until_a_byte_of_it_is_missing() {
        let root = open(std::env::temp_dir());
        let stamp = stamp_of(&root);
        // Other tests write in the same directory: take its mtime again until the two agree.
        let agreed = (0..100).any(|_| {
            let stamp = stamp_of(&root);
            is_current(&stamp, &root)
        });
        assert!(agreed, "{stamp}");
        for end in 0..stamp.len() {
            assert!(!is_current(&stamp[..end], &root), "{:?}", &stamp[..end]);
        }
        assert!(!is_current(&stamp, &open("/proc")));
        assert!(!is_current(&stamp.replace("settled", "unsettled"), &root));
        assert!(is_unsettled(&stamp.replace("settled", "unsettled")) && !is_unsettled(&stamp));
    }

    #[test]
    fn a_stamp_leads_nowhere_out_of_the_root_and_has_an_end() {
        let root = open(concat!(env!("CARGO_MANIFEST_DIR"), "/src"));
        let with = |lines: String| {
            let text = format!(
                "heygem-run {TEMPLATE:016x}\n{BRIDGE}\nsettled\npython 3.8\nno sitecustomize\n{lines}"
            );
            is_current(&with_checksum(text), &root)
        };
        let line = |path: &str| {
            let Mtime { seconds, nanoseconds } = Mtime::from(&look_through(&root, path).expect("there"));
            format!("{seconds}.{nanoseconds:09} {path}\n")
        };
        assert!(with(line("bridge")) && with(line("bridge/hook").repeat(100)));
        for path in ["/", "/usr", "..", "../src", "bridge/../bridge", "./bridge"] {
            assert!(!with(line(path)), "{path}");
        }
        assert!(!with(line("bridge").repeat(MOST_LINES + 1)));
    }

    mod fuzz {
        use super::*;
        use proptest::collection::vec;
        use proptest::prelude::*;
        use proptest::sample::{Index, select};

        /// A few bytes of a text replaced by others, of any kind or such as stand in a stamp.
        fn edits() -> impl Strategy<Value = Vec<(Index, Index, String)>> {
            let text = prop_oneof![
                "[ -~\n]{0,3}",
                any::<String>(),
                select(vec!["", "\n", " ", ".", "-1", "+1", "0", "settled", "heygem-bridge-", "/", ".."])
                    .prop_map(str::to_owned),
            ];
            vec((any::<Index>(), any::<Index>(), text), 1..4)
        }

        fn edited(stamp: &str, edits: &[(Index, Index, String)]) -> String {
            edits.iter().fold(stamp.to_owned(), |mut stamp, (start, length, text)| {
                let start = start.index(stamp.len() + 1);
                let end = (start + length.index(40)).min(stamp.len());
                if stamp.is_char_boundary(start) && stamp.is_char_boundary(end) {
                    stamp.replace_range(start..end, text);
                }
                stamp
            })
        }

        proptest! {
            #[test]
            fn only_the_exact_stamp_is_current(edits in edits()) {
                let (root, exact) = at_rest();
                prop_assert!(is_current(&exact, &root));
                let edited = edited(&exact, &edits);
                if edited != exact {
                    prop_assert_eq!(current(edited.as_bytes(), &root), None, "{:?}", edited);
                }
            }

            #[test]
            fn no_other_text_is_current(text in vec(any::<u8>(), 0..99), lines in "(python)?[ 0-9.]{0,9}\n([0-9.]{0,12}( [a-z/.]{0,6})?\n){0,5}") {
                let root = &open("/");
                prop_assert_eq!(current(&text, root), None);
                let headed = format!("heygem-run {TEMPLATE:016x}\n{BRIDGE}\nsettled\n{lines}");
                prop_assert_eq!(current(headed.as_bytes(), root), None);
                // With a hash that is right, whatever stands there is only read, never trusted to be well-formed.
                let hashed = with_checksum(headed);
                let _ = current(hashed.as_bytes(), root);
            }
        }
    }
}
