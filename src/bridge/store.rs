//! Where bridges lie on the disk, and how one gets there whole or not at all.

use std::fs::{self, DirBuilder, File, Metadata, Permissions, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, bail};

use super::content::{self, Content, Variant};
use super::trust;
use crate::environment::Environment;
use crate::files;
use crate::sdk::is_absent;
use crate::shell::quote;

/// The store's name where it is in the root.
pub const IN_ROOT: &str = ".heygem-run";

const STAMP: &str = "stamp";
const IGNORE: &str = ".gitignore";
const TEMPORARY: &str = "tmp-";

/// A root, as far as its bridges are concerned.
#[derive(Debug, Clone, Copy)]
pub struct Site<'r> {
    /// Its absolute path.
    pub root: &'r Path,
    /// Who owns it and may write to it.
    pub meta: &'r Metadata,
    /// The effective user id of who asks.
    pub user: u32,
}

/// A directory that holds the bridges of one root.
#[derive(Debug)]
pub struct Store<'r> {
    /// Where it is, or would be.
    pub directory: PathBuf,
    place: Place,
    site: Site<'r>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    InRoot,
    InCache,
}

impl<'r> Store<'r> {
    /// Every place for the bridges of a root, the best first. Variables that are not absolute paths do not count: the XDG
    /// specification says so, and a relative one would mean another place to each launch.
    pub fn all(site: Site<'r>, environment: &Environment) -> Vec<Self> {
        let key = content::key(site.root.as_os_str().as_bytes());
        let absolute = |name| environment.get(name).map(Path::new).filter(|path| path.is_absolute());
        let temporary = absolute("TMPDIR").unwrap_or(Path::new("/tmp"));
        let caches = [
            absolute("XDG_CACHE_HOME").map(|cache| cache.join("heygem-run")),
            absolute("HOME").map(|home| home.join(".cache/heygem-run")),
            Some(temporary.join(format!("heygem-run-{}", site.user))),
        ];
        let in_cache = |cache: PathBuf| Self { directory: cache.join(&key), place: Place::InCache, site };
        std::iter::once(Self::in_root(site)).chain(caches.into_iter().flatten().map(in_cache)).collect()
    }

    /// The one in the root itself.
    pub fn in_root(site: Site<'r>) -> Self {
        Self { directory: site.root.join(IN_ROOT), place: Place::InRoot, site }
    }

