//! One start of a command: what it answered, what the launcher said, and what is wrong with it, if anything.

use std::time::Instant;

use serde_json::Value;

use crate::advice::messages;
use crate::files::{answers, is_conf, owner};
use crate::http::{Address, Reply, ask};
use crate::layout::{Tree, is_free};
use crate::programs::Programs;
use crate::row::{App, Command, Expected, Row, Signal, Stop};
use crate::service::{PATIENCE, Service, signal};
use crate::support::wait::until;

/// What came of it.
pub struct Attempt {
    /// What is wrong.
    pub trouble: Option<String>,
    /// What the launcher said, one text a message.
    pub messages: Vec<String>,
}

/// How much is asked of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    Everything,
    /// That it starts, answers and ends: what it does without the launcher.
    Service,
}

/// What an attempt is about.
pub struct Scene<'a> {
    pub row: &'a Row,
    pub tree: &'a Tree,
    pub programs: &'a Programs,
    pub asked: Asked,
}

impl Scene<'_> {
    /// The row's command, with what stands for something replaced.
    pub fn command(&self) -> Command {
        let place = self.tree.place.dir.to_string_lossy();
        let venv = self.programs.venv.to_string_lossy();
        let port = self.tree.port.to_string();
        let replace = |word: &str| {
            let word = with_port(word, &port).replace("VENV", &venv);
            match word.strip_prefix("T/") {
                Some(path) => format!("{place}/{path}"),
                None => word.replace("=T/", &format!("={place}/")).replace(":T/", &format!(":{place}/")),
            }
        };
        Command::parse(self.row.line).expect("a line of the table").replaced(replace)
    }

    /// Starts the command, asks, and stops it.
    pub fn attempt(&self, command: &Command) -> Attempt {
        let mut service = self.start(command);
        let trouble = self.exercise(&mut service).err();
        let log = service.log();
        let said = messages(&log);
        if std::env::var_os("COMMANDS_LOG").is_some() {
            eprintln!("--- {command}\n{log}--- {trouble:?}");
        }
        Attempt { trouble, messages: said }
    }

    fn start(&self, command: &Command) -> Service {
        let place = &self.tree.place;
        let bin = |path: &std::path::Path| path.to_string_lossy().into_owned();
        let search = [bin(&place.path("bin")), bin(&self.programs.venv.join("bin"))].join(":");
        let mut process = place.command(&command.words[0]);
        process
            .args(&command.words[1..])
            .current_dir(self.tree.directory())
            .env("PWD", self.tree.directory())
            .env("PATH", format!("{search}:/usr/local/bin:/usr/bin:/bin"))
            .env("VIRTUAL_ENV", &self.programs.venv)
            .env("LANG", "C.UTF-8")
            .env("PORT", self.tree.port.to_string())
            .env("SPOOL", place.path("spool"))
            // Nothing is to be sent anywhere.
            .env("DD_TRACE_ENABLED", "false")
            .env("DD_INSTRUMENTATION_TELEMETRY_ENABLED", "false")
            .env("DD_REMOTE_CONFIGURATION_ENABLED", "false")
            .env("OTEL_TRACES_EXPORTER", "none")
            .env("OTEL_METRICS_EXPORTER", "none")
            .env("OTEL_LOGS_EXPORTER", "none")
            .envs((self.asked == Asked::Service).then(|| ("PYTHONPATH", self.tree.packages())))
            .envs(command.variables.iter().map(|(name, value)| (name, value)));
        // A killed process of the attempt before has no environment any more, and may listen a moment longer.
        assert!(until(PATIENCE, || is_free(self.tree.port).then_some(())).is_some(), "the port stays taken");
        Service::start(&process, &self.tree.prefix(), place.path("log"))
    }

    fn exercise(&self, service: &mut Service) -> Result<(), String> {
        if self.row.expected == Expected::Refused {
            return self.is_refused(service);
        }
        let told = if self.row.app == App::Celery { self.task(service) } else { self.request(service) }?;
        self.judge(&told, &service.log())?;
        if self.row.app == App::Sanic {
            self.wait_for_signals(service)?;
        }
        let mut files = self.row.creates.split_whitespace();
        if let Some(file) = files.find(|file| !self.tree.file(file).exists()) {
            return Err(format!("there is no {file} where the user stands"));
        }
        if let Some(message) = messages(&service.log()).first().filter(|_| self.row.is_quiet) {
            return Err(format!("it says something: {message}"));
        }
        if let Some(file) = self.row.edited {
            let again = self.edit(file, &told, service)?;
            self.judge(&again, &service.log())?;
        }
        if let Some(signal) = self.row.signal {
            let again = self.signal(signal, &told, service)?;
            self.judge(&again, &service.log())?;
        }
        service.terminate(self.row.stop == Stop::All);
        service.has_ended()
    }

    fn is_refused(&self, service: &mut Service) -> Result<(), String> {
        let code = until(PATIENCE, || service.exit_code());
        let tree = self.tree.root(self.row.sdk);
        match code {
            Some(125) if service.log().contains(&*tree.to_string_lossy()) => Ok(()),
            Some(125) => Err(format!("the message does not name the tree: {}", service.log())),
            Some(code) => Err(format!("exit code {code}, not 125")),
            None => Err("it runs what is not to be trusted".to_owned()),
        }
    }

    fn address(&self) -> Address {
        match self.row.socket {
            Some(socket) => Address::Socket(self.tree.file(socket)),
            None => Address::Port(self.tree.port),
        }
    }

    /// The answer to one request, as soon as somebody listens.
    fn request(&self, service: &mut Service) -> Result<Value, String> {
        let reply = until(PATIENCE, || match ask(&self.address()) {
            Reply::Nobody if service.is_gone() => Some(Err(self.death(service))),
            Reply::Nobody => None,
            Reply::Other(text) => {
                Some(Err(format!("answers {:?}; {}", brief(&text), last_line(&service.log()))))
            }
            Reply::Told(value) => Some(Ok(value)),
        });
        reply.unwrap_or_else(|| Err(format!("nobody listens; {}", last_line(&service.log()))))
    }

    /// The result of one task.
    fn task(&self, service: &mut Service) -> Result<Value, String> {
        let mut client = self.tree.place.command(self.programs.venv.join("bin/python"));
        let file = self.row.files().find(|file| answers(file)).expect("a file with tasks");
        client.arg(self.tree.file(file)).env("SPOOL", self.tree.place.path("spool"));
        let mut client = Service::start(&client, &[], self.tree.place.path("client.log"));
        let end = until(PATIENCE * 2, || client.exit_code().or_else(|| service.exit_code().map(|_| -1)));
        match end {
            Some(0) => {
                serde_json::from_str(&client.log()).map_err(|error| format!("{error}: {}", client.log()))
            }
            Some(-1) => Err(self.death(service)),
            Some(_) => Err(last_line(&client.log())),
            None => Err("no task is done".to_owned()),
        }
    }

    /// Sanic answers while it starts, before it minds a signal, with or without the launcher: what is answered when it is ready comes
    /// from the loop that does.
    fn wait_for_signals(&self, service: &mut Service) -> Result<(), String> {
        let is_ready = |log: String| log.contains("Worker ready");
        until(PATIENCE, || is_ready(service.log()).then_some(())).ok_or("no worker is ready")?;
        self.request(service).map(drop)
    }

    fn death(&self, service: &mut Service) -> String {
        let code = service.exit_code().unwrap_or(-1);
        format!("dies (exit {code}): {}", last_line(&service.log()))
    }

    /// What it answers from another process, once the file was edited.
    fn edit(&self, file: &str, before: &Value, service: &mut Service) -> Result<Value, String> {
        let path = self.tree.file(file);
        let start = Instant::now();
        let mut edits = 0;
        let again = until(PATIENCE, || {
            // A watcher may not be watching yet.
            if start.elapsed().as_secs() / 10 >= edits {
                edits += 1;
                let text = std::fs::read_to_string(&path).unwrap_or_default() + "\n# edited\n";
                std::fs::write(&path, text).expect("write an edit");
            }
            self.from_another(before, service)
        });
        again.unwrap_or_else(|| Err(format!("an edit of {file} is not noticed")))
    }

    /// The answer, if it comes from another process than before.
    fn from_another(&self, before: &Value, service: &mut Service) -> Option<Result<Value, String>> {
        match ask(&self.address()) {
            Reply::Told(again) if again["pid"] != before["pid"] => Some(Ok(again)),
            Reply::Nobody if service.is_gone() => Some(Err(self.death(service))),
            _ => None,
        }
    }

    /// What gunicorn answers after a signal.
    fn signal(&self, told: Signal, before: &Value, service: &mut Service) -> Result<Value, String> {
        match told {
            Signal::Reload => signal("HUP", service.pid),
            Signal::Upgrade => {
                let booted = |log: String| log.matches("Booting worker").count() >= 2;
                signal("USR2", service.pid);
                until(PATIENCE, || booted(service.log()).then_some(())).ok_or("no new master")?;
                service.terminate(false);
            }
        }
        let again = until(PATIENCE, || self.from_another(before, service));
        again.unwrap_or_else(|| Err("no new worker answers".to_owned()))
    }

    /// Finds fault with an answer.
    fn judge(&self, told: &Value, log: &str) -> Result<(), String> {
        let file = text(&told["file"]);
        if !self.row.files().any(|own| answers(own) && owner(own) == file) {
            return Err(format!("another file answers: {file}"));
        }
        let conf = self.row.files().find(|file| is_conf(file));
        let is_read = text(&told["conf"]);
        if is_read != conf.map_or("null".to_owned(), owner) {
            return Err(format!("another configuration is used: {is_read}"));
        }
        if self.asked == Asked::Service {
            return Ok(());
        }
        if let Some(error) = told["error"].as_str() {
            return Err(format!("{error}; {}", last_line(log)));
        }
        let root = self.tree.root(self.row.sdk).to_string_lossy().into_owned();
        let sdk = text(&told["sdk"]);
        if !sdk.starts_with(&format!("{root}/")) {
            return Err(format!("the SDK is {sdk}"));
        }
        for config in [&told["config"], &told["spawn"]["config"], &told["forkserver"]["config"]] {
            if config != self.row.sdk {
                return Err(format!("config.ini is another SDK's: {config}"));
            }
        }
        for method in ["spawn", "forkserver"] {
            if told[method]["name"] != "sdk" {
                return Err(format!("the {method} child read a server's option: {}", told[method]));
            }
        }
        if let Some((option, content)) = self.row.reads
            && told["reads"][option] != content
        {
            return Err(format!("another file is read: --{option} is {}", told["reads"][option]));
        }
        Ok(())
    }
}

/// The word with the port for each PORT that is no end of a longer name, as in UVICORN_PORT.
fn with_port(word: &str, port: &str) -> String {
    let mut parts = word.split("PORT");
    let mut new = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let is_name = new.ends_with(|c: char| c == '_' || c.is_ascii_alphanumeric());
        new.push_str(if is_name { "PORT" } else { port });
        new.push_str(part);
    }
    new
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The last line that says something, of the command and not of the launcher.
fn last_line(log: &str) -> String {
    let is_word = |line: &&str| {
        let line = line.trim();
        line.contains(|c: char| c.is_alphabetic()) && !line.starts_with("heygem-run: warning")
    };
    let telling = |line: &&str| is_word(line) && (line.contains("rror: ") || line.contains("SDK'S OWN"));
    let line = log.lines().rev().find(telling).or_else(|| log.lines().rev().find(is_word));
    brief(line.unwrap_or_default())
}

fn brief(text: &str) -> String {
    text.trim().chars().take(200).collect()
}
