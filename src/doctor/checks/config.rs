//! `config/config.ini`, the port that it names, and the directories that tasks write to.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, AtFlags, CWD, accessat};

use crate::doctor::case::Case;
use crate::doctor::diagnosis::{Finding, Status};
use crate::doctor::ini::{self, Sections};
use crate::error::plain;
use crate::invocation::same_file;
use crate::procfs::{Process, ProcessTable};
use crate::sdk::is_absent;
use crate::shell::quote;

const FILE: &str = "config/config.ini";

/// What tasks write to: the section and option that name it, and its name without them.
const WRITTEN_TO: [(&str, &str, &str); 3] =
    [("log", "log_dir", "log"), ("result", "result_dir", "result"), ("temp", "temp_dir", "temp")];

/// Whether the SDK can read it, and work by it. Its paths are relative to where the command starts.
pub fn config(case: &Case) -> Vec<Finding> {
    let mut findings = Vec::new();
    let (start, root) = (case.work_directory(), case.root.path.as_path());
    let file = start.join(FILE);
    if !same_file(start, root) && !file.exists() && root.join(FILE).exists() {
        findings.push(Finding::warn(
            format!("the command starts in {}, and the SDK reads {FILE} there", quote(start)),
            "leave out --no-chdir and --chdir: start in the SDK's directory",
        ));
        return findings;
    }
    let sections = match read(&file) {
        Ok(sections) => sections,
        Err(finding) => return vec![finding],
    };
    findings.extend(port(case, &sections));
    findings.extend(WRITTEN_TO.iter().filter_map(|(section, option, name)| {
        let configured = sections.get(*section).and_then(|options| options.get(*option));
        let configured = configured.map(String::as_str).filter(|path| !path.is_empty());
        let directory = Path::new(configured.unwrap_or(name));
        let directory = start.join(directory.strip_prefix(".").unwrap_or(directory));
        // Where nobody asks for it, it may as well not be there.
        let is_wanted = configured.is_some() || directory.symlink_metadata().is_ok();
        is_wanted.then(|| writable(&directory, *name == "log")).flatten()
    }));
    if !findings.iter().any(|finding| finding.status >= Status::Warn) {
        findings.insert(0, Finding::ok(format!("{} is read", quote(&file))));
    }
    findings
}

fn read(file: &Path) -> Result<Sections, Finding> {
    let mend = || format!("restore {} from where the SDK came from", quote(file));
    let text = fs::read(file).map_err(|error| match is_absent(&error) {
        true => Finding::fail(format!("{} is not there", quote(file)), mend()),
        false => {
            Finding::fail(format!("{}: {}", quote(file), plain(&error)), format!("chmod a+r {}", quote(file)))
        }
    })?;
    let text = String::from_utf8(text).map_err(|_| {
        Finding::fail(format!("{} is not UTF-8", quote(file)), format!("save {} as UTF-8", quote(file)))
    })?;
    if text.starts_with('\u{feff}') {
        let remedy = format!("sed -i '1s/^\\xEF\\xBB\\xBF//' {}", quote(file));
        return Err(Finding::fail(
            format!("{} begins with a byte order mark: configparser sees no section", quote(file)),
            remedy,
        ));
    }
    ini::parse(&text)
        .map_err(|why| Finding::fail(format!("{}, {why}", quote(file)), format!("edit {}", quote(file))))
}

/// The port of the SDK's own server.
fn port(case: &Case, sections: &Sections) -> Option<Finding> {
    let value = sections.get("http_server")?.get("server_port")?;
    let file = quote(case.work_directory().join(FILE));
    let Ok(port) = value.parse::<u16>() else {
        return Some(Finding::fail(format!("server_port = {value} is no port"), format!("edit {file}")));
    };
    let sockets = listening(port);
    if sockets.is_empty() {
        return Some(Finding::ok(format!("port {port} is free")));
    }
    let holders = holders(&sockets);
    if let Some(own) = holders.iter().find(|process| is_of_root(case, process)) {
        return Some(Finding::ok(format!(
            "port {port} is held by process {}, which runs from this root",
            own.pid
        )));
    }
    Some(match holders.first() {
        Some(Process { pid, stat, .. }) => Finding::warn(
            format!("port {port} is held by process {pid} ({})", quote(&stat.name)),
            format!("kill {pid}, or another server_port in {file}"),
        ),
        None => Finding::warn(
            format!("port {port} is held by a process of another user"),
            format!("another server_port in {file}"),
        ),
    })
}

