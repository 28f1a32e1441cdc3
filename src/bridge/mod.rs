//! The bridge: a directory at the end of `PYTHONPATH` with a module for every bare name that the SDK pickles by.
//!
//! Which names those are is decided in [`names`], what the files say in [`content`] (and in `hook/`, which runs in the
//! target), where they lie in [`store`], why one is passed over in [`fault`], how they get there in [`publish`], whether they are
//! all there in [`whole`], whether they are a launcher's at all in [`made`], when they go in [`age`], and whether they still fit
//! in [`stamp`]. A user who waits for a long build is told so by [`patience`]. Who may write there is for [`crate::trust`].

mod age;
mod content;
mod fault;
mod made;
pub mod names;
mod patience;
mod publish;
mod stamp;
mod store;
mod whole;

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context as _, bail};
use rustix::fs::{CWD, Timespec};

use crate::directory::{identity, look_through};
use crate::error::plain;
use crate::files;
use crate::invocation::Invocation;
use crate::sdk::scan::{Scan, scan};
use crate::sdk::{self, Recognition, Sdk};
use crate::shell::quote;
use crate::warning::bridge::{BridgeWarning, PassedStore, UnreadPath};
use content::Content;
pub use content::IMPORTED;
use fault::StoreFault;
use store::Store;
pub use store::{Bridge, Site};

/// What became of the bridge.
#[derive(Debug, Default)]
pub struct BridgeOutcome {
    /// Its directory; `None` where none could be had.
    pub directory: Option<PathBuf>,
    /// Places that were passed over, since others could have prepared them or have something else there.
    pub doubts: Vec<BridgeWarning>,
    /// Places where it could not be built, and why.
    pub tried: Vec<PassedStore>,
    /// Whether the SDK has more directories than are ever listed.
    pub truncated: bool,
    /// What of the SDK could not be read, and why: names may be missing, and the next launch lists it again.
    pub unread: Vec<UnreadPath>,
    /// Whether the next launch can rely on the stamp.
    settled: bool,
}

impl BridgeOutcome {
    /// Whether all names are known. Else the next launch lists them again, and warns again.
    fn is_complete(&self) -> bool {
        self.unread.is_empty() && !self.truncated
    }
}

/// Whether an entry of an inherited `PYTHONPATH` is a bridge of ours.
pub fn is_bridge(entry: &Path) -> bool {
    entry.file_name().is_some_and(|name| content::is_bridge_name(name.as_bytes()))
}

/// Whether a bridge lies in a store of that root: in it, or in anybody's cache under its key. It need not be one that fits it
/// now: a running service keeps the bridge it started with.
pub fn is_bridge_of(root: &Path, bridge: &Path) -> bool {
    let Some(store) = bridge.parent().filter(|_| is_bridge(bridge)) else { return false };
    store
        .file_name()
        .is_some_and(|name| name.as_bytes() == content::key(root.as_os_str().as_bytes()).as_bytes())
        || store == root.join(store::IN_ROOT)
}

/// An SDK as the stamp of its bridge remembers it; nothing in it changed since.
#[derive(Debug)]
pub struct KnownSdk {
    /// What is in it.
    pub sdk: Sdk,
    /// The bridge that fits it.
    pub bridge: Bridge,
}

/// The SDK as the store in its root remembers it; then the root need not be examined again.
pub fn known(site: Site) -> Option<KnownSdk> {
    fresh(&Store::in_root(site)).ok()?
}

/// Notes that a launch uses a bridge that [`known`] returned. Writes nothing after the first launch of a day.
pub fn note_use(site: Site, bridge: &Bridge) {
    note_use_in(&Store::in_root(site), bridge);
}

fn note_use_in(store: &Store, bridge: &Bridge) {
    if bridge.is_to_be_noted(store.site)
        && let Ok(Some(open)) = store.open()
    {
        open.note_use(bridge);
    }
}

/// The bridge that fits the root, if there is one already. Writes nothing.
pub fn find(site: Site, invocation: &Invocation) -> Option<PathBuf> {
    let stores = Store::all(site, &invocation.environment);
    let fresh = stores.iter().find_map(|store| fresh(store).ok().flatten());
    fresh.map(|known| known.bridge.path).or_else(|| {
        let listing = Listing::new(site).ok()?;
        stores.iter().find_map(|store| store.open().ok()??.existing(&listing.content(store)))
    })
}

/// The bridge that fits the root, built where there is none.
///
/// # Errors
/// When the root can't be listed.
pub fn ensure(site: Site, invocation: &Invocation) -> anyhow::Result<BridgeOutcome> {
    let stores = Store::all(site, &invocation.environment);
    let mut doubts = Vec::new();
    for store in &stores {
        match fresh(store) {
            Ok(Some(KnownSdk { bridge, .. })) => {
                note_use_in(store, &bridge);
                return Ok(BridgeOutcome {
                    directory: Some(bridge.path),
                    doubts,
                    ..BridgeOutcome::default()
                });
            }
            // What can't be read is tried once more, and reported, when it is written to.
            Err(error) => doubts.extend(doubt(store, &error)),
            Ok(None) => {}
        }
    }
    build(&stores)
}

