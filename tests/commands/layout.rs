//! Where the SDK lies, where the user's files lie, where the user stands, and who that is.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::Command as Process;
use std::sync::atomic::{AtomicU16, Ordering};

use crate::files::content;
use crate::programs::Programs;
use crate::row::Row;
use crate::support::build::{checked, expect};
use crate::support::place::{LAUNCHER, Place};
use crate::support::sdk::install;

const SDK: &str = "HeyGem-Linux-Python-Hack";

const LOOSE_FILES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/commands/root");

/// Nobody, by the number that every Linux gives it.
const NOBODY: u32 = 65534;
/// Somebody else.
const STRANGER: u32 = 54321;

/// The trees of the table. `T` is the directory above them all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// The SDK in `T/x`, beside the user's files; the user stands in `T/x`.
    Beside,
    /// The same under a name with Chinese characters and a space.
    Chinese,
    /// The same; what is called like the SDK is a link that leads away.
    Linked,
    /// `T/x/api`, where the user stands, and the SDK in `T/x`.
    Sibling,
    /// The SDK in `T/x/deps`; the user stands in `T/x`.
    TwoDown,
    /// The user's files in the SDK, where the user stands.
    InSdk,
    /// SDK A in `T/a`, where the user stands; SDK B in `T/b`. Files are relative to `T`.
    TwoSdks,
    /// The same; the user stands in SDK A.
    InFirstOfTwo,
    /// SDK A is `/code`, and lies in `T/a` outside of the mount namespace; the user stands in `/`; SDK B in `T/b`.
    Code,
    /// As `Beside`; everything has the mode 0777 and is the caller's, not sticky: WSL's `/mnt/d`.
    Open,
    /// The same; the user stands in the SDK.
    OpenInSdk,
    /// As `Open`, by an ordinary user.
    OpenByUser,
    /// As `Beside`, by an ordinary user.
    ByUser,
    /// The only SDK is a stranger's, in the sticky directory that everyone can write to where the user stands: `T`.
    Stranger,
    /// The same by an ordinary user.
    StrangerByUser,
    /// As `Stranger`, the tree of mode 0777.
    StrangerOpen,
}

/// A tree that was made for one row.
pub struct Tree {
    pub place: Place,
    layout: Layout,
    pub port: u16,
}

impl Layout {
    /// The directory that the row's files are relative to.
    fn base(self) -> &'static str {
        match self {
            Self::Chinese => "数字 人",
            Self::TwoSdks
            | Self::InFirstOfTwo
            | Self::Code
            | Self::Stranger
            | Self::StrangerByUser
            | Self::StrangerOpen => "",
            _ => "x",
        }
    }

    /// Where the SDKs are, with the name in each one's configuration, relative to the base.
    fn sdks(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::TwoDown => &[("deps/HeyGem-Linux-Python-Hack", "A")],
            Self::InSdk => &[("", "A")],
            Self::TwoSdks | Self::InFirstOfTwo | Self::Code => {
                &[("a/HeyGem-Linux-Python-Hack", "A"), ("b/HeyGem-Linux-Python-Hack", "B")]
            }
            _ => &[(SDK, "A")],
        }
    }

    /// Where the user stands, relative to the base.
    fn directory(self) -> &'static str {
        match self {
            Self::Sibling => "api",
            Self::TwoSdks => "a",
            Self::InFirstOfTwo => "a/HeyGem-Linux-Python-Hack",
            Self::OpenInSdk => SDK,
            _ => "",
        }
    }

    fn is_open(self) -> bool {
        matches!(self, Self::Open | Self::OpenInSdk | Self::OpenByUser)
    }

    fn is_strange(self) -> bool {
        matches!(self, Self::Stranger | Self::StrangerByUser | Self::StrangerOpen)
    }

    fn is_by_user(self) -> bool {
        matches!(self, Self::OpenByUser | Self::ByUser | Self::StrangerByUser)
    }
}

