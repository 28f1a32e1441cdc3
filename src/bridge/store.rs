//! Where the bridges of a root lie, who may have made them, and what is there already. Stores and `__pycache__` are made here;
//! [`super::publish`] writes bridges.

use std::ffi::OsStr;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use rustix::fs::Stat;

use super::content::{self, Content, Variant};
use super::fault::StoreFault;
use super::made::{self, WorkKind};
use super::{age, stamp, whole};
use crate::directory;
use crate::environment::Environment;
use crate::files;
use crate::plain_path;
use crate::sdk::scan::{Mtime, PYTHON_CACHE};
use crate::shell::quote;
use crate::trust::acl::Writers;
use crate::trust::way::{self, WayEnd, closed_end};
use crate::trust::{self, Beside, Doubt, Id, Ownership};

/// The store's name where it is in the root.
pub const IN_ROOT: &str = ".heygem-run";

/// What is made here: readable by all, since a service may drop its privileges, and writable by its owner alone.
pub const MODE: u32 = 0o755;

/// More than the stamp of the largest SDK that is listed whole.
const LONGEST_STAMP: u64 = 16 << 20;

/// A root, as far as its bridges are concerned.
#[derive(Debug, Clone, Copy)]
pub struct Site<'r> {
    /// Its absolute path.
    pub root: &'r Path,
    /// The directory that this path led to.
    pub directory: BorrowedFd<'r>,
    /// The effective user id of who asks.
    pub user: u32,
    /// When, in seconds since the epoch.
    pub now: i64,
    /// Whether a process goes to the root when it first executes a module of the SDK.
    pub moves: bool,
}

impl Site<'_> {
    /// The stamp of the bridges that a launch like this one uses: those that stay where the user started them have one of their own.
    pub fn stamp_name(&self) -> &'static str {
        let [moving, staying] = stamp::NAMES;
        if self.moves { moving } else { staying }
    }
}

/// A directory that holds the bridges of one root, or would.
#[derive(Debug)]
pub struct Store<'r> {
    /// Where it is, or would be.
    pub directory: PathBuf,
    place: StorePlace,
    /// The root whose bridges these are.
    pub site: Site<'r>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum StorePlace {
    InRoot,
    /// In a cache below this directory, which is not made.
    InCache(PathBuf),
}

/// A store that is open: it can be trusted, and nothing takes its place.
#[derive(Debug)]
pub struct OpenStore<'s> {
    /// Where it is.
    pub store: &'s Store<'s>,
    /// The directory.
    pub descriptor: OwnedFd,
}

/// A bridge that is there.
#[derive(Debug, Clone)]
pub struct Bridge {
    /// Where it is.
    pub path: PathBuf,
    /// The number of its owner.
    owner: u32,
    /// When its use was last noted, in seconds since the epoch.
    noted: i64,
    /// Whether Python's cache is in it.
    has_cache: bool,
    /// Whether nothing was added to that cache since its stamp was written.
    is_cache_known: bool,
}

impl Bridge {
    /// Whether a launch that uses it has something to write: see [`OpenStore::note_use`].
    pub fn is_to_be_noted(&self, site: Site) -> bool {
        let is_own = self.owner == site.user;
        !self.has_cache || (is_own && (!self.is_cache_known || age::is_to_be_noted(self.noted, site.now)))
    }
}

impl<'r> Store<'r> {
    /// Every place for the bridges of a root, the best first. Variables that are not absolute paths do not count: the XDG
    /// specification says so, and a relative one would mean another place to each launch.
    pub fn all(site: Site<'r>, environment: &Environment) -> Vec<Self> {
        let absolute = |name| environment.get(name).map(Path::new).filter(|path| path.is_absolute());
        let temporary = absolute("TMPDIR").unwrap_or(Path::new("/tmp"));
        let caches = [
            absolute("XDG_CACHE_HOME")
                .map(|cache| (cache.parent().unwrap_or(cache), cache.join("heygem-run"))),
            absolute("HOME").map(|home| (home, home.join(".cache/heygem-run"))),
            Some((temporary, temporary.join(format!("heygem-run-{}", site.user)))),
        ];
        let key = content::key(site.root.as_os_str().as_bytes());
        let in_cache = |(base, cache): (&Path, PathBuf)| Self {
            directory: cache.join(&key),
            place: StorePlace::InCache(base.to_owned()),
            site,
        };
        std::iter::once(Self::in_root(site)).chain(caches.into_iter().flatten().map(in_cache)).collect()
    }

