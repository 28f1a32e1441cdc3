//! The one wiring: from the settings and the invocation to a resolved launch. Every mode takes its launch from here, and differs
//! only in what it does with it.

use std::mem;
use std::path::PathBuf;

use crate::bridge::{self, BridgeOutcome, Site};
use crate::entry::{self, EntryContext, Target};
use crate::error::Failure;
use crate::invocation::Invocation;
use crate::plan::{BridgeEntry, Changes, Composer, PythonPath, Start};
use crate::prechecks::{self, CheckContext};
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

/// The root, and where a target starts, found without a write.
#[derive(Debug)]
pub struct Located {
    pub root: Root,
    pub start: Start,
    /// What was worth a warning so far.
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
        let mut located = self.locate(Some(&words))?;
        let target = self.target(words, &mut located)?;
        let changes = self.compose(&mut located, bridge)?;
        let Located { root, warnings, .. } = located;
        Ok(Launch { root, target, changes, warnings })
    }

    /// Finds the root, and where a target starts: that of the words, or one that is yet unknown.
    ///
    /// # Errors
    /// As for [`Self::root`] and [`Self::locate_in`].
    pub fn locate(&self, words: Option<&Words>) -> anyhow::Result<Located> {
        let mut warnings = Warnings::default();
        let root = self.root(words, &mut warnings)?;
        let mut located = self.locate_in(root, words, warnings)?;
        if words.is_none() {
            prechecks::no_target(&located.root, self.invocation, &mut located.warnings);
        }
        Ok(located)
    }

    /// Finds the root.
    ///
    /// # Errors
    /// When there is none.
    pub fn root(&self, words: Option<&Words>, warnings: &mut Warnings) -> anyhow::Result<Root> {
        let Self { settings, invocation } = *self;
        if let Some(words) = words {
            prechecks::words(words, settings, warnings);
        }
        let root = root::resolve(settings, words, invocation, warnings)?;
        prechecks::root(&root, settings, invocation, warnings);
        Ok(root)
    }

    /// Finds where a target starts whose root is known.
    ///
    /// # Errors
    /// When there is no such directory.
    pub fn locate_in(
        &self,
        root: Root,
        words: Option<&Words>,
        warnings: Warnings,
    ) -> anyhow::Result<Located> {
        let is_script = words.is_some_and(entry::is_script);
        let start = Start::decide(self.settings, is_script, &root.path, self.invocation)?;
        Ok(Located { root, start, warnings })
    }

    /// Resolves a command, and checks it.
    ///
    /// # Errors
    /// When its program or its script is not found, or can't be run.
    pub fn target(&self, words: Words, located: &mut Located) -> anyhow::Result<Target> {
        let Self { settings, invocation } = *self;
        let target = self.unchecked_target(words, located);
        let Located { root, start, warnings } = located;
        match &target {
            Ok(target) => {
                prechecks::target(target, CheckContext { root, start, settings, invocation }, warnings);
            }
            Err(_) => prechecks::no_target(root, invocation, warnings),
        }
        target
    }

    /// Resolves a command that the user did not ask for, and does not want to be warned of.
    ///
    /// # Errors
    /// As for [`Self::target`].
    pub fn unchecked_target(&self, words: Words, located: &Located) -> anyhow::Result<Target> {
        let context = EntryContext {
            invocation: self.invocation,
            root: &located.root.path,
            versions: located.root.versions(),
            directory: located.start.directory(),
        };
        context.resolve(words, self.settings.python.as_ref())
    }

    /// Composes what changes for the target, with the bridge.
    ///
    /// # Errors
    /// When the SDK can't be listed, or a variable can't hold its value.
    pub fn compose(&self, located: &mut Located, bridge: BridgeUse) -> anyhow::Result<Changes> {
        let Located { root, start, warnings } = located;
        let bridge = match bridge {
            _ if !self.wants_bridge(root) => None,
            BridgeUse::Build => self.build_bridge(root, warnings)?.map(BridgeEntry::At),
            BridgeUse::Find => Some(
                root.existing_bridge(self.settings, self.invocation)
                    .map_or(BridgeEntry::Unbuilt, BridgeEntry::At),
            ),
        };
        let Self { settings, invocation } = *self;
        Composer { settings, invocation }.changes(root, start.clone(), bridge, warnings)
    }

    /// Whether the launch has a bridge: a root that is no SDK has no bare names.
    fn wants_bridge(&self, root: &Root) -> bool {
        self.settings.bridge && root.sdk.is_some()
    }

    /// The bridge, built if none fits. If that fails, a warning says what will not work.
    fn build_bridge(&self, root: &Root, warnings: &mut Warnings) -> anyhow::Result<Option<PathBuf>> {
        let site = self.site(root);
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

    /// What PYTHONPATH a launch would give to a service that runs already: this process's own counts for nothing, and nothing is
    /// built.
    ///
    /// # Errors
    /// When there is no root, or a variable can't hold its value.
    pub fn of_service(&self, warnings: &mut Warnings) -> anyhow::Result<(Root, PythonPath)> {
        let settings = Settings { inherit: false, library_dirs: None, ..self.settings.clone() };
        let resolver = Resolver { settings: &settings, ..*self };
        let root = root::resolve(&settings, None, self.invocation, warnings)?;
        let mut located = Located { root, start: Start::NoChdir, warnings: mem::take(warnings) };
        let changes = resolver.compose(&mut located, BridgeUse::Find);
        *warnings = located.warnings;
        Ok((located.root, changes?.python_path))
    }

    /// Builds the bridge and checks it file by file. Returns where it is.
    ///
    /// # Errors
    /// When the root is no SDK, or the bridge can't be built.
    pub fn prepare(&self, Located { root, warnings, .. }: &mut Located) -> anyhow::Result<PathBuf> {
        if root.sdk.is_none() {
            let what =
                format!("no bridge is built for {}: it does not look like a HeyGem SDK", quote(&root.path));
            return Err(Failure::new(what)
                .hint("name the directory that has service/trans_dh_service in it: --root DIR")
                .into());
        }
        let outcome = bridge::prepare(self.site(root), self.invocation)?;
        warn_of(&outcome, root, warnings);
        outcome.directory.ok_or_else(|| Failure::new("the bridge can't be built").tried(outcome.tried).into())
    }

    /// Looks at a bridge once more after something was written into it, so that no launch has to.
    pub fn look_again(&self, root: &Root) {
        let _ = bridge::ensure(self.site(root), self.invocation);
    }

    /// What the bridges of a root have to know of it.
    fn site<'r>(&self, root: &'r Root) -> Site<'r> {
        root.site(self.settings, self.invocation)
    }
}

/// Adds the warnings on a bridge, whether it was built or not.
fn warn_of(outcome: &BridgeOutcome, root: &Root, warnings: &mut Warnings) {
    warnings.extend(outcome.doubts.iter().cloned());
    if !outcome.unread.is_empty() {
        warnings.add(BridgeWarning::UnreadListing { unread: outcome.unread.clone() });
    }
    if outcome.truncated {
        warnings.add(BridgeWarning::TruncatedListing { root: root.path.clone() });
    }
}
