//! What is worth a warning: each beside a healthy twin that differs in nothing else.

mod commands;
mod interpreter;
mod other_scripts;
mod shells;

use std::fs;

use crate::support::build::expect;
use crate::support::fs::chmod;
use crate::support::pythons::{Python, pythons};
use crate::support::run::Run;
use crate::support::site::Site;

/// A launch in `app` that prints `ran`, and its twin.
struct Row {
    site: Site,
    words: Vec<String>,
    variables: Vec<(&'static str, String)>,
    warning: String,
    healthy: Healthy,
}

/// What mends it.
enum Healthy {
    /// Other words.
    Words(&'static [&'static str]),
    /// Other files.
    Files(Box<dyn Fn(&Site)>),
    /// No variable.
    Variables,
}

/// An app with an SDK, and a script that prints `ran`, for an interpreter that is named.
fn app() -> Site {
    let site = Site::in_app().with("HEYGEM_PYTHON", python());
    site.place.write("app/app.py", "print('ran')\n");
    site
}

fn python() -> &'static str {
    pythons()[0].path.to_str().expect("text")
}

/// Words with `{python}` for the interpreter's path.
fn filled(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| word.replace("{python}", python())).collect()
}

/// A row by its words; the warning knows the site.
fn warns(site: Site, words: &[&str], warning: impl FnOnce(&Site) -> String, healthy: Healthy) -> Row {
    Row { warning: warning(&site), site, words: filled(words), variables: Vec::new(), healthy }
}

impl Row {
    fn with(mut self, variable: &'static str, value: impl FnOnce(&Site) -> String) -> Self {
        self.variables.push((variable, value(&self.site)));
        self
    }

    fn launch(&self, options: &[&str], words: &[String]) -> Run {
        let all = options.iter().copied().chain(words.iter().map(String::as_str));
        self.variables.iter().fold(self.site.launch(all), |run, (name, value)| run.env(name, value))
    }

    /// Warns; holds its tongue; refuses; and has nothing to say of the twin.
    fn check(mut self) {
        let told = format!("heygem-run: warning: {}\n", self.warning);
        let refused =
            format!("heygem-run: error: {}\nhint: --strict treats this warning as an error\n", self.warning);
        println!("{}", self.warning);
        self.launch(&[], &self.words).prints_and_warns("ran\n", &told);
        self.launch(&["-q"], &self.words).prints("ran\n");
        self.launch(&["--strict"], &self.words).fails(125, &refused);
        match &self.healthy {
            Healthy::Words(words) => self.words = filled(words),
            Healthy::Files(mend) => mend(&self.site),
            Healthy::Variables => self.variables.clear(),
        }
        self.launch(&["--strict"], &self.words).prints("ran\n");
    }
}

fn files(mend: impl Fn(&Site) + 'static) -> Healthy {
    Healthy::Files(Box::new(mend))
}

fn dotted(python: &Python) -> String {
    format!("{}.{}", python.major_minor.0, python.major_minor.1)
}