/// The sockets that listen on a port, by inode.
fn listening(port: u16) -> BTreeSet<u64> {
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"].map(|path| fs::read_to_string(path).unwrap_or_default());
    tables.iter().flat_map(|table| table.lines()).filter_map(|line| listener(line, port)).collect()
}

/// A line of `/proc/net/tcp`: number, local address, remote address, state (0A listens) …, the tenth field is the inode.
fn listener(line: &str, port: u16) -> Option<u64> {
    let fields: Vec<&str> = line.split_ascii_whitespace().collect();
    let local = fields.get(1)?.rsplit_once(':')?.1;
    let listens = u16::from_str_radix(local, 16).ok()? == port && *fields.get(3)? == "0A";
    listens.then(|| fields.get(9)?.parse().ok())?
}

/// The processes that hold one of the sockets, as far as they may be looked at.
fn holders(sockets: &BTreeSet<u64>) -> Vec<Process> {
    let holds = |pid: &u32| {
        let open = Path::new("/proc").join(pid.to_string()).join("fd").read_dir();
        open.into_iter().flatten().flatten().any(|entry| {
            let target = fs::read_link(entry.path()).unwrap_or_default();
            let inode = target
                .to_str()
                .and_then(|text| text.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok());
            inode.is_some_and(|inode| sockets.contains(&inode))
        })
    };
    let table = ProcessTable::read().unwrap_or_default();
    let holders: Vec<u32> = table.numbers().filter(holds).collect();
    Process::read_all(&holders).unwrap_or_default()
}

fn is_of_root(case: &Case, process: &Process) -> bool {
    let root = &case.root.path;
    let named = process.variables.as_ref().ok().and_then(|variables| variables.heygem_dir.as_deref());
    let heygem_dir = named == Some(root.as_os_str());
    heygem_dir || process.directory.as_ref().is_ok_and(|directory| same_file(directory, root))
}

/// What is wrong with a directory that tasks write to. The SDK opens its log at once, and makes the others when it needs them.
fn writable(directory: &Path, is_log: bool) -> Option<Finding> {
    let place = quote(directory);
    let make = format!("mkdir -p {place}");
    let can_write =
        |path: &Path| accessat(CWD, path, Access::WRITE_OK | Access::EXEC_OK, AtFlags::EACCESS).is_ok();
    let own = |path: &Path| format!("as root: chown {} {}", rustix::process::geteuid().as_raw(), quote(path));
    let open = |path: &Path| match path.metadata() {
        Ok(meta) if meta.uid() == rustix::process::geteuid().as_raw() => {
            format!("chmod u+rwx {}", quote(path))
        }
        _ => own(path),
    };
    match directory.metadata() {
        Ok(meta) if !meta.is_dir() => {
            Some(Finding::fail(format!("{place} is no directory"), format!("rm {place} && {make}")))
        }
        Ok(_) if can_write(directory) => None,
        Ok(_) => Some(Finding::fail(format!("{place} can't be written to"), open(directory))),
        Err(error) if is_absent(&error) => {
            let above: PathBuf = directory.ancestors().skip(1).find(|path| path.is_dir())?.to_owned();
            match (can_write(&above), is_log) {
                (true, true) => Some(Finding::warn(
                    format!("{place} is not there: No such file or directory: './log/dh.log'"),
                    make,
                )),
                (true, false) => None,
                (false, _) => Some(Finding::fail(
                    format!("{place} is not there, and {} can't be written to", quote(&above)),
                    format!("{} && {make}", open(&above)),
                )),
            }
        }
        Err(error) => Some(Finding::fail(format!("{place}: {}", plain(&error)), own(directory))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_listener_of_that_port_counts() {
        let line = |port: &str, state| {
            format!(
                "   0: 00000000:{port} 00000000:0000 {state} 00000000:00000000 00:00000000 00000000     0        0 4711 1 0000000000000000 100 0 0 10 0"
            )
        };
        assert_eq!(listener(&line("20BF", "0A"), 8383), Some(4711));
        assert_eq!(listener(&line("20BF", "01"), 8383), None);
        assert_eq!(listener(&line("20BE", "0A"), 8383), None);
        assert_eq!(listener("  sl  local_address rem_address   st tx_queue", 8383), None);
    }
}
