//! What the READMEs show: each console block is run, and what it prints compared; both say the same, each in its language.

mod pictures;

use std::fs;
use std::path::Path;
use std::process::Stdio;

use crate::support::build::{checked, expect};
use crate::support::place::{LAUNCHER, Place, copy_example};
use crate::support::pythons::pythons;

const READMES: [&str; 2] = ["README.md", "README.zh-CN.md"];

/// Stands between what a block's commands print.
const END: &str = "--- end of a command ---";

/// A fenced block.
#[derive(Debug, PartialEq, Eq)]
struct Block {
    language: String,
    lines: Vec<String>,
}

/// A command of a console block, and what the README says it prints.
struct Shown {
    command: String,
    output: Vec<String>,
}

fn read(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    expect(fs::read_to_string(&path), "read", &path)
}

fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for line in text.lines() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(language), None) => open = Some(Block { language: language.into(), lines: Vec::new() }),
            (None, Some(block)) => block.lines.push(line.into()),
            (None, None) => {}
        }
    }
    assert_eq!(open, None, "a block without an end");
    blocks
}

fn shown(block: &Block) -> Vec<Shown> {
    let mut shown: Vec<Shown> = Vec::new();
    for line in &block.lines {
        match (line.strip_prefix("$ "), shown.last_mut()) {
            (Some(command), _) => shown.push(Shown { command: command.into(), output: Vec::new() }),
            (None, Some(last)) => last.output.push(line.clone()),
            (None, None) => panic!("a console block begins with a command, not with {line}"),
        }
    }
    shown
}

/// Where the READMEs' commands run: the bundled example, the launcher and one Python.
fn checkout() -> Place {
    let place = Place::new();
    place.copy_program(LAUNCHER, "bin/heygem-run");
    let python = &pythons().first().expect("one at least").path;
    expect(std::os::unix::fs::symlink(python, place.path("bin/python3")), "link", python);
    copy_example(&place, "examples/app");
    place
}

/// What each of the commands prints, to stdout or stderr, one shell for all: a directory they change to stays.
fn run(place: &Place, commands: &[&str], directory: &mut String) -> Vec<Vec<String>> {
    // The README's first command compiles; what it then runs is here.
    let commands: Vec<_> =
        commands.iter().map(|command| command.replace("cargo run --release --", "heygem-run")).collect();
    let script = commands.join(&format!("\necho '{END}'\n"));
    let script = format!("exec 2>&1\ncd '{directory}'\n{script}\necho '{END}'\npwd");
    let mut bash = place.command("bash");
    bash.args(["-c", &script]).stdin(Stdio::null());
    bash.env("PATH", format!("{}:/usr/bin:/bin", place.path("bin").display()));
    let printed = checked(&mut bash);
    let mut pieces: Vec<_> =
        printed.split(&format!("{END}\n")).map(|piece| piece.lines().map(str::to_owned).collect()).collect();
    let last: Vec<String> = pieces.pop().expect("`pwd` comes last");
    *directory = last.join("\n");
    pieces
}

