//! A real Ray cluster of two nodes on the loopback, each with an SDK of its own, and HeyGem jobs on it.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::session::{Member, Session, signal};
use crate::support::build::{checked, expect, lock};
use crate::support::place::{LAUNCHER, Place};
use crate::support::pythons::{Python, pythons};
use crate::support::sdk::install_sdk;
use crate::support::venv::venv;

const RENDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/ray/render.py");
const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/app/HeyGem-Linux-Python-Hack");

/// The title of an actor at work.
const AT_WORK: &str = "ray::Renderer.render";

/// Room for the actors of a node that is lost. Two megabytes more than the least that Ray takes for its store.
const NODE: [&str; 12] = [
    "--num-cpus",
    "4",
    "--num-gpus",
    "0",
    "--object-store-memory",
    "80000000",
    "--min-worker-port",
    "0",
    "--max-worker-port",
    "0",
    "--dashboard-agent-listen-port",
    "0",
];

/// The Ray for an interpreter: the last that runs on 3.8 and 3.9 and knows no `py_executable`, or a new one.
fn ray_for(python: &Python) -> &'static str {
    if python.major_minor < (3, 10) { "ray==2.10.0" } else { "ray==2.60.0" }
}

/// What starts the workers, and with them what they start.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Launched {
    /// `heygem-run -- ray start`
    Nodes,
    /// `ray start`, in the root, with the root and its parent on PYTHONPATH; so that it is up to the jobs.
    Nothing,
}

/// The example. Of several nodes on its machine, Ray gives a program to the last, but that one is to be lost: so it is told the
/// first, in the words that `ray start` prints.
fn on_the_first_node() -> String {
    const INIT: &str = "ray.init(address=\"auto\")";
    let script = expect(fs::read_to_string(RENDER), "read", Path::new(RENDER));
    assert_eq!(script.matches(INIT).count(), 1, "{script}");
    script.replace(INIT, "ray.init(address=\"auto\", _node_ip_address=\"127.0.0.2\")")
}

struct Cluster {
    /// The head first.
    nodes: Vec<Session>,
    address: String,
    launched: Launched,
    venv: PathBuf,
    place: Place,
    /// One cluster at a time is enough for a machine.
    _lock: fs::File,
}

impl Cluster {
    fn start(python: &Python, launched: Launched) -> Self {
        let lock = lock("ray");
        let place = Place::new();
        let venv = venv(&python.path, "ray", &[ray_for(python)]);
        symlink(LAUNCHER, place.make_dir("bin").join("heygem-run")).expect("a link");
        place.write("render.py", on_the_first_node());
        let mut cluster =
            Self { nodes: Vec::new(), address: String::new(), launched, venv, place, _lock: lock };
        for node in [0, 1] {
            install_sdk(python, &cluster.root(node));
            cluster.start_node(node);
        }
        cluster
    }

    /// Addresses of their own keep the ports of two nodes apart. Ray chooses them, but for those that would be fixed.
    fn start_node(&mut self, node: usize) {
        let root = self.root(node);
        let temporary = self.place.path("ray");
        let mut command = self.command(match self.launched {
            Launched::Nodes => Path::new("heygem-run"),
            Launched::Nothing => Path::new("ray"),
        });
        command.env("HEYGEM_DIR", &root);
        match self.launched {
            Launched::Nodes => command.args(["--", "ray"]),
            Launched::Nothing => command
                .current_dir(&root)
                .env("PYTHONPATH", format!("{}:{}", root.display(), root.parent().expect("one").display())),
        };
        command.args(["start", "--disable-usage-stats"]).args(NODE);
        command.arg(format!("--node-ip-address=127.0.0.{}", node + 2));
        if node == 0 {
            command.args(["--head", "--port=0", "--include-dashboard=false", "--temp-dir"]).arg(&temporary);
        } else {
            command.arg(format!("--address={}", self.address));
        }
        let mut session = Session::start(&command, self.place.path(format!("node{node}.log")));
        assert_eq!(session.exit_code(), 0, "{}", session.log());
        self.nodes.push(session);
        if node == 0 {
            let file = temporary.join("ray_current_cluster");
            expect(fs::read_to_string(&file), "read", &file).trim().clone_into(&mut self.address);
        }
    }