    /// The one in the root itself.
    pub fn in_root(site: Site<'r>) -> Self {
        Self { directory: plain_path::child(site.root, IN_ROOT), place: StorePlace::InRoot, site }
    }

    /// What the bridges here differ in from those elsewhere.
    pub fn variant(&self) -> Variant<'r> {
        let root =
            matches!(self.place, StorePlace::InCache(_)).then_some(self.site.root.as_os_str().as_bytes());
        Variant { root, moves: self.site.moves }
    }

    /// Opens the store, if it is there.
    ///
    /// # Errors
    /// When others could have prepared it ([`StoreFault`]), or it can't be opened.
    pub fn open(&self) -> anyhow::Result<Option<OpenStore<'_>>> {
        match &self.place {
            StorePlace::InRoot => self.open_in(self.site.directory, IN_ROOT),
            StorePlace::InCache(_) => match self.way()? {
                (cache, None) => self.open_in(cache.as_fd(), self.name()),
                (_, Some(_)) => Ok(None),
            },
        }
    }

    /// Makes the store where it is missing, and opens it.
    ///
    /// # Errors
    /// When it can't be made, or is there and not to be used ([`StoreFault`]).
    pub fn make(&self) -> anyhow::Result<OpenStore<'_>> {
        match &self.place {
            StorePlace::InRoot => self.make_in(self.site.directory, IN_ROOT),
            StorePlace::InCache(base) => {
                let cache = self.make_cache(base)?;
                self.open_to_all(&cache, WorkKind::Stores)?;
                self.make_in(cache.as_fd(), self.name())
            }
        }
    }

    /// The store's name in its cache, which is a hash of the root's path.
    fn name(&self) -> &str {
        self.directory.file_name().and_then(|name| name.to_str()).unwrap_or_default()
    }

    /// The cache that the store is in.
    fn cache(&self) -> &Path {
        self.directory.parent().unwrap_or(Path::new("/"))
    }

    /// The way to the cache that the store is in: the directory that is there, and what is missing in it.
    fn way(&self) -> anyhow::Result<(OwnedFd, Option<PathBuf>)> {
        if self.directory.as_os_str().as_bytes().contains(&b':') {
            bail!("PYTHONPATH can't hold a path with a colon");
        }
        match way::closed(self.cache(), self.site.user).context("it can't be looked at")? {
            WayEnd::Directory(cache) => Ok((cache, None)),
            WayEnd::Missing(there, missing) => Ok((there, Some(missing))),
            WayEnd::Doubted(doubt) => Err(StoreFault::UntrustedAbove(doubt).into()),
        }
    }

    /// A name in the cache that is missing is made, the base is not. Each directory is looked at before anything is made in it:
    /// a link that another user planted must not lead this user's power elsewhere.
    fn make_cache(&self, base: &Path) -> anyhow::Result<OwnedFd> {
        let (mut there, missing) = self.way()?;
        let Some(missing) = missing else { return Ok(there) };
        let of_ours = self.cache().strip_prefix(base).map_or(0, |ours| ours.components().count());
        if !self.cache().ends_with(&missing) || missing.components().count() > of_ours {
            bail!("{} is not a directory", quote(base));
        }
        for name in &missing {
            // The cache itself as the XDG specification has it; what is ours in it is read by the service's users.
            let mode = if Some(name) == self.cache().file_name() { MODE } else { 0o700 };
            let made = make_or_open(&there, name, mode).context("it can't be made")?;
            if let Some(why) = closed_end(&Ownership::of(&made)?, self.site.user) {
                return Err(StoreFault::UntrustedAbove(Doubt { path: name.into(), why }).into());
            }
            there = made;
        }
        Ok(there)
    }

    fn make_in(&self, above: BorrowedFd, name: &str) -> anyhow::Result<OpenStore<'_>> {
        match directory::make(above, name, MODE) {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error).context("it can't be made"),
        }
        let Some(open) = self.open_in(above, name)? else { bail!("another process keeps removing it") };
        open.check()?;
        self.open_to_all(&open.descriptor, WorkKind::Store)?;
        Ok(open)
    }

    fn open_in(&self, above: BorrowedFd, name: &str) -> anyhow::Result<Option<OpenStore<'_>>> {
        let descriptor = match directory::open_at(above, name) {
            Ok(descriptor) => descriptor,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => {
                // A link, or something else: it can be judged, though not opened.
                if let Ok(stat) = directory::look_at(above, name) {
                    self.judge(&Ownership::from(&stat), above)?;
                }
                return Err(error).context("it can't be opened");
            }
        };
        self.judge(&Ownership::of(&descriptor)?, descriptor.as_fd())?;
        Ok(Some(OpenStore { store: self, descriptor }))
    }

    /// Whether what lies here is as safe as it must be.
    fn judge(&self, facts: &Ownership, open: BorrowedFd) -> anyhow::Result<()> {
        match self.verdict(facts, open).context("who may write to it can't be told")? {
            Beside::Safe => Ok(()),
            Beside::Shared => bail!("it belongs to {}", facts.owner),
            Beside::Doubted(why) => Err(StoreFault::Untrusted(why).into()),
        }
    }

    fn verdict(&self, facts: &Ownership, open: BorrowedFd) -> io::Result<Beside> {
        let Site { directory: root, user, .. } = self.site;
        let closed = closed_end(facts, user);
        match (&self.place, closed) {
            (_, None) => Ok(Beside::Safe), // in a root, too, without a look at that
            (StorePlace::InCache(_), Some(why)) => Ok(Beside::Doubted(why)),
            (StorePlace::InRoot, Some(_)) => {
                let of_root = Ownership::of(root)?;
                let writers = || Ok([Writers::of(root, &of_root)?, Writers::of(open, facts)?]);
                trust::beside(&of_root, facts, user, writers)
            }
        }
    }

    /// Adds the permissions that a reader needs to a directory of this user's, which a process killed right after making it left
    /// without. One that its owner closed stays closed, and so does one that no launcher made.
    fn open_to_all(&self, directory: impl AsFd, kind: WorkKind) -> anyhow::Result<()> {
        const OWNER_WRITES: u32 = 0o200;
        let stat = files::stat(&directory)?;
        let is_closed = stat.st_mode & MODE != MODE && stat.st_mode & OWNER_WRITES != 0;
        if is_closed && stat.st_uid == self.site.user && made::is_ours(&directory, kind) {
            let (open, mode) = (directory::open_at(&directory, ".")?, stat.st_mode & 0o777 | MODE);
            directory::set_mode(open, &stat, mode).context("it can't be opened to all")?;
        }
        Ok(())
    }

    /// Whose files are trusted in it, other than root's.
    fn owners(&self) -> io::Result<Vec<Id>> {
        let mut owners = vec![Id::of_user(self.site.user), Id::User(0)];
        if self.place == StorePlace::InRoot {
            owners.push(Ownership::of(self.site.directory)?.owner);
        }
        Ok(owners)
    }
}

