//! From messages to what is reported: events put together, judged, and weighed against what was found before.

use memchr::memmem::Finder;

use super::assemble::{Assembler, Chain};
use super::causes::Weight;
use super::event::Event;
use super::event::traceback::{self, Link};
use super::finding::{Finding, Place};
use super::judge::{Judge, Verdict};
use super::pieces::boundary;
use super::report::Report;
use super::rules::What;
use super::unwrap::{Leads, Level, Message, unwrap};

/// What ends farther into a line than this is not shown from the line's start, but from so much before.
const FAR: usize = 200;
const NEAR: usize = 40;

/// Causes of an import that failed: whoever catches it may have another way.
const IMPORTS: &[&str] = &[
    "missing-package",
    "missing-module",
    "package-part",
    "package-version",
    "old-module",
    "audioop",
    "distutils",
];

/// All that is known of a log but its bytes.
pub struct Mind {
    judge: Judge,
    assembler: Assembler,
    leads: Leads,
    traceback: Finder<'static>,
}

#[derive(Clone, Copy)]
pub struct Line<'l> {
    pub place: Place,
    /// Who wrote it, by the record that it is from.
    pub source: &'l [u8],
    /// How bad the record takes it to be.
    pub level: Level,
    /// Without colours.
    pub text: &'l [u8],
}

impl Mind {
    /// With all tables.
    ///
    /// # Errors
    /// When they can't be searched for.
    pub fn new() -> anyhow::Result<Self> {
        Ok(Self {
            judge: Judge::new()?,
            assembler: Assembler::default(),
            leads: Leads::default(),
            traceback: Finder::new("Traceback (m"),
        })
    }

    /// Whether each line counts, and none may be passed over.
    pub fn is_attentive(&self) -> bool {
        self.assembler.is_attentive()
    }

    /// Whether a line may count by what is in it, where no other is open.
    pub fn may_count(&self, line: &[u8]) -> bool {
        line.starts_with(b"=====") || self.traceback.find(line).is_some() || self.judge.may_mean(line)
    }

    pub fn next_input(&mut self) {
        self.assembler.next_input();
    }

    /// The line before one that counts: only what it says of what follows.
    pub fn before(&mut self, line: &Line) {
        let message = message(line, &mut self.leads);
        if !is_label(&message) {
            self.assembler.before(&message);
        }
    }

    pub fn take(&mut self, line: &Line, report: &mut Report) {
        let message = message(line, &mut self.leads);
        if is_label(&message) {
            return;
        }
        let judge = &mut self.judge;
        let source = message.source;
        self.assembler.take(&message, &mut |event, chain| match judge.judge(event) {
            Some(verdict) => weigh(verdict, &Seen { event, chain, line, source }, report),
            None => {
                doubt(event, chain, report);
                false
            }
        });
    }

    /// A record ends, and with it what it told.
    pub fn end(&mut self, line: &Line) {
        self.assembler.end(message(line, &mut self.leads).key());
    }
}

fn message<'l>(line: &Line<'l>, leads: &mut Leads) -> Message<'l> {
    let mut message = unwrap(line.text, leads);
    if !line.source.is_empty() {
        message.inner = message.source;
        message.source = line.source;
    }
    if line.level != Level::Unknown {
        message.level = line.level;
    }
    message
}

/// What supervisord writes before each message of a program.
fn is_label(message: &Message) -> bool {
    message.text.ends_with(b" output:") && message.level == Level::Info
}

/// An event, and all that is around it.
struct Seen<'s> {
    event: &'s Event<'s>,
    chain: Chain,
    line: &'s Line<'s>,
    source: &'s [u8],
}

/// Reports what an event means; whether it is a cause.
fn weigh(verdict: &Verdict, seen: &Seen, report: &mut Report) -> bool {
    let cause = match verdict.what {
        What::Excuse(excuse) => {
            report.excuse(excuse, &verdict.subject, seen.source, seen.line.place);
            return false;
        }
        What::Cause(cause) => cause,
    };
    let chain = seen.chain;
    if let Some(link) = chain.link {
        let earlier: Vec<_> = report.in_chain(chain.id).map(|cause| cause.name).collect();
        if !earlier.is_empty() && !earlier.contains(&cause.name) {
            let was_tried = link == Link::Context && earlier.iter().all(|name| IMPORTS.contains(name));
            if !was_tried || cause.weight == Weight::Follows {
                return true; // it came of the first
            }
            report.withdraw(chain.id);
        } else if link == Link::Context && IMPORTS.contains(&cause.name) {
            report.withdraw(chain.id); // the next one that was tried
        }
    }
    report.add(&Finding {
        cause,
        subject: &verdict.subject,
        chain: chain.id,
        place: seen.line.place,
        source: seen.source,
        text: excerpt(seen.line.text, seen.event.text, verdict.at),
    });
    true
}

/// An exception that is none of the tables', while another was handled: where that was a failed import and this has nothing to do
/// with it, the import was one way of several.
fn doubt(event: &Event, chain: Chain, report: &mut Report) {
    if !event.is_raised || chain.link != Some(Link::Context) {
        return;
    }
    let class = traceback::class(event.text).unwrap_or_default();
    let goes_on =
        ["ImportError", "ModuleNotFoundError", "RuntimeError", "Exception", "SystemExit", "AppImportError"];
    let is_of_it = goes_on.iter().any(|name| class.ends_with(name.as_bytes()))
        || ["mport", "nstall", "module"]
            .iter()
            .any(|word| memchr::memmem::find(event.text, word.as_bytes()).is_some());
    let was_tried = report.in_chain(chain.id).all(|cause| IMPORTS.contains(&cause.name));
    if was_tried && !is_of_it {
        report.withdraw(chain.id);
    }
}

/// The line, or what of it is near a message that is far in.
fn excerpt<'l>(line: &'l [u8], event: &'l [u8], at: usize) -> &'l [u8] {
    let offset =
        (event.as_ptr() as usize).checked_sub(line.as_ptr() as usize).filter(|offset| *offset < line.len());
    match offset.map(|offset| offset + at) {
        Some(place) if place > FAR => &line[boundary(line, place - NEAR)..],
        Some(_) => line,
        None => &event[boundary(event, at.saturating_sub(NEAR))..],
    }
}
