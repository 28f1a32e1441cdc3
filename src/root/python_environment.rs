//! A Python environment, whatever made it: what its interpreter reads before it executes a program. `Modules/getpath.py` and `site.py`
//! of CPython say what that is.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::CWD;

use super::examiner::{Examiner, names};
use crate::directory::{self, DirectoryEntry};
use crate::files;
use crate::plain_path::without_steps;
use crate::trust::way::{self, WayEnd};
use crate::trust::{Doubt, Weakness, foreign};

/// Names the installation that an environment is made of. It is read beside the interpreter, else one directory above.
const SETTINGS: &str = "pyvenv.cfg";

/// Where the libraries are: the second one on some systems (`sys.platlibdir`), the third one beside the first on Debian.
const LIBRARIES: [&str; 3] = ["lib", "lib64", "local/lib"];

/// Where installed packages are in a library; the second one on Debian.
const PACKAGES: [&str; 2] = ["site-packages", "dist-packages"];

/// Where `str.splitlines` ends a line.
const LINE_ENDS: [char; 10] =
    ['\n', '\r', '\x0b', '\x0c', '\x1c', '\x1d', '\x1e', '\u{85}', '\u{2028}', '\u{2029}'];

/// More directories than the path files of any environment name.
const MOST_PATHS: usize = 1_000;

/// Why somebody but this user and root can change an environment: its interpreter, what that reads and executes at its start, what it
/// can import, or the way to it.
///
/// # Errors
/// When something can't be looked at.
pub fn doubt_of_environment(environment: &Path, user: u32) -> io::Result<Option<Doubt>> {
    match way::closed(environment, user)? {
        WayEnd::Doubted(doubt) => Ok(Some(doubt)),
        WayEnd::Directory(_) => Examiner { user: user.into() }.environment(environment),
        WayEnd::Missing(..) => Ok(None),
    }
}

/// What an environment is made of.
#[derive(Debug, Default, PartialEq, Eq)]
struct Installation {
    /// The directory of its interpreter.
    home: Option<PathBuf>,
    /// Whether its packages are used, too.
    has_packages: bool,
}

impl Examiner {
    /// An environment, and the installations that it is made of.
    pub fn environment(&self, environment: &Path) -> io::Result<Option<Doubt>> {
        match directory::look_at(CWD, environment) {
            Err(error) if directory::is_absent(&error) => return Ok(None),
            looked_at => looked_at?,
        };
        let bin = environment.join("bin");
        let own = [environment.to_owned(), bin.clone(), environment.join(SETTINGS)];
        let steps: [&dyn Fn() -> io::Result<Option<Doubt>>; 4] = [
            &|| self.first(own.iter().cloned()),
            &|| self.first(names(&bin, |entry| is_read_beside(&entry.name))?),
            &|| self.libraries(environment, true),
            &|| self.installations(environment, &bin),
        ];
        steps.iter().find_map(|step| step().transpose()).transpose()
    }

    /// Those that the settings name, and the one that the interpreter is a link to: most often one and the same.
    fn installations(&self, environment: &Path, bin: &Path) -> io::Result<Option<Doubt>> {
        let mut homes = BTreeMap::<PathBuf, bool>::new();
        for settings in [bin, environment].map(|place| place.join(SETTINGS)) {
            let installation = match files::read_small(&settings) {
                Ok(text) => Installation::parse(&text),
                Err(error) if directory::is_absent(&error) => continue,
                Err(error) => return Err(error),
            };
            let Some(home) = installation.home else { continue };
            if !home.is_absolute() {
                return Ok(Some(Doubt { path: settings, why: Weakness::RelativeHome }));
            }
            *homes.entry(home).or_default() |= installation.has_packages;
        }
        // What leads nowhere is not run.
        let programs = ["python", "python3"].map(|name| fs::canonicalize(bin.join(name)));
        for home in programs.iter().flatten().filter_map(|program| program.parent()) {
            homes.entry(home.to_owned()).or_default();
        }
        let mut doubts =
            homes.iter().map(|(home, has_packages)| self.installation(home, environment, *has_packages));
        doubts.find_map(Result::transpose).transpose()
    }

