//! The machine: programs, shared memory and the GPU.

use std::path::{Path, PathBuf};

use crate::doctor::bounded::Watch;
use crate::doctor::case::Case;
use crate::doctor::diagnosis::Finding;
use crate::doctor::facts::last_line;
use crate::shell::quote;

/// What a task of large frames needs; Docker gives 64 MB unless asked for more.
const LEAST_SHARED_MEMORY: u64 = 2 << 30;

/// Whether ffmpeg and ffprobe run.
pub fn tools(case: &Case, watch: &Watch) -> Vec<Finding> {
    let (there, absent): (Vec<_>, Vec<_>) = ["ffmpeg", "ffprobe"]
        .into_iter()
        .map(|name| (name, case.find(name)))
        .partition(|(_, path)| path.is_some());
    let run = |name: &str, path: PathBuf| {
        let outcome = watch.run(case.command(&path).arg("-version"));
        let ended = outcome.map_err(|untold| format!("{} {untold}", quote(&path)))?;
        if ended.status.success() {
            return Ok(format!("{name} {}", quote(&path)));
        }
        let said = last_line(&ended.stderr).unwrap_or("it says nothing");
        Err(format!("{} does not run ({}): {said}", quote(&path), ended.status))
    };
    let (good, bad): (Vec<_>, Vec<_>) =
        there.into_iter().filter_map(|(name, path)| Some(run(name, path?))).partition(Result::is_ok);
    let bad = bad.into_iter().filter_map(Result::err);
    let absent: Vec<_> = absent.into_iter().map(|(name, _)| name).collect();
    let absent = match absent[..] {
        [] => None,
        [one] => Some(format!("{one} is not on PATH")),
        _ => Some(format!("{} are not on PATH", absent.join(" and "))),
    };
    let findings: Vec<_> =
        absent.into_iter().chain(bad).map(|why| Finding::fail(why, install("ffmpeg"))).collect();
    if findings.is_empty() {
        return vec![Finding::ok(good.into_iter().flatten().collect::<Vec<_>>().join(", "))];
    }
    findings
}

/// The command of this system's package manager.
fn install(package: &str) -> String {
    let managers = [
        ("/usr/bin/apt-get", "apt-get update && apt-get install -y"),
        ("/usr/bin/dnf", "dnf install -y"),
        ("/usr/bin/yum", "yum install -y"),
        ("/sbin/apk", "apk add"),
        ("/usr/bin/pacman", "pacman -S"),
    ];
    let manager = managers.iter().find(|(program, _)| Path::new(program).exists());
    let install = manager.map_or("conda install -y -c conda-forge", |(_, command)| command);
    format!("{install} {package}")
}

/// Whether frames fit through /dev/shm.
pub fn shm() -> Vec<Finding> {
    let Ok(system) = rustix::fs::statvfs("/dev/shm") else {
        return vec![Finding::warn("there is no /dev/shm: multiprocessing needs one", SHM_REMEDY)];
    };
    vec![shm_of(system.f_frsize.saturating_mul(system.f_blocks))]
}

const SHM_REMEDY: &str = "docker run --shm-size 8g …; on a host: mount -o remount,size=8g /dev/shm";

fn shm_of(size: u64) -> Finding {
    let told = format!("/dev/shm has {} MiB", size >> 20);
    if size >= LEAST_SHARED_MEMORY {
        Finding::ok(told)
    } else {
        Finding::warn(format!("{told}: large frames end in a bus error, or hang"), SHM_REMEDY)
    }
}

/// Whether a driver can be seen.
pub fn gpu(case: &Case, watch: &Watch) -> Vec<Finding> {
    let driver = std::fs::read_to_string("/proc/driver/nvidia/version").ok();
    let driver = driver.as_deref().and_then(|text| text.lines().next()).map(str::trim);
    let Some(tool) = case.find("nvidia-smi") else {
        return vec![match driver {
            Some(driver) => Finding::ok(driver),
            None => Finding::info(
                "no NVIDIA driver is visible: torch says Found no NVIDIA driver, and onnxruntime falls back to the CPU",
            )
            .mend("in a container: docker run --gpus all …; on a host: install the driver"),
        }];
    };
    let mut command = case.command(&tool);
    command.args(["--query-gpu=name,driver_version", "--format=csv,noheader"]);
    vec![match watch.run(&mut command) {
        Ok(ended) if ended.status.success() => {
            let gpus: Vec<_> = ended.stdout.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
            match gpus.is_empty() {
                true => Finding::info("nvidia-smi runs, and sees no GPU").mend("docker run --gpus all …"),
                false => Finding::ok(gpus.join("; ")),
            }
        }
        Ok(ended) => {
            let said = last_line(&ended.stderr).or(last_line(&ended.stdout)).unwrap_or("it says nothing");
            Finding::warn(
                format!("nvidia-smi fails: {said}"),
                "make the driver and its libraries one version: restart after an update",
            )
        }
        Err(untold) => {
            Finding::warn(format!("nvidia-smi {untold}"), "look at the driver: dmesg | grep -i nvrm")
        }
    }]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::diagnosis::Status;

    #[test]
    fn two_gibibytes_are_enough() {
        for (size, expected) in
            [(2 << 30, Status::Ok), ((2 << 30) - 1, Status::Warn), (64 << 20, Status::Warn)]
        {
            assert_eq!(shm_of(size).status, expected, "{size}");
        }
    }
}