impl Tree {
    /// Makes it, or says why this machine cannot.
    ///
    /// # Errors
    /// Where it takes root, and the suite has not got it.
    pub fn new(row: &Row, programs: &Programs) -> Result<Self, String> {
        let layout = row.layout;
        if !crate::support::user::is_root() && (layout.is_strange() || layout == Layout::Code) {
            return Err("takes root".to_owned());
        }
        let place = Place::new();
        let tree = Self { place, layout, port: free_port() };
        tree.install_sdks(programs);
        for file in row.files() {
            tree.place.make_dir(tree.base().join(file).parent().unwrap_or(Path::new("")));
            let path = tree.base().join(file);
            let text = content(row, file);
            if file.ends_with(".sh") {
                tree.place.write_program(path, text);
            } else {
                tree.place.write(path, text);
            }
        }
        tree.place.make_dir(tree.directory_outside());
        tree.place.make_dir("spool/control");
        tree.place.make_dir("bin");
        tree.place.link(LAUNCHER, "bin/heygem-run");
        for (name, text) in STAND_INS {
            tree.place.write_program(Path::new("bin").join(name), text);
        }
        tree.set_owners();
        Ok(tree)
    }

    fn base(&self) -> PathBuf {
        self.place.path(self.layout.base())
    }

    fn install_sdks(&self, programs: &Programs) {
        for (path, name) in self.layout.sdks() {
            let root = self.base().join(path);
            let to = if self.layout == Layout::Linked { self.place.path("releases/7") } else { root.clone() };
            install(programs.python, "commands_sdk", &to);
            // What lies beside the packages is no module of the SDK's.
            checked(Process::new("cp").args(["-rT", LOOSE_FILES]).arg(&to));
            self.place.write(to.join("config/config.ini"), format!("[sdk]\nname = {name}\n"));
            if to != root {
                self.place.make_dir(self.base());
                expect(symlink(&to, &root), "make a link at", &root);
            }
        }
    }

    fn set_owners(&self) {
        let top = &self.place.dir;
        let recursively = |program: &str, words: &[&str], path: &Path| {
            checked(Process::new(program).arg("-R").args(words).arg(path));
        };
        let tree = self.base().join(SDK);
        if self.layout.is_by_user() && crate::support::user::is_root() {
            recursively("chown", &["-h", &format!("{NOBODY}:{NOBODY}")], top);
        }
        if self.layout.is_open() {
            recursively("chmod", &["0777"], &self.base());
            expect(fs::set_permissions(top, fs::Permissions::from_mode(0o777)), "chmod", top);
        }
        if self.layout.is_strange() {
            recursively("chown", &["-h", &format!("{STRANGER}:{STRANGER}")], &tree);
            if self.layout == Layout::StrangerOpen {
                recursively("chmod", &["0777"], &tree);
            }
            expect(chown(top, Some(0), Some(0)), "give away", top);
            expect(fs::set_permissions(top, fs::Permissions::from_mode(0o1777)), "chmod", top);
        }
    }

    /// Puts a stand-in into the launcher's place that only starts the command; the SDK's packages, without the bare names and
    /// without the loose files beside them, are to be found in [`Self::packages`].
    pub fn remove_launcher(&self) {
        crate::support::fs::remove(self.place.path("bin/heygem-run"));
        self.place.write_program("bin/heygem-run", NO_LAUNCHER);
        let (path, _) = self.layout.sdks()[0];
        let root = self.base().join(path);
        for entry in expect(fs::read_dir(&root), "list", &root) {
            let package = expect(entry, "list", &root).path();
            if package.join("__init__.py").exists() {
                let name = package.file_name().expect("an entry has a name");
                self.place.link(&package, self.packages().join(name));
            }
        }
    }

    /// What `PYTHONPATH` is without the launcher.
    pub fn packages(&self) -> PathBuf {
        self.place.path("packages")
    }