    fn installation(&self, home: &Path, environment: &Path, has_packages: bool) -> io::Result<Option<Doubt>> {
        if let Some(doubt) = foreign::doubt_of_way(home.to_owned(), self.user)? {
            return Ok(Some(doubt));
        }
        if let Some(doubt) = self.first(names(home, |entry| is_read_beside(&entry.name))?)? {
            return Ok(Some(doubt));
        }
        match home.parent() {
            Some(base) if base != environment => self.libraries(base, has_packages),
            _ => Ok(None),
        }
    }

    fn libraries(&self, prefix: &Path, has_packages: bool) -> io::Result<Option<Doubt>> {
        let mut seen = Vec::new();
        for library in LIBRARIES.map(|name| prefix.join(name)) {
            if let Some(doubt) = self.first([library.clone()])? {
                return Ok(Some(doubt));
            }
            // The second one is often a link to the first.
            let there = match directory::look_through(CWD, &library) {
                Ok(stat) => directory::identity(&stat),
                Err(error) if directory::is_absent(&error) => continue,
                Err(error) => return Err(error),
            };
            if seen.contains(&there) {
                continue;
            }
            seen.push(there);
            for standard in names(&library, is_pythons)? {
                if let Some(doubt) = self.standard_library(&standard, has_packages)? {
                    return Ok(Some(doubt));
                }
            }
        }
        Ok(None)
    }

    /// A library of one version, with what each start imports from its packages.
    fn standard_library(&self, standard: &Path, has_packages: bool) -> io::Result<Option<Doubt>> {
        let below = ["encodings", "lib-dynload"].map(|name| standard.join(name));
        let packages = PACKAGES.map(|name| standard.join(name)).into_iter().filter(|_| has_packages);
        if let Some(doubt) = self.first([standard.to_owned()].into_iter().chain(below.clone()))? {
            return Ok(Some(doubt));
        }
        for imported in [standard.to_owned()].into_iter().chain(below) {
            if let Some(doubt) = self.package(&imported)? {
                return Ok(Some(doubt));
            }
        }
        packages.into_iter().find_map(|packages| self.packages(&packages).transpose()).transpose()
    }

    /// Installed packages, and where their path files have Python look for more.
    fn packages(&self, packages: &Path) -> io::Result<Option<Doubt>> {
        if let Some(doubt) = self.first([packages.to_owned()])? {
            return Ok(Some(doubt));
        }
        let path_files = names(packages, |entry| is_path_file(&entry.name))?;
        if let Some(doubt) = self.first(path_files.iter().cloned())? {
            return Ok(Some(doubt));
        }
        if let Some(doubt) = self.package(packages)? {
            return Ok(Some(doubt));
        }
        let mut paths = Vec::new();
        for file in path_files {
            let text = files::read_small(&file)?;
            // As `os.path.abspath` has it.
            paths.extend(named_by(&text).iter().map(|path| without_steps(&packages.join(path))));
        }
        if paths.len() > MOST_PATHS {
            return Err(io::Error::other(format!("its path files name more than {MOST_PATHS} directories")));
        }
        for path in paths {
            let is_there = directory::is_directory(CWD, &path)?;
            if let Some(doubt) = foreign::doubt_of_way(path.clone(), self.user)? {
                return Ok(Some(doubt));
            }
            if is_there && let Some(doubt) = self.package(&path)? {
                return Ok(Some(doubt));
            }
        }
        Ok(None)
    }
}