    /// A command in the place, with the environment and the launcher on PATH.
    fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = self.place.command(program.as_ref());
        let path =
            format!("{}:{}:/usr/bin:/bin", self.venv.join("bin").display(), self.place.path("bin").display());
        command.env("PATH", path);
        command
    }

    /// `python render.py …`; what hangs is a failure, and not the end of all tests.
    fn render(&self, words: &[&str]) -> Session {
        let mut command = self.command("timeout");
        command.env("RAY_ADDRESS", &self.address);
        command
            .args(["--foreground", "-k", "9", "400", "python", "-B", "render.py", "--actors", "4"])
            .args(words);
        Session::start(&command, self.place.path("driver.log"))
    }

    /// The same with a file of jobs.
    fn render_jobs(&self, jobs: &[String], words: &[&str]) -> Session {
        let file = self.place.write("jobs.jsonl", jobs.join("\n"));
        self.render(&[words, &[file.to_str().expect("text")]].concat())
    }

    /// A worker of this node and its child in the middle of a job, stopped. They are not said to lack anything; nor is anything
    /// of the node, where it was launched itself.
    #[track_caller]
    fn stopped(&self, node: usize) -> (Member, Member) {
        let (worker, child) = self.nodes[node].stop_in_the_middle(AT_WORK);
        let top = match self.launched {
            Launched::Nodes => worker.parent,
            Launched::Nothing => worker.pid,
        };
        let run = self.place.launch(["--format=json".to_owned(), format!("--inspect={top}")]);
        let outcome = run.env("HEYGEM_DIR", self.root(node)).run();
        let report: Value = serde_json::from_str(&outcome.stdout()).expect("a document");
        let verdict = |pid: u32| {
            let processes = report["processes"].as_array().expect("a list");
            let found = processes.iter().find(|process| process["pid"] == pid);
            found.unwrap_or_else(|| panic!("no {pid} in {report:#}"))["verdict"].clone()
        };
        let verdicts = [worker.pid, child.pid].map(verdict);
        assert_eq!((outcome.code(), verdicts), (Some(0), ["unknown", "ok"].map(Value::from)), "{report:#}");
        (worker, child)
    }

    /// The SDK of a node.
    fn root(&self, node: usize) -> PathBuf {
        self.place.path(["first", "second"][node]).join("HeyGem-Linux-Python-Hack")
    }

    /// What workers said on stderr.
    fn workers_said(&self) -> String {
        let logs = self.place.path("ray/session_latest/logs");
        let entries = expect(fs::read_dir(&logs), "list", &logs).flatten().map(|entry| entry.path());
        let errors = entries.filter(|path| path.extension().is_some_and(|extension| extension == "err"));
        errors.map(|path| fs::read_to_string(path).unwrap_or_default()).collect()
    }

    fn end(mut self) {
        while let Some(node) = self.nodes.pop() {
            node.kill();
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.nodes.clear(); // before the directory that they write to
    }
}

