//! What a failure of the rehearsal comes down to: decided from its class, its attributes and the files it passed through. Only
//! the loader's faults are read from text, since they have nothing else.

use std::path::{Path, PathBuf};

use super::case::Case;
use super::checks::{imports, packages};
use super::diagnosis::{Finding, Status, Topic};
use super::evidence::Evidence;
use super::loader_causes;
use super::loader_text;
use super::rehearsal::{Facts, Failure};
use crate::bridge::names::is_standard_library;
use crate::explain::judge_output;
use crate::remedy::Remedy;
use crate::shell::quote;

/// What a failure is judged by.
pub struct Judge<'e> {
    /// The launch.
    pub case: &'e Case<'e>,
    /// What was learnt.
    pub evidence: &'e Evidence,
}

/// A finding, and the check that tells it.
pub struct Verdict {
    /// The check.
    pub check: &'static str,
    /// What is found.
    pub finding: Finding,
}

impl Verdict {
    fn new(check: &'static str, finding: Finding) -> Self {
        Self { check, finding }
    }
}

/// The exceptions of configparser.
const OF_CONFIGPARSER: [&str; 8] = [
    "NoSectionError",
    "NoOptionError",
    "ParsingError",
    "MissingSectionHeaderError",
    "DuplicateSectionError",
    "DuplicateOptionError",
    "InterpolationError",
    "MultilineContinuationError",
];