impl Installation {
    fn parse(settings: &[u8]) -> Self {
        let mut installation = Self::default();
        for line in settings.split(|byte| *byte == b'\n') {
            let mut parts = line.splitn(2, |byte| *byte == b'=');
            let (Some(key), Some(value)) = (parts.next(), parts.next()) else { continue };
            match key.trim_ascii().to_ascii_lowercase().as_slice() {
                b"home" if installation.home.is_none() => {
                    installation.home = Some(OsString::from_vec(value.trim_ascii().to_vec()).into());
                }
                b"include-system-site-packages" => {
                    installation.has_packages = value.trim_ascii().eq_ignore_ascii_case(b"true");
                }
                _ => {}
            }
        }
        installation
    }
}

/// The directories that a path file names (`site.addpackage`); its other lines are code. From 3.13 on a byte order mark does not count,
/// and lines end where `str.splitlines` has them end, so a line may be read in two ways.
fn named_by(text: &[u8]) -> BTreeSet<PathBuf> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let whole = text.split(|byte| matches!(byte, b'\n' | b'\r'));
    let pieces = String::from_utf8(text.to_vec()).unwrap_or_default();
    let pieces = pieces.split(|c| LINE_ENDS.contains(&c)).map(str::as_bytes);
    let lines = whole.chain(pieces).map(|line| match std::str::from_utf8(line) {
        Ok(line) => line.trim_end_matches(|c: char| c.is_whitespace() || LINE_ENDS.contains(&c)).as_bytes(),
        Err(_) => line.trim_ascii_end(),
    });
    lines
        .filter(|line| !line.is_empty() && !line.starts_with(b"#"))
        .filter(|line| !line.starts_with(b"import ") && !line.starts_with(b"import\t"))
        .map(|line| PathBuf::from(OsStr::from_bytes(line)))
        .collect()
}

/// Whether `site` executes the lines of a file of that name.
fn is_path_file(name: &OsStr) -> bool {
    name.as_bytes().ends_with(b".pth")
}

/// What an interpreter reads beside itself: its settings, where it is told to look, and itself.
fn is_read_beside(name: &OsStr) -> bool {
    name == SETTINGS || name == "pybuilddir.txt" || name.as_bytes().starts_with(b"python")
}

/// `python3.8`, `python38.zip` and `libpython3.8.so.1.0` in a library.
fn is_pythons(entry: &DirectoryEntry) -> bool {
    let name = entry.name.as_bytes();
    name.starts_with(b"python") || name.starts_with(b"libpython")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_name_the_installation() {
        let table = [
            ("home = /usr/bin\nversion = 3.8.18\n", Some("/usr/bin"), false),
            ("HOME=/opt/a b/bin \r\ninclude-system-site-packages = True\n", Some("/opt/a b/bin"), true),
            ("version = 3\nhome = /a\nhome = /b\n", Some("/a"), false),
            ("home\nhomes = /a\n", None, false),
            ("home = bin", Some("bin"), false),
            ("", None, false),
        ];
        for (text, home, has_packages) in table {
            let expected = Installation { home: home.map(PathBuf::from), has_packages };
            assert_eq!(Installation::parse(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn path_files_name_directories() {
        let paths = |paths: &[&str]| paths.iter().map(PathBuf::from).collect::<BTreeSet<_>>();
        let text = b"# a comment\n\n/opt/app\r\nimport os; os.x()\nimport\tos\nimports\n  below \n";
        assert_eq!(named_by(text), paths(&["/opt/app", "imports", "  below"]));
        assert_eq!(named_by(b"\xef\xbb\xbf/a\n"), paths(&["/a"]));
        assert_eq!(named_by("/a\u{a0}\n/b\x0b\n".as_bytes()), paths(&["/a", "/b"]));
        assert_eq!(named_by("a\x0c/b\u{2028}c\n".as_bytes()), paths(&["a\x0c/b\u{2028}c", "a", "/b", "c"]));
        assert_eq!(named_by(b"/a\xff \n"), [PathBuf::from(OsStr::from_bytes(b"/a\xff"))].into());
    }
}
