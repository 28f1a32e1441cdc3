//! The commands, by kind.

mod gunicorn;
mod layouts;
mod others;
mod scripts;
mod uvicorn;
mod wrappers;

use crate::row::Row;

/// All of them.
pub fn rows() -> Vec<Row> {
    [gunicorn::rows(), layouts::rows(), others::rows(), scripts::rows(), uvicorn::rows(), wrappers::rows()]
        .concat()
}
