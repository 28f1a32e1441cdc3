//! A root that was named wins over the SDK that the script lies in, and a variable that was set long ago over the SDK that the user
//! stands in. The contract says so, but the user rarely means it.

use std::path::{Path, PathBuf};

use super::context::CheckContext;
use crate::entry::Target;
use crate::entry::places::{self, NamedPlace};
use crate::invocation::{Invocation, same_file, without_dots};
use crate::origin::Origin;
use crate::root::{self, Root, RootSource, SearchStep, search_budget};
use crate::sdk::is_sdk_at;
use crate::warning::Warnings;
use crate::warning::root::RootWarning;

/// Warns where the root was named and another SDK is nearer; `script` is the directory of the script.
pub fn check(root: &Root, script: Option<&Path>, invocation: &Invocation, warnings: &mut Warnings) {
    let RootSource::Named(source) = root.source else { return };
    let of_script = script.and_then(|script| another_above(&without_dots(script).ok()?, &root.path));
    if let Some(another) = of_script {
        warnings.add(RootWarning::ScriptInAnother { root: root.path.clone(), source, another });
    } else if matches!(source, Origin::Variable(_))
        && let Some(here) = invocation.cwd().and_then(|cwd| another_above(cwd, &root.path))
    {
        warnings.add(RootWarning::HereIsAnother { root: root.path.clone(), here });
    }
}

/// Warns where the words name a place of another SDK than the root: `--chdir ../b`, `bash -c 'cd ../b'`. Who typed `--root` knows which
/// one is meant, and a script's own SDK is the root.
pub fn words(target: &Target, context: CheckContext, warnings: &mut Warnings) {
    let CheckContext { root, settings, invocation, .. } = context;
    if matches!(root.source, RootSource::Named(Origin::Option(_))) || root.source.is_of_script() {
        return;
    }
    let cwd = invocation.cwd();
    let mut budget = search_budget();
    for named in places::named(&target.words, target.command, invocation) {
        if !budget.take(SearchStep::of_way(&named.path)) {
            return; // a pattern may stand for thousands of words, and who writes so many means none
        }
        let Some(NamedPlace { word, directory, runs }) = named.place() else { continue };
        if directory.starts_with(&root.path) || cwd == Some(&directory) {
            continue;
        }
        let another = match runs {
            true => root::of_place(&directory, settings, invocation, &mut budget),
            false => another_above(&directory, &root.path),
        };
        if let Some(another) = another
            && !same_file(&another, &root.path)
        {
            warnings.add(RootWarning::WordInAnother { word, root: root.path.clone(), another });
            return;
        }
    }
}

/// The SDK that a directory lies in, unless it is the root.
fn another_above(directory: &Path, root: &Path) -> Option<PathBuf> {
    let above = directory.ancestors().find(|above| *above == root || is_sdk_at(above))?;
    (above != root && !same_file(above, root)).then(|| above.to_owned())
}
