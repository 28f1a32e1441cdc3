//! The root that nobody named: the places, in order, and what is passed over.

use std::path::Path;

use super::{ROOT, line};
use crate::support::fs::{chmod, remove};
use crate::support::place::{LAUNCHER, Place};
use crate::support::pythons::pythons;
use crate::support::run::Run;

/// The last hint where no root was found.
const NONE_FOUND: &str =
    "hint: name it: --root DIR, or HEYGEM_DIR=DIR (the directory that has service/trans_dh_service in it)\n";

impl Place {
    /// The same by another launcher, and with a script that is found in `apps`.
    fn root_by(&self, launcher: &Path, options: &[&str]) -> Run {
        let mut command = self.command(launcher);
        command.args(options).arg(self.path("apps/scripts/app"));
        Run::new(command)
    }
}

#[test]
fn each_place_beats_those_after_it() {
    let place = Place::new();
    let launcher = place.copy_launcher("opt/bin/heygem-run");
    place.write_program("apps/scripts/app", "#!/bin/sh\necho \"$HEYGEM_DIR\"\n");
    let discovered = [
        "apps/scripts",            // the script's directory
        "apps",                    // one above it
        "apps/scripts/one",        // one in it
        "far/above/work",          // the working directory
        "far/above",               // one above it
        "far",                     // one further up
        "far/above/work/one",      // one in it
        "far/above/beside",        // one beside it
        "far/above/work/deep/two", // one two levels down
        "opt/bin",                 // the launcher's directory
        "opt",                     // one above it
    ];
    for name in discovered {
        place.make_root(name);
    }
    let cwd = place.path("far/above/work");
    let run = |options: &[&str]| place.root_by(&launcher, options).within(&cwd);
    for name in discovered {
        let root = place.path(name);
        run(&[]).env("HEYGEM_DIR", "").prints(line(&root));
        remove(root.join("service"));
    }
    assert_eq!(run(&[]).run().code(), Some(125));
}

#[test]
fn a_named_root_beats_those_that_would_be_discovered() {
    let place = Place::new();
    let launcher = place.copy_launcher("opt/bin/heygem-run");
    place.write_program("apps/scripts/app", "#!/bin/sh\necho \"$HEYGEM_DIR\"\n");
    let by_option = place.make_root("option");
    let by_variable = place.make_root("variable");
    let scripts = place.make_root("apps/scripts");
    let cwd = place.make_root("far/above/work");
    let run = |options: &[&str]| place.root_by(&launcher, options).within(&cwd);
    let in_another = |root: &Path, by: &str| {
        format!(
            "heygem-run: warning: {} ({by}) is used, though the script lies in another SDK: for that one, --root {}\n",
            root.display(),
            scripts.display()
        )
    };
    run(&["--root", "../../../option"])
        .env("HEYGEM_DIR", &by_variable)
        .prints_and_warns(line(&by_option), in_another(&by_option, "--root"));
    run(&[])
        .env("HEYGEM_DIR", &by_variable)
        .prints_and_warns(line(&by_variable), in_another(&by_variable, "HEYGEM_DIR"));
    let mut command = place.command(&launcher);
    command.args(["sh", "-c", "echo \"$HEYGEM_DIR\""]);
    Run::new(command).within(&cwd).env("HEYGEM_DIR", &by_variable).prints_and_warns(
        line(&by_variable),
        format!(
            "heygem-run: warning: HEYGEM_DIR={} is used, though the working directory is inside another SDK, {}; unset HEYGEM_DIR\n",
            by_variable.display(),
            cwd.display()
        ),
    );
}

/// A launcher in `opt/bin`, a script in `apps/scripts` and a working directory `above/work`, beside what looks like an SDK and is none.
fn place_without_sdk() -> Place {
    let place = Place::new();
    place.copy_launcher("opt/bin/heygem-run");
    place.write("opt/service/trans_dh_service.py", "");
    place.write_program("apps/scripts/app", "");
    place.make_dir("apps/scripts/plain");
    place.write("apps/service", "not a directory");
    for name in ["plain", "other"] {
        place.make_dir(format!("above/work/{name}"));
    }
    place.write("above/work/a file", "");
    place.write("above/work/half/service/other.py", "");
    place
}

