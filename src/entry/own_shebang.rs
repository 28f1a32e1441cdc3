//! A script whose `#!` line has this launcher run it, and not its Python: the launcher would start the script, and the script the
//! launcher, for ever.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use crate::cli;
use crate::error::{Code, Failure};
use crate::plain_path::last_name;
use crate::shell::quote;

/// Refuses such a script, whose `#!` line has these words.
///
/// # Errors
/// When the launcher in that line is given nothing but options.
pub fn check(script: &Path, shebang: &[OsString]) -> Result<(), Failure> {
    let Some(line) = mended(script.as_os_str(), shebang) else { return Ok(()) };
    let text = format!("{} is run by heygem-run, which would run it again and again", quote(script));
    Err(Failure::with_code(Code::CannotRun, text).hint(format!("write as its first line: {line}")))
}

/// The line that the script needs.
fn mended(script: &OsStr, shebang: &[OsString]) -> Option<String> {
    let is_env = last_name(shebang.first()?) == "env";
    let start = if is_env { shebang.iter().position(|word| last_name(word) == "heygem-run")? } else { 0 };
    let own = &shebang[start..];
    if last_name(&own[0]) != "heygem-run" {
        return None;
    }
    let mut words = own.to_vec();
    words.push(script.to_owned());
    let launch = cli::parse(&words).ok()?.launch;
    if !launch.module.is_empty() || launch.command.first()? != script {
        return None;
    }
    let own: Vec<_> = own.iter().filter(|word| *word != "--").map(|word| word.to_string_lossy()).collect();
    Some(format!("#!/usr/bin/env -S {} -- python", own.join(" ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::words;

    #[test]
    fn a_line_that_has_the_launcher_run_the_script_again_is_mended() {
        let table = [
            ("/usr/bin/env heygem-run", Some("#!/usr/bin/env -S heygem-run -- python")),
            ("/usr/bin/env -S heygem-run --", Some("#!/usr/bin/env -S heygem-run -- python")),
            ("/opt/heygem-run -q", Some("#!/usr/bin/env -S /opt/heygem-run -q -- python")),
            ("/usr/bin/env -S heygem-run -r /x", Some("#!/usr/bin/env -S heygem-run -r /x -- python")),
            ("/usr/bin/env -S heygem-run -- python", None),
            ("/usr/bin/env -S heygem-run python -u", None),
            ("/usr/bin/env -S heygem-run -m", None),
            ("/usr/bin/env python", None),
            ("/bin/sh heygem-run", None),
        ];
        for (shebang, expected) in table {
            assert_eq!(mended("/x/go".as_ref(), &words(shebang)).as_deref(), expected, "{shebang}");
        }
        assert_eq!(mended("/x/go".as_ref(), &[]), None);
    }
}
