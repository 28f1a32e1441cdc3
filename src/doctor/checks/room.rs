//! What tasks write to: whether each directory and the log file itself can be written to, and has room.

use std::os::unix::fs::FileTypeExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, Mode, OFlags, StatVfsMountFlags, openat, statvfs};

use crate::doctor::case::Case;
use crate::doctor::diagnosis::{CheckFinding, Topic};
use crate::doctor::ini::{self, Sections};
use crate::doctor::permission::{can_change, can_write, is_own};
use crate::error::plain;
use crate::files;
use crate::remedy::Remedy;
use crate::sdk::is_absent;
use crate::shell::quote;

/// What tasks write to: the section and option that name it, and its name without them.
const WRITTEN_TO: [(&str, &str, &str); 3] =
    [("log", "log_dir", "log"), ("result", "result_dir", "result"), ("temp", "temp_dir", "temp")];

/// The SDK's log, where the configuration names no other.
const LOG_FILE: &str = "dh.log";

/// No configuration is longer.
pub const LONGEST_CONFIG: u64 = 1 << 20;

/// The kernel takes none that is longer (`PATH_MAX`).
const LONGEST_PATH: usize = 4096;

/// Less than the first lines of a log.
const LEAST_ROOM: usize = 64 << 10;

/// What is wrong with them.
pub fn directories(case: &Case, sections: &Sections) -> Vec<CheckFinding> {
    let start = case.sdk_start();
    let mut findings = Vec::new();
    for (section, option, name) in WRITTEN_TO {
        let value = |option: &str| ini::value(sections, section, option);
        // What names a value that is nowhere is for the rehearsal to tell.
        let Ok(configured) = value(option).transpose() else { continue };
        let configured = configured.as_deref().filter(|path| !path.is_empty());
        let is_log = name == "log";
        if let Some(finding) = configured.and_then(|path| literal(option, path, &case.config_file())) {
            findings.push(finding.about(configured.map(|path| Topic::Path(start.join(path)))));
            continue;
        }
        let directory = Path::new(configured.unwrap_or(name));
        let directory = start.join(directory.strip_prefix(".").unwrap_or(directory));
        if directory.as_os_str().len() >= LONGEST_PATH {
            findings.push(too_long(case, option));
            continue;
        }
        // Where nobody asks for it, it may as well not be there.
        let is_wanted = configured.is_some() || directory.symlink_metadata().is_ok();
        if !is_wanted {
            continue;
        }
        let log = is_log.then(|| log_of(&directory, sections));
        let fault = fault(case, &directory, option, is_log)
            .or_else(|| log.and_then(|log| unwritable_log(case, &log)));
        // What is above it and would have to be made is a part of it.
        let above = directory.ancestors().skip(1).take_while(|above| above.symlink_metadata().is_err());
        let about =
            std::iter::once(directory.as_path()).chain(above).map(|path| Topic::Path(path.to_owned()));
        findings.extend(fault.map(|finding| finding.about(about)));
    }
    findings
}

/// Not looked at further: each directory that it leads through would be.
fn too_long(case: &Case, option: &str) -> CheckFinding {
    let file = quote(case.config_file());
    CheckFinding::fail(
        format!("{option} in {file} is longer than any path"),
        format!("shorten {option} in {file}"),
    )
    .about([Topic::Config])
}

fn log_of(directory: &Path, sections: &Sections) -> PathBuf {
    let named = ini::value(sections, "log", "log_file").and_then(Result::ok);
    directory.join(named.as_deref().unwrap_or(LOG_FILE))
}

/// Whether the log is a pipe without a reader: to open it for writing waits for one.
pub fn log_waits(case: &Case) -> bool {
    let text = files::read(&case.config_file(), LONGEST_CONFIG).unwrap_or_default();
    let Ok(sections) = ini::parse(&String::from_utf8_lossy(&text)) else { return false };
    let directory = ini::value(&sections, "log", "log_dir").and_then(Result::ok);
    let directory = case.sdk_start().join(directory.as_deref().unwrap_or("log"));
    waits(&log_of(&directory, &sections))
}

/// Whether a path is a pipe of the disk without a reader. This program's own output is none, whatever links lead there.
fn waits(path: &Path) -> bool {
    let is_pipe = path.metadata().is_ok_and(|meta| meta.file_type().is_fifo());
    let flags = OFlags::WRONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
    is_pipe
        && path.canonicalize().is_ok()
        && openat(CWD, path, flags, Mode::empty()).is_err_and(|error| error == rustix::io::Errno::NXIO)
}