impl Judge<'_> {
    /// What the interpreter says of itself.
    pub fn facts(&self) -> Option<&Facts> {
        self.evidence.rehearsal.facts.as_ref()
    }

    /// What a failure comes down to.
    pub fn judge(&self, failure: &Failure) -> Verdict {
        let of_limits = self
            .limit(failure)
            .or_else(|| self.shared_memory(failure))
            .or_else(|| self.unreadable_entry(failure));
        let verdict = of_limits
            .or_else(|| self.misplaced(failure))
            .or_else(|| self.arguments(failure))
            .or_else(|| self.turned_warning(failure))
            .or_else(|| self.syntax(failure))
            .or_else(|| self.configuration(failure))
            .or_else(|| self.written(failure))
            .or_else(|| self.loader(failure))
            .or_else(|| self.bare_name(failure))
            .or_else(|| self.absent(failure))
            .or_else(|| self.start_method(failure))
            .unwrap_or_else(|| self.any(failure));
        let topics = self.topics(failure);
        let mut finding = verdict.finding.about(topics);
        if !failure.step.is_needed {
            finding.doubt();
        }
        Verdict { finding, ..verdict }
    }

    /// What a failure has to do with, so that what explains it is known.
    fn topics(&self, failure: &Failure) -> Vec<Topic> {
        let mut topics: Vec<Topic> = failure.files().map(|file| Topic::Path(file.to_owned())).collect();
        for failure in failure.chain() {
            if let Some(name) = &failure.name {
                let ends = name.match_indices('.').map(|(at, _)| at).chain([name.len()]);
                topics.extend(ends.map(|end| Topic::Module(name[..end].to_owned())));
            }
        }
        let places = self.facts().map_or(&[][..], |facts| &facts.site_packages);
        for file in failure.files() {
            let below = places.iter().find_map(|place| file.strip_prefix(place).ok());
            let first = below.and_then(|below| below.components().next());
            topics
                .extend(first.and_then(|first| Some(Topic::Package(first.as_os_str().to_str()?.to_owned()))));
        }
        topics.sort();
        topics.dedup();
        topics
    }

    /// Processes, threads, descriptors.
    fn limit(&self, failure: &Failure) -> Option<Verdict> {
        let is_thread = failure.is("RuntimeError")
            && failure.frames.last().is_some_and(|frame| frame.file.ends_with("threading.py"));
        let (resource, name, number) = match failure.errno {
            Some(libc::EAGAIN) if failure.is("BlockingIOError") || failure.is("OSError") => {
                (rustix::process::Resource::Nproc, "processes", "ulimit -u")
            }
            Some(libc::EMFILE) => (rustix::process::Resource::Nofile, "open files", "ulimit -n"),
            None if is_thread => (rustix::process::Resource::Nproc, "processes", "ulimit -u"),
            _ => return None,
        };
        // A pool and a manager ask for more than the SDK's own children do.
        let is_extra = ["pool", "manager"].contains(&failure.step.name.as_str());
        let limit = rustix::process::getrlimit(resource).current;
        let limit = limit.map_or("the machine's".into(), |limit| limit.to_string());
        let found = format!(
            "children can't be started: the limit of {name} of this user is {limit}: {}",
            failure.told()
        );
        let remedy = format!(
            "raise it before the start ({number}; docker run --ulimit; TasksMax or LimitNPROC of systemd)"
        );
        let mut finding = Finding::fail(found, remedy).about([Topic::Limit]);
        if is_extra {
            finding.status = Status::Info;
            finding.remedy = None;
        }
        Some(Verdict::new("children", finding))
    }

    /// A script that can't be read.
    fn unreadable_entry(&self, failure: &Failure) -> Option<Verdict> {
        let file =
            failure.filename.clone().filter(|_| failure.step.name == "entry" && failure.is("OSError"))?;
        let place = quote(&file);
        let remedy = match failure.errno {
            Some(libc::EACCES) => {
                let may = super::checks::config::is_own(&file);
                Remedy::shell_as(may, format!("chmod a+r {place}"))
            }
            _ => Remedy::words(format!("put {place} there, or name another script")),
        };
        let finding = Finding::fail(format!("{place} can't be run: {}", failure.told()), remedy);
        Some(Verdict::new("command", finding.about([Topic::Path(file)])))
    }

    /// A lock or a queue is a semaphore in /dev/shm.
    fn shared_memory(&self, failure: &Failure) -> Option<Verdict> {
        let is_of_lock = ["lock", "queue"].contains(&failure.step.name.as_str()) && failure.is("OSError");
        is_of_lock.then_some(())?;
        let why = match failure.errno {
            Some(libc::EACCES | libc::EPERM) => "/dev/shm can't be written to",
            Some(libc::EROFS) => "/dev/shm is mounted read-only",
            Some(libc::ENOENT) => "there is no /dev/shm",
            Some(libc::ENOSPC) => "/dev/shm is full",
            _ => "/dev/shm can't be used",
        };
        let remedy = match failure.errno {
            Some(libc::EACCES | libc::EPERM) => Remedy::AsRoot("chmod 1777 /dev/shm".into()),
            Some(libc::EROFS) => Remedy::AsRoot("mount -o remount,rw /dev/shm".into()),
            Some(libc::ENOENT) => {
                Remedy::AsRoot("mkdir -m 1777 /dev/shm && mount -t tmpfs -o size=8g shm /dev/shm".into())
            }
            _ => Remedy::words("look at what is in it: ls -la /dev/shm"),
        };
        let found = format!("{why}: the first Queue or Lock dies of {}", failure.told());
        Some(Verdict::new("shm", Finding::fail(found, remedy).about([Topic::SharedMemory])))
    }

    /// A module of the standard library that came from somewhere else.
    fn misplaced(&self, failure: &Failure) -> Option<Verdict> {
        let library = &self.evidence.rehearsal.standard_library;
        let is_installed = |file: &Path| {
            file.components()
                .any(|part| part.as_os_str() == "site-packages" || part.as_os_str() == "dist-packages")
        };
        let is_wrong = |(name, file): &&(String, PathBuf)| {
            is_standard_library(name) && !file.starts_with(library) && !is_installed(file)
        };
        let (name, file) = failure.chain().find_map(|failure| failure.found.iter().find(is_wrong))?;
        let file = imports::movable(file, name);
        let found = format!("{} hides the standard library's {name}: {}", quote(&file), failure.told());
        let finding = Finding::fail(found, imports::remedy(self.case, &file));
        Some(Verdict::new("shadow", finding.about([Topic::Path(file), Topic::Module(name.clone())])))
    }

    /// What parses `sys.argv` while it is imported.
    fn arguments(&self, failure: &Failure) -> Option<Verdict> {
        failure.is("SystemExit").then_some(())?;
        let parsers = ["argparse.py", "optparse.py", "getopt.py", "absl/flags", "click/core.py"];
        let parses = failure
            .frames
            .iter()
            .any(|frame| parsers.iter().any(|parser| frame.file.to_string_lossy().ends_with(parser)));
        let module = &failure.step.module;
        let place = self.culprit(failure).unwrap_or_default();
        let arguments = self.case.launched.as_ref().map_or(&[][..], |launched| &launched.arguments);
        let words = arguments.iter().map(quote).collect::<Vec<_>>().join(" ");
        let finding = match parses {
            true => Finding::fail(
                format!(
                    "{module} parses sys.argv while it is imported{place}, and ends the process: the arguments are {words}"
                ),
                "set sys.argv = sys.argv[:1] before the SDK is imported, or give the options by variables",
            ),
            false => Finding::fail(
                format!("importing {module} ends the process{place}: {}", failure.told()),
                "look at that line",
            ),
        };
        Some(Verdict::new("children", finding))
    }

    /// A warning that is raised.
    fn turned_warning(&self, failure: &Failure) -> Option<Verdict> {
        failure.is("Warning").then_some(())?;
        let found = |by: &str| format!("{by} makes an error of a warning: {}", failure.told());
        let variable = self.case.variable("PYTHONWARNINGS");
        let finding = match variable {
            Some(value) => Finding::fail(
                found(&crate::shell::assignment("PYTHONWARNINGS", value)),
                Remedy::unset("PYTHONWARNINGS"),
            ),
            None => Finding::fail(found("-W"), "leave out -W error"),
        };
        Some(Verdict::new("isolation", finding))
    }

    fn syntax(&self, failure: &Failure) -> Option<Verdict> {
        failure.is("SyntaxError").then_some(())?;
        let file = failure.filename.clone()?;
        let line = failure.line.unwrap_or(0);
        let version = self.facts().map_or("?", |facts| facts.version.as_str());
        let found = format!("{}, line {line}: {} (Python {version})", quote(&file), failure.told());
        let finding =
            Finding::fail(found, format!("mend {}, or restore it from where it came from", quote(&file)));
        Some(Verdict::new("packages", finding.about([Topic::Path(file)])))
    }

    /// What the SDK's configuration makes of `config.ini`.
    fn configuration(&self, failure: &Failure) -> Option<Verdict> {
        let of_parser = |failure: &Failure| {
            OF_CONFIGPARSER.iter().any(|class| failure.is(class))
                || failure.frames.iter().any(|frame| frame.file.ends_with("configparser.py"))
        };
        let told = failure.chain().find(|failure| of_parser(failure))?;
        let file = super::checks::config::file(self.case);
        let found = format!("{}: the SDK dies of {}", quote(&file), told.told());
        let remedy = match (&told.section, &told.option) {
            (Some(section), Some(option)) => format!("add {option} = … to [{section}] of {}", quote(&file)),
            (Some(section), None) => {
                format!("add the section [{section}] to {}, as the SDK came with it", quote(&file))
            }
            _ => format!("edit {}", quote(&file)),
        };
        Some(Verdict::new("config", Finding::fail(found, remedy).about([Topic::Config])))
    }

    /// A file that the SDK opens for writing, its log first of all.
    fn written(&self, failure: &Failure) -> Option<Verdict> {
        let told = failure.chain().find(|failure| failure.is("OSError") && failure.filename.is_some())?;
        let is_log = failure.step.name == "log"
            || told.frames.iter().any(|frame| {
                frame.file.ends_with("logging/__init__.py") || frame.file.ends_with("logging/handlers.py")
            });
        let file = self.case.start().join(told.filename.clone()?);
        let is_log = is_log || file.extension().is_some_and(|extension| extension == "log");
        let is_config = failure.step.name == "config";
        (is_log || is_config).then_some(())?;
        let finding = super::checks::room::unwritable(&file, &told.told());
        let directory = file.parent().map(|directory| Topic::Path(directory.to_owned()));
        Some(Verdict::new("config", finding.about(directory).about([Topic::Path(file)])))
    }

    fn loader(&self, failure: &Failure) -> Option<Verdict> {
        let told = failure.chain().find(|failure| failure.is("ImportError") || failure.is("OSError"))?;
        let fault = loader_text::parse(&told.text)?;
        let finding = loader_causes::finding(self, failure, &fault);
        Some(Verdict::new("libraries", finding))
    }

    /// A bare name of the SDK that nothing has, or that came without its package.
    fn bare_name(&self, failure: &Failure) -> Option<Verdict> {
        let is_relative = failure.is("ImportError") && failure.text.starts_with("attempted relative import");
        let told = failure.told();
        if is_relative {
            let file = failure.frames.last().map(|frame| frame.file.clone()).unwrap_or_default();
            let finding = Finding::fail(
                format!("{told}: a module of the SDK was found without its package"),
                "take the directories of the SDK's packages off PYTHONPATH",
            );
            return Some(Verdict::new(
                "children",
                finding.about([Topic::Path(file), Topic::Module("service".into())]),
            ));
        }
        let name = failure.name.as_deref().filter(|_| failure.is("ModuleNotFoundError"))?;
        let is_bare = !name.contains('.')
            && self
                .case
                .scan
                .modules
                .iter()
                .any(|module| module.name == name && module.compiled && !module.package.is_empty());
        (is_bare && !self.case.settings.bridge).then_some(())?;
        let method = &failure.step.method;
        let by = if method.is_empty() { String::new() } else { format!("{method}: a child died: ") };
        let found = format!("{by}unpickling by the bare name: {told}");
        Some(Verdict::new("children", Finding::fail(found, "leave out --no-bridge").about([Topic::Bridge])))
    }

    /// A module that is nowhere.
    fn absent(&self, failure: &Failure) -> Option<Verdict> {
        let told = failure.chain().find(|failure| failure.is("ModuleNotFoundError"))?;
        let name = told.name.as_deref()?;
        let top = name.split('.').next().unwrap_or(name);
        let executable = self.facts().map_or("python", |facts| facts.executable.as_str());
        let is_own = super::rehearsal::packages(&self.case.scan).iter().any(|package| package == top)
            || self.case.scan.modules.iter().any(|module| module.compiled && module.name == top);
        if is_own {
            let finding = Finding::fail(
                format!("No module named {}: the SDK's own", quote(name)),
                "copy the SDK again, all of it",
            );
            return Some(Verdict::new("abi", finding.about([Topic::Abi, Topic::Isolation])));
        }
        if is_standard_library(top) {
            let finding = Finding::fail(
                format!("{} was built without {name} of its standard library", quote(executable)),
                "take another Python: --python CMD",
            );
            return Some(Verdict::new("interpreter", finding.about([Topic::Module(top.to_owned())])));
        }
        if let Some(finding) = self.kept_off(top) {
            return Some(Verdict::new("isolation", finding));
        }
        let asker = failure.step.by.clone();
        let by = match self.frame(told).or(asker) {
            Some((file, line)) => format!("{}, line {line}", quote(file)),
            None => failure.step.module.clone(),
        };
        let by = if by.split('.').next() == Some(top) { "the command".to_owned() } else { by };
        let is_deaf = self.facts().is_some_and(|facts| facts.ignores);
        let finding = packages::absent(self.case, &[top.to_owned()], &by, executable)
            .about(is_deaf.then_some(Topic::Isolation));
        Some(Verdict::new("packages", finding))
    }

    /// A module of the user's own packages, which a variable keeps off the path.
    fn kept_off(&self, module: &str) -> Option<Finding> {
        let value = self.case.variable("PYTHONNOUSERSITE")?;
        let place = &self.facts()?.user_site;
        let is_there = place.join(module).is_dir() || place.join(format!("{module}.py")).is_file();
        is_there.then(|| {
            let variable = crate::shell::assignment("PYTHONNOUSERSITE", value);
            let found = format!("{variable} keeps {} off the path, which has {module}", quote(place));
            Finding::fail(found, Remedy::unset("PYTHONNOUSERSITE")).about([Topic::Module(module.to_owned())])
        })
    }

    /// Rows 29 and 30 of what is known: a start method that is set twice, a main script without its guard.
    fn start_method(&self, failure: &Failure) -> Option<Verdict> {
        failure.is("RuntimeError").then_some(())?;
        let known = judge_output(failure.told().as_bytes()).into_iter().next()?;
        Some(Verdict::new(
            "children",
            Finding::fail(format!("{} ({})", failure.told(), known.title), known.remedy),
        ))
    }

    /// What is known of its text, or else the place that raised it.
    fn any(&self, failure: &Failure) -> Verdict {
        let step = &failure.step;
        let what = match (step.name.as_str(), step.module.as_str(), step.method.as_str()) {
            ("import", module, _) => format!("importing {module} fails"),
            ("bare name", _, method) => format!("{method}: a child died: unpickling by the bare name"),
            ("module", _, method) => format!("{method}: a child died: importing service.trans_dh_service"),
            (name, "", "") => format!("{name} fails"),
            (name, _, method) => format!("{method}: a child died: {name}"),
        };
        let place = self.culprit(failure).unwrap_or_default();
        let found = format!("{what}: {}{place}", failure.told());
        // Of an import of the app's that is no part of the SDK, only the words are ours.
        let finding = match judge_output(failure.told().as_bytes()).into_iter().next() {
            Some(known) => Finding::fail(format!("{found} ({})", known.title), known.remedy),
            None => Finding::fail(found, self.alone(&step.module)),
        };
        Verdict::new("children", finding)
    }

    /// Where it was raised, as far as that is not the standard library: ` (FILE, line N)`.
    fn culprit(&self, failure: &Failure) -> Option<String> {
        self.frame(failure).map(|(file, line)| format!(" ({}, line {line})", quote(file)))
    }

    /// The innermost frame that is not the standard library's, nor the bridge's.
    fn frame(&self, failure: &Failure) -> Option<(PathBuf, u64)> {
        let library: &Path = &self.evidence.rehearsal.standard_library;
        let site: Vec<PathBuf> = self.facts().map(|facts| facts.site_packages.clone()).unwrap_or_default();
        let is_others = |file: &Path| {
            let is_bridge = file.parent().is_some_and(crate::bridge::is_bridge);
            !is_bridge && (!file.starts_with(library) || site.iter().any(|place| file.starts_with(place)))
        };
        let frame = failure.frames.iter().rev().find(|frame| is_others(&frame.file))?;
        Some((frame.file.clone(), frame.line))
    }

    /// The import alone, by the same interpreter and from anywhere.
    fn alone(&self, module: &str) -> String {
        let words = self.case.launched.as_ref().map_or(&[][..], |launched| &launched.words);
        let python = words.iter().map(quote).collect::<Vec<_>>().join(" ");
        let module = if module.is_empty() { "service.trans_dh_service" } else { module };
        format!(
            "heygem-run --root {} -- {python} -c 'import {module}' shows all of it",
            quote(&self.case.root.path)
        )
    }
}