impl OpenStore<'_> {
    /// Looks whether a launcher made it. Others can't write into a directory of this user's, but may have moved one here, at a time when
    /// the root was open to them.
    ///
    /// # Errors
    /// When it is another directory ([`StoreFault::Foreign`]), or can't be listed.
    pub fn check(&self) -> anyhow::Result<()> {
        if files::stat(&self.descriptor)?.st_uid != self.store.site.user {
            return Ok(()); // only its owner's work is at stake
        }
        match made::foreign_name(&self.descriptor, WorkKind::Store).context("it can't be listed")? {
            Some(name) => Err(StoreFault::Foreign(name).into()),
            None => Ok(()),
        }
    }

    /// A stamp's text, and when it was written, if there is one of that name.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn stamp(&self, name: &str) -> anyhow::Result<Option<(Vec<u8>, Mtime)>> {
        let read = files::open_at(&self.descriptor, name)
            .and_then(|file| Ok((files::read_open(&file, LONGEST_STAMP)?, Mtime::from(&file.stat))));
        match read {
            Ok(stamp) => Ok(Some(stamp)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).context("its stamp can't be read"),
        }
    }

    /// A bridge in this store, if it is there, and it and Python's cache in it can be trusted. What is in the cache is looked at where it
    /// changed after the stamp was written: others may have put something in while it was open to them. Without a stamp, that is for who
    /// checks the whole bridge.
    pub fn bridge(&self, name: &OsStr, stamped: Option<Mtime>) -> Option<Bridge> {
        let stat = self.safe(Path::new(name)).ok()??;
        let cache = self.safe(&plain_path::child(Path::new(name), PYTHON_CACHE)).ok()?;
        let changed = cache.filter(|cache| stamped.is_some_and(|stamped| Mtime::from(cache) > stamped));
        let is_cache_known = changed.is_none();
        if !is_cache_known {
            let open = directory::open_at(&self.descriptor, name).ok()?;
            if !whole::is_cache_safe(open, &self.store.owners().ok()?) {
                return None;
            }
        }
        // Every bridge is made with one; something else may have been moved into its place.
        if cache.is_none()
            && !made::is_ours(directory::open_at(&self.descriptor, name).ok()?, WorkKind::Bridge)
        {
            return None;
        }
        let path = plain_path::child(&self.store.directory, name);
        let (owner, noted) = (stat.st_uid, stat.st_mtime);
        Some(Bridge { path, owner, noted, has_cache: cache.is_some(), is_cache_known })
    }

    /// A directory in the store, if it is there.
    ///
    /// # Errors
    /// When it can't be trusted, or looked at.
    fn safe(&self, path: &Path) -> anyhow::Result<Option<Stat>> {
        let stat = match directory::look_at(&self.descriptor, path) {
            Ok(stat) => stat,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let facts = Ownership::from(&stat);
        if closed_end(&facts, self.store.site.user).is_some() {
            let open = directory::open_at(&self.descriptor, path)?;
            self.store.judge(&Ownership::of(&open)?, open.as_fd())?;
        }
        Ok(Some(stat))
    }

    /// The bridge with this content, if it is here whole and all that Python executes from it can be trusted.
    pub fn existing(&self, content: &Content) -> Option<PathBuf> {
        let found = self.bridge(content.directory.as_ref(), None)?;
        let bridge = directory::open_at(&self.descriptor, &content.directory).ok()?;
        let owners = self.store.owners().ok()?;
        whole::is_whole(&bridge, content, &owners).then_some(found.path)
    }

    /// Notes that a bridge is used, which keeps an old one. Writes nothing after the first launch of a day. Also makes Python's cache if
    /// somebody removed it, or Python would make it with the umask of the moment.
    /// Also updates the stamp's mtime after the cache was checked.
    pub fn note_use(&self, Bridge { path, owner, noted, has_cache, is_cache_known }: &Bridge) {
        let Some(name) = path.file_name() else { return };
        if !has_cache && let Ok(bridge) = directory::open_at(&self.descriptor, name) {
            let _ = directory::make(bridge, PYTHON_CACHE, MODE);
        }
        if *owner != self.store.site.user {
            return;
        }
        if age::is_to_be_noted(*noted, self.store.site.now) {
            age::note(&self.descriptor, name);
        }
        if !is_cache_known {
            age::note(&self.descriptor, self.store.site.stamp_name().as_ref());
        }
    }
}

/// Makes a directory, or opens the one that is there: a process killed meanwhile, or another one, may have made it.
fn make_or_open(above: impl AsFd, name: &OsStr, mode: u32) -> io::Result<OwnedFd> {
    match directory::make(&above, name, mode) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => directory::open_at(above, name),
        made => made,
    }
}
