//! Modes that say why a service does not work, on the same resolvers as a launch: they can't disagree with it.
//!
//! ```text
//! checkup.rs         --doctor: which checks, in which order
//! checks/            the checks, a function each
//! causes/            what a failure of the rehearsal comes down to
//! sheet.rs           the report, check by check
//! evidence.rs        what is started, and what came of it
//! rehearsal/         the program that the launch's own Python runs, and what it reports
//! other_python.rs    a Python that the SDK may be for
//! case.rs            the launch that is looked at
//! launched.rs        the Python that a command ends in
//! supervisor.rs      programs that may not end, nor outlive the doctor
//! running.rs         one of them
//! lineage.rs         what it has started in turn
//! signals.rs         what ends the doctor, and tells that a program has ended
//! outcome.rs         what became of a program
//! library_search.rs  where the dynamic loader looks for a library
//! elf.rs             what a shared object asks of it
//! loader_text.rs     what it says
//! ini.rs             config.ini
//! download.rs        what download.sh fetches
//! fetch_options.rs   where wget, curl and aria2c put that
//! script_text.rs     the commands in a shell's script
//! model_file.rs      the file of a model
//! pickle.rs          one that is a pickle
//! encoding.rs        text that is not UTF-8
//! requirements.rs    requirements.txt
//! installed.rs       what pip has installed
//! check_budget.rs    what a check may cost
//! low_limits.rs      limits that are too low
//! mounts.rs          where file systems are mounted
//! permission.rs      what this user may do to a path
//! diagnosis.rs       what a check found, and how it is told
//! ```

mod case;
mod causes;
mod check_budget;
mod checks;
pub mod checkup;
mod diagnosis;
mod download;
mod elf;
mod encoding;
mod evidence;
mod fetch_options;
mod ini;
mod installed;
mod launched;
mod library_search;
mod lineage;
mod loader_text;
mod low_limits;
mod model_file;
mod mounts;
mod other_python;
mod outcome;
mod permission;
mod pickle;
mod rehearsal;
mod requirements;
mod running;
mod script_text;
mod sheet;
mod signals;
mod supervisor;