/// What the SDK takes as it is written, and somebody meant otherwise.
fn literal(option: &str, path: &str, file: &Path) -> Option<CheckFinding> {
    let file = quote(file);
    let is_name = |after: &str| after.starts_with(|c: char| c.is_ascii_alphabetic() || "_{(".contains(c));
    let (what, remedy) = if path.starts_with('~') {
        ("is taken literally: a directory named ~", format!("name the whole path in {file}"))
    } else if is_of_windows(path) {
        (
            "is a path of Windows: here it is a directory of that name",
            format!("name a directory of this system as {option} in {file}"),
        )
    } else if path.starts_with(['"', '\'']) {
        (
            "is taken literally: the quotes are a part of the name",
            format!("take the quotes out of {option} in {file}"),
        )
    } else if path.split('$').skip(1).any(is_name) {
        ("is taken literally: no variable is put in", format!("name the whole path in {file}"))
    } else if path.contains(" #") || path.contains(" ;") {
        (
            "is taken literally: what follows is no comment, but a part of the name",
            format!("put the comment into a line of its own in {file}"),
        )
    } else {
        return None;
    };
    Some(CheckFinding::warn(format!("{option} = {path} {what}"), remedy))
}

/// `D:\heygem\log`, `\\server\log`.
fn is_of_windows(path: &str) -> bool {
    let drive = path.as_bytes();
    path.starts_with("\\\\")
        || matches!(drive, [letter, b':', b'\\' | b'/', ..] if letter.is_ascii_alphabetic())
}

fn is_read_only(path: &Path) -> bool {
    statvfs(path).is_ok_and(|system| system.f_flag.contains(StatVfsMountFlags::RDONLY))
}

/// What opens a directory to this user, where it is the service's own.
fn open(case: &Case, path: &Path) -> Remedy {
    // Of what is below one that is closed, nothing can be told.
    let path = path.ancestors().find(|path| path.metadata().is_ok()).unwrap_or(path);
    let user = rustix::process::geteuid().as_raw();
    match is_own(path) {
        _ if !case.is_of_service(path) => Remedy::words(format!(
            "name another directory in {}, one that this user may write to",
            quote(case.config_file())
        )),
        true => Remedy::shell(format!("chmod u+rwx {}", quote(path))),
        false => Remedy::AsRoot(format!("chown {user} {}", quote(path))),
    }
}

/// What is wrong with a directory. The SDK opens its log at once, and makes the others when it needs them.
fn fault(case: &Case, directory: &Path, option: &str, is_log: bool) -> Option<CheckFinding> {
    let place = quote(directory);
    let make = format!("mkdir -p {place}");
    match directory.metadata() {
        Ok(meta) if !meta.is_dir() => Some(CheckFinding::fail(
            format!("{place} is not a directory"),
            Remedy::shell(format!("mv {place} {}.off && {make}", place)),
        )),
        Ok(_) if can_change(directory) => full(directory),
        Ok(_) if is_read_only(directory) => Some(CheckFinding::fail(
            format!("{place} can't be written to: it is on a read-only file system"),
            format!("have a volume mounted there, or name another {option} in config/config.ini"),
        )),
        Ok(_) => Some(CheckFinding::fail(format!("{place} can't be written to"), open(case, directory))),
        Err(error) if is_absent(&error) => absent(case, directory, &make, (option, is_log)),
        Err(error) if error.raw_os_error() == Some(libc::ELOOP) => {
            let may_change = directory.parent().is_some_and(can_change);
            let line = format!("rm {place} && {make}");
            Some(CheckFinding::fail(
                format!("{place} is a loop of links"),
                Remedy::shell_as(may_change, line),
            ))
        }
        Err(error) => {
            let above = directory.parent().unwrap_or(directory);
            Some(CheckFinding::fail(format!("{place}: {}", plain(&error)), open(case, above)))
        }
    }
}

fn absent(case: &Case, directory: &Path, make: &str, (option, is_log): (&str, bool)) -> Option<CheckFinding> {
    let place = quote(directory);
    let above: PathBuf = directory.ancestors().skip(1).find(|path| path.is_dir())?.to_owned();
    let is_link = directory.symlink_metadata().is_ok();
    match (can_change(&above), is_log) {
        _ if is_link => Some(CheckFinding::fail(
            format!("{place} is a link to nothing"),
            format!("have what it leads to mounted, or: rm {place} && {make}"),
        )),
        (true, true) => Some(CheckFinding::warn(
            format!("{place} is not there, and the SDK opens its log in it: No such file or directory"),
            Remedy::shell(make),
        )),
        (true, false) => None,
        (false, _) if is_read_only(&above) => Some(CheckFinding::fail(
            format!("{place} is not there, and {} is on a read-only file system", quote(&above)),
            format!("have a volume mounted there, or name another {option} in config/config.ini"),
        )),
        (false, _) => {
            let found = format!("{place} is not there, and {} can't be written to", quote(&above));
            let user = rustix::process::geteuid().as_raw();
            Some(CheckFinding::fail(
                found,
                match open(case, &above) {
                    Remedy::Shell(line) => Remedy::Shell(format!("{line} && {make}")),
                    _ => Remedy::AsRoot(format!("{make} && chown {user} {place}")),
                },
            ))
        }
    }
}