#[test]
fn a_service_package_of_the_apps_own_hides_the_sdks() {
    let table: [(&str, &[&str]); 14] = [
        ("app/service/__init__.py", &["app.py"]),
        ("app/h_utils.py", &["app.py"]),
        ("app/service/__init__.py", &["./uvicorn", "service.api:app"]),
        ("app/api/service.py", &["nohup", "./uvicorn", "--app-dir", "api", "main:app"]),
        ("app/api/service.py", &["./gunicorn", "--chdir=api", "main:app"]),
        ("app/service.py", &["./flask", "--app", "api", "run"]),
        ("app/service.py", &["./coverage", "run", "app.py"]),
        ("app/service.py", &["{python}", "-u", "app.py"]),
        ("app/service.py", &["nohup", "{python}", "app.py"]),
        ("app/service/__init__.py", &["-m", "app"]),
        ("app/service.py", &["{python}", "-c", "print('ran')"]),
        ("app/service.py", &["-C", ".", "-m", "app"]),
        ("app/sdk/tools/service/__init__.py", &["sdk/tools/run.py"]),
        ("app/sdk/tools/service/__init__.py", &["{python}", "tools/run.py"]), // found in the root
    ];
    for (own, words) in table {
        let site = app();
        site.place.write("app/sdk/tools/run.py", "print('ran')\n");
        for name in ["uvicorn", "gunicorn", "flask", "coverage"] {
            site.place.write_program(format!("app/{name}"), "#!/bin/sh\necho ran\n");
        }
        site.place.write("app/sdk/h_utils/custom.py", "");
        site.place.write(own, "");
        if words == ["app.py"] {
            // Too many to be listed.
            (0..1_001).for_each(|number| drop(site.place.write(format!("app/{number}.wav"), "")));
        }
        let package = if own.contains("h_utils") { "h_utils" } else { "service" };
        let told = |site: &Site| format!("{} hides the SDK's own {package} package: rename it", site.at(own));
        // A directory without __init__.py gives way to the package.
        let mend = files(move |site| {
            let own = site.place.path(own);
            expect(fs::rename(&own, own.with_file_name("renamed.py")), "rename", &own);
        });
        warns(site, words, told, mend).check();
    }
}

/// gunicorn and Celery put no directory in front that is on the path already, as the root's parent is, behind the root.
#[test]
fn a_package_of_the_apps_own_behind_the_sdks_is_hidden() {
    for server in ["gunicorn", "celery"] {
        let site = app();
        site.place.write_program(format!("app/{server}"), "#!/bin/sh\necho ran\n");
        site.place.write("app/service/__init__.py", "");
        let told = |site: &Site| {
            let file = site.at("app/service/__init__.py");
            format!("{file} is hidden by the SDK's own service package: rename it")
        };
        let mend = |site: &Site| {
            let own = site.place.path("app/service");
            expect(fs::rename(&own, own.with_file_name("renamed")), "rename", &own);
        };
        warns(site, &[&format!("./{server}"), "-A", "app:app"], told, files(mend)).check();
    }
}

#[test]
fn a_service_package_where_python_does_not_look_first_hides_nothing() {
    let site = app();
    site.place.write("app/service.py", "");
    site.place.write("app/xseg.py", ""); // this SDK has none
    site.place.write("app/sdk/run.py", "print('ran')\n");
    site.place.link("sdk", "app/current");
    // The SDK's own script sees its own package, by whatever link.
    let table: [&[&str]; 5] = [
        &["-C", "sdk", "{python}", "-c", "print('ran')"],
        &["sh", "-c", "echo ran"],
        &["sdk/run.py"],
        &["current/run.py"],
        &["run.py"],
    ];
    for words in table {
        let words = [vec!["--strict".into(), "--root".into(), "sdk".into()], filled(words)].concat();
        site.launch(words).prints("ran\n");
    }
}

#[test]
fn strict_and_quiet_apply_to_warnings_of_the_path() {
    const BROKEN: &str = "child processes will fail with `attempted relative import with no known parent package`; take it out";
    let echo: &[&str] = &["sh", "-c", "echo ran"];
    let site = app();
    chmod(&site.cwd, 0o777);
    let told = |site: &Site| {
        format!("everyone can write to {}, and PYTHONPATH has it: move the SDK", site.at("app"))
    };
    warns(site, &["--root", "sdk", "app.py"], told, files(|site| chmod(&site.cwd, 0o775))).check();

    let told = |site: &Site| format!("PYTHONPATH has {}: {BROKEN}", site.at("app/sdk/service"));
    let row = warns(app(), echo, told, Healthy::Variables);
    row.with("PYTHONPATH", |site| site.at("app/sdk/service/")).check();

    let site = app();
    site.place.link(&site.root, "link");
    let row = warns(site, echo, told, Healthy::Variables);
    row.with("PYTHONPATH", |site| site.at("link/service")).check();
}

