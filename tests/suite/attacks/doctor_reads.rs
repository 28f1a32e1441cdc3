//! What the doctor reads has a bound, whoever wrote it, and what it did not look at it says.

use std::fs::File;

use super::{bounded, make_pipe};
use crate::support::build::expect;
use crate::support::place::{LAUNCHER, Place};
use crate::support::pythons::pythons;
use crate::support::run::{Outcome, Run};

/// The doctor on a script that fetches models, with more memory than that takes.
fn models(place: &Place, script: &str) -> String {
    place.make_root("sdk");
    place.write("sdk/download.sh", script);
    let mut command = place.command("prlimit");
    command.args(["--as=2147483648", "timeout", "600", LAUNCHER]);
    command.args(["--doctor", "--timeout=60", "-r", "sdk", "-p", "/usr/bin/true"]);
    let outcome = Run::new(command).run();
    is_report(&outcome);
    outcome.stdout()
}

#[track_caller]
fn is_report(outcome: &Outcome) {
    let last = outcome.stdout().lines().last().unwrap_or_default().to_owned();
    assert!(last.contains(" checks: ") && outcome.stderr().is_empty(), "{outcome}");
}

/// The pipe is written to once, for whoever reads first.
#[test]
fn a_script_that_is_a_pipe_is_not_waited_for() {
    let place = Place::new();
    place.make_root("sdk");
    make_pipe(&place.path("f.py"));
    let outcome =
        bounded(&place, ["--doctor", "--timeout=1", "-r", "sdk", "--", "/usr/bin/python3", "f.py"]).run();
    is_report(&outcome);
}

/// To read it may wait, or take from others what they wait for (`/proc/kmsg`). Here it is one that anybody may read.
#[test]
fn what_the_kernel_answers_is_not_asked_for() {
    let place = Place::new();
    place.make_root("sdk");
    for name in ["download.sh", "config/config.ini", "requirements.txt"] {
        place.write(format!("sdk/{name}"), "");
        expect(std::fs::remove_file(place.path("sdk").join(name)), "remove", &place.dir);
        place.link("/proc/version", format!("sdk/{name}"));
    }
    let outcome = bounded(&place, ["--doctor", "-r", "sdk", "-p", "/usr/bin/true"]).run();
    is_report(&outcome);
    for name in ["download.sh", "config/config.ini"] {
        let told = format!("/sdk/{name}: it is the kernel's, not a file");
        assert!(outcome.stdout().contains(&told), "{outcome}");
    }
}

#[test]
fn a_value_that_doubles_is_followed_no_further_than_a_path_goes() {
    let doubling = "A=$A$A\n".repeat(60);
    let told = models(&Place::new(), &format!("A=xxxxxxxx\n{doubling}wget u://x -O $A\nwget u://x -O b\n"));
    assert!(told.contains("/sdk/b is not there"), "{told}");
}

#[test]
fn a_directory_that_grows_is_followed_no_further_than_a_path_goes() {
    let grows = "pushd a\n".repeat(120_000);
    let told = models(&Place::new(), &format!("wget u://x -O b\n{grows}"));
    assert!(told.contains("download.sh is not followed to its end: "), "{told}");
}

#[test]
fn a_script_has_one_bound_for_all_that_it_takes_away() {
    let fetches: String = (0..25_000).map(|number| format!("wget u://x -O b{number}\n")).collect();
    let told = models(&Place::new(), &format!("{fetches}{}", "rm aaa\n".repeat(60_000)));
    assert!(told.contains("download.sh is not followed to its end: "), "{told}");
}

#[test]
fn a_word_before_a_command_may_stand_there_often() {
    let told = models(&Place::new(), &format!("{}wget u://x -O b\n", "then ".repeat(200_000)));
    assert!(told.contains("/sdk/b is not there"), "{told}");
}

