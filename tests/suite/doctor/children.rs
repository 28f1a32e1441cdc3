//! The live probe.

use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::Subject;
use crate::support::build::checked;
use crate::support::place::LAUNCHER;
use crate::support::run::Run;

#[test]
fn children_without_a_bridge() {
    let mut site = Subject::new();
    site.option(["--no-bridge"]);
    let cause = "spawn, forkserver: a child died: unpickling by the bare name: ModuleNotFoundError: No module named 'trans_dh_service'";
    site.is_mended_after("fail", "children", cause, |site, remedy| {
        assert_eq!(remedy, "leave out --no-bridge");
        site.options.clear();
    });
}

#[test]
fn the_command_that_shows_all_of_it_does() {
    let site = Subject::new();
    site.place.write("app/sdk/service/__init__.py", "raise ValueError('no licence')\n");
    let fault = site.has("fail", "children", "ValueError: no licence");
    let command = fault.remedy.strip_prefix("to see all of it: ").expect("a command");
    let command = command.replacen("heygem-run", LAUNCHER, 1);
    // From anywhere, and by the interpreter that was looked at.
    let mut shell = site.place.command("sh");
    shell.args(["-c", &command]).current_dir("/");
    let outcome = site.with_variables(Run::new(shell)).run();
    let stderr = outcome.stderr();
    assert!(stderr.contains("Traceback") && stderr.ends_with("ValueError: no licence\n"), "{outcome}");
    assert!(command.contains(&site.versioned()), "{command}");
}

#[test]
fn an_sdk_that_lacks_a_module_or_fails() {
    let table = [
        ("import einops\n", "packages", "No module named 'einops'", "einops"),
        ("raise ValueError('no licence')\n", "children", "ValueError: no licence", "to see all of it: "),
        ("import os; os._exit(9)\n", "children", "", ""),
        ("import os; os.kill(os.getpid(), 11)\n", "children", "signal 11", ""),
    ];
    for (code, check, cause, remedy) in table {
        let mut site = Subject::new();
        site.place.write("app/sdk/service/__init__.py", code);
        site.is_mended_after("fail", check, cause, |site, told| {
            assert!(told.contains(remedy), "{told}");
            site.place.write("app/sdk/service/__init__.py", "");
        });
    }
}

/// A site whose SDK starts something else and never loads.
fn hanging() -> Subject {
    let site = Subject::new();
    // One that stays in the group, and one that leaves it.
    let code = "\
import subprocess, time
subprocess.Popen(['sleep', '600'])
subprocess.Popen(['sleep', '600'], start_new_session=True)
time.sleep(600)
";
    site.place.write("app/sdk/service/__init__.py", code);
    site
}

/// The programs that run in the site's launch, by their first words.
fn running(site: &Subject) -> Vec<String> {
    let mark = format!("HEYGEM_DIR={}", site.root.display());
    let processes = fs::read_dir("/proc").expect("there").flatten();
    let names = processes.filter_map(|entry| {
        let variables = fs::read(entry.path().join("environ")).ok()?;
        variables.split(|&byte| byte == 0).any(|variable| variable == mark.as_bytes()).then_some(())?;
        let words = fs::read(entry.path().join("cmdline")).ok()?;
        Some(String::from_utf8_lossy(words.split(|&byte| byte == 0).next()?).into_owned())
    });
    names.collect()
}

#[test]
fn a_child_that_hangs_is_killed_with_all_that_it_started() {
    let mut site = hanging();
    site.option(["--timeout", "15"]); // more than a start takes on a busy machine
    let fault = site.has("fail", "children", "did not end in 15 s, and was killed");
    assert!(fault.remedy.contains("--timeout"), "{fault:?}");
    assert_eq!(running(&site), [""; 0]);
    site.place.write("app/sdk/service/__init__.py", "");
    site.option(["--timeout", "60"]);
    site.options.drain(..2);
    site.is_healthy();
}

#[test]
fn a_program_that_starts_processes_without_end_is_killed() {
    let site = Subject::new();
    let code = "\
import os, time
while True:
    if os.fork() == 0:
        time.sleep(600)
        os._exit(0)
";
    site.place.write("app/sdk/service/__init__.py", code);
    site.has("fail", "children", "importing service.trans_dh_service started more than 500 processes");
    assert_eq!(running(&site), [""; 0]);
}

#[test]
fn a_signal_to_the_doctor_ends_all_that_it_started() {
    for (name, signal) in [
        ("INT", libc::SIGINT),
        ("TERM", libc::SIGTERM),
        ("HUP", libc::SIGHUP),
        ("QUIT", libc::SIGQUIT),
        ("ALRM", libc::SIGALRM),
        ("PIPE", libc::SIGPIPE),
        ("USR1", libc::SIGUSR1),
    ] {
        let site = hanging();
        let mut command = site.place.command(LAUNCHER);
        command.args(["--doctor", "--timeout", "300"]).current_dir(&site.app).stdout(Stdio::null());
        command.envs(site.variables.iter().map(|(name, value)| (name, value)));
        let mut doctor = command.spawn().expect("it starts");
        let started = || running(&site).iter().filter(|name| *name == "sleep").count();
        while started() < 2 {
            assert!(doctor.try_wait().expect("a child").is_none(), "it ended by itself");
            thread::sleep(Duration::from_millis(10));
        }
        let kill = format!("kill -s {name} {}", doctor.id());
        checked(Command::new("sh").args(["-c", &kill]));
        // As a shell expects of what it interrupts.
        assert_eq!(doctor.wait().expect("a child").signal(), Some(signal));
        // Killed, and gone as soon as the kernel comes round to it.
        let since = Instant::now();
        while !running(&site).is_empty() {
            assert!(since.elapsed() < Duration::from_secs(60), "{name}: {:?}", running(&site));
            thread::sleep(Duration::from_millis(10));
        }
    }
}
