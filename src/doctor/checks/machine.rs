//! The machine: programs, shared memory and the GPU.

use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use rustix::io::Errno;

use super::sdk;
use super::start::reason;
use crate::doctor::case::Case;
use crate::doctor::diagnosis::{Check, CheckFinding, Conclusion, Topic};
use crate::doctor::elf::{Elf, is_for_another_machine};
use crate::doctor::evidence::{Evidence, is_empty, on_path};
use crate::doctor::mounts;
use crate::doctor::outcome::{End, Outcome};
use crate::doctor::permission;
use crate::entry::program::shebang;
use crate::error::plain;
use crate::files;
use crate::procfs::Process;
use crate::remedy::Remedy;
use crate::sdk::is_absent;
use crate::shell::quote;

/// What a task of large frames needs; Docker gives 64 MB unless asked for more.
const LEAST_SHARED_MEMORY: u64 = 2 << 30;

/// Encoders that an ffmpeg may be built without, and that the SDK's command lines may name.
const ENCODERS: [&[&str]; 4] =
    [&["libx264", "h264_nvenc"], &["libx265", "hevc_nvenc"], &["libmp3lame"], &["libfdk_aac"]];

/// The longest module that is searched for the name of an encoder.
const LONGEST_MODULE: u64 = 64 << 20;

/// Whether ffmpeg and ffprobe do what is asked of them.
pub fn tools(case: &Case, evidence: &Evidence) -> Vec<CheckFinding> {
    let mut findings = Vec::new();
    let (mut good, mut absent) = (Vec::new(), Vec::new());
    for name in ["ffmpeg", "ffprobe"] {
        match evidence.programs.get(name) {
            None => match closed(case, name) {
                Some(finding) => findings.push(finding),
                None => absent.push(name),
            },
            Some((path, _)) if is_empty(path) => {
                let found = format!("{} is empty", quote(path));
                findings.push(CheckFinding::fail(found, instead_of(path, evidence.later.get(name))));
            }
            Some((path, outcome)) if outcome.succeeded() => good.push(format!("{name} {}", quote(path))),
            Some((path, outcome)) => {
                findings.push(broken(path, outcome, instead_of(path, evidence.later.get(name))))
            }
        }
    }
    let absent = match absent[..] {
        [] => None,
        [one] => Some(format!("{one} is not on PATH")),
        _ => Some(format!("{} are not on PATH", absent.join(" and "))),
    };
    findings.extend(absent.map(|why| CheckFinding::fail(why, install("ffmpeg"))));
    findings.extend(lacks_encoders(case, evidence));
    findings.extend(null());
    findings.extend(left_behind(&evidence.left_behind));
    if findings.is_empty() {
        return vec![CheckFinding::ok(good.join(", "))];
    }
    findings
}

/// What a check started, directly or not, and could not end.
fn left_behind(processes: &[u32]) -> Option<CheckFinding> {
    let processes = Process::read_all(processes).unwrap_or_default();
    let told: Vec<String> =
        processes.iter().map(|process| format!("{} ({})", process.pid, quote(&process.stat.name))).collect();
    let numbers: Vec<String> = processes.iter().map(|process| process.pid.to_string()).collect();
    (!processes.is_empty()).then(|| {
        CheckFinding::warn(
            format!("what a check started can't be ended by this user: process {}", told.join(", ")),
            Remedy::AsRoot(format!("kill -KILL {}", numbers.join(" "))),
        )
    })
}

/// What programs are started with in place of input or output, where it is not what it should be.
fn null() -> Option<CheckFinding> {
    const NULL: &str = "/dev/null";
    const MAKE: &str = "mknod -m 666 /dev/null c 1 3";
    let path = Path::new(NULL);
    let (why, line) = match path.metadata() {
        Err(_) => ("is missing", MAKE.to_owned()),
        Ok(meta) if meta.rdev() != rustix::fs::makedev(1, 3) => {
            ("is not the device of that name", format!("rm -r {NULL} && {MAKE}"))
        }
        Ok(_) if !permission::can_write(path) => ("can't be written to", format!("chmod 666 {NULL}")),
        Ok(_) => return None,
    };
    Some(CheckFinding::warn(
        format!("{NULL} {why}: programs that are started without input or output fail"),
        Remedy::AsRoot(line),
    ))
}

