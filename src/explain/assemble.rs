//! Messages, put together into events, for each source by itself: a log has many processes' lines between one another's.

use super::event::around::{Tests, is_of_start, warns};
use super::event::traceback::{self, Link, TracebackLine, is_underline};
use super::event::{Event, Frames};
use super::pieces::clipped;
use super::unwrap::{Level, Message};

/// How many sources are followed at once; the one that was silent longest makes room.
const SOURCES: usize = 16;
/// After so many lines of others a traceback has no end that would be recognised.
const IDLE: u32 = 20;
/// After so many lines without one of the runner's, tests have ended, or what was taken for them was none.
const TESTS: u32 = 200;
/// How much of the message before a traceback is kept.
const LAST: usize = 300;
/// A chain's next sentence is the next line but one; more lines mean that there is none.
const AWAITED: u32 = 3;

/// What a message is a part of, besides itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Chain {
    /// A number for the story: 0 is none.
    pub id: u64,
    /// How it hangs together with the exception before it.
    pub link: Option<Link>,
}

/// Receives each event; says whether its cause is known.
pub type Tell<'t> = dyn FnMut(&Event, Chain) -> bool + 't;

/// The open events of all sources.
#[derive(Default)]
pub struct Assembler {
    states: Vec<State>,
    clock: u64,
    chains: u64,
    /// How many of the states have something open: each line counts.
    open: usize,
}

/// One source.
#[derive(Default)]
struct State {
    key: u64,
    used: u64,
    stage: Stage,
    frames: Frames,
    /// How far the traceback's first line is indented.
    indent: usize,
    /// How many tracebacks are open: those of several processes come line by line.
    open: u32,
    /// Its first line is not in the log.
    is_headless: bool,
    /// They were more than one.
    has_several: bool,
    /// How many lines have come that are no part of it.
    idle: u32,
    chain: Chain,
    /// The cause of the last exception is known.
    is_known: bool,
    /// What is raised here was handled: the line before said so.
    is_handled: bool,
    /// The message before, of which a traceback may be a part.
    last: Vec<u8>,
    last_level: Level,
    /// The line above is the source line of a frame whose own lines are not in the log.
    has_source: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Stage {
    /// Nothing is open.
    #[default]
    Idle,
    /// A traceback's frames come.
    Frames,
    /// The exception was told; what follows may belong to it.
    Raised,
    /// A program tries others' errors on purpose.
    Tests(Tests),
}

impl Assembler {
    /// Whether each line counts, and none may be passed over.
    pub fn is_attentive(&self) -> bool {
        self.open > 0
    }

    /// Takes the next message.
    pub fn take(&mut self, message: &Message, tell: &mut Tell) {
        self.clock += 1;
        let index = self.state(message.key());
        let (clock, mut chains) = (self.clock, self.chains);
        self.follow(index, |state| {
            state.used = clock;
            state.take(message, &mut chains, tell);
        });
        self.chains = chains;
    }

    /// A line that was passed over, right before one that counts.
    pub fn before(&mut self, message: &Message) {
        let index = self.state(message.key());
        self.follow(index, |state| {
            if state.is_of_tests(message.text.trim_ascii()) {
                return;
            }
            if state.stage == Stage::Raised && indent(message.text) <= state.indent {
                state.stage = Stage::Idle;
            }
            state.above(message);
        });
    }

    /// Changes a state, and counts whether it is open.
    fn follow(&mut self, index: usize, change: impl FnOnce(&mut State)) {
        let state = &mut self.states[index];
        let was_open = state.stage != Stage::Idle;
        change(state);
        self.open = self.open + usize::from(state.stage != Stage::Idle) - usize::from(was_open);
    }

    /// A record ends, and with it what it told.
    pub fn end(&mut self, key: u64) {
        if let Some(index) = self.states.iter().position(|state| state.key == key) {
            self.follow(index, |state| state.stage = Stage::Idle);
        }
    }

    /// The next log begins: a traceback may go on in it, and tests do not.
    pub fn next_input(&mut self) {
        for index in 0..self.states.len() {
            if matches!(self.states[index].stage, Stage::Tests(_)) {
                self.follow(index, |state| state.stage = Stage::Idle);
            }
        }
    }

    fn state(&mut self, key: u64) -> usize {
        if let Some(index) = self.states.iter().position(|state| state.key == key) {
            return index;
        }
        if self.states.len() < SOURCES {
            self.states.push(State { key, ..State::default() });
            return self.states.len() - 1;
        }
        let oldest = (0..self.states.len()).min_by_key(|index| self.states[*index].used).unwrap_or_default();
        let state = &mut self.states[oldest];
        self.open -= usize::from(state.stage != Stage::Idle);
        let frames = std::mem::take(&mut state.frames);
        *state = State { key, frames, ..State::default() };
        oldest
    }
}

impl State {
    /// A line that may be the last of a traceback, or warn of one.
    fn above(&mut self, message: &Message) {
        let body = message.text.trim_ascii();
        if self.stage == Stage::Frames || body.is_empty() || is_underline(body) {
            return;
        }
        self.last.clear();
        self.last.extend_from_slice(clipped(body, LAST));
        self.last_level = message.level;
        let goes_on = std::mem::replace(&mut self.has_source, indent(message.text) >= 2);
        if self.has_source {
            self.frames.likely(body, goes_on);
        }
        if self.stage == Stage::Idle && body.ends_with(b":") && traceback::raised(body).is_some() {
            self.begins_below(message);
        }
    }