/// The lines of a directory and of those above it, to the system's own.
fn tried_upwards(directory: &Path, origin: &str) -> String {
    let above = directory.ancestors();
    above.map(|path| format!("  tried: {} ({origin}): no service/ directory\n", path.display())).collect()
}

#[test]
fn nothing_found_names_every_place_in_order_and_what_to_type() {
    let place = place_without_sdk();
    let (launcher, cwd) = (place.path("opt/bin/heygem-run"), place.path("above/work"));
    // On a machine with an SDK in /code nobody would run this.
    let expected = |before: String, above_work: String| {
        format!(
            "heygem-run: error: no HeyGem SDK found
{before}  tried: {place}/above/work (the working directory): no service/ directory
{above_work}  tried: {place}/above/work/half (in the working directory): service has no trans_dh_service
  tried: '{place}/above/work/*' (in the working directory): no service/ directory in any of 2
  tried: '{place}/above/*' (beside the working directory): no service/ directory in any of 1
  tried: '{place}/above/work/*/*' (two levels below the working directory): no service/ directory in any of 1
  tried: {place}/opt/bin (heygem-run's directory): no service/ directory
  tried: {place}/opt (above heygem-run): neither service/__init__.py nor landmark2face_wy nor wenet
  tried: /app/HeyGem-Linux-Python-Hack (a container's usual place): no such directory
  tried: /code (a container's usual place): no such directory
{NONE_FOUND}",
            place = place.dir.display(),
        )
    };
    let of_script = format!(
        "  tried: {place}/apps/scripts (the script's directory): no service/ directory
{above}  tried: '{place}/apps/scripts/*' (in the script's directory): no service/ directory in any of 1\n",
        place = place.dir.display(),
        above = tried_upwards(&place.path("apps"), "above the script"),
    );
    let only_above = {
        let above = place.path("above");
        format!("  tried: {} (above the working directory): no service/ directory\n", above.display())
    };
    let run = |options: &[&str]| place.root_by(&launcher, options).within(&cwd);
    for options in [[].as_slice(), &["-n"]] {
        run(options).fails(125, expected(of_script.clone(), only_above.clone()));
    }

    // Without a script there is no line about one.
    let above = tried_upwards(&place.path("above"), "above the working directory");
    let without_script = expected(String::new(), above);
    for words in
        [&["--print-env"][..], &["--prepare"], &["sh"], &["-m", "http.server"], &["python", "-c", "x"]]
    {
        let mut command = place.command(&launcher);
        command.args(words);
        Run::new(command).within(&cwd).fails(125, &without_script);
    }
}

#[test]
fn a_place_is_listed_once_however_often_it_is_come_by() {
    let place = Place::new();
    let launcher = place.copy_launcher("heygem-run");
    place.write_program("app", "");
    let mut command = place.command(&launcher);
    command.arg("./app");
    let outcome = Run::new(command).run();
    let stderr = outcome.stderr();
    let mut tried: Vec<_> = stderr.lines().filter_map(|line| line.strip_prefix("  tried: ")).collect();
    let places = |tried: &[&str]| {
        tried.iter().filter_map(|line| line.split(" (").next()).map(str::to_owned).collect::<Vec<_>>()
    };
    let all = places(&tried);
    tried.dedup_by_key(|line| line.split(" (").next());
    assert_eq!(all, places(&tried), "{outcome}");
    // What is in the script's directory, which is the working directory, and what is beside that.
    assert_eq!(all.iter().filter(|path| path.contains('*')).count(), 2, "{outcome}");
}

#[test]
fn a_discovered_root_keeps_the_path_it_is_known_by() {
    let place = Place::new();
    let real = place.make_root("real/parent/sdk");
    let link = place.link("../real/parent/sdk", "app/sdk");
    let inside = link.join("service");
    place.root(&[]).within(&inside).env("PWD", &inside).prints(line(&link));
    place.root(&[]).within(&inside).prints(line(&real));
    place.root(&[]).within(place.path("app")).prints(line(&link));
}

#[test]
fn a_child_that_cannot_be_listed_is_told() {
    let place = Place::new();
    let cwd = place.make_dir("work");
    let child = place.make_dir("work/child");
    place.make_root("work/child/sdk");
    chmod(&child, 0o300);
    let mut command = place.bound_command(LAUNCHER);
    command.args(ROOT);
    let outcome = Run::new(command).within(&cwd).run();
    chmod(&child, 0o700);
    let told = format!(
        "  tried: '{}/*' (two levels below the working directory): Permission denied\n",
        child.display()
    );
    assert!(outcome.code() == Some(125) && outcome.stderr().contains(&told), "{outcome}");
}

#[test]
fn a_working_directory_that_cannot_be_listed_is_told() {
    let place = Place::new();
    let cwd = place.make_dir("work");
    place.make_root("work/sdk");
    chmod(&cwd, 0o300);
    let mut command = place.bound_command(LAUNCHER);
    command.args(ROOT);
    let outcome = Run::new(command).within(&cwd).run();
    chmod(&cwd, 0o700);
    let told = format!("  tried: '{}/*' (in the working directory): Permission denied\n", cwd.display());
    assert!(outcome.code() == Some(125) && outcome.stderr().contains(&told), "{outcome}");
}

/// WSL, Docker Desktop and FUSE show everything as writable by everyone.
#[test]
fn a_root_of_ones_own_that_everyone_can_write_to_is_used_with_a_warning() {
    let place = Place::new();
    let sdk = place.make_root("outer/sdk");
    let within = sdk.join("service");
    chmod(&sdk, 0o777);
    let warning = format!(
        "heygem-run: warning: everyone can write to {0}, and what is in it is run; take the right to write from all others: chmod o-w {0}; or name it: --root {0}\n",
        sdk.display()
    );
    place.root(&[]).within(&within).prints_and_warns(line(&sdk), &warning);
    // One that is named needs no such word, and writable by a group is an admin's own business.
    place.root(&["--root", "."]).within(&sdk).prints(line(&sdk));
    chmod(&sdk, 0o775);
    place.root(&[]).within(&within).prints(line(&sdk));
}

/// There anybody may have put `service`, whoever the directory belongs to: `/tmp` is root's own, to root.
#[test]
fn a_shared_directory_is_no_root_unless_it_is_named() {
    let place = Place::new();
    let sdk = place.make_root("outer/sdk");
    let outer = place.make_root("outer");
    let within = sdk.join("service");
    chmod(&sdk, 0o1777);
    place.root(&[]).within(&within).prints(line(&outer));
    remove(outer.join("service"));
    let outcome = place.root(&[]).within(&within).run();
    let told = format!(
        "  tried: {} (above the working directory): an SDK, but everyone can put something into it\n",
        sdk.display()
    );
    assert!(outcome.code() == Some(125) && outcome.stderr().contains(&told), "{outcome}");
    place.root(&["--root", "."]).within(&sdk).prints(line(&sdk));
}

#[test]
fn a_discovered_root_of_ones_own_counts_wherever_it_lies() {
    let place = Place::new();
    let shared = place.make_dir("shared");
    let sdk = place.make_root("shared/sdk");
    chmod(&shared, 0o1777);
    place.root(&[]).within(&sdk).prints_and_warns(
        line(&sdk),
        format!(
            "heygem-run: warning: everyone can write to {}, and PYTHONPATH has it: move the SDK\n",
            shared.display()
        ),
    );
}

#[test]
fn of_several_children_one_must_be_named() {
    let place = Place::new();
    let (one, two) = (place.make_root("one"), place.make_root("two"));
    place.make_dir("no sdk");
    place.link("one", "zero"); // not next to what it leads to
    let error = format!(
        "heygem-run: error: {} has 2 HeyGem SDKs in it
  tried: {}
  tried: {}
hint: name the one you mean: -r {1}, or -r {2}
",
        place.dir.display(),
        one.display(),
        two.display()
    );
    place.root(&[]).fails(125, &error);
    place.root(&["--root", "two"]).prints(line(&two));
    place.root(&[]).env("HEYGEM_DIR", "one").prints(line(&one));
    // A script's directory likewise.
    place.write_program("app", "");
    place.launch([place.path("app")]).within("/").fails(125, &error);
    // One that is passed over is none of them.
    chmod(&one, 0o1777);
    place.root(&[]).prints(line(&two));
    chmod(&one, 0o755);
    remove(&two);
    place.root(&[]).prints(line(&one));
    remove(place.path("zero"));
    let link = place.link("one", "current");
    place.root(&[]).prints(line(&link));
}

#[test]
fn the_scripts_surroundings_are_looked_at_however_it_is_run() {
    let place = Place::new();
    let root = place.make_root("apps/sdk");
    place.write("apps/sdk/app.py", "import os; print(os.environ['HEYGEM_DIR'])\n");
    place.write("apps/sdk/app.sh.py", "echo \"$HEYGEM_DIR\"\n");
    place.write_program("apps/sdk/tool", "#!/bin/sh\necho \"$HEYGEM_DIR\"\n");
    let cwd = place.make_dir("far/away");
    let python = &pythons()[0].path;
    let parts = (python.parent().zip(python.file_name())).expect("a path");
    let (bin, bare) = (parts.0.display(), parts.1.to_str().expect("text"));
    let table: [&[&str]; 7] = [
        &["../../apps/sdk/app.py"],
        &[bare, "../../apps/sdk/app.py"],
        &[&python.display().to_string(), "-u", "-W", "ignore", "../../apps/sdk/../sdk/app.py"],
        &["-p", "sh", "../../apps/sdk/app.sh.py"],
        &["-p", "env sh", "--", "../../apps/sdk/app.sh.py"],
        &["../../apps/sdk/tool"],
        &["--", "../../apps/sdk/../sdk/tool"],
    ];
    for words in table {
        let run = place.launch(words.iter().copied()).within(&cwd).env("HEYGEM_PYTHON", python);
        run.env("PATH", format!("{bin}:/usr/bin:/bin")).prints(line(&root));
    }
    // What is not there tells nothing, and an argument is no script.
    let missing = place.path("apps/sdk/nothing.py").display().to_string();
    let table: [&[&str]; 4] = [
        &[&missing],
        &["../../apps/sdk/nothing"],
        &["sh", "-c", "true", "../../apps/sdk/nothing.py"],
        &["./tool", "../../apps/sdk/tool"],
    ];
    for words in table {
        let outcome = place.launch(words.iter().copied()).within(&cwd).run();
        assert!(outcome.code() == Some(125) && !outcome.stderr().contains("script"), "{outcome}");
    }
}

/// `/opt/HeyGem/venv/bin/uwsgi` is no script: who stands in an SDK means that one.
#[test]
fn a_compiled_programs_surroundings_come_after_the_working_directory() {
    let place = Place::new();
    let root = place.make_root("apps/sdk");
    let program = place.path("apps/sdk/tool");
    std::fs::copy("/bin/sh", &program).expect("copy");
    let cwd = place.make_dir("far/away");
    let run = |options: &[&str], cwd: &Path| {
        let words =
            options.iter().copied().chain([program.to_str().expect("text"), "-c", "echo \"$HEYGEM_DIR\""]);
        place.launch(words).within(cwd)
    };
    run(&[], &cwd).prints(line(&root));
    let sibling = place.make_root("far/sibling");
    run(&[], &cwd).prints(line(&root));
    let here = place.make_root("far/away/one");
    run(&[], &cwd).prints(line(&here));
    run(&["-r", sibling.to_str().expect("text")], &cwd).prints(line(&sibling));
}
