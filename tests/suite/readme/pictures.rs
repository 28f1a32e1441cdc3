//! The README's pictures, drawn from real output and compared with those in the tree; `UPDATE=1` writes them.

use std::fmt::Write as _;
use std::path::Path;

use super::checkout;
use crate::support::build::checked;
use crate::support::current::is_current;
use crate::support::place::Place;

/// The height of a line, and how far its text is from a panel's edge.
const LINE: usize = 19;
const MARGIN: usize = 14;

const INK: &str = "#d8dee9";
const GOOD: &str = "#8fd694";
const BAD: &str = "#ff8a80";
const FAINT: &str = "#8a94a6";

/// A line of a picture: its colour and text.
type Line = (&'static str, String);

/// A window with a title and lines in it.
struct Panel {
    title: String,
    lines: Vec<Line>,
}

/// Panels side by side, as a text that is the same wherever it is drawn.
fn side_by_side(panels: &[Panel], width: usize) -> String {
    const BAR: usize = 28;
    let most = panels.iter().map(|panel| panel.lines.len()).max().unwrap_or_default();
    let height = BAR + most * LINE + MARGIN;
    let step = width + MARGIN;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{height}\" font-family=\"ui-monospace, \
         Menlo, Consolas, monospace\" font-size=\"12.5\">\n",
        step * panels.len() - MARGIN
    );
    for (index, panel) in panels.iter().enumerate() {
        let left = index * step;
        let text = left + MARGIN;
        // Writing to a `String` can't fail.
        let _ = writeln!(
            svg,
            "<rect x=\"{left}\" width=\"{width}\" height=\"{height}\" rx=\"6\" fill=\"#1f2430\"/>\n\
             <text x=\"{text}\" y=\"19\" fill=\"{FAINT}\" font-family=\"sans-serif\">{}</text>",
            escaped(&panel.title)
        );
        for (row, (colour, line)) in panel.lines.iter().enumerate() {
            let y = BAR + (row + 1) * LINE - 6;
            let _ = writeln!(
                svg,
                "<text x=\"{text}\" y=\"{y}\" fill=\"{colour}\" xml:space=\"preserve\">{}</text>",
                escaped(line)
            );
        }
    }
    svg.push_str("</svg>\n");
    svg
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// What a command prints, both streams as one, whatever its exit code.
fn printed(place: &Place, directory: &Path, script: &str) -> String {
    let mut bash = place.command("bash");
    bash.args(["-c", &format!("exec 2>&1\n{script}\n:")]).current_dir(directory);
    bash.env("PATH", format!("{}:/usr/bin:/bin", place.path("bin").display()));
    checked(&mut bash)
}

/// The lines that tell the story; what lies between them becomes one line of dots, and process ids such as stay the same.
fn told(output: &str) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    let mut worker = 4711;
    for line in output.lines() {
        let method = ["fork: ", "spawn: ", "forkserver: "].iter().any(|method| line.starts_with(method));
        if method && line.contains(" returned ") {
            let (before, after) = line.split_once(" worker ").expect("a worker");
            let after = after.split_once(' ').expect("its pid").1;
            lines.push((GOOD, format!("{before} worker {worker} {after}")));
            worker += 2;
        } else if method || line.starts_with("ModuleNotFoundError: ") {
            lines.push((BAD, line.into()));
        } else if lines.last().is_none_or(|(_, line)| line != "…") {
            lines.push((FAINT, "…".into()));
        }
    }
    lines
}

#[test]
fn the_cure_is_drawn_from_what_the_example_prints() {
    let place = checkout();
    let directory = place.path("examples/app");
    let panel = |title: &str, command: &str| {
        let output = printed(&place, &directory, command);
        let lines = [vec![(INK, format!("$ {command}"))], told(&output)].concat();
        Panel { title: title.into(), lines }
    };
    let panels = [
        panel("without heygem-run", "python3 fastapi_app.py"),
        panel("with heygem-run", "heygem-run -- python3 fastapi_app.py"),
    ];
    is_current("docs/cure.svg", side_by_side(&panels, 480).as_bytes());
}

/// What a child says of each kind of entry, and of the name in the end.
fn looked_for(output: &str) -> Vec<Line> {
    let place = |kind: &str| match kind {
        "root" => "the SDK          HeyGem-Linux-Python-Hack/",
        "parent" => "its parent",
        "standard-library" => "the standard library",
        "site-packages" => "site-packages",
        "bridge" => "the bridge       .heygem-run/heygem-bridge-…/",
        other => panic!("what is {other}?"),
    };
    let line = |line: &str| match line.split_once(' ') {
        Some(("error", why)) => (BAD, format!("ModuleNotFoundError: {why}")),
        Some(("found", what)) => (GOOD, format!("→ {}", what.replace(" in ", "(), which is the one in "))),
        Some((kind, "yes")) => (GOOD, format!("  ✓  {}", place(kind))),
        Some((kind, "no")) => (INK, format!("  ✗  {}", place(kind))),
        _ => panic!("what is {line}?"),
    };
    // Python asks no further than where it finds the name.
    let mut lines: Vec<Line> = Vec::new();
    let mut is_found = false;
    for (colour, text) in output.lines().map(line) {
        let is_entry = text.starts_with("  ");
        if !(is_found && is_entry) {
            lines.push((colour, text));
        }
        is_found |= is_entry && colour == GOOD;
    }
    lines
}

#[test]
fn the_search_is_drawn_from_what_a_child_says() {
    let place = checkout();
    let directory = place.path("examples/app");
    let code = include_str!("../../fixtures/apps/look.py");
    let script = place.write("look.py", code);
    let child = format!("python3 -c 'exec(open(\"{}\").read())'", script.display());
    let plain = format!("PYTHONPATH=$PWD/HeyGem-Linux-Python-Hack:$PWD {child}");
    let panel = |title: &str, command: &str| {
        let asked = (FAINT, "unpickles write_video from trans_dh_service, asks".to_owned());
        let lines = [vec![asked], looked_for(&printed(&place, &directory, command))].concat();
        Panel { title: title.into(), lines }
    };
    let panels = [
        panel("a spawn child, without the bridge", &plain),
        panel("the same child, with the bridge", &format!("heygem-run -- {child}")),
    ];
    is_current("docs/spawn.svg", side_by_side(&panels, 480).as_bytes());
}

#[test]
fn the_figures_of_the_bench_are_of_its_picture() {
    // The bench draws it; here, that it is a picture of all the ways that the bench has.
    let picture = include_str!("../../../benches/launch/launch.svg");
    for way in
        ["static C program", "heygem-run, root named", "heygem-run, root found", "env -C", "sh -c", "uv run"]
    {
        assert!(picture.contains(way), "{way}");
    }
}