    fn take(&mut self, message: &Message, chains: &mut u64, tell: &mut Tell) {
        let body = message.text.trim_ascii();
        if self.is_of_tests(body) {
            return;
        }
        match traceback::part(body) {
            TracebackLine::Head => self.head(message, chains),
            TracebackLine::Frame => self.frame(message, chains),
            TracebackLine::Chain(link) => {
                if self.stage == Stage::Raised {
                    self.chain.link = Some(link);
                    self.idle = 0;
                }
            }
            TracebackLine::Raised(_) => self.raised(message, tell),
            TracebackLine::Other => self.other(message, tell),
        }
    }

    /// Whether tests wrote it: what they say is nothing.
    fn is_of_tests(&mut self, body: &[u8]) -> bool {
        if let Stage::Tests(tests) = self.stage {
            self.idle = if tests.go_on_at(body) { 0 } else { self.idle + 1 };
            let is_over = self.idle > TESTS;
            if is_over || tests.end_at(body) {
                self.stage = Stage::Idle;
            }
            if !is_over {
                return true;
            }
        }
        let Some(tests) = Tests::begin_at(body) else { return false };
        (self.stage, self.idle) = (Stage::Tests(tests), 0);
        true
    }

    /// A traceback begins.
    fn head(&mut self, message: &Message, chains: &mut u64) {
        if self.stage == Stage::Frames {
            self.open += 1;
            self.has_several = true;
            return;
        }
        let goes_on = self.stage == Stage::Raised && self.chain.link.is_some();
        if !goes_on {
            self.begin(chains);
            self.is_handled =
                warns(&self.last, self.last_level) || matches!(message.level, Level::Warning | Level::Info);
        }
        self.last.clear();
        self.has_source = false;
        self.stage = Stage::Frames;
        self.frames.clear();
        self.open = 1;
        self.idle = 0;
        self.indent = indent(message.text);
    }

    fn begin(&mut self, chains: &mut u64) {
        *chains += 1;
        self.chain = Chain { id: *chains, link: None };
        self.is_known = false;
        self.is_handled = false;
        self.has_several = false;
        self.is_headless = false;
    }

    /// A frame; of a traceback whose first line is not in the log, too.
    fn frame(&mut self, message: &Message, chains: &mut u64) {
        if self.stage != Stage::Frames {
            self.begin(chains);
            self.stage = Stage::Frames;
            self.is_headless = true;
            self.has_source = false;
            self.frames.clear();
            self.open = 1;
            self.indent = indent(message.text).saturating_sub(2);
        }
        self.idle = 0;
        self.frames.push(message.text);
    }

    fn raised(&mut self, message: &Message, tell: &mut Tell) {
        if self.stage == Stage::Frames {
            if indent(message.text) > self.indent {
                self.frames.source(message.text);
                return;
            }
            let level = if self.is_handled { Level::Warning } else { message.level };
            let event =
                Event { text: message.text.trim_ascii(), level, is_raised: true, frames: &self.frames };
            // Several at once are no story, though their frames can't be told apart.
            let chain = if self.has_several { Chain::default() } else { self.chain };
            self.is_known = tell(&event, chain);
            self.chain.link = None;
            self.open -= 1;
            self.idle = 0;
            if self.open == 0 {
                self.stage = Stage::Raised;
            }
            return;
        }
        self.told(message, true, tell);
    }

    /// An exception whose message begins on the next line, and whose frames are not in the log.
    fn begins_below(&mut self, message: &Message) {
        (self.stage, self.indent, self.idle) = (Stage::Raised, indent(message.text), 0);
        (self.chain, self.is_known, self.is_handled) = (Chain::default(), false, false);
        self.frames.clear();
    }

    fn other(&mut self, message: &Message, tell: &mut Tell) {
        let body = message.text.trim_ascii();
        match self.stage {
            Stage::Frames if body.is_empty() || indent(message.text) > self.indent => {
                if !is_underline(body) {
                    self.frames.source(message.text);
                }
            }
            Stage::Frames if message.level == Level::Unknown && is_odd_class(body) => {
                self.raised(message, tell)
            }
            // What the exception's message has on further lines.
            Stage::Raised if indent(message.text) > self.indent && !body.is_empty() => {
                if !self.is_known {
                    let level = if self.is_handled { Level::Warning } else { message.level };
                    let event = Event { text: body, level, is_raised: true, frames: &self.frames };
                    self.is_known = tell(&event, self.chain);
                }
            }
            _ if body.is_empty() => {}
            _ => self.told(message, false, tell),
        }
    }

    /// A message that is no part of a traceback.
    fn told(&mut self, message: &Message, is_raised: bool, tell: &mut Tell) {
        let none = Frames::none();
        let frames = if is_raised && self.has_source { &self.frames } else { &none };
        let text = message.text.trim_ascii();
        let level = if is_raised && is_of_start(&self.last) { Level::Warning } else { message.level };
        let event = Event { text, level, is_raised, frames };
        let chain = if self.stage == Stage::Raised {
            Chain { id: self.chain.id, link: None }
        } else {
            Chain::default()
        };
        tell(&event, chain);
        self.idle += 1;
        let is_over = match self.stage {
            Stage::Frames => self.is_headless || self.idle > IDLE,
            Stage::Raised => self.idle > AWAITED,
            Stage::Idle | Stage::Tests(_) => false,
        };
        if is_over {
            self.stage = Stage::Idle;
            self.open = 0;
        }
        self.above(message);
    }
}

fn indent(text: &[u8]) -> usize {
    text.len() - text.trim_ascii_start().len()
}

/// An exception's class that has a name of its own: two capitals, and a message.
fn is_odd_class(body: &[u8]) -> bool {
    traceback::class(body).is_some_and(|class| {
        class.len() < body.len()
            && class.iter().filter(|byte| byte.is_ascii_uppercase()).count() >= 2
            && class.iter().any(u8::is_ascii_lowercase)
    })
}

#[cfg(test)]
mod tests;
