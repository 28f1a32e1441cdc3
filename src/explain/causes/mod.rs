//! Why a HeyGem service does not start or work, and what fixes it: the tables, a file a topic. A new cause is a row, and no code.
//!
//! How a pattern is written is in `pattern.rs`. Patterns are for a class of message, never for one case. The first row that an
//! event has counts, so a special one stands before the general one.

#![allow(clippy::needless_update)] // a row may happen to have all there is

pub mod cause;
mod containers;
mod crashes;
mod cuda;
mod desktop;
mod excuses;
mod files;
mod gpu;
mod imports;
mod libraries;
mod media;
mod memory;
mod mmcv;
mod network;
mod onnx;
mod optional;
mod packages;
mod processors;
mod removed;
mod servers;
mod shells;
mod spawn;
mod standard;
mod systems;
mod versions;

pub use cause::{Cause, Condition, Weight};
pub use excuses::{EXCUSES, Excuse, Reach};
pub use optional::is_optional;

/// All causes, in order.
pub fn causes() -> impl Iterator<Item = &'static Cause> {
    [
        spawn::CAUSES,
        desktop::CAUSES,
        processors::CAUSES,
        containers::CAUSES,
        gpu::CAUSES,
        cuda::CAUSES,
        libraries::CAUSES,
        systems::CAUSES,
        onnx::CAUSES,
        standard::CAUSES,
        removed::CAUSES,
        mmcv::CAUSES,
        versions::CAUSES,
        imports::CAUSES,
        packages::CAUSES,
        servers::CAUSES,
        memory::CAUSES,
        crashes::CAUSES,
        media::CAUSES,
        files::CAUSES,
        network::CAUSES,
        shells::CAUSES,
    ]
    .into_iter()
    .flatten()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::explain::judge_output;

    fn names(text: &str) -> Vec<&'static str> {
        judge_output(text.as_bytes()).iter().map(|known| known.name).collect()
    }

    #[test]
    fn every_row_has_its_messages_and_no_others() {
        let mut wrong = Vec::new();
        for cause in causes() {
            assert!(!cause.tells.is_empty(), "{} has no message", cause.name);
            for text in
                cause.tells.iter().filter(|text| names(&format!("INFO: start\n{text}\n")) != [cause.name])
            {
                wrong.push(format!("{} but {:?}: {text}", cause.name, names(text)));
            }
            for text in cause.silent.iter().filter(|text| !names(&format!("{text}\n")).is_empty()) {
                wrong.push(format!("silent but {:?}: {text}", names(text)));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn a_title_with_a_name_in_it_always_has_one() {
        let kept = ["{module}", "{library}", "{object}", "{path}", "{word}", "{host}", "{port}"];
        let needs = |cause: &Cause| {
            [cause.title.trim_end_matches(": {}"), cause.remedy].iter().any(|words| words.contains('{'))
        };
        let nameless = causes().filter(|cause| needs(cause)).flat_map(|cause| {
            let without =
                cause.rules.iter().filter(|(text, _)| !kept.iter().any(|class| text.contains(class)));
            without.map(|(text, _)| (cause.name, *text))
        });
        assert_eq!(nameless.collect::<Vec<_>>(), []);
    }

    #[test]
    fn rows_name_only_rows_that_exist() {
        let rows: BTreeMap<&str, Weight> = causes().map(|cause| (cause.name, cause.weight)).collect();
        for cause in causes() {
            for name in cause
                .follows
                .iter()
                .chain(cause.explains)
                .chain(EXCUSES.iter().flat_map(|excuse| excuse.names))
            {
                assert!(rows.contains_key(name), "{} follows {name}", cause.name);
            }
        }
    }
}