    /// Where the user stands, as seen by the command.
    pub fn directory(&self) -> PathBuf {
        if self.layout == Layout::Code { PathBuf::from("/") } else { self.directory_outside() }
    }

    fn directory_outside(&self) -> PathBuf {
        let mut path = self.base();
        // No slash at its end.
        path.extend(Path::new(self.layout.directory()));
        path
    }

    /// A file of the user's.
    pub fn file(&self, name: &str) -> PathBuf {
        self.base().join(name)
    }

    /// The root of the SDK with this name, as the command sees it.
    pub fn root(&self, name: &str) -> PathBuf {
        if self.layout == Layout::Code && name == "A" {
            return PathBuf::from("/code");
        }
        let (path, _) = self.layout.sdks().iter().find(|(_, its)| *its == name).expect("the layout has it");
        let mut root = self.base();
        root.extend(Path::new(path));
        root
    }

    /// What comes in front of the command, for it to run as who it should, and to see what it should.
    pub fn prefix(&self) -> Vec<String> {
        let mut words = Vec::new();
        if self.layout == Layout::Code {
            let sdk = self.place.path("a").join(SDK);
            let new = self.place.make_dir("new-root");
            words.extend(["unshare", "-m", "sh", "-ec", CODE, "sh"].map(str::to_owned));
            words.extend([new, sdk].map(|path| path.to_string_lossy().into_owned()));
        }
        if self.layout.is_by_user() && crate::support::user::is_root() {
            let user = NOBODY.to_string();
            words
                .extend(["setpriv", "--reuid", &user, "--regid", &user, "--clear-groups"].map(str::to_owned));
            // The interpreter may lie in root's home. What this user may write to, or owns, is another matter.
            words.extend(
                ["--inh-caps", "+dac_read_search", "--ambient-caps", "+dac_read_search"].map(str::to_owned),
            );
        }
        words
    }
}

/// Makes the directory `$1` a root like this one, with `$2` as its `/code`, and runs the rest there.
const CODE: &str = r#"
new=$1 sdk=$2
shift 2
mount -t tmpfs none "$new"
for entry in /*; do
    if [ -L "$entry" ]; then cp -P "$entry" "$new/"
    elif [ -d "$entry" ] && [ "$entry" != /code ]; then mkdir "$new$entry"; mount --rbind "$entry" "$new$entry"
    fi
done
mkdir "$new/code"
mount --bind "$sdk" "$new/code"
exec /usr/sbin/chroot "$new" "$@"
"#;

/// Starts the command that people have.
const NO_LAUNCHER: &str = r#"#!/bin/sh
[ "$1" = -r ] && shift 2
case $1 in
    --) shift ;;
    -m | *.py) set -- python "$@" ;;
esac
exec "$@"
"#;

/// What would take gigabytes to install: conda, whose `run` becomes the command of an environment. Torch's runner is another
/// one, in the environment itself.
const STAND_INS: [(&str, &str); 1] = [(
    "conda",
    r#"#!/bin/sh
[ "$1" = run ] || exit 2
shift
while :; do
    case $1 in
        -n | -p | --name | --prefix) shift 2 ;;
        -*) shift ;;
        *) exec "$@" ;;
    esac
done
"#,
)];

/// A port that nobody listens on, below those that the kernel gives to outgoing connections; another one each time.
fn free_port() -> u16 {
    static COUNT: AtomicU16 = AtomicU16::new(0);
    const FIRST: u16 = 10_000;
    const PORTS: u16 = 20_000;
    let start = u16::try_from(std::process::id() % u32::from(PORTS)).expect("less than the ports");
    let next = || FIRST + (start + COUNT.fetch_add(1, Ordering::Relaxed) % PORTS) % PORTS;
    (0..PORTS).map(|_| next()).find(|port| is_free(*port)).expect("a free port")
}

/// Whether nobody listens on a port, not even a process that is about to end.
pub fn is_free(port: u16) -> bool {
    TcpListener::bind(("127.0.0.1", port)).is_ok()
}
