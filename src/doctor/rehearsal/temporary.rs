//! The directory in which multiprocessing has its sockets. A Python that is killed leaves it behind.

use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use serde_json::Value;

use super::record::{MARK, path};
use crate::directory;
use crate::files;

/// How `multiprocessing.util.get_temp_dir` names it.
const PREFIX: &[u8] = b"pymp-";

/// Removes what a rehearsal told of, where it is still there. What can't be removed stays.
pub fn remove(report: &str) {
    for (_, line) in report.lines().filter_map(|line| line.split_once(MARK)) {
        let record = serde_json::from_str::<Value>(line).unwrap_or_default();
        if record["record"] == "temporary" {
            let directory = path(&record["path"]);
            if let (Some(above), Some(name)) = (directory.parent(), directory.file_name()) {
                let _ = remove_from(above, name);
            }
        }
    }
}

fn remove_from(above: &Path, name: &OsStr) -> io::Result<()> {
    let above = directory::open(above)?;
    let open = directory::open_at(&above, name)?;
    let is_own = files::stat(&open)?.st_uid == rustix::process::geteuid().as_raw();
    if is_own && name.as_bytes().starts_with(PREFIX) {
        directory::empty(&open);
        directory::remove_directory(&above, name)?;
    }
    Ok(())
}