/// A program that is there and does not run.
fn broken(path: &Path, outcome: &Outcome, instead: Remedy) -> CheckFinding {
    let place = quote(path);
    let said = reason(&outcome.stderr).or(reason(&outcome.stdout)).unwrap_or("it says nothing");
    match &outcome.end {
        _ if is_foreign(path) => {
            CheckFinding::fail(format!("{place} can't be started: it is for another machine"), instead)
        }
        End::Ended(status) => CheckFinding::fail(format!("{place} does not run ({status}): {said}"), instead),
        End::NotStarted(error)
            if matches!(error.raw_os_error(), Some(libc::EAGAIN | libc::EMFILE | libc::ENFILE)) =>
        {
            CheckFinding::info(format!("{place} was not tried: {}", plain(error)))
        }
        End::NotStarted(error)
            if is_absent(error) && shebang(path).iter().any(|word| word.as_bytes().ends_with(b"\r")) =>
        {
            let found = format!("{place} can't be started: its lines end as on Windows (CR LF)");
            CheckFinding::fail(found, sdk::unix_lines(path))
        }
        End::NotStarted(error) if let (true, Some(gone)) = (is_absent(error), shebang(path).first()) => {
            let found =
                format!("{place} can't be started: it begins with #!{}, which is not there", gone.display());
            CheckFinding::fail(found, instead)
        }
        End::NotStarted(error) if error.raw_os_error() == Some(libc::ENOEXEC) => CheckFinding::fail(
            format!("{place} can't be started: it is for another machine, or damaged"),
            instead,
        ),
        end => CheckFinding::fail(format!("{place} {end}"), instead),
    }
}

/// What puts another in place of a program that is first on PATH: the next there, where that runs; else one to be installed.
fn instead_of(path: &Path, later: Option<&(PathBuf, bool)>) -> Remedy {
    let move_away = format!("mv {0} {0}.off", quote(path));
    let may_move = path.parent().is_some_and(permission::can_change);
    let is_systems = ["/usr/bin", "/bin"].iter().any(|place| path.parent() == Some(Path::new(place)));
    match (later, install("ffmpeg")) {
        (Some((_, true)), _) => Remedy::shell_as(may_move, move_away),
        (_, Remedy::Shell(line)) if !is_systems && may_move => {
            Remedy::Shell(format!("{move_away} && {line}"))
        }
        (_, Remedy::AsRoot(line)) if !is_systems => Remedy::AsRoot(format!("{move_away} && {line}")),
        (_, install) => install,
    }
}

/// Whether it is a program for another machine. A shell takes it for a script, and complains of that.
fn is_foreign(path: &Path) -> bool {
    Elf::read(Path::new("/proc/self/exe")).is_ok_and(|own| is_for_another_machine(path, &own))
}

/// A file of that name on PATH that nobody may execute, or a link there to nothing.
fn closed(case: &Case, name: &str) -> Option<CheckFinding> {
    let Some(file) = on_path(case, name).into_iter().next() else { return linked(case, name) };
    let place = quote(&file);
    if let Some(mount) = mounts::noexec(&file) {
        let mount = quote(mount);
        let found = format!("{place} can't be executed: it is on {mount}, which is mounted noexec");
        return Some(CheckFinding::fail(found, Remedy::AsRoot(format!("mount -o remount,exec {mount}"))));
    }
    let remedy = Remedy::shell_as(permission::is_own(&file), format!("chmod +x {place}"));
    Some(CheckFinding::fail(format!("{place} is not executable"), remedy))
}

fn linked(case: &Case, name: &str) -> Option<CheckFinding> {
    let path = case.invocation.environment.get("PATH")?;
    let links = std::env::split_paths(path).map(|place| place.join(name)).filter(|file| file.is_symlink());
    let (link, leads_to) = { links }.find_map(|file| permission::dead_link(&file))?;
    let found = format!("{} is a link to nothing: it leads to {}", quote(link), quote(leads_to));
    Some(CheckFinding::fail(found, install("ffmpeg")))
}

