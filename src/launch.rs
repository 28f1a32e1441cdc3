//! The one wiring: from the settings and the invocation to a resolved launch. Every mode takes its launch from here, and differs
//! only in what it does with it.

use std::path::PathBuf;

use crate::bridge::{self, BridgeOutcome};
use crate::checks;
use crate::entry::{self, EntryContext, Target};
use crate::error::Failure;
use crate::invocation::Invocation;
use crate::plan::{BridgeEntry, Changes, Start};
use crate::root::{self, Root};
use crate::settings::{Settings, Words};
use crate::shell::quote;
use crate::warning::Warnings;
use crate::warning::bridge::BridgeWarning;

/// What a launch is resolved from: what was asked for, and what the process was given.
#[derive(Debug, Clone, Copy)]
pub struct Resolver<'a> {
    pub settings: &'a Settings,
    pub invocation: &'a Invocation<'a>,
}

/// The root and the command, resolved without a write: the bridge and the variables are still to come.
#[derive(Debug)]
pub struct Resolved {
    pub root: Root,
    pub start: Start,
    /// The target, or why it can't be run; `None` where there is no command.
    pub target: Option<anyhow::Result<Target>>,
    pub warnings: Warnings,
}

/// A launch, ready to be carried out or printed.
#[derive(Debug)]
pub struct Launch {
    pub root: Root,
    pub target: Target,
    pub changes: Changes,
    pub warnings: Warnings,
}

/// A bridge that was built, or found with all its files.
#[derive(Debug)]
pub struct Prepared {
    pub root: Root,
    /// The bridge's directory.
    pub bridge: PathBuf,
    pub warnings: Warnings,
}

/// What happens where there is no bridge yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BridgeUse {
    /// It is built. Where it can't be, the launch goes on without one.
    Build,
    /// Nothing is written; a bridge that exists is used.
    Find,
}