/// Jobs of different sizes, and what they come to, sorted.
fn jobs(count: usize) -> (Vec<String>, Vec<String>) {
    let jobs: Vec<_> = (0..count).map(|n| format!(r#"{{"frames": [{n}, 100]}}"#)).collect();
    let mut results: Vec<_> =
        jobs.iter().enumerate().map(|(n, job)| format!("{job}: {}", 2 * (n + 100))).collect();
    results.sort();
    (jobs, results)
}

/// What the driver printed, sorted, and the nodes that it came from.
#[track_caller]
fn answers(driver: Session) -> (Vec<String>, Vec<String>) {
    let (code, said) = driver.outcome();
    assert_eq!(code, 0, "{said}");
    // Ray says more: of itself, and what its workers said.
    let lines = said.lines().filter(|line| line.starts_with('{'));
    let (mut results, mut nodes): (Vec<_>, Vec<_>) = lines
        .map(|line| line.rsplit_once(" on ").unwrap_or_else(|| panic!("no node in {line:?}")))
        .map(|(result, node)| (result.to_owned(), node.to_owned()))
        .unzip();
    results.sort();
    nodes.sort();
    nodes.dedup();
    (results, nodes)
}

/// Jobs on both nodes. In the middle of them a worker of each node is killed, and then all of the second node.
fn jobs_outlive_their_processes(mut cluster: Cluster, worker: &str) {
    let (jobs, results) = jobs(20);
    let driver = cluster.render_jobs(&jobs, &["--worker", worker]);
    let nodes = ["127.0.0.2", "127.0.0.3"].map(String::from).to_vec();
    assert_eq!(answers(driver), (results.clone(), nodes));

    let driver = cluster.render_jobs(&jobs, &["--worker", worker]);
    for node in [0, 1] {
        let (worker, child) = cluster.stopped(node);
        cluster.nodes[node].kill_member(&worker);
        signal("CONT", child.pid);
    }
    cluster.stopped(1);
    cluster.nodes.pop().expect("a second node").kill();
    assert_eq!(answers(driver).0, results);
    cluster.end();
}

/// By Python alone, each job dies of what the bug report says.
fn jobs_die_without_the_launcher(cluster: &Cluster) {
    let (code, said) = cluster.render_jobs(&jobs(2).0, &["--worker", ""]).outcome();
    assert!(code == 1 && said.contains("CustomError: the child process died with exit code 1"), "{said}");
    assert!(!said.lines().any(|line| line.starts_with('{')), "{said}");
    let cause = "ModuleNotFoundError: No module named 'trans_dh_service'";
    let workers = cluster.workers_said();
    assert_eq!(workers.lines().filter(|line| *line == cause).count(), 2, "{workers}");
}

/// A new Ray, whose jobs say how their workers are started: nothing else of the cluster knows the launcher.
#[test]
fn actors_started_by_the_launcher_do_every_job_though_workers_and_a_node_are_killed() {
    let python = pythons().iter().find(|python| python.has_pip && python.major_minor >= (3, 10));
    let cluster = Cluster::start(
        python.expect("a CPython from 3.10 on that can make a virtual environment"),
        Launched::Nothing,
    );
    jobs_die_without_the_launcher(&cluster);
    the_bundled_sdk_works(&cluster);
    jobs_outlive_their_processes(cluster, "heygem-run -- python");
}

/// By the words of the example, from a path with a blank in it.
fn the_bundled_sdk_works(cluster: &Cluster) {
    let root = cluster.place.path("bundled sdk");
    checked(Command::new("cp").arg("-r").arg(EXAMPLE).arg(&root));
    let worker = format!("heygem-run --root '{}' -- python", root.display());
    let results = answers(cluster.render(&["--worker", &worker])).0.into_iter();
    // `(4711, Video(…))` with the number of the SDK's child.
    let results: Vec<_> = results
        .map(|line| {
            let (job, result) = line.split_once('(').expect("a result");
            job.to_owned() + result.trim_start_matches(|c: char| c.is_ascii_digit())
        })
        .collect();
    let expected = (1..9).map(|n| format!("{{\"seconds\": {n}}}: , Video(seconds={n}, frames={}))", 25 * n));
    assert_eq!(results, expected.collect::<Vec<_>>());
}

/// The oldest interpreter, and so the Ray that the real SDK's 3.8 has: the nodes themselves are started by the launcher.
#[test]
fn nodes_started_by_the_launcher_do_every_job_though_workers_and_a_node_are_killed() {
    let python = pythons().iter().find(|python| python.has_pip);
    let python =
        python.expect("no interpreter can make a virtual environment (try: apt install python3-venv)");
    let control = Cluster::start(python, Launched::Nothing);
    jobs_die_without_the_launcher(&control);
    control.end();
    jobs_outlive_their_processes(Cluster::start(python, Launched::Nodes), "");
}
