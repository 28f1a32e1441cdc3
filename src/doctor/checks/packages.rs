//! The packages that HeyGem can't live without, as the interpreter's metadata reports them; and what `-m` runs.

use crate::doctor::diagnosis::Finding;
use crate::doctor::facts::Facts;
use crate::shell::quote;

/// A package whose later versions lack what the SDK uses.
#[derive(Debug)]
pub struct Pin {
    /// What pip calls it.
    pub name: &'static str,
    /// The last version that will do.
    pub version: &'static str,
    /// The first major version that will not.
    pub broken_from: u32,
    /// What the SDK then dies of.
    pub dies_of: &'static str,
}

/// All that are known.
pub const PINS: &[Pin] = &[Pin {
    name: "typeguard",
    version: "2.13.3",
    broken_from: 3,
    dies_of: "cannot import name 'check_argument_types' from 'typeguard'",
}];

/// What starts apps, and is called by pip what it is called by Python. To have anything else installed by the name that somebody
/// typed would be reckless.
const STARTERS: [&str; 8] =
    ["celery", "daphne", "flask", "gradio", "gunicorn", "hypercorn", "streamlit", "uvicorn"];

/// What is installed of it.
pub fn packages(facts: &Facts) -> Vec<Finding> {
    // An interpreter that ignores the path finds nothing there, and is told of already.
    let absent = facts.absent.iter().filter(|_| !facts.ignores).map(|name| absent(name, facts));
    absent.chain(PINS.iter().map(|pin| judge(pin, facts))).collect()
}

/// A module that the launch is to run.
fn absent(name: &str, facts: &Facts) -> Finding {
    let python = quote(&facts.executable);
    let remedy = match STARTERS.contains(&name) {
        true => format!("{python} -m pip install {name}"),
        false => "put it beside the SDK or in it, or name the Python that has it: --python CMD".into(),
    };
    Finding::fail(format!("-m runs {name}, which {python} does not have: No module named {name}"), remedy)
}

fn judge(pin: &Pin, facts: &Facts) -> Finding {
    let Pin { name, version, broken_from, dies_of } = pin;
    let Some(installed) = facts.packages.get(*name) else {
        return Finding::info(format!("{name} is not installed in {}", quote(&facts.executable)));
    };
    let major = installed.split('.').next().and_then(|major| major.parse::<u32>().ok());
    if major.is_none_or(|major| major < *broken_from) {
        return Finding::ok(format!("{name} {installed}"));
    }
    Finding::fail(
        format!("{name} {installed} is too new: {dies_of}"),
        format!("{} -m pip install {name}=={version}", quote(&facts.executable)),
    )
}
