//! The bridge: a directory at the end of `PYTHONPATH` with a module for every bare name that the SDK pickles by.
//!
//! Which names those are is decided in [`names`], what the files say in [`content`] (and in `hook/`, which runs in the
//! target), where they lie and how they get there in [`store`], who may write there in [`trust`], and whether they still
//! fit in [`stamp`].

mod content;
pub mod names;
mod stamp;
mod store;
mod trust;

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, bail};

use crate::invocation::Invocation;
use crate::sdk::abi::Version;
use crate::sdk::scan::{Scan, scan};
use crate::sdk::{self, Look};
use crate::shell::quote;
use content::Content;
pub use store::Site;
use store::{Doubt, Store};

/// What became of the bridge.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Its directory; `None` where none could be had.
    pub directory: Option<PathBuf>,
    /// Places that others could have prepared, and why they were passed over.
    pub doubts: Vec<String>,
    /// Places where it could not be built, and why.
    pub tried: Vec<String>,
    /// Whether the SDK has more directories than are ever listed.
    pub truncated: bool,
    /// Whether the next launch can rely on the stamp.
    settled: bool,
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

/// An SDK as its bridge's stamp remembers it; nothing of it changed since.
#[derive(Debug)]
pub struct Known {
    /// The Python versions that the SDK is compiled for.
    pub versions: Vec<Version>,
    /// The bridge that fits it.
    pub bridge: PathBuf,
}

/// What the store in a root remembers: then the root need not be looked at again.
pub fn known(site: Site) -> Option<Known> {
    fresh(&Store::in_root(site)).ok()?
}

/// The bridge that fits the root, if there is one already. Writes nothing.
pub fn find(site: Site, invocation: &Invocation) -> Option<PathBuf> {
    let stores = Store::all(site, &invocation.environment);
    let fresh = stores.iter().find_map(|store| fresh(store).ok().flatten());
    fresh
        .map(|known| known.bridge)
        .or_else(|| stores.iter().find_map(|store| store.existing(&Listing::new(store).ok()?.content)))
}

/// The bridge that fits the root, built where there is none.
///
/// # Errors
/// When the root can't be listed.
pub fn ensure(site: Site, invocation: &Invocation) -> anyhow::Result<Outcome> {
    let stores = Store::all(site, &invocation.environment);
    let mut doubts = Vec::new();
    for store in &stores {
        match fresh(store) {
            Ok(Some(known)) => {
                return Ok(Outcome { directory: Some(known.bridge), doubts, ..Outcome::default() });
            }
            Err(error) if error.is::<Doubt>() => doubts.push(reason(store, &error)),
            // What can't be read is tried once more, and reported, when it is written to.
            Ok(None) | Err(_) => {}
        }
    }
    build(&stores)
}

/// The same, checked file by file. Waits, two seconds at the most, until a later change of the SDK could be told from its
/// state of now: then a read-only copy of it never has to list it again.
///
/// # Errors
/// When the root can't be listed.
pub fn prepare(site: Site, invocation: &Invocation) -> anyhow::Result<Outcome> {
    const STEP: Duration = Duration::from_millis(25);
    const MOST_STEPS: u32 = 90;
    let stores = Store::all(site, &invocation.environment);
    let mut outcome = build(&stores)?;
    for _ in 0..MOST_STEPS {
        if outcome.settled || outcome.directory.is_none() {
            break;
        }
        sleep(STEP);
        outcome = build(&stores)?;
    }
    Ok(outcome)
}

/// What a store's stamp says, if nothing changed since.
fn fresh(store: &Store) -> anyhow::Result<Option<Known>> {
    let Some(text) = store.stamp()? else { return Ok(None) };
    Ok(stamp::current(&text, store.root()).and_then(|current| {
        let bridge = store.bridge(current.bridge)?;
        Some(Known { versions: current.versions, bridge })
    }))
}

fn build(stores: &[Store]) -> anyhow::Result<Outcome> {
    let mut outcome = Outcome::default();
    for store in stores {
        // The directory comes first: making it changes the root's mtime, which the listing then takes down.
        let published = store.make().and_then(|()| {
            let listing = Listing::new(store)?;
            outcome.truncated = listing.scan.truncated;
            outcome.settled = !stamp::is_unsettled(&listing.stamp);
            store.publish(&listing.content, &listing.stamp)
        });
        match published {
            Ok(directory) => return Ok(Outcome { directory: Some(directory), ..outcome }),
            Err(error) => {
                if error.is::<Doubt>() {
                    outcome.doubts.push(reason(store, &error));
                }
                outcome.tried.push(reason(store, &error));
            }
        }
    }
    Ok(outcome)
}

fn reason(store: &Store, error: &anyhow::Error) -> String {
    format!("{}: {}", quote(&store.directory), crate::error::text(error))
}

/// The SDK as it is now, and the bridge that fits it.
struct Listing {
    scan: Scan,
    content: Content,
    stamp: String,
}

impl Listing {
    fn new(store: &Store) -> anyhow::Result<Self> {
        let root = store.root();
        let started = SystemTime::now();
        let listed = || format!("{} can't be listed", quote(root));
        let scan = scan(root).with_context(listed)?;
        // After the scan took the mtimes: of a change in between, the next launch learns by them.
        let versions = match sdk::look(root).with_context(listed)? {
            Look::Sdk(sdk) => sdk.versions,
            Look::Other(why) => bail!("{} changed meanwhile: {why}", quote(root)),
        };
        let content = Content::new(&names::decide(&scan), store.variant());
        let stamp = stamp::write(&content.directory, &versions, &scan, started);
        Ok(Self { scan, content, stamp })
    }
}