/// Terabytes that nobody has written are read at once, and never end.
/// The limit is of the processor's time: how busy the machine is does not count.
#[test]
fn many_modules_that_can_not_be_imported_cost_no_more_each() {
    let place = Place::new();
    place.make_root("sdk");
    for number in 0..1_500 {
        place.write(format!("sdk/service/m{number}.cpython-36m-x86_64-linux-gnu.so"), "no library");
    }
    let mut command = place.command("prlimit");
    command.args(["--cpu=30", "timeout", "600", LAUNCHER, "--doctor", "-r", "sdk", "-p", "/usr/bin/python3"]);
    let outcome = Run::new(command).run();
    is_report(&outcome);
    assert!(outcome.stdout().contains("1500 of 1500 compiled modules"), "{outcome}");
}

/// All of them are missing but one, so that none of the script's own lines would do alone.
#[test]
fn of_very_many_models_the_first_are_named() {
    let place = Place::new();
    place.write("sdk/b0", "a model");
    let told = models(&place, &(0..5_000).map(|n| format!("wget u://x -O b{n}\n")).collect::<String>());
    assert!(told.contains(" and 49") && told.len() < 10_000, "{told}");
    assert!(told.contains("&& bash download.sh)"), "{told}");
}

/// Each of them is a finding, and the report stays one that a person reads.
#[test]
fn of_very_many_findings_the_first_are_told() {
    let place = Place::new();
    for number in 0..1_000 {
        place.write(format!("sdk/b{number}"), "");
    }
    place.write("sdk/app.py", (0..1_000).map(|n| format!("import absent{n}\n")).collect::<String>());
    place.make_root("sdk");
    place.write("sdk/download.sh", (0..1_000).map(|n| format!("wget u://x -O b{n}\n")).collect::<String>());
    let words = ["--doctor", "--timeout=60", "-r", "sdk", "--", "/usr/bin/python3", "sdk/app.py"];
    let outcome = bounded(&place, words).run();
    is_report(&outcome);
    let lines = outcome.stdout().lines().count();
    assert!(
        lines < 300 && outcome.stdout().contains("models       950 more are not told"),
        "{lines}: {outcome}"
    );
    let outcome = bounded(&place, [&["--format=json"][..], &words].concat()).run();
    assert!(
        outcome.stdout().contains("950 more are not told") && outcome.stdout().len() < 100_000,
        "{outcome}"
    );
}

#[test]
fn a_model_is_read_up_to_a_bound() {
    let place = Place::new();
    let path = place.write("sdk/m.pth", b"\x80\x02ctorch");
    let file = expect(File::options().write(true).open(&path), "open", &path);
    expect(file.set_len(4 << 40), "lengthen", &path);
    let told = models(&place, "wget u://x -O m.pth\n");
    let is_told = told.contains("/sdk/m.pth is not looked at whole: more than 64 MiB of the models ");
    assert!(is_told && !told.contains("cut short"), "{told}");
}

/// A value may name another one very often, and a path lead through very many directories.
#[test]
fn a_configuration_of_long_values_is_read_at_the_cost_of_its_bytes() {
    let place = Place::new();
    let told = |log: String| {
        place.write("sdk/config/config.ini", format!("[log]\n{log}\n"));
        let told = models(&place, "");
        assert!(told.len() < 100_000, "{} bytes", told.len());
        told
    };
    let long = "x".repeat(900_000);
    told(format!("b = {long}\nlog_dir = {}", "%(b)s".repeat(900)));
    let deep = told(format!("log_dir = {}", "a/".repeat(400_000)));
    assert!(deep.contains("log_dir in ") && deep.contains(" is longer than any path\n"), "{deep}");
}

/// With less memory than all would take.
#[test]
fn of_very_many_requirements_the_first_are_read() {
    let place = Place::new();
    place.make_root("sdk");
    let named: String = (0..20).map(|file| format!("-r r{file}.txt\n")).collect();
    place.write("sdk/requirements.txt", named);
    for file in 0..20 {
        place.write(format!("sdk/r{file}.txt"), "a==1\n".repeat(200_000));
    }
    let mut command = place.command("prlimit");
    command.args(["--as=1073741824", "timeout", "300", LAUNCHER, "--doctor", "-r", "sdk", "-p"]);
    command.arg(&pythons()[0].path);
    is_report(&Run::new(command).run());
}