/// Whether a line is as shown: `…` stands for any text, and one number is as good as another.
fn is_line(shown: &str, line: &str) -> bool {
    let words = |line: &str| {
        let is_number = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
        let word = |word| if is_number(word) { "0".to_owned() } else { word.to_owned() };
        line.split(' ').map(word).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
    };
    let (shown, line) = (words(shown), words(line));
    let mut parts = shown.split('…');
    let Some(mut rest) = parts.next().and_then(|first| line.strip_prefix(first)) else { return false };
    let parts: Vec<_> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// Whether lines are as shown; a line of `…` stands for any number of them.
fn is_output(shown: &[String], lines: &[String]) -> bool {
    match shown.split_first() {
        None => lines.is_empty(),
        Some((dots, rest)) if dots == "…" => {
            (0..=lines.len()).any(|skipped| is_output(rest, &lines[skipped..]))
        }
        Some((first, rest)) => {
            lines.split_first().is_some_and(|(line, lines)| is_line(first, line) && is_output(rest, lines))
        }
    }
}

#[test]
fn every_console_block_prints_what_it_shows() {
    for readme in READMES {
        let place = checkout();
        let mut directory = place.dir.display().to_string();
        let mut count = 0;
        for block in blocks(&read(readme)).iter().filter(|block| block.language == "console") {
            let shown = shown(block);
            let commands: Vec<_> = shown.iter().map(|shown| shown.command.as_str()).collect();
            for (shown, lines) in shown.iter().zip(run(&place, &commands, &mut directory)) {
                assert!(
                    is_output(&shown.output, &lines),
                    "{readme}: $ {}\n--- shown\n{}\n--- printed\n{}",
                    shown.command,
                    shown.output.join("\n"),
                    lines.join("\n")
                );
                count += 1;
            }
        }
        assert!(count >= 5, "{readme} has {count} commands");
    }
}

#[test]
fn both_languages_have_the_same_blocks_headings_and_tables() {
    let [english, chinese] = READMES.map(read);
    let code = |text: &str| {
        let is_code = |line: &String| !line.trim_start().starts_with('#');
        let bare = |line: String| line.split("  # ").next().unwrap_or_default().trim_end().to_owned();
        blocks(text)
            .into_iter()
            .map(|block| {
                (block.language, block.lines.into_iter().filter(is_code).map(bare).collect::<Vec<_>>())
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(code(&english), code(&chinese));
    let shape = |text: &str| {
        let depth =
            |line: &str| line.starts_with('#').then(|| line.bytes().take_while(|&b| b == b'#').count());
        let cells =
            |line: &str| line.starts_with('|').then(|| 10 + line.replace("\\|", "").matches('|').count());
        let outside = text.split("```").step_by(2).flat_map(str::lines);
        outside.filter_map(|line| depth(line).or_else(|| cells(line))).collect::<Vec<_>>()
    };
    assert_eq!(shape(&english), shape(&chinese));
}

#[test]
fn every_link_leads_somewhere() {
    let tree = Path::new(env!("CARGO_MANIFEST_DIR"));
    for page in READMES.map(str::to_owned).into_iter().chain(other_pages()) {
        let text = read(&page);
        let prose: String = text.split("```").step_by(2).collect();
        let links: Vec<&str> =
            prose.split("](").skip(1).map(|rest| rest.split(')').next().unwrap_or_default()).collect();
        assert!(!READMES.contains(&&*page) || links.len() > 10, "{page} has {links:?}");
        for link in links.into_iter().filter(|link| !link.starts_with("https://")) {
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = match file {
                "" => tree.join(&page),
                file => tree.join(&page).with_file_name(file),
            };
            assert!(target.exists(), "{page}: {link}");
            assert!(heading.is_empty() || has_heading(&target, heading), "{page}: {link}");
        }
    }
}

/// The pages that the READMEs lead to.
fn other_pages() -> Vec<String> {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let names = expect(docs.read_dir(), "list", &docs).flatten().map(|entry| entry.file_name());
    let pages = names.filter_map(|name| name.into_string().ok()).filter(|name| name.ends_with(".md"));
    let mut pages: Vec<String> = pages.map(|name| format!("docs/{name}")).collect();
    assert!(pages.len() > 3, "docs/ has {pages:?}");
    pages.extend(["SECURITY.md", "CONTRIBUTING.md", "examples/README.md"].map(str::to_owned));
    pages
}

#[test]
fn both_readmes_lead_to_every_page_in_docs() {
    for readme in READMES {
        let text = read(readme);
        for page in other_pages() {
            assert!(text.contains(&format!("]({page})")), "{readme} does not lead to {page}");
        }
    }
}

/// Whether a page has a heading that a link calls so.
fn has_heading(page: &Path, name: &str) -> bool {
    let text = expect(fs::read_to_string(page), "read", page);
    text.lines().any(|line| line.starts_with("##") && anchor(line.trim_start_matches('#').trim()) == name)
}

/// What a heading is called in a link: without what is neither a letter nor a number.
fn anchor(heading: &str) -> String {
    let kept = heading.to_lowercase().replace(' ', "-");
    kept.chars().filter(|&character| character.is_alphanumeric() || character == '-').collect()
}

#[test]
fn a_shown_line_stands_for_what_it_says_and_no_other() {
    for (shown, line, same) in [
        ("worker 4711 returned", "worker 12 returned", true),
        ("worker 4711 returned", "worker x returned", false),
        ("a … b", "a long way to b", true),
        ("a … b", "a long way to c", false),
        ("…/app", "/x/y/app", true),
        ("a", "a b", false),
    ] {
        assert_eq!(is_line(shown, line), same, "{shown}: {line}");
    }
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    assert!(is_output(&lines("a\n…\nb"), &lines("a\nx\ny\nb")) && is_output(&lines("…"), &[]));
    assert!(!is_output(&lines("a\n…\nb"), &lines("a\nb\nc")) && !is_output(&[], &lines("a")));
}