#[test]
fn strict_and_quiet_apply_to_warnings_of_the_root_and_the_interpreter() {
    let echo: &[&str] = &["sh", "-c", "echo ran"];
    let told = |_: &Site| "--python has no effect on a command: sh runs as it is; leave --python out".into();
    warns(app(), &["-p", "{python}", "sh", "-c", "echo ran"], told, Healthy::Words(echo)).check();

    let told = |site: &Site| {
        let (other, root) = (site.at("other"), site.root.display());
        format!(
            "HEYGEM_DIR={other} is used, though the working directory is inside another SDK, {root}; unset HEYGEM_DIR"
        )
    };
    let mut site = app();
    site.place.make_root("other");
    site.cwd.clone_from(&site.root);
    warns(site, echo, told, Healthy::Variables).with("HEYGEM_DIR", |site| site.at("other")).check();

    let told = |site: &Site| {
        format!(
            "{} (--root) does not look like a HeyGem SDK: no service/ directory; -r {}",
            site.at("app"),
            site.root.display()
        )
    };
    warns(app(), &["-r", ".", "sh", "-c", "echo ran"], told, Healthy::Words(echo)).check();

    let told = |site: &Site| {
        let python = site.at("bin/python3");
        format!(
            "VIRTUAL_ENV=/nowhere has no Python whose version can be told: {python} is used; unset VIRTUAL_ENV"
        )
    };
    let site = app();
    site.place.link(python(), "bin/python3");
    let row = warns(site, &["app.py"], told, Healthy::Variables).with("VIRTUAL_ENV", |_| "/nowhere".into());
    row.with("HEYGEM_PYTHON", |_| String::new()).with("PATH", |site| site.at("bin")).check();
}

#[test]
fn several_warnings_are_all_told_and_strictness_fails_for_the_first() {
    let site = app();
    site.place.write("app/service.py", "");
    site.place.write("app/a.wav", "");
    let own = format!("{} hides the SDK's own service package: rename it", site.at("app/service.py"));
    let root = site.root.display();
    let file = format!(
        "a.wav names a file here, and none in {root}, where the SDK runs: write {}",
        site.at("app/a.wav")
    );
    let launch = |options: &[&str]| {
        let words = [options, &["app.py", "a.wav"]].concat();
        site.launch(words)
    };
    let warnings = format!("heygem-run: warning: {own}\nheygem-run: warning: {file}\n");
    launch(&[]).prints_and_warns("ran\n", &warnings);
    launch(&["-q"]).prints("ran\n");
    for lenient in ["", "0", "No", "false", "OFF"] {
        launch(&[]).env("HEYGEM_STRICT", lenient).prints_and_warns("ran\n", &warnings);
        launch(&["-q"]).env("HEYGEM_STRICT", lenient).prints("ran\n");
    }
    let strict = format!(
        "heygem-run: warning: {file}\nheygem-run: error: {own}\nhint: --strict treats this warning as an error\n"
    );
    for options in [["--strict"].as_slice(), &["-q", "--strict"], &["-n", "--strict"]] {
        launch(options).fails(125, &strict);
    }
    for options in [[].as_slice(), &["-q"], &["-n"]] {
        launch(options).env("HEYGEM_STRICT", "1").fails(125, &strict);
    }
}

#[test]
fn a_healthy_launch_says_nothing() {
    let site = app().compiled_for(&dotted(&pythons()[0]));
    // Python's own words are none of the script's arguments.
    for name in ["app/app", "app/ignore", "app/dev"] {
        site.place.write(name, "");
    }
    let table: [&[&str]; 6] = [
        &["{python}", "-X", "dev", "-W", "ignore", "app.py"],
        &["app.py", "--input", "nothing.wav", "-E", "/tmp", "", "."],
        &["{python}", "-u", "app.py", "-I"],
        &["-m", "app", "nothing"],
        &["{python}", "-c", "print('ran')"],
        &["sh", "-c", "echo ran"],
    ];
    for words in table {
        let launch = |options: &[&str]| {
            let words = options.iter().map(|word| (*word).to_owned()).chain(filled(words));
            site.launch(words)
        };
        launch(&["--strict"]).prints("ran\n");
        launch(&[]).prints("ran\n");
    }
}
