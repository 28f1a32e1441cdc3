//! A directory of a test's own, with a home and a temporary directory in it, and nothing else of the machine's.

use std::ffi::{OsStr, OsString};
use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::process::{self, Command};
use std::sync::atomic::{AtomicU32, Ordering};

use super::build::{checked, expect};
use super::fs::remove;
use super::requirements;
use super::run::Run;

/// The launcher under test.
pub const LAUNCHER: &str = env!("CARGO_BIN_EXE_heygem-run");

/// A test's own directory; removed when dropped.
pub struct Place {
    /// Its real path. Below the system's directory for such things, for that path is short: a manager's socket in `TMPDIR` has
    /// but 108 bytes for its own.
    pub dir: PathBuf,
}

impl Place {
    /// A new, empty one, with `home` and `tmp` in it. Nobody else can write to it, so that a root in it counts.
    pub fn new() -> Self {
        requirements::check();
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let parent = std::env::temp_dir();
        let parent = expect(parent.canonicalize(), "find", &parent);
        let place = Self { dir: parent.join(format!("heygem-{}-{count}", process::id())) };
        place.make_dir("home");
        place.make_dir("tmp");
        place
    }

    /// A path in it.
    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.dir.join(name)
    }

    /// Makes a directory, with those above it. Whatever the umask, not everyone can write to it.
    pub fn make_dir(&self, name: impl AsRef<Path>) -> PathBuf {
        let path = self.path(name);
        expect(DirBuilder::new().recursive(true).mode(0o755).create(&path), "create", &path);
        path
    }

    /// Writes a file, with the directories above it.
    pub fn write(&self, name: impl AsRef<Path>, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        self.make_dir(path.parent().unwrap_or(&self.dir));
        expect(fs::write(&path, text), "write", &path);
        path
    }

    /// Writes a file that can be executed.
    ///
    /// Another process writes it: a descriptor of this one's could be inherited by what another thread starts at that moment,
    /// and as long as a file is open for writing, nothing executes it ("Text file busy").
    pub fn write_program(&self, name: impl AsRef<Path>, text: impl AsRef<[u8]>) -> PathBuf {
        let draft = self.write("tmp/draft", text);
        let path = self.copy_program(&draft, name);
        remove(&draft);
        path
    }

    /// Copies a program, in the same way.
    pub fn copy_program(&self, program: impl AsRef<Path>, name: impl AsRef<Path>) -> PathBuf {
        let path = self.path(name);
        checked(Command::new("install").args(["-D", "-m", "755", "--"]).arg(program.as_ref()).arg(&path));
        path
    }

    /// Writes the least that is recognised as a root: source form, nothing compiled.
    pub fn make_root(&self, name: impl AsRef<Path>) -> PathBuf {
        let name = name.as_ref();
        self.write(name.join("service/__init__.py"), "");
        self.write(name.join("service/trans_dh_service.py"), "");
        self.path(name)
    }

    /// The same in a directory of its own: a root in the working directory is found, and an argument of its name means a file.
    pub fn make_far_root(&self, name: impl AsRef<Path>) -> PathBuf {
        self.make_root(Path::new("roots").join(name))
    }

    /// A command that starts here with nothing in its environment but PATH, HOME and TMPDIR.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(&self.dir)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", self.path("home"))
            .env("TMPDIR", self.path("tmp"));
        command
    }

    /// `heygem-run` with these words, started here.
    pub fn launch<W: Into<OsString>>(&self, words: impl IntoIterator<Item = W>) -> Run {
        let mut command = self.command(LAUNCHER);
        command.args(words.into_iter().map(Into::into));
        Run::new(command)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // A directory left behind in /tmp is no reason to fail a test.
        let _ = fs::remove_dir_all(&self.dir);
    }
}

/// Copies the bundled example, so that no run writes into the tree; without a bridge that somebody's own run left there.
pub fn copy_example(place: &Place, name: &str) -> PathBuf {
    let copy = place.path(name);
    place.make_dir(copy.parent().unwrap_or(&place.dir));
    checked(
        Command::new("cp").arg("-r").arg(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/app")).arg(&copy),
    );
    let bridges = copy.join("HeyGem-Linux-Python-Hack/.heygem-run");
    if bridges.exists() {
        expect(fs::remove_dir_all(&bridges), "remove", &bridges);
    }
    copy
}