impl Resolver<'_> {
    /// Resolves a whole launch.
    ///
    /// # Errors
    /// The first fault that prevents it.
    pub fn launch(&self, words: Words, bridge: BridgeUse) -> anyhow::Result<Launch> {
        let mut resolved = self.resolve(Some(words))?;
        let target =
            resolved.target.take().unwrap_or_else(|| Err(Failure::new("no command to run").into()))?;
        let changes = self.compose(&mut resolved, bridge)?;
        let Resolved { root, warnings, .. } = resolved;
        Ok(Launch { root, target, changes, warnings })
    }

    /// Resolves the root and the command.
    ///
    /// # Errors
    /// As for [`Self::root`] and [`Self::resolve_in`].
    pub fn resolve(&self, words: Option<Words>) -> anyhow::Result<Resolved> {
        let mut warnings = Warnings::default();
        let root = self.root(words.as_ref(), &mut warnings)?;
        self.resolve_in(root, words, warnings)
    }

    /// Resolves the root.
    ///
    /// # Errors
    /// When there is none.
    pub fn root(&self, words: Option<&Words>, warnings: &mut Warnings) -> anyhow::Result<Root> {
        let Self { settings, invocation } = *self;
        if let Some(words) = words {
            checks::words(words, settings, warnings);
        }
        let root = root::resolve(settings, words, invocation, warnings)?;
        checks::root(&root, settings, invocation, warnings);
        Ok(root)
    }

    /// Resolves the command in a root. A command that can't be run is no error here, since the doctor goes on.
    ///
    /// # Errors
    /// When there is no directory to start in.
    pub fn resolve_in(
        &self,
        root: Root,
        words: Option<Words>,
        mut warnings: Warnings,
    ) -> anyhow::Result<Resolved> {
        let Self { settings, invocation } = *self;
        let is_script = words.as_ref().is_some_and(entry::is_script);
        let start = Start::decide(settings, is_script, &root.path, invocation)?;
        let target = words.map(|words| self.target(words, &root, &start));
        let script = target.as_ref().and_then(|target| target.as_ref().ok()?.lies_in());
        checks::another_root::check(&root, script, invocation, &mut warnings);
        if let Some(Ok(target)) = &target {
            checks::another_root::words(target, &root, settings.moves(), invocation, &mut warnings);
            checks::target(target, &root, &start, invocation, &mut warnings);
        }
        Ok(Resolved { root, start, target, warnings })
    }

    /// Resolves a command against a root.
    ///
    /// # Errors
    /// When its program or its script is not found, or can't be run.
    pub fn target(&self, words: Words, root: &Root, start: &Start) -> anyhow::Result<Target> {
        let context = EntryContext {
            invocation: self.invocation,
            root: &root.path,
            versions: root.versions(),
            directory: start.directory(),
        };
        context.resolve(words, self.settings.python.as_ref())
    }

    /// Composes what changes for the target, with the bridge.
    ///
    /// # Errors
    /// When the SDK can't be listed, or a variable can't hold its value.
    pub fn compose(&self, resolved: &mut Resolved, bridge: BridgeUse) -> anyhow::Result<Changes> {
        let Resolved { root, start, warnings, .. } = resolved;
        let bridge = match bridge {
            _ if !self.wants_bridge(root) => None,
            BridgeUse::Build => self.build_bridge(root, warnings)?.map(BridgeEntry::At),
            BridgeUse::Find => Some(
                root.existing_bridge(self.settings.moves(), self.invocation)
                    .map_or(BridgeEntry::Unbuilt, BridgeEntry::At),
            ),
        };
        Changes::compose(self.settings, root, start.clone(), bridge, self.invocation, warnings)
    }

    /// Whether the launch has a bridge: a root that is no SDK has no bare names.
    fn wants_bridge(&self, root: &Root) -> bool {
        self.settings.bridge && root.sdk.is_some()
    }

    /// The bridge, built if none fits. If that fails, a warning says what will not work.
    fn build_bridge(&self, root: &Root, warnings: &mut Warnings) -> anyhow::Result<Option<PathBuf>> {
        let site = root.site(self.invocation, self.settings.moves());
        if let Some(bridge) = &root.bridge {
            bridge::note_use(site, bridge);
            return Ok(Some(bridge.path.clone()));
        }
        let outcome = bridge::ensure(site, self.invocation)?;
        warn_of(&outcome, root, warnings);
        if outcome.directory.is_none() {
            warnings.add(BridgeWarning::Unbuilt { tried: outcome.tried });
        }
        Ok(outcome.directory)
    }

    /// Builds the bridge and checks it file by file.
    ///
    /// # Errors
    /// When the root is no SDK, or the bridge can't be built.
    pub fn prepare(&self) -> anyhow::Result<Prepared> {
        let Resolved { root, mut warnings, .. } = self.resolve(None)?;
        if root.sdk.is_none() {
            warnings.emit(self.settings.warnings)?;
            let root = quote(&root.path);
            return Err(Failure::new(format!(
                "no bridge is built for {root}: it does not look like a HeyGem SDK"
            ))
            .into());
        }
        let outcome = bridge::prepare(root.site(self.invocation, self.settings.moves()), self.invocation)?;
        warn_of(&outcome, &root, &mut warnings);
        match outcome.directory {
            Some(bridge) => Ok(Prepared { root, bridge, warnings }),
            None => {
                warnings.emit(self.settings.warnings)?;
                Err(Failure::new("the bridge can't be built").tried(outcome.tried).into())
            }
        }
    }
}

/// Adds the warnings on a bridge, whether it was built or not.
fn warn_of(outcome: &BridgeOutcome, root: &Root, warnings: &mut Warnings) {
    for reason in outcome.doubts.iter().cloned() {
        warnings.add(BridgeWarning::Untrusted { reason });
    }
    if !outcome.unread.is_empty() {
        warnings.add(BridgeWarning::UnreadListing { unread: outcome.unread.clone() });
    }
    if outcome.truncated {
        warnings.add(BridgeWarning::TruncatedListing { root: root.path.clone() });
    }
}