    /// The root whose bridges these are.
    pub fn root(&self) -> &'r Path {
        self.site.root
    }

    /// What the bridges here differ in from those elsewhere.
    pub fn variant(&self) -> Variant<'r> {
        let root = self.site.root.as_os_str().as_bytes();
        Variant { root: (self.place == Place::InCache).then_some(root), moves: true }
    }

    /// The stamp, if the store is there.
    ///
    /// # Errors
    /// When the store can't be trusted ([`Doubt`]) or read.
    pub fn stamp(&self) -> anyhow::Result<Option<Vec<u8>>> {
        if !self.is_there()? {
            // Where it would be doubted if it were there, each launch says so, and not only the one that builds.
            if self.place == Place::InCache {
                self.look_at(self.way()?.1)?;
            }
            return Ok(None);
        }
        match files::read_small(&self.directory.join(STAMP)) {
            Ok(stamp) => Ok(Some(stamp)),
            Err(error) if is_absent(&error) => Ok(None),
            Err(error) => Err(error).context("its stamp can't be read"),
        }
    }

    /// The path of a bridge in this store, if it is there and can be trusted.
    pub fn bridge(&self, name: &str) -> Option<PathBuf> {
        let path = self.directory.join(name);
        let meta = fs::symlink_metadata(&path).ok()?;
        trust::doubt_beside(self.site.meta, &meta, self.site.user).is_none().then_some(path)
    }

    /// The bridge with this content, if the store can be trusted and has it whole.
    pub fn existing(&self, content: &Content) -> Option<PathBuf> {
        self.is_there().ok().filter(|there| *there)?;
        self.bridge(&content.directory).filter(|path| is_whole(path, content))
    }

    /// Makes the directory, where it is missing, readable by all whatever the umask: a service may drop its privileges.
    ///
    /// # Errors
    /// When it can't be made, or is there and can't be trusted ([`Doubt`]).
    pub fn make(&self) -> anyhow::Result<()> {
        match self.place {
            Place::InRoot => make(&self.directory, self.mode())
                .and_then(|()| open_to_all(&self.directory))
                .context("it can't be made")?,
            Place::InCache => self.make_in_cache()?,
        }
        if self.is_there()? { Ok(()) } else { bail!("another process keeps removing it") }
    }

    /// From the top, and each directory looked at before anything is made in it: a link that another user planted on the way
    /// must not lead this user's power elsewhere.
    fn make_in_cache(&self) -> anyhow::Result<()> {
        let (missing, there) = self.way()?;
        self.look_at(there)?;
        for (above, directory) in missing.iter().enumerate().rev() {
            // The cache itself as the XDG specification has it; what is ours in it is read by the service's users.
            let mode = if above < 2 { self.mode() } else { 0o700 };
            make(directory, mode).context("it can't be made")?;
            self.look_at(directory)?;
        }
        let mut ours = self.directory.ancestors().take(2);
        ours.try_for_each(open_to_all).context("it can't be made")
    }

    /// The directories that are missing, the store first, and the one that is there.
    fn way(&self) -> anyhow::Result<(Vec<&Path>, &Path)> {
        let mut missing = Vec::new();
        for directory in self.directory.ancestors() {
            if directory.symlink_metadata().is_err_and(|error| is_absent(&error)) {
                missing.push(directory);
            } else if missing.is_empty() || directory.is_dir() {
                return Ok((missing, directory));
            } else {
                bail!("{} is not a directory", quote(directory)); // `HOME=/dev/null`: nothing that others prepared
            }
        }
        Ok((missing, Path::new("/")))
    }

    fn look_at(&self, directory: &Path) -> anyhow::Result<()> {
        match trust::doubt_on_the_way(directory, self.site.user).context("it can't be made")? {
            Some(doubt) => Err(self.doubt(&doubt).into()),
            None => Ok(()),
        }
    }

    fn doubt(&self, trust::Doubt { path, why }: &trust::Doubt) -> Doubt {
        let is_store = *path == self.directory;
        Doubt(if is_store { format!("it {why}") } else { format!("{} above it {why}", quote(path)) })
    }

    /// The mode of what is made here, less what the umask takes: nobody may write to it who can't write to the root.
    fn mode(&self) -> u32 {
        match self.place {
            Place::InRoot => 0o755 | (self.site.meta.mode() & 0o020),
            Place::InCache => 0o755,
        }
    }

    /// Puts the bridge there, unless it is there already, and then the stamp that names it.
    ///
    /// # Errors
    /// When the store can't be written and has no such bridge.
    pub fn publish(&self, content: &Content, stamp: &str) -> anyhow::Result<PathBuf> {
        if let Some(path) = self.existing(content) {
            // Without a new stamp the next launch only lists the names once more.
            let _ = self.temporary().and_then(|temporary| temporary.publish_file(STAMP, stamp.as_bytes()));
            return Ok(path);
        }
        let temporary = self.temporary()?;
        if !self.directory.join(IGNORE).exists() {
            temporary.publish_file(IGNORE, b"*\n")?;
        }
        temporary.publish_bridge(content)?;
        temporary.publish_file(STAMP, stamp.as_bytes())?;
        Ok(self.directory.join(&content.directory))
    }

    /// Whether the store is there.
    ///
    /// # Errors
    /// When it is and can't be trusted ([`Doubt`]), or can't be looked at.
    fn is_there(&self) -> anyhow::Result<bool> {
        let meta = match fs::symlink_metadata(&self.directory) {
            Ok(meta) => meta,
            Err(error) if is_absent(&error) => return Ok(false),
            Err(error) => return Err(error.into()),
        };
        let Site { meta: of_root, user, .. } = self.site;
        let doubt = match self.place {
            Place::InRoot => trust::doubt_beside(of_root, &meta, user).map(Doubt),
            Place::InCache => trust::doubt_in_cache(&self.directory, user)?.map(|doubt| self.doubt(&doubt)),
        };
        doubt.map_or(Ok(true), |doubt| Err(doubt.into()))
    }

    /// A directory of this process alone, removed when dropped. What an earlier, killed process left goes first.
    fn temporary(&self) -> anyhow::Result<Temporary<'_>> {
        sweep(&self.directory);
        for attempt in 0..16 {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
            let name = format!("{TEMPORARY}{}-{now}-{attempt}", std::process::id());
            let path = self.directory.join(name);
            DirBuilder::new().mode(self.mode()).create(&path).context("it can't be written to")?;
            if let Ok(lock) = open_directory(&path)
                && !matches!(lock.try_lock(), Err(TryLockError::WouldBlock))
                && is_still_there(&path, &lock)
            {
                return Ok(Temporary { path, store: self, _lock: lock });
            }
            // Another process's sweep came between the making and the locking.
        }
        bail!("another process keeps removing what is made in it")
    }
}

/// A store that others could have prepared; never used, and worth a warning.
#[derive(Debug)]
pub struct Doubt(String);

impl std::fmt::Display for Doubt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Doubt {}

struct Temporary<'s> {
    path: PathBuf,
    store: &'s Store<'s>,
    /// Held while the process lives, so that no sweep takes the directory for a dead one's.
    _lock: File,
}