/// A directory without room: tried with a file that never has a name, for a quota shows nowhere else.
fn full(directory: &Path) -> Option<CheckFinding> {
    let flags = OFlags::TMPFILE | OFlags::WRONLY | OFlags::CLOEXEC;
    let tried =
        openat(CWD, directory, flags, Mode::RUSR | Mode::WUSR).map(|file| write_all(&file, LEAST_ROOM));
    let errno = match tried {
        Ok(result) => result.err(),
        Err(error) if error == rustix::io::Errno::DQUOT || error == rustix::io::Errno::NOSPC => Some(error),
        // A file system that knows no such files.
        Err(_) => {
            let system = statvfs(directory).ok()?;
            let room = system.f_frsize.saturating_mul(system.f_bavail);
            (system.f_blocks > 0 && room < LEAST_ROOM as u64).then_some(rustix::io::Errno::NOSPC)
        }
    }?;
    let (why, remedy) = match errno {
        rustix::io::Errno::NOSPC if has_no_inodes(directory) => {
            let found = format!("{} has no free inodes: No space left on device", quote(directory));
            let remedy = format!("remove files there, or have more inodes: df -i {}", quote(directory));
            return Some(CheckFinding::fail(found, remedy));
        }
        rustix::io::Errno::NOSPC => ("is full: No space left on device", "more room is needed there"),
        rustix::io::Errno::DQUOT => {
            ("is full: this user's quota is used up", "more room is needed there, or a higher quota")
        }
        _ => return None,
    };
    Some(CheckFinding::fail(
        format!("{} {why}", quote(directory)),
        format!("{remedy}: df -h {}", quote(directory)),
    ))
}

/// Room for bytes is no room for files.
pub fn has_no_inodes(directory: &Path) -> bool {
    statvfs(directory).is_ok_and(|system| system.f_files > 0 && system.f_favail == 0)
}

fn write_all(file: &std::os::fd::OwnedFd, length: usize) -> rustix::io::Result<()> {
    let piece = [0; 4096];
    let mut left = length;
    while left > 0 {
        left -= rustix::io::write(file, &piece[..left.min(piece.len())])?.min(left).max(1);
    }
    Ok(())
}

/// The log that is opened for appending.
fn unwritable_log(case: &Case, log: &Path) -> Option<CheckFinding> {
    let meta = log.metadata().ok()?;
    if waits(log) {
        let found = format!("{} is a pipe without a reader: the SDK would wait for one forever", quote(log));
        let may = log.parent().is_some_and(can_change);
        let finding = CheckFinding::fail(found, Remedy::shell_as(may, format!("rm {}", quote(log))));
        return Some(finding.about([Topic::Path(log.to_owned())]));
    }
    if meta.is_dir() {
        return Some(
            CheckFinding::fail(
                format!("{} is a directory", quote(log)),
                Remedy::shell(format!("rmdir {}", quote(log))),
            )
            .about([Topic::Path(log.to_owned())]),
        );
    }
    (!can_write(log)).then(|| unwritable(case, log, "Permission denied"))
}

pub fn unwritable(case: &Case, file: &Path, why: &str) -> CheckFinding {
    let place = quote(file);
    let directory = file.parent().unwrap_or(Path::new("/"));
    let user = rustix::process::geteuid().as_raw();
    if file.is_symlink() && !file.exists() {
        let found =
            format!("{place} can't be written to: it is a link, and what it leads to is not there: {why}");
        let remedy = Remedy::shell_as(can_change(directory), format!("rm {place}"));
        return CheckFinding::fail(found, remedy).about([Topic::Path(file.to_owned())]);
    }
    let remedy = match (file.is_dir(), is_own(file), can_change(directory)) {
        _ if file.exists() && !case.is_of_service(file) => open(case, file),
        (true, ..) => Remedy::shell(format!("rmdir {place}")),
        (false, true, _) if file.exists() => Remedy::shell(format!("chmod u+w {place}")),
        (false, _, true) if file.exists() => Remedy::shell(format!("rm -f {place}")),
        (false, ..) if file.exists() => Remedy::AsRoot(format!("chown {user} {place}")),
        _ if directory.is_dir() => open(case, directory),
        _ => Remedy::shell(format!("mkdir -p {}", quote(directory))),
    };
    CheckFinding::fail(format!("{place} can't be written to: {why}"), remedy)
        .about([Topic::Path(file.to_owned())])
}
