//! `config/config.ini` and the port that it names. What the SDK itself makes of it is rehearsed.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::path::Path;

use super::room;
use crate::directory;
use crate::doctor::case::{CONFIG_FILE, Case};
use crate::doctor::check_budget::check_budget;
use crate::doctor::diagnosis::{CheckFinding, Topic};
use crate::doctor::encoding;
use crate::doctor::ini::{self, Sections};
use crate::doctor::permission::{dead_link, is_own};
use crate::entry::program::may_execute;
use crate::error::plain;
use crate::files;
use crate::invocation::same_file;
use crate::own_status::mask;
use crate::procfs::{Process, ProcessTable};
use crate::remedy::Remedy;
use crate::sdk::is_absent;
use crate::shell::quote;

/// The SDK's, where the configuration names none.
const DEFAULT_PORT: u16 = 8383;

/// Whether the SDK can read it, and work by it.
pub fn config(case: &Case) -> Vec<CheckFinding> {
    let (start, root) = (case.sdk_start(), case.root.path.as_path());
    let file = case.config_file();
    if !same_file(start, root) && !file.exists() && root.join(CONFIG_FILE).exists() {
        return vec![
            CheckFinding::warn(
                format!("the command starts in {}, and the SDK reads {CONFIG_FILE} there", quote(start)),
                "leave out --no-chdir and --chdir: start in the SDK's directory",
            )
            .about([Topic::Config, Topic::Path(file)]),
        ];
    }
    let about = |finding: CheckFinding| finding.about([Topic::Config, Topic::Path(file.clone())]);
    let sections = match read(&file) {
        Ok(sections) => sections,
        Err(finding) => return vec![about(finding)],
    };
    let mut findings: Vec<CheckFinding> = port(case, &sections).into_iter().collect();
    findings.extend(room::directories(case, &sections));
    if !findings.iter().any(CheckFinding::is_amiss) {
        findings.insert(0, CheckFinding::ok(format!("{} is read", quote(&file))));
    }
    findings
}

fn read(file: &Path) -> Result<Sections, CheckFinding> {
    let bytes = files::read(file, room::LONGEST_CONFIG).map_err(|error| unreadable(file, &error))?;
    let text = String::from_utf8(bytes).map_err(|error| foreign(file, error.as_bytes()))?;
    if text.starts_with('\u{feff}') {
        let line = format!("sed -i '1s/^\\xEF\\xBB\\xBF//' {}", quote(file));
        return Err(CheckFinding::fail(
            format!("{} begins with a byte order mark: configparser sees no section", quote(file)),
            Remedy::shell(line),
        ));
    }
    ini::parse(&text).map_err(|why| {
        CheckFinding::fail(format!("{}, {why}", quote(file)), format!("correct {}", quote(file)))
    })
}

fn unreadable(file: &Path, error: &io::Error) -> CheckFinding {
    let place = quote(file);
    match error.kind() {
        io::ErrorKind::IsADirectory => CheckFinding::fail(
            format!("{place} is a directory: a file was mounted there that was missing"),
            format!("remove the directory: rmdir {place}, and put the file there"),
        ),
        io::ErrorKind::PermissionDenied => {
            let parent = file.parent().unwrap_or(Path::new("/"));
            let is_closed = !may_execute(parent);
            let (what, mode, path) = if is_closed { (parent, "a+rx", parent) } else { (file, "a+r", file) };
            CheckFinding::fail(
                format!("{place}: {}", plain(error)),
                Remedy::shell_as(is_own(path), format!("chmod {mode} {}", quote(what))),
            )
        }
        _ if is_absent(error) => match dead_link(file) {
            Some((link, leads_to)) => {
                let leads_to = quote(leads_to);
                CheckFinding::fail(
                    format!("{} is a link to nothing: it leads to {leads_to}", quote(&link)),
                    format!("have {leads_to} mounted, or put {place} itself in place of the link"),
                )
            }
            None => CheckFinding::fail(
                format!("{place} is not there"),
                format!("restore {place} from where the SDK came from"),
            ),
        },
        _ => CheckFinding::fail(
            format!("{place}: {}", plain(error)),
            format!("restore {place} from where the SDK came from"),
        ),
    }
}

/// Text in another encoding than the SDK reads.
fn foreign(file: &Path, bytes: &[u8]) -> CheckFinding {
    let encoding = encoding::encoding(bytes);
    let named = encoding.map_or(String::new(), |encoding| format!(", it is {encoding}"));
    CheckFinding::fail(
        format!("{} is not UTF-8{named}: UnicodeDecodeError", quote(file)),
        encoding::remedy(file, encoding),
    )
}