/// Encoders that the SDK names and this ffmpeg was built without.
fn lacks_encoders(case: &Case, evidence: &Evidence) -> Option<CheckFinding> {
    let (_, outcome) = evidence.programs.get("ffmpeg encoders")?;
    let is_list = |line: &&str| line.trim_start().starts_with("V.") || line.trim_start().starts_with("A.");
    let has =
        |name: &str| outcome.stdout.lines().any(|line| line.split_ascii_whitespace().nth(1) == Some(name));
    if !outcome.succeeded() || !outcome.stdout.lines().any(|line| is_list(&line)) {
        return None;
    }
    let (path, _) = evidence.programs.get("ffmpeg")?;
    let Lacking { all, some } = lacking(has, |name| is_named(case, name.as_bytes()));
    let lack = |names: &[&str]| {
        format!("{} has no encoder {}, which the SDK asks for", quote(path), names.join(", "))
    };
    let remedy =
        |names: &[&str]| format!("put an ffmpeg that is built with {} first on PATH", names.join(", "));
    match (&all[..], &some[..]) {
        ([], []) => None,
        ([], some) => {
            let found = format!("{}: what chooses it fails, and it names another", lack(some));
            Some(CheckFinding::info(found).with_remedy(remedy(some)))
        }
        (all, _) => Some(CheckFinding::warn(format!("{}: every video fails", lack(all)), remedy(all))),
    }
}

/// Encoders that are named and not there.
#[derive(Debug, PartialEq, Eq)]
struct Lacking {
    /// Those for which no other of their kind is named that is there.
    all: Vec<&'static str>,
    /// The others.
    some: Vec<&'static str>,
}

fn lacking(has: impl Fn(&str) -> bool, is_named: impl Fn(&str) -> bool) -> Lacking {
    let mut lacking = Lacking { all: Vec::new(), some: Vec::new() };
    for kind in ENCODERS.into_iter().filter(|kind| !kind.iter().all(|name| has(name))) {
        let named = kind.iter().copied().filter(|name| is_named(name));
        let (there, absent): (Vec<_>, Vec<_>) = named.partition(|name| has(name));
        if there.is_empty() { &mut lacking.all } else { &mut lacking.some }.extend(absent);
    }
    lacking
}

/// Whether a module of the SDK has the word in it.
fn is_named(case: &Case, word: &[u8]) -> bool {
    let sources = case.scan.modules.iter().filter(|module| !module.compiled).map(|module| {
        case.root.path.join(module.package.replace('.', "/")).join(format!("{}.py", module.name))
    });
    case.compiled.iter().cloned().chain(sources).any(|path| {
        files::read(&path, LONGEST_MODULE).is_ok_and(|bytes| memchr::memmem::find(&bytes, word).is_some())
    })
}

/// The command of this system's package manager.
fn install(package: &str) -> Remedy {
    let managers = [
        ("/usr/bin/apt-get", "apt-get update && apt-get install -y"),
        ("/usr/bin/dnf", "dnf install -y"),
        ("/usr/bin/yum", "yum install -y"),
        ("/sbin/apk", "apk add"),
        ("/usr/bin/pacman", "pacman -S"),
    ];
    let is_root = rustix::process::geteuid().is_root();
    match managers.iter().find(|(program, _)| Path::new(program).exists()) {
        Some((_, command)) => Remedy::shell_as(is_root, format!("{command} {package}")),
        None => Remedy::shell(format!("conda install -y -c conda-forge {package}")),
    }
}

/// Whether frames fit through /dev/shm. What a rehearsal dies of says more.
pub fn shm(is_rehearsed: bool, conclusions: &[Conclusion]) -> Vec<CheckFinding> {
    if conclusions.iter().any(|conclusion| conclusion.check == Check::Shm && conclusion.finding.is_amiss()) {
        return Vec::new();
    }
    match rustix::fs::statvfs("/dev/shm") {
        Ok(system) => vec![shm_of(system.f_frsize.saturating_mul(system.f_blocks))],
        // A rehearsal tells what is wrong with it.
        Err(Errno::NOENT) if is_rehearsed => Vec::new(),
        Err(Errno::NOENT) => {
            let none = CheckFinding::warn("there is no /dev/shm: multiprocessing needs one", shm_remedy());
            vec![none.about([Topic::SharedMemory])]
        }
        Err(error) => {
            vec![CheckFinding::skip(format!("/dev/shm can't be looked at: {}", plain(&error.into())))]
        }
    }
}

fn shm_remedy() -> Remedy {
    Remedy::words(
        "give it more memory: docker run --shm-size 8g …; on a host: mount -o remount,size=8g /dev/shm",
    )
}

/// A size, in MiB as far as it has any.
pub fn binary(size: u64) -> String {
    match size >> 20 {
        0 => format!("{} KiB", size >> 10),
        mebibytes => format!("{mebibytes} MiB"),
    }
}

