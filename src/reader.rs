//! Reads the command line. A launch is read without clap, since building clap's definitions costs a sixth of a launch. clap
//! reads everything else. A fuzz test checks that both give the same result.

use std::ffi::{OsStr, OsString};

use lexopt::{Arg, Parser};

use crate::cli::{self, Cli, LaunchOptions};

/// Reads the words, the launcher's own name first.
///
/// # Errors
/// What clap reports, also help and the version when they are asked for.
pub fn read(words: &[impl AsRef<OsStr>]) -> clap::error::Result<Cli> {
    launch_only(words).map_or_else(|| cli::parse(words), |launch| Ok(launch.into()))
}

/// The options and the command of a launch; `None` for any other command line, and for a wrong one.
fn launch_only(words: &[impl AsRef<OsStr>]) -> Option<LaunchOptions> {
    let mut parser = Parser::from_args(words.iter().skip(1).map(AsRef::as_ref));
    let mut options = LaunchOptions::default();
    while let Some(option) = parser.next().ok()? {
        match option {
            Arg::Short('r') | Arg::Long("root") => once(&mut options.root, &mut parser)?,
            Arg::Short('p') | Arg::Long("python") => once(&mut options.python, &mut parser)?,
            Arg::Short('C') | Arg::Long("chdir") => once(&mut options.chdir, &mut parser)?,
            Arg::Short('L') | Arg::Long("library-dir") => options.library_dirs.push(value(&mut parser)?),
            Arg::Short('q') | Arg::Long("quiet") => flag(&mut options.quiet)?,
            Arg::Short('v') | Arg::Long("verbose") => flag(&mut options.verbose)?,
            Arg::Long("no-chdir") => flag(&mut options.no_chdir)?,
            Arg::Long("no-inherit") => flag(&mut options.no_inherit)?,
            Arg::Long("no-bridge") => flag(&mut options.no_bridge)?,
            Arg::Long("strict") => flag(&mut options.strict)?,
            Arg::Short('m') => options.module = all_from(value(&mut parser)?, &mut parser)?,
            Arg::Value(program) => options.command = all_from(program, &mut parser)?,
            Arg::Short(_) | Arg::Long(_) => return None,
        }
    }
    let has_conflict = options.quiet && options.verbose || options.no_chdir && options.chdir.is_some();
    (!has_conflict).then_some(options)
}

/// The value of an option; `None` where it could be another option.
fn value(parser: &mut Parser) -> Option<OsString> {
    let value = parser.value().ok()?;
    (!value.is_empty() && !value.as_encoded_bytes().starts_with(b"-")).then_some(value)
}

fn once(option: &mut Option<OsString>, parser: &mut Parser) -> Option<()> {
    option.replace(value(parser)?).is_none().then_some(())
}

fn flag(option: &mut bool) -> Option<()> {
    (!std::mem::replace(option, true)).then_some(())
}

/// A word and all that follow it.
fn all_from(first: OsString, parser: &mut Parser) -> Option<Vec<OsString>> {
    let rest = parser.raw_args().ok()?;
    Some(std::iter::once(first).chain(rest).collect())
}