/// The port of the SDK's own server.
fn port(case: &Case, sections: &Sections) -> Option<CheckFinding> {
    let file = quote(case.config_file());
    let written = ini::value(sections, "http_server", "server_port");
    let written = written.map(|value| value.unwrap_or_else(|as_written| as_written));
    let Some(port) = written.as_ref().map_or(Some(DEFAULT_PORT), |value| as_int(value)) else {
        let value = written.unwrap_or_default();
        let finding = CheckFinding::fail(
            format!("server_port = {value} is not a valid port"),
            format!("change server_port in {file} to a number from 1 to 65535 and nothing else"),
        );
        return Some(finding.about([Topic::Config]));
    };
    // Port 0 is any port.
    if port != 0 && port < first_open_port() && !may_bind_any() {
        return Some(CheckFinding::warn(
            format!("port {port} is not open to this user: bind: Permission denied"),
            format!("another server_port in {file}, 1024 or more"),
        ));
    }
    let sockets = listening(port);
    if sockets.is_empty() {
        return written.map(|_| CheckFinding::ok(format!("port {port} is free")));
    }
    let Holders { found: holders, is_cut } = holders(&sockets);
    if let Some(own) = holders.iter().find(|process| is_of_root(case, process)) {
        return Some(CheckFinding::ok(format!(
            "port {port} is held by process {}, which runs from this root",
            own.pid
        )));
    }
    Some(match holders.first() {
        Some(Process { pid, stat, .. }) => CheckFinding::warn(
            format!("port {port} is held by process {pid} ({})", quote(&stat.name)),
            format!("end that process (kill {pid}), or name another server_port in {file}"),
        ),
        None if is_cut => CheckFinding::warn(
            format!(
                "port {port} is held, and not by any of the first {MOST_DESCRIPTORS} open files of processes"
            ),
            format!("another server_port in {file}"),
        ),
        None => CheckFinding::warn(
            format!("port {port} is held by a process of another user"),
            format!("another server_port in {file}"),
        ),
    })
}

/// A port, as Python's `int()` reads it: with a sign, underscores between digits, and digits of full width.
fn as_int(text: &str) -> Option<u16> {
    let is_grouped = !text.starts_with('_') && !text.ends_with('_') && !text.contains("__");
    let narrow = |digit: char| match digit {
        '\u{ff10}'..='\u{ff19}' => char::from_digit(u32::from(digit) - 0xff10, 10).unwrap_or(digit),
        _ => digit,
    };
    let digits: String = text.trim().chars().filter(|digit| *digit != '_').map(narrow).collect();
    is_grouped.then(|| digits.parse().ok())?
}

/// The first port that every user may bind.
fn first_open_port() -> u16 {
    let text = fs::read_to_string("/proc/sys/net/ipv4/ip_unprivileged_port_start").unwrap_or_default();
    text.trim().parse().unwrap_or(1024)
}

/// Whether this process has CAP_NET_BIND_SERVICE, as the kernel lists it.
fn may_bind_any() -> bool {
    const CAP_NET_BIND_SERVICE: u64 = 1 << 10;
    mask("CapEff").map_or(rustix::process::geteuid().is_root(), |mask| mask & CAP_NET_BIND_SERVICE != 0)
}

/// More of a table of sockets than is looked at. Those that listen stand first in it.
const MOST_SOCKETS: u64 = 16 << 20;

/// The sockets that listen on a port, by inode.
fn listening(port: u16) -> BTreeSet<u64> {
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"].into_iter().filter_map(|path| fs::File::open(path).ok());
    let lines =
        tables.flat_map(|table| BufReader::new(table.take(MOST_SOCKETS)).lines().map_while(Result::ok));
    lines.filter_map(|line| listener(&line, port)).collect()
}

/// A line of `/proc/net/tcp`: number, local address, remote address, state (0A listens) …, the tenth field is the inode.
fn listener(line: &str, port: u16) -> Option<u64> {
    let fields: Vec<&str> = line.split_ascii_whitespace().collect();
    let local = fields.get(1)?.rsplit_once(':')?.1;
    let listens = u16::from_str_radix(local, 16).ok()? == port && *fields.get(3)? == "0A";
    listens.then(|| fields.get(9)?.parse().ok())?
}

/// More open files, of all processes together, than are looked at.
const MOST_DESCRIPTORS: usize = 100_000;

/// As many are looked at: the processes of one server share a socket, and are of one root.
const MOST_HOLDERS: usize = 8;

/// Who holds a port.
struct Holders {
    found: Vec<Process>,
    /// Whether some processes were not looked at.
    is_cut: bool,
}

/// The processes that hold one of the sockets, as far as they may be looked at.
fn holders(sockets: &BTreeSet<u64>) -> Holders {
    let mut budget = check_budget(MOST_DESCRIPTORS);
    let mut holds = |pid: &u32| {
        let open = directory::paths_in(&Path::new("/proc").join(pid.to_string()).join("fd"));
        open.into_iter().take_while(|_| budget.take(1)).any(|path| {
            let target = fs::read_link(path).unwrap_or_default();
            let inode = target
                .to_str()
                .and_then(|text| text.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok());
            inode.is_some_and(|inode| sockets.contains(&inode))
        })
    };
    let table = ProcessTable::read().unwrap_or_default();
    let holders: Vec<u32> = table.numbers().filter(|pid| holds(pid)).take(MOST_HOLDERS).collect();
    Holders { found: Process::read_all(&holders).unwrap_or_default(), is_cut: budget.is_spent() }
}

fn is_of_root(case: &Case, process: &Process) -> bool {
    let root = &case.root.path;
    let named = process.variables.as_ref().ok().and_then(|variables| variables.heygem_dir.as_deref());
    let heygem_dir = named == Some(root.as_os_str());
    heygem_dir || process.directory.as_ref().is_ok_and(|directory| same_file(directory, root))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_what_int_takes() {
        for (text, expected) in [
            ("18_383", Some(18383)),
            ("+80", Some(80)),
            ("０8383", Some(8383)),
            ("_80", None),
            ("8__0", None),
            ("80.0", None),
            ("", None),
            ("65536", None),
        ] {
            assert_eq!(as_int(text), expected, "{text}");
        }
    }

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
