//! What tasks write to: whether each directory and the log file itself can be written to, and has room.

use std::path::{Path, PathBuf};

use rustix::fs::{CWD, Mode, OFlags, StatVfsMountFlags, openat, statvfs};

use crate::doctor::diagnosis::{CheckFinding, Topic};
use crate::doctor::ini::Sections;
use crate::doctor::permission::{can_change, can_write, is_own};
use crate::error::plain;
use crate::remedy::Remedy;
use crate::sdk::is_absent;
use crate::shell::quote;

/// What tasks write to: the section and option that name it, and its name without them.
const WRITTEN_TO: [(&str, &str, &str); 3] =
    [("log", "log_dir", "log"), ("result", "result_dir", "result"), ("temp", "temp_dir", "temp")];

/// The SDK's log, where the configuration names no other.
const LOG_FILE: &str = "dh.log";

/// Less than the first lines of a log.
const LEAST_ROOM: usize = 64 << 10;

/// What is wrong with them.
pub fn directories(start: &Path, file: &Path, sections: &Sections) -> Vec<CheckFinding> {
    let mut findings = Vec::new();
    for (section, option, name) in WRITTEN_TO {
        let value = |option: &str| sections.get(section).and_then(|options| options.get(option));
        let configured = value(option).map(String::as_str).filter(|path| !path.is_empty());
        let is_log = name == "log";
        if let Some(path) = configured.filter(|path| path.starts_with('~')) {
            findings.push(
                CheckFinding::warn(
                    format!("{option} = {path} is taken literally: a directory named ~"),
                    format!("name the whole path in {}", quote(file)),
                )
                .about([Topic::Path(start.join(path))]),
            );
            continue;
        }
        if let Some(path) = configured.filter(|path| is_of_windows(path)) {
            findings.push(
                CheckFinding::warn(
                    format!("{option} = {path} is a path of Windows: here it is a directory of that name"),
                    format!("name a directory of this system as {option} in {}", quote(file)),
                )
                .about([Topic::Path(start.join(path))]),
            );
            continue;
        }
        let directory = Path::new(configured.unwrap_or(name));
        let directory = start.join(directory.strip_prefix(".").unwrap_or(directory));
        // Where nobody asks for it, it may as well not be there.
        let is_wanted = configured.is_some() || directory.symlink_metadata().is_ok();
        if !is_wanted {
            continue;
        }
        let about = |finding: CheckFinding| finding.about([Topic::Path(directory.clone())]);
        let log = is_log.then(|| directory.join(value("log_file").map_or(LOG_FILE, String::as_str)));
        let fault = fault(&directory, option, is_log).or_else(|| log.and_then(|log| unwritable_log(&log)));
        findings.extend(fault.map(about));
    }
    findings
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

/// What opens a directory to this user.
fn open(path: &Path) -> Remedy {
    let user = rustix::process::geteuid().as_raw();
    match is_own(path) {
        true => Remedy::shell(format!("chmod u+rwx {}", quote(path))),
        false => Remedy::AsRoot(format!("chown {user} {}", quote(path))),
    }
}

/// What is wrong with a directory. The SDK opens its log at once, and makes the others when it needs them.
fn fault(directory: &Path, option: &str, is_log: bool) -> Option<CheckFinding> {
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
        Ok(_) => Some(CheckFinding::fail(format!("{place} can't be written to"), open(directory))),
        Err(error) if is_absent(&error) => absent(directory, &make, option, is_log),
        Err(error) => {
            let above = directory.parent().unwrap_or(directory);
            Some(CheckFinding::fail(format!("{place}: {}", plain(&error)), open(above)))
        }
    }
}

fn absent(directory: &Path, make: &str, option: &str, is_log: bool) -> Option<CheckFinding> {
    let place = quote(directory);
    let above: PathBuf = directory.ancestors().skip(1).find(|path| path.is_dir())?.to_owned();
    let is_link = directory.symlink_metadata().is_ok();
    match (can_change(&above), is_log) {
        _ if is_link => Some(CheckFinding::fail(
            format!("{place} is a link to nothing"),
            format!("have what it leads to mounted, or: rm {place} && {make}"),
        )),
        (true, true) => Some(CheckFinding::warn(
            format!("{place} is not there: No such file or directory: './log/dh.log'"),
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
                match open(&above) {
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
        rustix::io::Errno::NOSPC => ("is full: No space left on device", "more room is needed there"),
        rustix::io::Errno::DQUOT => {
            ("is full: this user's quota is used up", "more room is needed there, or a higher quota")
        }
        rustix::io::Errno::FBIG => return None,
        _ => return None,
    };
    Some(CheckFinding::fail(
        format!("{} {why}", quote(directory)),
        format!("{remedy}: df -h {}", quote(directory)),
    ))
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
fn unwritable_log(log: &Path) -> Option<CheckFinding> {
    let meta = log.metadata().ok()?;
    if meta.is_dir() {
        return Some(
            CheckFinding::fail(
                format!("{} is a directory", quote(log)),
                Remedy::shell(format!("rmdir {}", quote(log))),
            )
            .about([Topic::Path(log.to_owned())]),
        );
    }
    (!can_write(log)).then(|| unwritable(log, "Permission denied"))
}

/// A file that can't be written to.
pub fn unwritable(file: &Path, why: &str) -> CheckFinding {
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
        (true, ..) => Remedy::shell(format!("rmdir {place}")),
        (false, true, _) if file.exists() => Remedy::shell(format!("chmod u+w {place}")),
        (false, _, true) if file.exists() => Remedy::shell(format!("rm -f {place}")),
        (false, ..) if file.exists() => Remedy::AsRoot(format!("chown {user} {place}")),
        _ if directory.is_dir() => open(directory),
        _ => Remedy::shell(format!("mkdir -p {}", quote(directory))),
    };
    CheckFinding::fail(format!("{place} can't be written to: {why}"), remedy)
        .about([Topic::Path(file.to_owned())])
}
