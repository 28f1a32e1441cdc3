//! A program that starts others, in a session of its own: they all end with it, whatever becomes of the test.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::support::build::{checked, expect};
use crate::support::wait::until;

/// Far more than anything takes, on a busy machine too.
const PATIENCE: Duration = Duration::from_secs(120);

/// Runs the words after the log's name, says their exit code, and stays. At the end of stdin, which also comes when the test is
/// killed, everything of the group dies: no daemon of Ray's or Celery's makes a group of its own.
const GUARD: &str = r#"
exec 3<&0 </dev/null
{ read -r _ <&3; kill -s KILL 0; } &
exec 3<&-
"$@" >"$0" 2>&1
echo $?
wait
"#;

/// The session.
pub struct Session {
    guard: Child,
    exit_code: BufReader<ChildStdout>,
    log: PathBuf,
}

/// One of its processes that has not ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    pub pid: u32,
    pub parent: u32,
    /// Its words, or the title that it gave itself.
    pub line: String,
}

impl Session {
    /// Starts `command` in it; what that says goes to the file `log`.
    pub fn start(command: &Command, log: PathBuf) -> Self {
        let mut guard = Command::new("setsid");
        guard.args(["sh", "-c", GUARD]).arg(&log).arg(command.get_program()).args(command.get_args());
        guard.env_clear().envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        guard.current_dir(command.get_current_dir().unwrap_or(Path::new("/")));
        guard.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut guard = guard.spawn().unwrap_or_else(|error| panic!("cannot start {command:?}: {error}"));
        let exit_code = BufReader::new(guard.stdout.take().expect("a pipe"));
        Self { guard, exit_code, log }
    }

    /// The exit code of what was started, once it has ended.
    pub fn exit_code(&mut self) -> i32 {
        let mut line = String::new();
        let _ = self.exit_code.read_line(&mut line);
        line.trim().parse().unwrap_or_else(|_| panic!("no exit code, but {line:?}\n{}", self.log()))
    }

    /// Waits for the end of what was started; returns its exit code and what it said on both streams.
    pub fn outcome(mut self) -> (i32, String) {
        (self.exit_code(), self.log())
    }

    /// What was said so far.
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&expect(fs::read(&self.log), "read", &self.log)).into_owned()
    }

    /// Its processes, but for those that guard it.
    pub fn members(&self) -> Vec<Member> {
        members(self.guard.id()).into_iter().filter(|member| !member.line.contains(GUARD)).collect()
    }

    /// Waits for what `look` finds.
    #[track_caller]
    pub fn wait_for<T>(&self, what: &str, mut look: impl FnMut(&Self) -> Option<T>) -> T {
        if let Some(found) = until(PATIENCE, || look(self)) {
            return found;
        }
        panic!("no {what}; there are {:#?}\n{}", self.members(), self.log());
    }

    /// Waits for a process whose line starts like this and that has a child of `spawn` at work, and stops both there: in the
    /// middle of a task, until they are killed or continued.
    #[track_caller]
    pub fn stop_in_the_middle(&self, start: &str) -> (Member, Member) {
        let at_work = |session: &Self| {
            let members = session.members();
            let mut children =
                members.iter().filter(|child| child.line.contains("from multiprocessing.spawn import"));
            children.find_map(|child| {
                let parent = members.iter().find(|member| member.pid == child.parent)?;
                parent.line.starts_with(start).then(|| (parent.clone(), child.clone()))
            })
        };
        self.wait_for("task in the middle", |session| {
            let (worker, child) = at_work(session)?;
            for member in [&worker, &child] {
                signal("STOP", member.pid);
            }
            // They may have come to the end of it meanwhile.
            let members = session.members();
            if members.contains(&worker) && members.contains(&child) {
                return Some((worker, child));
            }
            for member in [&worker, &child] {
                signal("CONT", member.pid);
            }
            None
        })
    }

    /// Kills one of its processes, and waits until it is dead: a large one takes its time.
    pub fn kill_member(&self, member: &Member) {
        signal("KILL", member.pid);
        self.wait_for("death", |session| {
            session.members().iter().all(|other| other.pid != member.pid).then_some(())
        });
    }

    /// Kills all of it, as if its machine lost its power.
    pub fn kill(mut self) {
        self.end();
        assert_eq!(members(self.guard.id()), [], "outlived its session");
    }

    fn end(&mut self) {
        drop(self.guard.stdin.take());
        let _ = self.guard.wait();
        let start = Instant::now();
        // What made a group of its own is left.
        while start.elapsed() < PATIENCE {
            let left = members(self.guard.id());
            if left.is_empty() {
                return;
            }
            left.iter().for_each(|member| signal("KILL", member.pid));
            sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.end();
    }
}

/// Sends a signal, if the process is still there.
pub fn signal(name: &str, pid: u32) {
    checked(Command::new("sh").args([
        "-c",
        "kill -s \"$1\" \"$2\" 2>/dev/null || :",
        "sh",
        name,
        &pid.to_string(),
    ]));
}

fn members(session: u32) -> Vec<Member> {
    let entries = fs::read_dir("/proc").expect("list /proc").flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let member = |pid: u32| {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // `pid (name) state parent group session …`, and a name may hold anything.
        let fields: Vec<_> = stat.rsplit(") ").next()?.split(' ').take(4).collect();
        let [state, parent, _, its] = fields[..] else { return None };
        let line = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
        let line = String::from_utf8_lossy(&line).trim_end_matches('\0').replace('\0', " ");
        let member = Member { pid, parent: parent.parse().ok()?, line };
        (state != "Z" && its == session.to_string()).then_some(member)
    };
    pids.filter_map(member).collect()
}