fn shm_of(size: u64) -> CheckFinding {
    let told = format!("/dev/shm has {}", binary(size));
    if size >= LEAST_SHARED_MEMORY {
        return CheckFinding::ok(told);
    }
    CheckFinding::warn(format!("{told}: large frames end in a bus error, or hang"), shm_remedy())
        .about([Topic::SharedMemory])
}

/// Where a GPU answers, what `nvidia-smi -L` says of all.
pub fn gpus(evidence: &Evidence) -> Option<&str> {
    let answers = |(_, outcome): &&(_, Outcome)| outcome.succeeded() && !outcome.stdout.trim().is_empty();
    evidence.programs.get("nvidia-smi").filter(answers)?;
    Some(evidence.programs.get("nvidia-smi list").filter(answers).map_or("", |(_, outcome)| &outcome.stdout))
}

/// What nvidia-smi says when it fails, in part, and what mends that.
const OF_THE_DRIVER: [(&str, &str); 6] = [
    ("version mismatch", "bring the driver and its libraries to one version: restart after an update"),
    (
        "No devices were found",
        "give the container a GPU: docker run --gpus all …; on a host: see dmesg | grep -i nvrm",
    ),
    (
        "NVML: Unknown Error",
        "restart the container: it has lost its devices (docker restart; it happens after systemctl daemon-reload)",
    ),
    ("couldn't communicate with the NVIDIA driver", "have the driver loaded on the host: modprobe nvidia"),
    ("Driver Not Loaded", "have the driver loaded on the host: modprobe nvidia"),
    ("GPU is lost", "restart the machine: the GPU has fallen off the bus"),
];

/// Whether a driver can be seen.
pub fn gpu(evidence: &Evidence) -> Vec<CheckFinding> {
    let driver = std::fs::read_to_string("/proc/driver/nvidia/version").ok();
    let driver = driver.as_deref().and_then(|text| text.lines().next()).map(str::trim);
    let Some((_, outcome)) = evidence.programs.get("nvidia-smi") else {
        return vec![match driver {
            Some(driver) => CheckFinding::ok(driver),
            None => CheckFinding::info(
                "no NVIDIA driver is visible: torch says Found no NVIDIA driver, and onnxruntime falls back to the CPU",
            )
            .with_remedy("in a container: docker run --gpus all …; on a host: install the driver"),
        }];
    };
    vec![match &outcome.end {
        End::Ended(status) if status.success() => {
            let gpus: Vec<_> =
                outcome.stdout.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
            match gpus.is_empty() {
                true => CheckFinding::info("nvidia-smi runs, and sees no GPU")
                    .with_remedy("give the container a GPU: docker run --gpus all …"),
                false => CheckFinding::ok(gpus.join("; ")),
            }
        }
        End::Ended(_) => {
            let said = reason(&outcome.stderr).or(reason(&outcome.stdout)).unwrap_or("it says nothing");
            let known = OF_THE_DRIVER.iter().find(|(part, _)| said.contains(part)).map(|(_, remedy)| *remedy);
            CheckFinding::warn(
                format!("nvidia-smi fails: {said}"),
                known.unwrap_or("see what the driver says: dmesg | grep -i nvrm"),
            )
        }
        end => {
            CheckFinding::warn(format!("nvidia-smi {end}"), "see what the driver says: dmesg | grep -i nvrm")
        }
    }]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoder_is_lacking_where_no_other_stands_for_it() {
        let table: [(&str, &str, &[&str], &[&str]); 6] = [
            ("libx264", "libx264", &[], &[]),
            ("", "libx264", &["libx264"], &[]),
            ("libx264", "h264_nvenc libx264", &[], &["h264_nvenc"]),
            ("libx264", "h264_nvenc", &["h264_nvenc"], &[]),
            ("libx265", "h264_nvenc libx264", &["libx264", "h264_nvenc"], &[]),
            ("libx264", "libmp3lame h264_nvenc libx264", &["libmp3lame"], &["h264_nvenc"]),
        ];
        for (there, named, all, some) in table {
            let has = |list: &'static str| move |name: &str| list.split(' ').any(|one| one == name);
            let found = lacking(has(there), has(named));
            assert_eq!((&found.all[..], &found.some[..]), (all, some), "{there}, {named}");
        }
    }
    use crate::doctor::diagnosis::Status;

    #[test]
    fn shm_of_two_gibibytes_is_ok() {
        for (size, expected) in
            [(2 << 30, Status::Ok), ((2 << 30) - 1, Status::Warn), (64 << 20, Status::Warn)]
        {
            assert_eq!(shm_of(size).status, expected, "{size}");
        }
    }
}
