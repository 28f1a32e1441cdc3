//! What a search for a root costs grows with what there is, and has a bound, whoever made it.

use std::path::Path;

use crate::support::fs::plant_long_way;
use crate::support::place::{LAUNCHER, Place};
use crate::support::run::{Outcome, Run};
use crate::support::trace;

/// What a search in a directory says, and how often it looks at something.
fn search(place: &Place, directory: &Path) -> (String, usize) {
    let mut command = place.command("strace");
    command.args(["-qq", "-e", "trace=/stat,/open", "-o"]).arg(place.path("trace"));
    command.args(["--", LAUNCHER, "--", "/bin/true"]);
    let outcome = Run::new(command).within(directory).run();
    assert_eq!(outcome.code(), Some(125), "{outcome}");
    (outcome.stderr(), trace::calls(place).len())
}

/// Links to links, from somebody who may write where the user stands.
#[test]
fn links_that_lead_to_many_have_one_bound() {
    let place = Place::new();
    let work = place.make_dir("work");
    place.make_dir("half/service");
    for number in 0..400 {
        place.link("../half", format!("many/{number}"));
    }
    for number in 0..3 {
        place.link("../many", format!("work/{number}"));
    }
    let outcome = place.launch(["--", "/bin/true"]).within(&work).run();
    let told = outcome.stderr();
    let is_cut = told.starts_with("heygem-run: error: no HeyGem SDK found, and the search was cut: ");
    assert!(is_cut && told.contains(" more places\nhint: name it: --root DIR"), "{told}");
    assert!(outcome.code() == Some(125) && told.lines().count() < 110, "{told}");
}

#[test]
fn links_that_take_long_have_one_bound() {
    let place = Place::new();
    let slow = plant_long_way(&place);
    let work = place.make_dir("shared/work");
    for number in 0..9_000 {
        place.link(format!("../{slow}/{number}"), format!("shared/{number}"));
    }
    let links: Vec<_> = (0..2_000).map(|number| format!("../{number}/")).collect();
    let mut command = place.command("timeout");
    command.args(["60", LAUNCHER, "--", "/bin/true"]).args(links);
    let outcome = Run::new(command).within(&work).run();
    assert_cut(&outcome);
}

/// A pattern stands for as many words as somebody made links.
#[test]
fn arguments_that_are_links_that_take_long_have_one_bound() {
    let place = Place::new();
    let slow = plant_long_way(&place);
    place.make_root("sdk");
    place.write("work/app.py", "print('started')\n");
    let links: Vec<_> = (0..9_000).map(|number| format!("up/{number}")).collect();
    for link in &links {
        place.link(format!("../../{slow}/x"), Path::new("work").join(link));
    }
    let mut command = place.command("timeout");
    command.args(["60", LAUNCHER, "-r", "../sdk", "app.py"]).args([&*links; 4].concat());
    let outcome = Run::new(command).within(place.path("work")).run();
    assert_eq!((outcome.code(), &*outcome.stdout()), (Some(0), "started\n"), "{outcome}");
    let told = "heygem-run: warning: not all arguments were looked at, which takes too long: a relative path means a file in ";
    assert!(outcome.stderr().contains(told), "{outcome}");
}

/// Who may write in a directory chooses how many names a pattern stands for.
#[test]
fn of_very_many_arguments_that_mean_another_file_the_first_are_told() {
    let place = Place::new();
    place.make_root("sdk");
    place.write("work/app.py", "print('started')\n");
    let files: Vec<_> = (0..500).map(|number| format!("up/{number}")).collect();
    for file in &files {
        place.write(Path::new("work").join(file), "");
    }
    let launch = |files: &[String]| {
        let words = ["-r", "../sdk", "app.py"].map(str::to_owned).into_iter().chain(files.iter().cloned());
        let outcome = place.launch(words).within(place.path("work")).run();
        assert_eq!((outcome.code(), &*outcome.stdout()), (Some(0), "started\n"), "{outcome}");
        outcome.stderr().lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let told = "heygem-run: warning: more arguments name files here, and others or none in ";
    let lines = launch(&files);
    assert!(lines.len() == 21 && lines[20].starts_with(told), "{lines:?}");
    let lines = launch(&files[..20]);
    assert!(lines.len() == 20 && !lines[19].starts_with(told), "{lines:?}");
}

#[track_caller]
fn assert_cut(outcome: &Outcome) {
    let told = outcome.stderr();
    let is_cut = told.starts_with("heygem-run: error: no HeyGem SDK found, and the search was cut: ");
    assert!(outcome.code() == Some(125) && is_cut, "{outcome}");
}

/// A pattern (`../*/`) stands for as many words as somebody made directories.
#[test]
fn all_words_of_a_command_have_one_bound() {
    let place = Place::new();
    let work = place.make_dir("work");
    for number in 0..1_000 {
        place.make_dir(format!("many/{number}"));
    }
    let links: Vec<_> = (0..100).map(|number| format!("../links/{number}/")).collect();
    for number in 0..100 {
        place.link("../many", format!("links/{number}"));
    }
    let words = ["--", "/bin/true"].map(str::to_owned).into_iter().chain(links);
    let outcome = place.launch(words).within(&work).run();
    assert_cut(&outcome);
}

#[test]
fn each_sdk_of_many_is_looked_at_as_often() {
    let place = Place::new();
    let mut made = 0;
    let mut looks = |count: u32| {
        for number in made..count {
            place.make_root(format!("sdk_{number}"));
        }
        made = count;
        let (told, looks) = search(&place, &place.dir);
        let at_least = if count > 100 { "at least 100" } else { &count.to_string() };
        assert!(told.contains(&format!(" has {at_least} HeyGem SDKs in it\n")), "{told}");
        assert!(told.lines().count() < 110, "{told}");
        looks
    };
    let [few, more, many, most, all] = [10, 20, 40, 110, 130].map(&mut looks);
    assert!(many - more <= 2 * (more - few), "{few} {more} {many}");
    assert_eq!(most, all);
}

/// A level is a look, and the message does not list them all.
#[test]
fn a_deep_directory_is_looked_at_once_a_level() {
    let place = Place::new();
    let looks = |levels: usize| {
        let deepest = place.make_dir(vec!["a"; levels].join("/"));
        let (told, looks) = search(&place, &deepest);
        assert!(told.lines().count() < 110 && told.contains(" more places\n"), "{told}");
        looks
    };
    let [few, more, many] = [150, 300, 450].map(looks);
    assert!(many - more <= more - few, "{few} {more} {many}");
}
