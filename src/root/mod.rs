//! Where the SDK is: named, or found.
//!
//! ```text
//! found.rs               the root, and what led to it
//! search.rs              the search for one that nobody named
//! search_step.rs         what that may cost
//! qualified.rs           what qualifies of the directories side by side
//! tried.rs               what was passed over, for the error
//! hints.rs               what to type where nothing was found
//! meant.rs               what a value that names nothing may have meant
//! far.rs                 whether a root far off may be used
//! python_environment.rs  whether an environment may be
//! examiner.rs            the looks that both take
//! ```

mod examiner;
mod far;
mod found;
mod hints;
mod meant;
mod python_environment;
mod qualified;
mod search;
mod search_step;
mod tried;

use std::io;
use std::path::{Path, PathBuf};

use crate::budget::Budget;
use crate::directory;
use crate::error::{self, Code, Failure, plain};
use crate::invocation::{Invocation, without_dots};
use crate::origin::Origin;
use crate::sdk::{Recognition, SdkLack, is_absent};
use crate::settings::{Settings, Sourced, Words};
use crate::shell::quote;
use crate::warning::Warnings;
use crate::warning::root::{MORE_FILES, RootWarning};
pub use found::{Root, RootSource};
use found::{recognize, site};
pub use meant::{Meant, ValueFault, meant};
pub use python_environment::doubt_of_environment;
use search::{Candidates, WELL_KNOWN};
pub use search_step::{SearchStep, search_budget};
use tried::{PlaceFault, TriedPlace};

/// Finds the root.
///
/// # Errors
/// When the named one does not exist, when two qualify, or when there is none: with every place that was tried.
pub fn resolve(
    settings: &Settings,
    words: Option<&Words>,
    invocation: &Invocation,
    warnings: &mut Warnings,
) -> anyhow::Result<Root> {
    let candidates = Candidates { settings, invocation, words, launcher: None, well_known: &WELL_KNOWN };
    let root = match &settings.root {
        Some(named) => match self::named(named, settings, invocation, warnings)
            .map_err(|error| error::hint(error, Code::Launcher, || candidates.instead_of(named)))?
        {
            NamedRoot::Used(root) => *root,
            NamedRoot::NoSdk { path, lack } => {
                let source = RootSource::Named(named.source);
                let (place, fault) = (path.clone(), PlaceFault::NoSdk(lack));
                let root = candidates.search(Some(TriedPlace::Passed { place, source, why: fault }))?;
                warnings.add(RootWarning::IgnoredVariable { value: path, lack, used: root.path.clone() });
                root
            }
        },
        None => candidates.search(None)?,
    };
    if crate::path_list::has_colon(&root.path) {
        return Err(Failure::new(format!("the root {} has a colon in its path", quote(&root.path)))
            .hint("PYTHONPATH can't hold it: move it, or name it through a link without one")
            .into());
    }
    Ok(root)
}

/// The SDK that a place lies in, or that is in it, where a launch would use it; as far as the budget lasts.
pub fn of_place(
    directory: &Path,
    settings: &Settings,
    invocation: &Invocation,
    budget: &mut Budget,
) -> Option<PathBuf> {
    Candidates { settings, invocation, words: None, launcher: None, well_known: &[] }
        .of_place(directory, budget)
}

/// A directory that was named, examined.
enum NamedRoot {
    /// It is used.
    Used(Box<Root>),
    /// `HEYGEM_DIR` names no SDK, since other tools use that name for other things: the search goes on.
    NoSdk { path: PathBuf, lack: SdkLack },
}

fn named(
    named: &Sourced<PathBuf>,
    settings: &Settings,
    invocation: &Invocation,
    warnings: &mut Warnings,
) -> anyhow::Result<NamedRoot> {
    let Sourced { value, source: by } = named;
    let (by, source) = (*by, RootSource::Named(*by));
    let failure = |path: &Path, why: &str| Failure::new(format!("the root {} ({by}) {why}", quote(path)));
    let hint = "name the directory that has service/trans_dh_service in it";
    let unusable = |path: &Path, error: &io::Error| match error.raw_os_error() {
        Some(libc::EMFILE) => failure(path, &cannot(error)).hint(MORE_FILES),
        _ => failure(path, &cannot(error)).hint(hint),
    };
    let absolute = invocation.absolute(value, by.name())?;
    let path = without_dots(&absolute).map_err(|error| unusable(&absolute, &error))?;
    let directory = match directory::open(&path) {
        Ok(directory) => directory,
        Err(error) if error.kind() == io::ErrorKind::NotADirectory && path.symlink_metadata().is_ok() => {
            return Err(failure(&path, "is not a directory").hint(hint).into());
        }
        Err(error) => return Err(unusable(&path, &error).into()),
    };
    let (sdk, bridge) = match recognize(site(&path, &directory, settings, invocation)) {
        Ok((Recognition::Sdk(sdk), bridge)) => (Some(sdk), bridge),
        Ok((Recognition::Other(lack), _)) if matches!(by, Origin::Variable(_)) => {
            return Ok(NamedRoot::NoSdk { path, lack });
        }
        Ok((Recognition::Other(lack), _)) => {
            let meant = of_place(&path, settings, invocation, &mut search_budget());
            warnings.add(RootWarning::NotAnSdk { root: path.clone(), source: by, lack, meant });
            (None, None)
        }
        Err(error) => {
            warnings.add(RootWarning::Unreadable { root: path.clone(), source: by, why: (&error).into() });
            (None, None)
        }
    };
    Ok(NamedRoot::Used(Box::new(Root { path, source, sdk, directory, is_open: false, bridge })))
}

fn cannot(error: &io::Error) -> String {
    if is_absent(error) { "does not exist".into() } else { format!("can't be used: {}", plain(error)) }
}
