//! Whether a process that stands in the root runs the app there, or is somebody at work: a prompt, an editor, a file server.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use super::disk::{Disk, PathTarget};
use super::expected::Expected;
use super::role::{script, words};
use crate::entry::python_line::{self, Entry};
use crate::procfs::Process;

/// More apps than a server is given.
const MOST_APPS: usize = 8;

/// Whether its words say that it runs something of the root or of the directory that the root is in: a script, a module, an app
/// for a server (`uvicorn app:app`, `celery -A tasks worker`).
pub fn runs_the_app(process: &Process, expected: &Expected, disk: &impl Disk) -> bool {
    let line = python_line::parse(words(process));
    let here: Vec<&Path> =
        std::iter::once(expected.root.as_path()).chain(expected.parent.as_deref()).collect();
    let has_module = |name: &[u8]| here.iter().any(|directory| is_module(directory, name, disk));
    let is_script_here = || {
        let script = script(process);
        let directory = script.as_deref().and_then(Path::parent);
        directory.is_some_and(|directory| {
            directory.starts_with(&expected.root)
                || here.iter().any(|here| disk.is_same(here, directory) == Some(true))
        })
    };
    let is_entry = match line.entry {
        Entry::Script(_) => is_script_here(),
        Entry::Module => {
            let name = words(process).get(line.arguments.saturating_sub(1));
            name.is_some_and(|name| has_module(name.as_bytes()))
        }
        Entry::Code | Entry::Other | Entry::Unknown => return false,
    };
    let arguments = words(process).get(line.arguments..).unwrap_or_default();
    let is_app = |word: &OsString| is_app_of_a_server(word.as_bytes());
    let named = arguments.windows(2).filter(|pair| pair[0] == "-A" || pair[0] == "--app");
    let mut named = named.map(|pair| &pair[1]).take(MOST_APPS);
    is_entry || arguments.iter().any(is_app) || named.any(|name| has_module(name.as_bytes()))
}

/// `MODULE:NAME`, `MODULE:NAME()`, both with dots.
fn is_app_of_a_server(word: &[u8]) -> bool {
    let Some((module, name)) = std::str::from_utf8(word).ok().and_then(|word| word.split_once(':')) else {
        return false;
    };
    let is_name = |part: &str| {
        !part.is_empty()
            && !part.starts_with(|first: char| first.is_ascii_digit())
            && part.chars().all(|char| char.is_alphanumeric() || char == '_')
    };
    let name = name.split_once('(').map_or(name, |(name, _)| name);
    module.split('.').all(is_name) && name.split('.').all(is_name)
}

/// Whether the first part of a module's name is in that directory.
fn is_module(directory: &Path, name: &[u8], disk: &impl Disk) -> bool {
    let Some(top) = std::str::from_utf8(name).ok().and_then(|name| name.split(['.', ':']).next()) else {
        return false;
    };
    let is_there = |path: &Path| matches!(disk.target(path), PathTarget::At(..));
    !top.is_empty()
        && !top.contains('/')
        && (is_there(&directory.join(format!("{top}.py")))
            || is_there(&directory.join(top).join("__init__.py")))
}

/// Whether a mapped file is a compiled module of the root.
pub fn is_module_of(root: &Path, path: &[u8]) -> bool {
    let below = path.strip_prefix(root.as_os_str().as_bytes());
    below.is_some_and(|below| below.starts_with(b"/") && below.ends_with(b".so"))
}

/// Whether a mapped file shows that Python is in the program: its library, or one of its modules.
pub fn is_of_python(path: &[u8]) -> bool {
    let name = path.rsplit(|&byte| byte == b'/').next().unwrap_or_default();
    let has = |part: &[u8]| memchr::memmem::find(path, part).is_some();
    name.starts_with(b"libpython")
        || has(b"/lib-dynload/")
        || memchr::memmem::find(name, b".cpython-").is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_app_for_a_server_is_told_from_an_address_and_a_filter() {
        for word in ["app:app", "pkg.app:create_app()", "app:server.app", "a_b:c1"] {
            assert!(is_app_of_a_server(word.as_bytes()), "{word}");
        }
        for word in [
            "app",
            "127.0.0.1:8000",
            "host:80",
            "unix:/run/x",
            "http://x",
            "error::W",
            ":x",
            "x:",
            "a b:c",
            "/a:b",
        ] {
            assert!(!is_app_of_a_server(word.as_bytes()), "{word}");
        }
        assert!(!is_app_of_a_server(b"\xff:a"));
    }

    #[test]
    fn mapped_files_show_python_and_the_sdk() {
        let root = Path::new("/app/sdk");
        assert!(is_module_of(root, b"/app/sdk/service/trans_dh_service.cpython-38-x86_64-linux-gnu.so"));
        assert!(!is_module_of(root, b"/app/sdk2/x.so") && !is_module_of(root, b"/app/sdk/a.onnx"));
        for path in
            ["/usr/lib/libpython3.8.so.1.0", "/usr/lib/python3.8/lib-dynload/_json.so", "/x/y.cpython-38.so"]
        {
            assert!(is_of_python(path.as_bytes()), "{path}");
        }
        assert!(!is_of_python(b"/usr/lib/libc.so.6"));
    }
}