/// As [`ensure`], but checks the bridge file by file. Waits at most two seconds, until the clock of the file system would show a
/// later change of the SDK: then a read-only copy of it is never listed again.
///
/// # Errors
/// When the root can't be listed.
pub fn prepare(site: Site, invocation: &Invocation) -> anyhow::Result<BridgeOutcome> {
    const STEP: Timespec = Timespec { tv_sec: 0, tv_nsec: 25_000_000 };
    const MOST_STEPS: u32 = 90;
    let stores = Store::all(site, &invocation.environment);
    let mut outcome = build(&stores)?;
    for _ in 0..MOST_STEPS {
        if outcome.settled || outcome.directory.is_none() || !outcome.is_complete() {
            break;
        }
        // If the kernel refuses to wait, the stamp only stays unsettled more often.
        let _ = rustix::thread::nanosleep(&STEP);
        outcome = build(&stores)?;
    }
    Ok(outcome)
}

/// What a store's stamp says, if nothing changed since.
fn fresh(store: &Store) -> anyhow::Result<Option<KnownSdk>> {
    let Some(open) = store.open()? else { return Ok(None) };
    let Some((text, stamped)) = open.stamp(store.site.stamp_name())? else {
        open.check()?;
        return Ok(None);
    };
    let Some(current) = stamp::current(&text, store.site.directory) else { return Ok(None) };
    let Some(bridge) = open.bridge(current.bridge, Some(stamped)) else { return Ok(None) };
    Ok(Some(KnownSdk { sdk: current.sdk, bridge }))
}

fn build(stores: &[Store]) -> anyhow::Result<BridgeOutcome> {
    let mut outcome = BridgeOutcome::default();
    for store in stores {
        // The directory comes first: making it changes the root's mtime, which the listing then takes down.
        let published = store.make().and_then(|open| {
            let listing = Listing::new(store.site)?;
            outcome.truncated = listing.scan.truncated;
            outcome.unread = listing.unread(store.site.root);
            let content = listing.content(store);
            let stamp = listing.stamp(&content);
            outcome.settled = !stamp::is_unsettled(&stamp);
            let stamp = outcome.is_complete().then_some((store.site.stamp_name(), &*stamp));
            open.publish(&content, stamp)
        });
        match published {
            Ok(directory) => return Ok(BridgeOutcome { directory: Some(directory), ..outcome }),
            Err(error) => {
                outcome.doubts.extend(doubt(store, &error));
                outcome.tried.push(reason(store, &error));
            }
        }
    }
    Ok(outcome)
}

/// The warning that a fault of a store is worth, if it is.
fn doubt(store: &Store, error: &anyhow::Error) -> Option<BridgeWarning> {
    let reason = reason(store, error);
    Some(match error.downcast_ref::<StoreFault>()? {
        StoreFault::Untrusted(_) | StoreFault::UntrustedAbove(_) => BridgeWarning::Untrusted { reason },
        StoreFault::Foreign(_) => BridgeWarning::Foreign { reason },
    })
}

fn reason(store: &Store, error: &anyhow::Error) -> PassedStore {
    PassedStore { directory: store.directory.clone(), why: crate::error::parts(error).text }
}

/// The SDK as it is now.
struct Listing {
    scan: Scan,
    sdk: Sdk,
    started: SystemTime,
}

impl Listing {
    fn new(site: Site) -> anyhow::Result<Self> {
        let root = site.root;
        let started = SystemTime::now();
        let listed = || format!("{} can't be listed", quote(root));
        let scan = scan(site.directory).with_context(listed)?;
        // After the scan took the mtimes: of a change in between, the next launch learns by them.
        let sdk = match sdk::recognize(site.directory) {
            Ok(Recognition::Sdk(sdk)) => sdk,
            Ok(Recognition::Other(lack)) => bail!("{} changed meanwhile: {lack}", quote(root)),
            Err(error) if scan.unread.is_empty() => return Err(error).with_context(listed),
            Err(_) => Sdk::default(), // told by the scan, and not stamped
        };
        if !leads_to(root, site).with_context(listed)? {
            bail!("another directory took the place of {} meanwhile: start again", quote(root));
        }
        Ok(Self { scan, sdk, started })
    }

    /// The bridge that fits it, in that store.
    fn content(&self, store: &Store) -> Content {
        Content::new(&names::decide(&self.scan), store.variant())
    }

    /// What the next launch can tell by that the bridge still fits.
    fn stamp(&self, content: &Content) -> String {
        stamp::write(&content.directory, &self.sdk, &self.scan, self.started)
    }

    fn unread(&self, root: &Path) -> Vec<UnreadPath> {
        self.scan.unread_in(root).map(|(path, error)| UnreadPath { path, why: plain(error) }).collect()
    }
}

/// Whether the path that the target will see still leads to the directory that was listed.
fn leads_to(root: &Path, site: Site) -> std::io::Result<bool> {
    Ok(identity(&look_through(CWD, root)?) == identity(&files::stat(site.directory)?))
}
