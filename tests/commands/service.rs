//! A command at work: started in a session of its own, asked, stopped; whatever it leaves is found and ended.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use crate::support::build::{checked, expect};
use crate::support::wait::until;

/// Far more than a start or an end takes, on a busy machine too.
pub const PATIENCE: Duration = Duration::from_secs(90);

/// Each process of a service has this variable, with a value of the service's own; many leave the session.
const MARK: &str = "COMMANDS_SERVICE";

/// Runs the words after the log's name; says their process id, then their exit code. At the end of stdin, which also comes when
/// the suite is killed, everything of the group dies.
const GUARD: &str = r#"
exec 3<&0 4>&1 </dev/null
{ read -r _ <&3; kill -s KILL 0; } 4>&- &
exec 3<&-
sh -c 'echo $$ >&4; exec 4>&-; exec "$@"' sh "$@" >"$0" 2>&1
echo $? >&4
wait
"#;

/// The service.
pub struct Service {
    guard: Child,
    lines: Receiver<String>,
    log: PathBuf,
    mark: String,
    pub pid: u32,
    exit_code: Option<i32>,
}

impl Service {
    /// Starts `command` with `prefix` in front; what it says on both streams goes to the file `log`.
    pub fn start(command: &Command, prefix: &[String], log: PathBuf) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let mark = format!("{}-{count}", std::process::id());
        let mut guard = Command::new("setsid");
        guard.args(["sh", "-c", GUARD]).arg(&log).args(prefix);
        guard.arg(command.get_program()).args(command.get_args());
        guard.env_clear().envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        guard.env(MARK, &mark).current_dir(command.get_current_dir().unwrap_or(Path::new("/")));
        guard.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut guard = guard.spawn().expect("setsid starts");
        let stdout = BufReader::new(guard.stdout.take().expect("a pipe"));
        let (sender, lines) = channel();
        thread::spawn(move || stdout.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        let pid = lines.recv_timeout(PATIENCE).ok().and_then(|line| line.parse().ok());
        Self { guard, lines, log, mark, pid: pid.expect("a process id"), exit_code: None }
    }

    /// Its exit code, if what was started has ended.
    pub fn exit_code(&mut self) -> Option<i32> {
        self.exit_code = self.exit_code.or_else(|| self.lines.try_recv().ok()?.parse().ok());
        self.exit_code
    }

    /// What it said so far.
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&expect(fs::read(&self.log), "read", &self.log)).into_owned()
    }

    /// Its processes, wherever they went, without those that guard it.
    pub fn processes(&self) -> Vec<u32> {
        let mark = format!("{MARK}={}", self.mark).into_bytes();
        let entries = fs::read_dir("/proc").expect("list /proc").flatten();
        let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        let is_its = |pid: &u32| {
            let of = |name: &str| fs::read(format!("/proc/{pid}/{name}")).unwrap_or_default();
            let environment = of("environ");
            environment.split(|byte| *byte == 0).any(|entry| entry == mark)
                && !String::from_utf8_lossy(&of("cmdline")).contains(GUARD)
        };
        pids.filter(is_its).collect()
    }

    /// Whether all of it has ended. What was started may have left a service behind, which forks once more right then.
    pub fn is_gone(&mut self) -> bool {
        self.exit_code().is_some()
            && (0..3).all(|_| {
                thread::sleep(Duration::from_millis(100));
                self.processes().is_empty()
            })
    }

    /// Sends SIGTERM to what was started, or to all of it.
    pub fn terminate(&mut self, all: bool) {
        if self.exit_code().is_none() {
            signal("TERM", self.pid);
        }
        if all {
            self.processes().into_iter().filter(|pid| *pid != self.pid).for_each(|pid| signal("TERM", pid));
        }
    }

    /// Waits until what was started has ended, and every other process of it.
    pub fn has_ended(&mut self) -> Result<(), String> {
        if until(PATIENCE / 3, || self.exit_code()).is_none() {
            return Err("SIGTERM does not end it".to_owned());
        }
        match until(PATIENCE / 3, || self.processes().is_empty().then_some(())) {
            Some(()) => Ok(()),
            None => Err(format!("{} of its processes outlive SIGTERM", self.processes().len())),
        }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        let _ = self.guard.wait();
        until(PATIENCE, || {
            let left = self.processes();
            left.iter().for_each(|pid| signal("KILL", *pid));
            left.is_empty().then_some(())
        });
    }
}

/// Sends a signal, if the process is still there.
pub fn signal(name: &str, pid: u32) {
    let pid = pid.to_string();
    checked(Command::new("sh").args(["-c", "kill -s \"$1\" \"$2\" 2>/dev/null || :", "sh", name, &pid]));
}
