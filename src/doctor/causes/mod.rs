//! What a failure of the rehearsal comes down to: decided from its class, its attributes and the files it passed through. Only
//! the loader's faults are read from text, since they have nothing else.

mod absent;
mod code;
mod files;
mod limits;
mod loader;
mod place;

use super::checks::packages;
use super::diagnosis::{Check, CheckFinding, Conclusion, Topic};
use super::evidence::Rehearsed;
use super::rehearsal::{Hider, StepFailure};
use crate::explain::judge_output;
use crate::shell::{quote, quote_all};

/// Recognizes one kind of failure.
type FailureRule = fn(&Rehearsed, &StepFailure) -> Option<Conclusion>;

/// Every kind; the first that recognizes a failure decides.
const RULES: [FailureRule; 18] = [
    absent::absent_in_app,
    absent::relative_in_script,
    limits::memory,
    limits::limit,
    limits::shared_memory,
    files::unreadable_entry,
    code::misplaced,
    code::others_packages,
    code::no_such_name,
    code::arguments,
    code::turned_warning,
    code::syntax,
    files::configuration,
    files::written,
    loader::loader,
    absent::bare_name,
    absent::absent,
    code::start_method,
];

/// What a failure comes down to.
pub fn conclude(rehearsed: &Rehearsed, failure: &StepFailure) -> Conclusion {
    let conclusion = RULES.iter().find_map(|rule| rule(rehearsed, failure));
    let conclusion = conclusion.unwrap_or_else(|| any(rehearsed, failure));
    let mut finding = conclusion.finding.about(topics(rehearsed, failure));
    if !failure.step.is_needed {
        finding.doubt();
    }
    Conclusion { finding, ..conclusion }
}

/// What a failure has to do with, so that what explains it is known.
fn topics(rehearsed: &Rehearsed, failure: &StepFailure) -> Vec<Topic> {
    let mut topics: Vec<Topic> = failure.files().map(|file| Topic::Path(file.to_owned())).collect();
    for failure in failure.chain() {
        if let Some(name) = &failure.name {
            let ends = name.match_indices('.').map(|(at, _)| at).chain([name.len()]);
            topics.extend(ends.map(|end| Topic::Module(name[..end].to_owned())));
        }
    }
    for failure in failure.chain() {
        let is_mute = failure.text.is_empty() || failure.is("EOFError") || failure.is("ConnectionError");
        topics.extend(explained(rehearsed, &failure.text, is_mute && !failure.step.methods.is_empty()));
    }
    let places = rehearsed.facts().map_or(&[][..], |facts| &facts.site_packages);
    for file in failure.files() {
        let below = places.iter().find_map(|place| file.strip_prefix(place).ok());
        let first = below.and_then(|below| below.components().next());
        topics.extend(first.and_then(|first| Some(Topic::Package(first.as_os_str().to_str()?.to_owned()))));
    }
    topics.sort();
    topics.dedup();
    topics
}

/// The files that hide another module and that a failure speaks of, or that a child does which died without a word.
pub fn explained(rehearsed: &Rehearsed, text: &str, is_mute_child: bool) -> Vec<Topic> {
    let evidence = rehearsed.evidence;
    let speaks =
        |hider: &&Hider| hider.is_named_in(text) || is_mute_child && hider.is_named_in(evidence.said());
    evidence.hiders().filter(speaks).map(|hider| Topic::Path(hider.file.clone())).collect()
}

/// What is known of its text, or else the place that raised it.
fn any(rehearsed: &Rehearsed, failure: &StepFailure) -> Conclusion {
    let step = &failure.step;
    let methods = &step.methods;
    let what = match (step.name.as_str(), step.module.as_str()) {
        ("import", module) => format!("importing {module} fails"),
        ("bare name", _) => format!("{methods}: a child died: unpickling by the bare name"),
        ("module", _) => format!("{methods}: a child died: importing service.trans_dh_service"),
        (name, "") if methods.is_empty() => format!("{name} fails"),
        (name, _) => format!("{methods}: a child died: {name}"),
    };
    let place = place::culprit(rehearsed, failure).unwrap_or_default();
    let found = format!("{what}: {}{place}", failure.told());
    // Of an import of the app's that is no part of the SDK, only the words are ours.
    let finding = match judge_output(failure.told().as_bytes()).into_iter().next() {
        Some(known) => CheckFinding::fail(
            format!("{found} ({})", known.title),
            packages::own_line(rehearsed.facts(), known.remedy),
        ),
        None => CheckFinding::fail(found, alone(rehearsed, &step.module)),
    };
    Conclusion::new(Check::Children, finding)
}

/// The import alone, by the same interpreter and from anywhere.
fn alone(rehearsed: &Rehearsed, module: &str) -> String {
    let words = rehearsed.case.launched.as_ref().map_or(&[][..], |launched| &launched.words);
    let python = quote_all(words);
    let module = if module.is_empty() { "service.trans_dh_service" } else { module };
    format!(
        "to see all of it: heygem-run --root {} -- {python} -c 'import {module}'",
        quote(&rehearsed.case.root.path)
    )
}