impl Temporary<'_> {
    fn publish_file(&self, name: &str, text: &[u8]) -> anyhow::Result<()> {
        let path = self.path.join(name);
        write(&path, text)?;
        fs::rename(&path, self.store.directory.join(name))
            .with_context(|| format!("{name} can't be put in place"))
    }

    /// Writes the files aside, then renames. Everything is on the disk before the name is: a power cut must not leave the
    /// right name with empty files.
    fn publish_bridge(&self, content: &Content) -> anyhow::Result<()> {
        let aside = self.path.join(&content.directory);
        make(&aside, self.store.mode()).context("a directory can't be made")?;
        for (name, text) in content.files() {
            write(&aside.join(name), text)?;
        }
        let mut first = None;
        for name in content.alias_files() {
            let path = aside.join(name);
            match &first {
                // One file under many names costs one block and one flush. Some file systems have no hard links.
                Some(first) if fs::hard_link(first, &path).is_ok() => {}
                _ => write(&path, content.alias_text())?,
            }
            first.get_or_insert(path);
        }
        open_to_all(&aside)
            .and_then(|()| File::open(&aside)?.sync_all())
            .context("a directory can't be flushed")?;
        let target = self.store.directory.join(&content.directory);
        if target.symlink_metadata().is_ok() && self.store.existing(content).is_none() {
            // Damaged: out of the way with it. If it can't be moved, the next step says so.
            let _ = fs::rename(&target, self.path.join("damaged"));
        }
        match fs::rename(&aside, &target) {
            Err(error) if self.store.existing(content).is_none() => {
                Err(error).context("the bridge can't be put in place")
            }
            // Put there by this process, or meanwhile by another: by their name they are equal.
            _ => Ok(()),
        }
    }
}

impl Drop for Temporary<'_> {
    fn drop(&mut self) {
        // What stays is swept by the next build.
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// Removes what killed processes left; a live one holds a lock on its own.
fn sweep(store: &Path) {
    let Ok(entries) = store.read_dir() else { return };
    for entry in
        entries.flatten().filter(|entry| entry.file_name().as_bytes().starts_with(TEMPORARY.as_bytes()))
    {
        if let Ok(lock) = open_directory(&entry.path())
            && lock.try_lock().is_ok()
        {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

fn is_still_there(path: &Path, open: &File) -> bool {
    matches!((path.metadata(), open.metadata()), (Ok(a), Ok(b)) if files::identity(&a) == files::identity(&b))
}

/// Makes a directory, unless it is there: a process killed meanwhile, or another one, may have made it.
///
/// The mode is given, since a umask of 0, as many a daemon has it, would let everyone write to a usual one.
fn make(directory: &Path, mode: u32) -> io::Result<()> {
    match DirBuilder::new().mode(mode).create(directory) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Opens a directory, and neither what a link leads to nor a pipe, which would wait for its writer.
fn open_directory(directory: &Path) -> io::Result<File> {
    File::options().read(true).custom_flags(libc::O_DIRECTORY | libc::O_NOFOLLOW).open(directory)
}

/// Adds the permissions that a reader needs, through a descriptor: by path, another user's link put there between the
/// look and the change could lead it elsewhere. What is not this user's own stays as it is, and so does a directory that its
/// owner closed to writers.
fn open_to_all(directory: &Path) -> io::Result<()> {
    let Ok(open) = open_directory(directory) else { return Ok(()) };
    let mode = open.metadata()?.mode() & 0o7777;
    if mode & 0o555 != 0o555 {
        let _ = open.set_permissions(Permissions::from_mode(mode | 0o555));
    }
    Ok(())
}

fn write(path: &Path, text: &[u8]) -> anyhow::Result<()> {
    let write = || -> io::Result<()> {
        let mut file = File::options().write(true).create_new(true).mode(0o644).open(path)?;
        file.set_permissions(Permissions::from_mode(0o644))?;
        file.write_all(text)?;
        file.sync_all()
    };
    write().context("a file can't be written")
}

/// Whether a bridge has each of its files, with the right text, and no other but Python's cache.
fn is_whole(bridge: &Path, content: &Content) -> bool {
    let holds = |name: &str, text: &[u8]| {
        let path = bridge.join(name);
        path.symlink_metadata().is_ok_and(|meta| meta.is_file())
            && fs::read(path).is_ok_and(|found| found == text)
    };
    let count = bridge
        .read_dir()
        .map(|entries| entries.flatten().filter(|entry| entry.file_name() != "__pycache__").count());
    count.is_ok_and(|count| count == content.files().count() + content.alias_files().count())
        && content.files().all(|(name, text)| holds(name, text))
        && content.alias_files().all(|name| holds(&name, content.alias_text()))
}
